package pdfseal_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"testing"

	"sealdesk/pdfseal"
	"sealdesk/pdfseal/sealtest"
)

// straddled seals a document by unit i with a straddle seal, and ordinary marks besides.
func (o *office) straddled(t testing.TB, doc []byte, i int, s pdfseal.Straddle, marks ...pdfseal.Mark) ([]byte, *pdfseal.Affixed) {
	t.Helper()
	req := o.request(i, marks...)
	req.Straddle = &s
	var out bytes.Buffer
	done, err := pdfseal.Affix(context.Background(), &out, bytes.NewReader(doc), req)
	if err != nil {
		t.Fatalf("affix: %v", err)
	}
	return out.Bytes(), done
}

// upTo lists the pages from 1 to n.
func upTo(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i + 1
	}
	return out
}

// sheets writes a document of n equal pages.
func sheets(n int, p page) []byte { return document(slices.Repeat([]page{p}, n)...) }

// TestStraddle_groups shows how pages are divided: no slice below 3 mm, no group of one page, sizes that differ by one at most.
func TestStraddle_groups(t *testing.T) {
	o := newOffice(t)
	for _, n := range []int{2, 3, 5, 6, 7, 8, 12, 13, 19, 61} {
		doc, done := o.straddled(t, sheets(n, a4), 0, pdfseal.Straddle{Edge: pdfseal.EdgeRight, Pages: upTo(n)})
		rep := o.verify(t, doc)
		wantAccepted(t, rep, 1)
		marks := rep.Seals[0].Marks
		if !slices.Equal(marks, done.Marks) || len(marks) != n {
			t.Fatalf("%d pages: %d marks found, %d made", n, len(marks), len(done.Marks))
		}
		groups := pdfseal.StraddleGroups(marks)
		least, most, sum := n, 0, 0
		for _, g := range groups {
			least, most, sum = min(least, len(g.Pages)), max(most, len(g.Pages)), sum+len(g.Pages)
			if g.Width < pdfseal.MinSlice || len(g.Pages) < 2 || g.Centre != 148.5 || g.Edge != pdfseal.EdgeRight {
				t.Errorf("%d pages: %+v", n, g)
			}
		}
		if sum != n || most-least > 1 || len(groups) != (n+5)/6 { // 20 mm hold six slices of 3 mm
			t.Errorf("%d pages: %d groups of %d to %d", n, len(groups), least, most)
		}
		for _, m := range marks {
			if right := m.X + m.W/2; right < 209.9 || right > 210.1 || m.H != 20 || m.Y != 148.5 {
				t.Errorf("%d pages: %+v", n, m)
			}
		}
	}
}

// TestStraddle_refused: what cannot be a straddle seal is refused before the key is used.
func TestStraddle_refused(t *testing.T) {
	o := newOffice(t)
	ten := sheets(10, a4)
	sealed, _ := o.straddled(t, ten, 0, pdfseal.Straddle{Edge: pdfseal.EdgeRight, Pages: upTo(10)})
	small := func(mm int) []byte {
		seal, err := o.pki.NewSeal(sealtest.SealSpec{ID: "15250100000000", Name: "示范旗", Picture: sealtest.SquarePicture(24), WidthMM: mm, HeightMM: mm,
			ValidFrom: now.AddDate(-1, 0, 0), ValidTo: now.AddDate(2, 0, 0)}, o.holder[0])
		if err != nil {
			t.Fatal(err)
		}
		return seal
	}
	for _, c := range []struct {
		name  string
		doc   []byte
		s     pdfseal.Straddle
		seal  []byte
		marks []pdfseal.Mark
		key   string
		page  int
	}{
		{name: "one page", doc: sheets(1, a4), s: pdfseal.Straddle{Edge: "right", Pages: []int{1}}, key: "STRADDLE_ONE_PAGE"},
		{name: "one of several pages", doc: ten, s: pdfseal.Straddle{Edge: "right", Pages: []int{3}}, key: "STRADDLE_ONE_PAGE"},
		{name: "no pages", doc: ten, s: pdfseal.Straddle{Edge: "right"}, key: "STRADDLE_ONE_PAGE"},
		{name: "no edge", doc: ten, s: pdfseal.Straddle{Pages: []int{1, 2}}, key: "STRADDLE_EDGE"},
		{name: "page twice", doc: ten, s: pdfseal.Straddle{Edge: "left", Pages: []int{1, 1}}, key: "STRADDLE_PAGES", page: 1},
		{name: "beyond the document", doc: ten, s: pdfseal.Straddle{Edge: "left", Pages: []int{1, 11}}, key: "PAGE_RANGE", page: 11},
		{name: "seal of 5 mm", doc: ten, s: pdfseal.Straddle{Edge: "left", Pages: upTo(2)}, seal: small(5), key: "STRADDLE_SMALL"},
		{name: "seal of 6 mm on an odd number", doc: ten, s: pdfseal.Straddle{Edge: "left", Pages: upTo(3)}, seal: small(6), key: "STRADDLE_SMALL"},
		{name: "over the upper end", doc: ten, s: pdfseal.Straddle{Edge: "right", Pages: upTo(3), Centre: 9.9}, key: "SLICE_OFF_PAGE", page: 1},
		{name: "one page is shorter", doc: document(a4, page{box: "0 0 595 400"}), s: pdfseal.Straddle{Edge: "right", Pages: upTo(2), Centre: 200}, key: "SLICE_OFF_PAGE", page: 2},
		{name: "over an ordinary mark", doc: ten, s: pdfseal.Straddle{Edge: "right", Pages: upTo(10)}, marks: []pdfseal.Mark{{Page: 4, X: 199, Y: 150}}, key: "OVERLAPS_SLICE", page: 4},
		{name: "over an earlier straddle seal", doc: sealed, s: pdfseal.Straddle{Edge: "right", Pages: []int{2, 5}, Centre: 140}, key: "OVERLAPS_SLICE", page: 2},
		{name: "third mark", doc: ten, s: pdfseal.Straddle{Edge: "right", Pages: upTo(10)}, marks: []pdfseal.Mark{{Page: 4, X: 50, Y: 50}, {Page: 4, X: 50, Y: 90}}, key: "TOO_MANY_MARKS", page: 4},
	} {
		t.Run(c.name, func(t *testing.T) {
			req := o.request(0, c.marks...)
			req.Straddle = &c.s
			if c.seal != nil {
				req.Seal = c.seal
			}
			var out bytes.Buffer
			_, err := pdfseal.Affix(context.Background(), &out, bytes.NewReader(c.doc), req)
			var re *pdfseal.RequestError
			if !errors.As(err, &re) || re.Key != c.key || re.Page != c.page || out.Len() > 0 {
				t.Errorf("got %v, want %s", err, c.key)
			}
		})
	}
}

