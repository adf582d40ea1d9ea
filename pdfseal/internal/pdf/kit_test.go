package pdf

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"testing"
)

// maker writes PDF files by hand, so that each test can break what it wants to.
type maker struct {
	bytes.Buffer
	offsets map[int]int // of the objects since the last cross-reference section
	gens    map[int]int
	extra   map[int]string // entries to write as they are, 20 bytes each
	prev    int
	size    int
}

func newMaker() *maker {
	m := &maker{offsets: map[int]int{}, gens: map[int]int{}, extra: map[int]string{}}
	m.WriteString("%PDF-1.7\n")
	return m
}

func (m *maker) obj(num int, body string) *maker {
	m.offsets[num] = m.Len()
	m.size = max(m.size, num+1)
	fmt.Fprintf(m, "%d %d obj\n%s\nendobj\n", num, m.gens[num], body)
	return m
}

func (m *maker) stream(num int, dict string, data []byte) *maker {
	return m.obj(num, fmt.Sprintf("<<%s/Length %d>>\nstream\n%s\nendstream", dict, len(data), data))
}

// document writes catalogue, page tree and one page as objects 1 to 3.
func (m *maker) document() *maker {
	m.obj(1, "<</Type/Catalog/Pages 2 0 R>>")
	m.obj(2, "<</Type/Pages/Kids[3 0 R]/Count 1>>")
	return m.obj(3, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>")
}

func (m *maker) nums() []int {
	nums := slices.Collect(maps.Keys(m.offsets))
	for n := range m.extra {
		nums = append(nums, n)
	}
	slices.Sort(nums)
	return slices.Compact(nums)
}

// table ends the revision with a cross-reference table; trailer is what the dictionary has besides /Size and /Prev.
func (m *maker) table(trailer string) *maker {
	at := m.Len()
	m.WriteString("xref\n")
	if m.prev == 0 {
		m.extra[0] = "0000000000 65535 f\r\n"
	}
	for _, run := range runs(m.nums()) {
		fmt.Fprintf(m, "%d %d\n", run[0], len(run))
		for _, num := range run {
			if line, ok := m.extra[num]; ok {
				m.WriteString(line)
				continue
			}
			fmt.Fprintf(m, "%010d %05d n\r\n", m.offsets[num], m.gens[num])
		}
	}
	fmt.Fprintf(m, "trailer\n<<%s%s>>\n", trailer, m.links())
	return m.close(at)
}

func (m *maker) links() string {
	s := fmt.Sprintf("/Size %d", m.size)
	if m.prev > 0 {
		s += fmt.Sprintf("/Prev %d", m.prev)
	}
	return s
}

// close writes the footer for the section at offset at and begins a new revision.
func (m *maker) close(at int) *maker {
	fmt.Fprintf(m, "startxref\n%d\n%%%%EOF\n", at)
	m.prev, m.offsets, m.extra = at, map[int]int{}, map[int]string{}
	return m
}

// xref ends the revision with a cross-reference stream, object num; packed gives {stream, index} of compressed objects.
func (m *maker) xref(num int, trailer string, packed map[int][2]int) *maker {
	at := m.Len()
	m.offsets[num] = at
	m.size = max(m.size, num+1)
	rows := map[int][]byte{}
	if m.prev == 0 {
		rows[0] = []byte{0, 0, 0, 0, 0, 0}
	}
	for n, off := range m.offsets {
		rows[n] = []byte{1, byte(off >> 16), byte(off >> 8), byte(off), 0, byte(m.gens[n])}
	}
	for n, p := range packed {
		m.size = max(m.size, n+1)
		rows[n] = []byte{2, 0, byte(p[0] >> 8), byte(p[0]), 0, byte(p[1])}
	}
	var index string
	var data []byte
	for _, run := range runs(slices.Sorted(maps.Keys(rows))) {
		index += fmt.Sprintf("%d %d ", run[0], len(run))
		for _, n := range run {
			data = append(data, rows[n]...)
		}
	}
	m.stream(num, fmt.Sprintf("/Type/XRef/W[1 3 2]/Index[%s]%s%s", index, trailer, m.links()), data)
	return m.close(at)
}

const root = "/Root 1 0 R"

// plain is a document of one page with a table; packedDoc the same with its page in an object stream.
func plain() []byte { return newMaker().document().table(root).Bytes() }

func packedMaker() *maker {
	m := newMaker()
	m.obj(1, "<</Type/Catalog/Pages 2 0 R>>")
	m.obj(2, "<</Type/Pages/Kids[3 0 R]/Count 1>>")
	m.stream(4, "/Type/ObjStm/N 2/First 9", []byte("3 0 5 51 <</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>  (text)"))
	return m
}

func packedDoc() []byte {
	return packedMaker().xref(6, root, map[int][2]int{3: {4, 0}, 5: {4, 1}}).Bytes()
}

func open(b []byte) (*File, error) { return Open(context.Background(), bytes.NewReader(b)) }

func mustOpen(t testing.TB, b []byte) *File {
	t.Helper()
	f, err := open(b)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// read opens a file and reads everything in it.
func read(b []byte) (*File, error) {
	f, _, err := readAll(context.Background(), bytes.NewReader(b))
	return f, err
}

// wantRule checks that err is a *SyntaxError of the rule.
func wantRule(t *testing.T, err error, rule string) {
	t.Helper()
	var s *SyntaxError
	if !errors.As(err, &s) {
		t.Fatalf("got %v, want a finding of rule %s", err, rule)
	}
	if s.Rule != rule {
		t.Fatalf("got %v, want rule %s", err, rule)
	}
}

func hasNote(f *File, rule string) bool {
	return slices.ContainsFunc(f.Notes(), func(n Note) bool { return n.Rule == rule })
}

// swap replaces the only occurrence of old.
func swap(t testing.TB, b []byte, old, new string) []byte {
	t.Helper()
	if bytes.Count(b, []byte(old)) != 1 {
		t.Fatalf("%q occurs %d times", old, bytes.Count(b, []byte(old)))
	}
	return bytes.Replace(b, []byte(old), []byte(new), 1)
}

func TestKit_documentsAreRead(t *testing.T) {
	for name, b := range map[string][]byte{"table": plain(), "stream": packedDoc()} {
		f, err := read(b)
		if err != nil || len(f.Notes()) > 0 {
			t.Fatalf("%s: %v, notes %v", name, err, f.Notes())
		}
		if n, err := f.Latest().PageCount(); n != 1 || err != nil {
			t.Fatalf("%s: %d pages, %v", name, n, err)
		}
		if err := f.CheckTail(0); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if out, err := qpdfCheck(t, b); err != nil {
			t.Fatalf("%s: %v\n%s", name, err, out)
		}
	}
}

func writeFile(t testing.TB, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

func readFile(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
