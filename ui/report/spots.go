package report

import (
	"context"
	"maps"
	"slices"

	"sealdesk/pdfseal"
	"sealdesk/pdfseal/page"
	"sealdesk/ui/explain"
)

// Spot is one place of a page at which something was changed.
type Spot struct {
	Page      int
	Region    page.Region // without width: all of the page
	Then, Now string      // the text that stood there when sealed, and that stands there; cut, "" where there is none
	Missing   Missing     // a page that is not there, or cannot be drawn
	Sealed    bool        // Missing speaks of the page as it was sealed
	Shifted   bool        // pages before this one were added, removed or moved
	Change    *pdfseal.Change

	place string // where on the page, the end of a key "spot.place."
}

// Whole tells whether the spot is all of the page.
func (s Spot) Whole() bool { return s.Region.W <= 0 }

const (
	maxSpots = 24  // of one page
	slack    = 2.5 // millimetres by which the frame of a difference may be larger than what made it
)

// spots finds the words for what differs on a page.
func (w *comparer) spots(ctx context.Context, p *Pair) error {
	if s, ok := w.whole(p); ok {
		p.Spots = []Spot{s}
		return nil
	}
	var list []Spot
	var known []page.Region
	for i, c := range w.changes {
		if c.Page != p.Page || !c.Area.Known() || c.WholePage {
			continue
		}
		list = append(list, Spot{Page: p.Page, Region: page.Region(c.Area), Change: &w.changes[i]})
		known = append(known, page.Region(c.Area))
		if c.Was != nil {
			known = append(known, page.Region(*c.Was))
		}
	}
	cause := w.cause(p.Page)
	for _, r := range p.Regions {
		if !slices.ContainsFunc(known, func(k page.Region) bool { return within(r, k) }) {
			list = append(list, Spot{Page: p.Page, Region: r, Change: cause})
		}
	}
	if len(list) == 0 { // all of the page differs, and nothing says why
		list = []Spot{{Page: p.Page, Change: cause}}
	}
	p.Spots = list[:min(len(list), maxSpots)]
	return w.texts(ctx, p)
}

// whole says what happened to all of a page, if that is what makes it different.
func (w *comparer) whole(p *Pair) (Spot, bool) {
	s := Spot{Page: p.Page}
	for i, c := range w.changes {
		switch c.Key {
		case pdfseal.ChangePageRotated, pdfseal.ChangePageSize, pdfseal.ChangePageReplaced, pdfseal.ChangePageAdded, pdfseal.ChangePageRemoved:
			if c.Page == p.Page {
				s.Change = &w.changes[i]
			}
			turned := c.Key == pdfseal.ChangePageAdded || c.Key == pdfseal.ChangePageRemoved
			s.Shifted = s.Shifted || turned && c.Page < p.Page
		case pdfseal.ChangePagesMoved:
			s.Shifted = s.Shifted || onPage(c, p.Page)
		}
	}
	switch {
	case p.ThenMissing != "":
		s.Missing, s.Sealed = p.ThenMissing, true
	case p.NowMissing != "":
		s.Missing = p.NowMissing
	}
	return s, s.Missing != "" || s.Change != nil || s.Shifted && !p.Same
}

// cause finds what may explain a difference that no placed change explains: the content, a font, a picture of the page.
func (w *comparer) cause(n int) *pdfseal.Change {
	for i, c := range w.changes {
		switch c.Key {
		case pdfseal.ChangePageContent, pdfseal.ChangeFont, pdfseal.ChangePicture, pdfseal.ChangeDrawing, pdfseal.ChangeLayer, pdfseal.ChangeResource, pdfseal.ChangePage:
			if onPage(c, n) {
				return &w.changes[i]
			}
		}
	}
	return nil
}

// within tells whether a difference lies in the place of a change, whose edges it may cross by slack.
func within(r, k page.Region) bool {
	return r.X >= k.X-slack && r.Y >= k.Y-slack && r.X+r.W <= k.X+k.W+slack && r.Y+r.H <= k.Y+k.H+slack
}

