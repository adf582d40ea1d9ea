package pdfseal

import (
	"context"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"sealdesk/pdfseal/internal/pdf"
)

// placed is a mark with the page it stands on.
type placed struct {
	num   int // of the page, from 1
	page  *pdf.Page
	rect  [4]float64
	piece *piece // of a straddle seal, nil for the whole seal
	ref   types.IndirectRef
}

// mark gives the place of the mark on the upright visible page.
func (p placed) mark() PlacedMark {
	m := newSheet(p.page).mark(p.num, p.rect)
	if p.piece != nil {
		m.Slice = p.piece.slice()
	}
	return m
}

func placedMarks(list []placed) []PlacedMark {
	out := make([]PlacedMark, len(list))
	for i, m := range list {
		out[i] = m.mark()
	}
	return out
}

// maxMarksPerPage is the budget of rule R1 for marks of one seal.
const maxMarksPerPage = 2

// place turns the request into rectangles, ordinary marks first, and refuses what rule I5 would not accept.
func (u *update) place() error {
	if len(u.req.Marks) == 0 && u.req.Straddle == nil {
		return &RequestError{Field: "Marks", Key: "NO_MARKS"}
	}
	p, err := newPlacer(u.view)
	if err != nil {
		return err
	}
	earlier, err := sealMarks(u.file)
	if err != nil {
		return err
	}
	for _, m := range earlier {
		p.taken[m.page] = append(p.taken[m.page], m.rect)
	}
	w, h := float64(u.seal.Picture.WidthMM), float64(u.seal.Picture.HeightMM)
	for _, m := range u.req.Marks {
		page, err := p.page("Marks", m.Page)
		if err != nil {
			return err
		}
		if err := p.add(placed{num: m.Page, page: page, rect: newSheet(page).rect(m.X, m.Y, w, h)}); err != nil {
			return err
		}
	}
	if u.req.Straddle != nil {
		err = p.straddle(*u.req.Straddle, w, h)
	}
	u.marks = p.out
	return err
}

// placer collects marks and keeps them apart.
type placer struct {
	view  *pdf.View
	count int
	taken map[int][][4]float64 // by page
	own   map[int]int
	out   []placed
}

func newPlacer(v *pdf.View) (*placer, error) {
	n, err := v.PageCount()
	return &placer{view: v, count: n, taken: map[int][][4]float64{}, own: map[int]int{}}, err
}

func (p *placer) page(field string, n int) (*pdf.Page, error) {
	if n < 1 || n > p.count {
		return nil, &RequestError{Field: field, Key: "PAGE_RANGE", Page: n}
	}
	return p.view.Page(n)
}

// add takes a mark, or says why it cannot stand there.
func (p *placer) add(m placed) error {
	field, off, over := "Marks", "OFF_PAGE", "OVERLAPS_SEAL"
	if m.piece != nil {
		field, off, over = "Straddle", "SLICE_OFF_PAGE", "OVERLAPS_SLICE"
	}
	if p.own[m.num]++; p.own[m.num] > maxMarksPerPage {
		return &RequestError{Field: field, Key: "TOO_MANY_MARKS", Page: m.num}
	}
	if !inside(m.rect, m.page.CropBox) {
		return &RequestError{Field: field, Key: off, Page: m.num}
	}
	for _, t := range p.taken[m.num] {
		if overlap(m.rect, t) {
			return &RequestError{Field: field, Key: over, Page: m.num}
		}
	}
	p.taken[m.num] = append(p.taken[m.num], m.rect)
	p.out = append(p.out, m)
	return nil
}

// straddle adds the slices of a straddle seal of w × h millimetres.
func (p *placer) straddle(s Straddle, w, h float64) error {
	if err := s.check(); err != nil {
		return err
	}
	pages := make([]*pdf.Page, len(s.Pages))
	for i, n := range s.Pages {
		var err error
		if pages[i], err = p.page("Straddle", n); err != nil {
			return err
		}
	}
	if s.Centre = round2(s.Centre); s.Centre <= 0 {
		s.Centre = middle(s.Edge, pages)
	}
	pieces, err := s.cut(w, h)
	if err != nil {
		return err
	}
	for i := range pieces {
		m := placed{num: s.Pages[i], page: pages[i], piece: &pieces[i], rect: pieces[i].rect(newSheet(pages[i]))}
		if err := p.add(m); err != nil {
			return err
		}
	}
	return nil
}

// middle is the middle of the shortest of the edges, in millimetres.
func middle(e Edge, pages []*pdf.Page) float64 {
	least := 0.0
	for i, p := range pages {
		w, h := newSheet(p).size()
		if e.vertical() {
			w = h
		}
		if i == 0 || w < least {
			least = w
		}
	}
	return round2(least / 2)
}

// PlanStraddle tells where the slices of a straddle seal of width × height millimetres would stand, in the order of the pages. Whether other
// marks stand there is not looked at. Errors: *RequestError, *SyntaxError, ErrNotPDF, ErrEncrypted and those of reading.
func PlanStraddle(ctx context.Context, src Source, s Straddle, width, height float64) ([]PlacedMark, error) {
	f, err := pdf.Open(ctx, src)
	if err != nil {
		return nil, err
	}
	p, err := newPlacer(f.Latest())
	if err != nil {
		return nil, err
	}
	if err := p.straddle(s, width, height); err != nil {
		return nil, err
	}
	return placedMarks(p.out), nil
}

// CheckFile tells before any key is used whether the request fits the document at path, and where the marks will stand: the seal and the
// certificate belong together, and every mark has its place. Only the certificate of req.Signer is asked for. Errors are those of Affix,
// without the pre-seal gate.
func CheckFile(ctx context.Context, path string, req Request) ([]PlacedMark, error) {
	src, err := OpenFile(path)
	if err != nil {
		return nil, err
	}
	defer src.Close()
	f, err := pdf.Open(ctx, src)
	if err != nil {
		return nil, err
	}
	u, err := newUpdate(f, req)
	if err != nil {
		return nil, err
	}
	return placedMarks(u.marks), nil
}
