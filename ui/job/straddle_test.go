package job

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"testing"

	"sealdesk/pdfseal"
	"sealdesk/pdfseal/register"
	"sealdesk/ui/explain"
)

// TestSeal_straddled seals a batch with a straddle seal, with another one and with none on single documents; the register knows where they stand.
func TestSeal_straddled(t *testing.T) {
	o, dir := newOffice(t), t.TempDir()
	s, r := o.registered(t)
	docs := []Document{document(t, dir, "a", 3), document(t, dir, "b", 1), document(t, dir, "c", 4)}
	some, err := ParsePages("2,4")
	if err != nil {
		t.Fatal(err)
	}
	docs[2].Place, docs[2].Straddle = Marked(nil), &Straddle{Edge: pdfseal.EdgeTop, Pages: some, Centre: 70}
	ord := order(&asked{}, docs...)
	ord.Straddle = &Straddle{Edge: pdfseal.EdgeRight}
	out, err := s.Seal(context.Background(), ord)
	if m := explain.Error(err); m.Key != "request.STRADDLE_ONE_PAGE" || m.Exit != explain.ExitRefused {
		t.Errorf("one page: %v", err)
	}
	for i, want := range []struct {
		status Status
		pages  []int
		groups []pdfseal.StraddleGroup
	}{
		{Sealed, []int{1, 2, 3}, []pdfseal.StraddleGroup{{Edge: pdfseal.EdgeRight, Pages: []int{1, 2, 3}, Centre: 148.5, Width: 14}}},
		{Failed, nil, nil},
		{Sealed, []int{2, 4}, []pdfseal.StraddleGroup{{Edge: pdfseal.EdgeTop, Pages: []int{2, 4}, Centre: 70, Width: 21}}},
	} {
		if out[i].Status != want.status {
			t.Errorf("document %d: %s, %v", i, out[i].Status, out[i].Err)
			continue
		}
		if want.status != Sealed {
			continue
		}
		if got := pdfseal.StraddleGroups(out[i].Affixed.Report.Seals[0].Marks); !slices.Equal(out[i].Affixed.Pages, want.pages) || !reflect.DeepEqual(got, want.groups) {
			t.Errorf("document %d: pages %v, %+v", i, out[i].Affixed.Pages, got)
		}
	}
	uses, _, err := r.Uses(context.Background())
	if err != nil || len(uses) != 3 {
		t.Fatalf("%d uses, %v", len(uses), err)
	}
	for _, u := range uses {
		want := map[string]struct {
			marks     int
			straddles []register.Straddle
		}{
			"a.pdf": {1, []register.Straddle{{Edge: "right", Pages: [][2]int{{1, 3}}, Centre: 148.5, Width: 14}}},
			"b.pdf": {1, nil},
			"c.pdf": {0, []register.Straddle{{Edge: "top", Pages: [][2]int{{2, 2}, {4, 4}}, Centre: 70, Width: 21}}},
		}[u.File]
		if len(u.Marks) != want.marks || !reflect.DeepEqual(u.Straddles, want.straddles) {
			t.Errorf("%s: %+v %+v", u.File, u.Marks, u.Straddles)
		}
	}
}

// TestSeal_straddleAlone needs no Place.
func TestSeal_straddleAlone(t *testing.T) {
	o, dir := newOffice(t), t.TempDir()
	ord := order(&asked{}, document(t, dir, "a", 2))
	ord.Place, ord.Straddle = nil, &Straddle{Edge: pdfseal.EdgeLeft}
	out, err := o.sealer().Seal(context.Background(), ord)
	if err != nil {
		t.Fatal(err)
	}
	if marks := out[0].Affixed.Marks; len(marks) != 2 || !marks[0].Slice.Known() || marks[0].Slice.From != 0.5 {
		t.Errorf("marks %+v", marks)
	}
	ord.Straddle = nil
	ord.Documents = []Document{document(t, dir, "b", 2)}
	var re *pdfseal.RequestError
	if _, err = o.sealer().Seal(context.Background(), ord); !errors.As(err, &re) || re.Key != "NO_MARKS" {
		t.Errorf("neither place nor straddle: %v", err)
	}
}

func TestParseEdge(t *testing.T) {
	for _, e := range pdfseal.Edges() {
		if got, err := ParseEdge(string(e)); err != nil || got != e {
			t.Errorf("%s: %s, %v", e, got, err)
		}
	}
	for _, s := range []string{"", "Right", "middle"} {
		if _, err := ParseEdge(s); err == nil {
			t.Errorf("%q is taken", s)
		}
	}
	for s, ok := range map[string]bool{"148.5": true, "1": true, "0": false, "-1": false, "NaN": false, "Inf": false, "1e9": false, "a": false, "": false} {
		if _, err := ParseLength(s); (err == nil) != ok {
			t.Errorf("length %q: %v", s, err)
		}
	}
}
