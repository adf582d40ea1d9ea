package view

import (
	"image"
	"image/color"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"sealdesk/pdfseal"
	"sealdesk/ui/state"
	"sealdesk/ui/theme"
	"sealdesk/ui/widget"
)

// straddled is a document of three pages with a straddle seal at an edge.
func straddled(edge pdfseal.Edge) state.Desk {
	d := placed()
	doc := &d.Sealing.Documents[0]
	doc.Straddle = state.Straddle{Edge: edge, Pages: "1-3", Centre: 148.5}
	doc.Slices = state.Slices{For: doc.Straddle, Seal: good.ID}
	for n := range 3 {
		s := pdfseal.Slice{Edge: edge, Group: 1, N: n + 1, Of: 3, From: float64(n) / 3, To: float64(n+1) / 3}
		m := pdfseal.PlacedMark{Page: n + 1, X: 203, Y: 148.5, W: 14, H: 42, Slice: s}
		if edge == pdfseal.EdgeTop || edge == pdfseal.EdgeBottom {
			m.X, m.Y, m.W, m.H = 105, 7, 42, 14
		}
		doc.Slices.Marks = append(doc.Slices.Marks, m)
	}
	return d
}

func straddleDesks() map[string]state.Desk {
	out := map[string]state.Desk{"straddle right": straddled(pdfseal.EdgeRight), "straddle top": straddled(pdfseal.EdgeTop)}
	alone := straddled(pdfseal.EdgeLeft)
	alone.Sealing.Documents[0].Marks, alone.Sealing.Documents[0].Rule = nil, state.Rule{Kind: state.RuleHand}
	out["straddle alone"] = alone
	single := placed()
	single.Sealing.Page, single.Sealing.Documents[0].Info.Pages = 1, 1
	out["straddle one page"] = single
	refused := straddled(pdfseal.EdgeRight)
	refused.Sealing.Documents[0].Slices.Marks, refused.Sealing.Documents[0].Slices.Err = nil, &pdfseal.RequestError{Field: "Straddle", Key: "STRADDLE_SMALL"}
	out["straddle refused"] = refused
	sheet := alone
	sheet.Sealing.Documents = append([]state.Document{}, alone.Sealing.Documents...)
	sheet.Sealing.Documents = append(sheet.Sealing.Documents, document("函.pdf"))
	sheet.Sealing.Sheet = true
	out["straddle batch"] = sheet
	return out
}

func TestStraddle_inspector(t *testing.T) {
	b := newBench(t, "zh", theme.Options{}, fyne.NewSize(1280, 720))
	button := func(text string) *widget.Button {
		var found *widget.Button
		collect(b.frame.Object(), func(o fyne.CanvasObject) {
			if btn, ok := o.(*widget.Button); ok && btn.Text() == text {
				found = btn
			}
		})
		return found
	}
	sent := func() state.Event {
		e := b.take()
		if len(e) != 1 {
			t.Fatalf("sent %v", e)
		}
		return e[0]
	}
	b.frame.Render(placed())
	b.settle()
	if button("右") != nil {
		t.Error("the edges are offered although no straddle seal is wanted")
	}
	b.take()
	test.Tap(button("骑缝"))
	if e := sent(); e != state.Event(state.StraddleChosen{Straddle: state.Straddle{Edge: pdfseal.EdgeRight}}) {
		t.Errorf("switched on: %v", e)
	}
	d := straddled(pdfseal.EdgeRight)
	want := d.Sealing.Documents[0].Straddle
	b.frame.Render(d)
	b.settle()
	b.take()
	test.Tap(button("上"))
	want.Edge = pdfseal.EdgeTop
	if e := sent(); e != state.Event(state.StraddleChosen{Straddle: want}) {
		t.Errorf("another edge: %v", e)
	}
	want.Edge = pdfseal.EdgeRight
	p := b.frame.screens[state.ScreenSeal].(*sealScreen).inspector.straddle
	p.at.OnSubmitted(" 90.04 ")
	want.Centre = 90
	if e := sent(); e != state.Event(state.StraddleChosen{Straddle: want}) {
		t.Errorf("another place: %v", e)
	}
	p.pages.OnSubmitted("1，3－5")
	want.Centre, want.Pages = 148.5, "1,3-5"
	if e := sent(); e != state.Event(state.StraddleChosen{Straddle: want}) {
		t.Errorf("other pages: %v", e)
	}
	test.Tap(button("骑缝"))
	if e := sent(); e != state.Event(state.StraddleChosen{}) {
		t.Errorf("switched off: %v", e)
	}
	if text := all(b.frame.Object()); !strings.Contains(text, "每页宽 14.0 毫米，章心距上 148.5 毫米") {
		t.Errorf("it does not say where the slices stand:\n%s", text)
	}
	b.frame.Render(straddleDesks()["straddle one page"])
	b.settle()
	if text := all(b.frame.Object()); !button("骑缝").Disabled() || !strings.Contains(text, "只有一页") {
		t.Errorf("a document of one page:\n%s", text)
	}
}

// Each page shows its own part of the picture, at its own place; a slice moves along its edge only.
func TestStraddle_preview(t *testing.T) {
	whole := image.NewNRGBA(image.Rect(0, 0, 90, 60))
	for x := range 90 {
		for y := range 60 {
			whole.Set(x, y, color.NRGBA{R: uint8(x), G: uint8(y), A: 0xFF})
		}
	}
	seal := good
	seal.Picture = whole
	c := crops{}
	for edge, first := range map[pdfseal.Edge]color.NRGBA{pdfseal.EdgeRight: {R: 30, A: 0xFF}, pdfseal.EdgeTop: {G: 20, A: 0xFF}} {
		doc := straddled(edge).Sealing.Documents[0]
		marks := c.slice(doc, seal, 2, true)
		if len(marks) != 1 {
			t.Fatalf("%s: %d slices on page 2", edge, len(marks))
		}
		m, s := marks[0], doc.Slices.Marks[1]
		if m.X != s.X || m.W != s.W || m.H != s.H || m.Page != 2 || !m.Movable {
			t.Errorf("%s: %+v", edge, m)
		}
		if got := m.Picture.At(0, 0); got != color.Color(first) {
			t.Errorf("%s: the slice begins with %v, not %v", edge, got, first)
		}
		if again := c.slice(doc, seal, 2, true); again[0].Picture != m.Picture {
			t.Errorf("%s: the picture is cut anew each time", edge)
		}
		if len(c.slice(doc, seal, 4, true)) != 0 {
			t.Errorf("%s: a slice on a page without one", edge)
		}
	}
	b := newBench(t, "zh", theme.Options{}, fyne.NewSize(1280, 720))
	b.frame.Render(straddled(pdfseal.EdgeRight))
	b.settle()
	b.take()
	screen := b.frame.screens[state.ScreenSeal].(*sealScreen)
	screen.page.OnMoved("slice2", 2, 60, 200.04)
	want := straddled(pdfseal.EdgeRight).Sealing.Documents[0].Straddle
	want.Centre = 200
	if e := b.take(); len(e) != 1 || e[0] != state.Event(state.StraddleChosen{Straddle: want}) {
		t.Errorf("moved: %v", e)
	}
	screen.page.OnMoved("mark2", 2, 60, 200)
	if e := b.take(); len(e) != 1 || e[0] != state.Event(state.MarkPlaced{Mark: state.Mark{Page: 2, X: 60, Y: 200}}) {
		t.Errorf("an ordinary mark was moved: %v", e)
	}
}
