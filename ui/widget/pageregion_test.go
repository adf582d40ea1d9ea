package widget

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"sealdesk/ui/pages"
)

// shownTexts are the paragraphs that lie on the sheet.
func shownTexts(v *PageView) string {
	var out []string
	for _, o := range test.WidgetRenderer(v.sheet).Objects() {
		if t, ok := o.(*Text); ok && t.Visible() {
			out = append(out, t.String())
		}
	}
	return strings.Join(out, "|")
}

func TestPageView_regionsTellTheirSentences(t *testing.T) {
	v, settle := view(t, pages.Size{W: 210, H: 297}, 2)
	v.SetRegions([]Region{{Page: 1, Text: "whole page", Frame: Bad}, {Page: 1, X: 20, Y: 30, W: 40, H: 10, Text: "amount", Frame: Bad}, {Page: 2, X: 20, Y: 30, W: 40, H: 10, Text: "other", Frame: Bad}})
	over := func(x, y float64) string {
		v.sheet.MouseMoved(&desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: at(v, x, y)}})
		return shownTexts(v)
	}
	if got := over(30, 35); got != "amount" {
		t.Errorf("over the smaller part: %q", got)
	}
	if got := over(150, 200); got != "whole page" {
		t.Errorf("over the rest of the page: %q", got)
	}
	v.sheet.MouseOut()
	if got := shownTexts(v); got != "" {
		t.Errorf("nothing is pointed at: %q", got)
	}
	tapped := -1
	v.OnRegion = func(n int) { tapped = n }
	v.OnTapped = func(int, float64, float64) { t.Error("the tap fell through") }
	v.sheet.Tapped(&fyne.PointEvent{Position: at(v, 30, 35)})
	if tapped != 1 {
		t.Errorf("part %d was tapped", tapped)
	}
	v.regions[1].Chosen = true
	v.SetRegions(v.regions)
	if got := shownTexts(v); got != "amount" {
		t.Errorf("the chosen part says %q", got)
	}
	v.Display(v.src, 2, 2)
	settle()
	if got := shownTexts(v); got != "" {
		t.Errorf("on another page: %q", got)
	}
}

func TestPageView_reveal(t *testing.T) {
	v, settle := view(t, pages.Size{W: 210, H: 297}, 1)
	v.SetZoom(4)
	settle()
	r := Region{Page: 1, X: 150, Y: 250, W: 20, H: 8}
	v.Reveal(r)
	left, top := at(v, r.X, r.Y), v.scroll.Offset
	if left.X < top.X || left.Y < top.Y || left.X > top.X+v.scroll.Size().Width || left.Y > top.Y+v.scroll.Size().Height {
		t.Errorf("the part at %v is not seen from %v on", left, top)
	}
	v.Reveal(r)
	if v.scroll.Offset != top {
		t.Error("what is seen was moved")
	}
}

func TestSentence(t *testing.T) {
	testApp(t)
	tapped := 0
	s := NewSentence("12", "第 3 页“拨付资金”处被新加的注释遮盖，原文看不见了，请以签章时的版本为准", Bad, func() { tapped++ })
	if narrow, wide := s.HeightFor(160), s.HeightFor(900); narrow <= wide {
		t.Errorf("height %v at 160, %v at 900", narrow, wide)
	}
	w := test.NewTempWindow(t, s)
	w.Canvas().Focus(s)
	s.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	s.Tapped(nil)
	if s.SetChosen(true); tapped != 2 || !s.Chosen() {
		t.Errorf("tapped %d times, chosen %v", tapped, s.Chosen())
	}
}
