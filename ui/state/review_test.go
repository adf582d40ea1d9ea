package state

import (
	"fmt"
	"testing"

	"sealdesk/pdfseal"
	"sealdesk/pdfseal/rules"
)

// reviewing answers every review with one finding, and counts what is asked.
func reviewing(w *fakeWork, level pdfseal.Level) *[]string {
	var asked []string
	w.review = func(path string, sealed []int, seal Seal) []pdfseal.Finding {
		asked = append(asked, fmt.Sprint(path, " ", sealed, " ", seal.ID))
		return []pdfseal.Finding{{Level: level, Key: rules.FindingBlankPage}}
	}
	return &asked
}

// The place decides what is reviewed: another page asks anew, another point of the same page does not.
func TestReview_follows(t *testing.T) {
	w := work("a.pdf")
	asked := reviewing(w, pdfseal.LevelWarn)
	b := newBench(t, w).do(KeysRead{Keys: []Key{key()}}, FilesDropped{Paths: []string{"a.pdf"}})
	doc := b.d.Sealing.Documents[0]
	if len(*asked) != 1 || (*asked)[0] != "a.pdf [2] s1" || len(doc.Findings()) != 1 || doc.Rank() != RankNotice {
		t.Fatalf("asked %v, found %v, %v", *asked, doc.Findings(), doc.Rank())
	}
	b.do(MarkPlaced{Mark{Page: 2, X: 100, Y: 100}}, MarkPlaced{Mark{Page: 2, X: 101, Y: 100}})
	if len(*asked) != 1 {
		t.Errorf("a mark that moves on its page is reviewed again: %v", *asked)
	}
	b.do(MarkPlaced{Mark{Page: 1, X: 100, Y: 100}}, MarkRemoved{Page: 2})
	if len(*asked) != 3 || (*asked)[1] != "a.pdf [1 2] s1" || (*asked)[2] != "a.pdf [1] s1" {
		t.Errorf("asked %v", *asked)
	}
	// An answer about other pages comes too late.
	b.do(Reviewed{Path: "a.pdf", Review: Review{Pages: []int{2}, Seal: "s1"}})
	if doc := b.d.Sealing.Documents[0]; len(doc.Findings()) != 1 || doc.Review.Running {
		t.Errorf("%+v", doc.Review)
	}
	b.do(MarkRemoved{Page: 1})
	if doc := b.d.Sealing.Documents[0]; len(*asked) != 3 || len(doc.Findings()) != 0 {
		t.Errorf("a document without a place is reviewed: %v, %v", *asked, doc.Findings())
	}
}

// What the review refuses is not sealed, until the seal is put elsewhere.
func TestReview_refuses(t *testing.T) {
	w := work("a.pdf")
	reviewing(w, pdfseal.LevelRefuse)
	b := newBench(t, w).do(KeysRead{Keys: []Key{key()}}, FilesDropped{Paths: []string{"a.pdf"}})
	if b.d.Sealing.Documents[0].Rank() != RankStop || b.d.Blocked() == (Block{}) || len(b.d.Sealing.Open()) != 0 {
		t.Errorf("%v, %v", b.d.Sealing.Documents[0].Rank(), b.d.Blocked())
	}
	reviewing(w, pdfseal.LevelNote)
	b.do(MarkPlaced{Mark{Page: 1, X: 100, Y: 100}})
	if b.d.Blocked() != (Block{}) {
		t.Errorf("still %v", b.d.Blocked())
	}
}
