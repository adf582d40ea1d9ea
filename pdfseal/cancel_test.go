package pdfseal_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"

	"sealdesk/pdfseal"
	"sealdesk/pdfseal/internal/mutant"
)

// counted counts the bytes that are read of a document.
type counted struct {
	*bytes.Reader
	read atomic.Int64
}

func (c *counted) ReadAt(p []byte, off int64) (int, error) {
	c.read.Add(int64(len(p)))
	return c.Reader.ReadAt(p, off)
}

// TestVerify_cancel: progress covers the document in order, and a cancelled verification reads next to nothing more of it: at most what is
// hashed in a few milliseconds.
func TestVerify_cancel(t *testing.T) {
	o := newOffice(t)
	doc := writeTable([]string{"<</Type /Catalog /Pages 2 0 R /Large 4 0 R>>", "<</Type /Pages /Count 1 /Kids [3 0 R]>>",
		"<</Type /Page /Parent 2 0 R /MediaBox [0 0 595 842]>>", mutant.Stream("", strings.Repeat("0", 40<<20))}, "")
	sealed := o.affix(t, doc, 0, pdfseal.Mark{Page: 1, X: 100, Y: 100})
	src := &counted{Reader: bytes.NewReader(sealed)}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	last, before := int64(0), int64(0)
	options := pdfseal.VerifyOptions{Trust: o.trust, Now: now, Progress: func(done, total int64) {
		if done <= last || total != int64(len(sealed)) {
			t.Errorf("progress %d of %d after %d", done, total, last)
		}
		if last = done; done > total/2 && before == 0 {
			before = src.read.Load()
			cancel()
		}
	}}
	if _, err := pdfseal.Verify(ctx, src, options); !errors.Is(err, context.Canceled) {
		t.Fatalf("cancelled: %v", err)
	}
	if after := src.read.Load() - before; before == 0 || after > 2<<20 {
		t.Errorf("%d bytes were read after the cancel at %d", after, before)
	}
	last, before = 0, 1
	rep, err := pdfseal.Verify(t.Context(), src, options)
	if err != nil || last != int64(len(sealed)) {
		t.Fatalf("progress ends at %d of %d: %v", last, len(sealed), err)
	}
	wantAccepted(t, rep, 1)
}
