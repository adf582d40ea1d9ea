package pdfseal

import (
	"strings"
	"unicode/utf16"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// textDecoder gives the text of a string shown in a font; ok is false where a code says nothing.
type textDecoder func(b []byte) (s string, ok bool)

// decoder finds the font that an appearance names, in its resources or, as readers do, in those of the form; nil if its codes say nothing.
func (d *fieldDrawings) decoder(form *types.StreamDict, name string) (textDecoder, error) {
	for _, holder := range []types.Object{form.Dict["Resources"], d.form["DR"]} {
		o, err := d.view.Resolve(holder)
		if err != nil {
			return nil, err
		}
		resources, _ := o.(types.Dict)
		r := fontReader{view: d.view, dict: resources}
		list := r.dictionary("Font")
		ref, isRef := list[name].(types.IndirectRef)
		if found, ok := d.fonts.decoders[ref]; ok && isRef {
			return found, nil
		}
		font, _ := r.get(list[name]).(types.Dict)
		if r.err != nil {
			return nil, r.err
		}
		if font == nil {
			continue
		}
		if err := d.spend(256); err != nil {
			return nil, err
		}
		decode, err := d.fontDecoder(font)
		if isRef && err == nil {
			if d.fonts.decoders == nil {
				d.fonts.decoders = map[types.IndirectRef]textDecoder{}
			}
			d.fonts.decoders[ref] = decode
		}
		return decode, err
	}
	return nil, nil
}

// fontDecoder reads how the codes of a font are to be read (ISO 32000-2, 9.10.2).
func (d *fieldDrawings) fontDecoder(font types.Dict) (textDecoder, error) {
	r := fontReader{view: d.view, dict: font}
	unicode, ok := r.get(font["ToUnicode"]).(types.StreamDict)
	if ok && r.err == nil {
		content, err := d.file.ReadStream(&unicode, maxAppearance)
		if err != nil && !isSyntax(err) {
			return nil, err
		}
		if err := d.spend(len(content)); err != nil {
			return nil, err
		}
		wide := r.name("Subtype") == "Type0"
		if m, err := d.toUnicode(content); err != nil || len(m) > 0 && (!wide || r.name("Encoding") == "Identity-H") {
			return mapDecoder(m, wide), err
		}
	}
	if r.name("Subtype") == "Type0" {
		return cmapDecoder(r.name("Encoding")), r.err
	}
	enc := r.encoding(r.flags(r.dictionary("FontDescriptor"))&4 != 0)
	if family := standardFamily(r.name("BaseFont")); family == "ZapfDingbats" || family == "Symbol" {
		enc = latinEncodings()["PDFDocEncoding"]
	}
	if enc == nil || r.err != nil {
		return nil, r.err
	}
	return func(b []byte) (string, bool) {
		var s strings.Builder
		for _, c := range b {
			if enc[c] == 0 && c != 0xa0 { // a space in all encodings that have it
				return s.String(), false
			}
			s.WriteRune(max(enc[c], ' '))
		}
		return s.String(), true
	}, nil
}

// cmapDecoder reads strings of the predefined CMaps that Chinese documents use (ISO 32000-2, 9.7.5.2); nil for others.
func cmapDecoder(name string) textDecoder {
	switch {
	case strings.HasPrefix(name, "Uni") && (strings.Contains(name, "-UCS2-") || strings.Contains(name, "-UTF16-")):
		return func(b []byte) (string, bool) {
			var units []uint16
			for i := 0; i+1 < len(b); i += 2 {
				units = append(units, uint16(b[i])<<8|uint16(b[i+1]))
			}
			return string(utf16.Decode(units)), len(b)%2 == 0
		}
	case strings.HasPrefix(name, "GBK"), strings.HasPrefix(name, "GB-EUC"):
		return func(b []byte) (string, bool) {
			s, err := simplifiedchinese.GB18030.NewDecoder().Bytes(b)
			return string(s), err == nil && !strings.ContainsRune(string(s), '\ufffd')
		}
	}
	return nil
}

func mapDecoder(m map[uint16]string, wide bool) textDecoder {
	return func(b []byte) (string, bool) {
		var s strings.Builder
		for len(b) > 0 {
			code, n := uint16(b[0]), 1
			if wide {
				if len(b) < 2 {
					return s.String(), false
				}
				code, n = code<<8|uint16(b[1]), 2
			}
			text, ok := m[code]
			if !ok {
				return s.String(), false
			}
			s.WriteString(text)
			b = b[n:]
		}
		return s.String(), true
	}
}

// toUnicode reads the mappings of a ToUnicode CMap (ISO 32000-2, 9.10.3) for codes of one or two bytes.
func (d *fieldDrawings) toUnicode(content []byte) (map[uint16]string, error) {
	m := map[uint16]string{}
	var err error
	l := &contentLexer{b: content}
	for op, args := l.next(); op != "" && err == nil; op, args = l.next() {
		var codes []string
		for _, a := range args {
			if a.kind == operandString && len(a.text) <= 64 {
				codes = append(codes, string(a.text))
			}
		}
		switch op {
		case "endbfchar":
			for ; len(codes) >= 2; codes = codes[2:] {
				m[codeOf(codes[0])] = decodeText([]byte("\xfe\xff" + codes[1]))
			}
		case "endbfrange": // with arrays the pairs of three do not hold; such a map is left
			if len(codes)%3 != 0 || len(codes) != len(args) {
				clear(m)
				return m, nil
			}
			for ; len(codes) >= 3 && err == nil; codes = codes[3:] {
				err = d.toUnicodeRange(m, codeOf(codes[0]), codeOf(codes[1]), []byte(codes[2]))
			}
		}
	}
	return m, err
}

func (d *fieldDrawings) toUnicodeRange(m map[uint16]string, first, last uint16, text []byte) error {
	if last < first || len(text) == 0 {
		return nil
	}
	if err := d.spend(int(last - first)); err != nil {
		return err
	}
	for c := int(first); c <= int(last); c++ {
		m[uint16(c)] = decodeText(append([]byte{0xfe, 0xff}, text...))
		for i := len(text) - 1; i >= 0; i-- {
			if text[i]++; text[i] != 0 {
				break
			}
		}
	}
	return nil
}

// codeOf gives a code of one or two bytes.
func codeOf(s string) uint16 {
	var n uint16
	for _, c := range []byte(s) {
		n = n<<8 | uint16(c)
	}
	return n
}
