package pdf

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"slices"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

// Stray is an object whose bytes stand in the file and to which no cross-reference entry leads: no reader that believes the table shows it,
// and one changed entry would bring it to light.
type Stray struct {
	Num, Gen int
	Offset   int64
	Type     types.Name // /Type, where there is one
	Freed    bool       // the revision around it marks its number as free
}

// Strays finds at most max of them in all revisions (rule S11, told before sealing). more is true where there are further ones, or where
// something listed cannot be read, so that it is not known where it ends. Streams are stepped over and not searched.
func (f *File) Strays(max int) (list []Stray, more bool, err error) {
	s := &straySearch{f: f, max: max}
	places := s.places()
	for i, p := range places {
		if i%1024 == 0 && f.ctx.Err() != nil {
			return nil, false, f.ctx.Err()
		}
		end := f.size
		if i+1 < len(places) {
			end = places[i+1].at
		}
		if err := s.slot(p, end); err != nil {
			return nil, false, err
		}
		if len(s.found) >= max {
			return s.found[:max], true, nil
		}
	}
	return s.found, s.more, nil
}

type straySearch struct {
	f     *File
	max   int
	found []Stray
	more  bool
	buf   []byte
}

// place is where something listed begins.
type place struct {
	at, end int64 // end is 0 where the object must be read to know it
	num     int
	rev     int
	e       Entry
}

// places gives all objects and cross-reference sections of all revisions in the order of the file, and its beginning.
func (s *straySearch) places() []place {
	out := []place{{at: 0, end: 1}}
	for i, r := range s.f.revs {
		for num, e := range r.Entries {
			if e.Kind == InUse {
				out = append(out, place{at: e.Offset, num: num, rev: i, e: e})
			}
		}
		for _, x := range r.sections {
			out = append(out, place{at: x.span.Start, end: x.span.End})
		}
	}
	slices.SortFunc(out, func(a, b place) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(b.end, a.end)) })
	return slices.CompactFunc(out, func(a, b place) bool { return a.at == b.at })
}

// straySlot is the size up to which the bytes of an object are searched as they are: only where they hold something that looks like a second
// object is it read.
const straySlot = 64 << 10

// slot searches what lies between the end of one place and the beginning of the next.
func (s *straySearch) slot(p place, next int64) error {
	from := p.end
	if from == 0 && next-p.at <= straySlot {
		b, err := s.read(p.at, next)
		if err != nil {
			return err
		}
		if heads := headers(b); len(heads) == 0 || len(heads) == 1 && heads[0] <= maxGap {
			return nil
		}
	}
	if from == 0 {
		o, err := s.f.views[p.rev].read(p.num, p.rev, p.e, reading{}, 0)
		if err != nil {
			if s.f.ctx.Err() != nil {
				return s.f.ctx.Err()
			}
			s.more = true
			return nil
		}
		from = o.span.End
	}
	return s.parts(from, next, func(at int64, b []byte) (done bool, err error) {
		for _, i := range headers(b) {
			if len(s.found) >= s.max {
				return true, nil
			}
			s.add(at+int64(i), next)
		}
		return false, nil
	})
}

// parts shows what lies between two offsets piece by piece until look is done. The pieces overlap, so that each header of an object stands
// whole in one.
func (s *straySearch) parts(from, to int64, look func(at int64, b []byte) (done bool, err error)) error {
	const overlap = 512
	for at := from; at < to; at += straySlot - overlap {
		if err := s.f.ctx.Err(); err != nil {
			return err
		}
		b, err := s.read(at, min(to, at+straySlot))
		if err != nil {
			return err
		}
		if done, err := look(at, b); done || err != nil || at+straySlot >= to {
			return err
		}
	}
	return nil
}

func (s *straySearch) read(from, to int64) ([]byte, error) {
	if s.buf == nil {
		s.buf = make([]byte, straySlot)
	}
	b := s.buf[:to-from]
	if _, err := s.f.src.ReadAt(b, from); err != nil && err != io.EOF {
		return nil, fmt.Errorf("pdf: read at %d: %w", from, err)
	}
	return b, nil
}

// headers gives the places in b at which "N G obj" begins.
func headers(b []byte) (out []int) {
	for at := 0; ; {
		i := bytes.Index(b[at:], []byte("obj"))
		if i < 0 {
			return out
		}
		i += at
		at = i + 3
		if at < len(b) && isRegular(int(b[at])) {
			continue
		}
		if start, ok := headerBefore(b, i); ok {
			out = append(out, start)
		}
	}
}

// headerBefore steps back from "obj" over generation and number.
func headerBefore(b []byte, i int) (start int, ok bool) {
	for range 2 {
		n := i
		for i > 0 && isSpace(int(b[i-1])) {
			i--
		}
		if i == n {
			return 0, false
		}
		n = i
		for i > 0 && isDigit(int(b[i-1])) {
			i--
		}
		if i == n {
			return 0, false
		}
	}
	return i, true
}

// add keeps what stands at an offset, once.
func (s *straySearch) add(at, end int64) {
	if n := len(s.found); n > 0 && s.found[n-1].Offset >= at {
		return
	}
	l := newLexer(s.f.src, at, end, nil)
	num, gen, _, err := header(l, at, false)
	if err != nil {
		return
	}
	x := Stray{Num: num, Gen: gen, Offset: at}
	for i, r := range s.f.revs {
		if at < r.End || i == len(s.f.revs)-1 {
			_, e, ok := s.f.views[i].Where(num)
			x.Freed = ok && e.Kind == Free
			break
		}
	}
	if o, err := newParser(l).value(); err == nil {
		if d, ok := o.(types.Dict); ok {
			x.Type, _ = d["Type"].(types.Name)
		}
	}
	s.found = append(s.found, x)
}
