package main

import (
	"fmt"
	"strconv"
	"strings"

	"sealdesk/pdfseal"
	"sealdesk/ui/explain"
	"sealdesk/ui/report"
)

// printReport prints a report for people: the verdict first, then why, and where that is wanted what to do; then every seal, what came later,
// and with what it was judged.
func (a *app) printReport(r *pdfseal.Report, advise bool) {
	a.say("verify.file", "File", r.File)
	a.say("verify.verdict", "Verdict", a.text("verdict."+string(r.Verdict)), "Mark", report.Mark(r.Verdict))
	a.printReasons("  ", r.Reasons)
	if r.Verdict != pdfseal.VerdictValid && advise {
		a.say("verify.next", "Text", a.text("next."+string(r.Verdict)))
	}
	for i, s := range r.Seals {
		a.printSeal(i+1, len(r.Seals), s)
	}
	for _, c := range r.Changes {
		if c.Revision == 0 {
			a.say("verify.behind", "Text", c.Text)
			continue
		}
		a.say("verify.change", "Revision", strconv.Itoa(c.Revision), "Text", c.Text)
	}
	if r.SM3 != "" {
		a.say("verify.sm3", "SM3", r.SM3, "Size", strconv.FormatInt(r.Size, 10))
	}
	if r.Trust == nil {
		a.say("verify.no_trust")
		return
	}
	a.say("verify.trust", "Name", r.Trust.Bundle, "Number", strconv.Itoa(r.Trust.Number), "Issued", day(r.Trust.Issued), "Age", strconv.Itoa(r.Trust.AgeDays))
	if !r.Trust.Pinned {
		a.say("verify.trust_unpinned", "Root", grouped([]string{r.Trust.Root}))
	}
}

func (a *app) printReasons(indent string, list []pdfseal.Reason) {
	for _, r := range list {
		fmt.Fprintln(a.stdout, indent+report.ReasonMark(r)+" "+a.text("verify.reason", "Text", r.Text, "Rule", r.Rule))
	}
}

// printSeal prints one seal. Integrity, identity, trust and time are four lines, never one tick (rule V1).
func (a *app) printSeal(n, of int, s pdfseal.SealReport) {
	head := "verify.seal"
	if s.Seal.Name == "" && s.Seal.ID == "" {
		head = "verify.no_seal"
	}
	a.say(head, "N", strconv.Itoa(n), "Of", strconv.Itoa(of), "Name", s.Seal.Name, "ID", s.Seal.ID)
	a.say("verify.seal_verdict", "Verdict", a.text("verdict."+string(s.Verdict)), "Mark", report.Mark(s.Verdict))
	if of > 1 {
		a.printReasons("    ", s.Reasons)
	}
	a.say("verify.signer", "Subject", s.Signer.Subject, "Serial", s.Signer.Serial)
	a.say("verify.maker", "Subject", s.Seal.Maker, "Standard", s.Standard)
	if s.Reason != "" {
		a.say("verify.purpose", "Text", s.Reason)
	}
	a.say("verify.time", "Time", clock(s.Time.Value), "Source", a.text("time."+timeSource(s.Time.Source)))
	if s.Coverage.WholeFile {
		a.say("verify.whole", "Revision", strconv.Itoa(s.Coverage.Revision), "Revisions", strconv.Itoa(s.Coverage.Revisions))
	} else {
		a.say("verify.part", "Revision", strconv.Itoa(s.Coverage.Revision), "Revisions", strconv.Itoa(s.Coverage.Revisions))
	}
	for _, m := range report.Places(s.Marks) {
		a.say("verify.mark", "Page", m.Pages, "X", millimetres(m.X), "Y", millimetres(m.Y), "W", millimetres(m.W), "H", millimetres(m.H))
	}
	for _, g := range s.Straddle {
		a.say("verify.straddle", "Text", report.Straddle(a.cat, g))
	}
	for _, l := range report.Lines(s.Checks) {
		a.say("verify.line", "What", a.text("line."+l.Name), "Result", a.text("check."+l.Status), "Rules", strings.Join(l.Rules, " "))
	}
	if skipped := report.Skipped(s.Checks); len(skipped) > 0 {
		a.say("verify.skipped", "Rules", explain.Rules(a.cat, skipped))
	}
	if len(s.Timeline) > 0 {
		a.say("verify.timeline")
	}
	for _, m := range s.Timeline {
		a.say("verify.moment", "Time", clock(&m.Time), "Text", m.What)
	}
}

func timeSource(s string) string {
	switch s {
	case pdfseal.TimeTimestamp, pdfseal.TimeReceipt:
		return s
	default:
		return pdfseal.TimeClaimed
	}
}

func millimetres(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }
