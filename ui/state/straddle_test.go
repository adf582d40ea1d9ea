package state

import (
	"context"
	"errors"
	"slices"
	"testing"

	"sealdesk/pdfseal"
)

var right = Straddle{Edge: pdfseal.EdgeRight}

func count(w *fakeWork, call string) int {
	n := 0
	for _, c := range w.calls {
		if c == call {
			n++
		}
	}
	return n
}

func TestStraddle_besideTheDate(t *testing.T) {
	w := work("a.pdf", "b.pdf")
	w.info["one.pdf"] = DocumentInfo{Pages: 1, Width: 210, Height: 297}
	b := newBench(t, w).do(KeysRead{Keys: []Key{key()}}, FilesDropped{Paths: []string{"a.pdf", "b.pdf", "one.pdf"}}, StraddleChosen{right})
	docs := b.d.Sealing.Documents
	for _, doc := range docs[:2] {
		if doc.Straddle != right || len(doc.Slices.Marks) != 2 || len(doc.Marks) != 1 || !doc.Placed() {
			t.Errorf("%s: %+v", doc.Path, doc)
		}
	}
	if docs[2].Straddle.Wanted() || docs[2].CanStraddle() || !docs[2].Placed() {
		t.Errorf("the document of one page: %+v", docs[2])
	}
	var order Order
	w.seal = func(_ context.Context, o Order) ([]Outcome, error) { order = o; return sealedAll(o), nil }
	b.do(FinishTapped{})
	if len(order.Documents) != 3 || order.Documents[0].Straddle != right || len(order.Documents[0].Marks) != 1 || order.Documents[2].Straddle.Wanted() {
		t.Errorf("ordered %+v", order.Documents)
	}
}

func TestStraddle_changesAreAskedOnce(t *testing.T) {
	w := work("a.pdf")
	b := newBench(t, w).do(KeysRead{Keys: []Key{key()}}, FilesDropped{Paths: []string{"a.pdf"}}, StraddleChosen{right}, StraddleChosen{right})
	b.do(RuleChosen{Rule{Kind: RuleDate}}, RuleChosen{Rule{Kind: RuleHand}})
	if n := count(w, "slices a.pdf right s1"); n > 2 {
		t.Errorf("asked %d times for the same", n)
	}
	left := Straddle{Edge: pdfseal.EdgeLeft, Pages: "1-2", Centre: 80}
	b.do(StraddleChosen{left})
	if doc := b.d.Sealing.Documents[0]; doc.Slices.For != left || doc.Slices.Marks[0].Slice.Edge != pdfseal.EdgeLeft {
		t.Errorf("%+v", doc.Slices)
	}
	// An answer to a former wish comes too late.
	b.do(StraddleChosen{Straddle{}}, SlicesFound{Path: "a.pdf", Slices: Slices{For: left, Seal: "s1", Marks: []pdfseal.PlacedMark{{}}}})
	if doc := b.d.Sealing.Documents[0]; doc.Straddle.Wanted() || len(doc.Slices.Marks) != 0 {
		t.Errorf("%+v", doc)
	}
	// Documents to come get what was wished last; another seal has other slices.
	second := good
	second.ID = "s2"
	w.info["c.pdf"] = twoPages()
	b.do(StraddleChosen{right}, FilesDropped{Paths: []string{"c.pdf"}})
	if doc := b.d.Sealing.Documents[1]; doc.Straddle != right || len(doc.Slices.Marks) != 2 {
		t.Errorf("the next document: %+v", doc)
	}
	b.do(KeysRead{Keys: []Key{key(func(k *Key) { k.Seals = []Seal{good, second} })}}, SealChosen{"s2"})
	if !slices.Contains(w.calls, "slices c.pdf right s2") || b.d.Sealing.Documents[0].Slices.Seal != "s2" {
		t.Errorf("another seal: %v", w.calls)
	}
}

// Where the date is not found, the straddle seal alone can be wished for.
func TestStraddle_withoutADate(t *testing.T) {
	w := work("a.pdf")
	w.resolve = func(string, Rule) ([]Mark, error) { return nil, errors.New("no date") }
	b := newBench(t, w).do(KeysRead{Keys: []Key{key()}}, FilesDropped{Paths: []string{"a.pdf"}})
	if b.d.Blocked().Key != BlockPlace {
		t.Fatalf("blocked: %v", b.d.Blocked())
	}
	b.do(StraddleChosen{right})
	if doc := b.d.Sealing.Documents[0]; b.d.Blocked() != (Block{}) || doc.PlaceErr != nil || len(doc.Marks) != 0 {
		t.Errorf("blocked: %v, %+v", b.d.Blocked(), doc)
	}
	if b.do(RuleChosen{Rule{Kind: RuleDate}}); b.d.Blocked().Key != BlockPlace {
		t.Error("a date that is asked for and not there is passed over")
	}
}
