package job

import (
	"fmt"
	"slices"
	"strconv"

	"sealdesk/pdfseal"
)

// Straddle asks for a straddle seal 骑缝章 on documents of any number of pages.
type Straddle struct {
	Edge   pdfseal.Edge
	Pages  PageRange // the zero value means all pages
	Centre float64   // as in pdfseal.Straddle; 0: the middle of the edge
}

// Resolve chooses the pages of a document of so many pages.
func (s Straddle) Resolve(pages int) (pdfseal.Straddle, error) {
	chosen, err := allPages(s.Pages).Resolve(pages)
	return pdfseal.Straddle{Edge: s.Edge, Pages: chosen, Centre: s.Centre}, err
}

// ParseEdge reads the name of a page edge.
func ParseEdge(s string) (pdfseal.Edge, error) {
	if e := pdfseal.Edge(s); slices.Contains(pdfseal.Edges(), e) {
		return e, nil
	}
	return "", fmt.Errorf("job: %q is none of %v", s, pdfseal.Edges())
}

// ParseLength reads millimetres along a page edge, more than 0.
func ParseLength(s string) (float64, error) {
	mm, err := strconv.ParseFloat(narrow(s), 64)
	if err != nil || !(mm > 0 && mm <= maxCoordinate) {
		return 0, fmt.Errorf("job: %q is not a length in millimetres", s)
	}
	return mm, nil
}
