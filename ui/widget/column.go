package widget

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"sealdesk/ui/theme"
)

// tall is an object whose height follows from its width.
type tall interface{ HeightFor(width float32) float32 }

// HeightFor returns the height of any object at a width.
func HeightFor(o fyne.CanvasObject, width float32) float32 { return heightFor(o, width) }

// heightFor returns the height of any object at a width.
func heightFor(o fyne.CanvasObject, width float32) float32 {
	if t, ok := o.(tall); ok {
		return t.HeightFor(width)
	}
	if c, ok := o.(*fyne.Container); ok {
		if t, ok := c.Layout.(interface {
			heightFor(objects []fyne.CanvasObject, width float32) float32
		}); ok {
			return t.heightFor(c.Objects, width)
		}
	}
	return o.MinSize().Height
}

// columnLayout puts objects below one another, each as wide as the column.
type columnLayout struct {
	gap, margin float32
	width       float32
}

// NewColumn makes a column with a distance between its objects and a margin around them.
func NewColumn(gap, margin float32, objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(&columnLayout{gap: gap, margin: margin}, objects...)
}

func (c *columnLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	c.width = size.Width
	y := c.margin
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		w := size.Width - 2*c.margin
		h := heightFor(o, w)
		o.Move(fyne.NewPos(c.margin, y))
		o.Resize(fyne.NewSize(w, h))
		y += h + c.gap
	}
}

func (c *columnLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var w float32
	for _, o := range objects {
		if o.Visible() {
			w = max(w, o.MinSize().Width)
		}
	}
	w += 2 * c.margin
	return fyne.NewSize(w, c.heightFor(objects, max(w, c.width)))
}

func (c *columnLayout) heightFor(objects []fyne.CanvasObject, width float32) float32 {
	h, n := 2*c.margin, 0
	for _, o := range objects {
		if o.Visible() {
			h += heightFor(o, width-2*c.margin)
			n++
		}
	}
	return h + c.gap*float32(max(0, n-1))
}

// rowLayout puts objects beside one another at their natural width; the one at grow takes what is left. They stand in the middle of
// the height; beside a paragraph of several lines, what is as low as a line stands in the middle of the first.
type rowLayout struct {
	gap  float32
	grow int
}

// NewRow makes a row. grow is the index of the object that takes the room that is left, -1 for none.
func NewRow(gap float32, grow int, objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(&rowLayout{gap, grow}, objects...)
}

func naturalWidth(o fyne.CanvasObject) float32 {
	if t, ok := o.(*Text); ok {
		return t.NaturalWidth()
	}
	return o.MinSize().Width
}

func (l *rowLayout) widths(objects []fyne.CanvasObject, total float32) []float32 {
	out := make([]float32, len(objects))
	rest, n := total, 0
	for i, o := range objects {
		if !o.Visible() {
			continue
		}
		n++
		if i != l.grow {
			out[i] = naturalWidth(o)
			rest -= out[i]
		}
	}
	rest -= l.gap * float32(max(0, n-1))
	if l.grow >= 0 && l.grow < len(objects) && objects[l.grow].Visible() {
		out[l.grow] = max(0, rest)
	}
	return out
}

func (l *rowLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	x := float32(0)
	widths := l.widths(objects, size.Width)
	for i, w := range widths {
		o := objects[i]
		if !o.Visible() {
			continue
		}
		h := min(size.Height, heightFor(o, w))
		room := l.firstLine(objects, widths, size.Height)
		if h > room+2 {
			room = size.Height
		}
		o.Move(fyne.NewPos(x, float32(int((room-h)/2))))
		o.Resize(fyne.NewSize(w, h))
		x += w + l.gap
	}
}

// firstLine is the height of the first line of the paragraph that grows, where it fills the row; else the whole height.
func (l *rowLayout) firstLine(objects []fyne.CanvasObject, widths []float32, height float32) float32 {
	if l.grow < 0 || l.grow >= len(objects) {
		return height
	}
	o := objects[l.grow]
	if !o.Visible() || heightFor(o, widths[l.grow]) < height {
		return height
	}
	switch t := o.(type) {
	case *Text:
		return t.lineHeight()
	case *Sentence:
		return t.text.lineHeight() + 2*sentencePad
	}
	return height
}

func (l *rowLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var w, h float32
	n := 0
	for i, o := range objects {
		if !o.Visible() {
			continue
		}
		n++
		if i == l.grow {
			w += o.MinSize().Width
		} else {
			w += naturalWidth(o)
		}
		h = max(h, o.MinSize().Height)
	}
	return fyne.NewSize(w+l.gap*float32(max(0, n-1)), h)
}

func (l *rowLayout) heightFor(objects []fyne.CanvasObject, width float32) float32 {
	var h float32
	for i, w := range l.widths(objects, width) {
		if objects[i].Visible() {
			h = max(h, heightFor(objects[i], w))
		}
	}
	return h
}

// NewPane makes a column that scrolls when it is taller than its room.
func NewPane(column *fyne.Container) *fyne.Container {
	return container.New(&paneLayout{}, container.NewVScroll(column))
}

// paneLayout tells the column its width before the scroll asks for its height.
type paneLayout struct{}

func (p *paneLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	s := objects[0].(*container.Scroll)
	column := s.Content.(*fyne.Container)
	if l, ok := column.Layout.(*columnLayout); ok {
		l.width = size.Width
	}
	s.Resize(size)
	s.Move(fyne.NewPos(0, 0))
	s.Refresh()
}

func (p *paneLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(60, 60) }

// Gap returns n units of the grid.
func Gap(n float32) float32 { return n * theme.Grid }
