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

// OverDate returns the centre of a seal of w × h millimetres over the date and the organ's name of a page (GB/T 9704-2012, 7.3.5.1;
// the computation of standards.md §6.2). Errors: ErrNoDate, ErrSpacing.
func OverDate(runs []Run, w, h float64) (Point, error) {
	rows := lines(runs)
	for i := len(rows) - 1; i >= 2; i-- {
		if !dateLine.MatchString(rows[i].text()) {
			continue
		}
		date, name, text := rows[i], rows[i-1], rows[i-2]
		if p := date.middle - name.middle; p < pitchLeast || p > pitchMost {
			continue
		}
		if name.right < date.left || date.right < name.left {
			continue
		}
		return place(date, name, text, w, h)
	}
	return Point{}, ErrNoDate
}

// place computes the centre; y grows downwards here, unlike in standards.md.
func place(date, name, text line, w, h float64) (Point, error) {
	p := linePitch
	mid := (name.middle + date.middle) / 2
	x := (date.left + date.right) / 2
	y := math.Max(math.Min(mid-p/4, text.bottom+p+h/2), text.bottom+h/2)
	switch {
	case mid-y < 0 || mid-y > p: // the two lines lie a little below the centre
	case y-h/2 > mid-p || y+h/2 < mid+p: // the seal covers both lines
	case x-w/2 < typeAreaLeft || x+w/2 > typeAreaRight:
	default:
		return Point{X: x, Y: y}, nil
	}
	return Point{}, ErrSpacing
}
