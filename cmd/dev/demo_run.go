package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"sealdesk/cmd/dev/training"
)

// exitCentreRefuses is sealctl's exit code where the centre refuses.
const exitCentreRefuses = 14

// startTime is how long the centre may take to say that it serves.
const startTime = 2 * time.Minute

// serve starts the office's centre and waits until it serves. The caller stops it.
func (s *session) serve(ctx context.Context, office *training.Office) (stop func() error, err error) {
	cmd := office.Centre.Command(ctx, office.Centre.Dir, "serve")
	cmd.Cancel, cmd.WaitDelay = func() error { return interrupt(cmd.Process) }, 10*time.Second
	cmd.Stderr = s.err
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	said := make(chan error, 1)
	go func() {
		line, err := bufio.NewReader(out).ReadBytes('\n')
		var ready struct{ Listening string }
		if err == nil {
			err = json.Unmarshal(line, &ready)
		}
		if err == nil && ready.Listening == "" {
			err = errors.New(string(line))
		}
		said <- err
	}()
	select {
	case err = <-said:
	case <-time.After(startTime):
		err = errors.New("nothing heard")
	}
	if err != nil {
		return nil, fmt.Errorf("the centre does not serve: %w", errors.Join(err, cmd.Process.Kill(), cmd.Wait()))
	}
	return func() error { return errors.Join(interrupt(cmd.Process), cmd.Wait()) }, nil
}

// interrupt asks a process to end, or ends it where the system knows no asking.
func interrupt(p *os.Process) error {
	if runtime.GOOS == "windows" {
		return p.Kill()
	}
	return p.Signal(os.Interrupt)
}

// sealctlError is a call of sealctl that failed.
type sealctlError struct {
	exit int
	text string
}

func (e *sealctlError) Error() string { return fmt.Sprintf("sealctl: exit %d: %s", e.exit, e.text) }

// output runs sealctl and reads its JSON. Verdicts that are not good are answers, too.
func output(cmd *exec.Cmd, v any) error {
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return err
	}
	code := cmd.ProcessState.ExitCode()
	if code != 0 && code != 3 && code != 4 {
		return &sealctlError{code, strings.TrimSpace(said.String() + string(out))}
	}
	return json.Unmarshal(out, v)
}

// affixed is what the demonstration reads from `sealctl seal --json`.
type affixed struct {
	Status  string
	Verdict string
	Centre  struct{ Status, Receipt string }
}

// affix seals the sample in the office and answers the receipt's identifier.
func (d *demonstration) affix(ctx context.Context) (receipt string, err error) {
	done, err := d.run(ctx, d.office, d.sealed)
	if err != nil {
		return "", err
	}
	if done.Status != "sealed" || done.Centre.Status != "verified" || done.Centre.Receipt == "" {
		return "", fmt.Errorf("%+v", *done)
	}
	return done.Centre.Receipt, nil
}

// run seals the sample with the settings of an office.
func (d *demonstration) run(ctx context.Context, office *training.Office, to string) (*affixed, error) {
	word, err := pin(office)
	if err != nil {
		return nil, err
	}
	done := &affixed{}
	return done, output(d.sealctl(ctx, office, word, "seal", d.where.Sample, "-o", to, "--seal", d.seal.ID, "--over-date", "--pin-stdin", "--json"), done)
}

// report is what the demonstration reads from `sealctl verify --json`.
type report struct {
	Verdict string
	Reasons []struct{ Rule, Key string }
	Seals   []struct {
		Time struct {
			Value  time.Time
			Source string
		}
	}
}

func (r *report) source() string {
	if len(r.Seals) != 1 {
		return ""
	}
	return r.Seals[0].Time.Source
}

// clock is the time of the seal.
func (r *report) clock() string {
	if len(r.Seals) != 1 {
		return ""
	}
	return clock(r.Seals[0].Time.Value)
}

// words is the verdict in both languages.
func (r *report) words() string {
	zh := map[string]string{"valid": "有效", "valid_with_notice": "有效（有提示）", "indeterminate": "无法判定", "invalid": "无效"}
	return zh[r.Verdict] + " " + r.Verdict
}

func (r *report) String() string { return fmt.Sprintf("verdict %s, %+v", r.Verdict, *r) }

// verify is what a recipient does who has a trust bundle and no settings.
func (d *demonstration) verify(ctx context.Context, bundle, file string) (*report, error) {
	cmd := d.command(ctx, d.office.Sealctl, "verify", "--trust", bundle, "--json", file)
	cmd.Dir = d.bare
	cmd.Env = append(cmd.Env, "SEALDESK_CONFIG_DIR="+filepath.Join(d.bare, "none"))
	r := &report{}
	return r, output(cmd, r)
}

// clock writes a time in the legal time of China.
func clock(t time.Time) string {
	return t.In(time.FixedZone("UTC+8", 8*60*60)).Format("2006-01-02 15:04:05")
}

// copyFile copies a file to a new one.
func copyFile(to, from string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}
