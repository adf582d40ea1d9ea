package pdf

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// later gives a document with a second revision written by f.
func later(f func(m *maker)) []byte {
	m := newMaker().document().table(root + "/ID[<00><00>]")
	f(m)
	return m.Bytes()
}

const sameID = root + "/ID[<00><01>]"

// tailCases are second revisions that are read, but not without tolerance or not to the last byte.
var tailCases = []struct {
	rule, name string
	file       []byte
}{
	{"S11", "comment between objects", later(func(m *maker) { m.obj(4, "1"); m.WriteString("% note\n"); m.table(sameID) })},
	{"S11", "object that is not listed", later(func(m *maker) { m.obj(5, "1"); delete(m.offsets, 5); m.obj(4, "1").table(sameID) })},
	{"S11", "object at an offset marked free", later(func(m *maker) { m.obj(4, "1").obj(5, "1"); m.extra[5] = "0000000000 00001 f\r\n"; m.table(sameID) })},
	{"S11", "second trailer", later(func(m *maker) { m.obj(4, "1"); m.WriteString("trailer\n<<>>\n"); m.table(sameID) })},
	{"S11", "bytes after the earlier %%EOF", later(func(m *maker) { m.WriteString("x"); m.obj(4, "1").table(sameID) })},
	{"S3", "bytes between trailer and startxref", func() []byte {
		b := later(func(m *maker) { m.obj(4, "1").table(sameID) })
		i := bytes.LastIndex(b, []byte("startxref"))
		return append(b[:i:i], append([]byte("x\n"), b[i:]...)...)
	}()},
	{"S11", "object of an object stream that is not listed", later(func(m *maker) {
		m.stream(4, "/Type/ObjStm/N 2/First 8", []byte("5 0 6 2 1 2")).xref(7, sameID, map[int][2]int{5: {4, 0}})
	})},
	{"S11", "object stream that nothing is listed in", later(func(m *maker) {
		m.stream(4, "/Type/ObjStm/N 1/First 4", []byte("5 0 1")).xref(7, sameID, nil)
	})},
	{"S11", "bytes between the objects of an object stream", later(func(m *maker) {
		m.stream(4, "/Type/ObjStm/N 2/First 8", []byte("5 0 6 4 1 9 2")).xref(7, sameID, map[int][2]int{5: {4, 0}, 6: {4, 1}})
	})},
	{"S11", "bytes after the objects of an object stream", later(func(m *maker) {
		m.stream(4, "/Type/ObjStm/N 2/First 8", []byte("5 0 6 2 1 2 9")).xref(7, sameID, map[int][2]int{5: {4, 0}, 6: {4, 1}})
	})},
	{"S11", "overlapping objects of an object stream", later(func(m *maker) {
		m.stream(4, "/Type/ObjStm/N 2/First 8", []byte("5 0 6 1 [1 2]")).xref(7, sameID, map[int][2]int{5: {4, 0}, 6: {4, 1}})
	})},
	{"S6", "object stream with /Extends", later(func(m *maker) {
		m.stream(4, "/Type/ObjStm/N 1/First 4/Extends 9 0 R", []byte("5 0 1")).xref(7, sameID, map[int][2]int{5: {4, 0}})
	})},
	{"S5", "offset to white space", later(func(m *maker) { m.WriteString("\n"); m.obj(4, "1"); m.offsets[4]--; m.table(sameID) })},
	{"S2", "white space before endstream", later(func(m *maker) { m.obj(4, "<</Length 1>>\nstream\nx\n\nendstream").table(sameID) })},
	{"S4", "white space before trailer", grow(later(func(m *maker) { m.obj(4, "1").table(sameID) }), "trailer", "\ntrailer")},
	{"S4", "spaces in the head of a subsection", grow(later(func(m *maker) { m.obj(4, "1").table(sameID) }), "4 1\n", "4  1\n")},
	{"S4", "space after the head of a subsection", grow(later(func(m *maker) { m.obj(4, "1").table(sameID) }), "4 1\n", "4 1 \n")},
	{"S5", "free entry of generation 65536", later(func(m *maker) { m.obj(4, "1"); m.extra[5] = "0000000000 65536 f\r\n"; m.table(sameID) })},
	{"S5", "entries of 19 bytes", grow(later(func(m *maker) { m.obj(4, "1").table(sameID) }), " n\r\n", " n\n")},
	{"S3", "further white space after startxref", grow(later(func(m *maker) { m.obj(4, "1").table(sameID) }), "startxref\n", "startxref \n")},
	{"S3", "white space after %%EOF", append(later(func(m *maker) { m.obj(4, "1").table(sameID) }), "\n\n"...)},
	{"S8", "no /ID", later(func(m *maker) { m.obj(4, "1").table(root) })},
}

// grow replaces the last occurrence of old, which stands behind everything that an offset leads to.
func grow(b []byte, old, new string) []byte {
	i := bytes.LastIndex(b, []byte(old))
	return append(b[:i:i], append([]byte(new), b[i+len(old):]...)...)
}

