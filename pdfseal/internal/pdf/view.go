package pdf

import (
	"encoding/hex"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

// View is the document as it was after one revision.
type View struct {
	f   *File
	rev int

	pages pageWalk
}

// At gives the document as of revision rev, counted from 0; rev must be an index of Revisions.
func (f *File) At(rev int) *View { return f.views[rev] }

// Latest gives the document as of its last revision.
func (f *File) Latest() *View { return f.views[len(f.views)-1] }

// Revision tells which revision the view shows.
func (v *View) Revision() *Revision { return v.f.revs[v.rev] }

// Trailer gives the trailer dictionary of the view's revision.
func (v *View) Trailer() types.Dict { return v.Revision().Trailer }

// Where gives the entry that defines object num in this view and the revision it belongs to; ok is false where no revision up to
// this one mentions the object.
func (v *View) Where(num int) (rev int, e Entry, ok bool) {
	for r := v.rev; r >= 0; r-- {
		if e, ok := v.f.revs[r].Entries[num]; ok {
			return r, e, true
		}
	}
	return 0, Entry{}, false
}

// Get gives object num, or nil where it is absent, free or null. A generation other than the object's is refused (rule S5): some
// readers take the object all the same, others nothing. A stream is a types.StreamDict whose data are read by File.ReadStream.
func (v *View) Get(num, gen int) (types.Object, error) { return v.get(num, gen, 0) }

// maxDepth bounds how often reading one object may need another: an object stream, the length of a stream.
const maxDepth = 8

func (v *View) get(num, gen, depth int) (types.Object, error) {
	rev, e, ok := v.Where(num)
	if !ok || e.Kind == Free {
		return nil, nil
	}
	if gen != e.Gen {
		return nil, syntax("S5", e.Offset, "reference to object %d generation %d, which has generation %d", num, gen, e.Gen)
	}
	if depth > maxDepth {
		return nil, syntax("S6", e.Offset, "object %d is needed to read itself", num)
	}
	if err := v.f.ctx.Err(); err != nil {
		return nil, err
	}
	if e.Kind == Compressed {
		return v.getCompressed(num, rev, e, depth)
	}
	key := cacheKey{e.Offset, -1, -1}
	if o, ok := v.f.cached(key); ok {
		return o, nil
	}
	key.rev = v.rev
	if o, ok := v.f.cached(key); ok {
		return o, nil
	}
	o, err := v.read(num, rev, e, reading{}, depth)
	if err != nil {
		return nil, err
	}
	if !o.perView {
		key.rev = -1
	}
	v.f.keep(key, o.value, o.weight)
	return o.value, nil
}

// read reads an uncompressed object from its place.
func (v *View) read(num, rev int, e Entry, r reading, depth int) (*indirect, error) {
	r.end = v.f.revs[rev].End
	r.resolve = func(o types.Object) (types.Object, error) {
		for range maxChain {
			ref, ok := o.(types.IndirectRef)
			if !ok {
				return o, nil
			}
			var err error
			if o, err = v.get(int(ref.ObjectNumber), int(ref.GenerationNumber), depth+1); err != nil {
				return nil, err
			}
		}
		return nil, beyond(e.Offset, "chain of more than %d references", maxChain)
	}
	o, err := v.f.readObject(e.Offset, r)
	if err != nil {
		return nil, err
	}
	if o.num != num || o.gen != e.Gen {
		return nil, syntax("S5", e.Offset, "object %d generation %d where %d generation %d is expected", o.num, o.gen, num, e.Gen)
	}
	return o, nil
}

// Resolve follows references until something else is found; nil stays nil.
func (v *View) Resolve(o types.Object) (types.Object, error) {
	for range maxChain {
		ref, ok := o.(types.IndirectRef)
		if !ok {
			return o, nil
		}
		var err error
		if o, err = v.Get(int(ref.ObjectNumber), int(ref.GenerationNumber)); err != nil {
			return nil, err
		}
	}
	return nil, beyond(-1, "chain of more than %d references", maxChain)
}

// Dict resolves o to a dictionary. nil stays nil; anything else, a stream too, is refused (rule S2).
func (v *View) Dict(o types.Object) (types.Dict, error) { return as[types.Dict](v, o, "dictionary") }

// Array resolves o to an array; nil stays nil.
func (v *View) Array(o types.Object) (types.Array, error) { return as[types.Array](v, o, "array") }

// Name resolves o to a name; nil gives "".
func (v *View) Name(o types.Object) (types.Name, error) { return as[types.Name](v, o, "name") }

// Stream resolves o to a stream; nil stays nil.
func (v *View) Stream(o types.Object) (*types.StreamDict, error) {
	sd, err := as[types.StreamDict](v, o, "stream")
	if err != nil || sd.Dict == nil {
		return nil, err
	}
	return &sd, nil
}

// Int resolves o to an integer; ok is false for nil.
func (v *View) Int(o types.Object) (n int, ok bool, err error) {
	if o, err = v.Resolve(o); o == nil || err != nil {
		return 0, false, err
	}
	i, err := as[types.Integer](v, o, "integer")
	return int(i), err == nil, err
}

// Number resolves o to an integer or real number; ok is false for nil.
func (v *View) Number(o types.Object) (x float64, ok bool, err error) {
	o, err = v.Resolve(o)
	switch n := o.(type) {
	case nil:
		return 0, false, err
	case types.Integer:
		return float64(n), true, nil
	case types.Float:
		return float64(n), true, nil
	}
	return 0, false, v.unexpected(o, "number")
}

// Bytes resolves o to a string and decodes its escapes or digits; ok is false for nil.
func (v *View) Bytes(o types.Object) (b []byte, ok bool, err error) {
	if o, err = v.Resolve(o); o == nil || err != nil {
		return nil, false, err
	}
	if b, ok = stringBytes(o); !ok {
		return nil, false, v.unexpected(o, "string")
	}
	return b, true, nil
}

func as[T types.Object](v *View, o types.Object, want string) (T, error) {
	var zero T
	at := o
	o, err := v.Resolve(o)
	if o == nil || err != nil {
		return zero, err
	}
	x, ok := o.(T)
	if !ok {
		return zero, v.unexpected(at, want)
	}
	return x, nil
}

func (v *View) unexpected(o types.Object, want string) error {
	off := int64(-1)
	if ref, ok := o.(types.IndirectRef); ok {
		if _, e, ok := v.Where(int(ref.ObjectNumber)); ok && e.Kind == InUse {
			off = e.Offset
		}
		return syntax("S2", off, "object %d is not the %s expected", ref.ObjectNumber, want)
	}
	return syntax("S2", off, "%T where a %s is expected", o, want)
}

// stringBytes decodes a string object.
func stringBytes(o types.Object) ([]byte, bool) {
	switch s := o.(type) {
	case types.StringLiteral:
		return unescape(string(s)), true
	case types.HexLiteral:
		b, err := hex.DecodeString(string(s))
		return b, err == nil
	}
	return nil, false
}

// Catalog gives the document catalogue and its reference. A catalogue without /Type is noted: it is found through /Root alone.
func (v *View) Catalog() (types.Dict, types.IndirectRef, error) {
	ref, ok := v.Trailer()["Root"].(types.IndirectRef)
	if !ok {
		return nil, ref, syntax("S8", -1, "trailer without a reference /Root")
	}
	d, err := v.Dict(ref)
	if err != nil {
		return nil, ref, err
	}
	if d == nil || d["Pages"] == nil || d["Type"] != nil && d["Type"] != types.Name("Catalog") {
		return nil, ref, syntax("S8", v.offset(ref), "/Root does not lead to a catalogue")
	}
	if d["Type"] == nil {
		v.f.addNote(Note{"S8", v.offset(ref), "catalogue without /Type"})
	}
	return d, ref, nil
}

// Spans gives the bytes of object num from its number to the end of endobj and, where it is a dictionary or a stream, those of
// each value of its dictionary, exactly as the tokens stand in the file (rule B4). The object must not lie in an object stream.
func (v *View) Spans(num int) (obj Span, keys map[string]Span, err error) {
	rev, e, ok := v.Where(num)
	if !ok || e.Kind != InUse {
		return Span{}, nil, syntax("B1", -1, "object %d is not an uncompressed object", num)
	}
	o, err := v.read(num, rev, e, reading{spans: true}, 0)
	if err != nil {
		return Span{}, nil, err
	}
	return o.span, o.keys, nil
}
