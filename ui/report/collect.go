// Package report makes documents of what verifying found: for a file, in HTML and PDF, the verdict and its reasons first, then each
// seal with the picture from its own data beside the page, and for what was changed after sealing the page as it was beside the
// page as it is, with the places framed (rules V1–V5, P3, P4). It judges nothing itself. It also puts the forms of ui/form on paper.
package report

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"slices"

	"sealdesk/pdfseal"
	"sealdesk/pdfseal/page"
)

// Resolution and number of the pictures in a report.
const (
	dpi            = 84.0
	maxSealedPages = 24
	maxPairs       = 60
)

// Document is everything that a report says of one file.
type Document struct {
	Report     *pdfseal.Report // with its sentences, see explain.Fill
	Problem    []string        // where the file could not be read: what happened, why, what to do
	Pictures   []image.Image   // of Report.Seals, from the seal data; nil where it cannot be shown
	Pages      []Sheet         // pages with marks, the marks framed
	Pairs      []Pair          // pages that changed after sealing
	More       []int           // further changed pages, without pictures
	Base       int             // the revision that Pairs compare with; 0: nothing was compared
	Uncompared string          // why the pages could not be compared; "" where they could or need not be
	Centre     []Note          // what the centre says, where it was asked
}

// Note is a finished sentence.
type Note struct {
	Text    string
	Warning bool // it stands among the reasons of the verdict
	Differs bool // the centre's verdict is another one: what the verdict here would advise is left out
}

// Sheet is a page with frames around the marks of seals: as it was sealed where anything was changed since, else as it is.
type Sheet struct {
	Page  int
	Image image.Image
}

// Collect draws what the report on the file at path needs. Pages that cannot be drawn are left out or counted as changed; only a
// cancelled ctx and a file that cannot be opened any more are errors. progress may be nil.
func Collect(ctx context.Context, path string, rep *pdfseal.Report, progress func(done, total int)) (*Document, error) {
	d := &Document{Report: rep}
	if len(rep.Seals) == 0 {
		return d, nil
	}
	f, err := pdfseal.OpenFile(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	d.Pictures = Pictures(ctx, f, rep)
	now, err := page.New(ctx, f, f.Size())
	if err != nil {
		d.Uncompared = err.Error()
		return d, ctx.Err()
	}
	defer now.Close()
	if err := d.sheets(ctx, f, now); err != nil {
		return nil, err
	}
	return d, d.compare(ctx, f, now, progress)
}

// Pictures gives the picture of each seal of the report on src, from its seal data; nil where it cannot be shown.
func Pictures(ctx context.Context, src pdfseal.Source, rep *pdfseal.Report) []image.Image {
	out := make([]image.Image, len(rep.Seals))
	for i, s := range rep.Seals {
		if pic, err := pdfseal.PictureOf(ctx, src, s); err == nil {
			if img, err := pic.Decode(); err == nil {
				out[i] = img
			}
		}
	}
	return out
}

// sheets draws the pages that carry marks. In a document that was changed the pages are those of the seals: the present ones may be turned,
// cut or exchanged, and the marks would be framed in the wrong place.
func (d *Document) sheets(ctx context.Context, f *pdfseal.File, now *page.Document) error {
	states := map[int]*page.Document{0: now}
	defer func() {
		for revision, doc := range states {
			if revision > 0 && doc != nil {
				doc.Close()
			}
		}
	}()
	for _, n := range sealedPages(d.Report) {
		revision := sealedIn(d.Report, n)
		doc, known := states[revision]
		if !known {
			if src, err := pdfseal.AtRevision(ctx, f, revision); err == nil {
				doc, _ = page.New(ctx, src, src.Size())
			}
			states[revision] = doc
		}
		if doc == nil {
			continue
		}
		img, err := doc.Render(ctx, n, dpi)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			continue
		}
		for _, s := range d.Report.Seals {
			for _, m := range s.Marks {
				if m.Page == n {
					frame(img, page.Region{X: m.X - m.W/2, Y: m.Y - m.H/2, W: m.W, H: m.H}, VerdictColour(s.Verdict))
				}
			}
		}
		d.Pages = append(d.Pages, Sheet{n, img})
	}
	return nil
}

