package pdf

import (
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

// section is one cross-reference section with its trailer.
type section struct {
	offset  int64 // of "xref", or of "N G obj" of a cross-reference stream
	kind    XRefKind
	trailer types.Dict
	entries map[int]Entry
	size    int   // /Size
	prev    int64 // /Prev, or -1
	span    Span  // from offset to the end of the trailer dictionary or of endobj
	uneven  bool  // some entry of the table has not exactly 20 bytes
	self    int   // object number of a cross-reference stream
}

// footer is "startxref n %%EOF".
type footer struct {
	start  int64
	number int64
	mark   int64 // just after %%EOF
	end    int64 // just after the line end that follows
}

// readFooter reads "startxref EOL n EOL %%EOF [EOL]" at off (rule S3). Where it is not strict, other white space separates as well;
// the three tokens are still read in one way only.
func readFooter(l *lexer, off int64, strict bool) (*footer, error) {
	l.pos = off
	ft := &footer{start: off}
	if !l.keyword("startxref") {
		return nil, l.fail("S3", off, "startxref expected")
	}
	lineEnd := func() error {
		at := l.pos
		if l.eol() && !isSpace(l.peek()) {
			return nil
		}
		l.pos = at
		l.skipSpace()
		if strict || l.pos == at {
			return l.fail("S3", at, "one line end expected")
		}
		l.remark("S3", at, "further white space around startxref")
		return nil
	}
	if err := lineEnd(); err != nil {
		return nil, err
	}
	n, k := l.digits(10)
	if k == 0 {
		return nil, l.fail("S3", l.pos, "number after startxref expected")
	}
	ft.number = n
	if err := lineEnd(); err != nil {
		return nil, err
	}
	if !l.accept("%%EOF") {
		return nil, l.fail("S3", l.pos, "%%%%EOF expected")
	}
	ft.mark = l.pos
	l.eol()
	ft.end = l.pos
	return ft, nil
}

// readSection reads the cross-reference section at off, which must lie before end (rule S4).
func (f *File) readSection(off, end int64, strict bool) (*section, error) {
	if off <= 0 || off >= end {
		return nil, syntax("S4", off, "cross-reference offset out of range")
	}
	l := newLexer(f.src, off, end, f.addNote)
	if isSpace(l.peek()) && !strict {
		l.skipUpTo(maxGap)
		l.remark("S4", off, "white space before the cross-reference section")
	}
	s := &section{offset: l.pos, prev: -1, entries: map[int]Entry{}}
	var err error
	if l.peek() == 'x' {
		err = f.readTable(l, s, strict)
	} else {
		err = f.readXRefStream(s, end, strict)
	}
	if err != nil {
		return nil, err
	}
	if err := s.checkTrailer(); err != nil {
		return nil, err
	}
	return s, s.checkEntries()
}

// checkTrailer applies what the rules say about one trailer: encryption, hybrid files (S6), /Size and /Prev.
func (s *section) checkTrailer() error {
	at := s.span.Start
	if _, ok := s.trailer["Encrypt"]; ok {
		return &SyntaxError{Rule: "S8", Offset: at, Msg: "document is encrypted", Err: ErrEncrypted}
	}
	if _, ok := s.trailer["XRefStm"]; ok {
		return &SyntaxError{Rule: "S6", Offset: at, Msg: "hybrid file: /XRefStm beside a table", Err: ErrHybrid}
	}
	size, ok := s.trailer["Size"].(types.Integer)
	if !ok || size < 1 {
		return syntax("S4", at, "trailer without usable /Size")
	}
	if size > maxObjectNum+1 {
		return beyond(at, "/Size %d", size)
	}
	s.size = int(size)
	switch prev := s.trailer["Prev"].(type) {
	case nil:
	case types.Integer:
		if prev <= 0 {
			return syntax("S4", at, "/Prev %d", prev)
		}
		s.prev = int64(prev)
	default:
		return syntax("S4", at, "/Prev is not an integer")
	}
	return nil
}

// checkEntries applies what can be said of the entries of one section alone. An object number at or above /Size is refused: by
// ISO 32000-2, 7.5.5 such an object is missing, but not every reader treats it so.
func (s *section) checkEntries() error {
	num, e, found := lowest(s.entries, func(num int, e Entry) bool {
		return e.Kind != Free && (num == 0 || num >= s.size || e.Kind == Compressed && (e.Stream <= 0 || e.Stream == num))
	})
	switch {
	case !found:
		return nil
	case num == 0:
		return syntax("S4", s.offset, "object 0 is in use")
	case num >= s.size:
		return syntax("S4", s.offset, "object %d is not below /Size %d", num, s.size)
	}
	return syntax("S6", s.offset, "object %d is in object stream %d", num, e.Stream)
}

// lowest gives the entry of the lowest number for which bad holds, so that equal files give equal findings.
func lowest(entries map[int]Entry, bad func(int, Entry) bool) (num int, e Entry, found bool) {
	for n, x := range entries {
		if (!found || n < num) && bad(n, x) {
			num, e, found = n, x, true
		}
	}
	return num, e, found
}

// add puts one entry into the section; an object number that stands twice in one section is read differently by different readers.
func (f *File) addEntry(s *section, num int64, e Entry, at int64) error {
	if num > maxObjectNum {
		return beyond(at, "object number %d", num)
	}
	if _, twice := s.entries[int(num)]; twice {
		return syntax("S4", at, "object %d stands twice in one cross-reference section", num)
	}
	if f.entries++; f.entries > maxObjects {
		return beyond(at, "more than %d cross-reference entries", maxObjects)
	}
	s.entries[int(num)] = e
	return nil
}
