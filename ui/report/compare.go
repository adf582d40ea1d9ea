package report

import (
	"context"
	"fmt"
	"image"
	"maps"
	"slices"
	"strconv"
	"strings"

	"sealdesk/pdfseal"
	"sealdesk/pdfseal/page"
)

// Comparison is what differs between a document as it was sealed and as it is.
type Comparison struct {
	Base       int    // the revision compared with; 0: nothing was changed, nothing compared
	Pairs      []Pair // in the order of pages
	More       []int  // further pages that look different
	Uncompared error  // why the pages could not be compared; nil where they could
}

// Missing says why a page has no picture.
type Missing string

// The reasons.
const (
	Absent  Missing = "absent"  // there is no such page
	Undrawn Missing = "undrawn" // it cannot be drawn; it counts as changed
)

// Pair is a page as it was sealed and as it is now; a picture that is nil could not be drawn or does not exist.
type Pair struct {
	Page                    int
	Then, Now               image.Image
	ThenMissing, NowMissing Missing       // "" where there is a picture
	Same                    bool          // it looks the same: the changes at its Spots do not show
	Regions                 []page.Region // empty: all of the page, unless Same
	Spots                   []Spot        // what differs, place by place; at least one
}

// Options say how to compare. The zero value is ready to use.
type Options struct {
	DPI      float64               // of the pictures; 0 is that of the reports
	Pairs    int                   // pairs that are kept with their pictures, further pages go to Comparison.More; 0 is that of the reports
	Progress func(done, total int) // called for each page; may be nil
	Found    func(Pair) error      // called for each pair once it is known; may be nil; an error ends the comparison
}

// Compare draws the document at path as the seal covers it and as it is, page by page, and says what differs and where. rep is its report. It
// answers within 100 ms once ctx ends, and calls nothing afterwards: what is being drawn is given up in the background.
//
// Errors are those of ctx, of opening the file and of Found. A document that cannot be drawn at all is no error: see Uncompared.
func Compare(ctx context.Context, path string, rep *pdfseal.Report, o Options) (*Comparison, error) {
	if ChangedSince(rep) == 0 {
		return &Comparison{}, nil
	}
	what := faults(rep)
	type answer struct {
		c   *Comparison
		err error
	}
	done := make(chan answer, 1)
	quiet, stop := o.until(ctx)
	go func() {
		c, err := compareFile(ctx, path, what, quiet)
		done <- answer{c, err}
	}()
	select {
	case a := <-done:
		return a.c, a.err
	case <-ctx.Done():
		stop()
		return nil, fmt.Errorf("report: %w", context.Cause(ctx))
	}
}

