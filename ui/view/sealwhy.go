package view

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"sealdesk/pdfseal/register"
	"sealdesk/ui/explain"
	"sealdesk/ui/state"
	"sealdesk/ui/theme"
	"sealdesk/ui/widget"
)

// newWhy makes the part that says what the seal is used for, why, and who approved it: what the register of seal use records.
func (i *sealInspector) newWhy() fyne.CanvasObject {
	e := i.env
	words := []string{e.T("gui.seal.matter_none")}
	for _, m := range register.Matters() {
		words = append(words, explain.Matter(e.Catalogue, m))
	}
	i.matter = widget.NewChoice(e.T("gui.seal.matter_hint"), words, func(n int) {
		var m register.Matter
		if n > 0 {
			m = register.Matters()[n-1]
		}
		e.Dispatch(state.MatterChosen{Matter: m})
	})
	i.reason = e.newTyped("gui.seal.reason_hint", func(t string) { e.Dispatch(state.ReasonTyped{Text: t}) })
	i.approver = e.newTyped("gui.seal.approver_hint", func(t string) { e.Dispatch(state.ApproverTyped{Text: t}) })
	line := func(key string, o fyne.CanvasObject) fyne.CanvasObject {
		name := container.New(&fixed{theme.Small() * 5, theme.Small() * 1.5}, widget.NewSmallLine(e.T(key), widget.Faint))
		return widget.NewRow(6, 1, name, o)
	}
	return widget.NewColumn(4, 0, line("gui.seal.matter", widget.NewGround(widget.PaperGround, widget.EdgeInk, container.New(inset{1, 1}, i.matter))), line("gui.seal.reason", i.reason.Field), line("gui.seal.approver", i.approver.Field))
}

func (i *sealInspector) renderWhy(z state.Sealing) {
	n := -1
	if z.Matter != "" {
		n = slices.Index(register.Matters(), z.Matter) + 1
	}
	i.matter.ShowOption(n)
	i.reason.show(z.Reason)
	i.approver.show(z.Approver)
}
