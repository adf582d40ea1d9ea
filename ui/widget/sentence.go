package widget

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"sealdesk/ui/theme"
)

// Sentence is a paragraph that leads to a place: it can be tapped and reached with the keyboard, and one of its group is chosen.
type Sentence struct {
	widget.BaseWidget
	lead   *Text // a number in front; may be empty
	text   *Text
	tapped func()

	chosen, hovered, focused bool
}

var (
	_ fyne.Tappable      = (*Sentence)(nil)
	_ fyne.Focusable     = (*Sentence)(nil)
	_ desktop.Hoverable  = (*Sentence)(nil)
	_ desktop.Cursorable = (*Sentence)(nil)
)

// NewSentence makes a sentence with something short in front of it.
func NewSentence(lead, text string, ink Ink, tapped func()) *Sentence {
	s := &Sentence{lead: NewText(lead, ink), text: NewText(text, Plain), tapped: tapped}
	s.ExtendBaseWidget(s)
	return s
}

// String returns the text.
func (s *Sentence) String() string { return s.text.String() }

// SetChosen marks the sentence as the one of its group.
func (s *Sentence) SetChosen(chosen bool) {
	if s.chosen != chosen {
		s.chosen = chosen
		s.Refresh()
	}
}

// Chosen tells whether it is the one of its group.
func (s *Sentence) Chosen() bool { return s.chosen }

// Tapped implements fyne.Tappable.
func (s *Sentence) Tapped(*fyne.PointEvent) { s.tapped() }

// FocusGained implements fyne.Focusable.
func (s *Sentence) FocusGained() { s.focused = true; s.Refresh() }

// FocusLost implements fyne.Focusable.
func (s *Sentence) FocusLost() { s.focused = false; s.Refresh() }

// TypedRune implements fyne.Focusable.
func (s *Sentence) TypedRune(rune) {}

// TypedKey implements fyne.Focusable.
func (s *Sentence) TypedKey(e *fyne.KeyEvent) {
	if e.Name == fyne.KeySpace || e.Name == fyne.KeyReturn || e.Name == fyne.KeyEnter {
		s.tapped()
		return
	}
	forward(s, e)
}

// MouseIn implements desktop.Hoverable.
func (s *Sentence) MouseIn(*desktop.MouseEvent) { s.hovered = true; s.Refresh() }

// MouseMoved implements desktop.Hoverable.
func (s *Sentence) MouseMoved(*desktop.MouseEvent) {}

// MouseOut implements desktop.Hoverable.
func (s *Sentence) MouseOut() { s.hovered = false; s.Refresh() }

// Cursor implements desktop.Cursorable.
func (s *Sentence) Cursor() desktop.Cursor { return desktop.PointerCursor }

// The room around the words, and the place of the text behind the number.
const (
	sentencePad  = 4
	sentenceLead = 1.7 // of the size of the text
)

func (s *Sentence) indent() float32 {
	if s.lead.String() == "" {
		return 0
	}
	return max(s.lead.NaturalWidth()+4, theme.Text()*sentenceLead)
}

// HeightFor returns the height at a width.
func (s *Sentence) HeightFor(width float32) float32 {
	return s.text.HeightFor(width-2*sentencePad-s.indent()) + 2*sentencePad
}

// MinSize implements fyne.CanvasObject.
func (s *Sentence) MinSize() fyne.Size {
	return s.text.MinSize().AddWidthHeight(2*sentencePad+s.indent(), 2*sentencePad)
}

// CreateRenderer implements fyne.Widget.
func (s *Sentence) CreateRenderer() fyne.WidgetRenderer {
	r := &sentenceRenderer{s: s, ground: canvas.NewRectangle(color.Transparent)}
	r.ground.CornerRadius = 6
	r.Refresh()
	return r
}

type sentenceRenderer struct {
	s      *Sentence
	ground *canvas.Rectangle
}

func (r *sentenceRenderer) Layout(size fyne.Size) {
	s, in := r.s, r.s.indent()
	r.ground.Resize(size)
	s.lead.Move(fyne.NewPos(sentencePad, sentencePad))
	s.lead.Resize(fyne.NewSize(in, s.lead.HeightFor(in)))
	s.text.Move(fyne.NewPos(sentencePad+in, sentencePad))
	s.text.Resize(fyne.NewSize(size.Width-2*sentencePad-in, size.Height-2*sentencePad))
}

func (r *sentenceRenderer) Refresh() {
	k := theme.Now()
	fill, edge, width := color.NRGBA{}, color.NRGBA{}, float32(1)
	switch s := r.s; {
	case s.chosen:
		fill, edge = k.Chosen, k.Indigo
	case s.hovered:
		fill = k.Hover
	}
	if r.s.focused {
		edge, width = k.Indigo, 2
	}
	r.ground.FillColor, r.ground.StrokeColor, r.ground.StrokeWidth = fill, edge, width
	r.ground.Refresh()
	r.s.lead.Refresh()
	r.s.text.Refresh()
}

func (r *sentenceRenderer) MinSize() fyne.Size { return r.s.MinSize() }
func (r *sentenceRenderer) Destroy()           {}

func (r *sentenceRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.ground, r.s.lead, r.s.text}
}
