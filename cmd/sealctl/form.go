package main

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"

	"sealdesk/cmd/internal/cmdline"
	"sealdesk/pdfseal"
	"sealdesk/ui/form"
	"sealdesk/ui/job"
	"sealdesk/ui/report"
)

// formCmd is `sealctl form`.
type formCmd struct {
	Kind     string `arg:"" name:"kind" help:"${flag_form_kind}"`
	Output   string `short:"o" placeholder:"OUT.pdf" help:"${flag_form_output}"`
	Seal     string `placeholder:"ID" help:"${flag_form_seal}"`
	From     string `placeholder:"FILE" xor:"source" help:"${flag_form_from}"`
	Blank    bool   `xor:"source" help:"${flag_form_blank}"`
	Document string `placeholder:"FILE" help:"${flag_form_document}"`
	Module   string `placeholder:"FILE" help:"${flag_module}"`
	JSON     bool   `name:"json" help:"${flag_json}"`
}

// formResult is a form in JSON.
type formResult struct {
	Kind   form.Kind       `json:"kind"`
	Title  string          `json:"title"`
	Output string          `json:"output"`
	Size   int             `json:"size"`
	Seal   *sealResultSeal `json:"seal"` // null where no seal is filled in
}

// Run writes the form into a new file.
func (c *formCmd) Run(a *app) error {
	k := form.Kind(c.Kind)
	if !k.Known() {
		return cmdline.Usage("choice", "Flag", "KIND", "List", formKinds(), "Value", c.Kind)
	}
	if !k.OfSeal() && c.Seal+c.From != "" {
		return cmdline.Usage("form_issue")
	}
	if k != form.Use && c.Document != "" {
		return cmdline.Usage("form_document")
	}
	title := a.text("form.title." + string(k))
	out := c.Output
	if out == "" {
		out = title + ".pdf"
	}
	if err := pdfseal.Absent(out); err != nil {
		return err
	}
	if err := job.Folder(filepath.Dir(out)); err != nil {
		return err
	}
	document, err := c.document(a)
	if err != nil {
		return err
	}
	var seal form.Seal
	if k.OfSeal() && !c.Blank {
		if seal, err = c.seal(a); err != nil {
			return err
		}
	}
	var b bytes.Buffer
	if err := report.WriteForm(&b, a.cat, form.New(k, seal, document), a.now()); err != nil {
		return err
	}
	if err := pdfseal.WriteNewFile(out, b.Bytes()); err != nil {
		return err
	}
	c.show(a, formResult{Kind: k, Title: title, Output: out, Size: b.Len(), Seal: shortSeal(seal)})
	return nil
}

func formKinds() string {
	var list []string
	for _, k := range form.Kinds() {
		list = append(list, string(k))
	}
	return strings.Join(list, ", ")
}

func shortSeal(s form.Seal) *sealResultSeal {
	if s == (form.Seal{}) {
		return nil
	}
	return &sealResultSeal{ID: s.ID, Name: s.Name}
}

func (c *formCmd) show(a *app, r formResult) {
	if c.JSON {
		a.writeJSON(r)
		return
	}
	a.say("form.done", "Title", r.Title, "Out", r.Output)
	if r.Seal == nil {
		a.say("form.blank")
		return
	}
	a.say("form.filled", "Name", r.Seal.Name, "ID", r.Seal.ID)
}

// seal finds the seal that the form speaks of: in the file of --from, else on the keys. Where no seal is asked for by name and no key can
// be read, the form is left blank, and it is said why.
func (c *formCmd) seal(a *app) (form.Seal, error) {
	if c.From != "" {
		list, err := c.fileSeals(a)
		if err != nil {
			return form.Seal{}, err
		}
		return c.choose(list)
	}
	list, err := c.keySeals(a)
	if err == nil && len(list) > 0 {
		return c.choose(list)
	}
	if err == nil {
		err = &keyError{key: "job.no_seal"}
	}
	if c.Seal != "" || a.ctx.Err() != nil {
		return form.Seal{}, err
	}
	a.note("form.why_blank", "Text", a.failure(err).What)
	return form.Seal{}, nil
}

// choose takes the seal of --seal, or the only one.
func (c *formCmd) choose(list []form.Seal) (form.Seal, error) {
	var matching []form.Seal
	var lines []string
	for _, s := range list {
		if c.Seal == "" || s.ID == c.Seal || s.Name == c.Seal {
			matching = append(matching, s)
			lines = append(lines, fmt.Sprintf("%s  %s  %s", s.ID, s.Name, s.Key))
		}
	}
	switch len(matching) {
	case 0:
		return form.Seal{}, &keyError{"job.seal_unknown", map[string]string{"Seal": c.Seal}}
	case 1:
		return matching[0], nil
	}
	return form.Seal{}, &keyError{"job.seal_ambiguous", map[string]string{"List": strings.Join(lines, "\n")}}
}
