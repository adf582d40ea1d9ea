package job

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

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
		for _, f := range inv.Findings {
			if f.Level != pdfseal.LevelRefuse {
				b.out[i].Findings = append(b.out[i].Findings, f)
			}
		}
		if bad := inv.Refused(); len(bad) > 0 {
			return &pdfseal.RefusedError{Findings: bad}
		}
		return nil
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
	t := Target{Pages: b.pages[i], Width: float64(seal.Seal.Picture.WidthMM), Height: float64(seal.Seal.Picture.HeightMM)}
	var open PageText
	t.Text = func(ctx context.Context, page int) ([]rules.Run, error) {
		if b.Text == nil {
			return nil, errors.New("job: no reader for page text")
		}
		if open == nil {
			var err error
			if open, err = b.Text.OpenText(ctx, b.out[i].In); err != nil {
				return nil, err
			}
		}
		return open.Text(ctx, page)
	}
	marks, err := b.placeOf(i).Marks(ctx, t)
	if open != nil {
		err = errors.Join(err, open.Close())
	}
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
	b.placed[i], err = pdfseal.CheckFile(ctx, b.out[i].In, req)
	return err
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
