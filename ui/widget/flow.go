package widget

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
)

// flowLayout puts objects beside one another at their natural width and begins a new line where the room ends.
type flowLayout struct{ gap, width float32 }

// NewFlow makes lines of objects.
func NewFlow(gap float32, objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(&flowLayout{gap: gap}, objects...)
}

// place calls put for each visible object and returns the height of all lines.
func (l *flowLayout) place(objects []fyne.CanvasObject, width float32, put func(o fyne.CanvasObject, x, y float32, s fyne.Size)) float32 {
	var x, y, line float32
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		s := fyne.NewSize(naturalWidth(o), o.MinSize().Height)
		if x > 0 && x+s.Width > width {
			x, y, line = 0, y+line+l.gap, 0
		}
		put(o, x, y, s)
		x, line = x+s.Width+l.gap, max(line, s.Height)
	}
	return y + line
}

func (l *flowLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	l.width = size.Width
	l.place(objects, size.Width, func(o fyne.CanvasObject, x, y float32, s fyne.Size) {
		o.Move(fyne.NewPos(x, y))
		o.Resize(s)
	})
}

func (l *flowLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var w float32
	for _, o := range objects {
		if o.Visible() {
			w = max(w, naturalWidth(o))
		}
	}
	return fyne.NewSize(w, l.heightFor(objects, max(w, l.width)))
}

func (l *flowLayout) heightFor(objects []fyne.CanvasObject, width float32) float32 {
	return l.place(objects, width, func(fyne.CanvasObject, float32, float32, fyne.Size) {})
}
