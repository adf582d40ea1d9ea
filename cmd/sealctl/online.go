package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"sealdesk/pdfseal"
	"sealdesk/pdfseal/center"
	"sealdesk/pdfseal/center/receipt"
	"sealdesk/ui/explain"
	"sealdesk/ui/job/worker"
	"sealdesk/ui/report"
)

// centreWord is what the centre says of one seal, beside what was found here.
type centreWord struct {
	Field   string   `json:"field,omitempty"`
	Verdict string   `json:"verdict,omitempty"`
	Reasons []string `json:"reasons,omitempty"`
	Receipt string   `json:"receipt,omitempty"`
	Agrees  bool     `json:"agrees"`
	Error   *failure `json:"error,omitempty"`

	err error
}

// onlineReport is the JSON of `verify --online`.
type onlineReport struct {
	*pdfseal.Report
	Centre []centreWord `json:"centre"`
}

// askCentre has the centre verify every seal of a file that could be read here. What it is asked is recorded there under a new
// identifier; the file is not changed.
func askCentre(ctx context.Context, client *center.Client, pool *worker.Pool, r verified) []centreWord {
	if r.err != nil || len(r.report.Seals) == 0 {
		return nil
	}
	seals, err := pool.Signatures(ctx, r.path)
	if err != nil {
		return []centreWord{{err: err}}
	}
	asked := map[string]pdfseal.Sealed{}
	for _, s := range seals {
		asked[s.Field] = s
	}
	var out []centreWord
	for _, here := range r.report.Seals {
		s, ok := asked[here.Field]
		if !ok {
			out = append(out, centreWord{Field: here.Field, err: unaskableError{}})
			continue
		}
		w := ask(ctx, client, s, here.Verdict)
		if out = append(out, w); w.err != nil {
			break // the next one would wait as long
		}
	}
	return out
}

func ask(ctx context.Context, client *center.Client, s pdfseal.Sealed, here pdfseal.Verdict) centreWord {
	w := centreWord{Field: s.Field}
	a, err := client.Verify(ctx, center.Request{RequestID: uuid.NewString(), DataHash: s.DataHash, Signature: s.Signature})
	if err != nil {
		w.err = err
		return w
	}
	w.Verdict, w.Reasons, w.Receipt, w.Agrees = a.Verdict, a.Reasons, a.Signed.ID, agree(here, a.Verdict)
	return w
}

// unaskableError is a signature without a seal, which is nothing for the centre.
type unaskableError struct{}

func (unaskableError) Error() string { return "sealctl: no seal signature of GB/T 38540" }

// Situation implements explain.Situation.
func (unaskableError) Situation() (key string, data map[string]string) {
	return "center.unaskable", nil
}

// agree tells whether the verdict of this computer and that of the centre say the same.
func agree(here pdfseal.Verdict, centre string) bool {
	switch centre {
	case receipt.VerdictValid:
		return here.Accepted()
	case receipt.VerdictInvalid:
		return here == pdfseal.VerdictInvalid
	default:
		return here == pdfseal.VerdictIndeterminate
	}
}

// showCentre prints the centre's word on the seals of a report and answers its exit code.
func (a *app) showCentre(r *pdfseal.Report, words []centreWord) int {
	worst := explain.ExitDone
	for _, w := range words {
		code := w.exit()
		worst = worse(worst, code)
		switch {
		case code == explain.ExitCancelled:
		case w.err != nil:
			a.note("verify.centre_unasked")
			a.printFailure(a.stderr, w.err)
		default:
			n := slices.IndexFunc(r.Seals, func(s pdfseal.SealReport) bool { return s.Field == w.Field })
			fmt.Fprintln(a.stdout, a.centreVerdict(n, len(r.Seals), w))
			for _, code := range w.Reasons {
				a.say("verify.centre_reason", "Text", a.centreReason(r.Seals[n], code))
			}
			if !w.Agrees {
				a.say("verify.centre_differs")
			}
		}
	}
	return worst
}

// centreNotes is the centre's word for a report on paper: what differs from this computer's verdict, or could not be asked, is a warning.
func (a *app) centreNotes(r *pdfseal.Report, words []centreWord) []report.Note {
	var out []report.Note
	for _, w := range words {
		switch {
		case w.exit() == explain.ExitCancelled:
		case w.err != nil:
			out = append(out, report.Note{Text: a.text("verify.centre_unasked") + explain.Error(w.err).Texts(a.cat).What, Warning: true})
		default:
			n := slices.IndexFunc(r.Seals, func(s pdfseal.SealReport) bool { return s.Field == w.Field })
			out = append(out, report.Note{Text: a.centreVerdict(n, len(r.Seals), w), Warning: !w.Agrees})
			for _, code := range w.Reasons {
				out = append(out, report.Note{Text: a.centreReason(r.Seals[n], code), Warning: !w.Agrees})
			}
			if !w.Agrees {
				out = append(out, report.Note{Text: a.text("verify.centre_differs"), Warning: true, Differs: true})
			}
		}
	}
	return out
}

// differs tells whether the centre says otherwise of any seal.
func differs(words []centreWord) bool {
	return slices.ContainsFunc(words, func(w centreWord) bool { return w.err == nil && !w.Agrees })
}

func (a *app) centreVerdict(n, of int, w centreWord) string {
	return a.text("verify.centre", "Verdict", a.text("verdict."+w.Verdict), "Receipt", w.Receipt, "N", strconv.Itoa(n+1), "Of", strconv.Itoa(of))
}

// centreReason puts a reason of the centre, such as "E3:HASH_MISMATCH", into words. The times and people in it the centre does not send
// along: where this computer has found the same, its sentence is taken, else they stay open.
func (a *app) centreReason(here pdfseal.SealReport, code string) string {
	rule, key, _ := strings.Cut(code, ":")
	for _, r := range here.Reasons {
		if r.Rule == rule && r.Key == key {
			return a.text("verify.reason", "Text", r.Text, "Rule", rule)
		}
	}
	sentence := "reason." + key
	if !a.cat.Has(sentence) {
		return code
	}
	unsaid := map[string]string{}
	for _, name := range a.cat.Placeholders(sentence) {
		unsaid[name] = "…"
	}
	return a.text("verify.reason", "Text", a.cat.T(sentence, unsaid), "Rule", rule)
}

// exit is 3 or 4 by the centre's verdict, and 14 where it could not be asked.
func (w centreWord) exit() int {
	if w.err == nil {
		return centreExit(w.Verdict)
	}
	if m := explain.Error(w.err); m.Exit == explain.ExitCancelled {
		return m.Exit
	}
	return explain.ExitCentre
}

func centreExit(verdict string) int {
	switch verdict {
	case receipt.VerdictValid:
		return explain.ExitDone
	case receipt.VerdictInvalid:
		return explain.ExitInvalid
	default:
		return explain.ExitIndeterminate
	}
}

// online completes the JSON of a report and answers the exit code of the centre's word.
func (a *app) online(r *pdfseal.Report, words []centreWord) (onlineReport, int) {
	worst := explain.ExitDone
	out := onlineReport{Report: r, Centre: []centreWord{}}
	for _, w := range words {
		worst = worse(worst, w.exit())
		w.Error = a.failure(w.err)
		out.Centre = append(out.Centre, w)
	}
	return out, worst
}
