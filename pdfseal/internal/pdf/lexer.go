package pdf

import (
	"fmt"
	"io"
)

// windowSize is how much of the file a lexer holds at a time.
const windowSize = 4 << 10

// lexer walks over bytes [pos, end) of a source through a small window, so that its memory does not grow with the file.
type lexer struct {
	src   io.ReaderAt
	pos   int64
	end   int64
	buf   []byte
	bufAt int64
	err   error // first error of the source other than its end
	fixed int64 // offset to name in errors and notes where src is not the file itself, else -1
	note  func(Note)
}

func newLexer(src io.ReaderAt, pos, end int64, note func(Note)) *lexer {
	return &lexer{src: src, pos: pos, end: end, fixed: -1, note: note}
}

// peek returns the byte at pos, or -1 at the end or after an error.
func (l *lexer) peek() int {
	if i := l.pos - l.bufAt; i >= 0 && i < int64(len(l.buf)) {
		return int(l.buf[i])
	}
	if !l.fill() {
		return -1
	}
	return int(l.buf[0])
}

func (l *lexer) fill() bool {
	if l.err != nil || l.pos < 0 || l.pos >= l.end {
		return false
	}
	if l.buf == nil {
		l.buf = make([]byte, windowSize)
	}
	n := min(int64(windowSize), l.end-l.pos)
	got, err := l.src.ReadAt(l.buf[:n], l.pos)
	l.buf, l.bufAt = l.buf[:got], l.pos
	if got > 0 {
		return true
	}
	if err == nil || err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	l.err = err
	return false
}

// read returns the byte at pos and steps over it.
func (l *lexer) read() int {
	c := l.peek()
	if c >= 0 {
		l.pos++
	}
	return c
}

// offset gives the place in the file that stands for position p.
func (l *lexer) offset(p int64) int64 {
	if l.fixed >= 0 {
		return l.fixed
	}
	return p
}

// fail makes the error for position p; an error of the source comes first.
func (l *lexer) fail(rule string, p int64, format string, args ...any) error {
	if l.err != nil {
		return fmt.Errorf("pdf: read at %d: %w", l.pos, l.err)
	}
	return syntax(rule, l.offset(p), format, args...)
}

func (l *lexer) remark(rule string, p int64, format string, args ...any) {
	if l.note != nil {
		l.note(Note{Rule: rule, Offset: l.offset(p), Msg: fmt.Sprintf(format, args...)})
	}
}

// Character classes of ISO 32000-2, 7.2.3.
const (
	regular = iota
	space
	delimiter
)

var class = func() (t [256]byte) {
	for _, c := range "\x00\t\n\f\r " {
		t[c] = space
	}
	for _, c := range "()<>[]{}/%" {
		t[c] = delimiter
	}
	return
}()

func isSpace(c int) bool   { return c >= 0 && class[c] == space }
func isRegular(c int) bool { return c >= 0 && class[c] == regular }
func isDigit(c int) bool   { return c >= '0' && c <= '9' }

// skipSpace steps over white space.
func (l *lexer) skipSpace() {
	for isSpace(l.peek()) {
		l.pos++
	}
}

// skipUpTo steps over at most n bytes of white space.
func (l *lexer) skipUpTo(n int64) {
	for end := l.pos + n; l.pos < end && isSpace(l.peek()); {
		l.pos++
	}
}

// skipBlank steps over white space and comments, which are white space wherever tokens are separated (ISO 32000-2, 7.2.4). It stops
// after maxBlank bytes, in front of something that no token begins with.
func (l *lexer) skipBlank() {
	for end := l.pos + maxBlank; l.pos < end; {
		l.skipUpTo(end - l.pos)
		if l.peek() != '%' {
			return
		}
		start := l.pos
		for c := l.peek(); c >= 0 && c != '\n' && c != '\r'; c = l.peek() {
			if l.pos >= end {
				l.pos = start
				return
			}
			l.pos++
		}
	}
}

// accept steps over word if it stands at pos.
func (l *lexer) accept(word string) bool {
	start := l.pos
	for i := range len(word) {
		if l.read() != int(word[i]) {
			l.pos = start
			return false
		}
	}
	return true
}

// keyword steps over word if it stands at pos as a token of its own.
func (l *lexer) keyword(word string) bool {
	start := l.pos
	if l.accept(word) && !isRegular(l.peek()) {
		return true
	}
	l.pos = start
	return false
}

// eol steps over one line end (CR LF, LF or CR).
func (l *lexer) eol() bool {
	switch l.peek() {
	case '\n':
		l.pos++
		return true
	case '\r':
		l.pos++
		if l.peek() == '\n' {
			l.pos++
		}
		return true
	}
	return false
}

// digits reads an unsigned decimal number of at most max digits; n is how many there were, 0 for none or too many.
func (l *lexer) digits(max int) (v int64, n int) {
	start := l.pos
	for isDigit(l.peek()) {
		if n++; n > max || n > 18 {
			l.pos = start
			return 0, 0
		}
		v = v*10 + int64(l.read()-'0')
	}
	return v, n
}
