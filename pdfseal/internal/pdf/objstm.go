package pdf

import (
	"bytes"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

// objectStream is a decoded object stream (ISO 32000-2, 7.5.7).
type objectStream struct {
	offset   int64  // of the stream object in the file
	data     []byte // decoded
	nums     []int
	starts   []int // of the objects in data
	pairsEnd int
}

// getCompressed gives an object of an object stream. The stream must be the one that the entry's own revision defines (rule S5),
// and number and index must agree: readers differ in which of the two they trust.
func (v *View) getCompressed(num, rev int, e Entry, depth int) (types.Object, error) {
	at, se, ok := v.Where(e.Stream)
	if !ok || at != rev || se.Kind != InUse {
		return nil, syntax("S5", se.Offset, "object stream %d of object %d was redefined", e.Stream, num)
	}
	key := cacheKey{se.Offset, e.Index, -1}
	if o, ok := v.f.cached(key); ok {
		return o, nil
	}
	s, err := v.objectStream(e.Stream, rev, se, depth)
	if err != nil {
		return nil, err
	}
	if e.Index >= len(s.nums) || s.nums[e.Index] != num {
		return nil, syntax("S6", se.Offset, "object stream %d has no object %d at index %d", e.Stream, num, e.Index)
	}
	o, weight, _, err := s.object(e.Index, v.f.addNote)
	if err != nil {
		return nil, err
	}
	v.f.keep(key, o, weight+64)
	return o, nil
}

func (v *View) objectStream(num, rev int, e Entry, depth int) (*objectStream, error) {
	if s := v.f.cachedStream(e.Offset); s != nil {
		return s, nil
	}
	o, err := v.read(num, rev, e, reading{}, depth)
	if err != nil {
		return nil, err
	}
	s, err := v.f.decodeObjectStream(o)
	if err != nil {
		return nil, err
	}
	v.f.keepStream(s)
	return s, nil
}

// decodeObjectStream decodes and checks an object stream read from the file (rule S6). /Extends is noted: objects are found through
// the cross-reference section, which names the stream that holds them, and never by following /Extends.
func (f *File) decodeObjectStream(o *indirect) (*objectStream, error) {
	sd, ok := o.value.(types.StreamDict)
	if !ok || sd.Dict["Type"] != types.Name("ObjStm") {
		return nil, syntax("S6", o.span.Start, "object %d is not an object stream", o.num)
	}
	if _, ok := sd.Dict["Extends"]; ok {
		f.addNote(Note{"S6", o.span.Start, "object stream with /Extends"})
	}
	data, err := f.ReadStream(&sd, maxInflate)
	if err != nil {
		return nil, err
	}
	if err := f.charge(o.span.Start, int64(len(data))); err != nil {
		return nil, err
	}
	return parseObjectStream(sd.Dict, data, o.span.Start)
}

// parseObjectStream reads the N pairs of numbers at the beginning of data.
func parseObjectStream(d types.Dict, data []byte, offset int64) (*objectStream, error) {
	n, ok1 := d["N"].(types.Integer)
	first, ok2 := d["First"].(types.Integer)
	if !ok1 || !ok2 || n < 0 || first < 0 || int64(first) > int64(len(data)) {
		return nil, syntax("S6", offset, "object stream without usable /N and /First")
	}
	if n > maxObjects {
		return nil, beyond(offset, "object stream of %d objects", n)
	}
	s := &objectStream{offset: offset, data: data}
	l := newLexer(bytes.NewReader(data), 0, int64(first), nil)
	l.fixed = offset
	for range int(n) {
		num, start, ok := headerPair(l)
		start += int64(first)
		if !ok || num <= 0 || num > maxObjectNum || start >= int64(len(data)) {
			return nil, syntax("S6", offset, "malformed beginning of an object stream")
		}
		s.nums, s.starts = append(s.nums, int(num)), append(s.starts, int(start))
	}
	s.pairsEnd = int(l.pos)
	return s, nil
}

func headerPair(l *lexer) (num, start int64, ok bool) {
	l.skipSpace()
	num, a := l.digits(10)
	l.skipSpace()
	start, b := l.digits(10)
	return num, start, a > 0 && b > 0 && !isRegular(l.peek())
}

// object parses the object at index. Where it ends is known from its syntax alone, so that the order of the objects and what stands
// between them make no difference; File.CheckTail looks at both.
func (s *objectStream) object(index int, note func(Note)) (o types.Object, weight int64, end int, err error) {
	l := newLexer(bytes.NewReader(s.data), int64(s.starts[index]), int64(len(s.data)), note)
	l.fixed = s.offset
	p := newParser(l)
	if o, err = p.value(); err != nil {
		return nil, 0, 0, err
	}
	return o, p.weight, int(l.pos), nil
}
