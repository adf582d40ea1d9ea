package pdfseal_test

import (
	"bytes"
	"context"
	"math/bits"
	"math/rand/v2"
	"regexp"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"sealdesk/pdfseal"
)

// hexCaseOnly tells whether old and new are the same hexadecimal digit in another case.
func hexCaseOnly(old, now byte) bool {
	lower := func(b byte) byte {
		if b >= 'A' && b <= 'F' {
			return b + 32
		}
		return b
	}
	isHex := func(b byte) bool { return b >= '0' && b <= '9' || b >= 'a' && b <= 'f' }
	return isHex(lower(old)) && lower(old) == lower(now)
}

// gapOf returns the /Contents token of the last seal.
func gapOf(t testing.TB, sealed []byte) (from, to int) {
	t.Helper()
	all := regexp.MustCompile(`/Contents ?<[0-9A-Fa-f]+>`).FindAllIndex(sealed, -1)
	if len(all) == 0 {
		t.Fatal("no /Contents")
	}
	last := all[len(all)-1]
	return last[0] + bytes.IndexByte(sealed[last[0]:], '<'), last[1]
}

// telling are the bytes that mean something in a PDF, and the ends of the range.
const telling = "\x00\t\n\f\r %()/0159<>[]afx\x7f\x80\xff"

// TestVerify_everyByteChange changes every byte of a small sealed file: in the short run to one other value and by one flipped bit, in the long
// run by each flipped bit and to each telling byte. Nothing but the case of a hexadecimal digit inside /Contents may leave it valid.
func TestVerify_everyByteChange(t *testing.T) {
	o := newOffice(t)
	sealed := o.affix(t, document(a4), 0, pdfseal.Mark{Page: 1, X: 100, Y: 100})
	wantAccepted(t, o.verify(t, sealed), 1)
	from, to := gapOf(t, sealed)
	values := func(i int) []byte {
		if isLong() {
			out := make([]byte, 0, 8+len(telling))
			for d := range 8 {
				out = append(out, sealed[i]^1<<d)
			}
			for _, v := range []byte(telling) {
				if v != sealed[i] && bits.OnesCount8(v^sealed[i]) > 1 {
					out = append(out, v)
				}
			}
			return out
		}
		r := rand.New(rand.NewPCG(uint64(i), 38540))
		return []byte{sealed[i] ^ 1<<r.IntN(8), sealed[i] ^ byte(1+r.IntN(255))}
	}
	var tried, accepted atomic.Int64
	parallel(len(sealed), func(next func() (int, bool)) {
		doc := bytes.Clone(sealed)
		for i, ok := next(); ok; i, ok = next() {
			for _, v := range values(i) {
				if i > from && i < to-1 && hexCaseOnly(sealed[i], v) {
					continue
				}
				doc[i] = v
				tried.Add(1)
				if got := o.verdict(doc); got.Accepted() {
					accepted.Add(1)
					t.Errorf("byte %d changed from %#02x to %#02x: %s", i, sealed[i], v, got)
				}
			}
			doc[i] = sealed[i]
		}
	})
	t.Logf("%d changes of a file of %d bytes, %d accepted", tried.Load(), len(sealed), accepted.Load())
	if tried.Load() < int64(len(sealed)) {
		t.Error("not every byte was tried")
	}
}

// parallel runs work on all cores; next hands out 0 … n-1.
func parallel(n int, work func(next func() (int, bool))) {
	var at atomic.Int64
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			work(func() (int, bool) {
				i := int(at.Add(1)) - 1
				return i, i < n
			})
		})
	}
	wg.Wait()
}

// TestVerify_everyTruncation cuts the file at every place.
func TestVerify_everyTruncation(t *testing.T) {
	o := newOffice(t)
	sealed := o.affix(t, document(a4), 0, pdfseal.Mark{Page: 1, X: 100, Y: 100})
	step := 1
	if !isLong() {
		step = 7
	}
	parallel(len(sealed)/step, func(next func() (int, bool)) {
		for i, ok := next(); ok; i, ok = next() {
			if got := o.verdict(sealed[:i*step]); got.Accepted() {
				t.Errorf("the first %d bytes are %s", i*step, got)
			}
		}
	})
	for cut := 1; cut < 40; cut++ {
		if got := o.verdict(sealed[:len(sealed)-cut]); got.Accepted() {
			t.Errorf("without the last %d bytes: %s", cut, got)
		}
	}
}

