package pdf

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

// memoryFile is a File over b that has not been opened, for fuzzing a part of the reader.
func memoryFile(b []byte) *File {
	return &File{ctx: context.Background(), src: bytes.NewReader(b), size: int64(len(b)), noted: map[Note]bool{}, inflated: map[int64]int64{}}
}

// checkRoundTrip asks that writing an object and parsing the result gives the object again.
func checkRoundTrip(t *testing.T, o types.Object) {
	t.Helper()
	b := FormatObject(o)
	l := newLexer(bytes.NewReader(b), 0, int64(len(b)), nil)
	again, err := newParser(l).value()
	if err != nil {
		t.Fatalf("%q: %v", b, err)
	}
	if !reflect.DeepEqual(again, o) || l.pos != l.end {
		t.Fatalf("%#v becomes %q and %#v", o, b, again)
	}
	if c := FormatObject(again); !bytes.Equal(b, c) {
		t.Fatalf("%q is written again as %q", b, c)
	}
}

func FuzzLex(f *testing.F) {
	for _, s := range []string{
		"null", "true", "[1 -2 +3 .5 4. -.0 0 R 1 0 R]", "<</A/B/C(d\\)(e)\\\r\n)/D<1 2F>/#41#20 null>>", "%c\n(\\", "<<", "[[[[", "<0g>", "/#0",
		"1 0 R", "1 0 Rx", "99999999999 0 R", "-1 0 R", "1 99999 R", "1e5", "--1", "123456789012345678901", "0.000000000000000000001", "<</A 1/A 2>>",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		l := newLexer(bytes.NewReader(b), 0, int64(len(b)), nil)
		p := newParser(l)
		p.keys = map[string]Span{}
		o, err := p.value()
		if err != nil {
			if !isFinding(err) {
				t.Fatal(err)
			}
			return
		}
		checkRoundTrip(t, o)
		for key, s := range p.keys {
			q := newParser(newLexer(bytes.NewReader(b), s.Start, s.End, nil))
			v, err := q.value()
			if key == "Contents" && err != nil {
				continue // its budget is larger in its place
			}
			if err != nil || q.pos != s.End || !reflect.DeepEqual(v, o.(types.Dict)[key]) {
				t.Fatalf("span %v of /%s in %q holds %v, %v", s, key, b, v, err)
			}
		}
	})
}

func FuzzXrefTable(f *testing.F) {
	for _, b := range [][]byte{plain(), grow(plain(), " n\r\n", " n\n"), linearised("/Linearized 1", 0)} {
		f.Add(b[bytes.Index(b, []byte("xref")):])
	}
	f.Add([]byte("xref\n0 1000000\n"))
	f.Add([]byte("xref\r0 1\r0000000000 65536 f \r\r trailer<</Size 1>>"))
	f.Fuzz(func(t *testing.T, b []byte) {
		read := func(strict bool) (*section, error) {
			file := memoryFile(b)
			s := &section{entries: map[int]Entry{}}
			return s, file.readTable(newLexer(file.src, 0, file.size, file.addNote), s, strict)
		}
		s, err := read(true)
		loose, looseErr := read(false)
		for _, e := range []error{err, looseErr} {
			if e != nil && !isFinding(e) {
				t.Fatal(e)
			}
		}
		if err == nil && (looseErr != nil || !reflect.DeepEqual(s, loose)) {
			t.Fatalf("read strictly as %+v and otherwise as %+v, %v", s, loose, looseErr)
		}
		if looseErr == nil && len(loose.entries)*18 > len(b) {
			t.Fatalf("%d entries in %d bytes", len(loose.entries), len(b))
		}
	})
}

func FuzzXrefStream(f *testing.F) {
	row := []byte{1, 0, 15, 0, 2, 0, 4, 1, 0, 0, 0, 0}
	f.Add([]byte("/Size 3/W[1 2 1]"), row)
	f.Add([]byte("/Size 9/W[1 2 1]/Index[0 1 5 2]"), row)
	f.Add([]byte("/Size 3/W[1 2 1]/Filter/FlateDecode"), Flate(row))
	f.Add([]byte("/Size 3/W[1 2 1]/Filter/FlateDecode/DecodeParms<</Predictor 12/Columns 4>>"), Flate([]byte("\x02\x01\x00\x0f\x00\x02\x01\x00\x04\x01")))
	f.Add([]byte("/Size 3/W[8 8 8]/Index[0 8388607]"), row)
	f.Add([]byte("/Size 3/W[0 1 0]"), row[:3])
	f.Fuzz(func(t *testing.T, dict, data []byte) {
		m := newMaker().stream(1, "/Type/XRef"+string(dict), data)
		file := memoryFile(m.Bytes())
		s := &section{offset: 9, entries: map[int]Entry{}}
		if err := file.readXRefStream(s, file.size, false); err != nil {
			if !isFinding(err) {
				t.Fatal(err)
			}
			return
		}
		if len(s.entries) > maxObjects || len(s.entries) != file.entries {
			t.Fatalf("%d entries, %d counted", len(s.entries), file.entries)
		}
		for num, e := range s.entries {
			if num < 0 || num > maxObjectNum || e.Offset < 0 || e.Gen < 0 || e.Stream < 0 || e.Index < 0 || e.Kind < Free || e.Kind > Compressed {
				t.Fatalf("entry %d: %+v", num, e)
			}
		}
	})
}

