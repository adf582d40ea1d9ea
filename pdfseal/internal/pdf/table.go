package pdf

import (
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

// readTable reads "xref", its subsections and the trailer dictionary (ISO 32000-2, 7.5.4 and 7.5.5).
func (f *File) readTable(l *lexer, s *section, strict bool) error {
	s.kind, s.span.Start = Table, s.offset
	if !l.keyword("xref") {
		return l.fail("S4", s.offset, "no cross-reference section here")
	}
	if !endOfLine(l, strict) {
		return l.fail("S4", l.pos, "line end after xref expected")
	}
	for {
		at := l.pos
		if !strict {
			l.skipUpTo(maxGap)
		}
		if l.keyword("trailer") {
			if l.pos > at+int64(len("trailer")) {
				l.remark("S4", at, "white space before trailer")
			}
			break
		}
		l.pos = at
		if err := f.readSubsection(l, s, strict); err != nil {
			return err
		}
		if err := f.ctx.Err(); err != nil {
			return err
		}
	}
	p := newParser(l)
	v, err := p.value()
	if err != nil {
		return err
	}
	d, ok := v.(types.Dict)
	if !ok {
		return l.fail("S4", s.offset, "trailer is not a dictionary")
	}
	s.trailer, s.span.End = d, l.pos
	return nil
}

// endOfLine steps over one line end; where it is not strict, blanks may precede it and empty lines may follow.
func endOfLine(l *lexer, strict bool) bool {
	at := l.pos
	if l.eol() && (strict || !isSpace(l.peek())) {
		return true
	}
	if strict {
		return false
	}
	l.pos = at
	l.skipSpace()
	if l.pos > at {
		l.remark("S4", at, "white space at the end of a line of the cross-reference table")
	}
	return l.pos > at
}

// readSubsection reads "first count" and its entries.
func (f *File) readSubsection(l *lexer, s *section, strict bool) error {
	at := l.pos
	first, k := l.digits(10)
	if k == 0 || l.read() != ' ' {
		return l.fail("S4", at, "subsection of the cross-reference table expected")
	}
	if l.peek() == ' ' && !strict {
		l.skipUpTo(maxGap)
		l.remark("S4", at, "several spaces in the head of a subsection")
	}
	count, k := l.digits(10)
	if k == 0 || !endOfLine(l, strict) {
		return l.fail("S4", at, "subsection of the cross-reference table expected")
	}
	if count > maxObjects {
		return beyond(at, "subsection of %d entries", count)
	}
	for i := range count {
		at := l.pos
		e, err := readEntry(l, strict)
		if err != nil {
			return err
		}
		s.uneven = s.uneven || l.pos-at != entrySize
		if err := f.addEntry(s, first+i, e, at); err != nil {
			return err
		}
	}
	return nil
}

// entrySize is the length of an entry of a cross-reference table with its line end.
const entrySize = 20

// readEntry reads "nnnnnnnnnn ggggg n" and a line end of two characters: SP CR, SP LF or CR LF (ISO 32000-2, 7.5.4; rule S5).
// A free entry of generation 65536 instead of 65535 is a frequent slip in the head of the free list; it defines no object and is
// noted. Another line end is accepted under the condition of File.checkUneven.
func readEntry(l *lexer, strict bool) (Entry, error) {
	at := l.pos
	bad := func() (Entry, error) {
		return Entry{}, l.fail("S5", at, "malformed entry of the cross-reference table")
	}
	off, k := l.digits(10)
	if k != 10 || l.read() != ' ' {
		return bad()
	}
	gen, k := l.digits(5)
	if k != 5 || l.read() != ' ' {
		return bad()
	}
	e := Entry{Offset: off, Gen: int(gen)}
	switch l.read() {
	case 'n':
		e.Kind = InUse
	case 'f':
		e.Kind = Free
	default:
		return bad()
	}
	if gen > 65535 {
		if e.Kind == InUse || strict {
			return bad()
		}
		l.remark("S5", at, "free entry of generation %d", gen)
	}
	end := l.pos
	switch a, b := l.read(), l.read(); {
	case a == ' ' && b == '\r' && l.peek() != '\n', a == ' ' && b == '\n', a == '\r' && b == '\n':
		return e, nil
	}
	l.pos = end
	if l.peek() == ' ' {
		l.pos++
	}
	if strict || !l.eol() {
		return bad()
	}
	return e, nil
}
