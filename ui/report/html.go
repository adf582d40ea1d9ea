package report

import (
	"bytes"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"image"
	"image/png"
	"io"
	"time"
)

//go:embed report.html.tmpl
var htmlSource string

// htmlPage is what the template draws.
type htmlPage struct {
	Lang, Title, Made, Promise string
	Labels                     map[string]string
	Files                      []fileView
}

var htmlTemplate = template.Must(template.New("report").Funcs(template.FuncMap{"img": dataURI, "css": func(s string) template.CSS { return template.CSS(s) }}).Parse(htmlSource))

// WriteHTML writes one page without any link to elsewhere: the pictures stand in it. lang is the tag of t's language; now is
// printed as the time of checking.
func WriteHTML(w io.Writer, t Translator, lang string, docs []*Document, now time.Time) error {
	texts := writer{t, now}
	p := htmlPage{Lang: lang, Title: texts.text("report.title"), Made: texts.text("report.made", "Time", clock(&now)), Promise: texts.text("report.promise"),
		Labels: map[string]string{}}
	for _, key := range []string{"seals", "changes", "pages", "compared", "reasons", "timeline", "picture", "no_picture", "facts"} {
		p.Labels[key] = texts.text("report." + key)
	}
	for _, d := range docs {
		p.Files = append(p.Files, texts.file(d))
	}
	if err := htmlTemplate.Execute(w, p); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	return nil
}

// dataURI puts a picture into the page itself.
func dataURI(img image.Image) (template.URL, error) {
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		return "", err
	}
	return template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(b.Bytes())), nil
}
