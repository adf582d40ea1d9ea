package main

import (
	"path/filepath"
	"strconv"

	"sealdesk/ui/normalise"
)

// normaliseCmd is `sealctl normalise`: a copy that can be sealed, of a document whose structure the strict reader refuses (rule W3).
type normaliseCmd struct {
	File   string `arg:"" name:"file" help:"${flag_normalise_input}"`
	Output string `short:"o" required:"" placeholder:"OUT.pdf" help:"${flag_normalise_output}"`
	JSON   bool   `name:"json" help:"${flag_json}"`
}

// normalised is its JSON.
type normalised struct {
	File   string `json:"file"`
	Output string `json:"output"`
	Pages  int    `json:"pages"`
	Rule   string `json:"rule"` // that the file breaks
}

// Run writes the copy into a new file and says that it has to be looked at.
func (c *normaliseCmd) Run(a *app) error {
	p := newProgress(a.stderr)
	name := clean(filepath.Base(c.File))
	r, err := normalise.File(a.ctx, c.File, c.Output, func(done, total int) {
		p.show(a.text("progress.normalise", "File", name), int64(done), int64(total))
	})
	p.clear()
	switch {
	case err != nil:
		return err
	case c.JSON:
		a.writeJSON(normalised{c.File, c.Output, r.Pages, r.Rule})
		return nil
	}
	a.say("normalise.done", "Out", filepath.Clean(c.Output), "Pages", strconv.Itoa(r.Pages), "Rule", r.Rule)
	a.say("normalise.look")
	return nil
}
