package pdf

import (
	"cmp"
	"slices"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

// CheckTail applies rule S11 to the bytes that revision rev added, and reads all of them again without any tolerance: each byte
// belongs to an object that the revision lists, to its cross-reference section, trailer, startxref and %%EOF, or is white space.
// Every object is parsed; every object of an object stream must be listed; /ID must be the earlier revision's; after the last
// revision the file must end. It is meant for revisions added after a seal; asked for revision 0 it also takes the header and the
// comment line after it as accounted for.
func (f *File) CheckTail(rev int) error {
	t := &tail{f: f, r: f.revs[rev], v: f.views[rev]}
	for _, step := range []func() error{t.trailer, t.sections, t.objects, t.gaps} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// tail is the strict reading of one revision.
type tail struct {
	f     *File
	r     *Revision
	v     *View
	spans []Span
}

func (t *tail) trailer() error {
	for i := t.r.Index - 1; i >= 0; i-- {
		old := firstID(t.f.revs[i].Trailer)
		if old != nil && !sameString(firstID(t.r.Trailer), old) {
			return syntax("S8", t.r.sections[0].offset, "first element of /ID changes")
		}
		if old != nil {
			break
		}
	}
	if t.r.Index == len(t.f.revs)-1 && t.r.End != t.f.size {
		return syntax("S3", t.r.End, "bytes after %%%%EOF")
	}
	return nil
}

// sections reads the cross-reference sections and what follows them. The first section of a linearised base has a footer of its
// own with the offset 0.
func (t *tail) sections() error {
	strict := &File{ctx: t.f.ctx, src: t.f.src, size: t.f.size, noted: map[Note]bool{}}
	for i, s := range t.r.sections {
		again, err := strict.readSection(s.offset, t.r.End, true)
		if err != nil {
			return err
		}
		t.spans = append(t.spans, again.span)
		l := newLexer(t.f.src, again.span.End, t.r.End, nil)
		l.skipSpace()
		ft, err := readFooter(l, l.pos, true)
		if err != nil {
			return err
		}
		want := t.r.sections[0].offset
		if i+1 < len(t.r.sections) {
			want = 0
		}
		if ft.number != want {
			return syntax("S4", ft.start, "startxref %d where %d is expected", ft.number, want)
		}
		t.spans = append(t.spans, Span{ft.start, ft.end})
	}
	return nil
}

// objects reads every object that the revision lists.
func (t *tail) objects() error {
	nums := make([]int, 0, len(t.r.Entries))
	for num := range t.r.Entries {
		nums = append(nums, num)
	}
	slices.Sort(nums)
	holds := map[int]int{} // compressed objects by object stream
	for _, num := range nums {
		if e := t.r.Entries[num]; e.Kind == Compressed {
			holds[e.Stream]++
		}
	}
	for _, num := range nums {
		if err := t.f.ctx.Err(); err != nil {
			return err
		}
		e := t.r.Entries[num]
		if e.Kind != InUse {
			continue
		}
		o, err := t.v.read(num, t.r.Index, e, reading{strict: true}, 0)
		if err != nil {
			return err
		}
		t.spans = append(t.spans, o.span)
		sd, ok := o.value.(types.StreamDict)
		if holds[num] > 0 || ok && sd.Dict["Type"] == types.Name("ObjStm") {
			if err := t.objectStream(o, holds[num]); err != nil {
				return err
			}
		}
	}
	return nil
}

// objectStream checks that an object stream holds exactly the objects that the revision lists in it, in order and with nothing but
// white space between them.
func (t *tail) objectStream(o *indirect, want int) error {
	s, err := t.f.decodeObjectStream(o)
	if err != nil {
		return err
	}
	at := o.span.Start
	if sd := o.value.(types.StreamDict); sd.Dict["Extends"] != nil {
		return syntax("S6", at, "object stream %d has /Extends", o.num)
	}
	if len(s.nums) != want {
		return syntax("S11", at, "object stream %d has %d objects, of which %d are listed", o.num, len(s.nums), want)
	}
	end := s.pairsEnd
	for i, num := range s.nums {
		if e := t.r.Entries[num]; e.Kind != Compressed || e.Stream != o.num || e.Index != i {
			return syntax("S11", at, "object %d of object stream %d is not listed", num, o.num)
		}
		if s.starts[i] < end || !blank(s.data[end:s.starts[i]]) {
			return syntax("S11", at, "objects of object stream %d overlap or leave bytes between them", o.num)
		}
		if _, _, end, err = s.object(i, nil); err != nil {
			return err
		}
	}
	if !blank(s.data[end:]) {
		return syntax("S11", at, "bytes after the last object of object stream %d", o.num)
	}
	return nil
}

func blank(b []byte) bool {
	return !slices.ContainsFunc(b, func(c byte) bool { return !isSpace(int(c)) })
}

// gaps checks that what lies between the spans is white space. A cross-reference stream may be listed as an object: then it counts
// twice with the same span.
func (t *tail) gaps() error {
	slices.SortFunc(t.spans, func(a, b Span) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End))
	})
	spans := slices.Compact(t.spans)
	l := newLexer(t.f.src, t.r.Start, t.r.End, nil)
	if t.r.Index == 0 {
		l.skipHeader()
	}
	for _, s := range append(spans, Span{t.r.End, t.r.End}) {
		l.skipSpace()
		switch {
		case l.pos < s.Start:
			return l.fail("S11", l.pos, "bytes that belong to no object")
		case l.pos > s.Start:
			return syntax("S11", s.Start, "objects overlap")
		}
		l.pos = max(l.pos, s.End)
	}
	return nil
}

// skipHeader steps over the header line and one comment line.
func (l *lexer) skipHeader() {
	for range 2 {
		if l.peek() != '%' {
			return
		}
		for c := l.peek(); c >= 0 && c != '\n' && c != '\r'; c = l.peek() {
			l.pos++
		}
		l.eol()
	}
}
