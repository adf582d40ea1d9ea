package widget

import (
	"context"
	"image"
	"image/color"
	"math"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"sealdesk/ui/pages"
	"sealdesk/ui/pages/pagestest"
	"sealdesk/ui/theme"
)

func testApp(t *testing.T) {
	t.Helper()
	test.NewTempApp(t).Settings().SetTheme(theme.New(theme.Options{}))
}

// Each character is one unit wide, Chinese ones two.
func measure(s string) float32 {
	n := float32(0)
	for _, r := range s {
		if n++; wide(r) {
			n++
		}
	}
	return n
}

func TestWrap(t *testing.T) {
	for text, want := range map[string][]string{
		"":                      {""},
		"short":                 {"short"},
		"two words here":        {"two words", "here"},
		"盖章后文件被改动":              {"盖章后文件", "被改动"},
		"盖章后的文件，被改动":            {"盖章后的文", "件，被改动"},
		"盖章后文件，被改":              {"盖章后文", "件，被改"},
		"（一二三四五）六":              {"（一二三四", "五）六"},
		"averyverylongword end": {"averyveryl", "ongword", "end"},
		"文件 a.pdf 已盖章":          {"文件 a.pdf", "已盖章"},
		"一二三 盖\u00A012":         {"一二三", "盖\u00A012"},
	} {
		got := wrap(text, 10, measure)
		if !slices.Equal(got, want) {
			t.Errorf("%q is broken into %q, want %q", text, got, want)
		}
		if strings.ReplaceAll(strings.Join(got, ""), " ", "") != strings.ReplaceAll(text, " ", "") {
			t.Errorf("%q has lost characters: %q", text, got)
		}
	}
}

func TestText_cut(t *testing.T) {
	testApp(t)
	x := NewLine("/home/office/关于做好2026年冬季供热和牧区防灾减灾工作的通知.pdf", Plain)
	if got := x.lines(120); len(got) != 1 || !strings.HasSuffix(got[0], "…") || x.measure(got[0]) > 120 {
		t.Errorf("cut to %q", got)
	}
}

// colourPage is a page whose picture tells page and resolution.
type colourPage struct{ size pages.Size }

func (p colourPage) Page(_ context.Context, n int, ppm float64) (*image.RGBA, pages.Size, error) {
	img := image.NewRGBA(image.Rect(0, 0, int(math.Round(p.size.W*ppm)), int(math.Round(p.size.H*ppm))))
	for i := 0; i < len(img.Pix); i += 4 {
		img.Pix[i], img.Pix[i+1], img.Pix[i+2], img.Pix[i+3] = uint8(n), 0xFF, 0xFF, 0xFF
	}
	return img, p.size, nil
}

// view is a page view in a window of 600 × 600.
func view(t *testing.T, size pages.Size, count int) (*PageView, func()) {
	t.Helper()
	testApp(t)
	posts := make(chan func(), 100)
	v := NewPageView(func(f func()) { posts <- f }, "failed")
	w := test.NewTempWindow(t, v)
	w.SetPadded(false)
	w.Resize(fyne.NewSize(600, 600))
	settle := func() { pagestest.Settle(t, posts) }
	t.Cleanup(v.Close)
	v.Display(colourPage{size}, count, 1)
	settle()
	return v, settle
}

// at gives the place of a point of the page on the sheet.
func at(v *PageView, x, y float64) fyne.Position {
	return v.origin().AddXY(float32(x*v.scale()), float32(y*v.scale()))
}

func TestPageView_placesAreMillimetres(t *testing.T) {
	for name, size := range map[string]pages.Size{"A4": {W: 210, H: 297}, "A3 lying": {W: 420, H: 297}, "16开": {W: 184, H: 260}} {
		t.Run(name, func(t *testing.T) {
			v, settle := view(t, size, 1)
			for _, zoom := range []float64{0, 0.25, 1, 4} {
				if zoom > 0 {
					v.SetZoom(zoom)
					settle()
				}
				var gotX, gotY float64
				v.OnTapped = func(_ int, x, y float64) { gotX, gotY = x, y }
				v.sheet.Tapped(&fyne.PointEvent{Position: at(v, 100, 120)})
				// A place is taken to a tenth of a millimetre; a pixel at 25 % is a millimetre, but positions are finer than pixels.
				if math.Abs(gotX-100) > 0.11 || math.Abs(gotY-120) > 0.11 {
					t.Errorf("zoom %v: tapped at (100, 120), got (%v, %v)", zoom, gotX, gotY)
				}
			}
		})
	}
}

