package theme

import (
	"bytes"
	"image/color"
	"math"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	base "fyne.io/fyne/v2/theme"
	"github.com/go-text/typesetting/font"

	"sealdesk/ui/i18n"
)

func face(t *testing.T, r fyne.Resource) *font.Face {
	t.Helper()
	f, err := font.ParseTTF(bytes.NewReader(r.Content()))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// Every character of both catalogues is in one of the two fonts that come with the program, so no machine shows boxes.
func TestFont_hasEveryCharacter(t *testing.T) {
	fonts := []*font.Face{face(t, New(Options{}).Font(fyne.TextStyle{})), face(t, base.DefaultTextFont())}
	seen := map[rune]bool{}
	for _, lang := range []string{i18n.Chinese, i18n.English} {
		cat, err := i18n.New(lang)
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range cat.Keys() {
			for _, r := range cat.T(k, nil) + "0123456789…—×./:-" {
				if r == '\n' || seen[r] {
					continue
				}
				seen[r] = true
				found := false
				for _, f := range fonts {
					if _, ok := f.NominalGlyph(r); ok {
						found = true
					}
				}
				if !found && shown(k) {
					t.Errorf("%s, %s: no font has %q (U+%04X)", lang, k, r, r)
				}
			}
		}
	}
	if len(seen) < 500 {
		t.Fatalf("only %d characters looked at", len(seen))
	}
}

// shown tells whether the window shows a text; those of the command line are for terminals, and those of forms for paper, which have
// fonts of their own.
func shown(key string) bool {
	for _, p := range []string{"register.code.", "register.column.", "register.kind."} {
		if strings.HasPrefix(key, p) {
			return true
		}
	}
	for _, p := range []string{"help.", "flag.", "form.", "register."} {
		if strings.HasPrefix(key, p) {
			return false
		}
	}
	return true
}

// luminance follows WCAG 2.1, relative luminance.
func luminance(c color.NRGBA) float64 {
	lin := func(v uint8) float64 {
		f := float64(v) / 255
		if f <= 0.03928 {
			return f / 12.92
		}
		return math.Pow((f+0.055)/1.055, 2.4)
	}
	return 0.2126*lin(c.R) + 0.7152*lin(c.G) + 0.0722*lin(c.B)
}

func contrast(a, b color.NRGBA) float64 {
	x, y := luminance(a), luminance(b)
	return (math.Max(x, y) + 0.05) / (math.Min(x, y) + 0.05)
}

func TestTokens_contrast(t *testing.T) {
	for name, k := range map[string]Tokens{"light": light, "dark": dark} {
		for what, pair := range map[string][2]color.NRGBA{
			"text": {k.Ink, k.Paper}, "remark": {k.Faint, k.Paper}, "remark on the desk": {k.Faint, k.Desk}, "text on the desk": {k.Ink, k.Desk},
			"link": {k.Indigo, k.Paper}, "text on what is chosen": {k.Ink, k.Chosen}, "valid": {k.Valid, k.Paper}, "invalid": {k.Invalid, k.Paper},
			"the seal button": {k.OnAccent, k.Cinnabar}, "the next step": {k.OnAccent, k.Indigo},
		} {
			if c := contrast(pair[0], pair[1]); c < 4.5 {
				t.Errorf("%s, %s: contrast %.2f", name, what, c)
			}
		}
		// The notice colour is only used for shapes, which need less than texts (WCAG 2.1, 1.4.11).
		if c := contrast(k.Notice, k.Paper); c < 3 {
			t.Errorf("%s, notice shapes: contrast %.2f", name, c)
		}
	}
}

func TestShapes_areDrawn(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(New(Options{}))
	for _, s := range Shapes() {
		r := s.Resource(rgb(0x123456))
		if !strings.Contains(string(r.Content()), "#123456") || strings.Contains(string(r.Content()), "%!") {
			t.Errorf("%s: %s", s, r.Content())
		}
	}
}

func TestTheme_sizes(t *testing.T) {
	if a, b := New(Options{}), New(Options{LargePrint: true}); a.Size(base.SizeNameText) != 14 || b.Size(base.SizeNameText) != 18 {
		t.Error("sizes of texts")
	}
}
