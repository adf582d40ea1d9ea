package view

import (
	"fyne.io/fyne/v2"

	"sealdesk/ui/state"
	"sealdesk/ui/widget"
)

// functionKeys are the keys of the main steps.
var functionKeys = map[fyne.KeyName]state.Event{
	fyne.KeyF2: state.ScreenChosen{Screen: state.ScreenSeal},
	fyne.KeyF3: state.ScreenChosen{Screen: state.ScreenVerify},
	fyne.KeyF4: state.ScreenChosen{Screen: state.ScreenRegister},
	fyne.KeyF5: state.ScreenChosen{Screen: state.ScreenKeys},
	fyne.KeyF6: state.ScreenChosen{Screen: state.ScreenSettings},
	fyne.KeyF9: state.FinishTapped{},
}

// TypedKey handles keys that no part of the window has taken.
func (f *Frame) TypedKey(key fyne.KeyName) {
	if f.Covered() {
		f.env.typedInFront(key)
		return
	}
	if e, ok := functionKeys[key]; ok {
		f.env.Dispatch(e)
		return
	}
	switch key {
	case fyne.KeyEscape:
		f.escape()
	case fyne.KeyPageDown, fyne.KeyRight, fyne.KeyDown:
		f.turn(1)
	case fyne.KeyPageUp, fyne.KeyLeft, fyne.KeyUp:
		f.turn(-1)
	}
}

// TypedRune handles a character that no part of the window has taken.
func (f *Frame) TypedRune(r rune) {
	if name := f.env.name; name != nil {
		name.TypedRune(r)
	}
}

// Covered tells whether a file dialog lies over the screen: keys and shortcuts then must not reach what is under it.
func (f *Frame) Covered() bool { return f.env.open != nil }

// Uncover closes the file dialog as its own cancel does.
func (f *Frame) Uncover() {
	if f.Covered() {
		f.env.open.Dismiss()
	}
}

// escape takes away what stands in front, or cancels what runs.
func (f *Frame) escape() {
	d := f.last
	switch {
	case d.Closing:
		f.env.Dispatch(state.CloseAnswered{})
	case len(d.Notices) > 0:
		f.env.Dispatch(state.NoticeRead{})
	case d.Sealing.Phase == state.SealPIN:
		f.env.Dispatch(state.PINCancelled{})
	case d.Sealing.Phase.Busy():
		f.env.Dispatch(state.StopTapped{})
	case d.Sealing.Phase == state.SealDone && d.Screen == state.ScreenSeal:
		f.env.Dispatch(state.SealAgain{})
	}
}

// page is the page view of the screen shown, nil where it has none.
func (f *Frame) page() *widget.PageView {
	switch f.last.Screen {
	case state.ScreenSeal:
		return f.seal.page
	case state.ScreenVerify:
		return f.verify.page
	}
	return nil
}

func (f *Frame) turn(by int) {
	if p := f.page(); p != nil {
		p.Turn(by)
	}
}

// Zoom makes the page larger or smaller by a step; 0 fits it into the room.
func (f *Frame) Zoom(by int) {
	p := f.page()
	switch {
	case p == nil:
	case by > 0:
		p.SetZoom(p.Zoom() * zoomStep)
	case by < 0:
		p.SetZoom(p.Zoom() / zoomStep)
	default:
		p.SetFit(widget.FitPage)
	}
}

// Find gives the keyboard to the search field, where the screen shown has one.
func (f *Frame) Find() {
	if f.last.Screen == state.ScreenRegister {
		f.env.focus(f.register.query.Field)
	}
}

// OpenFile asks for a file for the screen shown.
func (f *Frame) OpenFile() {
	if f.last.Screen == state.ScreenVerify {
		f.verify.open()
		return
	}
	f.seal.open()
}
