package state

import (
	"errors"
	"testing"
	"time"

	"sealdesk/pdfseal/register"
)

var centre = CenterOptions{URL: "https://centre.example", CA: "/ca.pem", Transport: "tls"}

func TestSettings_centre(t *testing.T) {
	w := work()
	w.options = Options{Path: "p", Center: CenterOptions{URL: "https://old.example"}}
	b := newBench(t, w).do(ScreenChosen{ScreenSettings})
	if b.d.Settings.Center != w.options.Center || b.d.CenterUnsaved() {
		t.Fatalf("the draft begins with %+v", b.d.Settings.Center)
	}
	b.do(CenterEdited{centre}, CenterTried{})
	p := b.d.Settings.Probe
	if !p.Ended || p.Running || p.Err != nil || p.Answer.Host != centre.URL || b.d.Options.Center == centre || !b.d.CenterUnsaved() {
		t.Errorf("tested: %+v", p)
	}
	if b.do(CenterEdited{CenterOptions{}}); b.d.Settings.Probe.Ended {
		t.Error("the answer about another address stands there")
	}
	w.center = Center{Phase: CenterConnected, Host: "centre.example"}
	b.do(CenterEdited{centre}, CenterKept{})
	if b.d.Options.Center != centre || b.d.CenterUnsaved() || !b.d.Settings.Saved || b.d.Center != w.center {
		t.Errorf("saved: %+v, %+v", b.d.Options.Center, b.d.Center)
	}
	w.saveErr = errUnreadable
	b.do(CenterEdited{CenterOptions{URL: "x"}}, CenterKept{})
	if b.d.Options.Center != centre || b.d.Settings.Center.URL != "x" || len(b.d.Notices) != 1 {
		t.Errorf("what could not be saved is in force, or what was typed is lost: %+v", b.d.Settings.Center)
	}
}

func TestSettings_centreLateAnswer(t *testing.T) {
	w := work()
	b := newBench(t, w).do(CenterEdited{centre})
	if cmd := b.step(CenterTried{}); cmd == nil || b.step(CenterTried{}) != nil {
		t.Fatal("two tests at once")
	}
	b.do(CenterEdited{CenterOptions{URL: "https://other.example"}}, CenterTrialEnded{CenterTrial{For: centre, Ended: true}})
	if p := b.d.Settings.Probe; p.Ended || p.Running {
		t.Errorf("a late answer is shown: %+v", p)
	}
	w.tryErr = errUnreadable
	if b.do(CenterTried{}); !errors.Is(b.d.Settings.Probe.Err, errUnreadable) {
		t.Errorf("%+v", b.d.Settings.Probe)
	}
}

// What a bundle fixes shows while the settings stand there, whoever imports it.
func TestTrust_newPolicyShowsAtOnce(t *testing.T) {
	w := work()
	b := newBench(t, w).do(ScreenChosen{ScreenSettings})
	w.options = Options{Existing: "number", Locked: map[string]string{"existing": "8"}}
	b.do(TrustChosen{"new" + TrustExtension})
	if b.d.Options.Existing != "number" || b.d.Settings.Draft.Locked["existing"] == "" {
		t.Errorf("imported here: %+v", b.d.Settings.Draft)
	}
	w.options = Options{WithoutTrust: false, Suffix: "_s", Locked: map[string]string{"suffix": "9"}}
	w.trust = &TrustState{Path: "trust", Number: 9, Issued: today}
	b.do(ClockTicked{today.Add(time.Minute)})
	if b.d.Options.Suffix != "_s" || b.d.Settings.Draft.Locked["suffix"] == "" || b.d.Trust.Number != 9 {
		t.Errorf("imported by the command line: %+v", b.d.Settings.Draft)
	}
	w.options = Options{}
	if b.do(ClockTicked{today.Add(2 * time.Minute)}); b.d.Options.Suffix != "_s" {
		t.Error("the settings are read anew although nothing has changed")
	}
}

