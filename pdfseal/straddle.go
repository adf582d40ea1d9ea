package pdfseal

import (
	"slices"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

// Edge is a side of the upright visible page.
type Edge string

// The edges at which a straddle seal can stand.
const (
	EdgeRight  Edge = "right"
	EdgeLeft   Edge = "left"
	EdgeTop    Edge = "top"
	EdgeBottom Edge = "bottom"
)

// Edges lists the edges, the usual one first.
func Edges() []Edge { return []Edge{EdgeRight, EdgeLeft, EdgeTop, EdgeBottom} }

// vertical tells whether the edge runs from top to bottom; the seal is then cut by vertical lines.
func (e Edge) vertical() bool { return e == EdgeRight || e == EdgeLeft }

// Straddle asks for a straddle seal 骑缝章: the seal cut into slices of equal width, one on each page, all flush with one edge and at the same
// height, so that the fanned edges of the printed pages show the whole seal. Where the pages are too many for slices of MinSlice, they are
// divided into groups of nearly equal size, and each group shows a whole seal.
type Straddle struct {
	Edge  Edge
	Pages []int // ascending, each once; at least two
	// Centre is the distance in millimetres of the seal's centre from the top edge of the page (EdgeRight, EdgeLeft) or from its left edge
	// (EdgeTop, EdgeBottom). 0 means the middle of the shortest of these pages: it is the same number of millimetres on all of them.
	Centre float64
}

// MinSlice is the least width of a slice in millimetres: a thinner one is lost on paper.
const MinSlice = 3

// Slice says which part of a straddle seal a mark is. The zero value belongs to an ordinary mark.
type Slice struct {
	Edge  Edge `json:"edge"`
	Group int  `json:"group"` // counts from 1; each group is a whole seal
	N     int  `json:"n"`     // counts from 1, in the order of the pages of its group
	Of    int  `json:"of"`
	// From and To are where the seal's picture is cut: fractions of its width from the left, or for EdgeTop and EdgeBottom of its height from the top.
	From float64 `json:"from"`
	To   float64 `json:"to"`
}

// Known tells whether the mark is a slice.
func (s Slice) Known() bool { return s.Of > 0 }

// StraddleGroup is one whole straddle seal.
type StraddleGroup struct {
	Edge   Edge    `json:"edge"`
	Pages  []int   `json:"pages"`
	Centre float64 `json:"centre"` // millimetres from the top edge (EdgeRight, EdgeLeft) or the left edge to the middle of the seal
	Width  float64 `json:"width"`  // of each slice, in millimetres
}

// StraddleGroups puts the slices among the marks of one seal together, in the order of the groups.
func StraddleGroups(marks []PlacedMark) []StraddleGroup {
	var out []StraddleGroup
	last := 0
	for _, m := range marks {
		if !m.Slice.Known() {
			continue
		}
		if m.Slice.Group != last {
			g := StraddleGroup{Edge: m.Slice.Edge, Centre: m.X, Width: m.H}
			if g.Edge.vertical() {
				g.Centre, g.Width = m.Y, m.W
			}
			out, last = append(out, g), m.Slice.Group
		}
		g := &out[len(out)-1]
		g.Pages = append(g.Pages, m.Page)
	}
	return out
}

// PageList writes ascending page numbers for people: "1–3, 5"; a long list is cut off.
func PageList(pages []int) string { return pageList(pages, false) }

// piece is a slice with its measures.
type piece struct {
	edge         Edge
	centre       float64 // as in Straddle
	group, n, of int
	w, h         float64 // of the whole seal, in millimetres
}

// part counts from the left or the top of the picture, from 0. Where pages are fanned out to the left or to the top, the first page lies above
// the others and shows the last part of the picture.
func (p piece) part() int {
	if p.edge == EdgeLeft || p.edge == EdgeTop {
		return p.of - p.n
	}
	return p.n - 1
}

func (p piece) slice() Slice {
	i, n := float64(p.part()), float64(p.of)
	return Slice{Edge: p.edge, Group: p.group, N: p.n, Of: p.of, From: round4(i / n), To: round4((i + 1) / n)}
}

// rect is where the slice stands in user space: flush with the edge of the upright visible page.
func (p piece) rect(s sheet) [4]float64 {
	pw, ph := s.size()
	if p.edge.vertical() {
		w := p.w / float64(p.of)
		x := w / 2
		if p.edge == EdgeRight {
			x = pw - w/2
		}
		return s.rect(x, p.centre, w, p.h)
	}
	h := p.h / float64(p.of)
	y := h / 2
	if p.edge == EdgeBottom {
		y = ph - h/2
	}
	return s.rect(p.centre, y, p.w, h)
}

// box is the /BBox of the slice's appearance, whose content is that of the whole seal: neighbours share a number, so nothing is lost or doubled.
func (p piece) box(s sheet) types.Array {
	w, h := round4(p.w*s.unit), round4(p.h*s.unit)
	i, n := float64(p.part()), float64(p.of)
	if p.edge.vertical() {
		return rectArray([4]float64{w * i / n, 0, w * (i + 1) / n, h})
	}
	return rectArray([4]float64{0, h * (n - 1 - i) / n, w, h * (n - i) / n})
}

// cut divides the pages of a straddle seal of w × h millimetres into groups and these into pieces, one for each page in order. The centre must
// be known. Errors are *RequestError.
func (s Straddle) cut(w, h float64) ([]piece, error) {
	along := h
	if s.Edge.vertical() {
		along = w
	}
	sizes, ok := groupSizes(len(s.Pages), int(along/MinSlice))
	if !ok {
		return nil, &RequestError{Field: "Straddle", Key: "STRADDLE_SMALL"}
	}
	out := make([]piece, 0, len(s.Pages))
	for g, size := range sizes {
		for k := range size {
			out = append(out, piece{edge: s.Edge, centre: s.Centre, group: g + 1, n: k + 1, of: size, w: w, h: h})
		}
	}
	return out, nil
}

// groupSizes divides n pages into the fewest groups of at most so many pages, none of them of one page.
func groupSizes(n, most int) ([]int, bool) {
	if n < 2 || most < 2 {
		return nil, false
	}
	count := (n + most - 1) / most
	if n/count < 2 {
		return nil, false
	}
	out := make([]int, count)
	for i := range out {
		out[i] = n / count
		if i < n%count {
			out[i]++
		}
	}
	return out, true
}

// check refuses what can be refused without the document.
func (s Straddle) check() error {
	switch {
	case !slices.Contains(Edges(), s.Edge):
		return &RequestError{Field: "Straddle", Key: "STRADDLE_EDGE"}
	case len(s.Pages) < 2:
		return &RequestError{Field: "Straddle", Key: "STRADDLE_ONE_PAGE"}
	}
	for i, p := range s.Pages {
		if i > 0 && p <= s.Pages[i-1] {
			return &RequestError{Field: "Straddle", Key: "STRADDLE_PAGES", Page: p}
		}
	}
	return nil
}