// texts looks up what stood, and stands, at the spots of a page. A page whose text cannot be read has none.
func (w *comparer) texts(ctx context.Context, p *Pair) error {
	then, _ := w.then.Text(ctx, p.Page)
	now, _ := w.now.Text(ctx, p.Page)
	if err := ctx.Err(); err != nil {
		return err
	}
	size, err := w.then.PageSize(ctx, p.Page)
	if err != nil {
		size = page.Size{}
	}
	for i := range p.Spots {
		s := &p.Spots[i]
		if s.place = placeWord(s.Region, size); !s.Whole() {
			s.Then, s.Now = TextUnder(then, s.Region), TextUnder(now, s.Region)
		}
	}
	return ctx.Err()
}

// placeWord names the part of a page in which a region lies.
func placeWord(r page.Region, size page.Size) string {
	if r.W <= 0 || size.W <= 0 || size.H <= 0 {
		return "whole"
	}
	third := func(at, of float64, names [3]string) string { return names[max(0, min(2, int(3*at/of)))] }
	across := third(r.X+r.W/2, size.W, [3]string{"left", "middle", "right"})
	down := third(r.Y+r.H/2, size.H, [3]string{"top", "centre", "bottom"})
	const most = 0.7
	switch wide, tall := r.W > most*size.W, r.H > most*size.H; {
	case wide && tall:
		return "whole"
	case wide:
		return down
	case tall:
		return across
	}
	return down + "_" + across
}

// Sentence says in words what is different at the spot.
func (s Spot) Sentence(t Translator) string {
	w := writer{t: t}
	if s.Missing != "" && (s.Change == nil || s.Missing == Undrawn) && !(s.Shifted && s.Missing == Absent) {
		key := "spot.now."
		if s.Sealed {
			key = "spot.then."
		}
		return s.onPage(w, w.text(key+string(s.Missing)))
	}
	place := w.text("spot.place." + s.placeKey())
	if c := s.Change; c != nil && (s.Whole() || c.Area.Known() && !c.WholePage) {
		return s.caption(w, *c, place)
	}
	if s.Whole() {
		if s.Shifted {
			return s.onPage(w, w.text("spot.shifted"))
		}
		return s.onPage(w, w.text("spot.looks", "Place", place))
	}
	text := w.text(s.key(), "Then", s.Then, "Now", s.Now, "Place", place)
	if s.Change != nil {
		text = w.text("where.tail", "Text", text, "Parts", explain.ChangeCaption(t, *s.Change))
	}
	return s.onPage(w, text)
}

// caption is the sentence of the change at the spot, with the text that it concerns, or else its place on the page.
func (s Spot) caption(w writer, c pdfseal.Change, place string) string {
	c.Text, c.Data = "", maps.Clone(c.Data)
	if c.Data == nil {
		c.Data = map[string]string{}
	}
	c.Data[explain.Under] = s.Then
	text := explain.ChangeCaption(w.t, c)
	if s.Whole() || s.Then != "" && explain.TellsText(c.Key) {
		return text
	}
	if s.Then != "" {
		place = w.text("spot.here", "Text", s.Then)
	}
	return w.text("where.tail", "Text", text, "Parts", place)
}

func (s Spot) onPage(w writer, text string) string {
	return w.text("where.page", "Page", number(s.Page), "Text", text)
}

func (s Spot) placeKey() string {
	if s.place == "" {
		return "whole"
	}
	return s.place
}

// key chooses the sentence of a difference by the text at its place.
func (s Spot) key() string {
	switch {
	case s.Then != "" && s.Now != "" && s.Then != s.Now:
		return "spot.text_changed"
	case s.Then != "" && s.Now == "":
		return "spot.text_gone"
	case s.Then == "" && s.Now != "":
		return "spot.text_new"
	case s.Then != "":
		return "spot.text_looks"
	}
	return "spot.looks"
}

// Sentences are those of all spots of the pair, in the order of their numbers.
func (p Pair) Sentences(t Translator) []string {
	out := make([]string, 0, len(p.Spots))
	for _, s := range p.Spots {
		out = append(out, s.Sentence(t))
	}
	return out
}
