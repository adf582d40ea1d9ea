package job

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"os"
	"slices"
	"time"

	"sealdesk/pdfseal"
	"sealdesk/pdfseal/rules"
)

// Bounds of what is looked at before sealing. What lies beyond them is listed as not looked at: the review may not make sealing slow, nor
// need more memory for a large document than sealing itself.
const (
	maxReviewedFile  = 32 << 20 // bytes
	maxReviewedPages = 50
	reviewPatience   = 5 * time.Second
	enginePatience   = 30 * time.Second // for what reads pages to get ready
)

// Reviewer holds documents against the regulations (pdfseal/rules) before they are sealed.
type Reviewer struct {
	Text   TextReader    // nil: no page is looked at
	Refuse []rules.Check // which refuse although they would only warn
	Today  time.Time

	Patience time.Duration // for opening a document and for each page; when it is over no further page is begun. 0: five seconds
}

// Review tells what the regulations say of a seal on a document. pages is how many it has, sealed are those on which the whole seal stands;
// with them the first and the last page are looked at. Pages that cannot be looked at are a note. The error is that of ctx.
func (r Reviewer) Review(ctx context.Context, path string, pages int, sealed []int, seal rules.Seal) ([]pdfseal.Finding, error) {
	p := &lazyPages{text: r.Text, path: path}
	defer p.Close()
	return r.review(ctx, p, pages, sealed, seal)
}

func (r Reviewer) review(ctx context.Context, p *lazyPages, pages int, sealed []int, seal rules.Seal) ([]pdfseal.Finding, error) {
	wanted := map[int]bool{1: true, pages: true}
	for _, n := range sealed {
		wanted[n] = true
	}
	patience := cmp.Or(r.Patience, reviewPatience)
	able := r.able(ctx, p, patience)
	began := time.Now()
	var sheets []rules.Sheet
	for i, n := range slices.Sorted(maps.Keys(wanted)) {
		s := rules.Sheet{Unread: true}
		if able && i < maxReviewedPages && time.Since(began) < patience {
			s = p.sheet(ctx, n, slices.Contains(sealed, n), patience)
			able = !s.Unread // what fails once may take as long on every page
		}
		s.Page = n
		sheets = append(sheets, s)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return r.findings(rules.Review(sheets, seal, r.Today.In(zone))), nil
}

// able tells whether the pages of a document can be looked at, and opens it once the engine is ready.
func (r Reviewer) able(ctx context.Context, p *lazyPages, patience time.Duration) bool {
	if r.Text == nil || !reviewable(p.path) {
		return false
	}
	warming, stop := context.WithTimeout(ctx, enginePatience)
	defer stop()
	if r.Text.Warm(warming) != nil {
		return false
	}
	opening, stop := context.WithTimeout(ctx, patience)
	defer stop()
	_, err := p.get(opening)
	return err == nil
}

func reviewable(path string) bool {
	st, err := os.Stat(path)
	return err == nil && st.Size() <= maxReviewedFile
}

// findings raises what the policy raises, and joins what is the same on several pages.
func (r Reviewer) findings(list []rules.Finding) []pdfseal.Finding {
	var out []pdfseal.Finding
	var on [][]int
	for _, f := range list {
		level := pdfseal.Level(f.Level)
		if slices.Contains(r.Refuse, f.Check) {
			level = pdfseal.LevelRefuse
		}
		at := slices.IndexFunc(out, func(o pdfseal.Finding) bool { return o.Key == f.Key && maps.Equal(o.Data, f.Data) })
		if at < 0 {
			at = len(out)
			out = append(out, pdfseal.Finding{Rule: f.Clause, Level: level, Key: f.Key, Detail: string(f.Check), Data: f.Data})
			on = append(on, nil)
		}
		if f.Page > 0 {
			on[at] = append(on[at], f.Page)
		}
	}
	for i := range out {
		out[i] = out[i].On(on[i])
	}
	return out
}

// lazyPages opens a document for its pages when they are first asked for.
type lazyPages struct {
	text TextReader
	path string
	open PageText
}

func (p *lazyPages) get(ctx context.Context) (PageText, error) {
	if p.text == nil {
		return nil, errors.New("job: no reader for page text")
	}
	if p.open == nil {
		var err error
		if p.open, err = p.text.OpenText(ctx, p.path); err != nil {
			return nil, err
		}
	}
	return p.open, nil
}

// Text answers the text of a page.
func (p *lazyPages) Text(ctx context.Context, page int) ([]rules.Run, error) {
	open, err := p.get(ctx)
	if err != nil {
		return nil, err
	}
	return open.Text(ctx, page)
}

// sheet reads a page for the review, and draws it if it is sealed.
func (p *lazyPages) sheet(ctx context.Context, page int, sealed bool, patience time.Duration) rules.Sheet {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var s rules.Sheet
	open, err := p.get(ctx)
	if err == nil {
		s, err = open.Sheet(ctx, page, sealed)
	}
	s.Sealed, s.Unread = sealed, err != nil
	return s
}

// Close ends the reading.
func (p *lazyPages) Close() error {
	if p.open == nil {
		return nil
	}
	return p.open.Close()
}
