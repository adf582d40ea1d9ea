package pdfseal

import (
	"bytes"
	"strconv"
)

// maxOperands bounds the operands of one operator; further ones are dropped.
const maxOperands = 4096

const (
	whiteSpace = "\x00\t\n\f\r "
	delimiters = "()<>[]{}/%"
)

// The kinds of operands of a content stream.
const (
	operandNumber = iota + 1
	operandName
	operandString
	operandArray
	operandOther // a dictionary, a truth value, what begins as a number and is none
)

// operand is what stands before an operator. Arrays hold numbers and strings alone, which is what TJ and d take.
type operand struct {
	kind  byte
	num   float64
	text  []byte // name without its solidus, string; both with their escapes resolved
	array []operand
}

// contentLexer reads operators and their operands (ISO 32000-2, 7.8.2) of content streams, default appearance strings and ToUnicode
// CMaps, as fast as whole documents demand. What is malformed is stepped over, as readers do. Behind BI the caller takes inlineImage.
type contentLexer struct {
	b     []byte
	at    int
	stack []operand
}

// next gives the next operator with its operands; "" is the end. Both are good until the next call.
func (l *contentLexer) next() (op string, args []operand) {
	l.stack = l.stack[:0]
	for {
		o, word := l.token()
		switch {
		case word != "":
			return word, l.stack
		case o.kind == 0:
			return "", nil
		case len(l.stack) < maxOperands:
			l.stack = append(l.stack, o)
		}
	}
}

// contentClass tells white space (1) and delimiters (2) from all else.
var contentClass = func() (t [256]byte) {
	for _, c := range []byte(whiteSpace) {
		t[c] = 1
	}
	for _, c := range []byte(delimiters) {
		t[c] = 2
	}
	return t
}()

func blank(c byte) bool { return contentClass[c] == 1 }

func delimiter(c byte) bool { return contentClass[c] == 2 }

func (l *contentLexer) token() (o operand, word string) {
	for l.at < len(l.b) {
		c := l.b[l.at]
		switch {
		case blank(c):
			l.at++
		case c == '%':
			for l.at < len(l.b) && l.b[l.at] != '\n' && l.b[l.at] != '\r' {
				l.at++
			}
		case c == '/':
			l.at++
			return operand{kind: operandName, text: unescapeName(l.regular())}, ""
		case c == '(':
			return operand{kind: operandString, text: l.literal()}, ""
		case c == '<' && l.at+1 < len(l.b) && l.b[l.at+1] == '<':
			l.dict()
			return operand{kind: operandOther}, ""
		case c == '<':
			return operand{kind: operandString, text: l.hex()}, ""
		case c == '[':
			l.at++
			return operand{kind: operandArray, array: l.array()}, ""
		case delimiter(c):
			l.at++
		default:
			return l.plain()
		}
	}
	return operand{}, ""
}

func (l *contentLexer) regular() []byte {
	from := l.at
	for l.at < len(l.b) && contentClass[l.b[l.at]] == 0 {
		l.at++
	}
	return l.b[from:l.at]
}

// plain reads a number, a truth value or an operator.
func (l *contentLexer) plain() (operand, string) {
	t := l.regular()
	if c := t[0]; c >= '0' && c <= '9' || c == '-' || c == '+' || c == '.' {
		if x, ok := numeral(t); ok {
			return operand{kind: operandNumber, num: x}, ""
		}
		return operand{kind: operandOther}, ""
	}
	switch string(t) {
	case "true", "false", "null":
		return operand{kind: operandOther}, ""
	}
	return operand{}, string(t)
}

// numeral reads an integer or a real (ISO 32000-2, 7.3.3).
func numeral(b []byte) (float64, bool) {
	for _, c := range b {
		if (c < '0' || c > '9') && c != '.' && c != '-' && c != '+' {
			return 0, false
		}
	}
	f, err := strconv.ParseFloat(string(b), 64)
	return f, err == nil
}

// unescapeName resolves #xx in a name (ISO 32000-2, 7.3.5).
func unescapeName(b []byte) []byte {
	if bytes.IndexByte(b, '#') < 0 {
		return b
	}
	var out []byte
	for i := 0; i < len(b); i++ {
		if b[i] == '#' && i+2 < len(b) {
			high, ok := hexDigit(b[i+1])
			low, ok2 := hexDigit(b[i+2])
			if ok && ok2 {
				out = append(out, high<<4|low)
				i += 2
				continue
			}
		}
		out = append(out, b[i])
	}
	return out
}

