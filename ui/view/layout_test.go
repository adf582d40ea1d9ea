package view

import (
	"os"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"

	"sealdesk/ui/state"
	"sealdesk/ui/theme"
	"sealdesk/ui/widget"
)

// placedText is a text with its place in the window, and the part of the window in which it can be seen.
type placedText struct {
	text     *canvas.Text
	at       fyne.Position
	visible  fyne.Position // left top of the part
	room     fyne.Size
	scrolled bool // inside something that scrolls upwards
}

// overlaps tells whether two texts of one part of the window lie over one another. What stands in front of the window, or labels a
// page, may.
func (p placedText) overlaps(o placedText) bool {
	const slack = 3 // a line box is higher than its letters
	if p.visible != o.visible || p.room != o.room || p.text.TextSize != o.text.TextSize {
		return false
	}
	a, b := fyne.MeasureText(p.text.Text, p.text.TextSize, p.text.TextStyle), fyne.MeasureText(o.text.Text, o.text.TextSize, o.text.TextStyle)
	if p.text.Alignment != fyne.TextAlignLeading || o.text.Alignment != fyne.TextAlignLeading {
		return false
	}
	return p.at.X+slack < o.at.X+b.Width && o.at.X+slack < p.at.X+a.Width && p.at.Y+slack < o.at.Y+b.Height-slack && o.at.Y+slack < p.at.Y+a.Height-slack
}

// texts collects the texts that an object shows.
func texts(o fyne.CanvasObject, at, visible fyne.Position, room fyne.Size, scrolled bool, found func(placedText)) {
	if o == nil || !o.Visible() {
		return
	}
	at = at.Add(o.Position())
	switch o := o.(type) {
	case *canvas.Text:
		found(placedText{o, at, visible, room, scrolled})
	case *fyne.Container:
		for _, c := range o.Objects {
			texts(c, at, visible, room, scrolled, found)
		}
	case *container.Scroll:
		for _, c := range test.WidgetRenderer(o).Objects() {
			texts(c, at, at, o.Size(), true, found)
		}
	case fyne.Widget:
		for _, c := range test.WidgetRenderer(o).Objects() {
			texts(c, at, visible, room, scrolled, found)
		}
	}
}

// checkLayout reports texts that are cut off, and keys that are missing in the catalogue.
func checkLayout(t *testing.T, root fyne.CanvasObject, size fyne.Size) int {
	t.Helper()
	n := 0
	var seen []placedText
	texts(root, fyne.NewPos(0, 0), fyne.NewPos(0, 0), size, false, func(p placedText) {
		if p.text.Text == "" {
			return
		}
		n++
		for _, o := range seen {
			if p.overlaps(o) {
				t.Errorf("%q and %q lie over one another", p.text.Text, o.text.Text)
			}
		}
		seen = append(seen, p)
		if strings.ContainsAny(p.text.Text, "«»") || strings.Contains(p.text.Text, "{{") {
			t.Errorf("%q is no sentence of the catalogue", p.text.Text)
		}
		need := fyne.MeasureText(p.text.Text, p.text.TextSize, p.text.TextStyle)
		left, width := p.at.X, need.Width
		if p.text.Alignment == fyne.TextAlignCenter {
			left += (p.text.Size().Width - width) / 2
		}
		if left < p.visible.X-1 || left+width > p.visible.X+p.room.Width+1 {
			t.Errorf("%q is cut off: from %.0f to %.0f, room from %.0f to %.0f", p.text.Text, left, left+width, p.visible.X, p.visible.X+p.room.Width)
		}
		if !p.scrolled && (p.at.Y < p.visible.Y-1 || p.at.Y+need.Height > p.visible.Y+p.room.Height+4) {
			t.Errorf("%q is out of the window: from %.0f to %.0f of %.0f", p.text.Text, p.at.Y, p.at.Y+need.Height, p.room.Height)
		}
		if p.text.Size().Width+1 < width && p.text.Alignment != fyne.TextAlignCenter && p.text.Size().Width > 0 {
			t.Errorf("%q has less room than it needs: %.0f of %.0f", p.text.Text, p.text.Size().Width, width)
		}
	})
	return n
}

