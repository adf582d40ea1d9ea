package view

import (
	"fmt"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"sealdesk/ui/state"
	"sealdesk/ui/theme"
	"sealdesk/ui/widget"
)

// diagnosis says in sentences what works and what does not.
type diagnosis struct {
	env    *Env
	names  *widget.Check
	column *fyne.Container
	root   *fyne.Container
	shown  string
}

func newDiagnosis(e *Env) *diagnosis {
	g := &diagnosis{env: e, column: widget.NewColumn(widget.Gap(1), widget.Gap(3))}
	g.names = widget.NewCheck(e.T("gui.diag.names"), nil)
	g.root = widget.NewPane(g.column)
	return g
}

func gradeLook(g state.Grade) (theme.Shape, widget.Ink) {
	switch g {
	case state.GradeGood:
		return theme.Check, widget.Good
	case state.GradeNote:
		return theme.Bang, widget.Warning
	}
	return theme.Cross, widget.Bad
}

func (g *diagnosis) render(d state.Desk) {
	s := d.Settings
	want := fmt.Sprint(s.Running, s.Diagnosis, s.SavedTo)
	if want == g.shown {
		return
	}
	g.shown = want
	e := g.env
	g.column.RemoveAll()
	run := widget.NewButton(e.T("gui.diag.run"), widget.LookAccent, func() { e.Dispatch(state.DiagnoseTapped{}) })
	run.SetEnabled(!s.Running)
	g.column.Add(widget.NewRow(8, 0, widget.NewHeading(e.T("gui.diag.title")), run))
	if len(s.Diagnosis) == 0 {
		g.column.Add(widget.NewText(e.T("gui.diag.hint"), widget.Faint))
	}
	for _, f := range s.Diagnosis {
		g.finding(f)
	}
	if len(s.Diagnosis) > 0 {
		save := widget.NewButton(e.T("gui.diag.save"), widget.LookOutline, func() {
			e.saveFile("sealdesk-diagnosis.txt", []string{".txt"}, func(p string) { e.Dispatch(state.DiagnosisKept{Path: p, Names: g.names.Checked}) })
		})
		g.column.Add(widget.NewRule())
		g.column.Add(widget.NewSmall(e.T("gui.diag.privacy"), widget.Faint))
		g.column.Add(g.names)
		g.column.Add(container.NewHBox(save))
	}
	if s.SavedTo != "" {
		g.column.Add(widget.NewSmall(e.T("gui.diag.saved", "Path", s.SavedTo), widget.Faint))
	}
	g.root.Refresh()
}

func (g *diagnosis) finding(f state.Finding) {
	shape, ink := gradeLook(f.Grade)
	g.column.Add(widget.NewRow(8, 1, widget.NewMark(shape, ink), widget.NewText(clean(g.env.Catalogue.T(f.Key, f.Data)), widget.Plain)))
	if f.Err == nil {
		return
	}
	t := g.env.texts(f.Err)
	for _, text := range slices.Concat([]string{t.What, t.Why}, t.Details, []string{t.Do}) {
		g.column.Add(widget.NewSmall(clean(text), widget.Faint))
	}
}
