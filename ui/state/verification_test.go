package state

import (
	"errors"
	"slices"
	"testing"

	"sealdesk/pdfseal"
)

func report(v pdfseal.Verdict, marks ...pdfseal.PlacedMark) Verified {
	return Verified{Pages: 5, Report: &pdfseal.Report{Verdict: v, Seals: []pdfseal.SealReport{{Verdict: v, Marks: marks,
		Coverage: pdfseal.Coverage{Revision: 2, Revisions: 2, WholeFile: true}}}}}
}

func verifier() *fakeWork {
	changed := report(pdfseal.VerdictInvalid, pdfseal.PlacedMark{Page: 4})
	changed.Since = 2
	changed.Report.Seals[0].Coverage = pdfseal.Coverage{Revision: 2, Revisions: 3}
	return &fakeWork{verify: map[string]Verified{"good.pdf": report(pdfseal.VerdictValid, pdfseal.PlacedMark{Page: 3}), "changed.pdf": changed},
		changes: []Spot{{Page: 5, Area: Area{X: 1, W: 2, H: 2}}, {Page: 2, Area: Area{X: 1, W: 2, H: 2}}, {Page: 2}}, more: []int{6, 7}}
}

func onVerify(t *testing.T, w *fakeWork, paths ...string) *bench {
	return newBench(t, w).do(ScreenChosen{ScreenVerify}, FilesDropped{Paths: paths})
}

func TestVerification_verdicts(t *testing.T) {
	b := onVerify(t, verifier(), "good.pdf", "changed.pdf", "broken.pdf")
	v := &b.d.Verification
	var got []pdfseal.Verdict
	for _, i := range v.Items {
		got = append(got, i.Verdict())
	}
	if !slices.Equal(got, []pdfseal.Verdict{pdfseal.VerdictValid, pdfseal.VerdictInvalid, pdfseal.VerdictIndeterminate}) {
		t.Errorf("verdicts %v", got)
	}
	if v.Judged() != 3 || v.Running() || v.Page != 3 || v.Revision() != 0 {
		t.Errorf("judged %d, running %v, page %d, revision %d", v.Judged(), v.Running(), v.Page, v.Revision())
	}
	b.do(ItemChosen{1})
	if c := v.Items[1].Changes; v.Page != 5 || v.Revision() != 2 || c.Pages() != 4 || len(c.Spots) != 3 || c.Spots[0].Page != 2 || !c.Ended || c.Err != nil {
		t.Errorf("the page that was found first is not shown: page %d, revision %d, %+v", v.Page, v.Revision(), c)
	}
	if b.do(ItemChosen{0}, ItemChosen{1}); v.Page != 2 {
		t.Errorf("page %d is shown, not the first that differs", v.Page)
	}
	b.do(ItemChosen{0}, ItemChosen{1}, ItemChosen{9})
	if n := len(slices.DeleteFunc(slices.Clone(b.m.Work.(*fakeWork).calls), func(s string) bool { return s != "compare" })); n != 1 {
		t.Errorf("compared %d times", n)
	}
	b.do(SealShown{3})
	if _, ok := v.SealReport(); ok {
		t.Error("a seal that is not there")
	}
}

func TestVerification_spots(t *testing.T) {
	b := onVerify(t, verifier(), "changed.pdf")
	v := &b.d.Verification
	b.do(ViewChosen{ViewSealed}, SpotChosen{3})
	if s, ok := v.Place(); !ok || s.Page != 5 || v.Page != 5 || v.View != ViewNow {
		t.Errorf("the last place is not shown: %+v, page %d, view %s", s, v.Page, v.View)
	}
	b.do(PageTurned{1}, SpotChosen{9})
	if _, ok := v.Place(); ok || v.Page != 1 {
		t.Errorf("a place that is not there: page %d", v.Page)
	}
	other := &pdfseal.Report{}
	b.do(SpotsFound{Path: "changed.pdf", Report: other, Spots: []Spot{{Page: 1}}}, Compared{Path: "changed.pdf", Report: other, Err: errUnreadable})
	if c := v.Items[0].Changes; len(c.Spots) != 3 || c.Err != nil {
		t.Errorf("an answer about a former state of the file was taken: %+v", c)
	}
	w := verifier()
	w.compErr = errUnreadable
	if c := onVerify(t, w, "changed.pdf").d.Verification.Items[0].Changes; !errors.Is(c.Err, errUnreadable) || !c.Ended {
		t.Errorf("what could not be compared is silent: %+v", c)
	}
}

