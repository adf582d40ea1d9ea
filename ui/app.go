// Package ui is the window: it joins the state, the views and what is done for them.
package ui

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"sealdesk/pdfseal/page"
	"sealdesk/ui/desk"
	"sealdesk/ui/i18n"
	"sealdesk/ui/state"
	"sealdesk/ui/theme"
	"sealdesk/ui/view"
)

// The identity of the program, which FyneApp.toml states, too.
const (
	Name    = "钤印"
	ID      = "cn.sealdesk.client"
	Version = "0.1.0"
	Build   = 1
)

// Window is the one window of the program.
type Window struct {
	app     fyne.App
	window  fyne.Window
	desk    *desk.Desk
	machine state.Machine
	loop    *state.Loop[state.Desk]
	stop    context.CancelFunc
	frame   *view.Frame
	shown   state.Options
	cat     atomic.Pointer[i18n.Catalogue]
	bound   map[string]func() // shortcuts by their names
	log     *slog.Logger
	logged  string
}

// Catalogue returns the catalogue in use, for desk.Setup.
func (w *Window) Catalogue() desk.Catalogue { return w.cat.Load() }

// Words returns the catalogue in use.
func (w *Window) Words() *i18n.Catalogue { return w.cat.Load() }

// NewWindow prepares the window in a language. The desk is set by Run.
func NewWindow(a fyne.App, lang string) (*Window, error) {
	w := &Window{app: a}
	return w, w.speak(lang)
}

// speak takes a catalogue into use.
func (w *Window) speak(lang string) error {
	cat, err := i18n.New(lang)
	if err != nil {
		return err
	}
	w.cat.Store(cat)
	return nil
}

// minimum is the smallest window in which nothing is out of reach.
var minimum = fyne.NewSize(1280, 720)

// Begin is what the window begins with.
type Begin struct {
	Files  []string // files and folders
	Verify bool     // they are to be verified, not sealed
}

// Run shows the window and returns when it is closed.
func (w *Window) Run(ctx context.Context, d *desk.Desk, begin Begin, log *slog.Logger) {
	ctx, w.stop = context.WithCancel(ctx)
	w.desk, w.machine, w.log = d, state.Machine{Work: d}, log
	options := d.ReadOptions(ctx)
	w.app.Settings().SetTheme(theme.New(theme.Options{Dark: options.Dark, LargePrint: options.LargePrint}))
	w.window = w.app.NewWindow(Name)
	w.window.SetPadded(false)
	w.window.Resize(minimum)
	w.window.CenterOnScreen()
	w.window.SetMaster()
	w.loop = state.NewLoop(ctx, w.machine.Initial(options), w.machine.Step, w.render, post)
	w.show(options)
	w.window.SetOnDropped(func(_ fyne.Position, uris []fyne.URI) {
		var paths []string
		for _, u := range uris {
			paths = append(paths, u.Path())
		}
		w.loop.Dispatch(state.FilesDropped{Paths: paths})
	})
	w.window.SetCloseIntercept(w.close)
	w.app.Lifecycle().SetOnStarted(func() {
		w.loop.Start(w.machine.Begin())
		w.loop.Start(func(ctx context.Context, _ func(state.Event)) {
			if err := page.Warm(ctx); err != nil && ctx.Err() == nil {
				log.Error("pages cannot be drawn", "error", err)
			}
		})
		if begin.Verify {
			w.loop.Dispatch(state.ScreenChosen{Screen: state.ScreenVerify})
		}
		if len(begin.Files) > 0 {
			w.loop.Dispatch(state.FilesDropped{Paths: begin.Files})
		}
	})
	context.AfterFunc(ctx, func() { post(w.app.Quit) })
	w.window.ShowAndRun()
	w.stop()
	w.loop.Wait()
	w.frame.Close()
}

// post runs a function in the goroutine of the window, after what waits there already.
func post(f func()) { fyne.Do(f) }

// show makes the window's content anew, in the language and look of the options.
func (w *Window) show(o state.Options) {
	if w.frame != nil {
		w.frame.Close()
	}
	w.shown = o
	env := &view.Env{Catalogue: w.cat.Load(), Dispatch: w.loop.Dispatch, Post: post, Pages: w.desk.Pages, Window: w.window, Command: w.desk.Command, Shortcut: w.shortcut}
	w.frame = view.NewFrame(env)
	w.window.SetContent(w.frame.Object())
	w.window.SetTitle(w.cat.Load().T("gui.title", nil))
	w.keys()
	w.frame.Render(w.loop.State())
}

// render shows a state; a change of look or language makes the content anew.
func (w *Window) render(d state.Desk) {
	w.trace(d)
	if d.Quit {
		w.stop()
		return
	}
	o := d.Options
	if o.Lang != w.shown.Lang || o.Dark != w.shown.Dark || o.LargePrint != w.shown.LargePrint {
		if err := w.speak(o.Lang); err != nil {
			w.loop.Dispatch(state.NoticeArose{Notice: state.Notice{Err: err}})
			return
		}
		w.app.Settings().SetTheme(theme.New(theme.Options{Dark: o.Dark, LargePrint: o.LargePrint}))
		w.show(o)
		return
	}
	w.frame.Render(d)
}

// trace logs what the window shows, without any name.
func (w *Window) trace(d state.Desk) {
	z, v := d.Sealing, d.Verification
	doc, _ := z.Document()
	item, _ := v.Item()
	verdict, rule := "", ""
	if item.Done {
		verdict = string(item.Verdict())
		if r := item.Result.Report; r != nil && len(r.Reasons) > 0 {
			rule = r.Reasons[0].Rule
		}
	}
	line := fmt.Sprintf("screen=%s key=%s phase=%s block=%s documents=%d marks=%d page=%d files=%d judged=%d verdict=%s rule=%s changes=%d notices=%d closing=%v register=%s uses=%d centre=%s",
		d.Screen, d.KeyState(), z.Phase, d.Blocked().Key, len(z.Documents), len(doc.Marks), z.Page, len(v.Items), v.Judged(), verdict, rule, item.Changes.Pages(), len(d.Notices), d.Closing,
		d.Register.Condition(), len(d.Register.Content.Uses), d.Center.Phase)
	if line != w.logged {
		w.logged = line
		w.log.Debug("shown", "state", line)
	}
}

// keys binds function keys and shortcuts.
func (w *Window) keys() {
	c := w.window.Canvas()
	c.SetOnTypedKey(func(e *fyne.KeyEvent) { w.frame.TypedKey(e.Name) })
	c.SetOnTypedRune(func(r rune) { w.frame.TypedRune(r) })
	w.bound = map[string]func(){}
	always := func(key fyne.KeyName, modifier fyne.KeyModifier, f func()) {
		s := &desktop.CustomShortcut{KeyName: key, Modifier: modifier}
		w.bound[s.ShortcutName()] = f
		c.AddShortcut(s, func(fyne.Shortcut) { f() })
	}
	bind := func(key fyne.KeyName, modifier fyne.KeyModifier, f func()) {
		always(key, modifier, func() {
			if !w.frame.Covered() {
				f()
			}
		})
	}
	main := fyne.KeyModifierShortcutDefault
	bind(fyne.KeyO, main, w.frame.OpenFile)
	bind(fyne.KeyF, main, w.frame.Find)
	bind(fyne.KeyS, main, func() { w.loop.Dispatch(state.FinishTapped{}) })
	bind(fyne.KeyS, main|fyne.KeyModifierShift, w.frame.SaveAs)
	bind(fyne.KeyEqual, main, func() { w.frame.Zoom(1) })
	bind(fyne.KeyMinus, main, func() { w.frame.Zoom(-1) })
	bind(fyne.Key0, main, func() { w.frame.Zoom(0) })
	bind(fyne.KeyComma, main, func() { w.loop.Dispatch(state.ScreenChosen{Screen: state.ScreenSettings}) })
	always(fyne.KeyW, main, func() {
		if w.frame.Covered() {
			w.frame.Uncover()
			return
		}
		w.close()
	})
	always(fyne.KeyQ, main, w.close)
}

// close asks to close the window. A question about it would lie under an open file dialog.
func (w *Window) close() {
	w.frame.Uncover()
	w.loop.Dispatch(state.CloseAsked{})
}

// shortcut runs the shortcut that an object with the keyboard has not taken, and tells whether there is one.
func (w *Window) shortcut(s fyne.Shortcut) bool {
	f, ok := w.bound[s.ShortcutName()]
	if ok {
		f()
	}
	return ok
}
