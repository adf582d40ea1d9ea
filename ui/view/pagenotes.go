package view

import (
	"fmt"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"

	"sealdesk/pdfseal"
	"sealdesk/ui/explain"
	"sealdesk/ui/state"
	"sealdesk/ui/widget"
)

// pageNotes says below a page what the pre-seal gate has found on it.
type pageNotes struct {
	env    *Env
	column *fyne.Container
	root   *fyne.Container
	shown  string
}

// maxNotes bounds the lines below a page; the inspector has them all.
const maxNotes = 3

func newPageNotes(e *Env) *pageNotes {
	n := &pageNotes{env: e, column: widget.NewColumn(2, widget.Gap(1))}
	n.root = widget.NewColumn(0, 0, n.column, widget.NewRule())
	n.root.Hide()
	return n
}

// render shows the findings of a page, and tells whether that changes the height.
func (n *pageNotes) render(doc state.Document, page int) (changed bool) {
	found := findingsOn(doc, page)
	want := fmt.Sprint(doc.Path, page, found)
	if want == n.shown {
		return false
	}
	n.shown = want
	n.column.RemoveAll()
	for _, f := range found[:min(len(found), maxNotes)] {
		shape, ink := findingLook(f.Level)
		n.column.Add(widget.NewRow(6, 1, widget.NewMark(shape, ink), widget.NewSmall(explain.Finding(n.env.Catalogue, f), widget.Plain)))
	}
	if more := len(found) - maxNotes; more > 0 {
		n.column.Add(widget.NewSmall(n.env.T("gui.check.more", "N", number(more)), widget.Faint))
	}
	visible(n.root, len(found) > 0)
	return true
}

// findingsOn are the findings that concern a page.
func findingsOn(doc state.Document, page int) []pdfseal.Finding {
	var out []pdfseal.Finding
	if doc.Done() {
		return nil
	}
	for _, f := range doc.Info.Findings {
		if f.Page == page || f.Page == 0 && amongPages(f.Pages, page) {
			out = append(out, f)
		}
	}
	return out
}

// amongPages tells whether a page is among those of a finding, written as "1–3, 5".
func amongPages(pages string, page int) bool {
	for part := range strings.SplitSeq(pages, ",") {
		first, last, isRange := strings.Cut(strings.TrimSpace(part), "–")
		from, err := strconv.Atoi(first)
		if err != nil {
			continue
		}
		to := from
		if isRange {
			if to, err = strconv.Atoi(last); err != nil {
				continue
			}
		}
		if page >= from && page <= to {
			return true
		}
	}
	return false
}

// findingRegions frames the findings that stand in one place of a page.
func (e *Env) findingRegions(doc state.Document) []widget.Region {
	var out []widget.Region
	if doc.Done() {
		return nil
	}
	for _, f := range doc.Info.Findings {
		if f.Page > 0 && f.W > 0 && f.H > 0 {
			_, ink := findingLook(f.Level)
			out = append(out, widget.Region{Page: f.Page, X: f.X, Y: f.Y, W: f.W, H: f.H, Frame: ink, Text: clean(explain.Finding(e.Catalogue, f))})
		}
	}
	return out
}
