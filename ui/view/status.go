package view

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	base "fyne.io/fyne/v2/widget"

	"sealdesk/ui/state"
	"sealdesk/ui/widget"
)

// progressDelay is how long work may run before it shows progress.
const progressDelay = 300 * time.Millisecond

// status is the line at the foot: the next sensible step when idle, progress when busy.
type status struct {
	env    *Env
	text   *widget.Text
	bar    *base.ProgressBar
	count  *widget.Text
	cancel *widget.Button
	root   *fyne.Container
	now    func() time.Time
	since  time.Time
}

func newStatus(e *Env) *status {
	s := &status{env: e, text: widget.NewSmallLine("", widget.Faint), bar: base.NewProgressBar(), count: widget.NewSmall("", widget.Faint), now: time.Now}
	s.bar.TextFormatter = func() string { return "" }
	s.cancel = widget.NewButton(e.T("gui.cancel"), widget.LookQuiet, func() { e.Dispatch(state.StopTapped{}) }).WithHint("Esc")
	row := widget.NewRow(widget.Gap(1.5), 0, s.text, container.New(&fixed{160, 10}, s.bar), s.count, s.cancel)
	s.root = container.New(inset{16, 0}, row)
	return s
}

// fixed is a layout of one object of a fixed size.
type fixed struct{ w, h float32 }

func (f *fixed) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(f.w, f.h) }

func (f *fixed) Layout(o []fyne.CanvasObject, s fyne.Size) {
	o[0].Resize(fyne.NewSize(s.Width, f.h))
	o[0].Move(fyne.NewPos(0, (s.Height-f.h)/2))
}

func (s *status) render(d state.Desk) {
	text, done, total, busy := s.env.statusOf(d)
	if !busy {
		s.since = time.Time{}
	} else if s.since.IsZero() {
		s.since = s.now()
	}
	show := busy && total > 0 && s.now().Sub(s.since) >= progressDelay
	s.text.SetText(text)
	for _, o := range []fyne.CanvasObject{s.bar, s.count} {
		if show {
			o.Show()
		} else {
			o.Hide()
		}
	}
	if show {
		s.bar.SetValue(float64(done) / float64(total))
		s.count.SetText(number(done) + "/" + number(total))
	}
	if d.Sealing.Phase.Busy() && d.Sealing.Phase != state.SealPIN {
		s.cancel.Show()
	} else {
		s.cancel.Hide()
	}
	s.root.Refresh()
}

// statusOf says what runs and how far, or what the next step is.
func (e *Env) statusOf(d state.Desk) (text string, done, total int, busy bool) {
	s, v := d.Sealing, d.Verification
	switch {
	case s.Phase == state.SealPIN:
		return e.T("gui.status.pin"), 0, 0, false
	case s.Phase.Busy():
		stage := map[state.Stage]string{state.StageCheck: "check", state.StageKey: "key", state.StageSeal: "seal", state.StageCentre: "centre"}[s.Progress.Stage]
		n := s.Progress.Document + 1
		return e.T("gui.status."+stage, "N", number(n), "Of", number(len(s.Ordered))), n, len(s.Ordered), true
	case v.Running() && len(v.Items) > 0:
		return e.T("gui.status.verify", "N", number(v.Judged()), "Of", number(len(v.Items))), v.Judged(), len(v.Items), true
	case d.Screen == state.ScreenVerify && len(v.Items) == 0:
		return e.T("gui.status.idle_verify"), 0, 0, false
	case d.Screen == state.ScreenVerify:
		return e.T("gui.status.verified", "N", number(len(v.Items))), 0, 0, false
	case d.Screen != state.ScreenSeal:
		return e.T("gui.status.ready"), 0, 0, false
	}
	switch b := d.Blocked(); {
	case s.Phase == state.SealDone:
		return e.T("gui.status.done"), 0, 0, false
	case b.Key == "":
		return e.T("gui.status.finish"), 0, 0, false
	case b.Key == state.BlockEmpty:
		return e.T("gui.status.idle"), 0, 0, false
	default:
		return e.blockText(b), 0, 0, false
	}
}

// blockText says why 完成签章 is off.
func (e *Env) blockText(b state.Block) string {
	if b.Key == "" {
		return ""
	}
	return e.T("gui.block."+b.Key, "Name", baseName(b.Name))
}
