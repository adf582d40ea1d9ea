package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"sealdesk/pdfseal"
)

// printReport prints a report for people: the verdict first, then why, then every seal, what came later, and with what it was judged.
func (a *app) printReport(r *pdfseal.Report) {
	a.say("verify.file", "File", r.File)
	a.say("verify.verdict", "Verdict", a.text("verdict."+string(r.Verdict)), "Mark", mark(r.Verdict))
	a.printReasons("  ", r.Reasons)
	if r.Verdict != pdfseal.VerdictValid {
		a.say("verify.next", "Text", a.text("next."+string(r.Verdict)))
	}
	for i, s := range r.Seals {
		a.printSeal(i+1, len(r.Seals), s)
	}
	for _, c := range r.Changes {
		a.say("verify.change", "Revision", strconv.Itoa(c.Revision), "Text", c.Text)
	}
	if r.SM3 != "" {
		a.say("verify.sm3", "SM3", r.SM3, "Size", strconv.FormatInt(r.Size, 10))
	}
	if r.Trust == nil {
		a.say("verify.no_trust")
		return
	}
	a.say("verify.trust", "Name", r.Trust.Bundle, "Issued", day(r.Trust.Issued), "Age", strconv.Itoa(r.Trust.AgeDays))
}

// mark is the shape that goes with a verdict; colour alone says nothing.
func mark(v pdfseal.Verdict) string {
	switch v {
	case pdfseal.VerdictValid:
		return "✔"
	case pdfseal.VerdictValidNotice:
		return "✔!"
	case pdfseal.VerdictInvalid:
		return "✘"
	case pdfseal.VerdictUnsealed:
		return "–"
	default:
		return "?"
	}
}

func (a *app) printReasons(indent string, list []pdfseal.Reason) {
	for _, r := range list {
		fmt.Fprintln(a.stdout, indent+a.text("verify.reason", "Text", r.Text, "Rule", r.Rule))
	}
}

// printSeal prints one seal. Integrity, identity, trust and time are four lines, never one tick (rule V1).
func (a *app) printSeal(n, of int, s pdfseal.SealReport) {
	head := "verify.seal"
	if s.Seal.Name == "" && s.Seal.ID == "" {
		head = "verify.no_seal"
	}
	a.say(head, "N", strconv.Itoa(n), "Of", strconv.Itoa(of), "Name", s.Seal.Name, "ID", s.Seal.ID)
	a.say("verify.seal_verdict", "Verdict", a.text("verdict."+string(s.Verdict)), "Mark", mark(s.Verdict))
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
	for _, m := range s.Marks {
		a.say("verify.mark", "Page", strconv.Itoa(m.Page), "X", millimetres(m.X), "Y", millimetres(m.Y), "W", millimetres(m.W), "H", millimetres(m.H))
	}
	for _, l := range fourLines {
		status, rules := summarise(s.Checks, l.rules)
		a.say("verify.line", "What", a.text("line."+l.name), "Result", a.text("check."+status), "Rules", strings.Join(rules, " "))
	}
	if skipped := skippedRules(s.Checks); len(skipped) > 0 {
		a.say("verify.skipped", "Rules", strings.Join(skipped, " "))
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

// fourLines groups the rules of verification.md, §3 by the question that they answer; integrity is everything else.
var fourLines = []struct {
	name  string
	rules []string
}{
	{"integrity", nil},
	{"identity", []string{"E1", "E2", "C6", "T2"}},
	{"trust", []string{"T1", "T4", "E7"}},
	{"time", []string{"T3", "T5"}},
}

// summarise answers the worst status of the checks of a line ("none" if there was no check) and the rules that did not pass.
func summarise(checks []pdfseal.Check, rules []string) (status string, bad []string) {
	status = "none"
	for _, c := range checks {
		if !belongs(c.ID, rules) {
			continue
		}
		switch {
		case c.Status == pdfseal.CheckFailed:
			status = "failed"
		case c.Status == pdfseal.CheckSkipped && status != "failed":
			status = "skipped"
		case status == "none":
			status = "passed"
		}
		if c.Status != pdfseal.CheckPassed && !slices.Contains(bad, c.ID) {
			bad = append(bad, c.ID)
		}
	}
	return status, bad
}

func belongs(id string, rules []string) bool {
	if rules != nil {
		return slices.Contains(rules, id)
	}
	for _, l := range fourLines {
		if slices.Contains(l.rules, id) {
			return false
		}
	}
	return true
}

func skippedRules(checks []pdfseal.Check) []string {
	var out []string
	for _, c := range checks {
		if c.Status == pdfseal.CheckSkipped && !slices.Contains(out, c.ID) {
			out = append(out, c.ID)
		}
	}
	return out
}
