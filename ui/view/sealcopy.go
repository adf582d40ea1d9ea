package view

import (
	"sealdesk/ui/state"
	"sealdesk/ui/theme"
	"sealdesk/ui/widget"
)

// offerCopy offers to write a normalised copy of a document whose structure is refused, and says what that means.
func (i *sealInspector) offerCopy(doc state.Document) {
	e := i.env
	if !doc.CanNormalise() {
		return
	}
	switch c := doc.Copying; {
	case c.Running:
		i.checks.Add(widget.NewRow(6, 1, widget.NewMark(theme.Waiting, widget.Faint), widget.NewText(e.T("gui.normalise.running"), widget.Plain)))
		return
	case c.Err != nil:
		t := e.texts(c.Err)
		i.checks.Add(widget.NewRow(6, 1, widget.NewMark(theme.Cross, widget.Bad), widget.NewText(t.What, widget.Plain)))
		i.checks.Add(widget.NewSmall(t.Why+"\n"+t.Do, widget.Faint))
		return
	}
	write := widget.NewButton(e.T("gui.normalise.write"), widget.LookOutline, func() { e.Dispatch(state.NormaliseTapped{}) })
	write.SetEnabled(!i.state.Sealing.Phase.Busy())
	i.checks.Add(widget.NewSmall(e.T("gui.normalise.hint"), widget.Plain))
	i.checks.Add(write)
}