// TestStraddle_states seals further and straddles again: every state stays valid, with the slices of each seal in the report.
func TestStraddle_states(t *testing.T) {
	o := newOffice(t)
	doc, _ := o.straddled(t, sheets(7, a4), 0, pdfseal.Straddle{Edge: pdfseal.EdgeRight, Pages: upTo(7)}, pdfseal.Mark{Page: 7, X: 140, Y: 230})
	wantAccepted(t, o.verify(t, doc), 1)
	doc, _ = o.straddled(t, doc, 1, pdfseal.Straddle{Edge: pdfseal.EdgeRight, Pages: []int{1, 2, 5, 6}, Centre: 60})
	wantAccepted(t, o.verify(t, doc), 2)
	doc = o.affix(t, doc, 2, pdfseal.Mark{Page: 7, X: 100, Y: 230})
	doc, _ = o.straddled(t, doc, 2, pdfseal.Straddle{Edge: pdfseal.EdgeTop, Pages: upTo(7)})
	rep := o.verify(t, doc)
	wantAccepted(t, rep, 4)
	for i, want := range []string{"right 1–4 5–7", "right 1–2, 5–6", "", "top 1–4 5–7"} {
		got := ""
		for j, g := range pdfseal.StraddleGroups(rep.Seals[i].Marks) {
			if j == 0 {
				got = string(g.Edge)
			}
			got += " " + pdfseal.PageList(g.Pages)
		}
		if got != want {
			t.Errorf("seal %d: %q, want %q", i+1, got, want)
		}
	}
	if n := len(rep.Changes); n != 3 {
		t.Errorf("%d changes", n)
	}
}

// TestPlanStraddle shows that the preview is what is affixed.
func TestPlanStraddle(t *testing.T) {
	o := newOffice(t)
	doc := document(a4, page{"0 0 842 595", "/Rotate 90"}, page{"10 20 605 862", "/CropBox [60 70 500 800]"}, page{"0 0 300 420", "/UserUnit 2"})
	for _, e := range pdfseal.Edges() {
		s := pdfseal.Straddle{Edge: e, Pages: upTo(4)}
		plan, err := pdfseal.PlanStraddle(context.Background(), bytes.NewReader(doc), s, 20, 20)
		if err != nil {
			t.Fatal(err)
		}
		_, done := o.straddled(t, doc, 0, s)
		if !slices.Equal(plan, done.Marks) {
			t.Errorf("%s: planned %+v\nmade %+v", e, plan, done.Marks)
		}
		for i, m := range plan {
			from := float64(i) / 4
			if e == pdfseal.EdgeLeft || e == pdfseal.EdgeTop {
				from = float64(3-i) / 4
			}
			if m.Slice != (pdfseal.Slice{Edge: e, Group: 1, N: i + 1, Of: 4, From: from, To: from + 0.25}) {
				t.Errorf("%s: %+v", e, m.Slice)
			}
		}
	}
}
