package state

import (
	"context"
	"slices"

	"sealdesk/pdfseal"
	"sealdesk/ui/explain"
)

// Spot is a place of a page at which a document differs from what was sealed.
type Spot struct {
	Page   int
	Area   Area            // without width: all of the page
	Change *pdfseal.Change // of the report, what made the difference; nil where nothing says so
	Words  Sentence
}

// Whole tells whether the spot is all of the page.
func (s Spot) Whole() bool { return s.Area.W <= 0 }

// Sentence says something in the language of a catalogue.
type Sentence interface {
	Sentence(t explain.Translator) string
}

// Comparison is how the pages of a document differ from what was sealed.
type Comparison struct {
	Begun bool
	Ended bool
	Spots []Spot // in the order of pages
	More  []int  // further pages that differ, without spots
	Err   error  // why pages could not be compared
}

// Pages counts the pages that differ.
func (c Comparison) Pages() int {
	n, last := len(c.More), 0
	for _, s := range c.Spots {
		if s.Page != last {
			n, last = n+1, s.Page
		}
	}
	return n
}

// Explains tells whether one of the spots shows a change.
func (c Comparison) Explains(change pdfseal.Change) bool {
	return slices.ContainsFunc(c.Spots, func(s Spot) bool {
		return s.Change != nil && s.Change.Key == change.Key && s.Change.Page == change.Page && s.Change.Revision == change.Revision && s.Change.Area == change.Area
	})
}

// The events of comparing.
type (
	// SpotsFound names places that differ from what was sealed, as they are found. Report is that of the file.
	SpotsFound struct {
		Path   string
		Report *pdfseal.Report
		Spots  []Spot
	}
	// Compared: all pages have been looked at, or could not be.
	Compared struct {
		Path   string
		Report *pdfseal.Report
		More   []int
		Err    error
	}
	// SpotChosen shows a place, by its number from 1 on.
	SpotChosen struct{ Number int }
)

func (SpotsFound) verification() {}
func (Compared) verification()   {}
func (SpotChosen) verification() {}

// Place returns the chosen spot.
func (v Verification) Place() (Spot, bool) {
	i, ok := v.Item()
	if !ok || v.Spot < 1 || v.Spot > len(i.Changes.Spots) {
		return Spot{}, false
	}
	return i.Changes.Spots[v.Spot-1], true
}

// compare compares a changed document with what was sealed, once.
func (m Machine) compare(d Desk, i Item) (Desk, Cmd) {
	v := &d.Verification
	if i.Result.Since == 0 {
		return d, nil
	}
	if i.Changes.Begun {
		v.turnToChange(i)
		return d, nil
	}
	path, rep := i.Path, i.Result.Report
	v.compared(path, rep, func(c *Comparison) { c.Begun = true })
	return d, func(ctx context.Context, send func(Event)) {
		more, err := m.Work.Compare(ctx, i.Result, func(s []Spot) { send(SpotsFound{Path: path, Report: rep, Spots: s}) })
		if ctx.Err() == nil {
			send(Compared{Path: path, Report: rep, More: more, Err: err})
		}
	}
}

// compared changes what is known of the differences of a file, unless it was judged anew in the meantime. It tells whether it did.
func (v *Verification) compared(path string, rep *pdfseal.Report, f func(*Comparison)) bool {
	at := slices.IndexFunc(v.Items, func(i Item) bool { return i.Path == path && i.Result.Report == rep })
	if at < 0 {
		return false
	}
	v.Items = slices.Clone(v.Items)
	f(&v.Items[at].Changes)
	return true
}

// comparing takes the answers. The first difference is shown at once, unless the user has gone on to something else.
func (v *Verification) comparing(e Event) {
	switch e := e.(type) {
	case SpotsFound:
		first := false
		if v.compared(e.Path, e.Report, func(c *Comparison) {
			first = len(c.Spots) == 0
			c.Spots = append(slices.Clone(c.Spots), e.Spots...)
			slices.SortStableFunc(c.Spots, func(a, b Spot) int { return a.Page - b.Page })
		}) && first {
			if i, ok := v.Item(); ok && i.Path == e.Path {
				v.turnToChange(i)
			}
		}
	case Compared:
		v.compared(e.Path, e.Report, func(c *Comparison) { c.Ended, c.More, c.Err = true, e.More, e.Err })
	case SpotChosen:
		v.Spot = e.Number
		if s, ok := v.Place(); ok {
			v.Page = s.Page
			if v.View == ViewSealed {
				v.View = ViewNow
			}
		}
	}
}

// turnToChange shows the first page that differs.
func (v *Verification) turnToChange(i Item) {
	if len(i.Changes.Spots) > 0 {
		v.Page = i.Changes.Spots[0].Page
	}
}