func compareFile(ctx context.Context, path string, what changes, o Options) (*Comparison, error) {
	f, err := pdfseal.OpenFile(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	now, err := page.New(ctx, f, f.Size())
	if err != nil {
		return &Comparison{Base: what.since, Uncompared: err}, ctx.Err()
	}
	defer now.Close()
	return compare(ctx, f, now, what, o)
}

// compare is Compare for a file that is open.
func compare(ctx context.Context, f *pdfseal.File, now *page.Document, what changes, o Options) (*Comparison, error) {
	c := &Comparison{Base: what.since}
	if c.Base == 0 {
		return c, nil
	}
	if o.DPI == 0 {
		o.DPI = dpi
	}
	if o.Pairs == 0 {
		o.Pairs = maxPairs
	}
	src, err := pdfseal.AtRevision(ctx, f, c.Base)
	if err != nil {
		c.Uncompared = err
		return c, ctx.Err()
	}
	then, err := page.New(ctx, src, src.Size())
	if err != nil {
		c.Uncompared = err
		return c, ctx.Err()
	}
	defer then.Close()
	w := &comparer{then: then, now: now, changes: what.list, o: o, out: c, open: map[int]bool{}}
	for _, x := range w.changes {
		if x.Page > 0 && x.Area.Known() && !x.WholePage {
			w.open[x.Page] = true
		}
	}
	if err := page.Compare(ctx, then, now, o.DPI, o.Progress, func(d page.Difference) error { return w.found(ctx, d) }); err != nil {
		return nil, err
	}
	return c, w.same(ctx)
}

// changes are those of a report that no rule permits, as they were when the comparison began.
type changes struct {
	since int
	list  []pdfseal.Change
}

func faults(rep *pdfseal.Report) changes {
	out := changes{since: ChangedSince(rep)}
	for _, c := range rep.Changes {
		if !c.Permitted() {
			c.Text, c.Data = "", maps.Clone(c.Data)
			out.list = append(out.list, c)
		}
	}
	return out
}

// comparer makes pairs of differences.
type comparer struct {
	then, now *page.Document
	changes   []pdfseal.Change
	o         Options
	out       *Comparison
	open      map[int]bool // pages with placed changes that no pair shows yet
}

// found takes up a page that looks different.
func (w *comparer) found(ctx context.Context, d page.Difference) error {
	delete(w.open, d.Page)
	if len(w.out.Pairs) >= w.o.Pairs {
		w.out.More = append(w.out.More, d.Page)
		return nil
	}
	p := Pair{Page: d.Page, Regions: d.Regions}
	if d.Then != nil {
		p.Then = d.Then
	} else {
		p.ThenMissing = missing(w.then, d.Page)
	}
	if d.Now != nil {
		p.Now = d.Now
	} else {
		p.NowMissing = missing(w.now, d.Page)
	}
	return w.add(ctx, p)
}

func missing(d *page.Document, n int) Missing {
	if n > d.Pages() {
		return Absent
	}
	return Undrawn
}

// same takes up the pages that look the same although something was changed on them.
func (w *comparer) same(ctx context.Context) error {
	pages := make([]int, 0, len(w.open))
	for n := range w.open {
		pages = append(pages, n)
	}
	slices.Sort(pages)
	for _, n := range pages {
		if len(w.out.Pairs) >= w.o.Pairs {
			break
		}
		a, errA := w.then.Render(ctx, n, w.o.DPI)
		b, errB := w.now.Render(ctx, n, w.o.DPI)
		if err := ctx.Err(); err != nil {
			return err
		}
		if errA != nil || errB != nil {
			continue // it would have been found
		}
		if err := w.add(ctx, Pair{Page: n, Then: a, Now: b, Same: true}); err != nil {
			return err
		}
	}
	slices.SortFunc(w.out.Pairs, func(a, b Pair) int { return a.Page - b.Page })
	return nil
}

// add finds the words of a pair and keeps it.
func (w *comparer) add(ctx context.Context, p Pair) error {
	if err := w.spots(ctx, &p); err != nil {
		return err
	}
	w.out.Pairs = append(w.out.Pairs, p)
	if w.o.Found != nil {
		return w.o.Found(p)
	}
	return nil
}

// ChangedSince gives the revision that a changed document is compared with: the one before the first change that is a fault. 0
// means that nothing was changed.
func ChangedSince(rep *pdfseal.Report) int {
	since, newest := 0, 0
	for _, s := range rep.Seals {
		newest = max(newest, s.Coverage.Revision)
	}
	for _, c := range rep.Changes {
		base := c.Revision - 1
		if c.Permitted() {
			continue
		}
		if c.Revision == 0 { // behind the last revision that can be read
			base = newest
		}
		if since == 0 || base < since {
			since = base
		}
	}
	return since
}

// onPage tells whether a change concerns page n: alone, or as one of those that it names.
func onPage(c pdfseal.Change, n int) bool {
	if c.Page > 0 {
		return c.Page == n
	}
	for _, part := range strings.Split(c.Data["pages"], ", ") {
		from, to, isRange := strings.Cut(part, "–")
		a, err := strconv.Atoi(from)
		if err != nil {
			continue
		}
		b := a
		if isRange {
			if b, err = strconv.Atoi(to); err != nil {
				continue
			}
		}
		if a <= n && n <= b {
			return true
		}
	}
	return false
}
