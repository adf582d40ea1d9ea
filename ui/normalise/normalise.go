// Package normalise writes a new copy of a document whose structure the strict reader refuses, so that the copy can be sealed (rule
// W3). The document itself is never changed, and a copy is only kept where every page of it looks and reads the same.
package normalise

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"sealdesk/pdfseal"
	"sealdesk/pdfseal/page"
	"sealdesk/ui/job"
)

// Progress tells how many of the pages have been compared; it may be nil.
type Progress func(done, total int)

// Result is what was written.
type Result struct {
	Path  string
	Pages int
	Rule  string // that the document breaks, such as "S5"
}

// Helps tells whether an error of opening a document is one that a new copy may help with: its structure breaks a rule of the strict
// reader, and it is neither encrypted, nor no PDF at all, nor beyond the limits.
func Helps(err error) bool {
	var s *pdfseal.SyntaxError
	return errors.As(err, &s) && strings.HasPrefix(s.Rule, "S") && !errors.Is(err, pdfseal.ErrEncrypted) && !errors.Is(err, pdfseal.ErrNotPDF) && !errors.Is(err, pdfseal.ErrLimit)
}

// File writes the copy of in as the new file out, which appears whole or not at all. It is refused for a document that needs none, that
// carries a seal or signature, that readers may show in different ways, or whose copy would show anything else.
//
// Errors are *job.Error with a key "normalise.", those of opening in, pdfseal.ErrOutputExists, *pdfseal.SaveError, and those of ctx.
func File(ctx context.Context, in, out string, progress Progress) (*Result, error) {
	if err := job.Regular(in); err != nil {
		return nil, err
	}
	if err := pdfseal.Absent(out); err != nil {
		return nil, err
	}
	f, err := pdfseal.OpenFile(in)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	_, refused := pdfseal.Inspect(ctx, f, nil)
	if refused == nil {
		return nil, &job.Error{Key: "normalise.needless"}
	}
	if !Helps(refused) {
		return nil, refused
	}
	data, err := pdfseal.Normalise(ctx, f)
	if err != nil {
		return nil, explained(err)
	}
	copied := memory{bytes.NewReader(data)}
	inv, err := pdfseal.Inspect(ctx, copied, nil)
	if err != nil {
		return nil, unusable(ctx, err)
	}
	if err := same(ctx, f, copied, inv.Pages, progress); err != nil {
		return nil, err
	}
	if err := pdfseal.WriteNewFile(out, data); err != nil {
		return nil, err
	}
	var s *pdfseal.SyntaxError
	errors.As(refused, &s)
	return &Result{Path: out, Pages: inv.Pages, Rule: s.Rule}, nil
}

// memory is a document in memory.
type memory struct{ *bytes.Reader }

var _ pdfseal.Source = memory{}

func explained(err error) error {
	switch {
	case errors.Is(err, pdfseal.ErrCarriesSeal):
		return &job.Error{Key: "normalise.sealed", Err: err}
	case errors.Is(err, pdfseal.ErrUnwritable):
		return unwritable(err)
	}
	return err
}

// unusable is a copy that cannot be sealed either.
func unusable(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("normalise: %w", context.Cause(ctx))
	}
	return unwritable(err)
}

func unwritable(err error) error {
	return &job.Error{Key: "normalise.unwritable", Data: map[string]string{"Detail": err.Error()}, Err: err}
}

// same demands that every page of the copy looks and reads as in the document, and as in the document read in the other ways in which
// readers do: by its table alone, and with its objects looked up one by one because the table is not believed.
func same(ctx context.Context, f *pdfseal.File, copied memory, pages int, progress Progress) error {
	raw := make([]byte, f.Size())
	if _, err := f.ReadAt(raw, 0); err != nil {
		return fmt.Errorf("normalise: read: %w", err)
	}
	now, err := page.New(ctx, copied, copied.Size())
	if err != nil {
		return unusable(ctx, err)
	}
	defer now.Close()
	then, err := page.New(ctx, bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		return unusable(ctx, err)
	}
	defer then.Close()
	if now.Pages() != pages || then.Pages() != pages {
		return &job.Error{Key: "normalise.pages", Data: map[string]string{"Before": strconv.Itoa(then.Pages()), "After": strconv.Itoa(now.Pages())}}
	}
	if err := equal(ctx, then, now, "normalise.differs", progress); err != nil {
		return err
	}
	for _, other := range otherReadings(raw) {
		doc, err := page.New(ctx, bytes.NewReader(other), int64(len(other)))
		if err != nil {
			if ctx.Err() != nil {
				return fmt.Errorf("normalise: %w", context.Cause(ctx))
			}
			continue // such a reader shows nothing at all, which nobody takes for the document
		}
		err = equal(ctx, doc, now, "normalise.readers", nil)
		if err = errors.Join(err, doc.Close()); err != nil {
			return err
		}
	}
	return nil
}

// otherReadings are the document as a reader sees it that knows no hybrid files, and as one that rebuilds the cross-reference.
func otherReadings(raw []byte) [][]byte {
	var out [][]byte
	if bytes.Contains(raw, []byte("/XRefStm")) {
		out = append(out, bytes.ReplaceAll(raw, []byte("/XRefStm"), []byte("/XRefSt_")))
	}
	if !bytes.Contains(raw, []byte("/ObjStm")) { // objects in streams are not found without the cross-reference
		out = append(out, bytes.ReplaceAll(raw, []byte("startxref"), []byte("startxre_")))
	}
	return out
}

// dpi is the resolution at which pages are compared: small print is legible.
const dpi = 110

// equal compares pictures and text of all pages; the first page that differs is the error.
func equal(ctx context.Context, a, b *page.Document, key string, progress Progress) error {
	differs := func(n int) error {
		return &job.Error{Key: key, Data: map[string]string{"Page": strconv.Itoa(n)}}
	}
	if a.Pages() != b.Pages() {
		return differs(min(a.Pages(), b.Pages()) + 1)
	}
	if err := page.Compare(ctx, a, b, dpi, progress, func(d page.Difference) error { return differs(d.Page) }); err != nil {
		return err
	}
	for n := 1; n <= a.Pages(); n++ {
		then, errA := a.Text(ctx, n)
		now, errB := b.Text(ctx, n)
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("normalise: %w", err)
		}
		if errA != nil || errB != nil || reading(then) != reading(now) {
			return differs(n)
		}
	}
	return nil
}

// reading is the text of a page in its order.
func reading(runs []page.Run) string {
	var b strings.Builder
	for _, r := range runs {
		b.WriteString(r.Text)
		b.WriteByte('\n')
	}
	return b.String()
}
