package pdf

import (
	"bytes"
	"fmt"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

// Increment collects new and redefined objects for one incremental update (rules W4 and W5). It is not safe for concurrent use.
type Increment struct {
	view      *View // the document to be updated
	revs      []*Revision
	src       Source
	base      int64 // its size
	next      int
	plain     bool
	avoid     map[int]bool
	objects   map[int]pending
	signature int // object number of the signature dictionary, or 0
	reserve   int
	err       error // first misuse, reported by Build
}

// pending is an object as it will be written, without "N G obj" and "endobj".
type pending struct {
	gen  int
	body []byte
}

// NewIncrement begins an update of f.
func NewIncrement(f *File) *Increment { return NewIncrementAt(f, len(f.revs)-1, f.size) }

// NewIncrementAt begins an update of f as it was when it ended after revision rev and had size bytes: that is between the revision's Mark
// and its End. It gives what NewIncrement would have given then.
func NewIncrementAt(f *File, rev int, size int64) *Increment {
	u := &Increment{view: f.views[rev], revs: f.revs[:rev+1], src: f.src, base: size, objects: map[int]pending{}}
	for _, r := range u.revs {
		for _, s := range r.sections {
			u.next = max(u.next, s.size)
		}
		for num := range r.Entries {
			u.next = max(u.next, num+1)
		}
	}
	return u
}

// Plain keeps a cross-reference stream from being compressed: then the bytes of the increment depend on nothing but what is put into it.
func (u *Increment) Plain() { u.plain = true }

// Avoid keeps New from giving these numbers: those that objects of the document refer to although nothing defines them. A new object of such
// a number would appear wherever they point.
func (u *Increment) Avoid(nums map[int]bool) { u.avoid = nums }

// New gives a number that no revision of the document has used, free ones included.
func (u *Increment) New() types.IndirectRef {
	for u.avoid[u.next] {
		u.next++
	}
	ref := types.NewIndirectRef(u.next, 0)
	u.next++
	return *ref
}

// Put defines the object ref: a new one, or one of the document, which is then redefined with its generation. A later Put for the
// same number replaces the earlier one.
func (u *Increment) Put(ref types.IndirectRef, o types.Object) {
	u.put(ref, FormatObject(o))
}

// PutStream defines ref as a stream with dictionary d and data, which are written as they are; /Length is added.
func (u *Increment) PutStream(ref types.IndirectRef, d types.Dict, data []byte) {
	c := types.Dict{}
	for k, v := range d {
		c[k] = v
	}
	c["Length"] = types.Integer(len(data))
	b := append(FormatObject(c), "\nstream\n"...)
	b = append(b, data...)
	u.put(ref, append(b, "\nendstream"...))
}

// Widths of the parts of a signature dictionary that are filled in later (rule W5).
const (
	rangeDigits = 10
	rangePrefix = "/ByteRange[0"
	gapPrefix   = "/Contents"
)

// PutSignature defines ref as a signature dictionary: the entries of d, then /ByteRange in fixed width, then /Contents with room
// for reserve bytes. There can be one in an increment; d must not hold /ByteRange or /Contents.
func (u *Increment) PutSignature(ref types.IndirectRef, d types.Dict, reserve int) {
	_, hasRange := d["ByteRange"]
	_, hasContents := d["Contents"]
	if u.signature != 0 || reserve <= 0 || 2*reserve > maxContents || hasRange || hasContents {
		u.fail(fmt.Errorf("pdf: unusable signature dictionary: reserve %d of at most %d", reserve, maxContents/2))
		return
	}
	b := appendEntries([]byte("<<"), d)
	b = append(b, rangePrefix...)
	for range 3 {
		b = append(b, bytes.Repeat([]byte{' '}, rangeDigits+1)...)
	}
	b = append(b, "]"+gapPrefix+"<"...)
	b = append(b, bytes.Repeat([]byte{'0'}, 2*reserve)...)
	u.put(ref, append(b, ">>>"...))
	u.signature, u.reserve = int(ref.ObjectNumber), reserve
}

func (u *Increment) put(ref types.IndirectRef, body []byte) {
	num, gen := int(ref.ObjectNumber), int(ref.GenerationNumber)
	want := 0
	if _, e, ok := u.view.Where(num); ok && e.Kind == InUse {
		want = e.Gen
	} else if ok && e.Kind == Free {
		u.fail(fmt.Errorf("pdf: object %d is free and not used again", num))
		return
	}
	if num <= 0 || num >= u.next || gen != want {
		u.fail(fmt.Errorf("pdf: object %d generation %d cannot be defined", num, gen))
		return
	}
	if num == u.signature {
		u.signature = 0
	}
	u.objects[num] = pending{gen, body}
}

func (u *Increment) fail(err error) {
	if u.err == nil {
		u.err = err
	}
}
