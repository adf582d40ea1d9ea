package widget

import (
	"image"
	"math"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"sealdesk/ui/pages"
)

// PageMark is a picture on a page: a seal that is being placed, or one that is there.
type PageMark struct {
	ID         string
	Page       int
	X, Y, W, H float64     // centre and size in millimetres, from the left and top edge of the upright page
	Picture    image.Image // nil: only the frame, because the page shows the seal itself
	Frame      Ink         // nil: no frame
	Label      string
	Movable    bool
	Instead    string // of a ghost: the mark that it would move, which is not drawn meanwhile
}

// Snap is a point that a moved mark jumps to.
type Snap struct {
	Page int
	X, Y float64
}

// Fit says how the zoom follows from the room.
type Fit int

// The fits.
const (
	FitPage Fit = iota
	FitWidth
	FitNone
)

// The limits of the zoom.
const (
	MinZoom = 0.25
	MaxZoom = 4
)

// unitsPerMM is the size of a millimetre at a zoom of 1, in units of the toolkit (96 to the inch).
const unitsPerMM = 96 / 25.4

const (
	rulerWidth = 26 // three digits and a tick
	pageMargin = 16
)

// PageView shows one page of a document with marks on it. It draws only what it shows.
type PageView struct {
	widget.BaseWidget
	OnPage    func(page int)
	OnZoom    func(zoom float64)
	OnTapped  func(page int, x, y float64)
	OnMoved   func(id string, page int, x, y float64)
	OnRemoved func(id string, page int)
	OnMark    func(id string) // a mark was tapped
	OnRegion  func(n int)     // a framed part was tapped, by its index

	src      pages.Source
	pages    int
	page     int
	size     pages.Size
	zoom     float64
	fit      Fit
	marks    []PageMark
	regions  []Region
	snaps    []Snap
	selected string
	ghost    *PageMark
	ruler    bool
	shown    *pages.Picture
	load     *pages.Loader
	scroll   *container.Scroll
	sheet    *sheet
	failed   string // what to say where a page cannot be drawn
	seals    map[sealKey]*image.NRGBA
}

// sealKey names a seal picture at a size in pixels.
type sealKey struct {
	picture image.Image
	w, h    int
}

// NewPageView makes a view. post runs functions in the goroutine of the window; failed is shown where a page cannot be drawn.
func NewPageView(post func(func()), failed string) *PageView {
	v := &PageView{zoom: 1, page: 1, size: pages.Size{W: 210, H: 297}, load: pages.NewLoader(post, 3), failed: failed, seals: map[sealKey]*image.NRGBA{}}
	v.sheet = newSheet(v)
	v.scroll = container.NewScroll(v.sheet)
	v.scroll.OnScrolled = func(fyne.Position) { v.Refresh() }
	v.ExtendBaseWidget(v)
	return v
}

// Close lets go of the pictures and ends what is being drawn.
func (v *PageView) Close() { v.load.Close() }

// ShowRuler shows or hides the millimetres at the edges.
func (v *PageView) ShowRuler(on bool) { v.ruler = on }

// Display shows a page of a document; nil shows nothing.
func (v *PageView) Display(src pages.Source, pages, page int) {
	page = min(max(1, page), max(1, pages))
	if v.src == src && v.pages == pages && v.page == page {
		return
	}
	if v.src != src {
		v.load.Forget()
		v.ghost = nil
	}
	v.src, v.pages, v.page, v.shown = src, pages, page, nil
	v.draw()
	v.Refresh()
}

// Page returns the page shown.
func (v *PageView) Page() int { return v.page }

// SetMarks replaces the marks.
func (v *PageView) SetMarks(marks []PageMark) {
	v.marks = marks
	v.sheet.Refresh()
}

// SetSnaps replaces the points that marks jump to.
func (v *PageView) SetSnaps(snaps []Snap) { v.snaps = snaps }

// Select marks one of the marks for the arrow keys.
func (v *PageView) Select(id string) {
	if v.selected != id {
		v.selected = id
		v.sheet.Refresh()
	}
}

// Turn shows a page by its distance from the present one.
func (v *PageView) Turn(by int) {
	if p := v.page + by; p >= 1 && p <= v.pages && v.OnPage != nil {
		v.OnPage(p)
	}
}

