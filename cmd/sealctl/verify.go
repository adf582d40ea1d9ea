package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"

	"sealdesk/pdfseal"
	"sealdesk/pdfseal/center"
	"sealdesk/ui/explain"
	"sealdesk/ui/report"
)

// verifyCmd is `sealctl verify`.
type verifyCmd struct {
	Files  []string `arg:"" name:"file" help:"${flag_verify_files}"`
	Trust  string   `placeholder:"FILE" help:"${flag_trust}"`
	At     string   `placeholder:"TIME" help:"${flag_verify_at}"`
	JSON   bool     `name:"json" help:"${flag_json}"`
	Online bool     `help:"${flag_online}"`
	Report string   `placeholder:"FILE.html|.pdf|.json" help:"${flag_report}"`
}

// verified is the result for one file.
type verified struct {
	path   string
	report *pdfseal.Report
	centre []centreWord // with --online
	err    error
}

// Run verifies the files on all processors and prints the results in the order of the command line. The exit code is the worst.
func (c *verifyCmd) Run(a *app) error {
	at, err := parseTime(c.At)
	if err != nil {
		return err
	}
	if at.IsZero() {
		at = a.now()
	}
	out, err := newReportFile(c.Report)
	if err != nil {
		return err
	}
	pool, err := a.verifiers(a.trustSource(c.Trust), at)
	if err != nil {
		return err
	}
	defer pool.Close()
	var client *center.Client
	if c.Online {
		if client, err = a.centre(); err != nil {
			return err
		}
		defer client.Close()
	}
	p := newProgress(a.stderr)
	worst := explain.ExitDone
	for r := range verifyAll(a.ctx, c.Files, func(ctx context.Context, path string) verified {
		rep, err := pool.Verify(ctx, path, func(done, total int64) {
			p.show(a.text("progress.verify", "File", filepath.Base(path)), done, total)
		})
		r := verified{path: path, report: rep, err: err}
		if err == nil {
			report.Describe(ctx, path, rep)
		}
		if client != nil {
			r.centre = askCentre(ctx, client, pool, r)
		}
		return r
	}) {
		p.clear()
		worst = worse(worst, c.show(a, r))
		if worst == explain.ExitCancelled {
			break
		}
		if err := out.add(a, r, p); err != nil {
			return err
		}
	}
	p.clear()
	if worst != explain.ExitCancelled {
		if err := out.write(a, at); err != nil {
			return err
		}
	}
	if worst == explain.ExitDone {
		return nil
	}
	return exitCode(worst)
}

// verifyAll runs check for every path, a few at a time, and answers the results in the order of paths.
func verifyAll(ctx context.Context, paths []string, check func(context.Context, string) verified) func(func(verified) bool) {
	return func(yield func(verified) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		slots := make(chan chan verified, max(1, runtime.GOMAXPROCS(0))-1)
		go func() {
			defer close(slots)
			for _, path := range paths {
				result := make(chan verified, 1)
				go func() { result <- check(ctx, path) }()
				select {
				case slots <- result:
				case <-ctx.Done():
					slots <- result
					return
				}
			}
		}()
		for result := range slots {
			if !yield(<-result) {
				cancel()
				for range slots {
				}
				return
			}
		}
	}
}

// severity orders exit codes from bad to good (DESIGN §9); codes not listed stand in front. That the centre could not be asked
// weighs less than what was found here to be invalid, and more than what nobody can judge.
var severity = []int{explain.ExitCancelled, explain.ExitUnexpected, explain.ExitUnreadable, explain.ExitInvalid, explain.ExitCentre,
	explain.ExitIndeterminate, explain.ExitUnsealed, explain.ExitDone}

// worse returns the worse of two exit codes.
func worse(a, b int) int {
	if slices.Index(severity, b) < slices.Index(severity, a) {
		return b
	}
	return a
}

// exitOf returns the exit code of a verdict; anything unknown is indeterminate.
func exitOf(v pdfseal.Verdict) int {
	switch v {
	case pdfseal.VerdictValid, pdfseal.VerdictValidNotice:
		return explain.ExitDone
	case pdfseal.VerdictInvalid:
		return explain.ExitInvalid
	case pdfseal.VerdictUnsealed:
		return explain.ExitUnsealed
	default:
		return explain.ExitIndeterminate
	}
}

// unreadable is the JSON of a file that cannot be judged: a report with the reason, and the error.
type unreadable struct {
	*pdfseal.Report
	Error *failure `json:"error"`
}

// show prints one result and returns its exit code.
func (c *verifyCmd) show(a *app, r verified) int {
	if r.err == nil {
		explain.Fill(a.cat, r.report)
		r.report.File = r.path
		code := exitOf(r.report.Verdict)
		switch {
		case c.JSON && c.Online:
			out, centre := a.online(r.report, r.centre)
			a.writeJSON(out)
			return worse(code, centre)
		case c.JSON:
			a.writeJSON(r.report)
			return code
		}
		a.printReport(r.report, !differs(r.centre))
		return worse(code, a.showCentre(r.report, r.centre))
	}
	m := explain.Error(r.err)
	if m.Exit != explain.ExitUnreadable && m.Exit != explain.ExitCancelled {
		m.Exit = explain.ExitUnexpected
	}
	if c.JSON {
		a.writeJSON(unreadable{Report: unreadableReport(a, r, m), Error: a.failure(r.err)})
	}
	if m.Exit != explain.ExitCancelled {
		fmt.Fprintln(a.stderr, line(r.path))
		a.printFailure(a.stderr, r.err)
	}
	return m.Exit
}

func unreadableReport(a *app, r verified, m explain.Message) *pdfseal.Report {
	rule := m.Data["Rule"]
	if rule == "" {
		rule = "S1"
	}
	rep := &pdfseal.Report{File: r.path, Verdict: pdfseal.VerdictIndeterminate, Seals: []pdfseal.SealReport{}, Changes: []pdfseal.Change{},
		Reasons: []pdfseal.Reason{{Rule: rule, Key: pdfseal.ReasonFormat, Text: m.Texts(a.cat).What, Verdict: pdfseal.VerdictIndeterminate}}}
	if st, err := os.Stat(r.path); err == nil {
		rep.Size = st.Size()
	}
	return rep
}