// TestCheckTail_isStrict shows that a later revision may be tolerated by Open and is not by CheckTail.
func TestCheckTail_isStrict(t *testing.T) {
	for _, c := range tailCases {
		t.Run(strings.ReplaceAll(c.name, " ", "_"), func(t *testing.T) {
			f, err := read(c.file)
			if err != nil {
				t.Fatalf("not read: %v", err)
			}
			if n := len(f.Revisions()); n != 2 {
				t.Fatalf("%d revisions", n)
			}
			wantRule(t, f.CheckTail(1), c.rule)
			if err := f.CheckTail(0); err != nil {
				t.Fatalf("base: %v", err)
			}
		})
	}
}

func TestCheckTail_acceptsOrdinaryRevisions(t *testing.T) {
	for name, b := range map[string][]byte{
		"table": later(func(m *maker) { m.obj(4, "[1 % comment\n 2]").table(sameID) }),
		"object stream": later(func(m *maker) {
			m.stream(4, "/Type/ObjStm/N 2/First 8", []byte("5 0 6 2 1 2")).xref(7, sameID, map[int][2]int{5: {4, 0}, 6: {4, 1}})
		}),
		"blank lines": later(func(m *maker) { m.WriteString("\r\n\n"); m.obj(4, "1"); m.WriteString(" \n"); m.table(sameID) }),
	} {
		if err := mustOpen(t, b).CheckTail(1); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestNotes_tolerances shows each oddity that is accepted in a base file, with the rule that is noted.
func TestNotes_tolerances(t *testing.T) {
	for _, c := range []struct {
		rule, name string
		file       []byte
	}{
		{"S2", "white space before endstream", with("<</Length 1>>\nstream\nx\n\nendstream")(t)},
		{"S3", "white space after %%EOF", append(plain(), " \n\n"...)},
		{"S3", "a word after %%EOF", append(plain(), "SomeData"...)},
		{"S3", "white space around startxref", grow(plain(), "startxref\n", "startxref  \n")},
		{"S4", "blank line before trailer", grow(plain(), "trailer", "\r\ntrailer")},
		{"S4", "blank after xref", grow(plain(), "xref\n0", "xref \n0")},
		{"S4", "startxref to white space", made(func(m *maker) { m.document().WriteString("\n"); m.table(root).shiftStart(-1) })(t)},
		{"S4", "earlier startxref leads elsewhere", func() []byte {
			b := later(func(m *maker) { m.obj(4, "1").table(sameID) })
			at := bytes.Index(b, []byte("startxref\n")) + len("startxref\n")
			copy(b[at:], "011")
			return b
		}()},
		{"S5", "free entry of generation 65536", bytes.Replace(plain(), []byte("65535"), []byte("65536"), 1)},
		{"S5", "entries of 19 bytes", bytes.ReplaceAll(plain(), []byte(" n\r\n"), []byte(" n\n"))},
		{"S5", "entries of 21 bytes", bytes.ReplaceAll(plain(), []byte(" n\r\n"), []byte(" n \r\n"))},
		{"S5", "offset to white space", made(func(m *maker) { m.document().WriteString("\n"); m.obj(4, "1"); m.offsets[4]--; m.table(root) })(t)},
		{"S6", "/Extends", packedWith("/Type/ObjStm/N 2/First 9/Extends 9 0 R", fmt.Sprintf("3 0 5 %d %s (text)", len(page)+1, page))(t)},
		{"S8", "/ID left out later", later(func(m *maker) { m.obj(4, "1").table(root) })},
		{"S8", "catalogue without type", edited("/Type/Catalog", "/Tipe/Catalog")(t)},
		{"S10", "/Count of the root too high", made(func(m *maker) { m.pages("[3 0 R 4 0 R]", 3) })(t)},
		{"S10", "no media box", edited("/MediaBox", "/MediaBax")(t)},
		{"S10", "empty media box", edited("[0 0 595 842]", "[0 0 0   842]")(t)},
		{"S11", "comment before startxref", grow(plain(), "startxref", "% made by\nstartxref")},
		{"S11", "text before startxref", grow(plain(), "startxref", "startxref(\nstartxref")},
	} {
		t.Run(strings.ReplaceAll(c.name, " ", "_"), func(t *testing.T) {
			f, err := read(c.file)
			if err != nil {
				t.Fatal(err)
			}
			if !hasNote(f, c.rule) {
				t.Fatalf("no note of rule %s: %v", c.rule, f.Notes())
			}
		})
	}
}

// TestOpen_prefixIsItsOwnFile reads the document as it was after each revision.
func TestOpen_prefixIsItsOwnFile(t *testing.T) {
	m := newMaker().document().table(root)
	for i := range 3 {
		m.obj(4+i, "1").table(root)
	}
	src := bytes.NewReader(m.Bytes())
	f := mustOpen(t, m.Bytes())
	for i, r := range f.Revisions() {
		if i > 0 && r.Start != f.Revisions()[i-1].End {
			t.Errorf("revision %d begins at %d", i, r.Start)
		}
		for _, end := range []int64{r.Mark, r.End} {
			g, err := Open(t.Context(), Limit(src, end))
			if err != nil || len(g.Revisions()) != i+1 || g.Size() != end {
				t.Fatalf("prefix of revision %d: %v", i, err)
			}
		}
		if _, err := Open(t.Context(), Limit(src, r.Mark-1)); err == nil {
			t.Errorf("prefix cut inside %%%%EOF of revision %d is read", i)
		}
	}
}
