package pdfseal

import (
	"bytes"
	"fmt"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

// boxStyle is what stands around the contents of a widget: background and border, and how it is turned (ISO 32000-2, 12.5.6.19).
type boxStyle struct {
	w, h       float64 // of the upright widget
	matrix     types.Array
	width      float64 // of the border line
	kind       types.Name
	dash       []float64
	border     string // operators that set the stroke colour, "" for no border
	background string // operators that set the fill colour, "" for none
}

// box reads the style of a widget.
func (w *fieldWidget) box() (boxStyle, error) {
	s := boxStyle{w: w.rect[2] - w.rect[0], h: w.rect[3] - w.rect[1], width: 1, kind: "S"}
	mk, err := w.dict("MK")
	if err != nil {
		return s, err
	}
	back, err := w.numbers(mk["BG"])
	if err != nil {
		return s, err
	}
	line, err := w.numbers(mk["BC"])
	if err != nil {
		return s, err
	}
	s.background, s.border = colorOf(back, "g", "rg", "k"), colorOf(line, "G", "RG", "K")
	turn, err := w.view.Resolve(mk["R"])
	if err != nil {
		return s, err
	}
	n, _ := turn.(types.Integer)
	s.rotate(int(n))
	return s, w.borderStyle(&s)
}

// rotate turns the widget counterclockwise by a multiple of 90 degrees.
func (s *boxStyle) rotate(degrees int) {
	w, h := types.Float(round4(s.w)), types.Float(round4(s.h))
	i := func(n int) types.Integer { return types.Integer(n) }
	switch (degrees%360 + 360) % 360 {
	case 90:
		s.matrix = types.Array{i(0), i(1), i(-1), i(0), w, i(0)}
		s.w, s.h = s.h, s.w
	case 180:
		s.matrix = types.Array{i(-1), i(0), i(0), i(-1), w, h}
	case 270:
		s.matrix = types.Array{i(0), i(-1), i(1), i(0), i(0), h}
		s.w, s.h = s.h, s.w
	}
}

// borderStyle reads /BS or, where there is none, /Border.
func (w *fieldWidget) borderStyle(s *boxStyle) error {
	bs, err := w.dict("BS")
	if err != nil {
		return err
	}
	width, dash := bs["W"], bs["D"]
	if bs == nil {
		o, err := w.view.Resolve(w.chain[0]["Border"])
		if err != nil {
			return err
		}
		if list, _ := o.(types.Array); len(list) >= 3 {
			if width = list[2]; len(list) > 3 {
				s.kind, dash = "D", list[3]
			}
		}
	}
	n, err := w.numbers(types.Array{width})
	if err != nil {
		return err
	}
	if len(n) == 1 && n[0] >= 0 {
		s.width = min(n[0], s.w/4, s.h/4)
	}
	kind, err := w.view.Resolve(bs["S"])
	if err != nil {
		return err
	}
	if k, ok := kind.(types.Name); ok {
		s.kind = k
	}
	if s.kind != "D" {
		return nil
	}
	s.dash, err = w.numbers(dash)
	total := 0.0
	for _, x := range s.dash {
		if total += x; x < 0 {
			total = -1e9
		}
	}
	if total <= 0 {
		s.dash = []float64{3}
	}
	return err
}

func colorOf(c []float64, gray, rgb, cmyk string) string {
	op, ok := map[int]string{1: gray, 3: rgb, 4: cmyk}[len(c)]
	if !ok {
		return ""
	}
	var b bytes.Buffer
	for _, x := range c {
		b.WriteString(decimal(min(1, max(0, x))) + " ")
	}
	return b.String() + op
}

// inset is the room that the border takes on each side: twice the line for a border with a shaded edge.
func (s boxStyle) inset() float64 {
	if s.shaded() {
		return 2 * s.width
	}
	return s.width
}

// pad is the distance of text from the edge.
func (s boxStyle) pad() float64 { return s.inset() + max(s.width, 1) }

func (s boxStyle) shaded() bool { return s.kind == "B" || s.kind == "I" }

// empty tells whether neither background nor border show anything.
func (s boxStyle) empty() bool { return s.background == "" && (s.border == "" || s.width == 0) }

// draw writes background and border of a rectangular widget.
func (s boxStyle) draw(b *bytes.Buffer) {
	if s.background != "" {
		fmt.Fprintf(b, "q %s 0 0 %s %s re f Q\n", s.background, decimal(s.w), decimal(s.h))
	}
	if s.width == 0 {
		return
	}
	if s.shaded() {
		s.drawEdge(b)
	}
	if s.border == "" {
		return
	}
	half := decimal(s.width / 2)
	fmt.Fprintf(b, "q %s %s w ", s.border, decimal(s.width))
	switch s.kind {
	case "U":
		fmt.Fprintf(b, "0 %s m %s %s l S Q\n", half, decimal(s.w), half)
		return
	case "D":
		b.WriteString("[")
		for _, x := range s.dash {
			b.WriteString(decimal(x) + " ")
		}
		b.WriteString("] 0 d ")
	}
	fmt.Fprintf(b, "%s %s %s %s re S Q\n", half, half, decimal(s.w-s.width), decimal(s.h-s.width))
}

// drawEdge writes the light and the dark inner edge of a beveled or inset border.
func (s boxStyle) drawEdge(b *bytes.Buffer) {
	light, dark := "1 g", "0.5 g"
	if s.kind == "I" {
		light, dark = "0.5 g", "0.75 g"
	}
	p := func(x, y float64) string { return decimal(x) + " " + decimal(y) }
	a, c, w, h := s.width, 2*s.width, s.w, s.h
	fmt.Fprintf(b, "q %s %s m %s l %s l %s l %s l %s l f\n", light, p(a, a), p(a, h-a), p(w-a, h-a), p(w-c, h-c), p(c, h-c), p(c, c))
	fmt.Fprintf(b, "%s %s m %s l %s l %s l %s l %s l f Q\n", dark, p(w-a, h-a), p(w-a, a), p(a, a), p(c, c), p(w-c, c), p(w-c, h-c))
}

// drawRound writes background and border of a round widget.
func (s boxStyle) drawRound(b *bytes.Buffer) {
	const k = 0.5523 // of the radius, for the control points of a quarter of a circle
	circle := func(r float64) {
		x, y := s.w/2, s.h/2
		p := func(dx, dy float64) string { return decimal(x+dx*r) + " " + decimal(y+dy*r) }
		fmt.Fprintf(b, "%s m %s %s %s c %s %s %s c %s %s %s c %s %s %s c h ", p(1, 0), p(1, k), p(k, 1), p(0, 1), p(-k, 1), p(-1, k), p(-1, 0),
			p(-1, -k), p(-k, -1), p(0, -1), p(k, -1), p(1, -k), p(1, 0))
	}
	r := min(s.w, s.h) / 2
	if s.background != "" {
		fmt.Fprintf(b, "q %s ", s.background)
		circle(r)
		b.WriteString("f Q\n")
	}
	if s.border != "" && s.width > 0 {
		fmt.Fprintf(b, "q %s %s w ", s.border, decimal(s.width))
		circle(r - s.width/2)
		b.WriteString("S Q\n")
	}
}

// drawCells writes the lines between the n cells of a comb.
func (s boxStyle) drawCells(b *bytes.Buffer, n int) {
	if s.border == "" || s.width == 0 {
		return
	}
	fmt.Fprintf(b, "q %s %s w ", s.border, decimal(s.width))
	for i := 1; i < n; i++ {
		x := decimal(s.w * float64(i) / float64(n))
		fmt.Fprintf(b, "%s 0 m %s %s l ", x, x, decimal(s.h))
	}
	b.WriteString("S Q\n")
}
