package report

import (
	"slices"

	"sealdesk/pdfseal"
)

// Place is a point at which marks of one size stand on their pages.
type Place struct {
	Pages      string // "1–800"
	X, Y, W, H float64
}

// Places puts together the whole marks that stand at the same point of several pages, in the order in which they are met: a seal on every
// page of a long document is one line. The slices of a straddle seal are left out, no page is.
func Places(marks []pdfseal.PlacedMark) []Place {
	pages := map[Place][]int{}
	var points, out []Place
	for _, m := range marks {
		if m.Slice.Known() {
			continue
		}
		p := Place{X: m.X, Y: m.Y, W: m.W, H: m.H}
		if pages[p] == nil {
			points = append(points, p)
		}
		pages[p] = append(pages[p], m.Page)
	}
	for _, p := range points {
		slices.Sort(pages[p])
		for _, part := range runs(pages[p]) {
			p.Pages = pdfseal.PageList(part)
			out = append(out, p)
		}
	}
	return out
}

// runs cuts ascending pages where a list of them would be cut off for its length.
func runs(pages []int) [][]int {
	const most = 20 // runs of neighbours in one list
	var out [][]int
	start, n := 0, 1
	for i := 1; i < len(pages); i++ {
		if pages[i] == pages[i-1]+1 {
			continue
		}
		if n++; n > most {
			out = append(out, pages[start:i])
			start, n = i, 1
		}
	}
	return append(out, pages[start:])
}
