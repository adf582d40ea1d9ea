//go:build linux && cgo

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"

	"sealdesk/cmd/dev/training"
	"sealdesk/cmd/internal/keymodule"
	"sealdesk/cmd/softkey/store"
	"sealdesk/pdfseal"
	"sealdesk/token"
	"sealdesk/ui/config"
	"sealdesk/ui/desk"
	"sealdesk/ui/i18n"
	"sealdesk/ui/job/worker"
	"sealdesk/ui/pagetext"
	"sealdesk/ui/state"
	"sealdesk/ui/theme"
	"sealdesk/ui/view"
)

func TestMain(m *testing.M) {
	if worker.Requested(os.Args) {
		os.Exit(worker.Main(desk.LoadTrust))
	}
	os.Exit(m.Run())
}

// practice is a practice office with its centre, made by the training kit.
type practice struct {
	*training.Office
	t       *testing.T
	serving *exec.Cmd
}

func newPractice(t *testing.T) *practice {
	t.Helper()
	module := store.BuildForTest(t)
	build := func(ctx context.Context, o *training.Office) error {
		raw, err := os.ReadFile(module)
		if err == nil {
			err = os.MkdirAll(filepath.Dir(o.Module), 0o700)
		}
		if err == nil {
			err = os.WriteFile(o.Module, raw, 0o700)
		}
		if err != nil {
			return err
		}
		if out, err := exec.CommandContext(ctx, "go", "build", "-buildvcs=false", "-o", o.Centre.Sealcenter, "sealdesk/cmd/sealcenter").CombinedOutput(); err != nil {
			return fmt.Errorf("%w: %s", err, out)
		}
		return nil
	}
	o, err := training.Make(t.Context(), filepath.Join(t.TempDir(), "office"), training.Options{Build: build})
	if err != nil {
		t.Fatal(err)
	}
	p := &practice{Office: o, t: t}
	t.Cleanup(p.stop)
	return p
}

// serve starts the centre at its address.
func (p *practice) serve() {
	p.t.Helper()
	cmd := p.Centre.Command(context.Background(), p.Centre.Dir, "serve")
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	var where struct{ Listening string }
	if err == nil {
		p.serving = cmd
		var line []byte
		if line, err = bufio.NewReader(out).ReadBytes('\n'); err == nil {
			err = json.Unmarshal(line, &where)
		}
	}
	if err != nil || where.Listening == "" {
		p.t.Fatalf("the centre does not serve: %v, %+v", err, where)
	}
}

// stop ends the centre as an administrator does.
func (p *practice) stop() {
	if p.serving == nil {
		return
	}
	if p.serving.Process.Signal(syscall.SIGTERM) != nil {
		_ = p.serving.Process.Kill() // it has ended by itself
	}
	_ = p.serving.Wait()
	p.serving = nil
}

// screen is the program without its driver: desk, state and views, in a window of the toolkit's tests.
type screen struct {
	t     *testing.T
	desk  *desk.Desk
	loop  *state.Loop[state.Desk]
	posts chan func()
	frame *view.Frame
}

func (p *practice) open() *screen {
	p.t.Helper()
	test.NewTempApp(p.t).Settings().SetTheme(theme.New(theme.Options{}))
	cfg, err := config.Load(p.Config)
	if err != nil {
		p.t.Fatal(err)
	}
	cat, err := i18n.New("zh")
	if err != nil {
		p.t.Fatal(err)
	}
	s := &screen{t: p.t, posts: make(chan func(), 10_000)}
	post := func(f func()) { s.posts <- f }
	s.desk = desk.New(desk.Setup{Config: cfg, OpenKeys: keymodule.Open, Catalogue: func() desk.Catalogue { return cat }, Text: pagetext.Reader{}, Version: "test"})
	ctx, stop := context.WithCancel(context.Background())
	m := state.Machine{Work: s.desk}
	s.loop = state.NewLoop(ctx, m.Initial(s.desk.ReadOptions(ctx)), m.Step, func(d state.Desk) { s.frame.Render(d) }, post)
	window := test.NewTempWindow(p.t, nil)
	s.frame = view.NewFrame(&view.Env{Catalogue: cat, Dispatch: s.loop.Dispatch, Post: post, Pages: s.desk.Pages, Window: window, Command: s.desk.Command})
	window.SetContent(s.frame.Object())
	window.Resize(fyne.NewSize(1280, 720))
	s.loop.Start(m.Begin())
	p.t.Cleanup(func() {
		stop()
		ended := make(chan struct{})
		go func() { s.loop.Wait(); close(ended) }()
		for running := true; running; {
			select {
			case <-s.posts:
			case <-ended:
				running = false
			}
		}
		s.frame.Close()
		s.desk.Close()
	})
	return s
}

