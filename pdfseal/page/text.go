package page

import (
	"context"
	"fmt"
	"math"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"
)

// Run is a piece of text on one line, without white space, whose characters are either all wide, as Chinese ones are, or all
// narrow, so that they share its width about evenly. X and Y are the millimetres from the left and top edge of the upright
// visible page to the left and top edge of the line box of the run; W and H are its size in millimetres.
type Run struct {
	Text       string
	X, Y, W, H float64
}

const maxChars = 200_000 // of one page

// Text answers the text of page (counted from 1) with its places, in the order in which the page draws it. A page without text, such
// as a scanned one, gives none. Text outside the visible page is left out. Errors: ErrNoPage, ErrTooLarge (more than 200,000
// characters) and those of Open.
func (d *Document) Text(ctx context.Context, page int) ([]Run, error) {
	var runs []Run
	err := d.do(ctx, func(l *live, limited context.Context) error {
		s, err := d.shape(limited, l, page)
		if err != nil {
			return err
		}
		chars, err := l.chars(limited, page, s)
		if err != nil {
			return err
		}
		runs = join(chars)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return runs, nil
}

// char is one character with its line box in millimetres.
type char struct {
	r          rune
	x, y, w, h float64
}

func (l *live) chars(ctx context.Context, page int, s shape) (_ []char, err error) {
	text, err := l.in.FPDFText_LoadPage(&requests.FPDFText_LoadPage{Page: l.of(page)})
	if err != nil {
		return nil, fmt.Errorf("text of page %d: %w", page, err)
	}
	defer func() {
		if _, e := l.in.FPDFText_ClosePage(&requests.FPDFText_ClosePage{TextPage: text.TextPage}); e != nil && err == nil {
			err = fmt.Errorf("text of page %d: %w", page, e)
		}
	}()
	count, err := l.in.FPDFText_CountChars(&requests.FPDFText_CountChars{TextPage: text.TextPage})
	if err != nil {
		return nil, fmt.Errorf("text of page %d: %w", page, err)
	}
	if count.Count > maxChars {
		return nil, fmt.Errorf("%w: page %d has %d characters", ErrTooLarge, page, count.Count)
	}
	out := make([]char, 0, max(0, count.Count))
	for i := range max(0, count.Count) {
		if i%256 == 0 && ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		c, err := l.char(text.TextPage, i, s)
		if err != nil {
			return nil, fmt.Errorf("text of page %d: %w", page, err)
		}
		out = append(out, c)
	}
	return out, nil
}

// char reads character i. White space and what pdfium cannot place has no box.
func (l *live) char(text references.FPDF_TEXTPAGE, i int, s shape) (char, error) {
	u, err := l.in.FPDFText_GetUnicode(&requests.FPDFText_GetUnicode{TextPage: text, Index: i})
	if err != nil {
		return char{}, err
	}
	c := char{r: utf8.RuneError}
	if u.Unicode <= unicode.MaxRune {
		c.r = rune(u.Unicode)
	}
	if blank(c.r) {
		return c, nil
	}
	box, err := l.in.FPDFText_GetLooseCharBox(&requests.FPDFText_GetLooseCharBox{TextPage: text, Index: i})
	if err != nil {
		return c, nil // a character without a place; an ended instance shows at the next call
	}
	b := box.Rect
	left, right := math.Min(float64(b.Left), float64(b.Right)), math.Max(float64(b.Left), float64(b.Right))
	bottom, top := math.Min(float64(b.Bottom), float64(b.Top)), math.Max(float64(b.Bottom), float64(b.Top))
	if right < s.left || left > s.right || top < s.bottom || bottom > s.top {
		return c, nil
	}
	c.x, c.y, c.w, c.h = s.upright(left, bottom, right, top)
	return c, nil
}

func blank(r rune) bool { return r == 0 || unicode.IsSpace(r) || unicode.IsControl(r) }

// join puts neighbouring characters together.
func join(chars []char) []Run {
	var runs []Run
	var text strings.Builder
	var last char
	var run Run
	flush := func() {
		if run.Text = text.String(); run.Text != "" {
			runs = append(runs, run)
		}
		text.Reset()
	}
	for _, c := range pairs(chars) {
		if blank(c.r) || !(c.w > 0 && c.h > 0) {
			flush()
			continue
		}
		if text.Len() == 0 || !follows(last, c) {
			flush()
			run = Run{X: c.x, Y: c.y, W: c.w, H: c.h}
		}
		text.WriteRune(c.r)
		right, bottom := math.Max(run.X+run.W, c.x+c.w), math.Max(run.Y+run.H, c.y+c.h)
		run.X, run.Y = math.Min(run.X, c.x), math.Min(run.Y, c.y)
		run.W, run.H = right-run.X, bottom-run.Y
		last = c
	}
	flush()
	return runs
}

// pairs puts UTF-16 surrogates that pdfium answers as two characters together.
func pairs(chars []char) []char {
	out := chars[:0:0]
	for _, c := range chars {
		if n := len(out); n > 0 && utf16.IsSurrogate(out[n-1].r) {
			if r := utf16.DecodeRune(out[n-1].r, c.r); r != unicode.ReplacementChar {
				out[n-1].r = r
				continue
			}
		}
		out = append(out, c)
	}
	return out
}

// follows tells whether b continues the run that ends with a: on the same line, right after it and of the same width class.
func follows(a, b char) bool {
	tall := math.Max(a.h, b.h)
	if math.Abs((a.y+a.h/2)-(b.y+b.h/2)) > 0.25*tall || math.Min(a.h, b.h) < 0.7*tall {
		return false
	}
	gap := b.x - (a.x + a.w)
	return gap > -0.4*tall && gap < 0.6*tall && wide(a) == wide(b)
}

func wide(c char) bool { return c.w > 0.72*c.h }