// TestVerify_everyTail appends bytes of every length up to 64 and of every value.
func TestVerify_everyTail(t *testing.T) {
	o := newOffice(t)
	sealed := o.affix(t, document(a4), 0, pdfseal.Mark{Page: 1, X: 100, Y: 100})
	for n := 1; n <= 64; n++ {
		for _, b := range []byte{0, ' ', '\n', '%', 'x'} {
			if got := o.verdict(append(bytes.Clone(sealed), bytes.Repeat([]byte{b}, n)...)); got.Accepted() {
				t.Errorf("with %d times %#02x appended: %s", n, b, got)
			}
		}
	}
	for b := range 256 {
		if got := o.verdict(append(bytes.Clone(sealed), byte(b))); got.Accepted() {
			t.Errorf("with %#02x appended: %s", b, got)
		}
	}
}

// TestVerify_laterChanges appends whole increments that are no further seal; the seal before them is changed_after_seal.
func TestVerify_laterChanges(t *testing.T) {
	o := newOffice(t)
	sealed := o.affix(t, document(a4, a4), 0, pdfseal.Mark{Page: 1, X: 100, Y: 100})
	again := o.affix(t, sealed, 1, pdfseal.Mark{Page: 2, X: 100, Y: 100})
	other := o.affix(t, document(a4, a4), 0, pdfseal.Mark{Page: 1, X: 100, Y: 100})
	cases := map[string][]byte{
		"page content redefined":  increment(sealed, 1, map[int]string{5: "<< /Length 44 >>\nstream\nBT /F1 12 Tf 60 60 Td (Pay 1,000,000) Tj ET   \nendstream"}),
		"page redefined":          increment(sealed, 1, map[int]string{6: "<< /Type /Page /Parent 2 0 R /MediaBox [ 0 0 300 300 ] /Contents 7 0 R /Resources << >> >>"}),
		"page tree redefined":     increment(sealed, 1, map[int]string{2: "<< /Type /Pages /Count 1 /Kids [ 4 0 R ] >>"}),
		"catalogue redefined":     increment(sealed, 1, map[int]string{1: "<< /Type /Catalog /Pages 2 0 R >>"}),
		"orphan object":           increment(sealed, 1, map[int]string{90: "<< /Hello /World >>"}),
		"font redefined":          increment(sealed, 1, map[int]string{3: "<< /Type /Font /Subtype /Type1 /BaseFont /Courier >>"}),
		"nothing but a table":     increment(sealed, 1, nil),
		"annotation on a page":    increment(sealed, 1, map[int]string{6: "<< /Type /Page /Parent 2 0 R /MediaBox [ 0 0 595.276 841.89 ] /Contents 7 0 R /Resources << /Font << /F1 3 0 R >> >> /Annots [ 90 0 R ] >>", 90: "<< /Type /Annot /Subtype /FreeText /Rect [ 10 10 200 200 ] /Contents (x) /DA (/F1 12 Tf) >>"}),
		"after two seals":         increment(again, 1, map[int]string{3: "<< /Type /Font /Subtype /Type1 /BaseFont /Courier >>"}),
		"the document again":      append(bytes.Clone(sealed), sealed...),
		"another sealed document": append(bytes.Clone(sealed), other...),
	}
	for name, doc := range cases {
		t.Run(name, func(t *testing.T) {
			rep, err := pdfseal.Verify(context.Background(), bytes.NewReader(doc), pdfseal.VerifyOptions{Trust: o.trust, Now: now})
			if err != nil {
				t.Fatal(err)
			}
			if rep.Verdict != pdfseal.VerdictInvalid || len(rep.Seals) == 0 {
				t.Fatalf("verdict %s with %d seals\n%s", rep.Verdict, len(rep.Seals), failures(rep))
			}
			for _, r := range rep.Seals[0].Reasons {
				if r.Key == pdfseal.ReasonChanged {
					return
				}
			}
			t.Errorf("not called changed after sealing:\n%s", failures(rep))
		})
	}
}

// BenchmarkVerify_small measures one verification of a small sealed file.
func BenchmarkVerify_small(b *testing.B) {
	o := newOffice(b)
	sealed := o.affix(b, document(a4), 0, pdfseal.Mark{Page: 1, X: 100, Y: 100})
	for b.Loop() {
		o.verdict(sealed)
	}
}

// BenchmarkVerify_changed measures one verification of a small sealed file with one byte changed.
func BenchmarkVerify_changed(b *testing.B) {
	o := newOffice(b)
	sealed := o.affix(b, document(a4), 0, pdfseal.Mark{Page: 1, X: 100, Y: 100})
	for i := 0; b.Loop(); i++ {
		at := i * 7919 % len(sealed)
		sealed[at] ^= byte(1 + i%255)
		o.verdict(sealed)
		sealed[at] ^= byte(1 + i%255)
	}
}
