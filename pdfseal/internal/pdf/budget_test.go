package pdf

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

// object reads the body of object 4 of a document.
func object(t *testing.T, body string) (types.Object, *File, error) {
	t.Helper()
	f := mustOpen(t, with(body)(t))
	o, err := f.Latest().Get(4, 0)
	return o, f, err
}

// TestBudgets_ofAnObject has, for each budget of rule R1 on single objects, one case at the limit and one beyond.
func TestBudgets_ofAnObject(t *testing.T) {
	s := strings.Repeat
	for _, c := range []struct {
		name       string
		at, beyond string
	}{
		{"name", "/" + s("a", maxNameHard), "/" + s("a", maxNameHard+1)},
		{"escaped name", "/" + s("#61", maxNameHard), "/" + s("#61", maxNameHard+1)},
		{"string", "(" + s("a", maxString) + ")", "(" + s("a", maxString+1) + ")"},
		{"hexadecimal string", "<" + s("a", 2*maxString) + ">", "<" + s("a", 2*maxString+2) + ">"},
		{"contents", "<</Contents<" + s("a", maxContents) + ">>>", "<</Contents<" + s("a", maxContents+2) + ">>>"},
		{"number", s("0", maxNumber-1) + "1", s("0", maxNumber) + "1"},
		{"nested arrays", s("[", maxNesting) + "1" + s("]", maxNesting), s("[", maxNesting+1) + "1" + s("]", maxNesting+1)},
		{"nested dictionaries", s("<</A", maxNesting) + " 1" + s(">>", maxNesting), s("<</A", maxNesting+1) + " 1" + s(">>", maxNesting+1)},
		{"elements", "[" + s("1 ", maxElements) + "]", "[" + s("1 ", maxElements+1) + "]"},
		{"blanks", "[1" + s(" ", maxBlank) + "2]", "[1" + s(" ", maxBlank+1) + "2]"},
		{"comment", "[1" + "%" + s("c", maxBlank-2) + "\n2]", "[1" + "%" + s("c", maxBlank) + "\n2]"},
		{"size", "[" + s("("+s("a", 65534)+")", maxObjectSize/65536-1) + "]", "[" + s("("+s("a", 65534)+")", maxObjectSize/65536) + "]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, _, err := object(t, c.at); err != nil {
				t.Errorf("at the limit: %v", err)
			}
			_, _, err := object(t, c.beyond)
			wantRule(t, err, "R1")
			if !errors.Is(err, ErrLimit) {
				t.Errorf("%v is no ErrLimit", err)
			}
		})
	}
}

func TestBudgets_longNameIsNoted(t *testing.T) {
	for n, want := range map[int]bool{maxName: false, maxName + 1: true} {
		if _, f, err := object(t, "/"+strings.Repeat("a", n)); err != nil || hasNote(f, "R1") != want {
			t.Errorf("name of %d bytes: %v, notes %v", n, err, f.Notes())
		}
	}
}

func TestBudgets_deepNestingIsNoRecursion(t *testing.T) {
	_, _, err := object(t, strings.Repeat("[", 5_000_000))
	wantRule(t, err, "R1")
}

// sparse is a source of which only some ranges hold something; the rest are spaces.
type sparse struct {
	size  int64
	parts map[int64][]byte
}

func (s sparse) Size() int64 { return s.size }

