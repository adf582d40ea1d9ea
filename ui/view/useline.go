package view

import (
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	base "fyne.io/fyne/v2/widget"

	"sealdesk/pdfseal"
	"sealdesk/pdfseal/register"
	"sealdesk/ui/explain"
	"sealdesk/ui/state"
	"sealdesk/ui/theme"
	"sealdesk/ui/widget"
)

// The cells of a line of the register, in their order.
const (
	cellTime = iota
	cellSeal
	cellFile
	cellPages
	cellMatter
	cellApprover
	cellResultMark
	cellResult
	cellReceiptMark
	cellReceipt
	cells
)

// useLine is the object of one line of the register: a use, or the heading of a day.
type useLine struct {
	base.BaseWidget
	env   *Env
	day   *widget.Text
	cells [cells]fyne.CanvasObject
	row   *fyne.Container
}

func newUseLine(e *Env) *useLine {
	l := &useLine{env: e, day: widget.NewLine("", widget.Link)}
	for i := range l.cells {
		l.cells[i] = widget.NewLine("", widget.Plain)
	}
	l.cells[cellResultMark], l.cells[cellReceiptMark] = widget.NewMark(theme.Dash, widget.Faint), widget.NewMark(theme.Dash, widget.Faint)
	l.row = container.New(useLayout{}, append([]fyne.CanvasObject{l.day}, l.cells[:]...)...)
	l.ExtendBaseWidget(l)
	return l
}

// useLayout places the cells: times, pages and states as wide as they need, the rest shared by seal, file and matter.
type useLayout struct{}

func (useLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(600, rowHeight()) }

func (useLayout) Layout(o []fyne.CanvasObject, s fyne.Size) {
	const gap, inner = 12, 5
	em := theme.Text()
	widths := [cells]float32{cellTime: em * 3, cellPages: em * 4, cellApprover: em * 5, cellResultMark: em * 1.2, cellResult: em * 5.5, cellReceiptMark: em * 1.2, cellReceipt: em * 5}
	rest := s.Width - 8
	for i, w := range widths {
		rest -= w
		if i > 0 {
			rest -= gap
		}
	}
	rest += 2 * (gap - inner) // between a mark and its word
	widths[cellSeal], widths[cellFile], widths[cellMatter] = rest*0.3, rest*0.42, rest*0.28
	x := float32(4)
	for i, w := range widths {
		c := o[i+1]
		h := c.MinSize().Height
		c.Move(fyne.NewPos(x, (s.Height-h)/2))
		c.Resize(fyne.NewSize(w, h))
		if x += w + gap; i == cellResultMark || i == cellReceiptMark {
			x += inner - gap
		}
	}
	h := o[0].MinSize().Height
	o[0].Move(fyne.NewPos(4, (s.Height-h)/2))
	o[0].Resize(fyne.NewSize(s.Width-8, h))
}

// MinSize implements fyne.CanvasObject.
func (l *useLine) MinSize() fyne.Size { return fyne.NewSize(600, rowHeight()) }

// CreateRenderer implements fyne.Widget.
func (l *useLine) CreateRenderer() fyne.WidgetRenderer { return base.NewSimpleRenderer(l.row) }

// set writes a cell; faint where it says nothing about this use.
func (l *useLine) set(cell int, text string) {
	ink := widget.Plain
	if text == "" {
		text, ink = "—", widget.Faint
	}
	l.cells[cell].(*widget.Text).Set(clean(text), ink)
}

// as shows the cells, or the line of a day.
func (l *useLine) as(day bool) {
	l.day.Hidden = !day
	for _, c := range l.cells {
		if day {
			c.Hide()
		} else {
			c.Show()
		}
	}
}

// title makes the line the heading of the columns.
func (l *useLine) title() {
	l.as(false)
	for cell, key := range map[int]string{cellTime: "time", cellSeal: "seal", cellFile: "file", cellPages: "pages", cellMatter: "matter", cellApprover: "approver",
		cellResult: "outcome", cellReceipt: "receipt"} {
		l.cells[cell].(*widget.Text).Set(l.env.T("register.column."+key), widget.Faint)
	}
	l.cells[cellResultMark].Hide()
	l.cells[cellReceiptMark].Hide()
}

