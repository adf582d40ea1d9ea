package pdfseal

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
	"golang.org/x/text/unicode/norm"
)

// maxFieldValue bounds the bytes of one field value.
const maxFieldValue = 1 << 18

// fieldText gives a field value as text: a text string, a stream of one, or a name; none is "". ok is false for anything else.
func (d *fieldDrawings) fieldText(o types.Object) (s string, ok bool, err error) {
	o, err = d.view.Resolve(o)
	if err != nil {
		return "", false, err
	}
	var b []byte
	switch v := o.(type) {
	case nil:
		return "", true, nil
	case types.Name:
		b = []byte(v)
	case types.StreamDict:
		if b, err = d.file.ReadStream(&v, maxFieldValue); isSyntax(err) {
			return "", false, nil
		}
	case types.StringLiteral, types.HexLiteral:
		b, _, err = d.view.Bytes(o)
	default:
		return "", false, nil
	}
	if err != nil || len(b) > maxFieldValue {
		return "", false, err
	}
	return decodeText(b), true, d.spend(len(b))
}

// decodeText decodes a text string: UTF-16 or UTF-8 with byte order mark, else PDFDocEncoding (ISO 32000-2, 7.9.2.2). UTF-16 in
// little-endian order is no PDF, and every reader reads it.
func decodeText(b []byte) string {
	if len(b) >= 2 && (b[0] == 0xfe && b[1] == 0xff || b[0] == 0xff && b[1] == 0xfe) {
		big := b[0] == 0xfe
		var units []uint16
		for i := 2; i+1 < len(b); i += 2 {
			hi, lo := b[i], b[i+1]
			if !big {
				hi, lo = lo, hi
			}
			units = append(units, uint16(hi)<<8|uint16(lo))
		}
		return withoutLanguage(string(utf16.Decode(units)))
	}
	if s, ok := strings.CutPrefix(string(b), "\xef\xbb\xbf"); ok && utf8.ValidString(s) {
		return s
	}
	docEncoding := latinEncodings()["PDFDocEncoding"]
	var s strings.Builder
	for _, c := range b {
		switch r := docEncoding[c]; {
		case r != 0:
			s.WriteRune(r)
		case c < 0x18:
			s.WriteByte(c)
		}
	}
	return s.String()
}

// withoutLanguage removes language codes, which stand between two escape characters (ISO 32000-2, 7.9.2.2.2).
func withoutLanguage(s string) string {
	for {
		before, after, ok := strings.Cut(s, "\x1b")
		if !ok {
			return s
		}
		_, after, ok = strings.Cut(after, "\x1b")
		if !ok {
			return before
		}
		s = before + after
	}
}

// shownText gives the characters of a value that are seen: composed (normalisation form C), without control and format characters, with
// all line ends as LF, or as spaces where the field has one line.
func shownText(s string, multiline bool) []rune {
	var out []rune
	s = strings.ReplaceAll(s, "\r\n", "\n")
	for _, r := range norm.NFC.String(s) {
		switch {
		case r == '\n' || r == '\r' || r == '\u2028' || r == '\u2029':
			if r = ' '; multiline {
				r = '\n'
			}
			out = append(out, r)
		case r == '\t' || r != '\u3000' && unicode.Is(unicode.Zs, r):
			out = append(out, ' ')
		case unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Variation_Selector, r):
		default:
			out = append(out, r)
		}
	}
	return out
}

// spelled lists characters for people, the first few of many: each with its number, because it may be one that cannot be shown.
func spelled(chars string) string {
	const most = 8
	var parts []string
	for i, r := range []rune(chars) {
		if i == most {
			parts = append(parts, "…")
			break
		}
		number := fmt.Sprintf("U+%04X", r)
		if shown := printable(string(r), 1); shown != "" {
			number = shown + " " + number
		}
		parts = append(parts, number)
	}
	return strings.Join(parts, ", ")
}
