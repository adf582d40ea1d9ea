package training

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Centre is the practice office's central verification endpoint with its issuing desk. Nobody serves unless asked to.
type Centre struct {
	Dir        string `json:"dir"`        // state directory of sealcenter
	URL        string `json:"url"`        // where the settings of the office look for it
	Sealcenter string `json:"sealcenter"` // the program
}

// The practice centre. The regional office issues no seal here; the banner's office issues those of its departments (内政办字〔2018〕56号,
// article 6).
const (
	centreName       = "练习用电子印章核验中心"
	centreOffice     = "示范自治区人民政府办公厅"
	centreDivision   = "150000"
	practiceDivision = "152999" // the invented banner
	practiceOffice   = "示范旗人民政府办公室"
	bundleDays       = 180
)

// Ports that systems do not give to outgoing connections.
const firstPort, portCount = 20_000, 10_000

// RefusedError is what sealcenter says when it does not carry out a command.
type RefusedError struct {
	Command string
	Key     string // of the situation, such as "seal_unknown"
	Text    string // in the language of the user
}

// Error implements error.
func (e *RefusedError) Error() string {
	return fmt.Sprintf("training: sealcenter %s: %s", e.Command, e.Text)
}

// Run carries out a command of the issuing desk, without order, and reads its result into out. Errors are *RefusedError where
// sealcenter gives a reason.
func (c Centre) Run(ctx context.Context, out any, args ...string) error {
	return c.in(ctx, c.Dir, out, args...)
}

// Order is Run for a change, with who, why and the application that it stands on.
func (c Centre) Order(ctx context.Context, out any, why string, args ...string) error {
	return c.Run(ctx, out, append(args, order(why)...)...)
}

func order(why string) []string {
	return []string{"--who", "练习操作员", "--why", why, "--application", fmt.Sprintf("练习〔%d〕1号", time.Now().In(china).Year())}
}

// Command prepares a call of sealcenter for a state directory.
func (c Centre) Command(ctx context.Context, dir string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, c.Sealcenter, append([]string{"--dir", dir, "--json"}, args...)...)
	cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "SEALCENTER_") })
	return cmd
}

func (c Centre) in(ctx context.Context, dir string, out any, args ...string) error {
	cmd := c.Command(ctx, dir, args...)
	var said bytes.Buffer
	cmd.Stderr = &said
	answer, err := cmd.Output()
	if err == nil {
		if err := json.Unmarshal(answer, out); err != nil {
			return fmt.Errorf("training: sealcenter %s: %w", args[0], err)
		}
		return nil
	}
	if ctx.Err() != nil {
		return fmt.Errorf("training: sealcenter %s: %w", args[0], ctx.Err())
	}
	var r struct {
		Error struct{ Key, What, Why, Do string }
	}
	if json.Unmarshal(answer, &r) == nil && r.Error.Key != "" {
		return &RefusedError{args[0], r.Error.Key, strings.Join([]string{r.Error.What, r.Error.Why, r.Error.Do}, " ")}
	}
	return fmt.Errorf("training: sealcenter %s: %w: %s", args[0], err, bytes.TrimSpace(said.Bytes()))
}

// refused tells whether sealcenter gave this reason.
func refused(err error, key string) bool {
	var r *RefusedError
	return errors.As(err, &r) && r.Key == key
}

// overview is what the work needs to know of the centre.
type overview struct {
	ID, Root    string
	Departments []struct{ Division string }
}

// makeCentre founds the centre, or finds it as it was.
func (w *work) makeCentre(ctx context.Context) error {
	if w.state.Port == 0 {
		port, err := freePort(ctx)
		if err != nil {
			return err
		}
		w.state.Port = port
		if err := w.state.save(); err != nil {
			return err
		}
	}
	w.Centre.URL = "https://" + net.JoinHostPort("127.0.0.1", strconv.Itoa(w.state.Port))
	if _, err := os.Stat(w.Centre.Dir); errors.Is(err, fs.ErrNotExist) {
		if err := w.found(ctx); err != nil {
			return err
		}
	}
	var v overview
	if err := w.Centre.Run(ctx, &v, "show"); err != nil {
		return err
	}
	if !slices.ContainsFunc(v.Departments, func(d struct{ Division string }) bool { return d.Division == practiceDivision }) {
		if err := w.Centre.Order(ctx, &struct{}{}, "设立练习用制发部门", "department", "--name", practiceOffice, "--division", practiceDivision); err != nil {
			return err
		}
	}
	w.Root = v.Root
	if v.ID == w.state.Centre {
		return nil
	}
	w.state.Centre, w.state.Ready = v.ID, nil // what another centre has issued is worth nothing here
	if err := os.RemoveAll(w.connection()); err != nil {
		return fmt.Errorf("training: %w", err)
	}
	return w.state.save()
}

// found makes the state directory under another name first, so that it is there as a whole or not at all.
func (w *work) found(ctx context.Context) error {
	half := filepath.Join(w.Dir, ".new-centre")
	if err := os.RemoveAll(half); err != nil {
		return fmt.Errorf("training: %w", err)
	}
	args := append([]string{"init", "--name", centreName, "--department", centreOffice, "--division", centreDivision, "--training",
		"--listen", strings.TrimPrefix(w.Centre.URL, "https://"), "--days", strconv.Itoa(bundleDays)}, order("建立练习环境")...)
	if err := w.Centre.in(ctx, half, &struct{}{}, args...); err != nil {
		return err
	}
	if err := os.Rename(half, w.Centre.Dir); err != nil {
		return fmt.Errorf("training: %w", err)
	}
	return nil
}

// freePort looks for a port on which nobody listens. The office keeps it.
func freePort(ctx context.Context) (int, error) {
	var err error
	for range 50 {
		port := firstPort + rand.IntN(portCount)
		var l net.Listener
		var c net.ListenConfig
		if l, err = c.Listen(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port))); err == nil {
			err = l.Close()
		}
		if err == nil {
			return port, nil
		}
	}
	return 0, fmt.Errorf("training: no free port: %w", err)
}
