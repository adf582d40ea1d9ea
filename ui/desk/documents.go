package desk

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"sealdesk/pdfseal"
	"sealdesk/pdfseal/rules"
	"sealdesk/pdfseal/trust"
	"sealdesk/ui/job"
	"sealdesk/ui/normalise"
	"sealdesk/ui/state"
)

// maxFiles bounds what is taken out of folders at once.
const maxFiles = 10_000

// Collect implements state.Work. Links to folders are not followed.
func (d *Desk) Collect(ctx context.Context, paths []string) (pdfs, others []string) {
	add := func(path string) {
		if abs, err := filepath.Abs(path); err == nil {
			path = abs
		}
		if strings.EqualFold(filepath.Ext(path), ".pdf") {
			if !slices.Contains(pdfs, path) {
				pdfs = append(pdfs, path)
			}
			return
		}
		others = append(others, path)
	}
	for _, p := range paths {
		if st, err := os.Stat(p); err != nil || !st.IsDir() {
			add(p)
			continue
		}
		_ = filepath.WalkDir(p, func(path string, e fs.DirEntry, err error) error {
			switch {
			case ctx.Err() != nil || len(pdfs) >= maxFiles:
				return fs.SkipAll
			case err != nil:
				return nil // a folder that cannot be read is passed over; what can be read is taken
			case !e.IsDir() && strings.EqualFold(filepath.Ext(path), ".pdf"):
				add(path)
			}
			return nil
		})
	}
	return pdfs, others
}

// OpenDocument implements state.Work.
func (d *Desk) OpenDocument(ctx context.Context, path string) (state.DocumentInfo, error) {
	var info state.DocumentInfo
	if err := job.Regular(path); err != nil {
		return info, err
	}
	var inv *pdfseal.Inventory
	err := d.withTrust(func(s *trust.Store) (err error) {
		inv, err = pdfseal.InspectFile(ctx, path, s)
		return err
	})
	if err != nil {
		info.Normalisable = normalise.Helps(err)
		return info, err
	}
	info.Pages, info.Findings = inv.Pages, inv.Findings
	f, err := pdfseal.OpenFile(path)
	if err != nil {
		return info, err
	}
	defer f.Close()
	if inv.Pages > 0 {
		if info.Width, info.Height, err = pdfseal.PageSize(ctx, f, 1); err != nil {
			return info, err
		}
	}
	if inv.Seals > 0 {
		info.Seals, err = d.existing(ctx, path)
	}
	return info, err
}

// Normalise implements state.Work. The copy has a name of its own beside the document, with a number where it is taken.
func (d *Desk) Normalise(ctx context.Context, path string) (string, error) {
	stem := strings.TrimSuffix(path, filepath.Ext(path)) + d.Catalogue().T("normalise.suffix", nil)
	out := stem + ".pdf"
	for n := 2; n < 10_000 && errors.Is(pdfseal.Absent(out), pdfseal.ErrOutputExists); n++ {
		out = stem + "-" + strconv.Itoa(n) + ".pdf"
	}
	r, err := normalise.File(ctx, path, out, nil)
	if err != nil {
		return "", err
	}
	return r.Path, nil
}

// existing finds where the seals of a document stand.
func (d *Desk) existing(ctx context.Context, path string) ([]state.Area3, error) {
	rep, err := d.verifyFile(ctx, path)
	if err != nil {
		return nil, err
	}
	var out []state.Area3
	for _, s := range rep.Seals {
		for _, m := range s.Marks {
			out = append(out, state.Area3{Page: m.Page, Area: state.Area{X: m.X, Y: m.Y, W: m.W, H: m.H}, Name: s.Seal.Name})
		}
	}
	return out, nil
}

// Resolve implements state.Work. The marks are those that `sealctl seal` would choose.
func (d *Desk) Resolve(ctx context.Context, path string, r state.Rule, s state.Seal) ([]state.Mark, error) {
	place, err := placeOf(r)
	if err != nil {
		return nil, err
	}
	f, err := pdfseal.OpenFile(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var open job.PageText
	defer func() {
		if open != nil {
			_ = open.Close() // it was only read
		}
	}()
	inv, err := pdfseal.Inspect(ctx, f, nil)
	if err != nil {
		return nil, err
	}
	return place.Marks(ctx, job.Target{Pages: inv.Pages, Seal: ruled(s), Text: func(ctx context.Context, page int) ([]rules.Run, error) {
		if open == nil {
			if open, err = d.Text.OpenText(ctx, path); err != nil {
				return nil, err
			}
		}
		return open.Text(ctx, page)
	}})
}

// Review implements state.Work. The findings are those of `sealctl seal`.
func (d *Desk) Review(ctx context.Context, path string, pages int, sealed []int, s state.Seal) ([]pdfseal.Finding, error) {
	r := job.Reviewer{Text: d.Text, Today: d.Now()}
	_ = d.withTrust(func(*trust.Store) error { // a bundle that cannot be used fixes nothing
		r.Refuse = d.config().Policy.Refuse
		return nil
	})
	return r.Review(ctx, path, pages, sealed, ruled(s))
}

// ruled is a seal as the regulations see it.
func ruled(s state.Seal) rules.Seal {
	return rules.Seal{Name: s.Name, Width: s.Width, Height: s.Height}
}

// Slices implements state.Work. They are those that `sealctl seal --straddle` would make.
func (d *Desk) Slices(ctx context.Context, path string, pages int, want state.Straddle, s state.Seal) ([]pdfseal.PlacedMark, error) {
	straddle, err := straddleOf(want)
	if err != nil || straddle == nil {
		return nil, err
	}
	f, err := pdfseal.OpenFile(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	plan, err := straddle.Resolve(pages)
	if err != nil {
		return nil, err
	}
	return pdfseal.PlanStraddle(ctx, f, plan, s.Width, s.Height)
}

// straddleOf turns a wish of the window into one of the job; nil where there is none.
func straddleOf(want state.Straddle) (*job.Straddle, error) {
	if !want.Wanted() {
		return nil, nil
	}
	pages, err := pagesOf(want.Pages)
	if err != nil {
		return nil, err
	}
	return &job.Straddle{Edge: want.Edge, Pages: pages, Centre: want.Centre}, nil
}

// pagesOf reads a choice of pages; the zero value stands for none.
func pagesOf(text string) (pages job.PageRange, err error) {
	if text == "" {
		return pages, nil
	}
	if pages, err = job.ParsePages(text); err != nil {
		return pages, &job.Error{Key: "place.page_range", Data: map[string]string{"Range": text, "Pages": ""}, Err: err}
	}
	return pages, nil
}

// placeOf turns a rule of the window into one of the job.
func placeOf(r state.Rule) (job.Place, error) {
	pages, err := pagesOf(r.Pages)
	if err != nil {
		return nil, err
	}
	switch r.Kind {
	case state.RuleKeyword:
		return job.Keyword{Text: r.Keyword, Pages: pages}, nil
	case state.RulePoint:
		return job.Fixed{Pages: pages, At: rules.Point{X: r.X, Y: r.Y}}, nil
	}
	return job.OverDate{Pages: pages}, nil
}
