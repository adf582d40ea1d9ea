package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"sealdesk/cmd/internal/cmdline"
	"sealdesk/ui/explain"
)

// output is standard output. It keeps the first error, so that a result that was lost does not pass for one that was written.
type output struct {
	io.Writer
	err error
}

// Write implements io.Writer.
func (o *output) Write(b []byte) (int, error) {
	n, err := o.Writer.Write(b)
	if err != nil && o.err == nil {
		o.err = &outputError{err}
	}
	return n, err
}

// outputError is a standard output that takes nothing more.
type outputError struct{ error }

func (e *outputError) Unwrap() error { return e.error }

// Situation implements explain.Situation.
func (e *outputError) Situation() (key string, data map[string]string) {
	return "output_lost", map[string]string{"Detail": e.Error()}
}

// failure is an error in JSON.
type failure struct {
	Key  string `json:"key"`
	Exit int    `json:"exit"`
	explain.Texts
}

func (a *app) failure(err error) *failure {
	if err == nil {
		return nil
	}
	m := explain.Error(err)
	return &failure{Key: m.Key, Exit: m.Exit, Texts: m.Texts(a.cat)}
}

// printFailure writes the three parts of an error, one a line.
func (a *app) printFailure(w io.Writer, err error) {
	t := explain.Error(err).Texts(a.cat)
	fmt.Fprintln(w, a.cat.T("line.what", map[string]string{"Text": clean(t.What)}))
	fmt.Fprintln(w, a.cat.T("line.why", map[string]string{"Text": clean(t.Why)}))
	for _, d := range t.Details {
		fmt.Fprintln(w, "  · "+clean(d))
	}
	fmt.Fprintln(w, a.cat.T("line.do", map[string]string{"Text": clean(t.Do)}))
}

// warn prints what is wrong without ending the command.
func (a *app) warn(err error) { a.printFailure(a.stderr, err) }

// writeJSON writes v on one line of standard output.
func (a *app) writeJSON(v any) {
	e := json.NewEncoder(a.stdout)
	e.SetEscapeHTML(false)
	_ = e.Encode(v) // run reports what standard output did not take
}

// say writes a sentence of the catalogue to standard output; pairs are names and values of its placeholders.
func (a *app) say(key string, pairs ...string) {
	fmt.Fprintln(a.stdout, strings.TrimRight(a.text(key, pairs...), " ")) // the last placeholder may be empty
}

// note prints a line that belongs to no result.
func (a *app) note(key string, pairs ...string) { fmt.Fprintln(a.stderr, a.text(key, pairs...)) }

func (a *app) text(key string, pairs ...string) string {
	data := make(map[string]string, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		data[pairs[i]] = line(pairs[i+1])
	}
	return a.cat.T(key, data)
}

// clean makes text from outside safe to print.
func clean(s string) string { return cmdline.Clean(s) }

// line makes a value safe to print within a line.
func line(s string) string { return cmdline.Line(s) }

// zone is that of every time shown.
var zone = cmdline.Zone

func clock(t *time.Time) string {
	if t == nil || t.IsZero() {
		return "—"
	}
	return t.In(zone).Format("2006-01-02 15:04:05")
}

func day(t time.Time) string {
	if t.IsZero() {
		return "—"
	}
	return t.In(zone).Format("2006-01-02")
}

// parseTime reads the value of --at; without one the answer is the zero time.
func parseTime(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	return cmdline.Time("--at", s)
}
