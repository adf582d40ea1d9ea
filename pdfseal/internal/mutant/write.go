package mutant

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"sealdesk/pdfseal/internal/pdf"
)

// Bytes is the base with the update behind it.
func (u *Update) Bytes() ([]byte, error) {
	w := &writer{u: u, entries: map[int]pdf.Entry{}}
	w.Write(u.Base)
	if n := len(u.Base); n > 0 && u.Base[n-1] != '\n' && u.Base[n-1] != '\r' {
		w.WriteByte('\n')
	}
	nums := slices.Collect(maps.Keys(u.Bodies))
	if u.Sig != nil {
		nums = append(nums, u.Sig.Num)
	}
	slices.Sort(nums)
	for _, num := range nums {
		w.object(num)
	}
	maps.Copy(w.entries, u.Entries)
	for num := range u.Lines {
		w.entries[num] = pdf.Entry{Kind: pdf.Free}
	}
	at := w.Len()
	if u.Kind == pdf.Stream {
		w.stream()
	} else {
		w.table()
	}
	fmt.Fprintf(w, "startxref\n%d\n%%%%EOF\n", at)
	if u.Sig == nil {
		return w.Bytes(), nil
	}
	return w.sign()
}

// writer lays out an update.
type writer struct {
	bytes.Buffer
	u                *Update
	entries          map[int]pdf.Entry
	rangeAt, gap, to int // of the entry /ByteRange and the value of /Contents
}

func (w *writer) object(num int) {
	w.entries[num] = pdf.Entry{Kind: pdf.InUse, Offset: int64(w.Len()), Gen: w.u.Gens[num]}
	fmt.Fprintf(w, "%d %d obj\n", num, w.u.Gens[num])
	if s := w.u.Sig; s != nil && s.Num == num {
		fmt.Fprintf(w, "<<%s", s.Entries)
		w.rangeAt = w.Len()
		w.WriteString(strings.Repeat(" ", RangeRoom) + "/Contents")
		w.gap = w.Len()
		w.WriteString("<" + strings.Repeat("0", 2*s.Reserve) + ">")
		w.to = w.Len()
		w.WriteString(s.After + ">>")
	} else {
		w.WriteString(w.u.Bodies[num])
	}
	w.WriteString("\nendobj\n" + w.u.Glue)
}

// links are the entries of the trailer that belong to the section.
func (w *writer) links(size int) types.Dict {
	d := types.Dict{"Size": types.Integer(size)}
	if w.u.Prev >= 0 {
		d["Prev"] = types.Integer(w.u.Prev)
	}
	maps.Copy(d, w.u.Trailer)
	return d
}

func (w *writer) table() {
	w.WriteString("xref\n")
	all := runs(w.entries)
	if len(all) == 0 {
		w.WriteString("0 0\n")
	}
	for i, run := range all {
		head := fmt.Sprintf("%d %d", run[0], len(run))
		if i == 0 && w.u.Head != "" {
			head = w.u.Head
		}
		fmt.Fprintln(w, head)
		for _, num := range run {
			e := w.entries[num]
			switch line := w.u.Lines[num]; {
			case line != "":
				w.WriteString(line)
			case e.Kind == pdf.Free:
				fmt.Fprintf(w, "%010d %05d f\r\n", e.Offset, e.Gen)
			default:
				fmt.Fprintf(w, "%010d %05d n\r\n", e.Offset, e.Gen)
			}
		}
	}
	fmt.Fprintf(w, "trailer\n%s\n", pdf.FormatObject(w.links(w.u.Size)))
}

// stream writes the section as an unfiltered stream that lists itself.
func (w *writer) stream() {
	self := max(w.u.Size, 1)
	w.entries[self] = pdf.Entry{Kind: pdf.InUse, Offset: int64(w.Len())}
	d := w.links(self + 1)
	index := types.Array{}
	var rows []byte
	for _, run := range runs(w.entries) {
		index = append(index, types.Integer(run[0]), types.Integer(len(run)))
		for _, num := range run {
			rows = append(rows, row(w.entries[num])...)
		}
	}
	d["Type"], d["W"], d["Index"], d["Length"] = types.Name("XRef"), types.Array{types.Integer(1), types.Integer(4), types.Integer(2)}, index, types.Integer(len(rows))
	fmt.Fprintf(w, "%d 0 obj\n%s\nstream\n%s\nendstream\nendobj\n", self, pdf.FormatObject(d), rows)
}

func row(e pdf.Entry) []byte {
	kind, a, b := byte(0), e.Offset, e.Gen
	switch e.Kind {
	case pdf.InUse:
		kind = 1
	case pdf.Compressed:
		kind, a, b = 2, int64(e.Stream), e.Index
	}
	return []byte{kind, byte(a >> 24), byte(a >> 16), byte(a >> 8), byte(a), byte(b >> 8), byte(b)}
}

// runs cuts the numbers into runs of neighbours.
func runs(entries map[int]pdf.Entry) [][]int {
	var out [][]int
	for i, n := range slices.Sorted(maps.Keys(entries)) {
		if i > 0 && n == out[len(out)-1][len(out[len(out)-1])-1]+1 {
			out[len(out)-1] = append(out[len(out)-1], n)
			continue
		}
		out = append(out, []int{n})
	}
	return out
}

// sign fills /ByteRange and then /Contents in.
func (w *writer) sign() ([]byte, error) {
	s, doc := w.u.Sig, w.Bytes()
	right := [4]int64{0, int64(w.gap), int64(w.to), int64(len(doc) - w.to)}
	text := fmt.Sprintf("/ByteRange[0 %d %d %d]", right[1], right[2], right[3])
	if s.Range != nil {
		text = s.Range(right)
	}
	if len(text) > RangeRoom {
		return nil, errors.New("mutant: /ByteRange too long")
	}
	copy(doc[w.rangeAt:], text)
	const key = "/Contents"
	entry := []byte(key + string(doc[w.gap:w.to]))
	if s.Container != nil {
		der, err := s.Container(doc[:w.gap], doc[w.to:], right)
		if err != nil {
			return nil, err
		}
		if len(der) > s.Reserve {
			return nil, fmt.Errorf("mutant: container of %d bytes, room for %d", len(der), s.Reserve)
		}
		hex.Encode(entry[len(key)+1:], der)
		copy(entry[len(key):], bytes.ToUpper(entry[len(key):]))
	}
	if s.Contents != nil {
		now := s.Contents(string(entry))
		if len(now) != len(entry) {
			return nil, errors.New("mutant: /Contents changes its length")
		}
		entry = []byte(now)
	}
	copy(doc[w.gap-len(key):], entry)
	return doc, nil
}
