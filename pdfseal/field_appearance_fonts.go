package pdfseal

import (
	"strings"
	"unicode"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"sealdesk/pdfseal/fonts"
	"sealdesk/pdfseal/internal/pdf"
)

// fieldFonts are the fonts in use; each is written once.
type fieldFonts struct {
	known    map[types.IndirectRef]*fieldFont // of the document; nil: unusable
	decoders map[types.IndirectRef]textDecoder
	standard map[string]*fieldFont // by family
	song     *fieldFont
	sans     *fieldFont
}

// standardFont gives one of the standard 14 fonts in WinAnsiEncoding.
func (s *fieldFonts) standardFont(family string) *fieldFont {
	if s.standard == nil {
		s.standard = map[string]*fieldFont{}
	}
	f, ok := s.standard[family]
	if !ok {
		f = newCoreFont(family, latinEncodings()["WinAnsiEncoding"])
		f.name, f.own = family, true
		d := types.Dict{"Type": types.Name("Font"), "Subtype": types.Name("Type1"), "BaseFont": types.Name(family)}
		if family != "ZapfDingbats" && family != "Symbol" {
			d["Encoding"] = types.Name("WinAnsiEncoding")
		}
		f.object = d
		s.standard[family] = f
	}
	return f
}

// embedded gives the fonts that are embedded where no other has a character: for Chinese, and for Latin, Greek and Cyrillic text.
func (s *fieldFonts) embedded() (song, sans *fieldFont, err error) {
	if s.song == nil {
		if s.song, err = newSubsetFont("Song", fonts.Song); err != nil {
			return nil, nil, err
		}
		if s.sans, err = newSubsetFont("Sans", fonts.Sans); err != nil {
			return nil, nil, err
		}
	}
	return s.song, s.sans, nil
}

func newSubsetFont(name string, load func() (*fonts.Font, error)) (*fieldFont, error) {
	f, err := load()
	if err != nil {
		return nil, err
	}
	a, d := f.Extents()
	return &fieldFont{name: name, ascent: float64(a) / 1000, descent: float64(d) / 1000, subset: fonts.NewSubset(f)}, nil
}

// fontChoice is the order in which the fonts are asked for the characters of one field.
type fontChoice struct {
	own     *fieldFont // of the document, nil if none is usable
	family  string     // the standard font that stands in for it
	chinese bool       // the document's font is one for Chinese text
}

// chooseFont finds the font of a /DA in the resources of the field and the form.
func (d *fieldDrawings) chooseFont(w *fieldWidget, name string) (fontChoice, error) {
	choice := fontChoice{family: "Helvetica"}
	if name == "" {
		return choice, nil
	}
	for _, holder := range append(w.chain[:len(w.chain):len(w.chain)], d.form) {
		r := fontReader{view: d.view, dict: holder}
		resources := r.dictionary("DR")
		list, _ := r.get(resources["Font"]).(types.Dict)
		font, _ := r.get(list[name]).(types.Dict)
		if r.err != nil || font == nil {
			if r.err != nil {
				return choice, r.err
			}
			continue
		}
		var err error
		if choice.own, err = d.font(list[name], name); err != nil {
			return choice, err
		}
		r.dict = font
		if family := standardFamily(r.name("BaseFont")); family != "" && family != "Symbol" && family != "ZapfDingbats" {
			choice.family = family
		}
		choice.chinese = r.name("Subtype") == "Type0" && r.chinese()
		return choice, r.err
	}
	return choice, nil
}

// font gives a font of the document, nil if it is not usable.
func (d *fieldDrawings) font(o types.Object, name string) (*fieldFont, error) {
	ref, isRef := o.(types.IndirectRef)
	if f, ok := d.fonts.known[ref]; ok && isRef && (f == nil || f.name == name) {
		return f, nil
	}
	if err := d.spend(256); err != nil {
		return nil, err
	}
	f, err := d.documentFont(o)
	if err != nil {
		return nil, err
	}
	if f != nil {
		f.name = name
	}
	if d.fonts.known == nil {
		d.fonts.known = map[types.IndirectRef]*fieldFont{}
	}
	if isRef {
		d.fonts.known[ref] = f
	}
	return f, nil
}

// wide are the marks that Chinese text sets in the width of an ideograph, and Latin text narrow.
const wide = "“”‘’—…·"