func TestPageView_nudge(t *testing.T) {
	v, _ := view(t, pages.Size{W: 210, H: 297}, 3)
	v.SetMarks([]PageMark{{ID: "m", Page: 1, X: 100, Y: 100, W: 42, H: 42, Movable: true}, {ID: "fixed", Page: 1, X: 30, Y: 30, W: 42, H: 42}})
	v.Select("m")
	var x, y float64
	removed, turned := "", 0
	v.OnMoved = func(_ string, _ int, nx, ny float64) { x, y = nx, ny }
	v.OnRemoved = func(id string, _ int) { removed = id }
	v.OnPage = func(p int) { turned = p }
	v.sheet.TypedKey(&fyne.KeyEvent{Name: fyne.KeyRight})
	if x != 100.5 || y != 100 || turned != 0 {
		t.Errorf("right: (%v, %v), page %d", x, y, turned)
	}
	v.sheet.TypedKey(&fyne.KeyEvent{Name: fyne.KeyUp})
	if x != 100 || y != 99.5 {
		t.Errorf("up: (%v, %v)", x, y)
	}
	v.sheet.TypedKey(&fyne.KeyEvent{Name: fyne.KeyDelete})
	if removed != "m" {
		t.Errorf("removed %q", removed)
	}
	v.Select("fixed")
	removed = ""
	v.sheet.TypedKey(&fyne.KeyEvent{Name: fyne.KeyDelete})
	v.sheet.TypedKey(&fyne.KeyEvent{Name: fyne.KeyRight})
	if removed != "" || turned != 2 {
		t.Errorf("a seal that is there already: removed %q, page %d", removed, turned)
	}
}

func TestPageView_drag(t *testing.T) {
	v, _ := view(t, pages.Size{W: 210, H: 297}, 1)
	v.SetMarks([]PageMark{{ID: "m", Page: 1, X: 100, Y: 100, W: 42, H: 42, Movable: true}})
	v.SetSnaps([]Snap{{Page: 1, X: 140, Y: 200}})
	var x, y float64
	v.OnMoved = func(_ string, _ int, nx, ny float64) { x, y = nx, ny }
	move := func(dx, dy float64) {
		by := fyne.NewDelta(float32(dx*v.scale()), float32(dy*v.scale()))
		v.sheet.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{Position: at(v, 100+dx, 100+dy)}, Dragged: by})
		v.sheet.DragEnd()
	}
	move(20, 30)
	if math.Abs(x-120) > 0.11 || math.Abs(y-130) > 0.11 {
		t.Errorf("dragged to (%v, %v)", x, y)
	}
	move(41, 99)
	if x != 140 || y != 200 {
		t.Errorf("did not snap: (%v, %v)", x, y)
	}
	move(-500, 900)
	if x != 21 || y != 297-21 {
		t.Errorf("left the page: (%v, %v)", x, y)
	}
}

// The seal on the preview is where its millimetres say, within a pixel, and multiplied onto the page.
func TestPageView_sealIsDrawnInPlace(t *testing.T) {
	v, settle := view(t, pages.Size{W: 210, H: 297}, 1)
	red := image.NewNRGBA(image.Rect(0, 0, 100, 100))
	for i := 0; i < len(red.Pix); i += 4 {
		red.Pix[i], red.Pix[i+3] = 0xFF, 0xFF
	}
	v.SetMarks([]PageMark{{ID: "m", Page: 1, X: 100, Y: 150, W: 40, H: 40, Picture: red}})
	settle()
	c := fyne.CurrentApp().Driver().CanvasForObject(v)
	img := c.Capture()
	minX, minY, maxX, maxY := 1<<30, 1<<30, -1, -1
	for y := range img.Bounds().Dy() {
		for x := range img.Bounds().Dx() {
			if r, g, _, _ := img.At(x, y).RGBA(); g == 0 && r>>8 == 1 { // page 1 has red 1: multiplied by the seal's full red
				minX, minY, maxX, maxY = min(minX, x), min(minY, y), max(maxX, x), max(maxY, y)
			}
		}
	}
	o := v.origin()
	s := v.scale()
	for what, d := range map[string]float64{"left": float64(minX) - (float64(o.X) + 80*s), "top": float64(minY) - (float64(o.Y) + 130*s),
		"right": float64(maxX+1) - (float64(o.X) + 120*s), "bottom": float64(maxY+1) - (float64(o.Y) + 170*s)} {
		if math.Abs(d) > 1 {
			t.Errorf("%s edge is %.2f pixels off", what, d)
		}
	}
}

func TestMultiply(t *testing.T) {
	page := image.NewRGBA(image.Rect(0, 0, 2, 1))
	copy(page.Pix, []byte{100, 100, 100, 255, 200, 200, 200, 255})
	seal := image.NewNRGBA(image.Rect(0, 0, 3, 1))
	seal.SetNRGBA(0, 0, color.NRGBA{R: 255, A: 255})
	seal.SetNRGBA(1, 0, color.NRGBA{R: 255, A: 0})
	seal.SetNRGBA(2, 0, color.NRGBA{R: 255, A: 255})
	got := multiply(page, seal, image.Pt(0, 0))
	if want := []byte{100, 0, 0, 255, 200, 200, 200, 255, 0, 0, 0, 0}; !slices.Equal(got.Pix, want) {
		t.Errorf("got %v, want %v", got.Pix, want)
	}
}