// literal reads (string) with its escapes.
func (l *contentLexer) literal() []byte {
	l.at++
	from, open := l.at, 1
	var out []byte // only where there is an escape
	escaped := false
	for ; l.at < len(l.b); l.at++ {
		c := l.b[l.at]
		switch c {
		case '\\':
			if !escaped {
				escaped, out = true, append(out, l.b[from:l.at]...)
			}
			out = l.escape(out)
			continue
		case '(':
			open++
		case ')':
			if open--; open == 0 {
				if !escaped {
					out = l.b[from:l.at]
				}
				l.at++
				return out
			}
		}
		if escaped {
			out = append(out, c)
		}
	}
	return out
}

// escape reads what follows a backslash and stops at its last byte.
func (l *contentLexer) escape(out []byte) []byte {
	if l.at++; l.at >= len(l.b) {
		return out
	}
	c := l.b[l.at]
	if i := bytes.IndexByte([]byte("nrtbf"), c); i >= 0 {
		return append(out, "\n\r\t\b\f"[i])
	}
	switch {
	case c == '\r':
		if l.at+1 < len(l.b) && l.b[l.at+1] == '\n' {
			l.at++
		}
		return out
	case c == '\n':
		return out
	case c >= '0' && c <= '7':
		v := c - '0'
		for i := 0; i < 2 && l.at+1 < len(l.b) && l.b[l.at+1] >= '0' && l.b[l.at+1] <= '7'; i++ {
			l.at++
			v = v<<3 | l.b[l.at] - '0'
		}
		return append(out, v)
	}
	return append(out, c)
}

func (l *contentLexer) hex() []byte {
	var out []byte
	high, half := byte(0), false
	for l.at++; l.at < len(l.b) && l.b[l.at] != '>'; l.at++ {
		v, ok := hexDigit(l.b[l.at])
		if !ok {
			continue
		}
		if half {
			out = append(out, high<<4|v)
		}
		high, half = v, !half
	}
	l.at++
	if half {
		out = append(out, high<<4)
	}
	return out
}

func hexDigit(c byte) (byte, bool) {
	switch {
	case c >= '0' && c <= '9':
		return c - '0', true
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10, true
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10, true
	}
	return 0, false
}

// array reads up to ].
func (l *contentLexer) array() (out []operand) {
	for l.at < len(l.b) {
		if blank(l.b[l.at]) {
			l.at++
			continue
		}
		if l.b[l.at] == ']' {
			l.at++
			return out
		}
		switch c := l.b[l.at]; {
		case c == '(':
			out = append(out, operand{kind: operandString, text: l.literal()})
		case c == '<' && l.at+1 < len(l.b) && l.b[l.at+1] == '<':
			l.dict()
		case c == '<':
			out = append(out, operand{kind: operandString, text: l.hex()})
		case delimiter(c):
			l.at++
		default:
			if o, _ := l.plain(); o.kind == operandNumber {
				out = append(out, o)
			}
		}
	}
	return out
}

// dict steps over a dictionary.
func (l *contentLexer) dict() {
	for depth := 0; l.at < len(l.b); {
		switch {
		case bytes.HasPrefix(l.b[l.at:], []byte("<<")):
			depth++
			l.at += 2
		case bytes.HasPrefix(l.b[l.at:], []byte(">>")):
			l.at += 2
			if depth--; depth <= 0 {
				return
			}
		case l.b[l.at] == '(':
			l.literal()
		default:
			l.at++
		}
	}
}

// inlineImage reads from BI to EI and tells whether the picture is a mask, and not a picture that covers.
func (l *contentLexer) inlineImage() (mask bool) {
	var key string
	for {
		o, word := l.token()
		if word == "ID" || word == "" && o.kind == 0 {
			break
		}
		switch {
		case o.kind == operandName && key == "":
			key = string(o.text)
		case key == "IM" || key == "ImageMask":
			mask, key = bytes.HasSuffix(l.b[:l.at], []byte("true")), ""
		default:
			key = ""
		}
	}
	for l.at < len(l.b) {
		i := bytes.Index(l.b[l.at:], []byte("EI"))
		if i < 0 {
			l.at = len(l.b)
			return mask
		}
		at := l.at + i
		l.at = at + 2
		if at > 0 && blank(l.b[at-1]) && (l.at == len(l.b) || blank(l.b[l.at])) {
			return mask
		}
	}
	return mask
}
