package widget

import (
	"image"
	"image/color"
	"math"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"sealdesk/ui/theme"
)

// sheet is what scrolls inside a PageView: the page and all that lies on it.
type sheet struct {
	widget.BaseWidget
	v       *PageView
	drag    *PageMark // the mark that is being moved
	panning bool
	focused bool
	hovered int // index of the framed part under the pointer plus one; 0: none
}

func newSheet(v *PageView) *sheet {
	s := &sheet{v: v}
	s.ExtendBaseWidget(s)
	return s
}

// MinSize implements fyne.CanvasObject.
func (s *sheet) MinSize() fyne.Size {
	if s.v.src == nil {
		return fyne.NewSize(1, 1)
	}
	scale := s.v.scale()
	return fyne.NewSize(float32(s.v.size.W*scale)+2*pageMargin, float32(s.v.size.H*scale)+2*pageMargin)
}

// CreateRenderer implements fyne.Widget.
func (s *sheet) CreateRenderer() fyne.WidgetRenderer {
	r := &sheetRenderer{s: s, page: canvas.NewRectangle(color.White), ring: canvas.NewRectangle(color.Transparent), picture: &canvas.Image{FillMode: canvas.ImageFillStretch},
		failed: NewSmall(s.v.failed, Faint).Centred()}
	r.Refresh()
	return r
}

type sheetRenderer struct {
	s       *sheet
	page    *canvas.Rectangle
	ring    *canvas.Rectangle
	picture *canvas.Image
	failed  *Text
	above   []fyne.CanvasObject
}

func (r *sheetRenderer) MinSize() fyne.Size { return r.s.MinSize() }
func (r *sheetRenderer) Destroy()           {}

func (r *sheetRenderer) Objects() []fyne.CanvasObject {
	if r.s.v.src == nil {
		return nil
	}
	out := []fyne.CanvasObject{r.page, r.failed, r.picture, r.ring}
	return append(out, r.above...)
}

func (r *sheetRenderer) Layout(fyne.Size) {
	v := r.s.v
	o, scale := v.origin(), v.scale()
	size := fyne.NewSize(float32(v.size.W*scale), float32(v.size.H*scale))
	if p := v.shown; p != nil && p.Image != nil && math.Abs(p.PPM-v.scale()*v.pixels()) < 1e-9 {
		px := float32(v.pixels())
		size = fyne.NewSize(float32(p.Image.Rect.Dx())/px, float32(p.Image.Rect.Dy())/px)
	}
	for _, obj := range []fyne.CanvasObject{r.page, r.picture} {
		obj.Move(o)
		obj.Resize(size)
	}
	r.ring.Move(o.SubtractXY(3, 3))
	r.ring.Resize(size.AddWidthHeight(6, 6))
	r.failed.Move(o.AddXY(20, size.Height/2))
	r.failed.Resize(fyne.NewSize(max(10, size.Width-40), r.failed.HeightFor(size.Width-40)))
	r.overlay(o, float32(scale))
}

func (r *sheetRenderer) Refresh() {
	v := r.s.v
	k := theme.Now()
	r.page.FillColor, r.page.StrokeColor, r.page.StrokeWidth = k.Page, k.Line, 1
	r.ring.StrokeColor, r.ring.StrokeWidth, r.ring.CornerRadius = color.Transparent, 2, 3
	if r.s.focused {
		r.ring.StrokeColor = k.Indigo
	}
	r.failed.Hidden = true
	r.picture.Hidden = v.shown == nil || v.shown.Image == nil
	if v.shown != nil && v.shown.Err != nil {
		r.failed.Hidden = false
	}
	if !r.picture.Hidden && r.picture.Image != image.Image(v.shown.Image) {
		r.picture.Image = v.shown.Image
		r.picture.ScaleMode = canvas.ImageScaleSmooth
		r.picture.Refresh()
	}
	r.Layout(r.s.Size())
	r.page.Refresh()
	r.ring.Refresh()
	canvas.Refresh(r.s)
}

// overlay makes the marks and frames of the page shown.
func (r *sheetRenderer) overlay(o fyne.Position, scale float32) {
	v := r.s.v
	r.above = r.above[:0]
	for _, g := range v.regions {
		if g.Page == v.page {
			g = v.onPage(g)
			width := float32(2)
			if g.Chosen {
				width = 3
			}
			r.frame(o, scale, g.X, g.Y, g.W, g.H, g.Frame, g.Filled, g.Label, width)
		}
	}
	marks := v.marks
	if v.ghost != nil {
		marks = append(marks[:len(marks):len(marks)], *v.ghost)
	}
	for _, m := range marks {
		if r.s.drag != nil && m.ID == r.s.drag.ID {
			m = *r.s.drag
			m.X, m.Y = v.rest(m)
		}
		if m.Page != v.page || v.ghost != nil && v.ghost.Instead == m.ID && m.ID != "" {
			continue
		}
		if m.Picture != nil {
			r.seal(o, m)
		}
		if m.ID == v.selected && m.ID != "" {
			r.frame(o, scale, m.X-m.W/2, m.Y-m.H/2, m.W, m.H, Link, false, "", 2)
		}
		if m.Frame != nil {
			r.frame(o, scale, m.X-m.W/2, m.Y-m.H/2, m.W, m.H, m.Frame, false, m.Label, 1.5)
		}
		if r.s.drag != nil && m.ID == r.s.drag.ID || m.ID == ghostID {
			r.hairlines(o, scale, m)
		}
	}
	r.tell(o, scale)
}

