// Package pagetext reads the text of pages, and looks at them, with pdfium for ui/job.
package pagetext

import (
	"context"
	"math"

	"sealdesk/pdfseal/page"
	"sealdesk/pdfseal/rules"
	"sealdesk/ui/job"
)

// Reader reads the text of pages; it implements job.TextReader.
type Reader struct{}

// Warm implements job.TextReader.
func (Reader) Warm(ctx context.Context) error { return page.Warm(ctx) }

// OpenText implements job.TextReader.
func (Reader) OpenText(ctx context.Context, path string) (job.PageText, error) {
	d, err := page.Open(ctx, path)
	if err != nil {
		return nil, err
	}
	return openText{d}, nil
}

type openText struct{ *page.Document }

// Text implements job.PageText.
func (o openText) Text(ctx context.Context, n int) ([]rules.Run, error) {
	runs, err := o.Document.Text(ctx, n)
	if err != nil {
		return nil, err
	}
	out := make([]rules.Run, len(runs))
	for i, r := range runs {
		out[i] = rules.Run(r)
	}
	return out, nil
}

// A page is drawn for the review at coarse dots to the inch, and a large one at fewer: never with more than mostPixels.
const (
	coarse     = 72.0
	mostPixels = 1 << 20
	inch       = 25.4 // millimetres
)

// Sheet implements job.PageText.
func (o openText) Sheet(ctx context.Context, n int, drawn bool) (s rules.Sheet, err error) {
	size, err := o.PageSize(ctx, n)
	if err != nil {
		return s, err
	}
	s.Page, s.Height = n, size.H
	if s.Runs, err = o.Text(ctx, n); err != nil || !drawn {
		return s, err
	}
	dpi := min(coarse, math.Sqrt(mostPixels/(size.W/inch*size.H/inch)))
	img, err := o.Render(ctx, n, dpi)
	if err != nil {
		return s, err
	}
	s.Ink = rules.NewInk(img, dpi/inch)
	return s, nil
}
