package pdfseal_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"sealdesk/pdfseal"
)

// TestHonest_straddled seals the bases of the corpus that have several pages with a straddle seal, alone or beside an ordinary mark, then by a
// second office with a straddle seal on the opposite edge, then by a third with an ordinary one; without evidence and with a receipt behind
// each. Every state is valid, and qpdf has nothing to say. In the short run it takes every twentieth base.
func TestHonest_straddled(t *testing.T) {
	o := newOffice(t)
	tool(t, "qpdf")
	var files []corpusFile
	for _, c := range corpus(t) {
		if c.sealable() && refusedFiles[c.name()] == "" && c.pages != "1" {
			files = append(files, c)
		}
	}
	step := 1
	if !isLong() {
		step = 20
	}
	var mu sync.Mutex
	bases, states, small := 0, 0, 0
	parallel((len(files)+step-1)/step, func(next func() (int, bool)) {
		for i, ok := next(); ok; i, ok = next() {
			n := straddledStates(t, o, files[i*step], i)
			mu.Lock()
			bases, states = bases+1, states+n
			if n == 0 {
				small++
			}
			mu.Unlock()
		}
	})
	t.Logf("%d bases of several pages in %d sealed states, all valid unless named above; %d have a page too small for the seal", bases, states, small)
	if bases < 3 || states < 5*(bases-small) || small > bases/4 {
		t.Errorf("%d bases, %d states, %d too small", bases, states, small)
	}
}

// straddledStates makes and judges the states of one base and says how many there are.
func straddledStates(t *testing.T, o *office, c corpusFile, nth int) (states int) {
	src, err := os.ReadFile(c.path)
	if err != nil {
		t.Error(err)
		return 0
	}
	inv, err := pdfseal.Inspect(t.Context(), bytes.NewReader(src), nil)
	if err != nil {
		t.Errorf("%s: %v", c.name(), err)
		return 0
	}
	w, h, err := pdfseal.PageSize(t.Context(), bytes.NewReader(src), 1)
	if err != nil {
		t.Errorf("%s: %v", c.name(), err)
		return 0
	}
	const side = 20
	pages := upTo(min(inv.Pages, 50))
	edges := [2]pdfseal.Edge{pdfseal.Edges()[nth%4], pdfseal.Edges()[(nth%4)^1]}
	beside := []pdfseal.Mark{{Page: 1, X: w / 2, Y: h / 2}}
	if w < 90 || h < 90 || inv.Pages < 2 {
		return 0
	}
	for _, receipts := range []bool{false, true} {
		doc := src
		for i, at := range []honestPlace{
			{straddle: &pdfseal.Straddle{Edge: edges[0], Pages: pages}},
			{straddle: &pdfseal.Straddle{Edge: edges[1], Pages: pages}, marks: beside},
			{marks: []pdfseal.Mark{{Page: 2, X: 45, Y: 45}}},
		} {
			next, err := o.honest(t, doc, i, side, at, receipts, i)
			var re *pdfseal.RequestError
			if errors.As(err, &re) && (re.Key == "SLICE_OFF_PAGE" || re.Key == "OFF_PAGE") {
				break
			}
			if err != nil {
				t.Errorf("%s, seal %d: %v", c.name(), i+1, err)
				break
			}
			doc = next
			states++
			if msg := o.falseAlarm(doc, i+1, receipts); msg != "" {
				t.Errorf("%s, %d seals, receipts %v: %s", c.name(), i+1, receipts, msg)
			}
		}
		path := filepath.Join(t.TempDir(), "straddled.pdf")
		if err := os.WriteFile(path, doc, 0o600); err != nil {
			t.Error(err)
		} else if got := qpdfSays(t, path); got != "clean" {
			t.Errorf("%s: qpdf --check: %s", c.name(), got)
		}
	}
	return states
}
