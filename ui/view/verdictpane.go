package view

import (
	"fmt"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"sealdesk/pdfseal"
	"sealdesk/ui/explain"
	"sealdesk/ui/report"
	"sealdesk/ui/state"
	"sealdesk/ui/theme"
	"sealdesk/ui/widget"
)

// verdictPane says what holds of a file: one sentence, four lines, reasons in words; the rest is one fold below.
type verdictPane struct {
	env    *Env
	column *fyne.Container
	root   *fyne.Container
	shown  string
	spots  []*widget.Sentence // places that differ, in their order
}

func newVerdictPane(e *Env) *verdictPane {
	p := &verdictPane{env: e, column: widget.NewColumn(widget.Gap(1.25), widget.Gap(2))}
	p.root = widget.NewPane(p.column)
	return p
}

func (p *verdictPane) render(d state.Desk) {
	v := d.Verification
	i, ok := v.Item()
	c := i.Changes
	want := fmt.Sprintf("%s %v %p %v %d %v %s %v %d %v %v %v", i.Path, i.Done, i.Result.Report, i.Err, v.Seal, v.Details, v.Export, ok, len(c.Spots), c.Begun, c.Ended, c.Err)
	if want == p.shown {
		p.chosen(v)
		return
	}
	p.shown = want
	p.column.RemoveAll()
	p.spots = nil
	switch {
	case !ok:
		p.add(widget.NewSmall(p.env.trustSentence(d), widget.Faint))
	case !i.Done:
		p.add(widget.NewRow(10, 1, widget.NewLargeMark(theme.Waiting, widget.Faint), newHeadline(p.env.T("gui.verify.running"))))
	case i.Err != nil:
		p.unreadable(i)
	default:
		p.judged(v, i)
	}
	if v.Export != "" {
		p.add(widget.NewRule())
		p.add(widget.NewSmall(p.env.T("gui.verify.exported", "Path", v.Export), widget.Faint))
	}
	p.chosen(v)
	p.root.Refresh()
}

func (p *verdictPane) add(o fyne.CanvasObject) { p.column.Add(o) }

// banner is the verdict: shape, word, and the sentence that goes with it.
func (p *verdictPane) banner(v pdfseal.Verdict) {
	shape, ink := verdictLook(v)
	p.add(widget.NewRow(12, 1, widget.NewLargeMark(shape, ink), widget.NewTitle(p.env.T("gui.banner."+string(v)), ink)))
}

// unreadable explains why a file could not be judged.
func (p *verdictPane) unreadable(i state.Item) {
	p.banner(pdfseal.VerdictIndeterminate)
	t := p.env.texts(i.Err)
	p.add(widget.NewText(t.What, widget.Plain))
	p.add(widget.NewSmall(t.Why, widget.Faint))
	for _, d := range t.Details {
		p.add(widget.NewSmall("· "+d, widget.Faint))
	}
	p.add(widget.NewSmall(t.Do, widget.Plain))
}

func (p *verdictPane) judged(v state.Verification, i state.Item) {
	e, r := p.env, i.Result.Report
	p.banner(r.Verdict)
	seal, sealed := v.SealReport()
	p.add(widget.NewText(e.verdictSentence(r, seal, sealed), widget.Plain))
	for _, why := range reasons(r, seal) {
		p.add(widget.NewRow(8, 1, reasonMark(why.Verdict), widget.NewText(explain.Reason(e.Catalogue, why), widget.Plain)))
	}
	p.changes(i)
	if r.Verdict != pdfseal.VerdictValid {
		p.add(widget.NewText(e.T("next."+string(r.Verdict)), widget.Link))
	}
	if sealed {
		p.seals(v, r)
		p.four(seal)
		p.picture(v, i)
	}
	label := "gui.verify.details"
	if v.Details {
		label = "gui.verify.fold"
	}
	p.add(widget.NewButton(e.T(label), widget.LookQuiet, func() { e.Dispatch(state.DetailsToggled{}) }))
	if v.Details {
		p.details(r, seal, sealed)
	}
}

// verdictSentence is what a clerk can repeat on the telephone.
func (e *Env) verdictSentence(r *pdfseal.Report, seal pdfseal.SealReport, sealed bool) string {
	if !sealed || r.Verdict == pdfseal.VerdictUnsealed {
		return e.T("gui.verify.sentence_unsealed")
	}
	return e.T("gui.verify.sentence."+string(r.Verdict), "Seal", seal.Seal.Name, "Time", moment(seal.Time.Value))
}

// reasons are those of the document and of the seal shown, each once.
func reasons(r *pdfseal.Report, seal pdfseal.SealReport) []pdfseal.Reason {
	out := slices.Clone(r.Reasons)
	for _, s := range seal.Reasons {
		if !slices.ContainsFunc(out, func(o pdfseal.Reason) bool { return o.Key == s.Key }) {
			out = append(out, s)
		}
	}
	return out
}

