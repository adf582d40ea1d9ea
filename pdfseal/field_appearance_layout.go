package pdfseal

import (
	"bytes"
	"fmt"
	"math"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"sealdesk/pdfseal/fonts"
	"sealdesk/pdfseal/internal/pdf"
)

// textLine is a line of text whose first glyph stands at (x, y), the base line, in a widget.
type textLine struct {
	x, y   float64
	glyphs []glyph
}

// Font sizes that are chosen where /DA asks for none.
const (
	minAutoSize  = 2
	maxAutoSize  = 100
	maxLinesSize = 12 // in fields and lists of several lines
	minLeading   = 1.15
)

// textSetter sets the text of one field.
type textSetter struct {
	box   boxStyle
	size  float64
	align int // /Q: 0 left, 1 centred, 2 right
}

// textWidth is the length of glyphs, of the size.
func textWidth(g []glyph) float64 {
	w := 0.0
	for i := range g {
		w += g[i].width
	}
	return w
}

// textExtents are the greatest ascent and descent of the fonts in use, of the size.
func textExtents(g []glyph) (ascent, descent float64) {
	ascent, descent = math.Inf(-1), math.Inf(1)
	for i := range g {
		ascent, descent = max(ascent, g[i].font.ascent), min(descent, g[i].font.descent)
	}
	return ascent, descent
}

// textLeading is the distance of lines, of the size.
func textLeading(g []glyph) float64 {
	a, d := textExtents(g)
	return max(a-d, minLeading)
}

func autoSize(size float64) float64 {
	return min(maxAutoSize, max(minAutoSize, math.Floor(size*10)/10))
}

// left is where a line begins. One that is too long begins at the left, whatever its alignment: its end is cut off, not its beginning.
func (s *textSetter) left(g []glyph) float64 {
	room := s.box.w - 2*s.box.pad() - textWidth(g)*s.size
	if room < 0 || s.align == 0 {
		return s.box.pad()
	}
	return s.box.pad() + room*float64(s.align)/2
}

// single sets a field of one line.
func (s *textSetter) single(g []glyph) []textLine {
	if s.size == 0 {
		s.size = (s.box.h - 2*s.box.pad()) / textLeading(g)
		if w := textWidth(g); w > 0 {
			s.size = min(s.size, (s.box.w-2*s.box.pad())/w)
		}
		s.size = autoSize(s.size)
	}
	return []textLine{{s.left(g), s.middle(g), g}}
}

// middle is the base line of text that stands in the middle.
func (s *textSetter) middle(g []glyph) float64 {
	a, d := textExtents(g)
	return (s.box.h - (a+d)*s.size) / 2
}

// comb sets each character in the middle of one of n cells.
func (s *textSetter) comb(g []glyph, n int) []textLine {
	cell := s.box.w / float64(n)
	if s.size == 0 {
		s.size = (s.box.h - 2*s.box.pad()) / textLeading(g)
		for i := range g {
			if w := g[i].width; w > 0 {
				s.size = min(s.size, cell/w)
			}
		}
		s.size = autoSize(s.size)
	}
	first := (n - len(g)) * s.align / 2
	var out []textLine
	for i := range g {
		if g[i].r != ' ' {
			out = append(out, textLine{(float64(first+i)+0.5)*cell - g[i].width*s.size/2, s.middle(g), g[i : i+1]})
		}
	}
	return out
}

// multiline sets text in lines from the top; spend is told how many characters are laid out.
func (s *textSetter) multiline(g []glyph, spend func(int) error) ([]textLine, error) {
	breaks := lineBreaks(g)
	high := s.box.h - 2*s.box.pad()
	sizes := []float64{s.size}
	if s.size == 0 {
		sizes = nil
		for size := float64(maxLinesSize); size >= minAutoSize; size -= 0.5 {
			sizes = append(sizes, size)
		}
	}
	var lines [][]glyph
	for _, s.size = range sizes {
		if err := spend(len(g)); err != nil {
			return nil, err
		}
		lines = fold(g, breaks, (s.box.w-2*s.box.pad())/s.size)
		if float64(len(lines))*textLeading(g)*s.size <= high {
			break
		}
	}
	ascent, _ := textExtents(g)
	y := s.box.h - s.box.pad() - ascent*s.size
	var out []textLine
	for _, line := range lines {
		if y < -textLeading(g)*s.size {
			break
		}
		out = append(out, textLine{s.left(line), y, line})
		y -= textLeading(g) * s.size
	}
	return out, nil
}

// lineBreaks gives the places where a line may end; each line feed is one.
func lineBreaks(g []glyph) []int {
	text := make([]rune, len(g))
	for i := range g {
		text[i] = g[i].r
	}
	return fonts.Breaks(text)
}

// fold cuts text into lines of at most room, in units of the size. Spaces at the end of a line take no room. A word that is longer than a
// line is cut where the line is full.
func fold(g []glyph, breaks []int, room float64) [][]glyph {
	var out [][]glyph
	start, end := 0, 0 // of the line as it is
	emit := func(to int) {
		out = append(out, trimmed(g[start:to]))
		start, end = to, to
	}
	used := 0.0 // from start to end, with spaces
	for _, next := range breaks {
		word := g[end:next]
		if used+textWidth(trimmed(word)) > room && end > start {
			emit(end)
			used = 0
		}
		for w := textWidth(trimmed(word)); used == 0 && w > room && len(word) > 1; w = textWidth(trimmed(word)) {
			n, full := 1, word[0].width
			for n < len(word) && full+word[n].width <= room {
				full += word[n].width
				n++
			}
			if n == len(word) {
				break
			}
			emit(start + n)
			word = word[n:]
		}
		used, end = used+textWidth(word), next
		if g[next-1].r == '\n' {
			emit(next)
			used = 0
		}
	}
	if end > start || len(g) > 0 && g[len(g)-1].r == '\n' {
		emit(end)
	}
	return out
}

// trimmed cuts spaces and the line feed off the end.
func trimmed(g []glyph) []glyph {
	for len(g) > 0 && (g[len(g)-1].r == ' ' || g[len(g)-1].r == '\n') {
		g = g[:len(g)-1]
	}
	return g
}

// show writes lines as text objects, taking the fonts into the resources of the face.
func (f *face) show(b *bytes.Buffer, lines []textLine, size float64, color string) {
	fmt.Fprintf(b, "BT\n%s\n", color)
	var now *fieldFont
	for _, l := range lines {
		fmt.Fprintf(b, "1 0 0 1 %s %s Tm", decimal(l.x), decimal(l.y))
		for g := l.glyphs; len(g) > 0; {
			n := 1
			for n < len(g) && g[n].font == g[0].font {
				n++
			}
			if g[0].font != now {
				now = g[0].font
				fmt.Fprintf(b, " %s %s Tf", pdf.FormatObject(types.Name(f.resource(now))), decimal(size))
			}
			b.WriteString(" <")
			for _, x := range g[:n] {
				if now.subset != nil {
					fmt.Fprintf(b, "%04X", x.code)
				} else {
					fmt.Fprintf(b, "%02X", x.code)
				}
			}
			b.WriteString("> Tj")
			g = g[n:]
		}
		b.WriteByte('\n')
	}
	b.WriteString("ET\n")
}

// resource gives the name of a font in the resources, its own unless another font of the face has it.
func (f *face) resource(font *fieldFont) string {
	name := font.name
	for f.fonts[name] != nil && f.fonts[name] != font {
		name += "0"
	}
	f.fonts[name] = font
	return name
}