// Zoom returns the zoom in use.
func (v *PageView) Zoom() float64 { return v.scale() / unitsPerMM }

// SetZoom sets the zoom, within its limits.
func (v *PageView) SetZoom(z float64) {
	room := v.scroll.Size()
	at := fyne.NewPos(room.Width/2, room.Height/2)
	if m, ok := v.mark(); ok {
		o, s := v.origin(), float32(v.scale())
		seal := o.AddXY(float32(m.X)*s, float32(m.Y)*s).Subtract(v.scroll.Offset)
		if seal.X >= 0 && seal.Y >= 0 && seal.X <= room.Width && seal.Y <= room.Height {
			at = seal
		}
	}
	v.zoomAt(z, at)
}

// zoomAt sets the zoom so that what is at a point of the view stays there.
func (v *PageView) zoomAt(z float64, at fyne.Position) {
	x, y, _ := v.pageAt(at.Add(v.scroll.Offset))
	v.fit, v.zoom = FitNone, math.Min(MaxZoom, math.Max(MinZoom, z))
	v.rescaled()
	o, s, room, size := v.origin(), float32(v.scale()), v.scroll.Size(), v.sheet.Size()
	v.scroll.ScrollToOffset(fyne.NewPos(min(max(0, o.X+float32(x)*s-at.X), max(0, size.Width-room.Width)),
		min(max(0, o.Y+float32(y)*s-at.Y), max(0, size.Height-room.Height))))
	v.Refresh()
}

// SetFit makes the zoom follow from the room.
func (v *PageView) SetFit(f Fit) {
	v.fit = f
	v.rescaled()
}

// Fit returns the fit in use.
func (v *PageView) Fit() Fit { return v.fit }

func (v *PageView) rescaled() {
	v.draw()
	v.scroll.Refresh()
	v.Refresh()
	v.tellZoom()
}

func (v *PageView) tellZoom() {
	if v.OnZoom != nil {
		v.OnZoom(v.Zoom())
	}
}

// scale is units of the toolkit to a millimetre.
func (v *PageView) scale() float64 {
	room := v.scroll.Size()
	w, h := float64(room.Width)-2*pageMargin, float64(room.Height)-2*pageMargin
	z := v.zoom
	switch {
	case w <= 0 || h <= 0:
	case v.fit == FitWidth:
		z = (w - 6) / v.size.W / unitsPerMM
	case v.fit == FitPage:
		z = math.Min(w/v.size.W, h/v.size.H) / unitsPerMM
	}
	return math.Min(MaxZoom, math.Max(MinZoom/4, z)) * unitsPerMM
}

// pixels is the scale of the canvas.
func (v *PageView) pixels() float64 {
	if c := fyne.CurrentApp().Driver().CanvasForObject(v); c != nil {
		return float64(c.Scale())
	}
	return 1
}

// The largest picture that is asked for; a page at a higher zoom is magnified.
const (
	maxPagePixels = 16 << 20
	maxPageEdge   = 8000
)

// resolution is the pixels to a millimetre of the picture to be shown.
func (v *PageView) resolution() float64 {
	ppm := v.scale() * v.pixels()
	area := v.size.W * v.size.H * ppm * ppm
	if area > maxPagePixels {
		ppm *= math.Sqrt(maxPagePixels / area)
	}
	if edge := math.Max(v.size.W, v.size.H) * ppm; edge > maxPageEdge {
		ppm *= maxPageEdge / edge
	}
	return ppm
}

// coarse is a resolution that is drawn at once.
const coarse = 2

// draw shows the best picture that is there and asks for the right one.
func (v *PageView) draw() {
	if v.src == nil {
		v.shown = nil
		return
	}
	right := pages.Wanted{Src: v.src, Page: v.page, PPM: v.resolution()}
	if p := v.load.Find(right); p != nil {
		v.take(right, p)
		return
	}
	if p := v.load.Any(v.src, v.page); p != nil {
		v.shown = p
	} else if right.PPM > 3*coarse {
		v.load.Want(pages.Wanted{Src: v.src, Page: v.page, PPM: coarse}, func(p *pages.Picture) {
			if v.shown == nil && v.src == right.Src && v.page == right.Page {
				v.take(pages.Wanted{Src: right.Src, Page: right.Page, PPM: coarse}, p)
			}
		})
	}
	v.load.Want(right, func(p *pages.Picture) { v.take(right, p) })
}

