package view

import (
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"sealdesk/ui/theme"
	"sealdesk/ui/widget"
)

// pageBar turns pages and sets the zoom of a page view.
type pageBar struct {
	env        *Env
	page       *widget.PageView
	prev, next *widget.Button
	entry      *widget.Field
	of         *widget.Text
	zoom       *widget.Text
	width, fit *widget.Button
	root       *fyne.Container
	shown      int
}

// zoomStep is the factor of one step of the zoom.
const zoomStep = 1.25

func newPageBar(e *Env, page *widget.PageView) *pageBar {
	b := &pageBar{env: e, page: page, entry: e.field(""), of: widget.NewText("/ 1", widget.Faint), zoom: widget.NewText("100 %", widget.Plain)}
	b.prev = widget.NewShapeButton(theme.Left, func() { page.Turn(-1) })
	b.next = widget.NewShapeButton(theme.Right, func() { page.Turn(1) })
	b.entry.OnSubmitted = b.jump
	b.width = widget.NewButton(e.T("gui.page.width"), widget.LookOutline, func() { page.SetFit(widget.FitWidth) })
	b.fit = widget.NewButton(e.T("gui.page.whole"), widget.LookOutline, func() { page.SetFit(widget.FitPage) })
	out := widget.NewShapeButton(theme.Minus, func() { page.SetZoom(page.Zoom() / zoomStep) })
	in := widget.NewShapeButton(theme.Plus, func() { page.SetZoom(page.Zoom() * zoomStep) })
	page.OnZoom = func(float64) { b.showZoom() }
	row := widget.NewRow(widget.Gap(0.75), 4, b.prev, container.New(&fixed{52, 34}, b.entry), b.of, b.next, container.NewWithoutLayout(), out,
		container.New(&fixed{56 + 2*(theme.Text()-14), theme.Text() * 1.5}, b.zoom), in, b.width, b.fit)
	b.root = container.New(inset{12, 5}, row)
	return b
}

// jump turns to the page whose number was typed.
func (b *pageBar) jump(text string) {
	if n, err := strconv.Atoi(strings.TrimSpace(text)); err == nil {
		b.page.Turn(n - b.page.Page())
	}
	b.entry.SetText(number(b.page.Page()))
}

func (b *pageBar) render(page, pages int) {
	if b.shown != page {
		b.shown = page
		b.entry.SetText(number(page))
	}
	b.of.SetText("/ " + number(max(pages, 1)))
	b.prev.SetEnabled(page > 1)
	b.next.SetEnabled(page < pages)
	b.root.Refresh()
	b.showZoom()
}

func (b *pageBar) showZoom() {
	b.zoom.SetText(number(int(b.page.Zoom()*100+0.5)) + " %")
	b.width.SetChosen(b.page.Fit() == widget.FitWidth)
	b.fit.SetChosen(b.page.Fit() == widget.FitPage)
}
