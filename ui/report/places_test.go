package report_test

import (
	"slices"
	"testing"

	"sealdesk/pdfseal"
	"sealdesk/ui/report"
)

func TestPlaces(t *testing.T) {
	var marks []pdfseal.PlacedMark
	for p := 1; p <= 800; p++ {
		marks = append(marks, pdfseal.PlacedMark{Page: p, X: 60, Y: 60, W: 42, H: 42})
	}
	marks = append(marks, pdfseal.PlacedMark{Page: 800, X: 150, Y: 60, W: 42, H: 42}, pdfseal.PlacedMark{Page: 3, X: 150, Y: 60, W: 42, H: 42})
	marks = append(marks, pdfseal.PlacedMark{Page: 2, X: 205, Y: 148, W: 3, H: 42, Slice: pdfseal.Slice{Edge: pdfseal.EdgeRight, Group: 1, N: 1, Of: 14, To: 0.1}})
	want := []report.Place{{"1–800", 60, 60, 42, 42}, {"3, 800", 150, 60, 42, 42}}
	for p := 1; p <= 99; p += 2 { // 50 runs: three lines, and no page is left out
		marks = append(marks, pdfseal.PlacedMark{Page: p, X: 10})
	}
	want = append(want, report.Place{"1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31, 33, 35, 37, 39", 10, 0, 0, 0},
		report.Place{"41, 43, 45, 47, 49, 51, 53, 55, 57, 59, 61, 63, 65, 67, 69, 71, 73, 75, 77, 79", 10, 0, 0, 0},
		report.Place{"81, 83, 85, 87, 89, 91, 93, 95, 97, 99", 10, 0, 0, 0})
	if got := report.Places(marks); !slices.Equal(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
}
