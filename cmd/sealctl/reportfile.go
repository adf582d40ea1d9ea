package main

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"strings"
	"time"

	"sealdesk/pdfseal"
	"sealdesk/ui/explain"
	"sealdesk/ui/job"
	"sealdesk/ui/report"
)

// reportFile gathers what `verify --report` writes. A nil one does nothing.
type reportFile struct {
	path, kind string
	docs       []*report.Document
	lines      bytes.Buffer // the JSON of each file
}

// reportKindError is a report name whose ending names no kind of report.
type reportKindError struct{ path string }

func (e *reportKindError) Error() string { return "sealctl: no kind of report: " + e.path }

// Situation implements explain.Situation.
func (e *reportKindError) Situation() (key string, data map[string]string) {
	return "report.kind", map[string]string{"Path": e.path}
}

func newReportFile(path string) (*reportFile, error) {
	if path == "" {
		return nil, nil
	}
	kind := strings.ToLower(filepath.Ext(path))
	switch kind {
	case ".html", ".pdf", ".json":
		if err := pdfseal.Absent(path); err != nil {
			return nil, err
		}
		return &reportFile{path: path, kind: kind}, job.Folder(filepath.Dir(path))
	}
	return nil, &reportKindError{path}
}

// add takes one result up; for the kinds with pictures it draws them.
func (f *reportFile) add(a *app, r verified, p *progress) error {
	if f == nil {
		return nil
	}
	d := &report.Document{Report: r.report}
	var line any = r.report
	switch {
	case r.err != nil:
		m := explain.Error(r.err)
		texts := m.Texts(a.cat)
		d.Report = unreadableReport(a, r, m)
		d.Problem = append([]string{texts.What, texts.Why}, append(texts.Details, texts.Do)...)
		line = unreadable{Report: d.Report, Error: a.failure(r.err)}
	case f.kind == ".json" && r.centre != nil:
		line, _ = a.online(r.report, r.centre)
	case f.kind != ".json":
		var err error
		d, err = report.Collect(a.ctx, r.path, r.report, func(done, total int) {
			p.show(a.text("progress.report", "File", filepath.Base(f.path)), int64(done), int64(total))
		})
		p.clear()
		if err != nil {
			return err
		}
		d.Centre = a.centreNotes(r.report, r.centre)
	}
	f.docs = append(f.docs, d)
	e := json.NewEncoder(&f.lines)
	e.SetEscapeHTML(false)
	return e.Encode(line)
}

// write makes the file; it appears whole or not at all.
func (f *reportFile) write(a *app, at time.Time) error {
	if f == nil {
		return nil
	}
	var b bytes.Buffer
	var err error
	switch f.kind {
	case ".html":
		err = report.WriteHTML(&b, a.cat, a.cat.Lang(), f.docs, at)
	case ".pdf":
		err = report.WritePDF(&b, a.cat, f.docs, at)
	default:
		b = f.lines
	}
	if err != nil {
		return err
	}
	if err := pdfseal.WriteNewFile(f.path, b.Bytes()); err != nil {
		return err
	}
	a.note("report.written", "Out", filepath.Clean(f.path))
	return nil
}