func (s sparse) ReadAt(b []byte, off int64) (int, error) {
	if off >= s.size {
		return 0, io.EOF
	}
	n := int(min(int64(len(b)), s.size-off))
	for i := range b[:n] {
		b[i] = ' '
	}
	for at, part := range s.parts {
		if at < off+int64(n) && off < at+int64(len(part)) {
			if at >= off {
				copy(b[at-off:n], part)
			} else {
				copy(b[:n], part[off-at:])
			}
		}
	}
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

// TestBudgets_fileSize opens a file of 1 GiB, of which little is read, and refuses one that is a byte longer.
func TestBudgets_fileSize(t *testing.T) {
	m := newMaker().document()
	body := bytes.Clone(m.Bytes())
	m.table(root)
	section := m.Bytes()[len(body):bytes.LastIndex(m.Bytes(), []byte("startxref"))]
	src := func(size int64) Source {
		at := size - 2000
		end := fmt.Appendf(bytes.Clone(section), "startxref\n%d\n%%%%EOF\n", at)
		return sparse{size, map[int64][]byte{0: body, at: append(end, bytes.Repeat([]byte("\n"), 2000-len(end))...)}}
	}
	f, err := Open(t.Context(), src(maxFileSize))
	if err != nil {
		t.Fatal(err)
	}
	if n, err := f.Latest().PageCount(); n != 1 || err != nil {
		t.Fatalf("%d pages, %v", n, err)
	}
	_, err = Open(t.Context(), src(maxFileSize+1))
	wantRule(t, err, "R1")
}

// manyEntries gives a document whose cross-reference stream has n entries.
func manyEntries(n int) []byte {
	m := newMaker().document()
	at := m.Len()
	rows := make([]byte, 4*n)
	for num := 1; num <= 3; num++ {
		copy(rows[4*num:], []byte{1, byte(m.offsets[num] >> 8), byte(m.offsets[num]), 0})
	}
	copy(rows[4*4:], []byte{1, byte(at >> 8), byte(at), 0})
	m.stream(4, fmt.Sprintf("/Type/XRef/W[1 2 1]/Size %d/Filter/FlateDecode%s", n, root), Flate(rows))
	return m.close(at).Bytes()
}

func TestBudgets_objects(t *testing.T) {
	if _, err := open(manyEntries(maxObjects)); err != nil {
		t.Errorf("at the limit: %v", err)
	}
	_, err := open(manyEntries(maxObjects + 1))
	wantRule(t, err, "R1")
	_, err = open(swap(t, plain(), "/Size 4", fmt.Sprintf("/Size %d", maxObjectNum+2)))
	wantRule(t, err, "R1")
	if _, err = open(swap(t, plain(), "/Size 4", fmt.Sprintf("/Size %d", maxObjectNum+1))); err != nil {
		t.Errorf("at the limit: %v", err)
	}
	_, err = open(swap(t, plain(), "0 4\n", "0 9999999\n"))
	wantRule(t, err, "R1")
}

func TestBudgets_revisions(t *testing.T) {
	m := newMaker().document().table(root)
	for i := 1; i < maxRevisions; i++ {
		m.obj(4, "1").table(root)
	}
	f, err := read(m.Bytes())
	if err != nil || len(f.Revisions()) != maxRevisions {
		t.Fatalf("at the limit: %v", err)
	}
	_, err = open(m.obj(4, "1").table(root).Bytes())
	wantRule(t, err, "R1")
	for range maxSections {
		m.obj(4, "1").table(root)
	}
	if _, err = open(m.Bytes()); err == nil || !strings.Contains(err.Error(), "sections") {
		t.Errorf("more than %d sections: %v", maxSections, err)
	}
}

func TestBudgets_inflate(t *testing.T) {
	const n = 100_000
	m := newMaker().document()
	m.stream(4, "/Filter/FlateDecode", Flate(make([]byte, n))).stream(5, "", make([]byte, n))
	m.stream(6, "/Filter/FlateDecode/DecodeParms<</Predictor 12/Columns 4>>", Flate(make([]byte, n)))
	f := mustOpen(t, m.table(root).Bytes())
	for num, size := range map[int]int64{4: n, 5: n, 6: n / 5 * 4} {
		o, err := f.Latest().Get(num, 0)
		if err != nil {
			t.Fatal(err)
		}
		sd := o.(types.StreamDict)
		if b, err := f.ReadStream(&sd, size); err != nil || int64(len(b)) != size {
			t.Errorf("object %d at the limit: %d bytes, %v", num, len(b), err)
		}
		_, err = f.ReadStream(&sd, size-4)
		wantRule(t, err, "R1")
	}
}

// TestBudgets_bombs opens documents whose object streams decode to more than is allowed, one by one and together.
func TestBudgets_bombs(t *testing.T) {
	bomb := Flate(append([]byte("3 0 5 1 "), make([]byte, maxInflate)...))
	m := newMaker().obj(1, "<</Type/Catalog/Pages 2 0 R>>").obj(2, "<</Type/Pages/Kids[3 0 R]/Count 1>>")
	m.stream(4, "/Type/ObjStm/N 2/First 8/Filter/FlateDecode", bomb)
	f := mustOpen(t, m.xref(6, root, map[int][2]int{3: {4, 0}, 5: {4, 1}}).Bytes())
	_, err := f.Latest().Page(1)
	wantRule(t, err, "R1")

	f = mustOpen(t, plain())
	for i := range int64(4) {
		if err := f.charge(i, maxInflateFile/4); err != nil {
			t.Fatal(err)
		}
	}
	wantRule(t, f.charge(9, 1), "R1")
	f = mustOpen(t, plain())
	for range 4 {
		if err := f.charge(0, maxInflateWork/4/4); err != nil {
			t.Fatal(err)
		}
	}
	wantRule(t, f.charge(0, maxInflateWork), "R1")
}

// chainOfPages gives a page tree of the given depth with one page.
func chainOfPages(depth int) []byte {
	m := newMaker().obj(1, "<</Type/Catalog/Pages 2 0 R>>")
	for i := range depth {
		m.obj(2+i, fmt.Sprintf("<</Type/Pages/Kids[%d 0 R]/Count 1>>", 3+i))
	}
	return m.obj(2+depth, page).table(root).Bytes()
}

// fan gives a page tree of one root, inner empty nodes and pages.
func fan(empty, pages int) []byte {
	m := newMaker().obj(1, "<</Type/Catalog/Pages 2 0 R>>")
	var kids strings.Builder
	for i := range empty + pages {
		if i < empty {
			m.obj(3+i, "<</Type/Pages/Kids[]/Count 0>>")
		} else {
			m.obj(3+i, "<</Type/Page>>")
		}
		fmt.Fprintf(&kids, "%d 0 R ", 3+i)
	}
	m.obj(2, fmt.Sprintf("<</Type/Pages/Kids[%s]/Count %d>>", kids.String(), pages))
	return m.table(root).Bytes()
}

func TestBudgets_pageTree(t *testing.T) {
	for _, c := range []struct {
		name       string
		at, beyond []byte
	}{
		{"depth", chainOfPages(maxPageDepth), chainOfPages(maxPageDepth + 1)},
		{"pages", fan(0, maxPages), fan(0, maxPages+1)},
		{"nodes", fan(maxPageNodes-2, 1), fan(maxPageNodes-1, 1)},
	} {
		if _, err := mustOpen(t, c.at).Latest().PageCount(); err != nil {
			t.Errorf("%s at the limit: %v", c.name, err)
		}
		_, err := mustOpen(t, c.beyond).Latest().PageCount()
		wantRule(t, err, "R1")
	}
}

func TestBudgets_chainOfReferences(t *testing.T) {
	chain := func(n int) *View {
		m := newMaker().document()
		for i := range n - 1 {
			m.obj(4+i, fmt.Sprintf("%d 0 R", 5+i))
		}
		return mustOpen(t, m.obj(3+n, "(end)").table(root).Bytes()).Latest()
	}
	ref := *types.NewIndirectRef(4, 0)
	if o, err := chain(maxChain - 1).Resolve(ref); o != types.StringLiteral("end") || err != nil {
		t.Errorf("at the limit: %v, %v", o, err)
	}
	_, err := chain(maxChain + 1).Resolve(ref)
	wantRule(t, err, "R1")
	v := mustOpen(t, with("4 0 R")(t)).Latest()
	_, err = v.Resolve(ref)
	wantRule(t, err, "R1")
}

func TestBudgets_notes(t *testing.T) {
	m := newMaker().document()
	for i := range maxNotes + 50 {
		m.obj(4+i, "<</Length 0>>\nstream\n\n\nendstream")
	}
	f, err := read(m.table(root).Bytes())
	if err != nil || len(f.Notes()) != maxNotes {
		t.Errorf("%v, %d notes", err, len(f.Notes()))
	}
}

func TestOpen_contextEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	f, err := Open(ctx, bytes.NewReader(plain()))
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if _, err := f.Latest().Page(1); !errors.Is(err, context.Canceled) {
		t.Errorf("page after the end of the context: %v", err)
	}
	if _, err := Open(ctx, bytes.NewReader(plain())); !errors.Is(err, context.Canceled) {
		t.Errorf("open after the end of the context: %v", err)
	}
}

// faulty fails from a given offset on.
type faulty struct {
	*bytes.Reader
	from int64
}

var errDisk = errors.New("disk fault")

func (s faulty) ReadAt(b []byte, off int64) (int, error) {
	if off+int64(len(b)) > s.from {
		return 0, errDisk
	}
	return s.Reader.ReadAt(b, off)
}

// TestOpen_faultOfTheSource shows that a read error is told as such and never as a finding about the file.
func TestOpen_faultOfTheSource(t *testing.T) {
	for _, b := range [][]byte{plain(), packedDoc()} {
		for from := range int64(len(b)) {
			_, _, err := readAll(t.Context(), faulty{bytes.NewReader(b), from})
			if !errors.Is(err, errDisk) {
				t.Fatalf("fault at %d: %v", from, err)
			}
		}
	}
}
