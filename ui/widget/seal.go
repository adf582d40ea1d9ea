package widget

import (
	"image"
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"sealdesk/ui/theme"
)

// SealPicture shows a seal on white, chosen or not. It can be dragged onto a page.
type SealPicture struct {
	widget.BaseWidget
	OnTapped  func()
	OnDragged func(window fyne.Position)
	OnDropped func(window fyne.Position)

	picture image.Image
	side    float32
	chosen  bool
	focused bool
	last    fyne.Position
}

var (
	_ fyne.Tappable      = (*SealPicture)(nil)
	_ fyne.Draggable     = (*SealPicture)(nil)
	_ fyne.Focusable     = (*SealPicture)(nil)
	_ desktop.Cursorable = (*SealPicture)(nil)
)

// NewSealPicture makes a picture with sides of a length. A nil picture shows an empty ring.
func NewSealPicture(picture image.Image, side float32) *SealPicture {
	s := &SealPicture{picture: picture, side: side}
	s.ExtendBaseWidget(s)
	return s
}

// NewTrueSeal makes a picture at its true size in millimetres on a screen of 96 dpi.
func NewTrueSeal(picture image.Image, widthMM float64) *SealPicture {
	return NewSealPicture(picture, float32(widthMM*unitsPerMM))
}

// SetChosen marks the seal that will be used.
func (s *SealPicture) SetChosen(on bool) {
	if s.chosen != on {
		s.chosen = on
		s.Refresh()
	}
}

// Tapped implements fyne.Tappable.
func (s *SealPicture) Tapped(*fyne.PointEvent) {
	if s.OnTapped != nil {
		s.OnTapped()
	}
}

// Dragged implements fyne.Draggable.
func (s *SealPicture) Dragged(e *fyne.DragEvent) {
	s.last = e.AbsolutePosition
	if s.OnDragged != nil {
		s.OnDragged(s.last)
	}
}

// DragEnd implements fyne.Draggable.
func (s *SealPicture) DragEnd() {
	if s.OnDropped != nil {
		s.OnDropped(s.last)
	}
}

// FocusGained implements fyne.Focusable.
func (s *SealPicture) FocusGained() { s.focused = true; s.Refresh() }

// FocusLost implements fyne.Focusable.
func (s *SealPicture) FocusLost() { s.focused = false; s.Refresh() }

// TypedRune implements fyne.Focusable.
func (s *SealPicture) TypedRune(rune) {}

// TypedKey implements fyne.Focusable.
func (s *SealPicture) TypedKey(e *fyne.KeyEvent) {
	if e.Name == fyne.KeySpace || e.Name == fyne.KeyReturn {
		s.Tapped(nil)
		return
	}
	forward(s, e)
}

// Cursor implements desktop.Cursorable.
func (s *SealPicture) Cursor() desktop.Cursor {
	if s.OnDropped == nil {
		return desktop.DefaultCursor
	}
	return desktop.PointerCursor
}

// MinSize implements fyne.CanvasObject.
func (s *SealPicture) MinSize() fyne.Size { return fyne.NewSquareSize(s.side) }

// CreateRenderer implements fyne.Widget.
func (s *SealPicture) CreateRenderer() fyne.WidgetRenderer {
	r := &sealRenderer{s: s, ground: canvas.NewRectangle(color.White), image: &canvas.Image{FillMode: canvas.ImageFillContain, ScaleMode: canvas.ImageScaleSmooth}}
	r.ground.CornerRadius = 6
	r.Refresh()
	return r
}

type sealRenderer struct {
	s      *SealPicture
	ground *canvas.Rectangle
	image  *canvas.Image
	drawn  image.Image
}

func (r *sealRenderer) Layout(size fyne.Size) {
	side := min(size.Width, size.Height)
	at := fyne.NewPos(0, (size.Height-side)/2)
	r.ground.Move(at)
	r.ground.Resize(fyne.NewSquareSize(side))
	r.image.Move(at.AddXY(5, 5))
	r.image.Resize(fyne.NewSquareSize(side - 10))
}

func (r *sealRenderer) Refresh() {
	k := theme.Now()
	r.ground.FillColor, r.ground.StrokeColor, r.ground.StrokeWidth = k.Page, k.Line, 1
	if r.s.chosen {
		r.ground.StrokeColor, r.ground.StrokeWidth = k.Indigo, 2
	}
	if r.s.focused {
		r.ground.StrokeColor, r.ground.StrokeWidth = k.Indigo, 3
	}
	if r.s.picture != r.drawn {
		r.drawn = r.s.picture
		// A picture of 600 dpi is made small once, smoothly; the painter alone would drop pixels.
		side := int(r.s.side * 2)
		r.image.Image = scaled(r.s.picture, side, side)
	}
	r.Layout(r.s.Size())
	r.ground.Refresh()
	r.image.Refresh()
}

func (r *sealRenderer) MinSize() fyne.Size { return r.s.MinSize() }
func (r *sealRenderer) Destroy()           {}

func (r *sealRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.ground, r.image}
}
