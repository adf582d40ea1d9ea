package rules

import (
	"slices"
	"strings"
	"unicode"
)

// Run is a piece of text on a page. X and Y are the millimetres from the left and top edge of the upright visible page to the
// left and top edge of the run; W and H its size in millimetres.
type Run struct {
	Text       string
	X, Y, W, H float64
}

// Point is a place on the upright visible page, in millimetres from its left and top edge.
type Point struct{ X, Y float64 }

// glyph is one character without white space, with the box that its share of the run occupies.
type glyph struct {
	r          rune
	x, y, w, h float64
}

// line is a row of glyphs from left to right.
type line struct {
	glyphs              []glyph
	top, bottom         float64
	left, right, middle float64
}

func (l line) text() string {
	var b strings.Builder
	for _, g := range l.glyphs {
		b.WriteRune(g.r)
	}
	return b.String()
}

// centre is the middle between the left and the right end, in millimetres from the left edge of the page.
func (l line) centre() float64 { return (l.left + l.right) / 2 }

// maxGlyphs bounds the work on one page; a page of an official document has fewer than a thousand.
const maxGlyphs = 200_000

// lines sorts the characters of runs into rows from top to bottom.
func lines(runs []Run) []line {
	glyphs := split(runs)
	slices.SortStableFunc(glyphs, func(a, b glyph) int { return compare(a.y+a.h/2, b.y+b.h/2) })
	var rows [][]glyph
	for _, g := range glyphs {
		if n := len(rows); n > 0 && sameRow(rows[n-1][0], g) {
			rows[n-1] = append(rows[n-1], g)
			continue
		}
		rows = append(rows, []glyph{g})
	}
	out := make([]line, 0, len(rows))
	for _, row := range rows {
		slices.SortStableFunc(row, func(a, b glyph) int { return compare(a.x, b.x) })
		out = append(out, newLine(row))
	}
	return out
}

// split cuts runs into characters of equal width; white space takes its share of the width and is left out.
func split(runs []Run) []glyph {
	var out []glyph
	for _, run := range runs {
		rs := []rune(run.Text)
		if !(run.W >= 0 && run.H > 0) {
			continue
		}
		for i, r := range rs {
			if unicode.IsSpace(r) || unicode.IsControl(r) {
				continue
			}
			if len(out) == maxGlyphs {
				return out
			}
			step := run.W / float64(len(rs))
			out = append(out, glyph{r: r, x: run.X + float64(i)*step, y: run.Y, w: step, h: run.H})
		}
	}
	return out
}

// sameRow tells whether the middles of two characters lie within half of the taller one's height.
func sameRow(a, b glyph) bool {
	d := (a.y + a.h/2) - (b.y + b.h/2)
	return max(d, -d) <= max(a.h, b.h)/2
}

func newLine(row []glyph) line {
	l := line{glyphs: row, top: row[0].y, bottom: row[0].y + row[0].h, left: row[0].x}
	for _, g := range row {
		l.top, l.bottom, l.right = min(l.top, g.y), max(l.bottom, g.y+g.h), max(l.right, g.x+g.w)
	}
	l.middle = (l.top + l.bottom) / 2
	return l
}

func compare(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	default:
		return 0
	}
}

// Keyword returns the centres of all places where text stands on a page, from top to bottom and left to right. White space in
// the page and in text does not count; a keyword does not reach over the end of a line.
func Keyword(runs []Run, text string) []Point {
	want := []rune(strings.Join(strings.Fields(text), ""))
	if len(want) == 0 {
		return nil
	}
	var out []Point
	for _, l := range lines(runs) {
		for i := 0; i+len(want) <= len(l.glyphs); i++ {
			if matches(l.glyphs[i:], want) {
				out = append(out, centre(l.glyphs[i:i+len(want)]))
				i += len(want) - 1
			}
		}
	}
	return out
}

func matches(glyphs []glyph, want []rune) bool {
	for i, r := range want {
		if glyphs[i].r != r {
			return false
		}
	}
	return true
}

func centre(glyphs []glyph) Point {
	l := newLine(glyphs)
	return Point{X: l.centre(), Y: l.middle}
}
