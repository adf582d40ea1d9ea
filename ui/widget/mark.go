package widget

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"sealdesk/ui/theme"
)

// Mark is a shape in a colour, the size of a text.
type Mark struct {
	widget.BaseWidget
	shape theme.Shape
	ink   Ink
	size  func() float32
}

// NewMark makes a shape beside running text.
func NewMark(shape theme.Shape, ink Ink) *Mark { return newMark(shape, ink, theme.Text) }

// NewLargeMark makes a shape beside a title.
func NewLargeMark(shape theme.Shape, ink Ink) *Mark { return newMark(shape, ink, theme.Title) }

func newMark(shape theme.Shape, ink Ink, size func() float32) *Mark {
	m := &Mark{shape: shape, ink: ink, size: size}
	m.ExtendBaseWidget(m)
	return m
}

// Set changes shape and colour.
func (m *Mark) Set(shape theme.Shape, ink Ink) {
	m.shape, m.ink = shape, ink
	m.Refresh()
}

// Shape returns the shape.
func (m *Mark) Shape() theme.Shape { return m.shape }

// MinSize implements fyne.CanvasObject.
func (m *Mark) MinSize() fyne.Size { return fyne.NewSquareSize(m.size() + 4) }

// CreateRenderer implements fyne.Widget.
func (m *Mark) CreateRenderer() fyne.WidgetRenderer {
	img := &canvas.Image{FillMode: canvas.ImageFillContain}
	r := &markRenderer{m: m, image: img}
	r.Refresh()
	return r
}

type markRenderer struct {
	m     *Mark
	image *canvas.Image
	name  string
}

func (r *markRenderer) Layout(s fyne.Size) { r.image.Resize(s) }
func (r *markRenderer) MinSize() fyne.Size { return r.m.MinSize() }
func (r *markRenderer) Destroy()           {}

func (r *markRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.image} }

func (r *markRenderer) Refresh() {
	res := r.m.shape.Resource(r.m.ink(theme.Now()))
	if res.Name() != r.name {
		r.name, r.image.Resource = res.Name(), res
		r.image.Refresh()
	}
}

// Ground is a coloured ground behind an object.
type Ground struct {
	widget.BaseWidget
	ink   Ink
	frame Ink
	under fyne.CanvasObject
}

// The grounds of the window.
var (
	PaperGround Ink = func(t theme.Tokens) color.NRGBA { return t.Paper }
	DeskGround  Ink = func(t theme.Tokens) color.NRGBA { return t.Desk }
	LineInk     Ink = func(t theme.Tokens) color.NRGBA { return t.Line }
	EdgeInk     Ink = func(t theme.Tokens) color.NRGBA { return t.Edge }
)

// NewGround lays an object on a ground; frame may be nil.
func NewGround(ground, frame Ink, o fyne.CanvasObject) *Ground {
	g := &Ground{ink: ground, frame: frame, under: o}
	g.ExtendBaseWidget(g)
	return g
}

// NewRule makes a thin line.
func NewRule() *Ground { return NewGround(LineInk, nil, nil) }

// HeightFor returns the height at a width.
func (g *Ground) HeightFor(width float32) float32 {
	if g.under == nil {
		return 1
	}
	return heightFor(g.under, width)
}

// MinSize implements fyne.CanvasObject.
func (g *Ground) MinSize() fyne.Size {
	if g.under == nil {
		return fyne.NewSize(1, 1)
	}
	return g.under.MinSize()
}

// CreateRenderer implements fyne.Widget.
func (g *Ground) CreateRenderer() fyne.WidgetRenderer {
	r := &groundRenderer{g: g, rect: canvas.NewRectangle(color.Transparent)}
	r.Refresh()
	return r
}

type groundRenderer struct {
	g    *Ground
	rect *canvas.Rectangle
}

func (r *groundRenderer) Layout(s fyne.Size) {
	r.rect.Resize(s)
	if r.g.under != nil {
		r.g.under.Resize(s)
	}
}

func (r *groundRenderer) MinSize() fyne.Size { return r.g.MinSize() }
func (r *groundRenderer) Destroy()           {}

func (r *groundRenderer) Objects() []fyne.CanvasObject {
	if r.g.under == nil {
		return []fyne.CanvasObject{r.rect}
	}
	return []fyne.CanvasObject{r.rect, r.g.under}
}

func (r *groundRenderer) Refresh() {
	k := theme.Now()
	r.rect.FillColor = r.g.ink(k)
	if r.g.frame != nil {
		r.rect.StrokeColor, r.rect.StrokeWidth, r.rect.CornerRadius = r.g.frame(k), 1, 6
	}
	r.rect.Refresh()
	if r.g.under != nil {
		r.Layout(r.g.Size())
		r.g.under.Refresh()
	}
}
