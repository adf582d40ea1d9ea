package widget

import (
	"math"
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
)

var (
	_ fyne.Tappable      = (*sheet)(nil)
	_ fyne.Draggable     = (*sheet)(nil)
	_ fyne.Focusable     = (*sheet)(nil)
	_ fyne.Scrollable    = (*sheet)(nil)
	_ desktop.Cursorable = (*sheet)(nil)
)

// Millimetres writes a length with one decimal.
func Millimetres(f float64) string { return strconv.FormatFloat(f, 'f', 1, 64) }

func modifiers() fyne.KeyModifier {
	if d, ok := fyne.CurrentApp().Driver().(desktop.Driver); ok {
		return d.CurrentKeyModifiers()
	}
	return 0
}

// Focus gives the keyboard to the page.
func (v *PageView) Focus() {
	if c := fyne.CurrentApp().Driver().CanvasForObject(v.sheet); c != nil {
		c.Focus(v.sheet)
	}
}

// Tapped implements fyne.Tappable: a tap on a mark selects it, on the page it is handed on.
func (s *sheet) Tapped(e *fyne.PointEvent) {
	v := s.v
	v.Focus()
	x, y, on := v.pageAt(e.Position)
	if m, ok := v.markAt(x, y); ok {
		v.Select(m.ID)
		if v.OnMark != nil {
			v.OnMark(m.ID)
		}
		return
	}
	v.Select("")
	if n := v.regionAt(x, y); n >= 0 && v.OnRegion != nil {
		v.OnRegion(n)
		return
	}
	if on && v.OnTapped != nil {
		x, y, _ = v.Snapped(v.page, x, y)
		v.OnTapped(v.page, x, y)
	}
}

// Dragged implements fyne.Draggable: a movable mark goes along, else the page does.
func (s *sheet) Dragged(e *fyne.DragEvent) {
	v := s.v
	if s.drag == nil && !s.panning {
		x, y, _ := v.pageAt(e.Position.SubtractXY(e.Dragged.DX, e.Dragged.DY))
		if m, ok := v.markAt(x, y); ok && m.Movable {
			s.drag = &m
			v.selected = m.ID
		} else {
			s.panning = true
		}
	}
	if s.drag == nil {
		v.pan(e.Dragged)
		return
	}
	scale := v.scale()
	s.drag.X += float64(e.Dragged.DX) / scale
	s.drag.Y += float64(e.Dragged.DY) / scale
	s.Refresh()
}

// DragEnd implements fyne.Draggable.
func (s *sheet) DragEnd() {
	m := s.drag
	s.drag, s.panning = nil, false
	if m == nil {
		return
	}
	x, y := s.v.rest(*m)
	s.v.moved(*m, x, y)
}

// rest is where a mark that is let go comes to rest: on a point that it jumps to, else where it is, whole on the page.
func (v *PageView) rest(m PageMark) (x, y float64) {
	x, y, _ = v.Snapped(m.Page, m.X, m.Y)
	return v.within(m, x, y)
}

// within keeps a mark whole on the page.
func (v *PageView) within(m PageMark, x, y float64) (float64, float64) {
	return math.Min(math.Max(m.W/2, x), math.Max(m.W/2, v.size.W-m.W/2)), math.Min(math.Max(m.H/2, y), math.Max(m.H/2, v.size.H-m.H/2))
}

// moved tells that a mark has been moved; it stays whole on the page.
func (v *PageView) moved(m PageMark, x, y float64) {
	x, y = v.within(m, x, y)
	if v.OnMoved != nil {
		v.OnMoved(m.ID, m.Page, x, y)
	}
	v.sheet.Refresh()
}

func (v *PageView) pan(by fyne.Delta) {
	room, size := v.scroll.Size(), v.sheet.Size()
	x := min(max(0, v.scroll.Offset.X-by.DX), max(0, size.Width-room.Width))
	y := min(max(0, v.scroll.Offset.Y-by.DY), max(0, size.Height-room.Height))
	v.scroll.ScrollToOffset(fyne.NewPos(x, y))
	v.Refresh()
}

// Scrolled implements fyne.Scrollable: with Control the wheel zooms; where nothing is left to scroll it turns pages.
func (s *sheet) Scrolled(e *fyne.ScrollEvent) {
	v := s.v
	if modifiers()&fyne.KeyModifierControl != 0 {
		step := 1.1
		if e.Scrolled.DY < 0 {
			step = 1 / step
		}
		v.zoomAt(v.Zoom()*step, e.Position.Subtract(v.scroll.Offset))
		return
	}
	before := v.scroll.Offset
	v.pan(e.Scrolled)
	if before == v.scroll.Offset && e.Scrolled.DY != 0 {
		if e.Scrolled.DY < 0 {
			v.Turn(1)
		} else {
			v.Turn(-1)
		}
	}
}

// FocusGained implements fyne.Focusable.
func (s *sheet) FocusGained() { s.focused = true; s.Refresh() }

// FocusLost implements fyne.Focusable.
func (s *sheet) FocusLost() { s.focused = false; s.Refresh() }

// TypedRune implements fyne.Focusable.
func (s *sheet) TypedRune(rune) {}

// The steps of the arrow keys, in millimetres.
const (
	nudge     = 0.5
	longNudge = 5
)

// TypedKey implements fyne.Focusable: arrows move the selected mark, or turn pages.
func (s *sheet) TypedKey(e *fyne.KeyEvent) {
	v := s.v
	m, selected := v.mark()
	switch e.Name {
	case fyne.KeyPageDown:
		v.Turn(1)
	case fyne.KeyPageUp:
		v.Turn(-1)
	case fyne.KeyHome:
		v.Turn(1 - v.page)
	case fyne.KeyEnd:
		v.Turn(v.pages - v.page)
	case fyne.KeyEscape:
		v.Select("")
		forward(s, e)
	case fyne.KeyDelete, fyne.KeyBackspace:
		if selected && m.Movable && v.OnRemoved != nil {
			v.OnRemoved(m.ID, m.Page)
		}
	case fyne.KeyLeft, fyne.KeyRight, fyne.KeyUp, fyne.KeyDown:
		s.arrow(e.Name, m, selected && m.Movable)
	default:
		forward(s, e)
	}
}

func (s *sheet) arrow(key fyne.KeyName, m PageMark, move bool) {
	v := s.v
	dx := map[fyne.KeyName]float64{fyne.KeyLeft: -1, fyne.KeyRight: 1}[key]
	dy := map[fyne.KeyName]float64{fyne.KeyUp: -1, fyne.KeyDown: 1}[key]
	if !move {
		v.Turn(int(dx + dy))
		return
	}
	step := nudge
	if modifiers()&fyne.KeyModifierShift != 0 {
		step = longNudge
	}
	v.moved(m, m.X+dx*step, m.Y+dy*step)
}

// Cursor implements desktop.Cursorable.
func (s *sheet) Cursor() desktop.Cursor { return desktop.DefaultCursor }