func TestRegister_receiptsAreFetched(t *testing.T) {
	w := work()
	done := register.Use{Outcome: register.KindDone, Entry: register.Entry{Seq: 1, Receipt: register.ReceiptQueued}}
	w.register = RegisterContent{Report: &register.Report{}, Uses: []Use{{Use: done}, {Use: register.Use{Outcome: register.KindDone, Entry: register.Entry{Seq: 2, Receipt: "R"}}}}}
	w.fetched, w.center = Fetched{Embedded: 1}, Center{Phase: CenterConnected}
	b := newBench(t, w).do(ScreenChosen{ScreenRegister})
	if n := b.d.Register.Queued(); n != 1 {
		t.Fatalf("%d wait for the centre", n)
	}
	if cmd := b.step(ReceiptsWanted{}); cmd == nil || !b.d.Register.Fetching.Running || b.step(ReceiptsWanted{}) != nil {
		t.Error("asked twice at once, or not at all")
	}
	w.register.Uses[0].Receipt = "R2"
	b.do(ReceiptsFetched{Fetched: w.fetched})
	if f := b.d.Register.Fetching; !f.Ended || f.Fetched.Embedded != 1 || b.d.Register.Queued() != 0 || b.d.Center.Phase != CenterConnected {
		t.Errorf("%+v, %d still wait", f, b.d.Register.Queued())
	}
	w.fetchErr = errUnreadable
	if b.do(ReceiptsWanted{}); !errors.Is(b.d.Register.Fetching.Err, errUnreadable) {
		t.Errorf("%+v", b.d.Register.Fetching)
	}
}

// The copy takes the place of its document on the list, and the user is asked to look at it.
func TestNormalise(t *testing.T) {
	w := work("good.pdf")
	w.copyable = true
	b := newBench(t, w).do(KeysRead{Keys: []Key{key()}}, FilesDropped{Paths: []string{"odd.pdf"}})
	if doc := b.d.Sealing.Documents[0]; !doc.CanNormalise() || b.d.Blocked().Key != BlockRefused {
		t.Fatalf("%+v, blocked %v", doc, b.d.Blocked())
	}
	w.copyErr = errUnreadable
	if b.do(NormaliseTapped{}); !errors.Is(b.d.Sealing.Documents[0].Copying.Err, errUnreadable) || len(b.d.Notices) != 0 {
		t.Errorf("refused: %+v", b.d.Sealing.Documents[0].Copying)
	}
	w.copyErr = nil
	w.info["odd.pdf.copy"] = twoPages()
	if cmd := b.step(NormaliseTapped{}); cmd == nil || !b.d.Sealing.Documents[0].Copying.Running || b.step(NormaliseTapped{}) != nil {
		t.Error("not begun, or begun twice")
	}
	b.do(Normalised{Path: "odd.pdf", Out: "odd.pdf.copy"})
	doc := b.d.Sealing.Documents[0]
	if doc.Path != "odd.pdf.copy" || !doc.Loaded || doc.Copying.Of != "odd.pdf" || len(doc.Marks) != 1 || len(b.d.Notices) != 1 || b.d.Blocked() != (Block{}) {
		t.Errorf("%+v, notices %v, blocked %v", doc, b.d.Notices, b.d.Blocked())
	}
	b.do(DocumentRemoved{0}, Normalised{Path: "gone.pdf", Out: "gone.pdf.copy"})
	if len(b.d.Sealing.Documents) != 0 || len(b.d.Notices) != 2 {
		t.Errorf("a late answer: %+v, %v", b.d.Sealing.Documents, b.d.Notices)
	}
	// What a copy cannot help with is not offered.
	w.copyable = false
	if b.do(FilesDropped{Paths: []string{"no.pdf"}}); b.d.Sealing.Documents[0].CanNormalise() || b.step(NormaliseTapped{}) != nil {
		t.Error("a copy is offered where none can help")
	}
}