// ghostID is the mark that is being dragged onto the page.
const ghostID = "\x00ghost"

// seal draws a seal at its true size, multiplied onto the page, on whole pixels.
func (r *sheetRenderer) seal(o fyne.Position, m PageMark) {
	v := r.s.v
	px := v.pixels()
	ppm := v.scale() * px
	w, h := int(math.Round(m.W*ppm)), int(math.Round(m.H*ppm))
	if w < 1 || h < 1 || w > 4000 || h > 4000 {
		return
	}
	key := sealKey{m.Picture, w, h}
	seal := v.seals[key]
	if seal == nil {
		if len(v.seals) > 16 {
			clear(v.seals)
		}
		seal = scaled(m.Picture, w, h)
		v.seals[key] = seal
	}
	at := image.Pt(int(math.Round((m.X-m.W/2)*ppm)), int(math.Round((m.Y-m.H/2)*ppm)))
	var img image.Image = seal
	if p := v.shown; p != nil && p.Image != nil && math.Abs(p.PPM-ppm) < 1e-9 {
		img = multiply(p.Image, seal, at)
	}
	c := canvas.NewImageFromImage(img)
	c.ScaleMode = canvas.ImageScalePixels
	c.Move(o.AddXY(float32(float64(at.X)/px), float32(float64(at.Y)/px)))
	c.Resize(fyne.NewSize(float32(float64(w)/px), float32(float64(h)/px)))
	r.above = append(r.above, c)
}

func (r *sheetRenderer) frame(o fyne.Position, scale float32, x, y, w, h float64, ink Ink, filled bool, label string, width float32) {
	k := theme.Now()
	box := canvas.NewRectangle(color.Transparent)
	box.StrokeColor, box.StrokeWidth = ink(k), width
	if filled {
		box.FillColor = k.ChangedArea
	}
	at := o.AddXY(float32(x)*scale, float32(y)*scale)
	box.Move(at.SubtractXY(2, 2))
	box.Resize(fyne.NewSize(float32(w)*scale+4, float32(h)*scale+4))
	r.above = append(r.above, box)
	if label == "" {
		return
	}
	text := canvas.NewText(label, k.Paper)
	text.TextSize = theme.Small()
	size := text.MinSize()
	ground := canvas.NewRectangle(ink(k))
	ground.CornerRadius = 3
	place := at.SubtractXY(2, size.Height+4)
	if place.Y < 0 {
		if place = at.AddXY(-2, float32(h)*scale+4); place.Y+size.Height > r.s.Size().Height {
			place = at.SubtractXY(2, 2) // a frame as high as the page
		}
	}
	place.X = max(0, min(place.X, r.s.Size().Width-size.Width-10))
	ground.Move(place)
	ground.Resize(size.AddWidthHeight(10, 0))
	text.Move(place.AddXY(5, 0))
	text.Resize(size)
	r.above = append(r.above, ground, text)
}

// hairlines show where the centre of a moved mark is, in millimetres.
func (r *sheetRenderer) hairlines(o fyne.Position, scale float32, m PageMark) {
	k := theme.Now()
	v := r.s.v
	x, y := o.X+float32(m.X)*scale, o.Y+float32(m.Y)*scale
	across, down := canvas.NewLine(k.Indigo), canvas.NewLine(k.Indigo)
	across.Position1, across.Position2 = fyne.NewPos(o.X, y), fyne.NewPos(o.X+float32(v.size.W)*scale, y)
	down.Position1, down.Position2 = fyne.NewPos(x, o.Y), fyne.NewPos(x, o.Y+float32(v.size.H)*scale)
	across.StrokeWidth, down.StrokeWidth = 1, 1
	label := canvas.NewText("X "+Millimetres(m.X)+"  Y "+Millimetres(m.Y)+" mm", k.Indigo)
	label.TextSize = theme.Small()
	size := label.MinSize()
	at := fyne.NewPos(x+float32(m.W/2)*scale+8, y-size.Height-6) // beside the seal, which would hide it
	if at.X+size.Width+8 > r.s.Size().Width {
		at.X = x - float32(m.W/2)*scale - size.Width - 16
	}
	ground := canvas.NewRectangle(k.Paper)
	ground.StrokeColor, ground.StrokeWidth, ground.CornerRadius = k.Indigo, 1, 3
	ground.Move(at)
	ground.Resize(size.AddWidthHeight(8, 2))
	label.Move(at.AddXY(4, 1))
	label.Resize(size)
	r.above = append(r.above, across, down, ground, label)
}
