package gm

import (
	"encoding/asn1"
	"encoding/hex"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"sealdesk/pdfseal/internal/der"
)

// Limits of a name in readable form, in characters.
const (
	maxNameText  = 512
	maxValueText = 256
	maxRDNs      = 64
)

// name is a distinguished name in readable form.
type name struct {
	text      string // "CN=…, O=…", most specific first
	cn, o     string // first of each, unescaped
	irregular bool   // a value is not what its string type promises
}

// parseName reads a Name (RFC 5280, 4.1.2.4). What is merely odd is noted, what is not a Name is refused.
func parseName(v der.Value) (name, error) {
	rdns, err := v.Sequence(0, maxRDNs)
	if err != nil {
		return name{}, err
	}
	var n name
	parts := make([]string, 0, len(rdns))
	for _, rdn := range rdns {
		pairs, err := rdn.Set(1, maxRDNs)
		if err != nil {
			return name{}, err
		}
		texts := make([]string, 0, len(pairs))
		for _, p := range pairs {
			text, err := n.attribute(p)
			if err != nil {
				return name{}, err
			}
			texts = append(texts, text)
		}
		parts = append(parts, strings.Join(texts, "+"))
	}
	for i, j := 0, len(parts)-1; i < j; i, j = i+1, j-1 {
		parts[i], parts[j] = parts[j], parts[i]
	}
	n.text = shorten(strings.Join(parts, ", "), maxNameText)
	return n, nil
}

// attribute reads one AttributeTypeAndValue and remembers CN and O.
func (n *name) attribute(v der.Value) (string, error) {
	c, err := v.Sequence(2, 2)
	if err != nil {
		return "", err
	}
	oid, err := c[0].OID()
	if err != nil {
		return "", err
	}
	value, regular := text(c[1])
	n.irregular = n.irregular || !regular
	value = shorten(clean(value), maxValueText)
	switch {
	case oid.Equal(oidCommonName) && n.cn == "":
		n.cn = value
	case oid.Equal(oidOrganization) && n.o == "":
		n.o = value
	}
	return typeName(oid) + "=" + escape(value), nil
}

func typeName(oid asn1.ObjectIdentifier) string {
	if s, ok := attributeNames[oid.String()]; ok {
		return s
	}
	return oid.String()
}

// text reads a string of any type that occurs in names. regular tells whether
// the bytes are of the alphabet that the type promises.
func text(v der.Value) (s string, regular bool) {
	b := v.Content
	if v.Class != der.ClassUniversal || v.Constructed {
		return "#" + hex.EncodeToString(b[:min(len(b), maxValueText)]), false
	}
	switch v.Tag {
	case der.TagUTF8String:
		return strings.ToValidUTF8(string(b), "\uFFFD"), utf8.Valid(b)
	case der.TagPrintableString, der.TagIA5String, 18 /* NumericString */, 26 /* VisibleString */ :
		return strings.ToValidUTF8(string(b), "\uFFFD"), isASCII(b)
	case 20: // TeletexString, in practice Latin-1 or UTF-8
		if utf8.Valid(b) {
			return string(b), isASCII(b)
		}
		return latin1(b), true
	case 30: // BMPString
		return utf16Text(b), len(b)%2 == 0
	case 28: // UniversalString
		return utf32Text(b), len(b)%4 == 0
	}
	return "#" + hex.EncodeToString(b[:min(len(b), maxValueText)]), false
}

func isASCII(b []byte) bool {
	for _, c := range b {
		if c >= 0x80 {
			return false
		}
	}
	return true
}

func latin1(b []byte) string {
	out := make([]rune, len(b))
	for i, c := range b {
		out[i] = rune(c)
	}
	return string(out)
}

func utf16Text(b []byte) string {
	units := make([]uint16, 0, len(b)/2)
	for ; len(b) >= 2; b = b[2:] {
		units = append(units, uint16(b[0])<<8|uint16(b[1]))
	}
	return string(utf16.Decode(units))
}

func utf32Text(b []byte) string {
	var out []rune
	for ; len(b) >= 4; b = b[4:] {
		r := rune(uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3]))
		if !utf8.ValidRune(r) {
			r = utf8.RuneError
		}
		out = append(out, r)
	}
	return string(out)
}

// clean removes what could make a name read as another one: control
// characters, line separators, direction overrides and other invisible format
// characters. The joiners and the vowel separator that Mongolian and other
// scripts need stay.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case '\u200c', '\u200d', '\u180e':
			return r
		}
		if unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co, unicode.Cs) {
			return -1
		}
		return r
	}, s)
}

// escape marks the characters that separate the parts of a readable name.
func escape(s string) string { return separators.Replace(s) }

var separators = strings.NewReplacer(`\`, `\\`, `,`, `\,`, `+`, `\+`, `=`, `\=`)

// shorten cuts s to n characters and marks the cut.
func shorten(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n-1]) + "…"
}
