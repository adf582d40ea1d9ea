package theme

import (
	"fmt"
	"image/color"

	"fyne.io/fyne/v2"
)

// Shape is a small drawing that stands before a word. Shapes are drawn, not written: a font may lack them.
type Shape string

// The shapes. Check, CheckNotice, Question, Cross and Dash belong to the verdicts; the others to states and actions.
const (
	Check       Shape = "check"
	CheckNotice Shape = "check-notice"
	Question    Shape = "question"
	Cross       Shape = "cross"
	Dash        Shape = "dash"
	Bang        Shape = "bang"
	Ring        Shape = "ring"    // a seal: ready
	Hollow      Shape = "hollow"  // nothing there
	Waiting     Shape = "waiting" // something runs
	Lock        Shape = "lock"
	Left        Shape = "left"
	Right       Shape = "right"
	Plus        Shape = "plus"
	Minus       Shape = "minus"
	Folder      Shape = "folder"
)

// Shapes lists all shapes, for tests.
func Shapes() []Shape {
	return []Shape{Check, CheckNotice, Question, Cross, Dash, Bang, Ring, Hollow, Waiting, Lock, Left, Right, Plus, Minus, Folder}
}

// outlines are the drawings on a square of 24 units; %[1]s stands for the colour.
var outlines = map[Shape]string{
	Check:       `<path d="M4 12.5 L9.5 18 L20 6.5" fill="none" stroke="%[1]s" stroke-width="2.6" stroke-linecap="round" stroke-linejoin="round"/>`,
	CheckNotice: `<path d="M2 12.5 L6.8 17.5 L15 7" fill="none" stroke="%[1]s" stroke-width="2.6" stroke-linecap="round" stroke-linejoin="round"/><path d="M20 5.5 L20 13.5" fill="none" stroke="%[2]s" stroke-width="2.6" stroke-linecap="round"/><circle cx="20" cy="18" r="1.7" fill="%[2]s"/>`,
	Question:    `<path d="M7.5 8.5 C7.5 3.4 16.5 3.4 16.5 8.5 C16.5 11.6 12 11.6 12 15" fill="none" stroke="%[1]s" stroke-width="2.6" stroke-linecap="round"/><circle cx="12" cy="19.4" r="1.8" fill="%[1]s"/>`,
	Cross:       `<path d="M5.5 5.5 L18.5 18.5 M18.5 5.5 L5.5 18.5" fill="none" stroke="%[1]s" stroke-width="2.8" stroke-linecap="round"/>`,
	Dash:        `<path d="M5 12 L19 12" fill="none" stroke="%[1]s" stroke-width="2.6" stroke-linecap="round"/>`,
	Bang:        `<path d="M12 4.5 L12 14" fill="none" stroke="%[1]s" stroke-width="2.8" stroke-linecap="round"/><circle cx="12" cy="19" r="1.9" fill="%[1]s"/>`,
	Ring:        `<circle cx="12" cy="12" r="8.6" fill="none" stroke="%[1]s" stroke-width="2.4"/><circle cx="12" cy="12" r="3.6" fill="%[1]s"/>`,
	Hollow:      `<circle cx="12" cy="12" r="8.6" fill="none" stroke="%[1]s" stroke-width="2.2"/>`,
	Waiting:     `<circle cx="5" cy="12" r="2.2" fill="%[1]s"/><circle cx="12" cy="12" r="2.2" fill="%[1]s"/><circle cx="19" cy="12" r="2.2" fill="%[1]s"/>`,
	Lock:        `<path d="M7.5 11 L7.5 8 C7.5 2.4 16.5 2.4 16.5 8 L16.5 11" fill="none" stroke="%[1]s" stroke-width="2.2"/><rect x="5" y="10.6" width="14" height="10" fill="%[1]s"/>`,
	Left:        `<path d="M15 4.5 L8 12 L15 19.5" fill="none" stroke="%[1]s" stroke-width="2.2" stroke-linecap="round" stroke-linejoin="round"/>`,
	Right:       `<path d="M9 4.5 L16 12 L9 19.5" fill="none" stroke="%[1]s" stroke-width="2.2" stroke-linecap="round" stroke-linejoin="round"/>`,
	Plus:        `<path d="M12 5 L12 19 M5 12 L19 12" fill="none" stroke="%[1]s" stroke-width="2.2" stroke-linecap="round"/>`,
	Minus:       `<path d="M5 12 L19 12" fill="none" stroke="%[1]s" stroke-width="2.2" stroke-linecap="round"/>`,
	Folder:      `<path d="M3 6 L9.5 6 L11.5 8.5 L21 8.5 L21 19 L3 19 Z" fill="none" stroke="%[1]s" stroke-width="2" stroke-linejoin="round"/>`,
}

// Resource draws the shape in a colour. CheckNotice has its mark in the colour of notices.
func (s Shape) Resource(c color.NRGBA) fyne.Resource {
	first, second := hex(c), hex(Now().Notice)
	body := fmt.Sprintf(outlines[s]+`<!-- %[1]s %[2]s -->`, first, second)
	svg := `<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24" viewBox="0 0 24 24">` + body + `</svg>`
	return fyne.NewStaticResource(string(s)+first+second+".svg", []byte(svg))
}

func hex(c color.NRGBA) string { return fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B) }