// sealedIn gives the revision of the newest seal with a mark on a page, 0 where the page is drawn as it is.
func sealedIn(r *pdfseal.Report, n int) int {
	revision := 0
	if ChangedSince(r) == 0 {
		return revision
	}
	for _, s := range r.Seals {
		if slices.ContainsFunc(s.Marks, func(m pdfseal.PlacedMark) bool { return m.Page == n }) {
			revision = max(revision, s.Coverage.Revision)
		}
	}
	return revision
}

// sealedPages chooses the pages that are drawn: those with a whole seal before those that have only slices of a straddle seal.
func sealedPages(r *pdfseal.Report) []int {
	var whole, sliced []int
	for _, s := range r.Seals {
		for _, m := range s.Marks {
			if m.Slice.Known() {
				sliced = append(sliced, m.Page)
			} else {
				whole = append(whole, m.Page)
			}
		}
	}
	slices.Sort(whole)
	slices.Sort(sliced)
	whole = slices.Compact(whole)
	pages := slices.Clone(whole)
	for _, n := range slices.Compact(sliced) {
		if _, known := slices.BinarySearch(whole, n); !known {
			pages = append(pages, n)
		}
	}
	pages = pages[:min(len(pages), maxSealedPages)]
	slices.Sort(pages)
	return pages
}

// compare draws the pages that look different from what was sealed.
func (d *Document) compare(ctx context.Context, f *pdfseal.File, now *page.Document, progress func(done, total int)) error {
	c, err := compare(ctx, f, now, faults(d.Report), Options{Progress: progress})
	if err != nil {
		return err
	}
	d.Base, d.Pairs, d.More = c.Base, c.Pairs, c.More
	if c.Uncompared != nil {
		d.Uncompared = c.Uncompared.Error()
	}
	red := VerdictColour(pdfseal.VerdictInvalid)
	for _, p := range d.Pairs {
		for _, side := range []image.Image{p.Then, p.Now} {
			img, ok := side.(draw.Image)
			if !ok {
				continue
			}
			if !p.Same && !slices.ContainsFunc(p.Spots, func(s Spot) bool { return !s.Whole() }) {
				frame(img, sheetOf(img), red)
			}
			for i, s := range p.Spots {
				if !s.Whole() {
					frame(img, s.Region, red)
					label(img, s.Region, i+1, red)
				}
			}
		}
	}
	return nil
}

// VerdictColour is the colour of a verdict on paper.
func VerdictColour(v pdfseal.Verdict) color.RGBA {
	switch v {
	case pdfseal.VerdictValid:
		return color.RGBA{0x1b, 0x7f, 0x4b, 0xff}
	case pdfseal.VerdictInvalid:
		return color.RGBA{0xb3, 0x26, 0x1e, 0xff}
	case pdfseal.VerdictUnsealed:
		return color.RGBA{0x5b, 0x61, 0x68, 0xff}
	default:
		return color.RGBA{0xb7, 0x79, 0x1f, 0xff}
	}
}

func hex(c color.RGBA) string { return fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B) }

// sheetOf is the region of a whole page, so that the frame around it lies on the page.
func sheetOf(img image.Image) page.Region {
	const margin = 2 // millimetres
	mm := func(px int) float64 { return float64(px) * 25.4 / dpi }
	return page.Region{X: margin, Y: margin, W: mm(img.Bounds().Dx()) - 2*margin, H: mm(img.Bounds().Dy()) - 2*margin}
}

// frame draws a border around a region, just outside of it.
func frame(img draw.Image, r page.Region, c color.Color) {
	const width, gap = 2, 2
	px := func(mm float64) int { return int(mm/25.4*dpi + 0.5) }
	in := image.Rect(px(r.X), px(r.Y), px(r.X+r.W), px(r.Y+r.H)).Inset(-gap).Add(img.Bounds().Min)
	out := in.Inset(-width)
	for _, side := range []image.Rectangle{
		{out.Min, image.Pt(out.Max.X, in.Min.Y)}, {image.Pt(out.Min.X, in.Max.Y), out.Max},
		{image.Pt(out.Min.X, in.Min.Y), image.Pt(in.Min.X, in.Max.Y)}, {image.Pt(in.Max.X, in.Min.Y), image.Pt(out.Max.X, in.Max.Y)},
	} {
		draw.Draw(img, side.Intersect(img.Bounds()), image.NewUniform(c), image.Point{}, draw.Src)
	}
}