func reasonMark(v pdfseal.Verdict) fyne.CanvasObject {
	switch v {
	case pdfseal.VerdictInvalid:
		return widget.NewMark(theme.Cross, widget.Bad)
	case pdfseal.VerdictValidNotice:
		return widget.NewMark(theme.Bang, widget.Warning)
	}
	return widget.NewMark(theme.Question, widget.Warning)
}

func changeMark(c pdfseal.Change) fyne.CanvasObject {
	if c.Permitted() {
		return widget.NewMark(theme.Plus, widget.Faint)
	}
	return widget.NewMark(theme.Cross, widget.Bad)
}

// seals lets one of several be chosen.
func (p *verdictPane) seals(v state.Verification, r *pdfseal.Report) {
	if len(r.Seals) < 2 {
		return
	}
	p.add(widget.NewRule())
	for n, s := range r.Seals {
		shape, ink := verdictLook(s.Verdict)
		b := widget.NewButton(clean(s.Seal.Name), widget.LookChoice, func() { p.env.Dispatch(state.SealShown{Index: n}) })
		b.SetChosen(n == v.Seal)
		p.add(widget.NewRow(8, 1, widget.NewMark(shape, ink), b))
	}
}

// four shows the four lines of a seal (rule V1).
func (p *verdictPane) four(s pdfseal.SealReport) {
	p.add(widget.NewRule())
	lines := report.Lines(s.Checks)
	var wide float32
	for _, l := range lines {
		wide = max(wide, widget.NewText(p.env.T("line."+l.Name), widget.Faint).NaturalWidth())
	}
	for _, l := range lines {
		shape, ink := theme.Check, widget.Good
		switch l.Status {
		case "failed":
			shape, ink = theme.Cross, widget.Bad
		case "skipped", "none":
			shape, ink = theme.Question, widget.Warning
		}
		if l.Status == "failed" && s.Verdict != pdfseal.VerdictInvalid {
			shape, ink = theme.Bang, widget.Warning
		}
		text := p.env.T("gui.four."+l.Name+"."+l.Status, "Time", moment(s.Time.Value), "Source", p.env.T("time."+timeSource(s.Time.Source)))
		p.add(widget.NewRow(8, 2, widget.NewMark(shape, ink), container.New(&fixed{wide, theme.Text() * 1.5}, widget.NewText(p.env.T("line."+l.Name), widget.Faint)),
			widget.NewText(text, widget.Plain)))
	}
}

func timeSource(s string) string {
	if s == pdfseal.TimeTimestamp || s == pdfseal.TimeReceipt {
		return s
	}
	return pdfseal.TimeClaimed
}

// picture shows the seal as its data have it, which the page cannot forge (rule E5).
func (p *verdictPane) picture(v state.Verification, i state.Item) {
	if v.Seal >= len(i.Result.Pictures) || i.Result.Pictures[v.Seal] == nil {
		return
	}
	p.add(widget.NewRule())
	p.add(widget.NewSmall(p.env.T("gui.verify.picture"), widget.Faint))
	p.add(container.NewHBox(widget.NewSealPicture(i.Result.Pictures[v.Seal], 120)))
}

// details are the rules, certificates, revisions and skipped checks.
func (p *verdictPane) details(r *pdfseal.Report, s pdfseal.SealReport, sealed bool) {
	e := p.env
	line := func(key string, pairs ...string) {
		p.add(widget.NewSmall(e.T("gui.detail."+key, pairs...), widget.Faint))
	}
	if sealed {
		line("seal", "ID", s.Seal.ID, "Standard", s.Standard)
		line("maker", "Text", s.Seal.Maker)
		line("signer", "Text", s.Signer.Subject, "Serial", s.Signer.Serial)
		line("revision", "N", number(s.Coverage.Revision), "Of", number(s.Coverage.Revisions))
		var passed []string
		for _, c := range s.Checks {
			switch c.Status {
			case pdfseal.CheckPassed:
				passed = append(passed, c.ID)
			case pdfseal.CheckFailed:
				line("failed", "Rule", c.ID, "Text", c.Detail)
			}
		}
		line("passed", "Rules", strings.Join(slices.Compact(passed), " "))
		if skipped := report.Skipped(s.Checks); len(skipped) > 0 {
			line("skipped", "Rules", explain.Rules(p.env.Catalogue, skipped))
		}
	}
	if r.Trust != nil {
		line("trust", "Name", r.Trust.Bundle, "Issued", day(r.Trust.Issued), "Days", number(r.Trust.AgeDays))
	}
	line("file", "Size", fmt.Sprint(r.Size), "SM3", r.SM3)
}
