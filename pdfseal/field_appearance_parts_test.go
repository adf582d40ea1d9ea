package pdfseal

import (
	"errors"
	"maps"
	"strings"
	"testing"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

func TestParseDefaultAppearance(t *testing.T) {
	for in, want := range map[string]defaultAppearance{
		"":                                     {"", 0, "0 g"},
		"/Helv 0 Tf 0 g ":                      {"Helv", 0, "0 g"},
		"0.18039 0.20392 0.21176 rg /F2 12 Tf": {"F2", 12, "0.1804 0.2039 0.2118 rg"},
		"/A#20B 9.5 Tf 0 0 0 1 k":              {"A B", 9.5, "0 0 0 1 k"},
		"/A 1 Tf /B 2 Tf 1 g .5 g":             {"B", 2, "0.5 g"},
		"2 -1 0 rg /H -3 Tf":                   {"H", 0, "1 0 0 rg"},
		"/H 1e9 Tf":                            {"H", 0, "0 g"},
		"12 Tf g (/X 3 Tf \\)) 1 2 3 rg << /X [ <20> ] >> /Z 7 Tf": {"Z", 7, "1 1 1 rg"},
		"% /X 3 Tf\n/Y 4 Tf":             {"Y", 4, "0 g"},
		"ET Q BI ID \x00\xff /H 5 Tf Do": {"H", 5, "0 g"},
	} {
		if got := parseDefaultAppearance([]byte(in)); got != want {
			t.Errorf("%q: %+v, want %+v", in, got, want)
		}
	}
}

func FuzzParseDefaultAppearance(f *testing.F) {
	f.Add([]byte("0.1 0.2 0.3 rg /F2 12 Tf"))
	f.Add([]byte("/A#2 (((% [<<"))
	f.Fuzz(func(t *testing.T, b []byte) {
		da := parseDefaultAppearance(b)
		if strings.Trim(da.color, "0123456789. rgk") != "" || !(da.size >= 0 && da.size <= maxFontSize) {
			t.Errorf("%+v", da)
		}
	})
}

func TestDecodeText(t *testing.T) {
	for in, want := range map[string]string{
		"":                                 "",
		"abc \xf7 \x80\xa0":                "abc ÷ •€",
		"\xfe\xff\x79\x3a\xd8\x40\xdc\x00": "示𠀀",
		"\xff\xfe\x3a\x79":                 "示",
		"\xfe\xff\x00\x1b\x00z\x00h\x00\x1b\x00a": "a",
		"\xef\xbb\xbfé":    "é",
		"\xef\xbb\xbf\xff": "ï»¿ÿ",
		"a\r\nb":           "a\r\nb",
		"\xfe\xff\x00":     "",
	} {
		if got := decodeText([]byte(in)); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestShownText(t *testing.T) {
	const in = "e\u0301\u200b\tx\r\ny\rz\u202e\u00a0\u3000\x07"
	if got := string(shownText(in, false)); got != "é x y z \u3000" {
		t.Errorf("one line: %q", got)
	}
	if got := string(shownText(in, true)); got != "é x\ny\nz \u3000" {
		t.Errorf("several lines: %q", got)
	}
}

func FuzzFieldText(f *testing.F) {
	for _, s := range []string{"plain", "\xfe\xff\x79\x3a\xd8\x40", "\xef\xbb\xbf\xc3", "a\x1bb\r\n"} {
		f.Add([]byte(s), true)
	}
	f.Fuzz(func(t *testing.T, b []byte, multiline bool) {
		for _, r := range shownText(decodeText(b), multiline) {
			if r < ' ' && (r != '\n' || !multiline) || r == 0x7f {
				t.Errorf("%q shows %q", b, r)
			}
		}
	})
}

// TestLatinEncodings compares the tables with rows of ISO 32000-2, D.2.
func TestLatinEncodings(t *testing.T) {
	for _, c := range []struct {
		name                    string
		standard, mac, win, pdf int // 0: not in this encoding
	}{
		{"A", 0o101, 0o101, 0o101, 0o101}, {"AE", 0o341, 0o256, 0o306, 0o306}, {"Euro", 0, 0, 0o200, 0o240}, {"currency", 0o250, 0o333, 0o244, 0o244}, {"Lslash", 0o350, 0, 0, 0o225},
		{"breve", 0o306, 0o371, 0, 0o030}, {"bullet", 0o267, 0o245, 0o225, 0o200}, {"dotlessi", 0o365, 0o365, 0, 0o232},
		{"fi", 0o256, 0o336, 0, 0o223}, {"germandbls", 0o373, 0o247, 0o337, 0o337}, {"logicalnot", 0, 0o302, 0o254, 0o254},
		{"minus", 0, 0, 0, 0o212}, {"quoteleft", 0o140, 0o324, 0o221, 0o217}, {"quotesingle", 0o251, 0o047, 0o047, 0o047},
		{"quoteright", 0o047, 0o325, 0o222, 0o220}, {"zcaron", 0, 0, 0o236, 0o236}, {"emdash", 0o320, 0o321, 0o227, 0o204},
		{"ydieresis", 0, 0o330, 0o377, 0o377}, {"grave", 0o301, 0o140, 0o140, 0o140}, {"hungarumlaut", 0o315, 0o375, 0, 0o034},
		{"caron", 0o317, 0o377, 0, 0o031}, {"perthousand", 0o275, 0o344, 0o211, 0o213}, {"section", 0o247, 0o244, 0o247, 0o247},
	} {
		r := glyphCharacter(c.name)
		if r == 0 {
			t.Errorf("%s is not known", c.name)
			continue
		}
		for table, code := range map[string]int{"StandardEncoding": c.standard, "MacRomanEncoding": c.mac, "WinAnsiEncoding": c.win, "PDFDocEncoding": c.pdf} {
			at := 0
			for i, x := range latinEncodings()[table] {
				if x == r {
					at = i
				}
			}
			if at != code {
				t.Errorf("%s in %s: %#o, want %#o", c.name, table, at, code)
			}
		}
	}
	if len(latinGlyphs()) != 177 {
		t.Errorf("%d glyph names besides letters", len(latinGlyphs()))
	}
	for name, want := range map[string]rune{"uni793A": '示', "uniD800": 0, "uni79": 0, "x": 'x', "1": 0, ".notdef": 0} {
		if got := glyphCharacter(name); got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestStandardFamily(t *testing.T) {
	for base, want := range map[string]string{"Helvetica": "Helvetica", "ArialMT": "Helvetica", "Arial,BoldItalic": "Helvetica-BoldOblique", "TimesNewRomanPS-BoldMT": "Times-Bold",
		"CourierNew": "Courier", "ABCDEF+CourierNewPS-ItalicMT": "Courier-Oblique", "ZapfDingbats": "ZapfDingbats", "SimSun": "", "": ""} {
		if got := standardFamily(base); got != want {
			t.Errorf("%q: %q, want %q", base, got, want)
		}
	}
}

// letters are glyphs of a font whose every character is half as wide as the size.
func letters(text string) []glyph {
	f := &fieldFont{name: "F", ascent: 0.8, descent: -0.2}
	var out []glyph
	for _, r := range text {
		g := glyph{r: r, font: f, code: uint16(r), width: 0.5}
		if r == '\n' {
			g.width = 0
		}
		out = append(out, g)
	}
	return out
}

func TestFold(t *testing.T) {
	for _, c := range []struct {
		text  string
		chars float64 // that a line has room for
		want  string
	}{
		{"one two three", 20, "one two three"}, {"one two three", 7, "one two|three"}, {"one  two", 3, "one|two"}, {"abcdefgh", 3, "abc|def|gh"},
		{"a abcdef", 3, "a|abc|def"}, {"a\n\nb\n", 9, "a||b|"}, {"", 3, ""}, {"示范旗，人民", 3, "示范|旗，人|民"}, {"   ", 2, ""}, {"abc", 0, "a|b|c"},
	} {
		g := letters(c.text)
		var got []string
		for _, line := range fold(g, lineBreaks(g), c.chars/2) {
			var b strings.Builder
			for _, x := range line {
				b.WriteRune(x.r)
			}
			got = append(got, b.String())
		}
		if strings.Join(got, "|") != c.want {
			t.Errorf("%q in %v: %q, want %q", c.text, c.chars, strings.Join(got, "|"), c.want)
		}
	}
}

func FuzzFold(f *testing.F) {
	f.Add("one two\nthree", 3.5)
	f.Add("示范旗，人民", 0.0)
	f.Fuzz(func(t *testing.T, text string, room float64) {
		g := letters(text)
		n := 0
		for _, line := range fold(g, lineBreaks(g), room) {
			n += len(line)
			if w := textWidth(line); w > room && len(line) > 1 {
				t.Fatalf("line of %v in %v", w, room)
			}
		}
		kept := 0
		for _, x := range g {
			if x.r != ' ' && x.r != '\n' {
				kept++
			}
		}
		if n < kept || n > len(g) {
			t.Errorf("%d of %d characters are set", n, len(g))
		}
	})
}

// TestDocumentFont reads fonts of a form. A font that is not sure to show each character is left.
func TestDocumentFont(t *testing.T) {
	widths := make(types.Array, 256)
	for i := range widths {
		widths[i] = types.Integer(400)
	}
	widths['b'] = types.Integer(0)
	base := func(more types.Dict) types.Dict {
		d := types.Dict{"Subtype": types.Name("TrueType"), "BaseFont": types.Name("Foo"), "FirstChar": types.Integer(0), "Widths": widths, "Encoding": types.Name("WinAnsiEncoding")}
		for k, v := range more {
			if d[k] = v; v == nil {
				delete(d, k)
			}
		}
		return d
	}
	file := func(flags int) types.Dict {
		return types.Dict{"FontFile2": types.Integer(1), "Flags": types.Integer(flags), "Ascent": types.Integer(900), "Descent": types.Integer(200)}
	}
	for name, c := range map[string]struct {
		font types.Dict
		want map[rune]int // width by character; nil: the font is not used; 0: the font lacks it
	}{
		"widths":             {base(nil), map[rune]int{'a': 400, 'b': 0, '€': 400, '示': 0}},
		"embedded":           {base(types.Dict{"FontDescriptor": file(32)}), map[rune]int{'a': 400}},
		"embedded in part":   {base(types.Dict{"FontDescriptor": file(32), "BaseFont": types.Name("ABCDEF+Foo")}), nil},
		"embedded, symbolic": {base(types.Dict{"FontDescriptor": file(4)}), nil},
		"composite":          {base(types.Dict{"Subtype": types.Name("Type0")}), nil},
		"own encoding":       {base(types.Dict{"Subtype": types.Name("Type1"), "Encoding": nil, "FontDescriptor": file(4)}), nil},
		"no widths":          {base(types.Dict{"Widths": nil}), nil},
		"standard":           {types.Dict{"Subtype": types.Name("Type1"), "BaseFont": types.Name("Helvetica")}, map[rune]int{'a': 556, '’': 222, '€': 0}},
		"differences": {types.Dict{"Subtype": types.Name("Type1"), "BaseFont": types.Name("Courier"), "Encoding": types.Dict{"Differences": types.Array{types.Integer(160), types.Name("Euro"), types.Name("b")}}},
			map[rune]int{'€': 600, 'b': 600}},
		"dingbats": {types.Dict{"Subtype": types.Name("Type1"), "BaseFont": types.Name("ZapfDingbats")}, map[rune]int{'4': 846, '示': 0}},
	} {
		f, err := (&fieldDrawings{view: nil}).documentFont(c.font)
		if err != nil || (f == nil) != (c.want == nil) {
			t.Errorf("%s: font %v (%v)", name, f, err)
			continue
		}
		for r, want := range c.want {
			if g, ok := f.glyph(r); ok != (want > 0) || ok && int(g.width*1000+0.5) != want {
				t.Errorf("%s: %q has width %v (%v), want %d", name, r, g.width, ok, want)
			}
		}
	}
}

func TestToUnicode(t *testing.T) {
	for in, want := range map[string]map[uint16]string{
		"2 beginbfchar <01> <0041> <0102> <D840DC00> endbfchar":                  {1: "A", 0x102: "𠀀"},
		"1 beginbfrange <0001> <0003> <00FF> endbfrange":                         {1: "ÿ", 2: "Ā", 3: "ā"},
		"1 beginbfrange <0003> <0001> <00FF> endbfrange":                         {},
		"1 beginbfrange <0001> <0002> [<0041> <0042>] endbfrange":                {},
		"1 begincodespacerange <0000> <FFFF> endcodespacerange <0041> endbfchar": {},
	} {
		d := &fieldDrawings{budget: 1000}
		got, err := d.toUnicode([]byte(in))
		if err != nil || !maps.Equal(got, want) {
			t.Errorf("%q: %v (%v), want %v", in, got, err, want)
		}
	}
	if _, err := (&fieldDrawings{budget: 1000}).toUnicode([]byte("<0000> <FFFF> <0041> endbfrange")); !errors.Is(err, ErrLimit) {
		t.Errorf("beyond the budget: %v", err)
	}
}

func FuzzToUnicode(f *testing.F) {
	f.Add([]byte("2 beginbfchar <01> <0041> endbfchar <0001> <0003> <00FF> endbfrange"))
	f.Add([]byte("<</A (\\"))
	f.Fuzz(func(t *testing.T, b []byte) {
		d := &fieldDrawings{budget: 1 << 18}
		m, err := d.toUnicode(b)
		if err != nil && !errors.Is(err, ErrLimit) {
			t.Error(err)
		}
		for _, wide := range []bool{false, true} {
			if s, ok := mapDecoder(m, wide)(b); ok && len(b) > 0 && len(m) == 0 {
				t.Errorf("%q out of an empty map", s)
			}
		}
	})
}
