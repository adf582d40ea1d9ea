package widget

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"

	"sealdesk/ui/theme"
)

// Region is a framed part of a page.
type Region struct {
	Page       int
	X, Y, W, H float64 // left and top edge, size; without width it is all of the page
	Label      string
	Text       string // a sentence, shown while the pointer is over the part or it is chosen
	Frame      Ink
	Filled     bool
	Chosen     bool
}

var _ desktop.Hoverable = (*sheet)(nil)

// SetRegions replaces the framed parts.
func (v *PageView) SetRegions(regions []Region) {
	v.regions = regions
	v.sheet.Refresh()
}

// onPage returns a framed part with its place on the page shown.
func (v *PageView) onPage(r Region) Region {
	if r.W <= 0 {
		r.X, r.Y, r.W, r.H = 0, 0, v.size.W, v.size.H
	}
	return r
}

// Reveal scrolls so far that a part of the page shown can be seen.
func (v *PageView) Reveal(r Region) {
	if v.src == nil || r.Page != v.page || r.W <= 0 {
		return
	}
	o, s, room, size := v.origin(), float32(v.scale()), v.scroll.Size(), v.sheet.Size()
	to := func(offset, from, length, room, whole float32) float32 {
		if from >= offset && from+length <= offset+room {
			return offset
		}
		return max(0, min(from+length/2-room/2, whole-room))
	}
	at := fyne.NewPos(to(v.scroll.Offset.X, o.X+float32(r.X)*s, float32(r.W)*s, room.Width, size.Width),
		to(v.scroll.Offset.Y, o.Y+float32(r.Y)*s, float32(r.H)*s, room.Height, size.Height))
	if at != v.scroll.Offset {
		v.scroll.ScrollToOffset(at)
		v.Refresh()
	}
}

// regionAt returns the smallest framed part at a point of the page, -1 for none.
func (v *PageView) regionAt(x, y float64) int {
	found := -1
	least := 0.0
	for i, r := range v.regions {
		r = v.onPage(r)
		in := r.Page == v.page && x >= r.X && y >= r.Y && x <= r.X+r.W && y <= r.Y+r.H
		if in && (found < 0 || r.W*r.H < least) {
			found, least = i, r.W*r.H
		}
	}
	return found
}

// MouseIn implements desktop.Hoverable.
func (s *sheet) MouseIn(e *desktop.MouseEvent) { s.MouseMoved(e) }

// MouseMoved implements desktop.Hoverable: the sentence of a framed part is shown.
func (s *sheet) MouseMoved(e *desktop.MouseEvent) {
	x, y, _ := s.v.pageAt(e.Position)
	s.over(s.v.regionAt(x, y))
}

// MouseOut implements desktop.Hoverable.
func (s *sheet) MouseOut() { s.over(-1) }

func (s *sheet) over(region int) {
	if s.hovered != region+1 {
		s.hovered = region + 1
		s.Refresh()
	}
}

// told is the framed part whose sentence is shown: the one under the pointer, else the chosen one.
func (s *sheet) told() (Region, bool) {
	if i := s.hovered - 1; i >= 0 && i < len(s.v.regions) && s.v.regions[i].Page == s.v.page {
		return s.v.regions[i], true
	}
	for _, r := range s.v.regions {
		if r.Chosen && r.Page == s.v.page {
			return r, true
		}
	}
	return Region{}, false
}

// The sentence beside a framed part.
const (
	tellWidth = 300
	tellPad   = 8
)

// tell writes the sentence of a framed part below or above it, inside the sheet.
func (r *sheetRenderer) tell(o fyne.Position, scale float32) {
	g, ok := r.s.told()
	if !ok || g.Text == "" {
		return
	}
	g = r.s.v.onPage(g)
	k, room := theme.Now(), r.s.Size()
	text := NewSmall(g.Text, func(t theme.Tokens) color.NRGBA { return t.Ink })
	w := min(text.NaturalWidth(), tellWidth, max(40, room.Width-2*tellPad-4))
	h := text.HeightFor(w)
	ground := canvas.NewRectangle(k.Paper)
	ground.StrokeColor, ground.StrokeWidth, ground.CornerRadius = g.Frame(k), 1, 4
	size := fyne.NewSize(w+2*tellPad, h+2*tellPad)
	at := o.AddXY(float32(g.X)*scale, float32(g.Y+g.H)*scale+6)
	if at.Y+size.Height > room.Height-2 {
		at.Y = max(2, o.Y+float32(g.Y)*scale-size.Height-theme.Small()*2)
	}
	at.X = max(2, min(at.X, room.Width-size.Width-2))
	ground.Move(at)
	ground.Resize(size)
	text.Move(at.AddXY(tellPad, tellPad))
	text.Resize(fyne.NewSize(w, h))
	r.above = append(r.above, ground, text)
}
