package widget

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"sealdesk/ui/theme"
)

// Look says how much a button asks for attention.
type Look int

// The looks of buttons.
const (
	LookOutline Look = iota // a thin frame
	LookQuiet               // text only
	LookAccent              // the next step
	LookSeal                // 完成签章, nothing else
	LookChoice              // one of several, chosen or not
	LookRail                // a screen in the rail
)

// Button is a flat button with a focus ring that is always visible.
type Button struct {
	widget.DisableableWidget
	text   string
	hint   string // a key, shown faint at the end
	shape  theme.Shape
	look   Look
	chosen bool
	tapped func()

	hovered, focused bool
}

var (
	_ fyne.Tappable     = (*Button)(nil)
	_ fyne.Focusable    = (*Button)(nil)
	_ desktop.Hoverable = (*Button)(nil)
)

// NewButton makes a button.
func NewButton(text string, look Look, tapped func()) *Button {
	b := &Button{text: text, look: look, tapped: tapped}
	b.ExtendBaseWidget(b)
	return b
}

// NewShapeButton makes a button with a shape instead of a text.
func NewShapeButton(shape theme.Shape, tapped func()) *Button {
	b := NewButton("", LookQuiet, tapped)
	b.shape = shape
	return b
}

// WithHint shows the key that does the same.
func (b *Button) WithHint(key string) *Button {
	b.hint = key
	return b
}

// SetText changes the text.
func (b *Button) SetText(text string) {
	if b.text != text {
		b.text = text
		b.Refresh()
	}
}

// Text returns the text.
func (b *Button) Text() string { return b.text }

// SetChosen marks the button as the one of its group.
func (b *Button) SetChosen(chosen bool) {
	if b.chosen != chosen {
		b.chosen = chosen
		b.Refresh()
	}
}

// SetEnabled switches the button on or off.
func (b *Button) SetEnabled(on bool) {
	if on == !b.Disabled() {
		return
	}
	if on {
		b.Enable()
	} else {
		b.Disable()
	}
}

// Tapped implements fyne.Tappable.
func (b *Button) Tapped(*fyne.PointEvent) {
	if !b.Disabled() && b.tapped != nil {
		b.tapped()
	}
}

// FocusGained implements fyne.Focusable.
func (b *Button) FocusGained() { b.focused = true; b.Refresh() }

// FocusLost implements fyne.Focusable.
func (b *Button) FocusLost() { b.focused = false; b.Refresh() }

// TypedRune implements fyne.Focusable.
func (b *Button) TypedRune(rune) {}

// TypedKey implements fyne.Focusable.
func (b *Button) TypedKey(e *fyne.KeyEvent) {
	if e.Name == fyne.KeySpace || e.Name == fyne.KeyReturn || e.Name == fyne.KeyEnter {
		b.Tapped(nil)
		return
	}
	toWindow(b, e)
}

// MouseIn implements desktop.Hoverable.
func (b *Button) MouseIn(*desktop.MouseEvent) { b.hovered = true; b.Refresh() }

// MouseMoved implements desktop.Hoverable.
func (b *Button) MouseMoved(*desktop.MouseEvent) {}

// MouseOut implements desktop.Hoverable.
func (b *Button) MouseOut() { b.hovered = false; b.Refresh() }

// Cursor implements desktop.Cursorable.
func (b *Button) Cursor() desktop.Cursor {
	if b.Disabled() {
		return desktop.DefaultCursor
	}
	return desktop.PointerCursor
}

// CreateRenderer implements fyne.Widget.
func (b *Button) CreateRenderer() fyne.WidgetRenderer {
	r := &buttonRenderer{b: b, ground: canvas.NewRectangle(color.Transparent), ring: canvas.NewRectangle(color.Transparent),
		text: canvas.NewText("", color.Black), hint: canvas.NewText("", color.Black), shape: &canvas.Image{FillMode: canvas.ImageFillContain}}
	r.ground.CornerRadius, r.ring.CornerRadius = 6, 6
	r.Refresh()
	return r
}

