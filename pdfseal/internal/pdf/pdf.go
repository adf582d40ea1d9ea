package pdf

import (
	"io"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

// Source is the file to read. ReadAt must be safe for concurrent use, and the bytes must not change while the File is in use.
type Source interface {
	io.ReaderAt
	Size() int64
}

// Limit returns the first n bytes of src as a source of its own, for example the document as it was when a seal was affixed.
// n beyond the end gives the whole of src, a negative n nothing.
func Limit(src Source, n int64) Source {
	return io.NewSectionReader(src, 0, max(0, min(n, src.Size())))
}

// Span is a range of bytes [Start, End) of the file.
type Span struct{ Start, End int64 }

// XRefKind tells the form of a cross-reference section.
type XRefKind int

// The two forms of cross-reference sections (ISO 32000-2, 7.5.4 and 7.5.8).
const (
	Table XRefKind = iota + 1
	Stream
)

// EntryKind tells what a cross-reference entry says about its object.
type EntryKind int

// The kinds of cross-reference entries.
const (
	Free       EntryKind = iota + 1
	InUse                // at Offset, with generation Gen
	Compressed           // in object stream Stream at position Index; Gen is 0
)

// Entry is one cross-reference entry.
type Entry struct {
	Kind   EntryKind
	Offset int64
	Gen    int
	Stream int
	Index  int
}

// Revision is one state of the document: the base file, or what one incremental update added.
type Revision struct {
	Index int
	// Start and End delimit the bytes that this revision added; End stands just after %%EOF and the line end that follows it.
	Start, End int64
	// Mark stands just after %%EOF. A file may end there without a line end, and a line end that a later update puts in front of
	// itself then counts as this revision's. So what this revision's author wrote ends between Mark and End inclusive; the bytes
	// from Mark to End are one line end and nothing else.
	Mark    int64
	Kind    XRefKind      // form of the newest section of this revision
	Trailer types.Dict    // trailer dictionary of the newest section of this revision
	Entries map[int]Entry // this revision's own entries; the two sections of a linearised base are merged

	sections []*section // newest first; two only in a linearised base
	foot     *footer
}

// Note reports an oddity that was accepted because it cannot change what a reader sees.
type Note struct {
	Rule   string
	Offset int64 // byte offset in the file, or -1
	Msg    string
}

// Page is one page with its inherited attributes resolved.
type Page struct {
	Ref  types.IndirectRef
	Dict types.Dict // the page's own dictionary, without inherited entries
	// MediaBox and CropBox in default user space units, x0 < x1 and y0 < y1. CropBox is clipped to MediaBox and equals it where
	// the document states none or an empty one.
	MediaBox, CropBox [4]float64
	Rotate            int     // clockwise, 0, 90, 180 or 270
	UserUnit          float64 // size of a unit in 1/72 inch
}
