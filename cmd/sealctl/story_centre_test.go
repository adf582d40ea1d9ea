package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"sealdesk/cmd/dev/training"
	"sealdesk/cmd/softkey/store"
	"sealdesk/pdfseal/gm"
)

// TestCentreStories runs the program against the real endpoint, over HTTPS with certificates on both sides.
func TestCentreStories(t *testing.T) {
	module := store.BuildForTest(t)
	model := t.TempDir()
	office, err := modelOffice(t.Context(), model, module)
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join("testdata", "centre"),
		Setup: func(e *testscript.Env) error {
			o := *office
			o.dir = e.WorkDir
			e.Values[officeKey{}] = &o
			e.Defer(o.close)
			e.Setenv("SEALDESK_CONFIG_DIR", e.WorkDir)
			e.Setenv("ROOT", o.root)
			if err := os.CopyFS(e.WorkDir, os.DirFS(model)); err != nil {
				return err
			}
			return o.open()
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"key": keyStep, "code": codeStep, "files": filesStep, "flip": flipStep, "append": appendStep, "centre": centreStep, "desk": deskStep, "records": recordsStep,
		},
	})
}

type officeKey struct{}

// office is a centre and an office computer below dir.
type office struct {
	dir, program, module, root, address string
	process                             *exec.Cmd
	thief                               *thief
}

// The folders of an office: its centre, and the centre as it was before the seal was issued.
const (
	centreDir = "centre"
	olderDir  = "older"
)

// modelOffice makes what the stories begin with: a centre with one custodian's two seals, a UsbKey for each, and the connection's files.
func modelOffice(ctx context.Context, dir, module string) (*office, error) {
	o := &office{dir: dir, module: module, program: filepath.Join(dir, "sealcenter")}
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", o.program, "sealdesk/cmd/sealcenter").CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%w: %s", err, out)
	}
	key, err := gm.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	for name, data := range map[string][]byte{"custodian.pub": key.Public().Point(), "pin": []byte(storyPIN + "\n"), "wrong": []byte("kQ7-161803\n"),
		"one.pdf": blankPDF(1, "", ""), "two.pdf": blankPDF(2, "", "")} {
		if err := os.WriteFile(o.path(name), data, 0o600); err != nil {
			return nil, err
		}
	}
	if err := errors.Join(writePicture(o.path("seal.png")), os.Mkdir(o.path("elsewhere"), 0o700)); err != nil {
		return nil, err
	}
	if err := o.found(ctx); err != nil {
		return nil, err
	}
	for slot, name := range []string{"15299900000001", "15299900000002"} {
		if err := o.provision(slot, name, key); err != nil {
			return nil, err
		}
	}
	return o, nil
}

func (o *office) path(name string) string { return filepath.Join(o.dir, name) }

func (o *office) centre() training.Centre {
	return training.Centre{Dir: o.path(centreDir), Sealcenter: o.program}
}

