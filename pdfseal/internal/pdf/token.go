package pdf

type tokenKind int

const (
	tokEnd tokenKind = iota
	tokInteger
	tokReal
	tokName    // text: decoded
	tokString  // text: bytes between the parentheses
	tokHex     // text: digits, even in number
	tokKeyword // text: regular characters
	tokOpenArray
	tokCloseArray
	tokOpenDict
	tokCloseDict
)

type token struct {
	kind       tokenKind
	start, end int64
	text       string
}

// next reads one token to the letter of ISO 32000-2, 7.3 (rule S2). hexMax is the most digits that a hexadecimal string may have.
func (l *lexer) next(hexMax int) (token, error) {
	l.skipBlank()
	t := token{start: l.pos}
	var err error
	switch c := l.peek(); {
	case c < 0:
		if l.err != nil {
			return t, l.fail("S2", l.pos, "read error")
		}
		t.kind = tokEnd
	case c == '/':
		t.kind = tokName
		t.text, err = l.name()
	case c == '(':
		t.kind = tokString
		t.text, err = l.literal()
	case c == '<':
		l.pos++
		if l.peek() == '<' {
			l.pos++
			t.kind = tokOpenDict
			break
		}
		t.kind = tokHex
		t.text, err = l.hex(hexMax)
	case c == '>':
		l.pos++
		if l.read() != '>' {
			return t, l.fail("S2", t.start, "single >")
		}
		t.kind = tokCloseDict
	case c == '[' || c == ']':
		l.pos++
		t.kind = tokOpenArray
		if c == ']' {
			t.kind = tokCloseArray
		}
	case c == '+' || c == '-' || c == '.' || isDigit(c):
		t.kind, t.text, err = l.number()
	case isRegular(c):
		t.kind = tokKeyword
		t.text, err = l.word()
	case c == '%' || isSpace(c):
		return t, beyond(l.offset(t.start), "more than %d bytes between two tokens", maxBlank)
	default:
		return t, l.fail("S2", t.start, "unexpected %q", rune(c))
	}
	t.end = l.pos
	return t, err
}

// word reads a run of regular characters.
func (l *lexer) word() (string, error) {
	start := l.pos
	var b []byte
	for isRegular(l.peek()) {
		if len(b) >= 64 {
			return "", l.fail("S2", start, "keyword too long")
		}
		b = append(b, byte(l.read()))
	}
	return string(b), nil
}

// number reads [+-]digits[.digits]; at least one digit, no exponent.
func (l *lexer) number() (tokenKind, string, error) {
	start := l.pos
	var b []byte
	digits, points := 0, 0
	for c := l.peek(); isRegular(c); c = l.peek() {
		switch {
		case isDigit(c):
			digits++
		case c == '.':
			points++
		case (c == '+' || c == '-') && len(b) == 0:
		default:
			return 0, "", l.fail("S2", start, "malformed number")
		}
		if len(b) >= maxNumber {
			return 0, "", beyond(l.offset(start), "number of more than %d bytes", maxNumber)
		}
		b = append(b, byte(c))
		l.pos++
	}
	if digits == 0 || points > 1 {
		return 0, "", l.fail("S2", start, "malformed number")
	}
	if points == 1 {
		return tokReal, string(b), nil
	}
	return tokInteger, string(b), nil
}

func unhex(c int) int {
	switch {
	case isDigit(c):
		return c - '0'
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10
	}
	return -1
}

// hexRun takes the hexadecimal digits that are buffered at pos, at most max: the bulk of a /Contents without a call for each.
func (l *lexer) hexRun(max int) []byte {
	if l.peek() < 0 {
		return nil
	}
	at := l.pos - l.bufAt
	rest := l.buf[at:]
	n := 0
	for n < len(rest) && n < max && isHex[rest[n]] {
		n++
	}
	l.pos += int64(n)
	return rest[:n]
}

var isHex = func() (t [256]bool) {
	for c := range t {
		t[c] = unhex(c) >= 0
	}
	return t
}()

// name reads /name and resolves #xx (ISO 32000-2, 7.3.5). A # without two digits, or #00, is malformed.
func (l *lexer) name() (string, error) {
	start := l.pos
	l.pos++
	var b []byte
	for isRegular(l.peek()) {
		c := l.read()
		if c == '#' {
			hi, lo := unhex(l.read()), unhex(l.read())
			if hi < 0 || lo < 0 || hi+lo == 0 {
				return "", l.fail("S2", start, "malformed # in a name")
			}
			c = hi<<4 | lo
		}
		if len(b) >= maxNameHard {
			return "", beyond(l.offset(start), "name of more than %d bytes", maxNameHard)
		}
		b = append(b, byte(c))
	}
	if len(b) > maxName {
		l.remark("R1", start, "name of more than %d bytes", maxName)
	}
	return string(b), nil
}

// literal reads (string) and keeps the bytes between the outer parentheses as they stand.
func (l *lexer) literal() (string, error) {
	start := l.pos
	l.pos++
	var b []byte
	for open := 1; ; {
		c := l.read()
		switch c {
		case -1:
			return "", l.fail("S2", start, "string without end")
		case '(':
			open++
		case ')':
			if open--; open == 0 {
				return string(b), nil
			}
		case '\\':
			b = append(b, '\\')
			if c = l.read(); c < 0 {
				return "", l.fail("S2", start, "string without end")
			}
		}
		if len(b) >= maxString {
			return "", beyond(l.offset(start), "string of more than %d bytes", maxString)
		}
		b = append(b, byte(c))
	}
}

// hex reads the rest of <hex string> after its first character. White space inside is dropped, a missing last digit is 0.
func (l *lexer) hex(max int) (string, error) {
	start := l.pos - 1
	var b []byte
	for {
		run := l.hexRun(max - len(b))
		b = append(b, run...)
		c := l.read()
		switch {
		case c == '>':
			if len(b)%2 == 1 {
				b = append(b, '0')
			}
			return string(b), nil
		case isSpace(c):
			continue
		case c < 0:
			return "", l.fail("S2", start, "hexadecimal string without end")
		case unhex(c) < 0:
			return "", l.fail("S2", l.pos-1, "%q in a hexadecimal string", rune(c))
		}
		if len(b) >= max {
			return "", beyond(l.offset(start), "hexadecimal string of more than %d digits", max)
		}
		b = append(b, byte(c))
	}
}
