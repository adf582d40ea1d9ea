package training

import (
	"bytes"
	"testing"

	"github.com/go-text/typesetting/font"
)

// used is a subset with a few characters.
func used(t testing.TB, text string) *subset {
	t.Helper()
	f, err := song()
	if err != nil {
		t.Fatal(err)
	}
	s, err := newSubset(f)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range text {
		if _, err := s.use(r); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// The glyphs of a subset have the outlines and widths of the font.
func TestSubset_sameGlyphs(t *testing.T) {
	s := used(t, "示范旗，2026示")
	if len(s.glyphs) != 8 { // .notdef, four Han characters and marks, three digits
		t.Errorf("%d glyphs", len(s.glyphs))
	}
	raw, err := s.build()
	if err != nil {
		t.Fatal(err)
	}
	if len(raw) > 20_000 {
		t.Errorf("subset of %d bytes", len(raw))
	}
	small := &subset{font: s.font, tables: map[string][]byte{}}
	sub, err := newSubset(&typeface{raw: raw})
	if err != nil {
		t.Fatal(err)
	}
	small.tables = sub.tables
	for n, g := range s.glyphs {
		want, err := s.data(g)
		if err != nil {
			t.Fatal(err)
		}
		got, err := small.data(n)
		if err != nil || !bytes.Equal(bytes.TrimRight(got, "\x00"), bytes.TrimRight(want, "\x00")) {
			t.Errorf("glyph %d differs (%v)", n, err)
		}
		a, errA := s.metrics(g)
		b, errB := small.metrics(n)
		if a != b || errA != nil || errB != nil {
			t.Errorf("glyph %d: metrics %v and %v", n, a, b)
		}
	}
	if checksum(raw) != 0xB1B0AFBA {
		t.Errorf("checksum %X", checksum(raw))
	}
}

func FuzzSubset(f *testing.F) {
	raw, err := used(f, "示a").build()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Add(raw[:100])
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, raw []byte) {
		s, err := newSubset(&typeface{raw: raw, upem: 1000, face: (*font.Face)(nil)})
		if err != nil {
			return
		}
		s.glyphs = []int{0, 1, 2}
		if out, err := s.build(); err == nil {
			if _, err := newSubset(&typeface{raw: out}); err != nil {
				t.Error(err)
			}
		}
	})
}