// found makes the centre, its seals and the first bundle that lists them.
func (o *office) found(ctx context.Context) error {
	c, ignored := o.centre(), &struct{}{}
	var shown struct{ Root string }
	issue := func(id string, key ...string) []string {
		return append([]string{"issue", "--id", id, "--unit", "示范旗财政局", "--division", "152999", "--department", "152999", "--custodian", "保管人",
			"--picture", o.path("seal.png"), "--width", "42", "--out", o.path(id + ".esl")}, key...)
	}
	for _, step := range []func() error{
		func() error {
			return c.Order(ctx, ignored, "建立", "init", "--name", "测试核验中心", "--division", "150000")
		},
		func() error {
			return c.Order(ctx, ignored, "设立", "department", "--name", "示范旗人民政府办公室", "--division", "152999")
		},
		func() error {
			return c.Order(ctx, ignored, "登记", "client", "--name", "测试工作站", "--out", o.path("tls"))
		},
		func() error { return os.CopyFS(o.path(olderDir), os.DirFS(o.path(centreDir))) },
		func() error {
			return c.Order(ctx, ignored, "制发", issue("15299900000001", "--public-key", o.path("custodian.pub"), "--certificate-out", o.path("custodian.crt"))...)
		},
		func() error {
			return c.Order(ctx, ignored, "制发", issue("15299900000002", "--certificate", o.path("custodian.crt"))...)
		},
		func() error { return c.Order(ctx, ignored, "发布", "bundle") },
		func() error { return c.Run(ctx, &shown, "show") },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	o.root = shown.Root
	return nil
}

// provision puts one seal on a UsbKey; the first is plugged in.
func (o *office) provision(slot int, seal string, key *gm.PrivateKey) error {
	der, err := os.ReadFile(o.path(seal + ".esl"))
	if err != nil {
		return err
	}
	text, err := os.ReadFile(o.path("custodian.crt"))
	if err != nil {
		return err
	}
	cert, _ := pem.Decode(text)
	if cert == nil {
		return errors.New("custodian.crt holds no certificate")
	}
	root := o.path("softkey")
	if err := os.MkdirAll(root, 0o700); err != nil {
		return err
	}
	if err := store.Init(root, slot, store.TokenSpec{Label: fmt.Sprintf("story %d", slot), Serial: fmt.Sprintf("0011223%d", slot), UserPIN: storyPIN, SOPIN: "so-" + storyPIN, MaxTries: 3}); err != nil {
		return err
	}
	s, err := store.Open(root, slot)
	if err != nil {
		return err
	}
	plug := s.Remove
	if slot == 0 {
		plug = s.Insert
	}
	return errors.Join(s.AddKey([]byte{1}, key.D(), "sign"), s.AddCertificate([]byte{1}, cert.Bytes, "sign"), s.AddData("seal", "", der, false), plug())
}

// writePicture makes a picture that no compression makes small: a request for a verification is by far the largest thing that a client sends.
func writePicture(path string) error {
	img := image.NewNRGBA(image.Rect(0, 0, 96, 96))
	if _, err := rand.Read(img.Pix); err != nil {
		return err
	}
	for i := 3; i < len(img.Pix); i += 4 {
		img.Pix[i] = 255
	}
	img.Set(48, 48, color.NRGBA{R: 255, A: 255})
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(png.Encode(f, img), f.Close())
}

// open starts the centre and writes the settings of the office's computer: directly, and through somebody who steals answers.
func (o *office) open() error {
	o.address = "127.0.0.1:0"
	if err := o.start(centreDir); err != nil {
		return err
	}
	var err error
	if o.thief, err = newThief(o.address); err != nil {
		return err
	}
	for name, address := range map[string]string{"sealdesk.toml": o.address, "stolen.toml": o.thief.listener.Addr().String()} {
		text := fmt.Sprintf("[trust_bundle]\nroot = %q\n[key]\nmodule = %q\ntraining_store = \"softkey\"\n", o.root, o.module) +
			fmt.Sprintf("[center]\nurl = %q\nca = \"tls/ca.crt\"\ncertificate = \"tls/client.crt\"\nkey = \"tls/client.key\"\ntimeout = \"60s\"\n",
				(&url.URL{Scheme: "https", Host: address}).String())
		if err := os.WriteFile(o.path(name), []byte(text), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// start serves a state directory; after the first time always at the same address.
func (o *office) start(dir string) (err error) {
	for range 20 {
		if err = o.serve(dir); err == nil {
			return nil
		}
		time.Sleep(100 * time.Millisecond) // the port may still be in use
	}
	return err
}

func (o *office) serve(dir string) error {
	c := o.centre()
	cmd := c.Command(context.Background(), o.path(dir), "serve", "--listen", o.address)
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	var where struct{ Listening string }
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &where)
	}
	if err == nil && where.Listening == "" {
		err = fmt.Errorf("serve: %s", line)
	}
	if err != nil {
		_ = cmd.Process.Kill()
		return errors.Join(err, cmd.Wait())
	}
	o.process, o.address = cmd, where.Listening
	return nil
}

// stop ends the centre as an administrator does.
func (o *office) stop() {
	if o.process == nil {
		return
	}
	if o.process.Process.Signal(syscall.SIGTERM) != nil {
		_ = o.process.Process.Kill() // it has ended by itself, or the system knows no signals
	}
	_ = o.process.Wait()
	o.process = nil
}

// close ends everything that a story has started.
func (o *office) close() {
	o.stop()
	if o.thief != nil {
		_ = o.thief.listener.Close()
	}
}

// thief passes connections on to the centre, and ends each when the answer to something large comes back: the request has reached the
// centre, the answer is lost.
type thief struct {
	listener net.Listener
	centre   string
}

// large is more than anything but a verification.
const large = 16 << 10

func newThief(centre string) (*thief, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	h := &thief{l, centre}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go h.pass(c)
		}
	}()
	return h, nil
}

func (h *thief) pass(client net.Conn) {
	defer client.Close()
	centre, err := net.Dial("tcp", h.centre)
	if err != nil {
		return
	}
	defer centre.Close()
	var mu sync.Mutex
	sent := 0
	go func() {
		_, _ = io.Copy(writerFunc(func(p []byte) (int, error) {
			mu.Lock()
			sent += len(p)
			mu.Unlock()
			return centre.Write(p)
		}), client)
	}()
	_, _ = io.Copy(writerFunc(func(p []byte) (int, error) {
		mu.Lock()
		stolen := sent > large
		mu.Unlock()
		if stolen {
			return 0, io.ErrClosedPipe
		}
		return client.Write(p)
	}), centre)
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

func officeOf(ts *testscript.TestScript) *office { return ts.Value(officeKey{}).(*office) }

// centreStep is `centre stop` or `centre start [DIR]`.
func centreStep(ts *testscript.TestScript, neg bool, args []string) {
	o := officeOf(ts)
	switch {
	case !neg && len(args) == 1 && args[0] == "stop":
		o.stop()
	case !neg && len(args) > 0 && len(args) < 3 && args[0] == "start":
		ts.Check(o.start(append(args[1:], centreDir)[0]))
	default:
		ts.Fatalf("usage: centre stop | centre start [DIR]")
	}
}

// deskStep is `desk COMMAND...`: a change at the issuing desk, while the centre serves or not.
func deskStep(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: desk COMMAND...")
	}
	ts.Check(officeOf(ts).centre().Order(context.Background(), &struct{}{}, "测试", args...))
}

// recordsStep is `records N`: so many verifications are on record at the centre.
func recordsStep(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: records N")
	}
	var v struct{ Verifications int }
	ts.Check(officeOf(ts).centre().Run(context.Background(), &v, "show"))
	if strconv.Itoa(v.Verifications) != args[0] {
		ts.Fatalf("%d verifications are on record, want %s", v.Verifications, args[0])
	}
}
