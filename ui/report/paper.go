package report

import (
	"image"

	"github.com/signintech/gopdf"

	"sealdesk/pdfseal/fonts"
)

func (p *paper) write(text string, size float64, c rgb) { p.at(margin, textWidth, text, size, c) }

// at writes text of any length into a column.
func (p *paper) at(x, w float64, text string, size float64, c rgb) {
	for _, line := range p.lines(text, w, size) {
		p.need(size * leading)
		p.pdf.SetTextColor(c[0], c[1], c[2])
		p.line(x, line, size)
		p.y += size * leading
	}
}

// lines breaks text where it may end: after Chinese characters and at spaces, and anywhere where nothing else helps.
func (p *paper) lines(text string, w, size float64) []string {
	all := []rune(text)
	var out []string
	allowed := map[int]bool{}
	for _, b := range fonts.Breaks(all) {
		allowed[b] = true
	}
	start, last := 0, 0
	width := 0.0
	for i := 0; i < len(all); i++ {
		if all[i] == '\n' {
			out = append(out, string(all[start:i]))
			start, last, width = i+1, i+1, 0
			continue
		}
		if allowed[i] {
			last = i
		}
		width += p.width(all[i], size)
		if width > w && i > start {
			if last <= start {
				last = i
			}
			out = append(out, string(all[start:last]))
			for last < len(all) && all[last] == ' ' {
				last++
			}
			start, i, width = last, last-1, 0
		}
	}
	return append(out, string(all[start:]))
}

// face chooses the font of a character; ok is false where no font has it.
func (p *paper) face(r rune) (family string, ok bool) {
	for i, f := range p.fonts {
		if f.Has(r) {
			return families[i].name, true
		}
	}
	return families[0].name, false
}

const unknown = '〓'

func (p *paper) width(r rune, size float64) float64 {
	family, ok := p.face(r)
	if !ok {
		r = unknown
	}
	p.fail(p.pdf.SetFont(family, "", size))
	w, err := p.pdf.MeasureTextWidth(string(r))
	p.fail(err)
	return w
}

// line writes one line, each run in its font.
func (p *paper) line(x float64, text string, size float64) {
	var run []rune
	current := ""
	flush := func() {
		if len(run) == 0 || p.err != nil {
			return
		}
		p.fail(p.pdf.SetFont(current, "", size))
		p.pdf.SetXY(x, p.y)
		p.fail(p.pdf.Cell(nil, string(run)))
		x = p.pdf.GetX()
		run = run[:0]
	}
	for _, r := range text {
		family, ok := p.face(r)
		if !ok {
			r = unknown
		}
		if family != current {
			flush()
			current = family
		}
		run = append(run, r)
	}
	flush()
}

// mark draws the shape of a verdict; the fonts do not have all of them.
func (p *paper) mark(mark string, x, y, size float64, c rgb) {
	p.pdf.SetStrokeColor(c[0], c[1], c[2])
	p.pdf.SetLineWidth(size / 9)
	at := func(fx, fy float64) (float64, float64) { return x + fx*size, y + fy*size }
	stroke := func(points ...float64) {
		for i := 0; i+3 < len(points); i += 2 {
			x1, y1 := at(points[i], points[i+1])
			x2, y2 := at(points[i+2], points[i+3])
			p.pdf.Line(x1, y1, x2, y2)
		}
	}
	switch []rune(mark)[0] {
	case '✔':
		stroke(0.08, 0.55, 0.35, 0.82, 0.85, 0.2)
		if len([]rune(mark)) > 1 {
			stroke(1.05, 0.15, 1.05, 0.6)
			stroke(1.05, 0.74, 1.05, 0.84)
		}
	case '!':
		stroke(0.48, 0.15, 0.48, 0.6)
		stroke(0.48, 0.74, 0.48, 0.84)
	case '✘':
		stroke(0.15, 0.2, 0.8, 0.85)
		stroke(0.8, 0.2, 0.15, 0.85)
	case '–':
		stroke(0.1, 0.55, 0.85, 0.55)
	default:
		stroke(0.2, 0.35, 0.3, 0.2, 0.55, 0.15, 0.75, 0.3, 0.7, 0.45, 0.48, 0.58, 0.48, 0.68)
		stroke(0.48, 0.8, 0.48, 0.88)
	}
}

func (p *paper) framed(img image.Image, x, y float64, size gopdf.Rect) {
	p.image(img, x, y, size)
	p.pdf.SetStrokeColor(faint[0], faint[1], faint[2])
	p.pdf.SetLineWidth(0.6)
	p.pdf.RectFromUpperLeft(x, y, size.W, size.H)
}

func (p *paper) image(img image.Image, x, y float64, size gopdf.Rect) {
	p.fail(p.pdf.ImageFrom(img, x, y, &size))
}
