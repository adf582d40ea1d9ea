package pdfseal

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"testing"

	"sealdesk/pdfseal/gm"
)

// TestDigests_known: what is known of the head gives the same digests as reading it, and a gap inside it has it read.
func TestDigests_known(t *testing.T) {
	b := make([]byte, 3<<20+17)
	rand.NewChaCha8([32]byte{}).Read(b)
	src := bytes.NewReader(b)
	late, early := [4]int64{0, 2 << 20, 2<<20 + 100, 1<<20 - 83}, [4]int64{0, 5, 90, 700}
	for _, size := range []int64{0, 1, 1<<20 + 3, 2 << 20, 2<<20 + 1, int64(len(b)), int64(len(b)) + 1} {
		h := gm.NewSM3()
		h.Write(b[:min(size, int64(len(b)))])
		for _, ranges := range [][][4]int64{nil, {late}, {late, early}, {early, late}} {
			read := int64(0)
			whole, each, err := digests(t.Context(), src, ranges, &head{size, h}, func(done, total int64) { read = done })
			if err != nil || whole != gm.SM3(b) || len(each) != len(ranges) || size != src.Size() && read != src.Size() {
				t.Errorf("head of %d bytes, %v: %x, %d digests, read to %d, %v", size, ranges, whole, len(each), read, err)
				continue
			}
			for i, r := range ranges {
				if want := gm.SM3(b[:r[1]], b[r[2]:r[2]+r[3]]); each[i] != want {
					t.Errorf("head of %d bytes: digest of %v differs", size, r)
				}
			}
		}
	}
	other := gm.NewSM3()
	other.Write(b[1:101])
	if whole, _, err := digests(t.Context(), src, nil, &head{100, other}, nil); err != nil || whole == gm.SM3(b) {
		t.Errorf("what is known is not used: %v", err)
	}
}

// shrunk is a file that has lost its end since its size was asked for.
type shrunk struct{ *bytes.Reader }

func (s shrunk) Size() int64 { return s.Reader.Size() + 1 }

// TestSamePrefix: a byte that the disk changed and an output that is too short are found, and a source that shrinks is no padded one.
func TestSamePrefix(t *testing.T) {
	b := make([]byte, 2<<20+5)
	other := bytes.Clone(b)
	other[2<<20+4] = 1
	in := bytes.NewReader(b)
	if err := samePrefix(t.Context(), in, bytes.NewReader(append(bytes.Clone(b), "more"...))); err != nil {
		t.Error(err)
	}
	for name, out := range map[string]Source{"another byte": bytes.NewReader(other), "too short": bytes.NewReader(b[:len(b)-1]), "empty": bytes.NewReader(nil)} {
		if err := samePrefix(t.Context(), in, out); err == nil {
			t.Errorf("%s: taken for the same", name)
		}
	}
	if _, _, err := digests(t.Context(), shrunk{in}, nil, nil, nil); !errors.Is(err, ErrInputChanged) {
		t.Errorf("digest of a file that shrinks: %v", err)
	}
	if err := copySource(t.Context(), &bytes.Buffer{}, gm.NewSM3(), shrunk{in}, nil); !errors.Is(err, ErrInputChanged) {
		t.Errorf("copy of a file that shrinks: %v", err)
	}
	if _, err := Normalise(t.Context(), shrunk{in}); !errors.Is(err, ErrInputChanged) {
		t.Errorf("normalised copy of a file that shrinks: %v", err)
	}
}
