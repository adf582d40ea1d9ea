package pdf

import (
	"bytes"
	"regexp"
)

// CheckRebuild refuses a document that holds the text "N G obj" or "trailer" where no table leads: inside a listed object, as the data of a
// stream can, or between the objects (rule S5). It is meant for documents that refer to what nothing defines: there some readers take the
// table for broken, rebuild it from such texts, and show another document than those that believe it. An object that the table marks as
// deleted is told of by Strays.
func (f *File) CheckRebuild() error {
	strays, _, err := f.Strays(1 << 10)
	if err != nil {
		return err
	}
	known := map[int64]bool{}
	for _, s := range strays {
		known[s.Offset] = s.Freed
	}
	s := &straySearch{f: f}
	for _, p := range s.places() {
		known[p.at] = true
	}
	return s.parts(0, f.size, func(at int64, b []byte) (done bool, err error) {
		for _, i := range headers(b) {
			if i == 0 && at > 0 { // its number may begin in the part before, which holds all of it
				continue
			}
			n := i
			for n > 0 && i-n < maxGap && isSpace(int(b[n-1])) && !known[at+int64(n)] {
				n--
			}
			if !known[at+int64(n)] {
				return true, syntax("S5", at+int64(i), "references to nothing, and an object to which no table leads")
			}
		}
		for _, m := range aTrailer.FindAllIndex(b, -1) {
			if !f.inTable(at + int64(bytes.IndexByte(b[m[0]:], 't')+m[0])) {
				return true, syntax("S5", at+int64(m[0]), "references to nothing, and a trailer to which nothing leads")
			}
		}
		return false, nil
	})
}

var aTrailer = regexp.MustCompile(`[\r\n][\x00\t\f ]*trailer[\x00\t\n\f\r ]*<<`)

// inTable tells whether the offset lies in a cross-reference table.
func (f *File) inTable(at int64) bool {
	for _, r := range f.revs {
		for _, s := range r.sections {
			if s.kind == Table && at >= s.span.Start && at < s.span.End {
				return true
			}
		}
	}
	return false
}
