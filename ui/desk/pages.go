package desk

import (
	"context"
	"image"
	"os"
	"sync"
	"time"

	"sealdesk/pdfseal"
	"sealdesk/pdfseal/page"
	"sealdesk/ui/pages"
)

// maxOpen is how many documents are kept open for drawing.
const maxOpen = 4

// Pages draws the pages of documents. Documents are opened when they are first drawn, and the one that was not used for longest is
// closed when there are too many.
type Pages struct {
	mu     sync.Mutex
	open   map[document]*openDocument
	closed bool
}

// document is a document at one of its revisions, 0 being the present one. It is comparable.
type document struct {
	pages    *Pages
	path     string
	revision int
	changed  time.Time // of the file, so that a file written anew is another source
}

type openDocument struct {
	turn chan struct{} // holds one token: the right to open and draw
	doc  *page.Document
	file *pdfseal.File
	used time.Time
	busy int
}

// NewPages makes an empty set.
func NewPages() *Pages { return &Pages{open: map[document]*openDocument{}} }

// Source answers the pages of a file at a revision, counted from 1; 0 is the present one. The same arguments give equal sources.
func (p *Pages) Source(path string, revision int) pages.Source { return p.of(path, revision) }

func (p *Pages) of(path string, revision int) document {
	s := document{pages: p, path: path, revision: revision}
	if st, err := os.Stat(path); err == nil {
		s.changed = st.ModTime()
	}
	return s
}

// Close closes all documents that are not being drawn; those close when they are done.
func (p *Pages) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	p.trim(0)
}

// trim closes the documents that were not used for longest until at most keep are open. The caller holds the lock.
func (p *Pages) trim(keep int) {
	for len(p.open) > keep {
		var oldest document
		found := false
		for s, o := range p.open {
			if o.busy == 0 && (!found || o.used.Before(p.open[oldest].used)) {
				oldest, found = s, true
			}
		}
		if !found {
			return
		}
		p.open[oldest].close()
		delete(p.open, oldest)
	}
}

func (o *openDocument) close() {
	if o.doc != nil {
		_ = o.doc.Close() // nothing was written
	}
	if o.file != nil {
		_ = o.file.Close() // nothing was written
	}
}

// take reserves the place of a document; give frees it.
func (p *Pages) take(s document) (*openDocument, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, page.ErrClosed
	}
	o := p.open[s]
	if o == nil {
		p.trim(maxOpen - 1)
		o = &openDocument{turn: make(chan struct{}, 1)}
		o.turn <- struct{}{}
		p.open[s] = o
	}
	o.busy++
	o.used = time.Now()
	return o, nil
}

func (p *Pages) give(o *openDocument) {
	p.mu.Lock()
	defer p.mu.Unlock()
	o.busy--
	if p.closed {
		p.trim(0)
	}
}

// with calls f with the open document.
func (s document) with(ctx context.Context, f func(*page.Document) error) error {
	o, err := s.pages.take(s)
	if err != nil {
		return err
	}
	defer s.pages.give(o)
	select {
	case <-o.turn:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	if o.doc == nil {
		err = o.start(ctx, s)
	}
	o.turn <- struct{}{}
	if err != nil {
		return err
	}
	return f(o.doc)
}

// start opens the document.
func (o *openDocument) start(ctx context.Context, s document) error {
	f, err := pdfseal.OpenFile(s.path)
	if err != nil {
		return err
	}
	var src pdfseal.Source = f
	if s.revision > 0 {
		if src, err = pdfseal.AtRevision(ctx, f, s.revision); err != nil {
			_ = f.Close() // nothing was written
			return err
		}
	}
	doc, err := page.New(ctx, src, src.Size())
	if err != nil {
		_ = f.Close() // nothing was written
		return err
	}
	o.doc, o.file = doc, f
	return nil
}

// Page draws a page.
func (s document) Page(ctx context.Context, n int, pxPerMM float64) (img *image.RGBA, size pages.Size, err error) {
	err = s.with(ctx, func(d *page.Document) error {
		box, err := d.PageSize(ctx, n)
		if err != nil {
			return err
		}
		size = pages.Size{W: box.W, H: box.H}
		img, err = d.Render(ctx, n, pxPerMM*25.4)
		return err
	})
	return img, size, err
}

// Count counts the pages of a file; 0 where it cannot be drawn.
func (p *Pages) Count(ctx context.Context, path string) int {
	n := 0
	if err := p.of(path, 0).with(ctx, func(d *page.Document) error { n = d.Pages(); return nil }); err != nil {
		return 0
	}
	return n
}