// until runs what is posted until the state is as wanted.
func (s *screen) until(what string, ok func(state.Desk) bool) state.Desk {
	s.t.Helper()
	for end := time.After(2 * time.Minute); ; {
		if d := s.loop.State(); ok(d) {
			return d
		}
		select {
		case f := <-s.posts:
			f()
		case <-end:
			d := s.loop.State()
			s.t.Fatalf("waited in vain: %s; blocked %+v, %+v, key %s, centre %+v", what, d.Blocked(), d.Sealing, d.KeyState(), d.Center)
		}
	}
}

// seal seals one document over its date, as far as the result.
func (s *screen) seal(path string) state.Outcome {
	s.t.Helper()
	s.loop.Dispatch(state.FilesDropped{Paths: []string{path}})
	s.until("the document is ready", func(d state.Desk) bool {
		doc, ok := d.Sealing.Document()
		return ok && doc.Path == path && d.Blocked() == (state.Block{})
	})
	s.loop.Dispatch(state.FinishTapped{})
	s.until("the PIN is asked", func(d state.Desk) bool { return d.Sealing.Ask != nil })
	s.loop.Dispatch(state.PINEntered{PIN: token.NewPIN([]byte(training.PIN))})
	d := s.until("it is sealed", func(d state.Desk) bool { return d.Sealing.Phase == state.SealDone })
	doc, _ := d.Sealing.Document()
	if doc.Outcome == nil || !doc.Outcome.Sealed {
		s.t.Fatalf("%+v, %v", doc.Outcome, d.Sealing.Err)
	}
	return *doc.Outcome
}

// words are all texts that the window shows.
func (s *screen) words() string {
	var out []string
	var walk func(o fyne.CanvasObject)
	walk = func(o fyne.CanvasObject) {
		if o == nil || !o.Visible() {
			return
		}
		switch o := o.(type) {
		case *canvas.Text:
			out = append(out, o.Text)
		case *fyne.Container:
			for _, c := range o.Objects {
				walk(c)
			}
		case *container.Scroll:
			walk(o.Content)
		case fyne.Widget:
			for _, c := range test.WidgetRenderer(o).Objects() {
				walk(c)
			}
		}
	}
	walk(s.frame.Object())
	return strings.Join(out, "\n")
}

func (s *screen) says(want ...string) {
	s.t.Helper()
	text := s.words()
	for _, w := range want {
		if !strings.Contains(text, w) {
			s.t.Errorf("the window does not say %q:\n%s", w, text)
		}
	}
}

// verified judges a file as the window does.
func (s *screen) verified(path string) *pdfseal.Report {
	s.t.Helper()
	v, err := s.desk.Verify(s.t.Context(), path)
	if err != nil {
		s.t.Fatal(err)
	}
	return v.Report
}

// TestCentre has the window work with a real centre.
func TestCentre(t *testing.T) {
	p := newPractice(t)
	for name, run := range map[string]func(*practice){"connection": testConnection, "sealing": testSealing} {
		t.Run(name, func(t *testing.T) {
			p.t = t
			p.stop()
			run(p)
		})
	}
}

