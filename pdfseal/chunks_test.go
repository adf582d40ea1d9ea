package pdfseal

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"sealdesk/pdfseal/gm"
)

// TestInChunks: both see every byte once and in order, and the second never sees what the first has not.
func TestInChunks(t *testing.T) {
	b := make([]byte, 3*chunkSize+17)
	rand.NewChaCha8([32]byte{}).Read(b)
	for _, size := range []int{0, 1, chunkSize - 1, chunkSize, chunkSize + 1, 2 * chunkSize, len(b)} {
		for _, from := range []int{0, 1, size / 2, size} {
			var first, second bytes.Buffer
			err := inChunks(t.Context(), bytes.NewReader(b[:size]), int64(from), func(c chunk) error {
				_, err := first.Write(c.bytes)
				return err
			}, func(c chunk) error {
				if c.off != int64(from+second.Len()) {
					t.Errorf("%d bytes from %d: chunk at %d", size, from, c.off)
				}
				second.Write(c.bytes)
				return nil
			})
			if want := b[min(from, size):size]; err != nil || !bytes.Equal(first.Bytes(), want) || !bytes.Equal(second.Bytes(), want) {
				t.Errorf("%d bytes from %d: %d and %d bytes, %v", size, from, first.Len(), second.Len(), err)
			}
		}
	}
}

// TestInChunks_ends: after an error of either side, or a cancel, nothing is read or written any more.
func TestInChunks_ends(t *testing.T) {
	src := bytes.NewReader(make([]byte, 9*chunkSize))
	boom := errors.New("boom")
	fails := func(at int64) func(chunk) error {
		return func(c chunk) error {
			if c.off >= at {
				return boom
			}
			return nil
		}
	}
	never := fails(src.Size())
	for name, c := range map[string]struct {
		first, second func(chunk) error
		most          int64 // of bytes that the first may see
	}{
		"first":  {fails(2 * chunkSize), never, 3 * chunkSize},
		"second": {never, fails(2 * chunkSize), 5 * chunkSize},
		"both":   {fails(0), fails(0), chunkSize},
	} {
		seen := int64(0)
		err := inChunks(t.Context(), src, 0, func(p chunk) error {
			seen += int64(len(p.bytes))
			return c.first(p)
		}, c.second)
		if !errors.Is(err, boom) || seen > c.most {
			t.Errorf("%s: %v after %d bytes", name, err, seen)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	seen := 0
	err := inChunks(ctx, src, 0, nil, func(chunk) error {
		seen++
		cancel()
		return nil
	})
	if !errors.Is(err, context.Canceled) || seen > 3 {
		t.Errorf("cancelled: %v after %d chunks", err, seen)
	}
}

func TestHashSource(t *testing.T) {
	b := make([]byte, 2*chunkSize+5)
	rand.NewChaCha8([32]byte{1}).Read(b)
	for _, size := range []int{0, 7, chunkSize, len(b)} {
		h := gm.NewSM3()
		h.Write(b[:size])
		got, err := hashSource(t.Context(), bytes.NewReader(b), &head{int64(size), h})
		if err != nil || [32]byte(got.Sum(nil)) != gm.SM3(b) {
			t.Errorf("%d bytes known: another digest, %v", size, err)
		}
		if [32]byte(h.Sum(nil)) != gm.SM3(b[:size]) {
			t.Errorf("%d bytes known: what is known has changed", size)
		}
	}
}

func TestMeanwhile(t *testing.T) {
	if got, err := meanwhile(func() (int, error) { return 7, errors.ErrUnsupported })(); got != 7 || !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("%d, %v", got, err)
	}
	wait := meanwhile(func() (int, error) { return slices.Max([]int{}), nil })
	defer func() {
		if recover() == nil {
			t.Error("a panic is lost")
		}
	}()
	_, _ = wait()
}
