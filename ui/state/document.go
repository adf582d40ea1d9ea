package state

import (
	"slices"

	"sealdesk/pdfseal"
)

// RuleKind says how the place of the seal is found.
type RuleKind string

// The ways to find a place.
const (
	RuleDate    RuleKind = "date"    // over the organ's name and the date (GB/T 9704-2012, 7.3.5.1)
	RuleKeyword RuleKind = "keyword" // on a text
	RulePoint   RuleKind = "point"   // one point on several pages
	RuleHand    RuleKind = "hand"    // by hand, document by document
)

// Rule finds places on a document.
type Rule struct {
	Kind    RuleKind
	Keyword string
	Pages   string // such as "1,3-6,last"; empty: what the kind means by itself
	X, Y    float64
}

// Document is one document on the screen for sealing.
type Document struct {
	Path     string
	Info     DocumentInfo
	Loaded   bool
	Err      error // why it cannot be read
	Rule     Rule
	Marks    []Mark
	Finding  bool // a place is being looked for
	PlaceErr error
	Straddle Straddle // wanted besides the marks, or without any
	Slices   Slices
	Review   Review
	Copying  Copying
	Outcome  *Outcome
}

// Refused returns the findings that forbid sealing.
func (d Document) Refused() []pdfseal.Finding {
	var out []pdfseal.Finding
	for _, f := range d.Findings() {
		if f.Level == pdfseal.LevelRefuse {
			out = append(out, f)
		}
	}
	return out
}

// Rank says how urgent what is known of the document is.
func (d Document) Rank() Rank {
	switch {
	case d.Outcome != nil && d.Outcome.Sealed:
		return RankReady
	case d.Err != nil || len(d.Refused()) > 0 || d.Outcome != nil && d.Outcome.Err != nil:
		return RankStop
	case !d.Loaded || d.Finding || d.Slices.Finding || d.Review.Running:
		return RankWaiting
	case d.PlaceErr != nil || !d.Placed():
		return RankNotice
	}
	for _, f := range d.Findings() {
		if f.Level == pdfseal.LevelWarn {
			return RankNotice
		}
	}
	return RankReady
}

// Done tells whether the document has been sealed.
func (d Document) Done() bool { return d.Outcome != nil && d.Outcome.Sealed }

// place returns the document with a mark added. A page takes one; a further click moves it.
func (d Document) place(m Mark) Document {
	d = d.byHand()
	d.Marks = slices.Clone(d.Marks)
	if at := slices.IndexFunc(d.Marks, func(o Mark) bool { return o.Page == m.Page }); at >= 0 {
		d.Marks[at] = m
		return d
	}
	d.Marks = append(d.Marks, m)
	slices.SortFunc(d.Marks, func(a, b Mark) int { return a.Page - b.Page })
	return d
}

// remove returns the document without its mark on a page.
func (d Document) remove(page int) Document {
	d = d.byHand()
	d.Marks = slices.DeleteFunc(slices.Clone(d.Marks), func(m Mark) bool { return m.Page == page })
	return d
}

// byHand returns the document placed by hand from now on. An answer to the rule before, which may be under way, is not waited for.
func (d Document) byHand() Document {
	d.Rule, d.Finding, d.PlaceErr = Rule{Kind: RuleHand}, false, nil
	return d
}

// MarkOn returns the mark on a page.
func (d Document) MarkOn(page int) (Mark, bool) {
	at := slices.IndexFunc(d.Marks, func(m Mark) bool { return m.Page == page })
	if at < 0 {
		return Mark{}, false
	}
	return d.Marks[at], true
}
