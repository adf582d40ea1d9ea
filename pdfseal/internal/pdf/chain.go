package pdf

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

// tailSize is how many bytes from the end of the file are searched for the last startxref.
const tailSize = 2048

// readTail finds the end of the last revision (rule S3). White space after the final %%EOF, and its line end, are accepted and
// noted, and so is a short word of letters and digits that holds no keyword: no reader gives them a meaning, whether it reads the
// table or rebuilds it. Anything else there is refused. (Behind a seal nothing is accepted: there the file ends with the seal's range.)
func (f *File) readTail() (*footer, error) {
	n := min(f.size, tailSize)
	b := make([]byte, n)
	if _, err := io.ReadFull(io.NewSectionReader(f.src, f.size-n, n), b); err != nil {
		return nil, fmt.Errorf("pdf: read at %d: %w", f.size-n, err)
	}
	i := bytes.LastIndex(b, []byte("startxref"))
	if i < 0 {
		return nil, syntax("S3", f.size, "file does not end with startxref and %%%%EOF")
	}
	if i == 0 || isRegular(int(b[i-1])) { // "endobjstartxref" is one word, not two
		return nil, syntax("S3", f.size-n+int64(i), "startxref is part of another word")
	}
	l := newLexer(f.src, 0, f.size, f.addNote)
	ft, err := readFooter(l, f.size-n+int64(i), false)
	if err != nil {
		return nil, err
	}
	l.skipSpace()
	if l.err != nil {
		return nil, l.err
	}
	if l.pos < f.size {
		if !meaningless(b[l.pos-(f.size-n):]) {
			return nil, l.fail("S3", l.pos, "bytes after %%%%EOF")
		}
		f.addNote(Note{Rule: "S3", Offset: ft.end, Msg: "a word after %%EOF"})
	} else if l.pos > ft.end {
		f.addNote(Note{Rule: "S3", Offset: ft.end, Msg: "white space after %%EOF"})
	}
	return ft, nil
}

// meaningless tells whether b is at most 64 letters, digits and white space without a keyword and without a digit at the front, where
// an object could begin.
func meaningless(b []byte) bool {
	if len(b) > 64 || b[0] >= '0' && b[0] <= '9' {
		return false
	}
	for _, c := range b {
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || isSpace(int(c))) {
			return false
		}
	}
	lower := bytes.ToLower(b)
	for _, word := range []string{"obj", "xref", "trailer", "stream"} {
		if bytes.Contains(lower, []byte(word)) {
			return false
		}
	}
	return true
}

// readChain follows /Prev from the newest section to the oldest (rule S4). The offsets must fall strictly, which also rules out
// cycles. The one exception is the last hop in a linearised base, from the section at the beginning of the file to the main one.
func (f *File) readChain(last *footer) ([]*section, error) {
	var out []*section
	off, end := last.number, last.start
	for off >= 0 {
		if len(out) >= maxSections {
			return nil, beyond(off, "more than %d cross-reference sections", maxSections)
		}
		forward := len(out) > 0 && off > out[len(out)-1].offset
		if n := len(out); forward {
			end = last.start
			if n > 1 {
				end = out[n-2].offset
			}
		}
		s, err := f.readSection(off, end, false)
		if err != nil {
			return nil, err
		}
		if forward {
			if s.prev >= 0 || s.offset < out[len(out)-1].span.End {
				return nil, syntax("S4", off, "/Prev leads forward")
			}
			f.linear = true
		}
		out = append(out, s)
		end, off = s.offset, s.prev
		if off == s.offset {
			return nil, syntax("S4", off, "/Prev leads to its own section")
		}
	}
	return out, nil
}

// makeRevisions groups the sections, newest first, into revisions and finds where each ends.
func (f *File) makeRevisions(sections []*section, last *footer) error {
	var groups [][]*section
	for _, s := range sections {
		groups = append(groups, []*section{s})
	}
	if n := len(groups); f.linear {
		groups = append(groups[:n-2], []*section{sections[n-2], sections[n-1]})
	}
	if len(groups) > maxRevisions {
		return beyond(-1, "more than %d revisions", maxRevisions)
	}
	slices.Reverse(groups)
	start := int64(0)
	for i, g := range groups {
		r := &Revision{Index: i, Start: start, Kind: g[0].kind, Trailer: g[0].trailer, Entries: g[0].entries, sections: g}
		r.foot = last
		if i+1 < len(groups) {
			var err error
			if r.foot, err = f.findFooter(r, groups[i+1][0].offset); err != nil {
				return err
			}
		}
		if err := f.closeRevision(r); err != nil {
			return err
		}
		for _, s := range g {
			if s.offset < start {
				return syntax("S4", s.offset, "cross-reference section inside an earlier revision")
			}
		}
		start = r.End
		f.revs = append(f.revs, r)
		f.views = append(f.views, &View{f: f, rev: i})
	}
	if f.linear {
		return f.mergeLinearised(f.revs[0])
	}
	return nil
}