func TestPINEntry_hasNoClipboard(t *testing.T) {
	testApp(t)
	e := NewPINEntry()
	w := test.NewTempWindow(t, e)
	test.Type(e, "123456")
	fyne.CurrentApp().Clipboard().SetContent("other")
	clip := fyne.CurrentApp().Clipboard()
	for _, s := range []fyne.Shortcut{&fyne.ShortcutSelectAll{}, &fyne.ShortcutCopy{Clipboard: clip}, &fyne.ShortcutCut{Clipboard: clip}, &fyne.ShortcutPaste{Clipboard: clip},
		&desktop.CustomShortcut{KeyName: fyne.KeyC, Modifier: fyne.KeyModifierControl}} {
		e.TypedShortcut(s)
	}
	e.TappedSecondary(&fyne.PointEvent{})
	if clip.Content() != "other" || e.Text != "123456" || w.Canvas().Overlays().Top() != nil {
		t.Errorf("clipboard %q, field %q", clip.Content(), e.Text)
	}
	if got := e.Take(); string(got) != "123456" || e.Text != "" {
		t.Errorf("taken %q, left %q", got, e.Text)
	}
	if img := w.Canvas().Capture(); img == nil {
		t.Error("the field is not drawn")
	}
}

// While a seal is dragged it is drawn where it will come to rest: on the point that it jumps to, whole on the page.
func TestPageView_dragShowsWhereItComesToRest(t *testing.T) {
	v, _ := view(t, pages.Size{W: 210, H: 297}, 1)
	v.SetSnaps([]Snap{{Page: 1, X: 140, Y: 200}})
	for _, c := range []struct{ x, y, wantX, wantY float64 }{{141, 199, 140, 200}, {60.04, 70, 60, 70}, {1, 400, 21, 297 - 21}} {
		if x, y := v.rest(PageMark{Page: 1, X: c.x, Y: c.y, W: 42, H: 42}); x != c.wantX || y != c.wantY {
			t.Errorf("at (%v, %v) it comes to rest at (%v, %v)", c.x, c.y, x, y)
		}
	}
	v.SetMarks([]PageMark{{ID: "m", Page: 1, X: 100, Y: 100, W: 42, H: 42, Movable: true}})
	by := fyne.NewDelta(float32(41*v.scale()), float32(99*v.scale()))
	v.sheet.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{Position: at(v, 141, 199)}, Dragged: by})
	said := false
	for _, o := range test.WidgetRenderer(v.sheet).Objects() {
		if text, ok := o.(*canvas.Text); ok && text.Text == "X 140.0  Y 200.0 mm" {
			said = true
		}
	}
	if !said {
		t.Error("the millimetres of the date are not shown while the seal is over it")
	}
}

// What is in the middle of the view stays there when the zoom changes, and what is under the pointer when the wheel does it.
func TestPageView_zoomKeepsThePlace(t *testing.T) {
	v, settle := view(t, pages.Size{W: 210, H: 297}, 1)
	v.SetZoom(1)
	settle()
	room := v.scroll.Size()
	middle := fyne.NewPos(room.Width/2, room.Height/2)
	v.scroll.ScrollToOffset(fyne.NewPos(120, 300))
	for _, c := range []struct {
		at   fyne.Position
		zoom func()
	}{{middle, func() { v.SetZoom(2) }}, {fyne.NewPos(200, 150), func() { v.zoomAt(3, fyne.NewPos(200, 150)) }}} {
		x, y, _ := v.pageAt(c.at.Add(v.scroll.Offset))
		c.zoom()
		settle()
		if nx, ny, _ := v.pageAt(c.at.Add(v.scroll.Offset)); math.Abs(nx-x) > 1 || math.Abs(ny-y) > 1 {
			t.Errorf("at %v was (%.1f, %.1f), now is (%.1f, %.1f)", c.at, x, y, nx, ny)
		}
	}
}

// The window has its shortcuts while a PIN is typed: it once could not be closed with Ctrl+Q then.
func TestPINEntry_leavesShortcutsToTheWindow(t *testing.T) {
	testApp(t)
	e := NewPINEntry()
	test.NewTempWindow(t, e)
	var got []string
	e.Shortcut = func(s fyne.Shortcut) bool { got = append(got, s.ShortcutName()); return true }
	quit := &desktop.CustomShortcut{KeyName: fyne.KeyQ, Modifier: fyne.KeyModifierControl}
	if e.TypedShortcut(quit); !slices.Equal(got, []string{quit.ShortcutName()}) {
		t.Errorf("the window got %q", got)
	}
}

// The zoom that follows from the room is told when the room changes: the bar once showed that of a page without room.
func TestPageView_tellsTheZoomOfTheRoom(t *testing.T) {
	v, settle := view(t, pages.Size{W: 210, H: 297}, 1)
	told := 0.0
	v.OnZoom = func(z float64) { told = z }
	v.Resize(fyne.NewSize(500, 900))
	settle()
	if told == 0 || math.Abs(told-v.Zoom()) > 1e-9 {
		t.Errorf("told %v, the zoom is %v", told, v.Zoom())
	}
}
