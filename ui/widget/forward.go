package widget

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// forward hands function keys and Escape to the window, although an object has the keyboard. It tells whether it did.
func forward(o fyne.CanvasObject, e *fyne.KeyEvent) bool {
	function := len(e.Name) > 1 && strings.HasPrefix(string(e.Name), "F")
	if !function && e.Name != fyne.KeyEscape {
		return false
	}
	return toWindow(o, e)
}

// toWindow hands a key that an object has no use for to the window. It tells whether it did.
func toWindow(o fyne.CanvasObject, e *fyne.KeyEvent) bool {
	c := fyne.CurrentApp().Driver().CanvasForObject(o)
	if c == nil || c.OnTypedKey() == nil {
		return false
	}
	c.OnTypedKey()(e)
	return true
}

// Field is a line of text that leaves function keys and shortcuts to the window.
type Field struct {
	widget.Entry
	Shortcut func(fyne.Shortcut) bool // tells whether the window has taken it; may be nil
}

// NewField makes an empty field.
func NewField(hint string) *Field {
	f := &Field{}
	f.Wrapping, f.Scroll = fyne.TextWrapOff, fyne.ScrollHorizontalOnly
	f.PlaceHolder = hint
	f.ExtendBaseWidget(f)
	return f
}

// MinSize implements fyne.CanvasObject: what is typed does not make the field wider.
func (f *Field) MinSize() fyne.Size {
	s := f.Entry.MinSize()
	return fyne.NewSize(min(s.Width, 80), s.Height)
}

// TypedKey implements fyne.Focusable.
func (f *Field) TypedKey(e *fyne.KeyEvent) {
	if !forward(f, e) {
		f.Entry.TypedKey(e)
	}
}

// TypedShortcut implements fyne.Shortcutable.
func (f *Field) TypedShortcut(s fyne.Shortcut) {
	if f.Shortcut == nil || !f.Shortcut(s) {
		f.Entry.TypedShortcut(s)
	}
}

// List is a list that leaves function keys to the window.
type List struct{ widget.List }

// NewList makes a list without lines between its items.
func NewList(length func() int, create func() fyne.CanvasObject, update func(int, fyne.CanvasObject)) *List {
	l := &List{}
	l.Length, l.CreateItem, l.UpdateItem, l.HideSeparators = length, create, update, true
	l.ExtendBaseWidget(l)
	return l
}

// TypedKey implements fyne.Focusable.
func (l *List) TypedKey(e *fyne.KeyEvent) {
	if !forward(l, e) {
		l.List.TypedKey(e)
	}
}

// Grid is a grid that leaves function keys to the window.
type Grid struct{ widget.GridWrap }

// NewGrid makes a grid.
func NewGrid(length func() int, create func() fyne.CanvasObject, update func(int, fyne.CanvasObject)) *Grid {
	g := &Grid{}
	g.Length, g.CreateItem, g.UpdateItem = length, create, update
	g.ExtendBaseWidget(g)
	return g
}

// TypedKey implements fyne.Focusable.
func (g *Grid) TypedKey(e *fyne.KeyEvent) {
	if !forward(g, e) {
		g.GridWrap.TypedKey(e)
	}
}

// Check is a box to tick that leaves function keys to the window.
type Check struct{ widget.Check }

// NewCheck makes an empty box.
func NewCheck(text string, changed func(bool)) *Check {
	c := &Check{}
	c.Text, c.OnChanged = text, changed
	c.ExtendBaseWidget(c)
	return c
}

// TypedKey implements fyne.Focusable.
func (c *Check) TypedKey(e *fyne.KeyEvent) {
	if !forward(c, e) {
		c.Check.TypedKey(e)
	}
}

// Choice is a list to choose one of a few from, which leaves function keys to the window.
type Choice struct {
	widget.Select
	chosen func(int)
	quiet  bool
}

// NewChoice makes a choice of which nothing is chosen. chosen is told the index of what the user takes.
func NewChoice(hint string, options []string, chosen func(int)) *Choice {
	c := &Choice{chosen: chosen}
	c.Options, c.PlaceHolder = options, hint
	c.OnChanged = func(string) {
		if i := c.SelectedIndex(); i >= 0 && !c.quiet {
			c.chosen(i)
		}
	}
	c.ExtendBaseWidget(c)
	return c
}

// ShowOption makes the choice show an option, or none for a negative index. The user is not taken to have chosen it.
func (c *Choice) ShowOption(i int) {
	if i == c.SelectedIndex() {
		return
	}
	c.quiet = true
	if i < 0 {
		c.ClearSelected()
	} else {
		c.SetSelectedIndex(i)
	}
	c.quiet = false
}

// TypedKey implements fyne.Focusable.
func (c *Choice) TypedKey(e *fyne.KeyEvent) {
	if !forward(c, e) {
		c.Select.TypedKey(e)
	}
}
