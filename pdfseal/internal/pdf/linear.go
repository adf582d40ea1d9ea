package pdf

import (
	"bytes"
	"strconv"
)

// checkLinear refuses a file whose first object says that the file is linearised and as long as it is, where it is not (rule S4). Such a
// reader begins behind that object and never comes to the last startxref: the author of a document could have another one shown as soon as
// seals have given the file the length that it names. The object need not be listed, and some readers look for it behind the first nine
// bytes, in the line of the header.
func (f *File) checkLinear() error {
	if f.linear && len(f.revs) == 1 {
		return nil
	}
	for _, at := range []int64{0, 9} {
		if f.claimsLinear(newLexer(f.src, at, f.size, nil)) {
			return syntax("S4", at, "the first object says that the file is linearised with its length of %d", f.size)
		}
	}
	return nil
}

// claimsLinear tells whether the object at which l stands names itself linearised and holds the length of the file. Its tokens are enough:
// what makes it malformed for one reader need not trouble another.
func (f *File) claimsLinear(l *lexer) bool {
	for at := int64(-1); at < l.pos; {
		at = l.pos
		l.skipBlank()
	}
	start, named, length := l.pos, false, false
	for i := 0; ; i++ {
		t, err := l.next(maxContents)
		switch {
		case i < 2 && t.kind != tokInteger, i == 2 && t.text != "obj", i == 3 && t.kind != tokOpenDict:
			return false
		case err != nil: // read no further: whoever does may find a length
			b := make([]byte, 1024)
			n, _ := f.src.ReadAt(b, start)
			return named || bytes.Contains(b[:n], []byte("Linear"))
		case t.kind == tokEnd, t.kind == tokKeyword && (t.text == "endobj" || t.text == "stream"), i > maxElements:
			return named && length
		case t.kind == tokName:
			named = named || t.text == "Linearized"
		case t.kind == tokInteger, t.kind == tokReal:
			x, _ := strconv.ParseFloat(t.text, 64)
			length = length || x == float64(f.size)
		}
	}
}
