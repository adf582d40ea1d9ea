package view

import (
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"sealdesk/pdfseal"
	"sealdesk/ui/state"
	"sealdesk/ui/theme"
	"sealdesk/ui/widget"
)

// What the gate has found on a page stands beside that page, and its line in the inspector leads there.
func TestSeal_findingsStandBesideTheirPage(t *testing.T) {
	b := newBench(t, "zh", theme.Options{}, fyne.NewSize(1280, 720))
	d := placed()
	doc := &d.Sealing.Documents[0]
	doc.Info.Findings = []pdfseal.Finding{{Level: pdfseal.LevelWarn, Key: pdfseal.FindingForm, Page: 2, Pages: "2", Area: pdfseal.Area{X: 40, Y: 60, W: 60, H: 8}}, {Level: pdfseal.LevelNote, Key: pdfseal.FindingAttachment},
		{Level: pdfseal.LevelRefuse, Key: pdfseal.FindingJavaScript, Pages: "1–2, 3"}}
	for page, want := range map[int]int{1: 1, 2: 2, 3: 1} {
		d.Sealing.Page = page
		b.frame.Render(d)
		b.settle()
		if got := strings.Count(all(b.frame.seal.notes.root), "\n") + 1; got != want || !b.frame.seal.notes.root.Visible() {
			t.Errorf("page %d has %d findings beside it, want %d:\n%s", page, got, want, all(b.frame.seal.notes.root))
		}
	}
	doc.Info.Findings = doc.Info.Findings[:2]
	d.Sealing.Page = 1
	b.frame.Render(d)
	b.settle()
	if b.frame.seal.notes.root.Visible() {
		t.Error("a page about which nothing is to be said has a note")
	}
	var leads []*widget.Sentence
	collect(b.frame.seal.inspector.checks, func(o fyne.CanvasObject) {
		if s, ok := o.(*widget.Sentence); ok {
			leads = append(leads, s)
		}
	})
	if len(leads) != 1 {
		t.Fatalf("%d lines lead to a page", len(leads))
	}
	if n := strings.Count(leads[0].String(), "第 2 页"); n != 1 {
		t.Errorf("the line says its page %d times: %s", n, leads[0].String())
	}
	if r := b.frame.env.findingRegions(*doc); len(r) != 1 || r[0].Page != 2 || r[0].X != 40 || r[0].H != 8 {
		t.Errorf("on the page stand the frames %+v", r)
	}
	b.take()
	if test.Tap(leads[0]); !slices.Contains(b.take(), state.Event(state.PageShown{Page: 2})) {
		t.Error("the line does not lead to its page")
	}
}

// The points that a seal jumps to are those of the document shown: the second document once had those of the first.
func TestSeal_snapsAreOfTheDocumentShown(t *testing.T) {
	b := newBench(t, "zh", theme.Options{}, fyne.NewSize(1280, 720))
	d := placed()
	byHand := document("函.pdf")
	byHand.Rule, byHand.Marks = state.Rule{Kind: state.RuleHand}, []state.Mark{{Page: 2, X: 100, Y: 100}}
	d.Sealing.Documents = append(d.Sealing.Documents, byHand)
	b.frame.Render(d)
	b.settle()
	near := func() bool { _, _, jumps := b.frame.seal.page.Snapped(2, 141, 231); return jumps }
	if !near() {
		t.Error("the seal does not jump to the date")
	}
	d.Sealing.Documents = slices.Clone(d.Sealing.Documents)
	d.Sealing.Documents[0].Rule = state.Rule{Kind: state.RuleHand}
	b.frame.Render(d)
	if !near() {
		t.Error("once moved, the seal does not jump back to the date")
	}
	d.Sealing.Current = 1
	b.frame.Render(d)
	if near() {
		t.Error("the second document has the date of the first")
	}
}
