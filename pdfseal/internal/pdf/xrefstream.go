package pdf

import (
	"errors"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

// readXRefStream reads a cross-reference stream (ISO 32000-2, 7.5.8). Its own length and filter must be direct, because nothing can
// be resolved before it is read.
func (f *File) readXRefStream(s *section, end int64, strict bool) error {
	if _, _, _, err := header(newLexer(f.src, s.offset, end, nil), s.offset, true); err != nil {
		var found *SyntaxError
		if errors.As(err, &found) {
			return syntax("S4", s.offset, "no cross-reference section here")
		}
		return err
	}
	o, err := f.readObject(s.offset, reading{strict: strict, end: end})
	if err != nil {
		return err
	}
	sd, ok := o.value.(types.StreamDict)
	if !ok || sd.Dict["Type"] != types.Name("XRef") {
		return syntax("S4", s.offset, "no cross-reference section here")
	}
	s.kind, s.trailer, s.span, s.self = Stream, sd.Dict, o.span, o.num
	if _, ok := sd.Dict["Encrypt"]; ok {
		return nil // told by checkTrailer
	}
	widths, index, rows, err := xrefLayout(sd.Dict, s.offset)
	if err != nil {
		return err
	}
	row := widths[0] + widths[1] + widths[2]
	if f.entries+int(rows) > maxObjects {
		return beyond(s.offset, "more than %d cross-reference entries", maxObjects)
	}
	data, err := f.ReadStream(&sd, rows*int64(row))
	if errors.Is(err, ErrLimit) {
		return syntax("S4", s.offset, "cross-reference stream holds more than its %d entries", rows)
	}
	if err != nil {
		return err
	}
	if int64(len(data)) != rows*int64(row) {
		return syntax("S4", s.offset, "cross-reference stream of %d bytes, %d expected", len(data), rows*int64(row))
	}
	return f.readRows(s, widths, index, data)
}

// xrefLayout reads /W and /Index; rows is the number of entries.
func xrefLayout(d types.Dict, at int64) (widths [3]int, index []int64, rows int64, err error) {
	w, _ := d["W"].(types.Array)
	if len(w) != 3 {
		return widths, nil, 0, syntax("S4", at, "cross-reference stream without usable /W")
	}
	for i, v := range w {
		n, ok := v.(types.Integer)
		if !ok || n < 0 || n > 8 {
			return widths, nil, 0, syntax("S4", at, "cross-reference stream without usable /W")
		}
		widths[i] = int(n)
	}
	if widths[1] == 0 {
		return widths, nil, 0, syntax("S4", at, "cross-reference stream without usable /W")
	}
	a, ok := d["Index"].(types.Array)
	if !ok && d["Index"] != nil || len(a)%2 != 0 {
		return widths, nil, 0, syntax("S4", at, "cross-reference stream without usable /Index")
	}
	if !ok {
		a = types.Array{types.Integer(0), d["Size"]}
	}
	for i, v := range a {
		n, ok := v.(types.Integer)
		if !ok || n < 0 || n > maxObjectNum+1 {
			return widths, nil, 0, syntax("S4", at, "cross-reference stream without usable /Index")
		}
		index = append(index, int64(n))
		if i%2 == 1 {
			rows += int64(n)
		}
	}
	if rows > maxObjects {
		return widths, nil, 0, beyond(at, "cross-reference stream of %d entries", rows)
	}
	return widths, index, rows, nil
}

func (f *File) readRows(s *section, widths [3]int, index []int64, data []byte) error {
	field := func(width int) (v uint64) {
		for _, b := range data[:width] {
			v = v<<8 | uint64(b)
		}
		data = data[width:]
		return v
	}
	for i := 0; i < len(index); i += 2 {
		for num := index[i]; num < index[i]+index[i+1]; num++ {
			kind := uint64(1)
			if widths[0] > 0 {
				kind = field(widths[0])
			}
			a, b := field(widths[1]), field(widths[2])
			e, ok := streamEntry(kind, a, b)
			if !ok {
				return syntax("S4", s.offset, "entry of object %d: type %d, fields %d and %d", num, kind, a, b)
			}
			if err := f.addEntry(s, num, e, s.offset); err != nil {
				return err
			}
		}
	}
	return nil
}

// streamEntry makes an entry of the three fields of a row (ISO 32000-2, table 18).
func streamEntry(kind, a, b uint64) (Entry, bool) {
	switch kind {
	case 0:
		return Entry{Kind: Free}, true // the list of free objects is of no use to a reader
	case 1:
		return Entry{Kind: InUse, Offset: int64(a), Gen: int(b)}, a <= maxFileSize && b <= 65535
	case 2:
		return Entry{Kind: Compressed, Stream: int(a), Index: int(b)}, a <= maxObjectNum && b <= maxObjects
	}
	return Entry{}, false
}
