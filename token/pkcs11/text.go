package pkcs11

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// maxText bounds a label in bytes; nothing that a person reads is longer.
const maxText = 4 << 10

// text reads a label: NUL and space padding is trimmed on both sides, UTF-8 is accepted, anything else is read as GBK. Control and
// bidirectional formatting characters are taken out, so that a label cannot rearrange the line that it is printed on.
func text(b []byte) string {
	b = b[:min(len(b), maxText)]
	s := strings.Trim(string(b), "\x00 \t\r\n")
	if !utf8.ValidString(s) {
		if decoded, err := simplifiedchinese.GBK.NewDecoder().String(s); err == nil {
			s = decoded
		}
		s = strings.ToValidUTF8(s, "\uFFFD")
	}
	s = strings.Map(func(r rune) rune {
		switch {
		case r == 0 || unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r):
			return -1
		default:
			return r
		}
	}, s)
	return strings.TrimSpace(s)
}
