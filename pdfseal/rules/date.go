package rules

import (
	"errors"
	"math"
	"regexp"
)

// ErrNoDate says that no line of the page holds a date of its own with the organ's name above it and text above both.
var ErrNoDate = errors.New("rules: no date line under an organ's name")

// ErrSpacing says that the lines stand so that no position of the seal meets GB/T 9704-2012, 7.3.5.1; the document's spacing has
// to be adjusted (7.3.5.5).
var ErrSpacing = errors.New("rules: the spacing of text, name and date leaves no position for the seal")

// The type area (版心) of GB/T 9704-2012, 5.2: 156 mm wide with 28 mm to its left, lines every 225/22 mm.
const (
	typeAreaLeft  = 28.0
	typeAreaRight = 28.0 + 156.0
	linePitch     = 225.0 / 22
	pitchLeast    = 5.0
	pitchMost     = 20.0
)

// dateLine matches a line that holds nothing but a date, in Arabic or Chinese numerals.
var dateLine = regexp.MustCompile(`^(?:[0-9０-９]{4}年[0-9０-９]{1,2}月[0-9０-９]{1,2}日|[〇○零一二三四五六七八九]{4}年[一二三四五六七八九十]{1,2}月[一二三四五六七八九十]{1,3}日)$`)

// OverDate returns the centre of a seal over the date and the organ's name of a page (GB/T 9704-2012, 7.3.5.1; the computation of
// standards.md §6.2). Where several organs sign jointly, the seal stands on the name that is its own, all seals in rows; one that is none
// of theirs is put on the date. Errors: ErrNoDate, ErrSpacing.
func OverDate(runs []Run, seal Seal) (Point, error) {
	c, ok := readClosing(lines(runs))
	if !ok || len(c.text.glyphs) == 0 {
		return Point{}, ErrNoDate
	}
	if !c.apart(seal.Width, seal.Height) {
		return Point{}, ErrSpacing
	}
	return c.place(seal)
}

// apart tells whether seals of w × h millimetres on all the names neither cross nor touch.
func (c closing) apart(w, h float64) bool {
	for i, row := range c.names {
		if i > 0 && row[0].middle-c.names[i-1][0].middle <= h {
			return false
		}
		for j := 1; j < len(row); j++ {
			if row[j].centre()-row[j-1].centre() <= w {
				return false
			}
		}
	}
	return true
}

// place computes the centre; y grows downwards here, unlike in standards.md.
func (c closing) place(seal Seal) (Point, error) {
	p, w, h := linePitch, seal.Width, seal.Height
	mid := (c.under.middle + c.date.middle) / 2
	first := c.names[0][0].middle
	down := mid - p/4 - c.under.middle // from a name to the centre of its seal
	down = math.Max(math.Min(first+down, c.text.bottom+p+h/2), c.text.bottom+h/2) - first
	x, y := c.date.centre(), c.under.middle+down
	switch {
	case mid-y < 0 || mid-y > p: // the two lines lie a little below the centre
		return Point{}, ErrSpacing
	case y-h/2 > mid-p || y+h/2 < mid+p: // the seal covers both lines
		return Point{}, ErrSpacing
	}
	if own, ok := c.named(seal.Name); ok && (own.left != c.under.left || own.middle != c.under.middle) {
		x, y = own.centre(), own.middle+down
	}
	if x-w/2 < typeAreaLeft || x+w/2 > typeAreaRight {
		return Point{}, ErrSpacing
	}
	return Point{X: x, Y: y}, nil
}