// take shows a picture, unless another one is wanted by now.
func (v *PageView) take(w pages.Wanted, p *pages.Picture) {
	if w.Src != v.src || w.Page != v.page {
		return
	}
	v.shown = p
	if p.Err == nil && p.Size != v.size {
		v.size = p.Size
		v.rescaled()
		return
	}
	v.scroll.Refresh()
	v.Refresh()
	v.ahead(w)
}

// ahead draws the neighbours of the page shown, so that turning does not wait.
func (v *PageView) ahead(w pages.Wanted) {
	if w.PPM != v.resolution() {
		return
	}
	for _, page := range []int{v.page - 1, v.page + 1} {
		next := pages.Wanted{Src: v.src, Page: page, PPM: w.PPM}
		if page >= 1 && page <= v.pages && v.load.Find(next) == nil {
			v.load.Want(next, func(*pages.Picture) {})
		}
	}
}

// origin is the place of the page's left top corner on the sheet, on a whole pixel.
func (v *PageView) origin() fyne.Position {
	s, room := v.scale(), v.sheet.Size()
	px := v.pixels()
	whole := func(f float64) float32 { return float32(math.Round(f*px) / px) }
	x := math.Max(pageMargin, (float64(room.Width)-v.size.W*s)/2)
	y := math.Max(pageMargin, (float64(room.Height)-v.size.H*s)/2)
	return fyne.NewPos(whole(x), whole(y))
}

// pageAt turns a place on the sheet into millimetres on the page.
func (v *PageView) pageAt(p fyne.Position) (x, y float64, on bool) {
	o, s := v.origin(), v.scale()
	x, y = float64(p.X-o.X)/s, float64(p.Y-o.Y)/s
	return x, y, x >= 0 && y >= 0 && x <= v.size.W && y <= v.size.H
}

// PointAt turns a place in the window into millimetres on the page shown.
func (v *PageView) PointAt(window fyne.Position) (x, y float64, on bool) {
	if v.src == nil {
		return 0, 0, false
	}
	d := fyne.CurrentApp().Driver()
	at, room := d.AbsolutePositionForObject(v.scroll), v.scroll.Size()
	inside := window.Subtract(at)
	if inside.X < 0 || inside.Y < 0 || inside.X > room.Width || inside.Y > room.Height {
		return 0, 0, false
	}
	return v.pageAt(inside.Add(v.scroll.Offset))
}

// SetGhost shows a seal that is being dragged over the page; nil takes it away.
func (v *PageView) SetGhost(m *PageMark) {
	if v.ghost == nil && m == nil {
		return
	}
	if m != nil {
		m.ID = ghostID
	}
	v.ghost = m
	v.sheet.Refresh()
}

// Snapped returns the point that a mark at (x, y) jumps to, and whether it does.
func (v *PageView) Snapped(page int, x, y float64) (float64, float64, bool) {
	const reach = 2.5 // millimetres
	for _, s := range v.snaps {
		if s.Page == page && math.Hypot(s.X-x, s.Y-y) < reach {
			return s.X, s.Y, true
		}
	}
	return round1(x), round1(y), false
}

func round1(f float64) float64 { return math.Round(f*10) / 10 }

// mark returns the mark that is selected, if it is on the page shown.
func (v *PageView) mark() (PageMark, bool) {
	for _, m := range v.marks {
		if m.ID == v.selected && m.ID != "" && m.Page == v.page {
			return m, true
		}
	}
	return PageMark{}, false
}

// markAt returns the topmost mark at a point of the page.
func (v *PageView) markAt(x, y float64) (PageMark, bool) {
	for i := len(v.marks) - 1; i >= 0; i-- {
		m := v.marks[i]
		if m.Page == v.page && math.Abs(x-m.X) <= m.W/2 && math.Abs(y-m.Y) <= m.H/2 {
			return m, true
		}
	}
	return PageMark{}, false
}

// MinSize implements fyne.CanvasObject.
func (v *PageView) MinSize() fyne.Size { return fyne.NewSize(240, 200) }

// CreateRenderer implements fyne.Widget.
func (v *PageView) CreateRenderer() fyne.WidgetRenderer { return newPageRenderer(v) }
