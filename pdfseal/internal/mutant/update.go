// Package mutant writes incremental updates that no honest program would write: for tests of what a verifier accepts. Nothing but tests
// imports it. The PDF it writes is correct but for what it is told to do wrong.
package mutant

import (
	"bytes"
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"sealdesk/pdfseal/internal/pdf"
)

// Update is one incremental update in the making. Every field may be changed before Bytes.
type Update struct {
	Base    []byte // what the update is appended to
	Kind    pdf.XRefKind
	Trailer types.Dict // a /Prev or /Size in it is written instead of the right one
	Prev    int64      // below 0: none is written
	Size    int        // of base and update
	Glue    string     // between the objects
	Sig     *Signature // of the signature dictionary; nil: the update has none

	Bodies  map[int]string    // without "N G obj" and "endobj"
	Gens    map[int]int       // generations other than 0
	Entries map[int]pdf.Entry // entries besides or instead of those of the bodies
	Lines   map[int]string    // 20 bytes of a table instead of an entry
	Head    string            // replaces the head "0 n" of the first subsection of a table

	view *pdf.View // of Base
	all  []*pdf.Revision
}

// Signature is a signature dictionary to be filled in once the layout is known.
type Signature struct {
	Num     int
	Entries string // of the dictionary, without /ByteRange and /Contents
	Reserve int    // bytes of room for the container
	After   string // entries behind /Contents

	// Range answers the entry /ByteRange for the right one; nil writes the right one. The answer has at most RangeRoom bytes.
	Range func(right [4]int64) string
	// Container answers what goes into /Contents over the protected bytes.
	Container func(head, tail []byte, right [4]int64) ([]byte, error)
	// Contents answers the entry for the right "/Contents<…>": of the same length. nil writes the right one.
	Contents func(right string) string
}

// RangeRoom is the room for the entry /ByteRange.
const RangeRoom = 96

// New begins an update of doc, which the strict reader must accept.
func New(doc []byte) (*Update, error) {
	f, err := pdf.Open(context.Background(), bytes.NewReader(doc))
	if err != nil {
		return nil, fmt.Errorf("mutant: %w", err)
	}
	revs := f.Revisions()
	last := revs[len(revs)-1]
	prev, err := lastStart(doc)
	if err != nil {
		return nil, err
	}
	u := &Update{Base: doc, Kind: last.Kind, Trailer: linksOf(last.Trailer), Prev: prev, Bodies: map[int]string{}, Gens: map[int]int{},
		Entries: map[int]pdf.Entry{}, Lines: map[int]string{}, view: f.Latest(), all: revs}
	for _, r := range revs {
		size, _ := r.Trailer["Size"].(types.Integer)
		u.Size = max(u.Size, int(size))
	}
	return u, nil
}

// linksOf is a trailer dictionary without what a section says of itself.
func linksOf(trailer types.Dict) types.Dict {
	out := types.Dict{}
	for k, v := range trailer {
		switch k {
		case "Prev", "Size", "Type", "W", "Index", "Length", "Filter", "DecodeParms":
		default:
			out[k] = v
		}
	}
	return out
}

var startRE = regexp.MustCompile(`startxref\s+(\d+)`)

func lastStart(doc []byte) (int64, error) {
	all := startRE.FindAllSubmatch(doc, -1)
	if len(all) == 0 {
		return 0, fmt.Errorf("mutant: no startxref")
	}
	return strconv.ParseInt(string(all[len(all)-1][1]), 10, 64)
}

// Last takes the last revision of doc apart: an update of what was there before that writes the same objects again. Its signature
// dictionary, if it has one, is in Sig and needs a Container.
func Last(doc []byte) (*Update, error) {
	f, err := pdf.Open(context.Background(), bytes.NewReader(doc))
	if err != nil {
		return nil, fmt.Errorf("mutant: %w", err)
	}
	revs := f.Revisions()
	r := revs[len(revs)-1]
	u, err := New(doc[:r.Start])
	if err != nil {
		return nil, err
	}
	u.Trailer = linksOf(r.Trailer)
	for num, e := range r.Entries {
		if e.Kind != pdf.InUse {
			return nil, fmt.Errorf("mutant: object %d is not an object of its own", num)
		}
		o, err := f.Latest().Get(num, e.Gen)
		if err != nil {
			return nil, err
		}
		if d, ok := o.(types.Dict); ok && d["ByteRange"] != nil {
			u.takeSignature(num, d)
			continue
		}
		body, err := format(f, o)
		if err != nil {
			return nil, err
		}
		if !strings.Contains(body, "/Type /XRef") {
			u.Put(num, body)
		}
	}
	return u, nil
}

func (u *Update) takeSignature(num int, d types.Dict) {
	rest := types.Dict{}
	for k, v := range d {
		rest[k] = v
	}
	token, _ := rest["Contents"].(types.HexLiteral)
	delete(rest, "ByteRange")
	delete(rest, "Contents")
	text := string(pdf.FormatObject(rest))
	u.Sig = &Signature{Num: num, Entries: text[2 : len(text)-2], Reserve: len(token) / 2}
	u.Size = max(u.Size, num+1)
}

func format(f *pdf.File, o types.Object) (string, error) {
	sd, ok := o.(types.StreamDict)
	if !ok {
		return string(pdf.FormatObject(o)), nil
	}
	raw, err := f.RawStream(&sd, 1<<28)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%s\nstream\n%s\nendstream", pdf.FormatObject(sd.Dict), raw), nil
}

// Put defines an object.
func (u *Update) Put(num int, body string) {
	u.Bodies[num] = body
	u.Size = max(u.Size, num+1)
}

// Add defines a new object.
func (u *Update) Add(body string) int {
	num := u.Size
	u.Put(num, body)
	return num
}

// Ref is a reference to an object of the update or of its base.
func (u *Update) Ref(num int) string { return fmt.Sprintf("%d %d R", num, u.Gens[num]) }

// Stream is the body of a stream; dict are its entries without /Length.
func Stream(dict, data string) string {
	return fmt.Sprintf("<<%s/Length %d>>\nstream\n%s\nendstream", dict, len(data), data)
}
