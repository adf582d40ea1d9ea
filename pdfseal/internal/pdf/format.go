package pdf

import (
	"bytes"
	"encoding/hex"
	"math"
	"slices"
	"strconv"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

// FormatObject writes an object as it stands in a file, on one line and with the keys of dictionaries sorted, so that equal objects
// give equal bytes. Parsing the result gives the object again. Of a stream only the dictionary is written; an object of an unknown
// type, and a number that is not finite, becomes null.
func FormatObject(o types.Object) []byte { return appendObject(nil, o) }

func appendObject(b []byte, o types.Object) []byte {
	switch v := o.(type) {
	case types.Boolean:
		return strconv.AppendBool(b, bool(v))
	case types.Integer:
		return strconv.AppendInt(b, int64(v), 10)
	case types.Float:
		return appendReal(b, float64(v))
	case types.Name:
		return appendName(b, string(v))
	case types.StringLiteral:
		return appendLiteral(b, string(v))
	case types.HexLiteral:
		return appendHex(b, string(v))
	case types.IndirectRef:
		return append(b, v.PDFString()...)
	case *types.IndirectRef:
		return append(b, v.PDFString()...)
	case types.Array:
		b = append(b, '[')
		for i, e := range v {
			if i > 0 {
				b = append(b, ' ')
			}
			b = appendObject(b, e)
		}
		return append(b, ']')
	case types.Dict:
		return appendDict(b, v)
	case types.StreamDict:
		return appendDict(b, v.Dict)
	case *types.StreamDict:
		return appendDict(b, v.Dict)
	}
	return append(b, "null"...)
}

func appendDict(b []byte, d types.Dict) []byte {
	return append(appendEntries(append(b, "<<"...), d), ">>"...)
}

func appendEntries(b []byte, d types.Dict) []byte {
	keys := make([]string, 0, len(d))
	for k := range d {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	for _, k := range keys {
		b = append(appendName(b, k), ' ')
		b = appendObject(b, d[k])
	}
	return b
}

func appendReal(b []byte, f float64) []byte {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return append(b, "null"...)
	}
	n := len(b)
	b = strconv.AppendFloat(b, f, 'f', -1, 64)
	if bytes.IndexByte(b[n:], '.') < 0 {
		b = append(b, ".0"...) // stays a real number
	}
	return b
}

// appendName writes a decoded name; what is no regular character of ASCII becomes #xx (ISO 32000-2, 7.3.5).
func appendName(b []byte, name string) []byte {
	b = append(b, '/')
	for i := range len(name) {
		c := name[i]
		if c <= ' ' || c > '~' || c == '#' || class[c] != regular {
			b = append(b, '#', "0123456789ABCDEF"[c>>4], "0123456789ABCDEF"[c&15])
			continue
		}
		b = append(b, c)
	}
	return b
}

// appendLiteral writes the bytes between the parentheses as they are. Bytes that would not end where they should, because their
// parentheses are not balanced, are written as a hexadecimal string of themselves.
func appendLiteral(b []byte, s string) []byte {
	l := newLexer(bytes.NewReader([]byte("("+s+")")), 0, int64(len(s)+2), nil)
	if got, err := l.literal(); err != nil || got != s {
		return appendHex(b, hex.EncodeToString([]byte(s)))
	}
	b = append(b, '(')
	b = append(b, s...)
	return append(b, ')')
}

func appendHex(b []byte, digits string) []byte {
	if _, err := hex.DecodeString(digits); err != nil {
		return append(b, "null"...)
	}
	b = append(b, '<')
	b = append(b, digits...)
	return append(b, '>')
}
