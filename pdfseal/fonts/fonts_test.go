package fonts

import (
	"bytes"
	"slices"
	"testing"
)

// used is a subset with the characters of a text.
func used(t testing.TB, load func() (*Font, error), text string) *Subset {
	t.Helper()
	f, err := load()
	if err != nil {
		t.Fatal(err)
	}
	s := NewSubset(f)
	for _, r := range text {
		if _, err := s.Use(r); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// The glyphs of a subset have the outlines and widths of the font.
func TestSubset_sameGlyphs(t *testing.T) {
	for name, c := range map[string]struct {
		load   func() (*Font, error)
		text   string
		glyphs int // with .notdef
	}{"song": {Song, "示范旗，2026示", 8}, "sans": {Sans, "πʬҮүñ", 6}} {
		t.Run(name, func(t *testing.T) {
			s := used(t, c.load, c.text)
			if len(s.glyphs) != c.glyphs {
				t.Errorf("%d glyphs", len(s.glyphs))
			}
			raw, err := s.Build()
			if err != nil {
				t.Fatal(err)
			}
			if len(raw) > 30_000 {
				t.Errorf("subset of %d bytes", len(raw))
			}
			if checksum(raw) != 0xB1B0AFBA {
				t.Errorf("checksum %X", checksum(raw))
			}
			small, err := Parse(s.Tag(raw), raw)
			if err != nil {
				t.Fatal(err)
			}
			for n, g := range s.glyphs {
				sameGlyph(t, s, small, n, g)
			}
			if again, err := used(t, c.load, c.text).Build(); err != nil || !bytes.Equal(raw, again) {
				t.Error("the same text gives other bytes")
			}
		})
	}
}

func sameGlyph(t *testing.T, s *Subset, small *Font, n, g int) {
	t.Helper()
	want, err := s.font.outline(g)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.renumber(want); err != nil {
		t.Fatal(err)
	}
	got, err := small.outline(n)
	if err != nil || !bytes.Equal(bytes.TrimRight(got, "\x00"), bytes.TrimRight(want, "\x00")) {
		t.Errorf("glyph %d differs (%v)", n, err)
	}
	a, errA := s.font.metrics(g)
	b, errB := small.metrics(n)
	if a != b || errA != nil || errB != nil {
		t.Errorf("glyph %d: metrics %v and %v", n, a, b)
	}
}

func TestSubset_missingCharacter(t *testing.T) {
	s := used(t, Song, "示")
	if _, err := s.Use('ᠮ'); err == nil || s.font.Has('ᠮ') {
		t.Error("a Mongolian letter is found in the Song font")
	}
	if len(s.glyphs) != 2 {
		t.Error("a missing character takes a number")
	}
}

func TestSubset_toUnicode(t *testing.T) {
	got := used(t, Sans, "π ʬ").ToUnicode()
	for _, want := range []string{"3 beginbfchar\n<0001> <03C0>\n<0002> <0020>\n<0003> <02AC>\nendbfchar"} {
		if !bytes.Contains(got, []byte(want)) {
			t.Errorf("%q is missing in\n%s", want, got)
		}
	}
}

func TestFont_extents(t *testing.T) {
	f, err := Song()
	if err != nil {
		t.Fatal(err)
	}
	if a, d := f.Extents(); a < 800 || a > 1000 || d > -50 || d < -300 {
		t.Errorf("ascent %d, descent %d", a, d)
	}
	if w, err := used(t, Song, "示1").Width(1); w != 1000 || err != nil {
		t.Errorf("width %d (%v)", w, err)
	}
}

func TestBreaks(t *testing.T) {
	for text, want := range map[string][]int{
		"":          nil,
		"one two":   {4, 7},
		"示范，旗。":     {1, 3, 5}, // no line begins with a comma or full stop
		"（示）a":      {3, 4},
		"a-b 3.14%": {2, 4, 9},
	} {
		if got := Breaks([]rune(text)); !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	raw, err := used(f, Song, "示a").Build()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Add(raw[:100])
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, raw []byte) {
		font, err := Parse("X", raw)
		if err != nil {
			return
		}
		s := NewSubset(font)
		_, _ = s.Use('a')
		s.renumbered(1)
		s.renumbered(2)
		out, err := s.Build()
		if err != nil {
			return
		}
		if _, err := Parse("X", out); err != nil {
			t.Error(err)
		}
	})
}
