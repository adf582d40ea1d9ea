package view

import (
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"sealdesk/ui/explain"
	"sealdesk/ui/state"
	"sealdesk/ui/theme"
	"sealdesk/ui/widget"
)

// resultForm says what became of an order.
type resultForm struct {
	env    *Env
	column *fyne.Container
	root   *fyne.Container
	shown  string
	first  *widget.Button
}

func newResultForm(e *Env) *resultForm {
	r := &resultForm{env: e, column: widget.NewColumn(widget.Gap(1.25), widget.Gap(2))}
	r.root = widget.NewPane(r.column)
	return r
}

func (r *resultForm) render(d state.Desk) {
	want := fmt.Sprintf("%p %v", d.Sealing.Err, d.Sealing.Documents)
	if want == r.shown {
		return
	}
	r.shown = want
	r.column.RemoveAll()
	done, failed := 0, 0
	for _, doc := range d.Sealing.Documents {
		if doc.Outcome == nil {
			continue
		}
		if doc.Outcome.Sealed {
			done++
		} else {
			failed++
		}
	}
	r.head(d, done, failed)
	for _, doc := range d.Sealing.Documents {
		if doc.Outcome != nil {
			r.document(d, doc, done+failed)
		}
	}
	r.buttons(d, failed)
	r.root.Refresh()
	r.env.focus(r.first)
}

// head is the one sentence about the whole.
func (r *resultForm) head(d state.Desk, done, failed int) {
	e := r.env
	add := func(shape theme.Shape, ink widget.Ink, text string) {
		r.column.Add(widget.NewRow(10, 1, widget.NewLargeMark(shape, ink), newHeadline(text)))
	}
	switch {
	case failed == 0 && done == 1:
		doc := d.Sealing.Documents[0]
		for _, o := range d.Sealing.Documents {
			if o.Done() {
				doc = o
			}
		}
		v := doc.Outcome.Report
		if v == nil {
			add(theme.Check, widget.Good, e.T("gui.result.sealed"))
			return
		}
		shape, ink := verdictLook(v.Verdict)
		add(shape, ink, e.T("gui.result.sealed_verified", "Verdict", e.T("verdict."+string(v.Verdict))))
	case failed == 0:
		add(theme.Check, widget.Good, e.T("gui.result.all", "N", number(done)))
	case done == 0 && failed == 1:
		add(theme.Cross, widget.Bad, e.T("gui.result.failed"))
	default:
		add(theme.Bang, widget.Warning, e.T("gui.result.some", "Done", number(done), "Failed", number(failed)))
	}
}

func newHeadline(text string) fyne.CanvasObject { return widget.NewHeading(text) }

// document says what became of one document; a failure in its three parts.
func (r *resultForm) document(d state.Desk, doc state.Document, of int) {
	e, o := r.env, doc.Outcome
	if o.Sealed {
		shape, ink := theme.Check, widget.Good
		if o.Report != nil {
			shape, ink = verdictLook(o.Report.Verdict)
		}
		r.column.Add(widget.NewRow(8, 1, widget.NewMark(shape, ink), widget.NewText(baseName(o.Out), widget.Plain)))
		r.centre(o, of)
		if of == 1 && o.Report != nil {
			for _, why := range o.Report.Reasons {
				r.column.Add(widget.NewSmall(explain.Reason(e.Catalogue, why), widget.Faint))
			}
		}
		return
	}
	if of > 1 {
		r.column.Add(widget.NewRow(8, 1, widget.NewMark(theme.Cross, widget.Bad), widget.NewText(baseName(doc.Path), widget.Plain)))
	}
	if o.Err == nil {
		r.column.Add(widget.NewSmall(e.T("gui.result.not_started"), widget.Faint))
		return
	}
	t := e.texts(o.Err)
	r.column.Add(widget.NewText(t.What, widget.Plain))
	r.column.Add(widget.NewSmall(t.Why, widget.Faint))
	for _, detail := range t.Details {
		r.column.Add(widget.NewSmall("· "+detail, widget.Faint))
	}
	r.column.Add(widget.NewSmall(t.Do, widget.Plain))
}

// centre says whether the centre's receipt is in the file, and the number of the record in the register.
func (r *resultForm) centre(o *state.Outcome, of int) {
	e := r.env
	line := func(shape theme.Shape, ink widget.Ink, text string) {
		r.column.Add(widget.NewRow(8, 1, widget.NewMark(shape, ink), widget.NewText(text, widget.Plain)))
	}
	switch {
	case o.Receipt != "":
		line(theme.Check, widget.Good, e.T("gui.result.receipt"))
	case o.Queued:
		line(theme.Waiting, widget.Warning, e.T("gui.result.queued"))
	}
	if o.Away != nil && of == 1 {
		r.column.Add(widget.NewSmall(e.texts(o.Away).What, widget.Faint))
	}
	if o.Record > 0 && of == 1 {
		r.column.Add(widget.NewSmall(e.T("gui.result.record", "N", fmt.Sprint(o.Record)), widget.Faint))
	}
}

func (r *resultForm) buttons(d state.Desk, failed int) {
	e := r.env
	out := ""
	for _, doc := range d.Sealing.Documents {
		if doc.Done() {
			out = doc.Outcome.Out
		}
	}
	var buttons []fyne.CanvasObject
	add := func(key string, look widget.Look, tapped func()) {
		buttons = append(buttons, widget.NewButton(e.T(key), look, tapped))
	}
	if failed > 0 {
		add("gui.result.retry", widget.LookAccent, func() { e.Dispatch(state.RetryTapped{}) })
	}
	if out != "" {
		look := widget.LookAccent
		if failed > 0 {
			look = widget.LookOutline
		}
		add("gui.result.open", look, func() { e.Dispatch(state.OpenTapped{Path: out}) })
		add("gui.result.folder", widget.LookOutline, func() { e.Dispatch(state.OpenTapped{Path: out, Folder: true}) })
		add("gui.result.verify", widget.LookOutline, func() {
			e.Dispatch(state.ScreenChosen{Screen: state.ScreenVerify})
			e.Dispatch(state.FilesCollected{Screen: state.ScreenVerify, PDFs: []string{out}})
		})
	}
	again := "gui.result.again"
	if failed > 0 {
		again = "gui.result.back"
	}
	add(again, widget.LookOutline, func() { e.Dispatch(state.SealAgain{}) })
	r.column.Add(widget.NewRule())
	r.column.Add(container.NewGridWithColumns(2, buttons...))
	r.first = buttons[0].(*widget.Button)
	r.column.Add(widget.NewButton(e.T("gui.command"), widget.LookQuiet, func() { e.copyCommand(d) }))
}
