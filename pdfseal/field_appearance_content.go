package pdfseal

import (
	"bytes"
	"encoding/hex"
	"strconv"
	"strings"
)

// tokenKind tells the tokens of a content stream apart.
type tokenKind int

const (
	endToken    tokenKind = iota
	nameToken             // text is the name, without its solidus
	literalText           // what stands between parentheses, with its escapes
	hexText               // the bytes of a hexadecimal string
	otherToken            // a number, an operator or a single delimiter
)

// contentToken is a token of a content stream (ISO 32000-2, 7.8.2).
type contentToken struct {
	kind tokenKind
	text string
}

// maxOperands bounds the operands of one operator; what stands before them is dropped.
const maxOperands = 4096

// operations calls do for each operator of a content stream with its operands, the elements of arrays among them, until it answers false.
func operations(b []byte, do func(operator string, operands []contentToken) bool) {
	var operands []contentToken
	for {
		var t contentToken
		t, b = nextToken(b)
		switch c := strings.TrimLeft(t.text, "+-."); {
		case t.kind == endToken:
			return
		case t.kind != otherToken || c != "" && c[0] >= '0' && c[0] <= '9':
			if operands = append(operands, t); len(operands) > maxOperands {
				operands = append(operands[:0], operands[maxOperands/2:]...)
			}
		case strings.IndexByte(delimiters, t.text[0]) >= 0:
		default:
			if !do(t.text, operands) {
				return
			}
			operands = operands[:0]
		}
	}
}

const (
	whiteSpace = "\x00\t\n\f\r "
	delimiters = "()<>[]{}/%"
)

// nextToken gives the first token and what follows it.
func nextToken(b []byte) (contentToken, []byte) {
	for {
		b = bytes.TrimLeft(b, whiteSpace)
		if len(b) == 0 || b[0] != '%' {
			break
		}
		end := bytes.IndexAny(b, "\r\n")
		if end < 0 {
			return contentToken{}, nil
		}
		b = b[end:]
	}
	if len(b) == 0 {
		return contentToken{}, nil
	}
	switch {
	case b[0] == '(':
		return literal(b[1:])
	case b[0] == '<' && (len(b) < 2 || b[1] != '<'):
		return hexString(b[1:])
	}
	n := 1
	if bytes.HasPrefix(b, []byte("<<")) {
		return contentToken{otherToken, "<<"}, b[2:]
	}
	if b[0] == '/' || strings.IndexByte(delimiters, b[0]) < 0 {
		for n < len(b) && strings.IndexByte(whiteSpace+delimiters, b[n]) < 0 {
			n++
		}
	}
	if b[0] == '/' {
		return contentToken{nameToken, unescapeName(string(b[1:n]))}, b[n:]
	}
	return contentToken{otherToken, string(b[:n])}, b[n:]
}

// literal reads a literal string behind its parenthesis.
func literal(b []byte) (contentToken, []byte) {
	depth := 1
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return contentToken{literalText, string(b[:i])}, b[i+1:]
			}
		}
	}
	return contentToken{literalText, string(b)}, nil
}

// hexString reads a hexadecimal string behind its sign; what is no digit is left out.
func hexString(b []byte) (contentToken, []byte) {
	end, rest := bytes.IndexByte(b, '>'), []byte(nil)
	if end < 0 {
		end = len(b)
	} else {
		rest = b[end+1:]
	}
	digits := bytes.Map(func(r rune) rune {
		if strings.ContainsRune("0123456789abcdefABCDEF", r) {
			return r
		}
		return -1
	}, b[:end])
	if len(digits)%2 == 1 {
		digits = append(digits, '0')
	}
	n, _ := hex.Decode(digits, digits) // there is nothing but digits, an even number of them
	return contentToken{hexText, string(digits[:n])}, rest
}

// unescapeName resolves #xx in a name (ISO 32000-2, 7.3.5).
func unescapeName(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '#' && i+2 < len(s) {
			if c, err := strconv.ParseUint(s[i+1:i+3], 16, 8); err == nil {
				b.WriteByte(byte(c))
				i += 2
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
