package view

import (
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"sealdesk/ui/state"
	"sealdesk/ui/theme"
	"sealdesk/ui/widget"
)

// notices is the one panel above everything: an error in three parts, a remark, or the question whether to close.
type notices struct {
	env    *Env
	column *fyne.Container
	panel  fyne.CanvasObject
	root   *fyne.Container
	shown  string
	first  *widget.Button
}

func newNotices(e *Env) *notices {
	n := &notices{env: e, column: widget.NewColumn(widget.Gap(1.5), widget.Gap(3))}
	n.panel = widget.NewGround(widget.PaperGround, widget.LineInk, n.column)
	n.root = container.New(&middle{width: 520}, n.panel)
	n.root.Hide()
	return n
}

func (n *notices) render(d state.Desk) {
	want := fmt.Sprint(d.Closing, d.Notices)
	if want == n.shown {
		return
	}
	n.shown = want
	n.column.RemoveAll()
	switch {
	case d.Closing:
		n.closing()
	case len(d.Notices) > 0:
		n.notice(d.Notices[0])
	default:
		n.root.Hide()
		return
	}
	n.root.Show()
	n.root.Refresh()
	n.env.focus(n.first)
}

// notice shows what happened, why, and what to do.
func (n *notices) notice(what state.Notice) {
	e := n.env
	if what.Err == nil {
		n.column.Add(widget.NewText(e.T(what.Key, "Arg", what.Arg), widget.Plain))
	} else {
		t := e.texts(what.Err)
		n.column.Add(widget.NewRow(10, 1, widget.NewLargeMark(theme.Cross, widget.Bad), newHeadline(t.What)))
		n.column.Add(widget.NewText(t.Why, widget.Faint))
		for _, d := range t.Details {
			n.column.Add(widget.NewText("· "+d, widget.Faint))
		}
		n.column.Add(widget.NewText(t.Do, widget.Plain))
	}
	n.first = widget.NewButton(e.T("gui.ok"), widget.LookAccent, func() { e.Dispatch(state.NoticeRead{}) })
	n.column.Add(container.NewHBox(n.first))
}

func (n *notices) closing() {
	e := n.env
	n.column.Add(widget.NewHeading(e.T("gui.close.title")))
	n.column.Add(widget.NewText(e.T("gui.close.text"), widget.Plain))
	n.first = widget.NewButton(e.T("gui.close.stay"), widget.LookAccent, func() { e.Dispatch(state.CloseAnswered{}) })
	leave := widget.NewButton(e.T("gui.close.leave"), widget.LookOutline, func() { e.Dispatch(state.CloseAnswered{Close: true}) })
	n.column.Add(container.NewHBox(n.first, leave))
}
