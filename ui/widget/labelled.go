package widget

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
)

// labelledLayout puts a name at the left, in the middle of the control beside it, and a hint below the control.
type labelledLayout struct{ left float32 }

// NewLabelled makes a control with its name, left units wide, and its hint.
func NewLabelled(left float32, name *Text, control, hint fyne.CanvasObject) *fyne.Container {
	return container.New(&labelledLayout{left}, name, control, hint)
}

const (
	labelledGap  = 12 // between name and control
	labelledHint = 2  // between control and hint
)

// heights are those of the name, the control and the hint in a width.
func (l *labelledLayout) heights(o []fyne.CanvasObject, width float32) (name, control, hint float32) {
	rest := width - l.left - labelledGap
	return heightFor(o[0], l.left), heightFor(o[1], rest), heightFor(o[2], rest)
}

func (l *labelledLayout) Layout(o []fyne.CanvasObject, s fyne.Size) {
	name, control, hint := l.heights(o, s.Width)
	first := max(name, control)
	x, rest := l.left+labelledGap, s.Width-l.left-labelledGap
	put := func(o fyne.CanvasObject, x, y, w, h float32) {
		o.Move(fyne.NewPos(x, float32(int(y))))
		o.Resize(fyne.NewSize(w, h))
	}
	put(o[0], 0, (first-name)/2, l.left, name)
	put(o[1], x, (first-control)/2, rest, control)
	put(o[2], x, first+labelledHint, rest, hint)
}

func (l *labelledLayout) MinSize(o []fyne.CanvasObject) fyne.Size {
	w := l.left + labelledGap + max(o[1].MinSize().Width, o[2].MinSize().Width)
	return fyne.NewSize(w, l.heightFor(o, w))
}

func (l *labelledLayout) heightFor(o []fyne.CanvasObject, width float32) float32 {
	name, control, hint := l.heights(o, width)
	return max(name, control) + labelledHint + hint
}
