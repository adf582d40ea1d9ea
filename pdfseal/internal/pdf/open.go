package pdf

import (
	"context"
	"slices"
	"sync"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

// File is an open document. Its methods may be called from several goroutines.
type File struct {
	ctx     context.Context
	src     Source
	size    int64
	header  string
	revs    []*Revision
	views   []*View
	linear  bool
	entries int // cross-reference entries read so far

	mu          sync.Mutex
	notes       []Note
	noted       map[Note]bool
	cache       cache
	inflated    map[int64]int64 // decoded size by offset of the object streams read
	inflatedSum int64
	work        int64 // decoded bytes with repetition
}

// Open reads the cross-reference sections of src and checks the structure of the document: rules S1 to S6 and S8, except for what
// concerns the inside of single objects, which is checked when they are read. The context ends Open and everything that is later
// read through the File. A refusal is a *SyntaxError.
func Open(ctx context.Context, src Source) (*File, error) {
	f := &File{ctx: ctx, src: src, size: src.Size(), noted: map[Note]bool{}, inflated: map[int64]int64{}}
	if f.size > maxFileSize {
		return nil, beyond(-1, "file of %d bytes", f.size)
	}
	if err := f.readHeader(); err != nil {
		return nil, err
	}
	last, err := f.readTail()
	if err != nil {
		return nil, err
	}
	sections, err := f.readChain(last)
	if err != nil {
		return nil, err
	}
	if err := f.makeRevisions(sections, last); err != nil {
		return nil, err
	}
	if err := f.checkLinear(); err != nil {
		return nil, err
	}
	if err := f.checkTrailers(); err != nil {
		return nil, err
	}
	if err := f.checkOffsets(); err != nil {
		return nil, err
	}
	if err := f.checkUneven(sections); err != nil {
		return nil, err
	}
	if _, _, err := f.Latest().Catalog(); err != nil {
		return nil, err
	}
	return f, nil
}

// Size gives the bytes of the file.
func (f *File) Size() int64 { return f.size }

// Linearized tells whether the base file is linearised: its parameter dictionary states the length that the base has.
func (f *File) Linearized() bool { return f.linear }

// Revisions gives the states of the document, oldest first; there is at least one.
func (f *File) Revisions() []*Revision { return slices.Clone(f.revs) }

// Version gives the version of the header, or that of the newest catalogue's /Version where it is higher (ISO 32000-2, 7.2.2).
func (f *File) Version() string {
	cat, _, err := f.Latest().Catalog()
	if err != nil {
		return f.header
	}
	if v, ok := cat["Version"].(types.Name); ok && validVersion(string(v)) && string(v) > f.header {
		return string(v)
	}
	return f.header
}

// Notes lists the oddities accepted so far in the order of their discovery. Objects are read when they are asked for, so the list
// may grow while the File is used.
func (f *File) Notes() []Note {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.notes)
}

func (f *File) addNote(n Note) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.notes) < maxNotes && !f.noted[n] {
		f.noted[n] = true
		f.notes = append(f.notes, n)
	}
}

func validVersion(v string) bool {
	return len(v) == 3 && v[1] == '.' && (v[0] == '1' && isDigit(int(v[2])) || v == "2.0")
}

// readHeader applies rule S1: %PDF-1.x or %PDF-2.0 at offset 0. Bytes in front of the header shift every offset for some readers
// and for others not.
func (f *File) readHeader() error {
	l := newLexer(f.src, 0, min(f.size, 1024), f.addNote)
	if l.accept("%PDF-") {
		var v []byte
		for c := l.peek(); isRegular(c) && len(v) < 4; c = l.peek() {
			v = append(v, byte(c))
			l.pos++
		}
		if !validVersion(string(v)) {
			return l.fail("S1", 5, "unknown version in the header")
		}
		f.header = string(v)
		return nil
	}
	for l.pos = 0; l.pos < l.end && l.err == nil; l.pos++ {
		if l.peek() == '%' && l.accept("%PDF-") {
			return l.fail("S1", 0, "bytes before the header")
		}
	}
	if l.err != nil {
		return l.fail("S1", 0, "no header")
	}
	return &SyntaxError{Rule: "S1", Offset: 0, Msg: "no header", Err: ErrNotPDF}
}

// checkTrailers applies rule S8 to all revisions. A later trailer without /ID is noted: nothing is decrypted with it, and no other
// use makes a difference to what is shown.
func (f *File) checkTrailers() error {
	var root types.IndirectRef
	var id types.Object
	size := 0
	for _, r := range f.revs {
		ref, ok := r.Trailer["Root"].(types.IndirectRef)
		if !ok {
			return syntax("S8", r.sections[0].offset, "trailer without a reference /Root")
		}
		if r.Index > 0 && ref != root {
			return syntax("S8", r.sections[0].offset, "/Root changes from %s to %s", root.PDFString(), ref.PDFString())
		}
		root = ref
		switch first := firstID(r.Trailer); {
		case first == nil && id != nil:
			f.addNote(Note{"S8", r.sections[0].offset, "/ID is left out"})
		case id != nil && !sameString(id, first):
			return syntax("S8", r.sections[0].offset, "first element of /ID changes")
		case first != nil:
			id = first
		}
		if r.sections[0].size < size {
			return syntax("S8", r.sections[0].offset, "/Size falls from %d to %d", size, r.sections[0].size)
		}
		size = r.sections[0].size
	}
	return nil
}

func firstID(trailer types.Dict) types.Object {
	if a, ok := trailer["ID"].(types.Array); ok && len(a) > 0 {
		return a[0]
	}
	return nil
}

// sameString tells whether two string objects have the same bytes, whichever way they are written.
func sameString(a, b types.Object) bool {
	x, ok1 := stringBytes(a)
	y, ok2 := stringBytes(b)
	return ok1 && ok2 && string(x) == string(y)
}
