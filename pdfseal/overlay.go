package pdfseal

import (
	"context"
	"strconv"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"sealdesk/pdfseal/internal/pdf"
)

// Bounds of the search for what is covered (rule R1). Beyond them it is said that further pages were not looked at.
const (
	maxOverlayBytes  = 32 << 20    // of decoded content, of all pages together
	maxOverlayStream = 8 << 20     // of one stream, and of one page
	maxOverlayWork   = 200_000_000 // tests whether something lies below, by the lines that they follow
	maxOverlayPages  = 5           // that get a finding of their own, with the place
	maxPainted       = 100_000     // pieces of text and pictures of one page
	maxPoints        = 1 << 20     // of them
	formCost         = 1 << 10     // bytes that painting a form counts for, whatever it holds
	maxFormDepth     = 12
)

// overlays looks on every page for text and pictures that lie under something opaque which is painted later: a picture, a filled shape, a
// form or an annotation (verification.md §1.2, hide). Invisible text, as scanners put it under or over the picture of a page, is none;
// visible text wholly under the picture of its page is noted.
func (g *gate) overlays(ctx context.Context) error {
	o := &overlaySearch{file: g.file, view: g.view, left: maxOverlayBytes, work: maxOverlayWork, fonts: map[int]*overlayFont{}, forms: map[int][]byte{}, solid: map[int]bool{}}
	found := map[string][]covered{}
	var unlooked []int
	for n := 1; n <= g.inv.Pages; n++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		c, err := o.page(n)
		if err != nil {
			return err
		}
		if c == nil {
			unlooked = append(unlooked, n)
			continue
		}
		if c.count > 0 {
			key := FindingOverlay
			if c.scan {
				key = FindingTextUnderScan
			}
			found[key] = append(found[key], *c)
		}
	}
	g.covered(FindingOverlay, LevelWarn, found[FindingOverlay])
	g.covered(FindingTextUnderScan, LevelNote, found[FindingTextUnderScan])
	if len(unlooked) > 0 {
		g.add(Finding{Rule: "P1", Level: LevelNote, Key: FindingUnlooked, Pages: pageList(unlooked, false), Detail: "content that is not read here, or too much of it"})
	}
	return nil
}

// covered adds the findings of one kind: the first pages with their places, the rest together.
func (g *gate) covered(key string, level Level, list []covered) {
	detail := "painted over later"
	single := min(len(list), maxOverlayPages)
	if level == LevelNote {
		single = 0
	}
	for _, c := range list[:single] {
		g.add(Finding{Rule: "P1", Level: level, Key: key, Page: c.page, Pages: strconv.Itoa(c.page), Area: c.area, Detail: detail,
			Data: map[string]string{"count": strconv.Itoa(c.count)}})
	}
	if list = list[single:]; len(list) > 0 {
		total, pages := 0, []int{}
		for _, c := range list {
			total, pages = total+c.count, append(pages, c.page)
		}
		f := Finding{Rule: "P1", Level: level, Key: key, Pages: pageList(pages, false), Detail: detail, Data: map[string]string{"count": strconv.Itoa(total)}}
		if len(pages) == 1 {
			f.Page = pages[0]
		}
		g.add(f)
	}
}

// covered is what lies under something else on one page.
type covered struct {
	page, count int
	area        Area
	scan        bool // all of it under a picture of the page
}

// overlaySearch is what the search shares between pages.
type overlaySearch struct {
	file  *pdf.File
	view  *pdf.View
	left  int64 // bytes of content that may still be read
	work  int64
	fonts map[int]*overlayFont
	forms map[int][]byte // decoded content of forms
	solid map[int]bool   // whether pictures let nothing through
	room  []point        // for the points of one page after the other
}

// page looks at one page; nil where it was not looked at, or not to the end.
func (o *overlaySearch) page(n int) (*covered, error) {
	if o.left <= 0 || o.work <= 0 {
		return nil, nil
	}
	p, err := o.view.Page(n)
	if err != nil {
		return nil, soft(err)
	}
	c := &canvas{overlaySearch: o, box: p.CropBox, rows: map[int][]int{}, texts: map[string][]int{}, points: o.room[:0]}
	defer func() { o.room = c.points }()
	data, err := o.content(p.Dict["Contents"])
	if err != nil {
		return nil, soft(err)
	}
	c.run(data, o.dict(inheritedResources(o.view, p.Dict)), paintState{ctm: identity, alpha: 1, stretch: 1}, 0)
	list, err := annotationsOf(o.view, n)
	if err != nil {
		return nil, soft(err)
	}
	for _, a := range list {
		c.annotation(a.dict)
	}
	if c.lost || o.left <= 0 || o.work <= 0 {
		return nil, nil
	}
	out := c.result()
	out.page, out.area = n, areaOf(newSheet(p), c.hidden)
	return out, nil
}