// findFooter looks between the last section of a revision and the next one for "startxref n %%EOF" whose n leads to the newest
// section of the revision. In a linearised base it stands behind the main section and names the one at the beginning (ISO 32000-2,
// Annex F.3). Where no n does, the first footer is taken: readers follow /Prev and never look at it, and here it only tells where
// the revision ends.
func (f *File) findFooter(r *Revision, end int64) (*footer, error) {
	s := r.sections[len(r.sections)-1]
	l := newLexer(f.src, s.span.End, end, f.addNote)
	var first *footer
	for l.pos < end && l.err == nil {
		at := l.pos
		if l.peek() == 's' && l.accept("startxref") {
			if ft, err := readFooter(l, at, false); err == nil {
				if f.leadsTo(ft, r) {
					return ft, nil
				}
				if first == nil {
					first = ft
				}
			}
		}
		l.pos = at + 1
	}
	if first == nil || l.err != nil {
		return nil, l.fail("S3", s.span.End, "no startxref after the cross-reference section at %d", s.offset)
	}
	f.addNote(Note{"S4", first.start, "startxref of an earlier revision leads elsewhere"})
	return first, nil
}

func (f *File) leadsTo(ft *footer, r *Revision) bool {
	l := newLexer(f.src, ft.number, f.size, nil)
	l.skipUpTo(maxGap)
	return l.pos == r.sections[0].offset
}

// closeRevision sets the end of a revision. What stands between trailer and startxref other than white space is noted: readers
// look for the last startxref of the file and do not read what precedes it.
func (f *File) closeRevision(r *Revision) error {
	s := r.sections[len(r.sections)-1]
	l := newLexer(f.src, s.span.End, r.foot.start, nil)
	if l.skipSpace(); l.pos < r.foot.start {
		f.addNote(Note{"S11", l.pos, "bytes between the trailer and startxref"})
	}
	if s.span.End > r.foot.start {
		return syntax("S4", s.offset, "cross-reference section beyond its startxref")
	}
	r.Mark, r.End = r.foot.mark, r.foot.end
	return nil
}

// mergeLinearised checks the linearised base and joins its two sections. What stands in both, apart from free entries, would be
// read by the order of the sections: that is refused.
func (f *File) mergeLinearised(r *Revision) error {
	length, ok := f.linearLength(r)
	if !ok || length < r.Mark || length > r.End {
		return syntax("S4", r.sections[0].offset, "/Prev leads forward, and the base is not linearised with its length of %d", r.End)
	}
	main := r.sections[1]
	if ref, ok := main.trailer["Root"]; ok && ref != r.Trailer["Root"] {
		return syntax("S8", main.offset, "/Root differs between the sections of the linearised base")
	}
	num, _, twice := lowest(main.entries, func(num int, e Entry) bool {
		old, ok := r.Entries[num]
		return ok && (old.Kind != Free || e.Kind != Free)
	})
	if twice {
		return syntax("S4", main.offset, "object %d stands in both sections of the linearised base", num)
	}
	maps.Copy(r.Entries, main.entries)
	return nil
}

// linearLength reads /L of the linearisation parameter dictionary, which is the first object of the file.
func (f *File) linearLength(r *Revision) (int64, bool) {
	l := newLexer(f.src, 0, min(f.size, 4096), nil)
	l.skipBlank()
	o, err := f.readObject(l.pos, reading{end: r.sections[0].offset})
	if err != nil {
		return 0, false
	}
	d, ok := o.value.(types.Dict)
	if !ok || d["Linearized"] == nil {
		return 0, false
	}
	n, ok := d["L"].(types.Integer)
	return int64(n), ok
}

// checkOffsets applies rule S5: every entry that is in use leads exactly to its object, inside the bytes of its own revision, and
// every compressed object lies in an object stream of its own revision. Objects are visited in the order of the file, so that a
// dense file is read once.
func (f *File) checkOffsets() error {
	type place struct {
		num int
		e   Entry
	}
	for _, r := range f.revs {
		num, e, found := lowest(r.Entries, func(_ int, e Entry) bool {
			return e.Kind == Compressed && r.Entries[e.Stream].Kind != InUse
		})
		if found {
			return syntax("S5", r.sections[0].offset, "object %d is in object stream %d, which its revision does not have", num, e.Stream)
		}
		var list []place
		for num, e := range r.Entries {
			if e.Kind == InUse {
				list = append(list, place{num, e})
			}
		}
		slices.SortFunc(list, func(a, b place) int {
			return cmp.Or(cmp.Compare(a.e.Offset, b.e.Offset), cmp.Compare(a.num, b.num))
		})
		l := newLexer(f.src, r.Start, r.End, f.addNote)
		for i, p := range list {
			if i%1024 == 0 && f.ctx.Err() != nil {
				return f.ctx.Err()
			}
			if err := checkOffset(l, r, p.num, p.e); err != nil {
				return err
			}
		}
	}
	return nil
}

func checkOffset(l *lexer, r *Revision, num int, e Entry) error {
	if e.Offset < r.Start || e.Offset >= r.End {
		return syntax("S5", e.Offset, "object %d lies outside the bytes of its revision", num)
	}
	n, g, _, err := header(l, e.Offset, false)
	if err != nil {
		return err
	}
	if n != num || g != e.Gen {
		return syntax("S5", e.Offset, "object %d generation %d where %d generation %d is expected", n, g, num, e.Gen)
	}
	return nil
}