type buttonRenderer struct {
	b            *Button
	ground, ring *canvas.Rectangle
	text, hint   *canvas.Text
	shape        *canvas.Image
}

// colours are ground, frame and text of a button in its state.
func (b *Button) colours() (ground, frame, text color.NRGBA) {
	k := theme.Now()
	none := color.NRGBA{}
	switch {
	case b.look == LookSeal && !b.Disabled():
		return k.Cinnabar, none, k.OnAccent
	case b.look == LookAccent && !b.Disabled():
		return k.Indigo, none, k.OnAccent
	case b.Disabled():
		ground, frame, text = none, k.Edge, k.Faint
	case b.chosen:
		ground, frame, text = k.Chosen, k.Indigo, k.Ink
	default:
		ground, frame, text = none, k.Edge, k.Ink
	}
	if b.look == LookQuiet || b.look == LookRail {
		frame = none
	}
	if b.look == LookQuiet && !b.Disabled() {
		text = k.Indigo
	}
	if b.hovered && !b.chosen && !b.Disabled() {
		ground = k.Hover
	}
	return ground, frame, text
}

func (r *buttonRenderer) Refresh() {
	b := r.b
	ground, frame, text := b.colours()
	r.ground.FillColor, r.ground.StrokeColor, r.ground.StrokeWidth = ground, frame, 1
	r.ring.StrokeColor, r.ring.StrokeWidth = color.Transparent, 2
	if b.focused {
		r.ring.StrokeColor = theme.Now().Indigo
	}
	r.text.Text, r.text.Color, r.text.TextSize = b.text, text, theme.Text()
	faint := theme.Now().Faint
	if b.look == LookSeal || b.look == LookAccent {
		faint = text
	}
	r.hint.Text, r.hint.Color, r.hint.TextSize = b.hint, faint, theme.Small()
	r.shape.Hidden = b.shape == ""
	if b.shape != "" {
		r.shape.Resource = b.shape.Resource(text)
	}
	r.Layout(b.Size())
	for _, o := range r.Objects() {
		o.Refresh()
	}
}

func (r *buttonRenderer) Layout(s fyne.Size) {
	r.ground.Resize(s)
	r.ring.Move(fyne.NewPos(-2, -2))
	r.ring.Resize(s.AddWidthHeight(4, 4))
	text, hint := r.text.MinSize(), r.hint.MinSize()
	y := func(h float32) float32 { return float32(int((s.Height - h) / 2)) }
	left := float32(12)
	if r.b.look != LookRail && r.b.hint == "" {
		left = float32(int((s.Width - text.Width) / 2))
	}
	if r.b.hint != "" && r.b.look != LookRail {
		left = float32(int((s.Width - text.Width - hint.Width - 8) / 2))
	}
	r.text.Move(fyne.NewPos(left, y(text.Height)))
	right := s.Width - hint.Width - 10
	if r.b.look != LookRail {
		right = left + text.Width + 8
	}
	r.hint.Move(fyne.NewPos(right, y(hint.Height)))
	side := theme.Text() + 2
	r.shape.Resize(fyne.NewSize(side, side))
	r.shape.Move(fyne.NewPos((s.Width-side)/2, (s.Height-side)/2))
}

func (r *buttonRenderer) MinSize() fyne.Size {
	text := fyne.MeasureText(r.b.text, theme.Text(), fyne.TextStyle{})
	w := text.Width + 24
	if r.b.hint != "" {
		w += fyne.MeasureText(r.b.hint, theme.Small(), fyne.TextStyle{}).Width + 8
	}
	if r.b.shape != "" {
		w = theme.Text() + 18
	}
	return fyne.NewSize(float32(int(w+0.999)), float32(int(theme.Text()*2+4)))
}

func (r *buttonRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.ground, r.shape, r.text, r.hint, r.ring}
}

func (r *buttonRenderer) Destroy() {}
