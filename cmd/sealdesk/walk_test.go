//go:build linux && cgo

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"sealdesk/cmd/dev/training"
	"sealdesk/cmd/softkey/store"
)

// shotsVariable names the folder for the pictures of the walk.
const shotsVariable = "SEALDESK_SHOTS"

// walk is a practice office with built programs, and a folder for pictures.
type walk struct {
	t      *testing.T
	office *training.Office
	bin    string
	shots  string
}

// newWalk makes the office and builds the client. It is only for the long run: building takes minutes.
func newWalk(t *testing.T) *walk {
	t.Helper()
	if os.Getenv("SEALDESK_LONG") != "1" {
		t.Skip("long: run with go run ./cmd/dev test --long")
	}
	dir := t.TempDir()
	office := &training.Office{}
	made, err := exec.Command("go", "run", "-buildvcs=false", "sealdesk/cmd/dev", "training", "--no-install", "--dir", filepath.Join(dir, "office")).Output()
	if err == nil {
		err = json.Unmarshal(made, office)
	}
	if err != nil {
		t.Fatalf("practice office: %v: %s", err, made)
	}
	w := &walk{t: t, office: office, bin: filepath.Join(dir, "sealdesk"), shots: os.Getenv(shotsVariable)}
	if w.shots == "" {
		w.shots = filepath.Join(dir, "shots")
	}
	if err := os.MkdirAll(w.shots, 0o755); err != nil {
		t.Fatal(err)
	}
	build := exec.Command("go", "build", "-buildvcs=false", "-tags=migrated_fynedo", "-o", w.bin, ".")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	return w
}

// key gives the training UsbKey of the first custodian.
func (w *walk) key() *store.Slot {
	w.t.Helper()
	s, err := store.Open(w.office.Store, w.office.Seals[0].Slot)
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

func (w *walk) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// settings writes settings that log what the window shows, with additions.
func (w *walk) settings(additions string) string {
	w.t.Helper()
	raw, err := os.ReadFile(w.office.Config)
	w.must(err)
	f, err := os.CreateTemp(w.office.Dir, "walk-*.toml")
	w.must(err)
	_, err = f.WriteString(string(raw) + "\n[log]\nlevel = \"debug\"\n" + additions)
	w.must(err)
	w.must(f.Close())
	return f.Name()
}

// client is a running window.
type client struct {
	*display
	w   *walk
	cmd *exec.Cmd

	mu   sync.Mutex
	log  bytes.Buffer
	last string
}

var shown = regexp.MustCompile(`msg=shown state="([^"]*)"`)

// Write takes the client's log and remembers what it shows.
func (c *client) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.log.Write(p)
	if all := shown.FindAllSubmatch(p, -1); len(all) > 0 {
		c.last = string(all[len(all)-1][1])
	}
	return len(p), nil
}

// start shows the window on a display of its own.
func (w *walk) start(width, height int, env []string, args ...string) *client {
	w.t.Helper()
	c := &client{display: startDisplay(w.t, width, height), w: w}
	c.cmd = exec.Command(w.bin, args...)
	c.cmd.Env = append(os.Environ(), "DISPLAY="+c.name, "LIBGL_ALWAYS_SOFTWARE=1", "LC_ALL=C.UTF-8")
	c.cmd.Env = append(c.cmd.Env, env...)
	c.cmd.Stdout, c.cmd.Stderr = c, c
	c.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	w.must(c.cmd.Start())
	w.t.Cleanup(func() {
		_ = c.cmd.Process.Kill()
		_ = c.cmd.Wait()
		if w.t.Failed() {
			w.t.Logf("the client's log:\n%s", c.logText())
			c.shoot(w.shots, "failed-"+filepath.Base(w.t.Name()))
		}
	})
	return c
}

func (c *client) logText() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.log.String()
}

// patience is how long the walk waits for the window before it gives up. It is long, because a busy machine may take minutes to
// compile pdfium for several windows at once; nothing waits longer than it has to.
const patience = 5 * time.Minute

// shows waits until the window shows all of the words, such as "phase=pin".
func (c *client) shows(words ...string) {
	c.w.t.Helper()
	until(c.w.t, fmt.Sprint(words), patience, func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		for _, word := range words {
			if !strings.Contains(" "+c.last+" ", " "+word+" ") {
				return false
			}
		}
		return true
	})
	time.Sleep(400 * time.Millisecond) // as people look before they act; nothing depends on it
}

// verdict verifies a file in a process of its own.
func (w *walk) verdict(path string) string {
	w.t.Helper()
	cmd := exec.Command(w.office.Sealctl, "--config", w.office.Config, "verify", "--json", path)
	out, err := cmd.Output()
	var r struct{ Verdict string }
	if jsonErr := json.Unmarshal(out, &r); jsonErr != nil {
		w.t.Fatalf("verify %s: %v, %v: %s", path, err, jsonErr, out)
	}
	return r.Verdict
}

