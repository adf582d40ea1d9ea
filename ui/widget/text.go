// Package widget holds the parts that screens are put together from. They draw, they tell what the user did, and they decide nothing.
package widget

import (
	"image/color"
	"strings"
	"unicode"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"sealdesk/ui/theme"
)

// Ink chooses the colour of a text at the moment it is drawn.
type Ink func(theme.Tokens) color.NRGBA

// The inks of texts.
var (
	Plain   Ink = func(t theme.Tokens) color.NRGBA { return t.Ink }
	Faint   Ink = func(t theme.Tokens) color.NRGBA { return t.Faint }
	Link    Ink = func(t theme.Tokens) color.NRGBA { return t.Indigo }
	Good    Ink = func(t theme.Tokens) color.NRGBA { return t.Valid }
	Warning Ink = func(t theme.Tokens) color.NRGBA { return t.Notice }
	Bad     Ink = func(t theme.Tokens) color.NRGBA { return t.Invalid }
	Red     Ink = func(t theme.Tokens) color.NRGBA { return t.Cinnabar }
)

// Text is a paragraph that breaks lines as Chinese and English want it: anywhere between Chinese characters but not before closing
// punctuation, and between words elsewhere.
type Text struct {
	widget.BaseWidget
	text  string
	ink   Ink
	size  func() float32
	one   bool // a single line, cut with an ellipsis
	align fyne.TextAlign
	width float32
}

// NewText makes a paragraph of running text.
func NewText(text string, ink Ink) *Text { return newText(text, ink, theme.Text) }

// NewSmall makes a remark.
func NewSmall(text string, ink Ink) *Text { return newText(text, ink, theme.Small) }

// NewHeading makes a heading.
func NewHeading(text string) *Text { return newText(text, Plain, theme.Heading) }

// NewTitle makes the one large line of a screen.
func NewTitle(text string, ink Ink) *Text { return newText(text, ink, theme.Title) }

// NewLine makes a single line that is cut where the room ends.
func NewLine(text string, ink Ink) *Text {
	t := newText(text, ink, theme.Text)
	t.one = true
	return t
}

// NewSmallLine makes a remark of a single line.
func NewSmallLine(text string, ink Ink) *Text {
	t := newText(text, ink, theme.Small)
	t.one = true
	return t
}

func newText(text string, ink Ink, size func() float32) *Text {
	t := &Text{text: text, ink: ink, size: size}
	t.ExtendBaseWidget(t)
	return t
}

// Centred makes the lines stand in the middle.
func (t *Text) Centred() *Text {
	t.align = fyne.TextAlignCenter
	return t
}

// Set changes text and colour.
func (t *Text) Set(text string, ink Ink) {
	if t.text == text && t.sameInk(ink) {
		return
	}
	t.text, t.ink = text, ink
	t.Refresh()
}

func (t *Text) sameInk(ink Ink) bool {
	k := theme.Now()
	return t.ink(k) == ink(k)
}

// SetText changes the text.
func (t *Text) SetText(text string) { t.Set(text, t.ink) }

// String returns the text.
func (t *Text) String() string { return t.text }

// HeightFor returns the height at a width.
func (t *Text) HeightFor(width float32) float32 {
	return float32(len(t.lines(width))) * t.lineHeight()
}

func (t *Text) lineHeight() float32 { return float32(int(t.size()*1.5 + 0.5)) }

// MinSize implements fyne.CanvasObject: a paragraph has no width of its own and the height of its last width.
func (t *Text) MinSize() fyne.Size {
	if t.one {
		return fyne.NewSize(t.size()*2, t.lineHeight())
	}
	w := t.width
	if w <= 0 {
		w = t.NaturalWidth()
	}
	return fyne.NewSize(t.size()*2, t.HeightFor(w))
}

// NaturalWidth returns the width of the longest line as it was written.
func (t *Text) NaturalWidth() float32 {
	var w float32
	for line := range strings.Lines(t.text) {
		w = max(w, t.measure(strings.TrimRight(line, "\n")))
	}
	return w + 1
}

func (t *Text) measure(s string) float32 {
	return fyne.MeasureText(s, t.size(), fyne.TextStyle{}).Width
}

// Resize implements fyne.CanvasObject.
func (t *Text) Resize(s fyne.Size) {
	t.width = s.Width
	t.BaseWidget.Resize(s)
}

