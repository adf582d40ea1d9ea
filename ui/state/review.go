package state

import (
	"context"
	"slices"

	"sealdesk/pdfseal"
)

// Review is what the regulations say of a seal on the pages on which it is to stand.
type Review struct {
	Pages    []int  // on which the whole seal stands
	Seal     string // its identifier
	Running  bool
	Findings []pdfseal.Finding
}

// Reviewed answers a review.
type Reviewed struct {
	Path   string
	Review Review
}

// of tells whether a review is about these pages and this seal; where on a page the seal stands does not matter.
func (r Review) of(pages []int, seal string) bool {
	return r.Seal == seal && slices.Equal(r.Pages, pages)
}

// sealedPages are the pages on which the whole seal stands.
func (d Document) sealedPages() []int {
	var pages []int
	for _, m := range d.Marks {
		if !slices.Contains(pages, m.Page) {
			pages = append(pages, m.Page)
		}
	}
	return pages
}

// Findings are those of the document and those of the seal on its pages.
func (d Document) Findings() []pdfseal.Finding {
	return slices.Concat(d.Info.Findings, d.Review.Findings)
}

// findReviews asks what the regulations say of every seal that has another page than before.
func (m Machine) findReviews(d Desk) (Desk, Cmd) {
	seal, ok := d.Sealing.Seal(d.Keys)
	if !ok || d.Sealing.Phase.Busy() || d.Sealing.Phase == SealDone {
		return d, nil
	}
	var cmds []Cmd
	for _, doc := range d.Sealing.Documents {
		path, pages := doc.Path, doc.sealedPages()
		if !doc.Loaded || doc.Done() || doc.Finding || doc.Placed() && doc.Review.of(pages, seal.ID) {
			continue
		}
		found := Review{Pages: pages, Seal: seal.ID, Running: true}
		if !doc.Placed() {
			d.Sealing = d.Sealing.change(path, func(o Document) Document { o.Review = Review{}; return o })
			continue
		}
		d.Sealing = d.Sealing.change(path, func(o Document) Document { o.Review = found; return o })
		cmds = append(cmds, func(ctx context.Context, send func(Event)) {
			list, err := m.Work.Review(ctx, path, doc.Info.Pages, pages, seal)
			if err != nil {
				return // the program ends
			}
			found.Running, found.Findings = false, list
			send(Reviewed{Path: path, Review: found})
		})
	}
	return d, inTurn(cmds)
}

// reviewed takes the answer, unless the user has gone on in the meantime.
func reviewed(s *Sealing, e Reviewed) {
	*s = s.change(e.Path, func(doc Document) Document {
		if doc.Review.of(e.Review.Pages, e.Review.Seal) {
			doc.Review = e.Review
		}
		return doc
	})
}
