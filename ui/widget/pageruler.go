package widget

import (
	"image/color"
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"sealdesk/ui/theme"
)

// pageRenderer lays out the page and the rulers at its edges.
type pageRenderer struct {
	v        *PageView
	desk     *canvas.Rectangle
	top      *canvas.Rectangle
	left     *canvas.Rectangle
	lines    []*canvas.Line
	numbers  []*canvas.Text
	lastSize fyne.Size
}

func newPageRenderer(v *PageView) *pageRenderer {
	return &pageRenderer{v: v, desk: canvas.NewRectangle(color.Transparent), top: canvas.NewRectangle(color.Transparent), left: canvas.NewRectangle(color.Transparent)}
}

func (r *pageRenderer) margin() float32 {
	if r.v.ruler && r.v.src != nil {
		return rulerWidth
	}
	return 0
}

func (r *pageRenderer) Layout(s fyne.Size) {
	m := r.margin()
	r.desk.Resize(s)
	r.v.scroll.Move(fyne.NewPos(m, m))
	r.v.scroll.Resize(s.SubtractWidthHeight(m, m))
	r.top.Resize(fyne.NewSize(s.Width, m))
	r.left.Resize(fyne.NewSize(m, s.Height))
	if r.lastSize != s {
		r.lastSize = s
		r.v.draw()
		r.v.scroll.Refresh()
		if r.v.fit != FitNone { // it follows from the room
			r.v.tellZoom()
		}
	}
	r.rule()
}

// rule draws a tick for every centimetre and a number for every second one.
func (r *pageRenderer) rule() {
	r.lines, r.numbers = r.lines[:0], r.numbers[:0]
	if r.margin() == 0 {
		return
	}
	v := r.v
	o, scale, off := v.origin(), float32(v.scale()), v.scroll.Offset
	room := v.scroll.Size()
	step := 20
	if scale*10 > 40 {
		step = 10
	}
	for mm := 0; mm <= int(v.size.W); mm += 5 {
		if x := o.X + float32(mm)*scale - off.X; x >= 0 && x <= room.Width {
			r.tick(mm, step, rulerWidth+x, true)
		}
	}
	for mm := 0; mm <= int(v.size.H); mm += 5 {
		if y := o.Y + float32(mm)*scale - off.Y; y >= 0 && y <= room.Height {
			r.tick(mm, step, rulerWidth+y, false)
		}
	}
}

func (r *pageRenderer) tick(mm, step int, at float32, across bool) {
	k := theme.Now()
	length := float32(4)
	if mm%10 == 0 {
		length = 7
	}
	line := canvas.NewLine(k.Faint)
	line.StrokeWidth = 1
	from, to := fyne.NewPos(at, rulerWidth-length), fyne.NewPos(at, rulerWidth)
	if !across {
		from, to = fyne.NewPos(rulerWidth-length, at), fyne.NewPos(rulerWidth, at)
	}
	line.Position1, line.Position2 = from, to
	r.lines = append(r.lines, line)
	if mm%step != 0 {
		return
	}
	n := canvas.NewText(strconv.Itoa(mm), k.Faint)
	n.TextSize = 9
	size := n.MinSize()
	n.Move(fyne.NewPos(at-size.Width/2, 0))
	if !across {
		n.Move(fyne.NewPos(rulerWidth-8-size.Width, at-size.Height/2))
	}
	n.Resize(size)
	r.numbers = append(r.numbers, n)
}

func (r *pageRenderer) MinSize() fyne.Size { return r.v.MinSize() }

func (r *pageRenderer) Objects() []fyne.CanvasObject {
	out := []fyne.CanvasObject{r.desk, r.v.scroll, r.top, r.left}
	for _, l := range r.lines {
		out = append(out, l)
	}
	for _, n := range r.numbers {
		out = append(out, n)
	}
	return out
}

func (r *pageRenderer) Refresh() {
	k := theme.Now()
	r.desk.FillColor, r.top.FillColor, r.left.FillColor = k.Desk, k.Paper, k.Paper
	r.Layout(r.v.Size())
	r.desk.Refresh()
	r.top.Refresh()
	r.left.Refresh()
	r.v.sheet.Refresh()
}

func (r *pageRenderer) Destroy() {}
