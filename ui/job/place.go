package job

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"sealdesk/pdfseal"
	"sealdesk/pdfseal/rules"
)

// Target is a document as a Place sees it.
type Target struct {
	Pages int
	Seal  rules.Seal
	Text  func(ctx context.Context, page int) ([]rules.Run, error) // text of a page with its places
}

// Place resolves a wish to the marks of one document.
type Place interface {
	Marks(ctx context.Context, t Target) ([]pdfseal.Mark, error)
}

// Fixed puts the centre of the seal at one point of each chosen page.
type Fixed struct {
	Pages PageRange
	At    rules.Point
}

// Marks implements Place.
func (f Fixed) Marks(_ context.Context, t Target) ([]pdfseal.Mark, error) {
	pages, err := f.Pages.Resolve(t.Pages)
	if err != nil {
		return nil, err
	}
	marks := make([]pdfseal.Mark, 0, len(pages))
	for _, p := range pages {
		marks = append(marks, pdfseal.Mark{Page: p, X: f.At.X, Y: f.At.Y})
	}
	return marks, nil
}

// Marked puts the seal at marks that were chosen one by one.
type Marked []pdfseal.Mark

// Marks implements Place.
func (m Marked) Marks(context.Context, Target) ([]pdfseal.Mark, error) { return m, nil }

// Keyword puts the centre of the seal on the last occurrence of a text on each chosen page that has it; at least one page must.
type Keyword struct {
	Text  string
	Pages PageRange // the zero value means all pages
}

// Marks implements Place.
func (k Keyword) Marks(ctx context.Context, t Target) ([]pdfseal.Mark, error) {
	pages, err := allPages(k.Pages).Resolve(t.Pages)
	if err != nil {
		return nil, err
	}
	var marks []pdfseal.Mark
	for _, p := range pages {
		runs, err := t.text(ctx, p)
		if err != nil {
			return nil, err
		}
		if found := rules.Keyword(runs, k.Text); len(found) > 0 {
			at := found[len(found)-1]
			marks = append(marks, pdfseal.Mark{Page: p, X: at.X, Y: at.Y})
		}
	}
	if len(marks) == 0 {
		return nil, situation("place.keyword_absent", nil, "Keyword", k.Text)
	}
	return marks, nil
}

// OverDate puts the seal over the organ's name and the date as GB/T 9704-2012, 7.3.5.1 demands, on the last chosen page that
// has a date line.
type OverDate struct {
	Pages PageRange // the zero value means all pages
}

// Marks implements Place.
func (o OverDate) Marks(ctx context.Context, t Target) ([]pdfseal.Mark, error) {
	pages, err := allPages(o.Pages).Resolve(t.Pages)
	if err != nil {
		return nil, err
	}
	for i := len(pages) - 1; i >= 0; i-- {
		runs, err := t.text(ctx, pages[i])
		if err != nil {
			return nil, err
		}
		at, err := rules.OverDate(runs, t.Seal)
		switch {
		case err == nil:
			return []pdfseal.Mark{{Page: pages[i], X: at.X, Y: at.Y}}, nil
		case errors.Is(err, rules.ErrSpacing):
			return nil, situation("place.date_spacing", err, "Page", strconv.Itoa(pages[i]))
		}
	}
	return nil, situation("place.date_absent", nil)
}

func (t Target) text(ctx context.Context, page int) ([]rules.Run, error) {
	runs, err := t.Text(ctx, page)
	if err != nil && ctx.Err() == nil {
		return nil, situation("place.page_unreadable", err, "Page", strconv.Itoa(page))
	}
	return runs, err
}

func allPages(r PageRange) PageRange {
	if len(r.spans) == 0 {
		return PageRange{text: "all", spans: []span{{1, -1}}}
	}
	return r
}

// maxCoordinate is the longest edge of a PDF page in millimetres (ISO 32000-2, annex C, 14,400 units) with room to spare.
const maxCoordinate = 100_000

// ParsePoint reads "X,Y", millimetres from the left and the top edge.
func ParsePoint(s string) (rules.Point, error) {
	a, b, ok := strings.Cut(narrow(s), ",")
	if !ok {
		return rules.Point{}, fmt.Errorf("job: %q is not X,Y", s)
	}
	x, errX := strconv.ParseFloat(strings.TrimSpace(a), 64)
	y, errY := strconv.ParseFloat(strings.TrimSpace(b), 64)
	if errX != nil || errY != nil || !(x >= 0 && x <= maxCoordinate && y >= 0 && y <= maxCoordinate) {
		return rules.Point{}, fmt.Errorf("job: %q is not X,Y in millimetres", s)
	}
	return rules.Point{X: x, Y: y}, nil
}
