package main

import (
	"context"
	"strings"

	"github.com/google/uuid"

	"sealdesk/pdfseal"
	"sealdesk/pdfseal/center"
	"sealdesk/pdfseal/center/receipt"
	"sealdesk/ui/explain"
	"sealdesk/ui/job/worker"
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

// showCentre prints the centre's word and answers its exit code.
func (a *app) showCentre(words []centreWord) int {
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
			a.say("verify.centre", "Verdict", a.text("verdict."+w.Verdict), "Reasons", strings.Join(w.Reasons, ", "), "Receipt", w.Receipt, "Field", w.Field)
			if !w.Agrees {
				a.say("verify.centre_differs")
			}
		}
	}
	return worst
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