// TestWalk goes through the window as people do: with keyboard and mouse.
func TestWalk(t *testing.T) {
	t.Parallel() // most of it is waiting
	w := newWalk(t)
	sample := w.office.Samples[1] // 通知
	w.must(w.key().Remove())
	c := w.start(1280, 720, nil, "--config", w.settings("[output]\nexisting = \"number\"\n"), sample)
	c.shows("key=none", "documents=1")
	c.shoot(w.shots, "seal-no-key")
	w.must(w.key().Insert())
	c.shows("key=ready", "marks=1", "block=", "page=2")
	c.shoot(w.shots, "seal-placed")
	w.placeByMouse(c)
	w.wrongPIN(c)
	w.sealAndVerify(c, sample)
	w.recorded(c)
	w.pulled(c, sample)
	w.byMouse(c)
}

// placeByMouse takes the seal away with the keyboard, drags it from the inspector onto another page, and nudges it.
func (w *walk) placeByMouse(c *client) {
	c.click(713, 541) // the seal on the page
	c.key("Delete")
	c.shows("marks=0", "block=place")
	c.key("Home")
	c.shows("page=1")
	c.drag(1010, 130, 700, 480)
	c.shows("marks=1", "block=")
	c.key("Left", "shift+Up")
	c.shoot(w.shots, "seal-dragged")
	c.click(1022, 227) // by the date again
	c.shows("marks=1", "page=2", "block=")
	c.click(713, 541)
	c.key("Home")
	c.shows("page=1")
	c.drag(1010, 130, 650, 400) // besides the one by the date
	c.shows("marks=2", "block=")
	c.click(1022, 227)
	c.shows("marks=1", "page=2", "block=")
}

// wrongPIN enters a wrong PIN once; nothing is tried again by itself.
func (w *walk) wrongPIN(c *client) {
	c.key("F9")
	c.shows("phase=pin")
	c.shoot(w.shots, "seal-pin")
	c.key("Escape")
	c.shows("phase=placing", "notices=0")
	c.key("F9")
	c.shows("phase=pin")
	c.text("11111111")
	c.key("Return")
	c.shows("phase=done", "key=pin_low")
	c.shoot(w.shots, "seal-wrong-pin")
	if d, err := w.key().Describe(); err != nil || d.TriesLeft != d.MaxTries-1 {
		w.t.Errorf("one wrong PIN has cost %d tries, %v", d.MaxTries-d.TriesLeft, err)
	}
	c.key("Escape")
	c.shows("phase=placing")
}

func (w *walk) sealAndVerify(c *client, sample string) {
	c.key("F9")
	c.shows("phase=pin")
	c.shoot(w.shots, "seal-pin-low")
	c.text(training.PIN)
	c.key("Return")
	c.shows("phase=done", "key=ready")
	c.shoot(w.shots, "seal-done")
	out := strings.TrimSuffix(sample, ".pdf") + "_已签章.pdf"
	if v := w.verdict(out); v != "valid" && v != "valid_with_notice" {
		w.t.Errorf("the sealed file is %s", v)
	}
	c.key("Escape")
	c.shows("phase=empty")
}

// recorded looks for what was sealed in the register.
func (w *walk) recorded(c *client) {
	c.key("F4")
	c.shows("screen=register", "register=whole")
	c.key("ctrl+f")
	c.text("done")
	c.shoot(w.shots, "register")
	c.key("F2")
	c.shows("screen=seal")
}

// pulled pulls the key while it signs, which takes so long that a busy machine is not late.
func (w *walk) pulled(c *client, sample string) {
	w.must(w.key().Fault("sleep", "15000"))
	second := w.start(1280, 720, nil, "--config", w.settings("[output]\nexisting = \"number\"\n"), sample)
	second.shows("key=ready", "marks=1", "block=")
	second.key("F9")
	second.shows("phase=pin")
	second.text(training.PIN)
	second.key("Return")
	second.shows("phase=working")
	w.must(w.key().Remove())
	second.shows("phase=done", "key=removed")
	second.shoot(w.shots, "seal-key-pulled")
	w.must(w.key().ClearFaults())
	w.must(w.key().Insert())
	second.shows("key=ready")
	files, err := filepath.Glob(filepath.Join(filepath.Dir(sample), "*_已签章*.pdf"))
	if err != nil || len(files) != 1 {
		w.t.Errorf("after the key was pulled there are the sealed files %v, %v", files, err)
	}
}

// byMouse goes through the other screens with the mouse.
func (w *walk) byMouse(c *client) {
	for _, s := range []struct {
		y    int
		name string
	}{{109, "verify"}, {145, "register"}, {181, "keys"}, {217, "settings"}, {73, "seal"}} {
		c.click(56, s.y)
		c.shows("screen=" + s.name)
		c.shoot(w.shots, "screen-"+s.name)
	}
}
