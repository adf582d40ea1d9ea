package widget

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"
)

// PINEntry takes a PIN. It shows dots, and knows no clipboard and no menu. The toolkit keeps what is typed in a string, which cannot
// be wiped; Take empties the field at once.
type PINEntry struct {
	widget.Entry
	OnChange func(length int)
	OnDone   func()
	Shortcut func(fyne.Shortcut) bool // the window's own, such as to close it; may be nil
}

// NewPINEntry makes an empty field.
func NewPINEntry() *PINEntry {
	e := &PINEntry{}
	e.Password = true
	e.ActionItem = layout.NewSpacer() // instead of the toolkit's button that shows what was typed
	e.Wrapping = fyne.TextWrapOff
	e.Scroll = fyne.ScrollNone
	e.ExtendBaseWidget(e)
	e.Entry.OnChanged = func(s string) {
		if e.OnChange != nil {
			e.OnChange(len(s))
		}
	}
	e.Entry.OnSubmitted = func(string) {
		if e.OnDone != nil {
			e.OnDone()
		}
	}
	return e
}

// Take returns what was typed as bytes of their own and empties the field.
func (e *PINEntry) Take() []byte {
	b := []byte(e.Text)
	e.SetText("")
	return b
}

// TypedShortcut implements fyne.Shortcutable: the window has its shortcuts; copying, cutting, pasting and undoing do nothing.
func (e *PINEntry) TypedShortcut(s fyne.Shortcut) {
	if e.Shortcut != nil {
		e.Shortcut(s)
	}
}

// TappedSecondary implements fyne.SecondaryTappable: no menu opens.
func (e *PINEntry) TappedSecondary(*fyne.PointEvent) {}

// TypedKey implements fyne.Focusable.
func (e *PINEntry) TypedKey(k *fyne.KeyEvent) {
	if !forward(e, k) {
		e.Entry.TypedKey(k)
	}
}
