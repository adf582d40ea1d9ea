package view

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"sealdesk/ui/widget"
)

// slideTime is how long a sheet takes to slide in.
const slideTime = 120 * time.Millisecond

// slide is a panel over which a sheet slides from the right.
type slide struct {
	under fyne.CanvasObject
	sheet *widget.Ground
	at    float32 // how far the sheet is in, from 0 to 1
	open  bool
	root  *fyne.Container
}

func newSlide(under, sheet fyne.CanvasObject) *slide {
	s := &slide{under: under, sheet: widget.NewGround(widget.PaperGround, nil, sheet)}
	s.sheet.Hide()
	s.root = container.New(slideLayout{s}, under, s.sheet)
	return s
}

// show slides the sheet in or takes it away.
func (s *slide) show(on bool) {
	if s.open == on {
		return
	}
	s.open = on
	if !on {
		s.at = 0
		s.under.Show()
		s.sheet.Hide()
		s.root.Refresh()
		return
	}
	s.sheet.Show()
	fyne.NewAnimation(slideTime, func(f float32) {
		if s.open {
			if s.at = f; f == 1 {
				s.under.Hide() // what is covered takes no keys
			}
			s.root.Refresh()
		}
	}).Start()
}

type slideLayout struct{ s *slide }

func (l slideLayout) MinSize(o []fyne.CanvasObject) fyne.Size { return fyne.NewSize(inspector, 300) }

func (l slideLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	o[0].Resize(size)
	o[0].Move(fyne.NewPos(0, 0))
	o[1].Resize(size)
	o[1].Move(fyne.NewPos(size.Width*(1-l.s.at), 0))
}
