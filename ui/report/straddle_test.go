package report

import (
	"slices"
	"testing"

	"sealdesk/pdfseal"
	"sealdesk/ui/i18n"
)

// TestSealedPages shows that a page with a whole seal is drawn even behind many pages with slices.
func TestSealedPages(t *testing.T) {
	var s pdfseal.SealReport
	for n := 1; n <= 100; n++ {
		s.Marks = append(s.Marks, pdfseal.PlacedMark{Page: n, Slice: pdfseal.Slice{Edge: pdfseal.EdgeRight, Group: 1, N: n, Of: 100}})
	}
	s.Marks = append(s.Marks, pdfseal.PlacedMark{Page: 100}, pdfseal.PlacedMark{Page: 100}, pdfseal.PlacedMark{Page: 2})
	got := sealedPages(&pdfseal.Report{Seals: []pdfseal.SealReport{s}})
	if len(got) != maxSealedPages || got[0] != 1 || got[1] != 2 || got[22] != 23 || got[23] != 100 || !slices.IsSorted(got) {
		t.Errorf("pages %v", got)
	}
}

func TestStraddle(t *testing.T) {
	for lang, want := range map[string][2]string{
		i18n.Chinese: {"第 2–12 页，左边，中心距上 148.5 毫米，每页 3.82 毫米", "第 2–12 页，下边，中心距左 148.5 毫米，每页 3.82 毫米"},
		i18n.English: {"Pages 2–12, left edge, centre 148.5 mm from the top, 3.82 mm on each page", "Pages 2–12, bottom edge, centre 148.5 mm from the left, 3.82 mm on each page"},
	} {
		c, err := i18n.New(lang)
		if err != nil {
			t.Fatal(err)
		}
		g := pdfseal.StraddleGroup{Pages: []int{2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, Centre: 148.5, Width: 3.82}
		for i, e := range []pdfseal.Edge{pdfseal.EdgeLeft, pdfseal.EdgeBottom} {
			if g.Edge = e; Straddle(c, g) != want[i] {
				t.Errorf("%s: %s", lang, Straddle(c, g))
			}
		}
	}
}