// glyphs gives text in the fonts of a field: each character in the first font that has it. A line feed is no character. missing are
// the characters that no font has.
func (d *fieldDrawings) glyphs(text []rune, choice fontChoice) (out []glyph, missing string, err error) {
	if err := d.spend(len(text)); err != nil {
		return nil, "", err
	}
	var order []*fieldFont
	if choice.own != nil {
		order = append(order, choice.own)
	}
	order = append(order, d.fonts.standardFont(choice.family))
	han := choice.chinese
	for _, r := range text {
		han = han || unicode.Is(unicode.Han, r)
	}
	for _, r := range text {
		if r == '\n' {
			out = append(out, glyph{r: r, font: order[0]})
			continue
		}
		g, ok, err := d.glyph(r, order, choice.chinese || han && strings.ContainsRune(wide, r))
		if err != nil {
			return nil, "", err
		}
		if !ok && !strings.ContainsRune(missing, r) {
			missing += string(r)
		}
		out = append(out, g)
	}
	return out, missing, nil
}

// glyph asks the fonts for a character, those in order first or, for Chinese text, the Song type.
func (d *fieldDrawings) glyph(r rune, order []*fieldFont, chinese bool) (glyph, bool, error) {
	if !chinese {
		for _, f := range order {
			if g, ok := f.glyph(r); ok {
				return g, true, nil
			}
		}
	}
	song, sans, err := d.fonts.embedded()
	if err != nil {
		return glyph{}, false, err
	}
	rest := []*fieldFont{sans, song}
	if chinese {
		rest = append([]*fieldFont{song}, append(order, sans)...)
	}
	for _, f := range rest {
		if g, ok := f.glyph(r); ok {
			return g, true, nil
		}
	}
	return glyph{}, false, nil
}

// put gives the font as a resource: as the document has it, or as a new object, which is written once and then found in written.
func (f *fieldFont) put(inc *pdf.Increment, written map[*fieldFont]types.Object) (types.Object, error) {
	if o, ok := written[f]; ok {
		return o, nil
	}
	o := f.object
	if f.subset != nil {
		ref, err := putSubset(inc, f.subset)
		if err != nil {
			return nil, err
		}
		o = ref
	} else if f.own {
		ref := inc.New()
		inc.Put(ref, f.object)
		o = ref
	}
	written[f] = o
	return o, nil
}

// putSubset embeds a subset as a Type 0 font with Identity-H, its CIDs being the glyph numbers (ISO 32000-2, 9.7).
func putSubset(inc *pdf.Increment, s *fonts.Subset) (types.IndirectRef, error) {
	data, err := s.Build()
	if err != nil {
		return types.IndirectRef{}, err
	}
	widths, err := s.Widths()
	if err != nil {
		return types.IndirectRef{}, err
	}
	var w types.Array
	for _, n := range widths {
		w = append(w, types.Integer(n))
	}
	stream := func(b []byte, length1 bool) types.IndirectRef {
		ref := inc.New()
		dict := types.Dict{"Filter": types.Name("FlateDecode")}
		if length1 {
			dict["Length1"] = types.Integer(len(b))
		}
		inc.PutStream(ref, dict, pdf.Flate(b))
		return ref
	}
	object := func(d types.Dict) types.IndirectRef {
		ref := inc.New()
		inc.Put(ref, d)
		return ref
	}
	name := types.Name(s.Tag(data))
	ascent, descent := s.Font().Extents()
	var box types.Array
	for _, n := range s.Font().Box() {
		box = append(box, types.Integer(n))
	}
	descriptor := object(types.Dict{"Type": types.Name("FontDescriptor"), "FontName": name, "Flags": types.Integer(4), "FontBBox": box,
		"ItalicAngle": types.Integer(0), "Ascent": types.Integer(ascent), "Descent": types.Integer(descent), "CapHeight": types.Integer(ascent * 4 / 5),
		"StemV": types.Integer(80), "FontFile2": stream(data, true)})
	cid := object(types.Dict{"Type": types.Name("Font"), "Subtype": types.Name("CIDFontType2"), "BaseFont": name, "FontDescriptor": descriptor,
		"CIDSystemInfo": types.Dict{"Registry": types.StringLiteral("Adobe"), "Ordering": types.StringLiteral("Identity"), "Supplement": types.Integer(0)},
		"DW":            types.Integer(1000), "W": types.Array{types.Integer(0), w}, "CIDToGIDMap": types.Name("Identity")})
	return object(types.Dict{"Type": types.Name("Font"), "Subtype": types.Name("Type0"), "BaseFont": name, "Encoding": types.Name("Identity-H"),
		"DescendantFonts": types.Array{cid}, "ToUnicode": stream(s.ToUnicode(), false)}), nil
}
