package job

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"sealdesk/pdfseal"
	"sealdesk/pdfseal/rules"
	"sealdesk/token"
)

// gate inspects all documents before any key is touched (DESIGN §4, steps 1 and 2).
func (b *batch) gate(ctx context.Context) {
	taken := map[string]bool{}
	b.each(ctx, func(i int) error {
		b.order.progress(Progress{Phase: PhaseGate, Document: i})
		d := b.out[i].Document
		if err := Regular(d.In); err != nil {
			return err
		}
		if err := freeName(d, taken); err != nil {
			return err
		}
		inv, err := pdfseal.InspectFile(ctx, d.In, b.Trust)
		if err != nil {
			return err
		}
		b.pages[i] = inv.Pages
		return b.found(i, inv.Findings)
	})
}

// freeName refuses an output that exists, whose name is too long, that is the input, that another document of the batch becomes, or whose folder is not there.
func freeName(d Document, taken map[string]bool) error {
	in, err := os.Stat(d.In)
	if err != nil {
		return err
	}
	if out, err := os.Stat(d.Out); err == nil && os.SameFile(in, out) {
		return situation("file.output_is_input", nil, "Path", d.Out)
	}
	if err := pdfseal.Absent(d.Out); err != nil {
		return err
	}
	if taken[d.Out] {
		return fmt.Errorf("%w: %s", pdfseal.ErrOutputExists, d.Out)
	}
	taken[d.Out] = true
	return Folder(filepath.Dir(d.Out))
}

// place resolves where the seal stands on one document.
func (b *batch) place(ctx context.Context, i int, seal KeySeal) error {
	pages := &lazyPages{text: b.Text, path: b.out[i].In}
	defer pages.Close()
	t := Target{Pages: b.pages[i], Seal: rules.Seal{Name: seal.Seal.Name, Width: float64(seal.Seal.Picture.WidthMM), Height: float64(seal.Seal.Picture.HeightMM)},
		Text: pages.Text}
	marks, err := b.placeOf(i).Marks(ctx, t)
	if err != nil {
		return err
	}
	req := pdfseal.Request{Seal: seal.Seal.Raw, Signer: certificateOnly(seal.Certificate.DER), Marks: marks}
	if s := b.straddleOf(i); s != nil {
		resolved, err := s.Resolve(t.Pages)
		if err != nil {
			return err
		}
		req.Straddle = &resolved
	}
	b.marks[i], b.straddles[i] = req.Marks, req.Straddle
	if b.placed[i], err = pdfseal.CheckFile(ctx, b.out[i].In, req); err != nil {
		return err
	}
	return b.review(ctx, i, pages, t)
}

// review holds a document against the regulations, now that it is known which seal will stand on which pages (DESIGN §4, step 2).
func (b *batch) review(ctx context.Context, i int, pages *lazyPages, t Target) error {
	var sealed []int
	for _, m := range b.marks[i] {
		sealed = append(sealed, m.Page)
	}
	found, err := Reviewer{Text: b.Text, Refuse: b.Policy.Refuse, Today: b.now()}.review(ctx, pages, t.Pages, sealed, t.Seal)
	if err != nil {
		return err
	}
	return b.found(i, found)
}

// found keeps what was found of a document; the error lists what forbids sealing it.
func (b *batch) found(i int, list []pdfseal.Finding) error {
	var bad []pdfseal.Finding
	for _, f := range list {
		if f.Level == pdfseal.LevelRefuse {
			bad = append(bad, f)
			continue
		}
		b.out[i].Findings = append(b.out[i].Findings, f)
	}
	if len(bad) > 0 {
		return &pdfseal.RefusedError{Findings: bad}
	}
	return nil
}

// warm gets the reader of pages ready beside the work of the gate and the key, where a document is to be reviewed.
func (b *batch) warm(ctx context.Context) {
	if b.Text != nil && slices.ContainsFunc(b.out, func(o Outcome) bool { return reviewable(o.In) }) {
		go func() { _ = b.Text.Warm(ctx) }() // whoever needs the reader meets its error again
	}
}

// placeOf is where the whole seal is to stand on document i.
func (b *batch) placeOf(i int) Place {
	switch {
	case b.out[i].Place != nil:
		return b.out[i].Place
	case b.order.Place != nil:
		return b.order.Place
	}
	return Marked(nil)
}

// straddleOf is the straddle seal of document i, nil for none.
func (b *batch) straddleOf(i int) *Straddle {
	if s := b.out[i].Straddle; s != nil {
		return s
	}
	return b.order.Straddle
}

// certificateOnly stands for the key before the PIN is asked: it has a certificate and signs nothing.
type certificateOnly []byte

func (c certificateOnly) Certificate() []byte { return c }

func (certificateOnly) SignSM2(context.Context, []byte) ([]byte, error) {
	return nil, token.ErrNotLoggedIn
}
