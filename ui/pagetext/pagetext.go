// Package pagetext reads the text of pages with pdfium for ui/job.
package pagetext

import (
	"context"

	"sealdesk/pdfseal/page"
	"sealdesk/pdfseal/rules"
	"sealdesk/ui/job"
)

// Reader reads the text of pages; it implements job.TextReader.
type Reader struct{}

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