// testSealing: the receipt is embedded at once; without the centre the question waits, and is asked later.
func testSealing(p *practice) {
	t := p.t
	p.serve()
	s := p.open()
	s.until("the centre is there", func(d state.Desk) bool {
		return d.Center.Phase == state.CenterConnected && d.KeyState().Usable() && d.Trust.Loaded()
	})
	first := s.seal(p.Samples[0])
	if first.Receipt == "" || first.Queued || first.Away != nil {
		t.Fatalf("%+v", first)
	}
	s.says("中心回执已嵌入")
	if r := s.verified(first.Out); r.Verdict != pdfseal.VerdictValid || r.Seals[0].Time.Source != pdfseal.TimeReceipt {
		t.Errorf("%s, time by %s", r.Verdict, r.Seals[0].Time.Source)
	}

	p.stop()
	second := s.seal(p.Samples[1])
	if second.Receipt != "" || !second.Queued || second.Away == nil {
		t.Fatalf("without the centre: %+v", second)
	}
	if d := s.loop.State(); d.Center.Phase != state.CenterAway {
		t.Errorf("the centre is shown as %s", d.Center.Phase)
	}
	if r := s.verified(second.Out); r.Verdict != pdfseal.VerdictValidNotice {
		t.Errorf("without a receipt it is %s", r.Verdict)
	}
	s.loop.Dispatch(state.ScreenChosen{Screen: state.ScreenRegister})
	s.until("the register is read", func(d state.Desk) bool { return d.Register.Phase == state.RegisterRead && d.Register.Queued() == 1 })
	s.says("补取中心回执（1）")
	s.loop.Dispatch(state.ReceiptsWanted{})
	d := s.until("nothing was fetched", func(d state.Desk) bool { return d.Register.Fetching.Ended && d.Register.Phase == state.RegisterRead })
	if f := d.Register.Fetching; f.Err == nil || f.Fetched.Left != 1 || d.Register.Queued() != 1 {
		t.Errorf("without the centre: %+v", f)
	}

	p.serve()
	s.loop.Dispatch(state.ReceiptsWanted{})
	d = s.until("the receipt is there", func(d state.Desk) bool {
		return d.Register.Fetching.Ended && d.Register.Fetching.Err == nil && d.Register.Phase == state.RegisterRead && d.Register.Queued() == 0
	})
	if d.Register.Fetching.Fetched.Embedded != 1 {
		t.Errorf("%+v", d.Register.Fetching)
	}
	s.says("已补取中心回执 1 份")
	if r := s.verified(second.Out); r.Verdict != pdfseal.VerdictValid || r.Seals[0].Time.Source != pdfseal.TimeReceipt {
		t.Errorf("%s, time by %s", r.Verdict, r.Seals[0].Time.Source)
	}
	if _, err := os.Stat(p.Samples[1]); err != nil {
		t.Error(errors.Join(errors.New("the input is gone"), err))
	}
}

// testConnection: the settings of the connection can be tested before they are saved, and the answer says what happened.
func testConnection(p *practice) {
	t := p.t
	s := p.open()
	s.loop.Dispatch(state.ScreenChosen{Screen: state.ScreenSettings})
	d := s.until("the settings are read", func(d state.Desk) bool { return d.Settings.Center.URL == p.Centre.URL })
	good := d.Settings.Center
	try := func(o state.CenterOptions) state.CenterTrial {
		t.Helper()
		s.loop.Dispatch(state.CenterEdited{})
		s.until("the former answer is gone", func(d state.Desk) bool { return d.Settings.Probe == (state.CenterTrial{}) })
		s.loop.Dispatch(state.CenterEdited{Options: o})
		s.loop.Dispatch(state.CenterTried{})
		return s.until("an answer", func(d state.Desk) bool { return d.Settings.Probe.Ended && d.Settings.Probe.For == o }).Settings.Probe
	}
	if a := try(good); a.Err == nil {
		t.Error("a centre that does not serve answers")
	}
	s.says("连不上核验中心")
	p.serve()
	if a := try(good); a.Err != nil || !strings.HasPrefix(a.Answer.Protocol, "TLS") || a.Answer.Until.Before(time.Now()) {
		t.Errorf("%+v", a)
	}
	s.says("连接成功", "TLS")
	other := good
	other.Pins = "sha256:" + strings.Repeat("00", 32)
	if a := try(other); a.Err == nil {
		t.Error("a key that is not the pinned one is taken")
	}
	stranger := good
	stranger.Certificate, stranger.Key = "", ""
	if a := try(stranger); a.Err == nil {
		t.Error("the centre admits a computer without a certificate")
	}
	s.says("证书")
	if d := s.loop.State(); d.Options.Center != good || !d.CenterUnsaved() {
		t.Errorf("a test has changed the settings: %+v", d.Options.Center)
	}
}