// show shows a row.
func (l *useLine) show(r state.Register, row state.RegisterRow) {
	l.as(!row.Day.IsZero())
	if !row.Day.IsZero() {
		l.day.SetText(l.env.T("gui.register.day", "Day", day(row.Day), "N", number(row.N)))
		l.row.Refresh()
		return
	}
	e, u := l.env, r.Content.Uses[row.Use]
	l.set(cellTime, u.Time.In(zone).Format("15:04"))
	l.set(cellSeal, u.SealName)
	l.set(cellFile, u.File)
	l.set(cellPages, u.Pages(e.T("list.separator")))
	l.set(cellMatter, explain.Matter(e.Catalogue, u.Matter))
	l.set(cellApprover, u.Approver)
	l.set(cellResult, e.outcomeWord(u))
	l.cells[cellResultMark].(*widget.Mark).Set(outcomeLook(u))
	shape, ink, word := e.receiptLook(u)
	l.set(cellReceipt, word)
	l.cells[cellReceiptMark].(*widget.Mark).Set(shape, ink)
	visible(l.cells[cellReceiptMark], word != "")
	l.row.Refresh()
}

// outcomeWord says what became of a use.
func (e *Env) outcomeWord(u state.Use) string {
	switch u.Outcome {
	case register.KindDone, register.KindRefused, register.KindFailed:
		return e.T("register.kind." + string(u.Outcome))
	}
	return e.T("gui.register.unfinished")
}

// outcomeLook is the shape and colour of what became of a use; a sealed file has those of its verdict.
func outcomeLook(u state.Use) (theme.Shape, widget.Ink) {
	switch u.Outcome {
	case register.KindDone:
		if v := pdfseal.Verdict(u.Result); v == pdfseal.VerdictValidNotice || v == pdfseal.VerdictIndeterminate || v == pdfseal.VerdictInvalid {
			return verdictLook(v)
		}
		return theme.Check, widget.Good
	case register.KindRefused:
		return theme.Dash, widget.Bad
	case register.KindFailed:
		return theme.Cross, widget.Bad
	}
	return theme.Waiting, widget.Warning
}

// receiptLook is the shape, colour and word of the centre's receipt.
func (e *Env) receiptLook(u state.Use) (theme.Shape, widget.Ink, string) {
	switch u.Receipt {
	case "":
		return theme.Dash, widget.Faint, ""
	case register.ReceiptQueued:
		return theme.Waiting, widget.Warning, e.T("gui.register.receipt.queued")
	}
	return theme.Check, widget.Good, e.T("gui.register.receipt.there")
}

// useDetail shows the particulars of one use.
type useDetail struct {
	env    *Env
	facts  *widget.Text
	why    *widget.Text
	folder *widget.Button
	root   *fyne.Container
	use    state.Use
}

func newUseDetail(e *Env) *useDetail {
	d := &useDetail{env: e, facts: widget.NewSmall("", widget.Plain), why: widget.NewSmall("", widget.Bad)}
	d.folder = widget.NewButton(e.T("gui.result.folder"), widget.LookOutline, func() { e.Dispatch(state.OpenTapped{Path: d.use.OutputPath(), Folder: true}) })
	d.root = widget.NewRow(16, 0, widget.NewColumn(4, 0, d.facts, d.why), d.folder)
	return d
}

func (d *useDetail) show(u state.Use, chosen bool) {
	d.use = u
	e := d.env
	text := ""
	add := func(column, value, after string) {
		if value != "" {
			text += e.T("gui.register.pair", "Name", e.T("register.column."+column), "Value", value) + after
		}
	}
	if chosen {
		const space = "    "
		text = e.T("gui.register.record", "N", strconv.FormatInt(u.Seq, 10)) + space
		add("custodian", u.Custodian, space)
		add("matter", explain.Matter(e.Catalogue, u.Matter), space)
		add("approver", u.Approver, space)
		add("reason", u.Reason, "")
		text += "\n"
		add("output", u.OutputPath(), "\n")
		add("after", u.After, "")
	} else {
		text = e.T("gui.register.hint")
	}
	d.facts.SetText(text)
	why := ""
	if chosen {
		why = clean(explain.Failure(e.Catalogue, u.Use))
	}
	d.why.SetText(why)
	d.why.Hidden = why == ""
	d.folder.Hidden = !chosen || u.Output == "" || u.Outcome != register.KindDone
	d.root.Refresh()
}
