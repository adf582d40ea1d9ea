package training

import (
	"bytes"
	"errors"
	"fmt"
	"time"
)

// composer sets text on the grid of 22 rows and 28 columns (GB/T 9704-2012, 5.2.4).
type composer struct {
	*document
	row    int
	letter bool   // letter form: no number on the first page
	taken  int    // rows at the foot of the page that are not for text
	next   func() // what the next page begins with
	signed signature
}

// signature is where the name of the organ and the date stand.
type signature struct {
	page        int
	x           float64 // middle of both
	text, lines float64 // lower edge of the text above, and middle between the two lines
}

func newComposer(title, author string, made time.Time) (*composer, error) {
	d, err := newDocument(title, author, made)
	if err != nil {
		return nil, err
	}
	c := &composer{document: d}
	c.turn()
	return c, nil
}

// newLetter is newComposer for the letter form, whose first page has no number (GB/T 9704-2012, 10.1).
func newLetter(title, author string, made time.Time) (*composer, error) {
	d, err := newDocument(title, author, made)
	if err != nil {
		return nil, err
	}
	c := &composer{document: d, letter: true}
	c.turn()
	return c, nil
}

// turn begins a page.
func (c *composer) turn() {
	c.pages = append(c.pages, &bytes.Buffer{})
	c.row, c.taken = 0, 0
	if n := len(c.pages); n > 1 || !c.letter {
		c.number(n)
	}
	if begin := c.next; begin != nil {
		c.next = nil
		begin()
	}
}

// number draws the page number: half-width digits of size 4 between dashes, 7 mm below the type area, odd pages one character from
// the right, even ones from the left (GB/T 9704-2012, 7.5).
func (c *composer) number(n int) {
	text := fmt.Sprintf("— %d —", n)
	const pitch = size4 / ptPerMM
	x := areaLeft + pitch
	if n%2 == 1 {
		x = areaRight - pitch - float64(length(text))*pitch/2
	}
	c.text(x, areaBottom+7+pitch/2, pitch, text, small)
}

// middle is the middle of a row, in millimetres from the top edge.
func middle(row int) float64 { return areaTop + (float64(row)+0.5)*rowPitch }

// need turns the page unless n rows are left.
func (c *composer) need(n int) {
	if c.row+n > rows-c.taken {
		c.turn()
	}
}

func (c *composer) skip(n int) { c.row += n }

// para sets a paragraph: two characters of indentation, both edges straight.
func (c *composer) para(text string) { c.indented(text, 2, plain) }

// section sets the heading of a section.
func (c *composer) section(text string) {
	c.need(2)
	c.indented(text, 2, strong)
}

// flush sets a paragraph without indentation, such as the main addressee.
func (c *composer) flush(text string) { c.indented(text, 0, plain) }

func (c *composer) indented(text string, indent int, s style) {
	lines := breakLines(text, 2*indent, 2*columns)
	for i, l := range lines {
		c.need(1)
		from, width := areaLeft, areaWidth
		if i == 0 {
			from, width = areaLeft+float64(indent)*columnPitch, areaWidth-float64(indent)*columnPitch
		}
		pitch := columnPitch
		if full := 2 * width / float64(length(l)); i < len(lines)-1 || full < pitch {
			pitch = full // straight right edge
		}
		c.text(from, middle(c.row), pitch, l, s)
		c.row++
	}
}

// title sets the lines of a title around the middle of the type area.
func (c *composer) titleLines(lines ...string) {
	for _, l := range lines {
		c.centred(areaLeft+areaWidth/2, middle(c.row), size2/ptPerMM, l, heading)
		c.row++
	}
}

// sign sets the name of the organ and the date after two blank rows, the date four characters from the right, the name around its
// middle (7.3.5.1). Text must stand above on the same page.
func (c *composer) sign(organ, date string) {
	if c.row == 0 || c.row+4 > rows-c.taken {
		c.err = errors.Join(c.err, fmt.Errorf("training: no room for the date of %q below its text", c.document.title))
		return
	}
	c.skip(2)
	x := areaRight - 4*columnPitch - float64(length(date))*columnPitch/4
	c.signed = signature{page: len(c.pages), x: x, text: areaTop + float64(c.row-2)*rowPitch, lines: areaTop + float64(c.row+1)*rowPitch}
	c.centred(x, middle(c.row), columnPitch, organ, plain)
	c.centred(x, middle(c.row+1), columnPitch, date, plain)
	c.row += 2
}

// centre is where the centre of a round seal belongs (7.3.5.1 as computed in standards.md, 6.2), in millimetres from the left and top
// edge.
func (s signature) centre(diameter float64) (x, y float64) {
	y = s.lines - rowPitch/4
	return s.x, min(max(y, s.text+diameter/2), s.text+rowPitch+diameter/2)
}

// imprint sets the 版记 at the foot of the page: copies to, printed by and when, between rules (7.4).
func (c *composer) imprint(copies, organ, date string) {
	const pitch = size4 / ptPerMM
	const step = 8.5
	top := areaBottom - 2*step
	c.rule(areaLeft, top, areaRight, top, 0.35, black)
	c.text(areaLeft+pitch, top+step/2, pitch, "抄送："+copies, small)
	c.rule(areaLeft, top+step, areaRight, top+step, 0.25, black)
	c.text(areaLeft+pitch, top+1.5*step, pitch, organ, small)
	printed := date + "印发"
	c.text(areaRight-pitch-float64(length(printed))*pitch/2, top+1.5*step, pitch, printed, small)
	c.rule(areaLeft, areaBottom, areaRight, areaBottom, 0.35, black)
}

// day writes a date without leading zeros (7.3.5.4).
func day(t time.Time) string { return fmt.Sprintf("%d年%d月%d日", t.Year(), t.Month(), t.Day()) }
