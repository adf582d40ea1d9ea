package report

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode"

	"sealdesk/pdfseal"
	"sealdesk/pdfseal/page"
	"sealdesk/ui/explain"
)

const (
	maxText  = 20 // characters of a text that a sentence quotes
	wholeRun = 12 // a word or number of so many is quoted whole
	leastRun = 6  // a shorter text is quoted with its neighbours
	near     = 4  // of them on each side, at most
)

// TextUnder gives the text of runs that stands in a region, line by line, cut to some 20 characters and free of control characters. A piece of
// a word or number is given with its neighbours.
func TextUnder(runs []page.Run, r page.Region) string {
	type piece struct {
		text string
		x, y float64
		h    float64
	}
	var pieces []piece
	for _, run := range runs {
		all := []rune(run.Text)
		if shared := min(run.Y+run.H, r.Y+r.H) - max(run.Y, r.Y); len(all) == 0 || shared < min(run.H, r.H)/2 {
			continue
		}
		step := run.W / float64(len(all))
		first, last := -1, -1
		for i := range all {
			left := run.X + float64(i)*step
			if mid := left + step/2; mid >= r.X && mid <= r.X+r.W || left <= r.X+r.W/2 && r.X+r.W/2 < left+step {
				if first < 0 {
					first = i
				}
				last = i
			}
		}
		if first < 0 {
			continue
		}
		switch {
		case len(all) <= wholeRun:
			first, last = 0, len(all)-1
		case last-first+1 < leastRun:
			first, last = max(0, first-near), min(len(all)-1, last+near)
		}
		pieces = append(pieces, piece{string(all[first : last+1]), run.X, run.Y + run.H/2, run.H})
	}
	slices.SortStableFunc(pieces, func(a, b piece) int {
		switch d := a.y - b.y; {
		case d < -min(a.h, b.h)/2:
			return -1
		case d > min(a.h, b.h)/2:
			return 1
		case a.x < b.x:
			return -1
		case a.x > b.x:
			return 1
		}
		return 0
	})
	texts := make([]string, 0, len(pieces))
	for _, p := range pieces {
		texts = append(texts, p.text)
	}
	return quote(strings.Join(texts, " "))
}

// quote makes a text of a document fit for a sentence.
func quote(s string) string {
	var b strings.Builder
	n := 0
	for _, r := range s {
		if !unicode.IsGraphic(r) || unicode.Is(unicode.Bidi_Control, r) || r == unicode.ReplacementChar || unicode.Is(unicode.Co, r) {
			continue
		}
		if n++; n > maxText {
			return strings.TrimSpace(b.String()) + "…"
		}
		b.WriteRune(r)
	}
	return strings.TrimSpace(b.String())
}

// Bounds of Describe.
const (
	maxDescribed = 40
	describeTime = 6 * time.Second
)

// Describe looks up, for the changes of a report that stand in one place of a page, the text that stood there when the document was sealed,
// and puts it where explain.Change finds it. It draws nothing. Where the text cannot be read the changes stay as they are.
func Describe(ctx context.Context, path string, rep *pdfseal.Report) {
	base := ChangedSince(rep)
	var list []*pdfseal.Change
	for i := range rep.Changes {
		c := &rep.Changes[i]
		if !c.Permitted() && c.Page > 0 && c.Area.Known() && !c.WholePage && explain.TellsText(c.Key) && len(list) < maxDescribed {
			list = append(list, c)
		}
	}
	if base == 0 || len(list) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, describeTime)
	defer cancel()
	f, err := pdfseal.OpenFile(path)
	if err != nil {
		return
	}
	defer f.Close()
	src, err := pdfseal.AtRevision(ctx, f, base)
	if err != nil {
		return
	}
	then, err := page.New(ctx, src, src.Size())
	if err != nil {
		return
	}
	defer then.Close()
	texts := map[int][]page.Run{}
	for _, c := range list {
		if _, known := texts[c.Page]; !known {
			texts[c.Page], _ = then.Text(ctx, c.Page)
		}
		if text := TextUnder(texts[c.Page], page.Region(c.Area)); text != "" {
			c.Data[explain.Under] = text
		}
	}
}
