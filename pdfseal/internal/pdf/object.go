package pdf

import (
	"fmt"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

// indirect is one indirect object as it stands in the file.
type indirect struct {
	num, gen int
	span     Span // from the object number to the end of endobj
	value    types.Object
	keys     map[string]Span // value tokens of the top-level dictionary, where asked for
	weight   int64
	perView  bool // the stream's length or filters come from other objects, which may differ between revisions
}

// reading says how an indirect object is read.
type reading struct {
	strict  bool // no tolerance: bytes that were added after a seal
	spans   bool // record the spans of the top-level dictionary's values
	end     int64
	resolve func(types.Object) (types.Object, error) // for /Length, /Filter and /DecodeParms; nil where they must be direct
}

// header reads "N G obj" at off (rule S5). White space in front of the number is stepped over unless strict: the offset then
// still leads to this object and no other, and every reader skips white space before a token.
func header(l *lexer, off int64, strict bool) (num, gen int, start int64, err error) {
	l.pos = off
	if isSpace(l.peek()) && !strict {
		l.skipUpTo(maxGap)
		l.remark("S5", off, "white space before the object")
	}
	start = l.pos
	inside, err := l.afterDigit(start)
	if err != nil {
		return 0, 0, start, err
	}
	if inside {
		return 0, 0, start, l.fail("S5", off, "offset into the middle of a number")
	}
	n, k := l.digits(10)
	if k == 0 || n > maxObjectNum || n == 0 || !isSpace(l.peek()) {
		return 0, 0, start, l.fail("S5", off, "no object here")
	}
	l.skipUpTo(maxGap)
	g, k := l.digits(5)
	if k == 0 || g > 65535 || !isSpace(l.peek()) {
		return 0, 0, start, l.fail("S5", off, "no object here")
	}
	l.skipUpTo(maxGap)
	if !l.keyword("obj") {
		return 0, 0, start, l.fail("S5", off, "no object here")
	}
	return int(n), int(g), start, nil
}

// afterDigit tells whether the byte before pos is a digit: "8 0 obj" is also the end of "18 0 obj", and not every reader looks back.
func (l *lexer) afterDigit(pos int64) (bool, error) {
	var b [1]byte
	if pos <= 0 {
		return false, nil
	}
	if i := pos - 1 - l.bufAt; i >= 0 && i < int64(len(l.buf)) {
		return isDigit(int(l.buf[i])), nil
	}
	if _, err := l.src.ReadAt(b[:], pos-1); err != nil {
		return false, fmt.Errorf("pdf: read at %d: %w", pos-1, err)
	}
	return isDigit(int(b[0])), nil
}

// readObject reads the indirect object at off up to and including endobj.
func (f *File) readObject(off int64, r reading) (*indirect, error) {
	l := newLexer(f.src, off, r.end, f.addNote)
	o := &indirect{}
	var err error
	if o.num, o.gen, o.span.Start, err = header(l, off, r.strict); err != nil {
		return nil, err
	}
	p := newParser(l)
	if r.spans {
		p.keys = map[string]Span{}
	}
	if o.value, err = p.value(); err != nil {
		return nil, err
	}
	o.keys, o.weight = p.keys, p.weight+128
	l.skipBlank()
	if d, ok := o.value.(types.Dict); ok && l.keyword("stream") {
		if err := f.readStreamData(l, o, d, r); err != nil {
			return nil, err
		}
		l.skipBlank()
	}
	if !l.keyword("endobj") {
		return nil, l.fail("S5", l.pos, "endobj of object %d expected", o.num)
	}
	o.span.End = l.pos
	return o, nil
}

// readStreamData steps over the data of a stream and makes o.value a types.StreamDict that says where they are. The keyword stream
// ends with CR LF or LF (ISO 32000-2, 7.3.8.1). After exactly /Length bytes endstream must stand, with one line end in between or
// none; further white space there is accepted and noted, because /Length already says where the data end.
func (f *File) readStreamData(l *lexer, o *indirect, d types.Dict, r reading) error {
	if l.peek() == '\r' {
		l.pos++
	}
	if l.read() != '\n' {
		return l.fail("S2", l.pos, "line end after stream expected")
	}
	start := l.pos
	length, err := streamLength(l, o, d, r)
	if err != nil {
		return err
	}
	if length < 0 || length > l.end-start {
		return l.fail("S2", start, "stream of object %d is said to have %d bytes", o.num, length)
	}
	l.pos = start + length
	l.eol()
	if isSpace(l.peek()) && !r.strict {
		l.remark("S2", l.pos, "white space before endstream")
		l.skipSpace()
	}
	if !l.keyword("endstream") {
		return l.fail("S2", start+length, "endstream of object %d expected", o.num)
	}
	sd := types.NewStreamDict(d, start, &length, nil, nil)
	if sd.FilterPipeline, err = pipeline(l, o, d, r); err != nil {
		return err
	}
	o.value = sd
	return nil
}

func streamLength(l *lexer, o *indirect, d types.Dict, r reading) (int64, error) {
	v := d["Length"]
	if ref, ok := v.(types.IndirectRef); ok && r.resolve != nil {
		o.perView = true
		var err error
		if v, err = r.resolve(ref); err != nil {
			return 0, err
		}
	}
	n, ok := v.(types.Integer)
	if !ok {
		return 0, l.fail("S2", o.span.Start, "stream of object %d has no usable /Length", o.num)
	}
	return int64(n), nil
}

// pipeline lists the filters of a stream with their parameters.
func pipeline(l *lexer, o *indirect, d types.Dict, r reading) ([]types.PDFFilter, error) {
	at := func(v types.Object) (types.Object, error) {
		if ref, ok := v.(types.IndirectRef); ok && r.resolve != nil {
			o.perView = true
			return r.resolve(ref)
		}
		return v, nil
	}
	list := func(key string) (types.Array, error) {
		v, err := at(d[key])
		if a, ok := v.(types.Array); ok || err != nil || v == nil {
			return a, err
		}
		return types.Array{v}, nil
	}
	filters, err := list("Filter")
	if err != nil {
		return nil, err
	}
	parms, err := list("DecodeParms")
	if err != nil {
		return nil, err
	}
	out := make([]types.PDFFilter, 0, len(filters))
	for i, v := range filters {
		if v, err = at(v); err != nil {
			return nil, err
		}
		name, ok := v.(types.Name)
		if !ok {
			return nil, l.fail("S2", o.span.Start, "filter of object %d is not a name", o.num)
		}
		pf := types.PDFFilter{Name: string(name)}
		if i < len(parms) {
			if v, err = at(parms[i]); err != nil {
				return nil, err
			}
			pf.DecodeParms, _ = v.(types.Dict)
		}
		out = append(out, pf)
	}
	return out, nil
}
