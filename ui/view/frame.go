package view

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"sealdesk/ui/state"
	"sealdesk/ui/theme"
	"sealdesk/ui/widget"
)

// screen is one of the window's screens.
type screen interface {
	Object() fyne.CanvasObject
	Render(d state.Desk)
}

// Frame is the window: key strip, rail, work area, status line.
type Frame struct {
	env     *Env
	strip   *strip
	status  *status
	rail    map[state.Screen]*widget.Button
	screens map[state.Screen]screen
	seal    *sealScreen
	verify  *verifyScreen

	register *registerScreen

	notices *notices
	root    *fyne.Container
	shown   state.Screen
	last    state.Desk
}

// railKeys are the function keys of the screens.
var railKeys = map[state.Screen]string{state.ScreenSeal: "F2", state.ScreenVerify: "F3", state.ScreenRegister: "F4",
	state.ScreenKeys: "F5", state.ScreenSettings: "F6"}

// NewFrame makes the window's content.
func NewFrame(e *Env) *Frame {
	f := &Frame{env: e, strip: newStrip(e), status: newStatus(e), rail: map[state.Screen]*widget.Button{}, notices: newNotices(e)}
	f.seal, f.verify, f.register = newSealScreen(e), newVerifyScreen(e), newRegisterScreen(e)
	f.screens = map[state.Screen]screen{state.ScreenSeal: f.seal, state.ScreenVerify: f.verify, state.ScreenRegister: f.register,
		state.ScreenKeys: newKeyScreen(e), state.ScreenSettings: newSettingsScreen(e)}
	rail := widget.NewColumn(widget.Gap(0.5), widget.Gap(1))
	work := container.NewStack()
	for _, s := range state.Screens() {
		b := widget.NewButton(e.T("gui.rail."+string(s)), widget.LookRail, func() { e.Dispatch(state.ScreenChosen{Screen: s}) }).WithHint(railKeys[s])
		f.rail[s] = b
		rail.Add(b)
		f.screens[s].Object().Hide()
		work.Add(f.screens[s].Object())
	}
	f.root = container.New(&frameLayout{}, widget.NewGround(widget.PaperGround, nil, nil), f.strip.root, rail, work, f.status.root,
		widget.NewRule(), widget.NewRule(), widget.NewRule(), f.notices.root)
	return f
}

// Object returns what the window shows.
func (f *Frame) Object() fyne.CanvasObject { return f.root }

// Close ends what the screens draw beside.
func (f *Frame) Close() {
	f.seal.close()
	f.verify.close()
}

// Render makes the window show a state.
func (f *Frame) Render(d state.Desk) {
	f.last = d
	f.strip.render(d)
	f.status.render(d)
	for s, b := range f.rail {
		b.SetChosen(s == d.Screen)
	}
	if f.shown != d.Screen {
		for s, o := range f.screens {
			if s == d.Screen {
				o.Object().Show()
			} else {
				o.Object().Hide()
			}
		}
		f.shown = d.Screen
	}
	f.screens[d.Screen].Render(d)
	f.notices.render(d)
}

// The sizes of the frame.
const (
	stripHeight  = 48
	statusHeight = 30
	inspector    = 320
)

// railWidth is the width of the rail: the longest name beside its key, in the size of the text.
func railWidth() float32 { return 116 + 5*(theme.Text()-14) }

// frameLayout places ground, strip, rail, work area and status line, the three lines between them, and what lies above all.
type frameLayout struct{}

func (frameLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(960, 600) }

func (frameLayout) Layout(o []fyne.CanvasObject, s fyne.Size) {
	put := func(i int, x, y, w, h float32) {
		o[i].Move(fyne.NewPos(x, y))
		o[i].Resize(fyne.NewSize(w, h))
	}
	inner, rail := s.Height-stripHeight-statusHeight, railWidth()
	put(0, 0, 0, s.Width, s.Height)
	put(1, 0, 0, s.Width, stripHeight)
	put(2, 0, stripHeight+1, rail, inner-2)
	put(3, rail+1, stripHeight+1, s.Width-rail-1, inner-2)
	put(4, 0, s.Height-statusHeight, s.Width, statusHeight)
	put(5, 0, stripHeight, s.Width, 1)
	put(6, rail, stripHeight, 1, inner)
	put(7, 0, s.Height-statusHeight-1, s.Width, 1)
	put(8, 0, 0, s.Width, s.Height)
}

// listWidth is the width of a list beside the page, given for the normal size of the text.
func listWidth(normal float32) float32 { return normal * (1 + 0.03*(theme.Text()-14)) }

// sides is a layout of a left part, a middle that grows, and a right part, with lines between them.
type sides struct{ left, right float32 }

func (l sides) MinSize([]fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(l.left+l.right+240, 300)
}

func (l sides) Layout(o []fyne.CanvasObject, s fyne.Size) {
	put := func(i int, x, w float32) {
		o[i].Move(fyne.NewPos(x, 0))
		o[i].Resize(fyne.NewSize(w, s.Height))
	}
	put(0, 0, l.left)
	put(1, l.left+1, s.Width-l.left-l.right-2)
	put(2, s.Width-l.right, l.right)
	put(3, l.left, 1)
	put(4, s.Width-l.right-1, 1)
}

// newSides puts three parts beside one another.
func newSides(left, right float32, a, b, c fyne.CanvasObject) *fyne.Container {
	return container.New(sides{left, right}, a, b, c, widget.NewRule(), widget.NewRule())
}

// footed is a layout of a part that grows and a foot of its own height.
type footed struct{}

func (l footed) MinSize(o []fyne.CanvasObject) fyne.Size {
	return o[0].MinSize().Add(fyne.NewSize(0, o[1].MinSize().Height))
}

func (l footed) Layout(o []fyne.CanvasObject, s fyne.Size) {
	h := widget.HeightFor(o[1], s.Width)
	o[0].Resize(fyne.NewSize(s.Width, s.Height-h))
	o[0].Move(fyne.NewPos(0, 0))
	o[1].Move(fyne.NewPos(0, s.Height-h))
	o[1].Resize(fyne.NewSize(s.Width, h))
}

func newFooted(top, foot fyne.CanvasObject) *fyne.Container {
	return container.New(footed{}, top, foot)
}