func TestScreens_nothingIsCutOff(t *testing.T) {
	size := fyne.NewSize(1280, 720)
	for _, lang := range []string{"zh", "en"} {
		for print, o := range map[string]theme.Options{"standard": {}, "large print, dark": {LargePrint: true, Dark: true}} {
			t.Run(lang+" "+print, func(t *testing.T) {
				if (lang == "en") != o.LargePrint && os.Getenv("SEALDESK_LONG") != "1" {
					t.Skip("long: run with go run ./cmd/dev test --long")
				}
				b := newBench(t, lang, o, size)
				for name, d := range desks() {
					b.frame.Render(d)
					b.settle()
					t.Run(name, func(t *testing.T) {
						if n := checkLayout(t, b.frame.Object(), size); n < 10 {
							t.Errorf("only %d texts are shown", n)
						}
						collect(b.frame.Object(), func(o fyne.CanvasObject) {
							if c, ok := o.(*fyne.Container); ok {
								checkRow(t, c)
							}
							if btn, ok := o.(*widget.Button); ok && btn.Size().Width < btn.MinSize().Width-16 {
								t.Errorf("button %q is narrower than what it says: %.0f of %.0f", btn.Text(), btn.Size().Width, btn.MinSize().Width)
							}
						})
					})
				}
			})
		}
	}
}

// checkRow reports buttons that reach out of their container, and buttons and texts beside one another in it that lie over one another. In
// English large print the bar of pages once reached into the inspector, and the count of uses lay under a button.
func checkRow(t *testing.T, c *fyne.Container) {
	t.Helper()
	var before []fyne.CanvasObject
	for _, o := range c.Objects {
		btn, isButton := o.(*widget.Button)
		if _, isText := o.(*widget.Text); !o.Visible() || !isButton && !isText {
			continue
		}
		if right := o.Position().X + o.Size().Width; isButton && right > c.Size().Width+1 {
			t.Errorf("button %q ends at %.0f, its row at %.0f", btn.Text(), right, c.Size().Width)
		}
		for _, other := range before {
			if a, b := o.Position(), other.Position(); a.X+1 < b.X+other.Size().Width && b.X+1 < a.X+o.Size().Width &&
				a.Y+1 < b.Y+other.Size().Height && b.Y+1 < a.Y+o.Size().Height {
				t.Errorf("%s lies over %s", all(o), all(other))
			}
		}
		before = append(before, o)
	}
}

// Every button that a screen shows can be reached with the Tab key.
func TestScreens_everythingIsReachable(t *testing.T) {
	b := newBench(t, "zh", theme.Options{}, fyne.NewSize(1280, 720))
	for name, d := range desks() {
		t.Run(name, func(t *testing.T) {
			b.frame.Render(d)
			b.settle()
			want := map[*widget.Button]bool{}
			collect(b.frame.Object(), func(o fyne.CanvasObject) {
				if btn, ok := o.(*widget.Button); ok && !btn.Disabled() {
					want[btn] = true
				}
			})
			c := b.window.Canvas()
			c.Unfocus()
			for range 4 * (len(want) + 20) {
				test.FocusNext(c)
				if btn, ok := c.Focused().(*widget.Button); ok {
					delete(want, btn)
				}
			}
			for btn := range want {
				t.Errorf("button %q cannot be reached by Tab", btn.Text())
			}
		})
	}
}

// collect calls found for every visible object, from the root down. Items of lists are left out: they have keys of their own.
func collect(o fyne.CanvasObject, found func(fyne.CanvasObject)) {
	if o == nil || !o.Visible() {
		return
	}
	found(o)
	switch o := o.(type) {
	case *widget.List, *widget.Grid:
	case *fyne.Container:
		for _, c := range o.Objects {
			collect(c, found)
		}
	case fyne.Widget:
		for _, c := range test.WidgetRenderer(o).Objects() {
			collect(c, found)
		}
	}
}

func TestFrame_sameStateTwiceChangesNothing(t *testing.T) {
	b := newBench(t, "zh", theme.Options{}, fyne.NewSize(1280, 720))
	for name, d := range desks() {
		b.frame.Render(d)
		b.settle()
		before := all(b.frame.Object())
		b.frame.Render(d)
		b.settle()
		if after := all(b.frame.Object()); before != after {
			t.Errorf("%s: drawing the same state again shows\n%s\ninstead of\n%s", name, after, before)
		}
	}
	b.take()
	b.frame.Render(state.Desk{Screen: state.ScreenSeal})
	if e := b.take(); len(e) != 0 {
		t.Errorf("drawing has sent %v", e)
	}
}

func all(o fyne.CanvasObject) string {
	var lines []string
	texts(o, fyne.NewPos(0, 0), fyne.NewPos(0, 0), fyne.NewSize(1280, 720), false, func(p placedText) { lines = append(lines, p.text.Text) })
	return strings.Join(lines, "\n")
}
