package view

import (
	"strconv"
	"strings"

	"sealdesk/ui/explain"
	"sealdesk/ui/state"
	"sealdesk/ui/theme"
	"sealdesk/ui/widget"
)

// maxSentences bounds the places that are listed; all of them are framed on their pages.
const maxSentences = 60

// changes lists what later revisions brought. What stands in a place leads there.
func (p *verdictPane) changes(i state.Item) {
	e, c := p.env, i.Changes
	for _, change := range i.Result.Report.Changes {
		if !c.Explains(change) {
			p.add(widget.NewRow(8, 1, changeMark(change), widget.NewText(explain.Change(e.Catalogue, change), widget.Plain)))
		}
	}
	if c.Begun && !c.Ended {
		p.add(widget.NewRow(8, 1, widget.NewMark(theme.Waiting, widget.Faint), widget.NewSmall(e.T("gui.verify.comparing"), widget.Faint)))
	}
	if len(c.Spots) > 0 {
		p.add(widget.NewSmall(e.T("gui.verify.places"), widget.Faint))
	}
	list := widget.NewColumn(2, 0)
	for n, s := range c.Spots[:min(len(c.Spots), maxSentences)] {
		row := widget.NewSentence(number(n+1), clean(s.Words.Sentence(e.Catalogue)), widget.Bad, func() { e.Dispatch(state.SpotChosen{Number: n + 1}) })
		p.spots = append(p.spots, row)
		list.Add(row)
	}
	if len(p.spots) > 0 {
		p.add(list)
	}
	if rest := len(c.Spots) - len(p.spots); rest > 0 {
		p.add(widget.NewSmall(e.T("gui.verify.places_more", "N", number(rest)), widget.Faint))
	}
	if len(c.More) > 0 {
		var pages []string
		for _, n := range c.More {
			pages = append(pages, strconv.Itoa(n))
		}
		p.add(widget.NewSmall(e.T("gui.verify.pages_more", "Pages", strings.Join(pages, e.T("list.separator"))), widget.Bad))
	}
	if c.Err != nil {
		p.add(widget.NewRow(8, 1, widget.NewMark(theme.Question, widget.Warning), widget.NewText(e.T("gui.verify.uncompared"), widget.Plain)))
		p.add(widget.NewSmall(e.texts(c.Err).What, widget.Faint))
	}
}

// chosen marks the sentence of the place that is shown.
func (p *verdictPane) chosen(v state.Verification) {
	for n, s := range p.spots {
		s.SetChosen(n+1 == v.Spot)
	}
}