func FuzzObjStm(f *testing.F) {
	f.Add(2, 8, []byte("5 0 6 2 1 (2)"))
	f.Add(2, 9, []byte("3 0 5 51 <</Type/Page>>  (text)"))
	f.Add(1, 4, []byte("5 9 1"))
	f.Add(1000000, 4, []byte("5 0 1"))
	f.Fuzz(func(t *testing.T, n, first int, data []byte) {
		s, err := parseObjectStream(types.Dict{"N": types.Integer(n), "First": types.Integer(first)}, data, 0)
		if err != nil {
			if !isFinding(err) {
				t.Fatal(err)
			}
			return
		}
		if len(s.nums) != n || len(s.starts) != n {
			t.Fatalf("%d numbers and %d places for /N %d", len(s.nums), len(s.starts), n)
		}
		for i := range min(n, 100) {
			o, _, end, err := s.object(i, nil)
			if err != nil {
				if !isFinding(err) {
					t.Fatal(err)
				}
				continue
			}
			if end <= s.starts[i] || end > len(data) {
				t.Fatalf("object %d from %d to %d of %d", i, s.starts[i], end, len(data))
			}
			checkRoundTrip(t, o)
		}
	})
}

// assemble makes a file of fuzzed input: as it is, or its parts as the objects 1, 2, … of a document with a table or a
// cross-reference stream around them, so that mutations reach what lies behind exact offsets. With an object stream the parts from
// the fourth on lie in it.
func assemble(b []byte, form byte) []byte {
	if form%4 == 0 {
		return b
	}
	m := newMaker()
	parts := bytes.Split(b, []byte("\n--\n"))
	packed := map[int][2]int{}
	var pairs, data []byte
	for i, part := range parts {
		if form%4 == 3 && i >= 3 {
			packed[i+1] = [2]int{200, len(packed)}
			pairs = fmt.Appendf(pairs, "%d %d ", i+1, len(data))
			data = append(append(data, part...), ' ')
			continue
		}
		m.obj(i+1, string(part))
	}
	if form%4 == 1 {
		return m.table(root).Bytes()
	}
	if len(packed) > 0 {
		m.stream(200, fmt.Sprintf("/Type/ObjStm/N %d/First %d", len(packed), len(pairs)), append(pairs, data...))
	}
	return m.xref(201, root, packed).Bytes()
}

// FuzzOpen reads whole files. What is read without notes must be readable revision by revision; where it has a page it takes an
// increment, which must be in order.
func FuzzOpen(f *testing.F) {
	for _, b := range [][]byte{
		plain(), packedDoc(), linearised("/Linearized 1", 0), bytes.ReplaceAll(plain(), []byte(" n\r\n"), []byte(" n\n")),
		later(func(m *maker) { m.obj(4, "[1 % comment\n 2]").table(sameID) }),
		later(func(m *maker) {
			m.stream(4, "/Type/ObjStm/N 2/First 8", []byte("5 0 6 2 1 2")).xref(7, sameID, map[int][2]int{5: {4, 0}, 6: {4, 1}})
		}),
	} {
		f.Add(b, byte(0))
	}
	const parts = "<</Type/Catalog/Pages 2 0 R>>\n--\n<</Type/Pages/Kids[3 0 R 4 0 R]/Count 2/Rotate -90>>\n--\n" + page +
		"\n--\n<</Type/Page/MediaBox[9 0 0 5 0 R]/CropBox[1 1 2 2]/UserUnit 2/Annots[]>>\n--\n7\n--\n[<</A(b)/C<00>>>]"
	for form := range byte(4) {
		f.Add([]byte(parts), form)
		f.Add([]byte(parts+"\n--\n<</Length 5 0 R/Filter 8 0 R>>\nstream\n1234567\nendstream\n--\n[/FlateDecode]"), form)
	}
	small, _ := filepath.Glob(filepath.Join(corpusDir, "*", "*.pdf"))
	for i, path := range small {
		if st, err := os.Stat(path); err == nil && st.Size() < 2000 && i%5 == 0 {
			f.Add(readFile(f, path), byte(0))
		}
	}
	f.Fuzz(func(t *testing.T, input []byte, form byte) { checkFile(t, assemble(input, form)) })
}

func checkFile(t *testing.T, b []byte) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	file, pages, err := readAll(ctx, bytes.NewReader(b))
	if err != nil {
		if !isFinding(err) {
			t.Fatal(err)
		}
		return
	}
	for _, r := range file.Revisions() {
		if r.Start >= r.End || r.Mark > r.End || r.End > file.Size() {
			t.Fatalf("revision %+v", r)
		}
		if len(file.Notes()) > 0 {
			continue
		}
		if _, err := Open(ctx, Limit(bytes.NewReader(b), r.End)); err != nil {
			t.Fatalf("prefix of %d bytes: %v", r.End, err)
		}
	}
	if _, _, err := file.Strays(10); err != nil {
		t.Fatal(err)
	}
	if pages == 0 {
		return
	}
	tail, err := extend(file)
	if isFinding(err) {
		return // an /Annots that is no array
	}
	if err != nil {
		t.Fatal(err)
	}
	again, err := Open(ctx, bytes.NewReader(append(slices.Clone(b), tail...)))
	if err != nil {
		t.Fatalf("after the increment: %v", err)
	}
	word := slices.ContainsFunc(file.Notes(), func(n Note) bool { return n.Msg == "a word after %%EOF" }) // it belongs to no object of what follows
	if err := again.CheckTail(len(again.Revisions()) - 1); err != nil && !word {
		t.Fatalf("own increment: %v", err)
	}
}
