package report

import (
	"slices"

	"sealdesk/pdfseal"
)

// Line is one of the four questions about a seal and the answer to it (rule V1).
type Line struct {
	Name   string   // "integrity", "identity", "trust" or "time": the end of a key "line."
	Status string   // "passed", "failed", "skipped" or "none": the end of a key "check."
	Rules  []string // those that did not pass
}

// questions group the rules of verification.md, §3; integrity is everything else.
var questions = []struct {
	name  string
	rules []string
}{
	{"integrity", nil},
	{"identity", []string{"E1", "E2", "C6", "T2"}},
	{"trust", []string{"T1", "T4", "E7"}},
	{"time", []string{"T3", "T5"}},
}

// Lines answers integrity, identity, trust and time of a seal, always in this order: never one tick for all.
func Lines(checks []pdfseal.Check) []Line {
	out := make([]Line, 0, len(questions))
	for _, q := range questions {
		out = append(out, summarise(checks, q.name, q.rules))
	}
	return out
}

// summarise takes the worst status of the checks of a question; "none" where there was no check.
func summarise(checks []pdfseal.Check, name string, rules []string) Line {
	l := Line{Name: name, Status: "none"}
	for _, c := range checks {
		if !belongs(c.ID, rules) {
			continue
		}
		switch {
		case c.Status == pdfseal.CheckFailed:
			l.Status = "failed"
		case c.Status == pdfseal.CheckSkipped && l.Status != "failed":
			l.Status = "skipped"
		case l.Status == "none":
			l.Status = "passed"
		}
		if c.Status != pdfseal.CheckPassed && !slices.Contains(l.Rules, c.ID) {
			l.Rules = append(l.Rules, c.ID)
		}
	}
	return l
}

func belongs(id string, rules []string) bool {
	if rules != nil {
		return slices.Contains(rules, id)
	}
	for _, q := range questions {
		if slices.Contains(q.rules, id) {
			return false
		}
	}
	return true
}

// Skipped lists the rules that were not checked, each once (rule V2).
func Skipped(checks []pdfseal.Check) []string {
	var out []string
	for _, c := range checks {
		if c.Status == pdfseal.CheckSkipped && !slices.Contains(out, c.ID) {
			out = append(out, c.ID)
		}
	}
	return out
}

// ReasonMark is the shape that goes with a reason: a notice is told apart from what makes a seal invalid or leaves it open.
func ReasonMark(r pdfseal.Reason) string {
	if r.Notice() {
		return "!"
	}
	return Mark(r.Verdict)
}

// Mark is the shape that goes with a verdict; colour alone says nothing.
func Mark(v pdfseal.Verdict) string {
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
