package rules

import (
	"image"
	"regexp"
	"strings"
)

// Ink is where a page shows something: a coarse picture of it, in brightness. What is red counts as white: seals are, and the head of a
// letter that is still to be written.
type Ink struct {
	ppm  float64 // pixels to a millimetre
	w, h int
	luma []uint8 // row by row
}

// NewInk takes a picture of a page with ppm pixels to a millimetre; two or three are enough.
func NewInk(img *image.RGBA, ppm float64) *Ink {
	b := img.Bounds()
	k := &Ink{ppm: ppm, w: b.Dx(), h: b.Dy(), luma: make([]uint8, b.Dx()*b.Dy())}
	for y := range k.h {
		row := img.Pix[y*img.Stride:]
		for x := range k.w {
			r, g, b := int(row[4*x]), int(row[4*x+1]), int(row[4*x+2])
			k.luma[y*k.w+x] = uint8((299*r + 587*g + 114*b) / 1000)
			if r > 128 && 5*g < 3*r && 5*b < 3*r {
				k.luma[y*k.w+x] = 255
			}
		}
	}
	return k
}

// darkest is the lowest brightness in a box in millimetres.
func (k *Ink) darkest(x, y, w, h float64) uint8 {
	low := uint8(255)
	for py := k.pixel(y, k.h); py < k.pixel(y+h+1/k.ppm, k.h); py++ {
		for px := k.pixel(x, k.w); px < k.pixel(x+w+1/k.ppm, k.w); px++ {
			low = min(low, k.luma[py*k.w+px])
		}
	}
	return low
}

// pixel turns millimetres into pixels, at most most.
func (k *Ink) pixel(mm float64, most int) int {
	switch v := mm * k.ppm; {
	case !(v > 0): // no number is none either
		return 0
	case v > float64(most):
		return most
	default:
		return int(v)
	}
}

// What a page must show to be more than blank. Small text is drawn pale by a coarse picture, large text is not: what is large and pale is
// a watermark.
const (
	leastGlyphs = 4    // visible characters, or
	leastCells  = 24   // squares of cell millimetres with something dark in them
	cell        = 2.0  // millimetres
	largeGlyph  = 8.0  // millimetres high
	dark        = 0x80 // brightness of black print, drawn coarsely
	visible     = 0xC8 // of small characters
)

// pageNumber matches what stands at the foot or head of a page that says nothing else.
var pageNumber = regexp.MustCompile(`^(?:[-—–－―·.]*(?:第?[0-9０-９]{1,4}页?(?:[/／,，]?共?[0-9０-９]{1,4}页?)?)[-—–－―·.]*|Page[0-9]+(?:of[0-9]+)?)$`)

// noText matches what a page says that has no text; a seal must not stand on it (so the edition of GB/T 9704 of 1999; that of 2012 has the
// spacing adjusted instead, 7.3.5.5).
var noText = regexp.MustCompile(`^[（(\[【]?(?:此|本)[页面]无(?:正文|内容|文字)[）)\]】]?$`)

// checkBlank finds a page on which the seal would stand alone.
func checkBlank(s Sheet, rows []line) []Finding {
	var left []line
	for _, row := range rows {
		if noText.MatchString(row.text()) {
			return []Finding{{Check: CheckBlankPage, Clause: clauseBlank, Level: Refuse, Key: FindingNoText, Page: s.Page, Data: map[string]string{"text": row.text()}}}
		}
		edge := row.middle < s.Height/8 || row.middle > s.Height*7/8
		if !edge || !pageNumber.MatchString(row.text()) {
			left = append(left, row)
		}
	}
	if s.Ink.glyphs(left) >= leastGlyphs || s.Ink.cells(len(left) < len(rows)) >= leastCells {
		return nil
	}
	return []Finding{{Check: CheckBlankPage, Clause: clauseMisuse, Level: Warn, Key: FindingBlankPage, Page: s.Page}}
}

// glyphs counts the characters that are to be seen, up to as many as matter.
func (k *Ink) glyphs(rows []line) int {
	n := 0
	for _, row := range rows {
		for _, g := range row.glyphs {
			limit := uint8(visible)
			if g.h > largeGlyph {
				limit = dark
			}
			if k.darkest(g.x, g.y, g.w, g.h) < limit {
				if n++; n == leastGlyphs {
					return n
				}
			}
		}
	}
	return n
}

// cells counts the squares of the page that hold something dark; where the page is numbered, head and foot are left out.
func (k *Ink) cells(numbered bool) int {
	height := float64(k.h) / k.ppm
	top, bottom := 0.0, height
	if numbered {
		top, bottom = height/8, height*7/8
	}
	n := 0
	for y := top; y < bottom; y += cell {
		for x := 0.0; x < float64(k.w)/k.ppm; x += cell {
			if k.darkest(x, y, cell-1/k.ppm, cell-1/k.ppm) < dark {
				if n++; n == leastCells {
					return n
				}
			}
		}
	}
	return n
}

// ruled matches a place that is left open to be filled in.
var ruled = regexp.MustCompile(`[_＿]{4,}`)

// checkUnfilled finds places that are left open: rules to write on, and a date without its numbers.
func checkUnfilled(s Sheet, rows []line) []Finding {
	for _, row := range rows {
		text := row.text()
		if ruled.MatchString(text) || openDate(row) {
			return []Finding{{Check: CheckUnfilled, Clause: clauseMisuse, Level: Warn, Key: FindingUnfilled, Page: s.Page, Data: map[string]string{"text": clip(text)}}}
		}
	}
	return nil
}

// openDate tells whether a line holds 年, 月 and 日 with room for numbers between them.
func openDate(row line) bool {
	for i := 0; i+2 < len(row.glyphs); i++ {
		y, m, d := row.glyphs[i], row.glyphs[i+1], row.glyphs[i+2]
		if y.r == '年' && m.r == '月' && d.r == '日' && m.x-y.x > 1.4*y.w && d.x-m.x > 1.4*m.w {
			return true
		}
	}
	return false
}

// clip cuts a text to what a message has room for.
func clip(s string) string {
	if rs := []rune(s); len(rs) > 40 {
		return strings.TrimSpace(string(rs[:40])) + "…"
	}
	return s
}