// dict resolves a dictionary; what cannot be read counts as none.
func (o *overlaySearch) dict(x types.Object) types.Dict {
	d, err := o.view.Dict(x)
	if err != nil {
		return nil
	}
	return d
}

// content joins the streams of a page.
func (o *overlaySearch) content(contents types.Object) ([]byte, error) {
	x, err := o.view.Resolve(contents)
	if err != nil {
		return nil, err
	}
	list, ok := x.(types.Array)
	if !ok {
		list = types.Array{contents}
	}
	var out []byte
	for _, e := range list {
		sd, err := o.view.Stream(e)
		if err != nil {
			return nil, err
		}
		if sd == nil {
			continue
		}
		data, err := o.stream(sd)
		if err != nil {
			return nil, err
		}
		if len(list) == 1 {
			return data, nil
		}
		if out = append(append(out, data...), '\n'); len(out) > maxOverlayStream {
			return nil, &SyntaxError{Rule: "R1", Offset: -1, Msg: "content of a page too long", Err: ErrLimit}
		}
	}
	return out, nil
}

// stream decodes content within the budget.
func (o *overlaySearch) stream(sd *types.StreamDict) ([]byte, error) {
	data, err := o.file.ReadStream(sd, min(maxOverlayStream, max(o.left, 1)))
	o.left -= int64(len(data))
	return data, err
}

// result counts what is hidden, and says where it lies.
func (c *canvas) result() *covered {
	out := &covered{scan: c.pictures >= 0.75*(c.box[2]-c.box[0])*(c.box[3]-c.box[1])}
	for i := range c.items {
		it := &c.items[i]
		if !it.gone() {
			continue
		}
		out.count++
		out.scan = out.scan && it.under == byPicture
		box := it.extent()
		if out.count == 1 {
			c.hidden = box
		}
		c.hidden = [4]float64{min(c.hidden[0], box[0]), min(c.hidden[1], box[1]), max(c.hidden[2], box[2]), max(c.hidden[3], box[3])}
	}
	return out
}

// annotation paints what an annotation shows.
func (c *canvas) annotation(a types.Dict) {
	flags, _ := a["F"].(types.Integer)
	if !covers(a) || flags&(flagHidden|flagNoView) != 0 {
		return
	}
	rect, ok := rectangle(a["Rect"])
	if !ok {
		return
	}
	state := paintState{ctm: identity, alpha: 1, stretch: 1, veil: a["Subtype"] == types.Name("Highlight")}
	o, err := c.view.Resolve(c.dict(a["AP"])["N"])
	if err != nil {
		return
	}
	if states, ok := o.(types.Dict); ok {
		as, _ := a["AS"].(types.Name)
		if o, err = c.view.Resolve(states[string(as)]); err != nil {
			return
		}
	}
	sd, ok := o.(types.StreamDict)
	if !ok {
		if in, ok := a["IC"].(types.Array); ok && len(in) > 0 && a["AP"] == nil && a["CA"] == nil {
			c.cover(square(identity, rect[0], rect[1], rect[2], rect[3]), state, byShape, nil)
		}
		return
	}
	bbox, ok := rectangle(sd.Dict["BBox"])
	if !ok {
		return
	}
	r := square(matrixOf(sd.Dict["Matrix"]), bbox[0], bbox[1], bbox[2], bbox[3]).box
	if r[2] <= r[0] || r[3] <= r[1] {
		return
	}
	sx, sy := (rect[2]-rect[0])/(r[2]-r[0]), (rect[3]-rect[1])/(r[3]-r[1])
	state.ctm = matrix{sx, 0, 0, sy, rect[0] - r[0]*sx, rect[1] - r[1]*sy}
	c.form(0, &sd, nil, state, 1)
}

// matrixOf reads /Matrix of a form; none is the identity.
func matrixOf(o types.Object) matrix {
	v, ok := numbers(o, 6)
	if !ok {
		return identity
	}
	return matrix(v)
}