// lines breaks the text for a width.
func (t *Text) lines(width float32) []string {
	if t.one {
		return []string{t.cut(strings.ReplaceAll(t.text, "\n", " "), width)}
	}
	var out []string
	for line := range strings.SplitSeq(t.text, "\n") {
		out = append(out, wrap(line, width, t.measure)...)
	}
	return out
}

// cut shortens a line with an ellipsis.
func (t *Text) cut(s string, width float32) string {
	if width <= 0 || t.measure(s) <= width {
		return s
	}
	runes := []rune(s)
	low, high := 0, len(runes)
	for low < high {
		mid := (low + high + 1) / 2
		if t.measure(string(runes[:mid])+"…") <= width {
			low = mid
		} else {
			high = mid - 1
		}
	}
	return string(runes[:low]) + "…"
}

// wrap breaks one line.
func wrap(s string, width float32, measure func(string) float32) []string {
	if width <= 0 || measure(s) <= width {
		return []string{s}
	}
	var out []string
	line := ""
	for _, piece := range pieces(s) {
		if line != "" && measure(strings.TrimRight(line+piece, " ")) > width {
			out = append(out, strings.TrimRight(line, " "))
			line, piece = "", strings.TrimLeft(piece, " ")
		}
		for line == "" && measure(piece) > width {
			head := fitting(piece, width, measure)
			out = append(out, head)
			piece = strings.TrimPrefix(piece, head)
		}
		line += piece
	}
	if line != "" || len(out) == 0 {
		out = append(out, strings.TrimRight(line, " "))
	}
	return out
}

// fitting returns as many characters of a word as fit, at least one.
func fitting(s string, width float32, measure func(string) float32) string {
	runes := []rune(s)
	n := 1
	for n < len(runes) && measure(string(runes[:n+1])) <= width {
		n++
	}
	return string(runes[:n])
}

// closing may not begin a line, opening may not end one (GB/T 15834-2011, 5.1.10).
const (
	closing = "，。、；：？！）》〉】」』”’%…·,.;:?!)]}"
	opening = "（《〈【「『“‘([{"
)

// pieces splits a line where it may be broken.
func pieces(s string) []string {
	var out []string
	var last rune
	piece := ""
	for _, r := range s {
		if piece != "" && mayBreak(last, r) {
			out = append(out, piece)
			piece = ""
		}
		piece += string(r)
		last = r
	}
	return append(out, piece)
}

// noBreak is the space at which no line ends.
const noBreak = '\u00A0'

func mayBreak(a, b rune) bool {
	switch {
	case strings.ContainsRune(closing, b), b == ' ', strings.ContainsRune(opening, a), a == noBreak, b == noBreak:
		return false
	case a == ' ', a == '/', a == '\\':
		return true
	}
	return wide(a) || wide(b)
}

func wide(r rune) bool {
	return unicode.Is(unicode.Han, r) || r >= 0x3000 && r <= 0x303F || r >= 0xFF00 && r <= 0xFFEF
}

// CreateRenderer implements fyne.Widget.
func (t *Text) CreateRenderer() fyne.WidgetRenderer {
	r := &textRenderer{t: t}
	r.Refresh()
	return r
}

type textRenderer struct {
	t     *Text
	lines []fyne.CanvasObject
}

func (r *textRenderer) Layout(s fyne.Size) {
	r.build(s.Width)
	for i, l := range r.lines {
		l.Move(fyne.NewPos(0, float32(i)*r.t.lineHeight()+(r.t.lineHeight()-l.MinSize().Height)/2))
		l.Resize(fyne.NewSize(s.Width, l.MinSize().Height))
	}
}

func (r *textRenderer) build(width float32) {
	texts := r.t.lines(width)
	for len(r.lines) < len(texts) {
		r.lines = append(r.lines, canvas.NewText("", color.Black))
	}
	r.lines = r.lines[:len(texts)]
	for i, s := range texts {
		l := r.lines[i].(*canvas.Text)
		c := r.t.ink(theme.Now())
		if l.Text != s || l.Color != color.Color(c) || l.TextSize != r.t.size() || l.Alignment != r.t.align {
			l.Text, l.Color, l.TextSize, l.Alignment = s, c, r.t.size(), r.t.align
			l.Refresh()
		}
	}
}

func (r *textRenderer) MinSize() fyne.Size           { return r.t.MinSize() }
func (r *textRenderer) Objects() []fyne.CanvasObject { return r.lines }
func (r *textRenderer) Destroy()                     {}
func (r *textRenderer) Refresh()                     { r.Layout(r.t.Size()) }