func TestVerification_again(t *testing.T) {
	w := verifier()
	b := onVerify(t, w, "good.pdf", "good.pdf")
	if len(b.d.Verification.Items) != 1 {
		t.Fatal("a file stands twice in the list")
	}
	calls := len(w.calls)
	b.do(FilesDropped{Paths: []string{"new" + TrustExtension}})
	if len(w.calls) != calls+1 || b.d.Trust.Number != 8 || len(b.d.Notices) != 1 {
		t.Errorf("a new trust bundle does not verify anew: %v, notices %v", w.calls, b.d.Notices)
	}
	b.do(NoticeRead{}, FilesDropped{Paths: []string{"bad" + TrustExtension}})
	if len(b.d.Notices) != 1 || !errors.Is(b.d.Notices[0].Err, errUnreadable) || b.d.Trust.Number != 8 {
		t.Errorf("a refused bundle: notices %v, number %d", b.d.Notices, b.d.Trust.Number)
	}
}

func TestVerification_export(t *testing.T) {
	w := verifier()
	b := onVerify(t, w, "good.pdf", "broken.pdf").do(ExportChosen{"r.pdf"})
	if w.exported != "r.pdf 1" || b.d.Verification.Export != "r.pdf" {
		t.Errorf("exported %q", w.exported)
	}
	b.do(ListCleared{}, ExportChosen{"s.pdf"})
	if w.exported != "r.pdf 1" || len(b.d.Verification.Items) != 0 {
		t.Error("an empty list was exported")
	}
}

func TestVerification_lateAnswerAfterClear(t *testing.T) {
	b := newBench(t, verifier()).do(ScreenChosen{ScreenVerify})
	b.do(FileVerified{Path: "gone.pdf"}, RoundEnded{}, SpotsFound{Path: "gone.pdf"}, Compared{Path: "gone.pdf"}, SpotChosen{1})
	if len(b.d.Verification.Items) != 0 || b.d.Verification.Running() {
		t.Error("an answer for a file that was cleared has come back")
	}
}

func TestDropped(t *testing.T) {
	w := work("a.pdf")
	b := newBench(t, w).do(FilesDropped{Paths: []string{"a.pdf", "x.docx"}})
	if len(b.d.Sealing.Documents) != 1 || len(b.d.Notices) != 1 || b.d.Notices[0].Arg != "x.docx" {
		t.Errorf("a mixture: %+v", b.d.Notices)
	}
	b.do(NoticeRead{}, NoticeRead{}, ScreenChosen{ScreenSettings}, FilesDropped{Paths: []string{"a.pdf"}})
	if b.d.Screen != ScreenSeal || len(b.d.Sealing.Documents) != 1 {
		t.Error("a PDF dropped on the settings does not open")
	}
	b.do(FilesDropped{Paths: nil})
	if len(b.d.Notices) != 1 || b.d.Notices[0].Key != "gui.notice.no_pdf" {
		t.Errorf("an empty folder: %v", b.d.Notices)
	}
}

func TestSettings(t *testing.T) {
	w := work()
	w.options = Options{Path: "p", Lang: "zh"}
	b := newBench(t, w).do(ScreenChosen{ScreenSettings})
	if b.d.Settings.Draft.Path != "p" {
		t.Fatal("settings were not read")
	}
	b.do(OptionChanged{Options{Lang: "en", Rule: RuleHand}})
	if b.d.Options.Lang != "en" || !b.d.Settings.Saved || b.d.Sealing.Rule.Kind != RuleHand {
		t.Errorf("%+v", b.d.Options)
	}
	w.saveErr = errUnreadable
	b.do(OptionChanged{Options{Lang: "zh"}})
	if b.d.Options.Lang != "en" || b.d.Settings.Draft.Lang != "en" || len(b.d.Notices) != 1 {
		t.Error("settings that could not be saved are in force")
	}
	b.do(TrialTapped{"m"}, DiagnoseTapped{}, DiagnosisKept{Path: "f"})
	if b.d.Settings.Trial.Keys != 1 || b.d.Settings.Trial.Running || len(b.d.Settings.Diagnosis) != 1 || b.d.Settings.SavedTo != "f" {
		t.Errorf("%+v", b.d.Settings)
	}
}
