package pdfseal

import (
	"regexp"
	"slices"
	"strings"

	core "github.com/pdfcpu/pdfcpu/pkg/font"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"sealdesk/pdfseal/fonts"
)

// fieldFont is a font that fields are drawn with: one of the document's /DR, one of the standard 14, or one that is embedded.
type fieldFont struct {
	name            string // resource name
	object          types.Object
	own             bool // not of the document
	code            map[rune]byte
	width           [256]float64 // thousandths of the size
	ascent, descent float64      // of the size
	subset          *fonts.Subset
}

// glyph is a character in a font.
type glyph struct {
	r     rune
	font  *fieldFont
	code  uint16
	width float64 // of the size
}

// glyph gives a character in the font; ok is false where the font lacks it.
func (f *fieldFont) glyph(r rune) (g glyph, ok bool) {
	if f.subset == nil {
		c, ok := f.code[r]
		return glyph{r, f, uint16(c), f.width[c] / 1000}, ok
	}
	n, err := f.subset.Use(r)
	if err != nil {
		return glyph{}, false
	}
	w, err := f.subset.Width(n)
	return glyph{r, f, uint16(n), float64(w) / 1000}, err == nil
}

// coreExtents are ascender and descender of the families of standard fonts, by how their names begin.
var coreExtents = []struct {
	prefix          string
	ascent, descent float64
}{{"Helvetica", 0.718, -0.207}, {"Times", 0.683, -0.217}, {"Courier", 0.629, -0.157}, {"", 0.82, -0.143}}

// newCoreFont gives one of the standard 14 fonts with an encoding. A character that WinAnsiEncoding lacks has no width there and is left to
// other fonts; Symbol and ZapfDingbats show their own characters in the places of Latin-1, as readers do.
func newCoreFont(family string, enc *charEncoding) *fieldFont {
	f := &fieldFont{code: map[rune]byte{}}
	for _, e := range coreExtents {
		if strings.HasPrefix(family, e.prefix) {
			f.ascent, f.descent = e.ascent, e.descent
			break
		}
	}
	symbolic := family == "Symbol" || family == "ZapfDingbats"
	win := map[rune]int{}
	for c, r := range latinEncodings()["WinAnsiEncoding"] {
		win[r] = c
	}
	for c := 255; c >= 0x20; c-- {
		r, metric := enc[c], c
		if symbolic {
			r = rune(c)
		} else if metric = win[r]; r == 0 || metric == 0 {
			continue
		}
		w, err := core.CharWidth(family, rune(metric))
		if err != nil || w <= 0 {
			continue
		}
		f.code[r], f.width[c] = byte(c), float64(w)
	}
	return f
}

// subsetTag begins the name of a font of which only some glyphs are embedded.
var subsetTag = regexp.MustCompile(`^[A-Z]{6}\+`)

// documentFont reads a font of /DR. nil: it is not simple, or not every character that it seems to have is sure to be shown as what it
// is (embedded in part, or with an encoding of its own).
func (d *fieldDrawings) documentFont(o types.Object) (*fieldFont, error) {
	x, err := d.view.Resolve(o)
	dict, _ := x.(types.Dict)
	if dict == nil || err != nil {
		return nil, err
	}
	r := fontReader{view: d.view, dict: dict}
	base := r.name("BaseFont")
	descriptor := r.dictionary("FontDescriptor")
	embedded := descriptor["FontFile"] != nil || descriptor["FontFile2"] != nil || descriptor["FontFile3"] != nil
	symbolic := r.flags(descriptor)&4 != 0
	kind := r.name("Subtype")
	if !slices.Contains([]string{"Type1", "TrueType", "MMType1"}, kind) || embedded && (subsetTag.MatchString(base) || kind == "TrueType" && symbolic) {
		return nil, r.err
	}
	family := ""
	if !embedded {
		family = standardFamily(base)
	}
	enc := r.encoding(embedded && symbolic || !embedded && family == "" && symbolic)
	widths := r.widths(descriptor)
	if r.err != nil || enc == nil {
		return nil, r.err
	}
	if widths == nil && family == "" {
		return nil, nil
	}
	f := &fieldFont{}
	if family != "" {
		f = newCoreFont(family, enc)
	}
	if widths != nil && family != "Symbol" && family != "ZapfDingbats" {
		f.measure(enc, widths)
	}
	f.object = o
	if f.ascent == 0 {
		f.ascent, f.descent = r.extents(descriptor)
	}
	return f, r.err
}

// measure takes encoding and widths as the font dictionary has them; a code without width shows nothing.
func (f *fieldFont) measure(enc *charEncoding, widths *[256]float64) {
	f.code, f.width = map[rune]byte{}, *widths
	for c := 255; c >= 0; c-- {
		if r := enc[c]; r != 0 && widths[c] > 0 {
			f.code[r] = byte(c)
		}
	}
}

// standardFamily gives the standard font that a font is or is replaced by where it is not embedded; "" for families of other looks.
func standardFamily(base string) string {
	base = subsetTag.ReplaceAllString(base, "")
	if core.IsCoreFont(base) {
		return base
	}
	low := strings.ToLower(base)
	bold := strings.Contains(low, "bold") || strings.HasSuffix(low, ",b")
	slanted := strings.Contains(low, "italic") || strings.Contains(low, "oblique")
	style := map[[2]bool]int{{true, false}: 1, {false, true}: 2, {true, true}: 3}[[2]bool{bold, slanted}]
	for _, f := range []struct {
		word   string
		styles [4]string
	}{
		{"courier", [4]string{"Courier", "Courier-Bold", "Courier-Oblique", "Courier-BoldOblique"}},
		{"times", [4]string{"Times-Roman", "Times-Bold", "Times-Italic", "Times-BoldItalic"}},
		{"arial", [4]string{"Helvetica", "Helvetica-Bold", "Helvetica-Oblique", "Helvetica-BoldOblique"}},
		{"helv", [4]string{"Helvetica", "Helvetica-Bold", "Helvetica-Oblique", "Helvetica-BoldOblique"}},
	} {
		if strings.HasPrefix(low, f.word) {
			return f.styles[style]
		}
	}
	return ""
}
