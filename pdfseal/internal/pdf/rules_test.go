package pdf

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
)

// ruleCase is a file that breaks one rule and is otherwise in order.
type ruleCase struct {
	rule, name string
	file       func(t *testing.T) []byte
}

// edited gives the plain document with one text replaced by another of the same length, so that all offsets stay right.
func edited(old, new string) func(*testing.T) []byte {
	return func(t *testing.T) []byte {
		if len(old) != len(new) {
			t.Fatalf("%q and %q differ in length", old, new)
		}
		return swap(t, plain(), old, new)
	}
}

// with gives a document with a further object 4 of the given body.
func with(body string) func(*testing.T) []byte {
	return func(*testing.T) []byte { return newMaker().document().obj(4, body).table(root).Bytes() }
}

func made(f func(m *maker)) func(*testing.T) []byte {
	return func(*testing.T) []byte {
		m := newMaker()
		f(m)
		return m.Bytes()
	}
}

// packedWith gives a document whose object stream 4 has the given dictionary entries and data; 3 and 5 are listed in it.
func packedWith(dict, data string) func(*testing.T) []byte {
	return made(func(m *maker) {
		m.obj(1, "<</Type/Catalog/Pages 2 0 R>>").obj(2, "<</Type/Pages/Kids[3 0 R]/Count 1>>")
		m.stream(4, dict, []byte(data)).xref(6, root, map[int][2]int{3: {4, 0}, 5: {4, 1}})
	})
}

const page = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>"

var ruleCases = []ruleCase{
	{"S1", "bytes before the header", func(t *testing.T) []byte { return append([]byte("junk\n"), plain()...) }},
	{"S1", "no header", func(t *testing.T) []byte { return bytes.Repeat([]byte("text "), 500) }},
	{"S1", "empty", func(t *testing.T) []byte { return nil }},
	{"S1", "version 3", edited("%PDF-1.7", "%PDF-3.0")},
	{"S1", "version of three digits", func(t *testing.T) []byte { return swap(t, plain(), "%PDF-1.7\n", "%PDF-1.75") }},

	{"S2", "two points in a number", with("[1.2.3]")},
	{"S2", "exponent", with("[1e3]")},
	{"S2", "sign inside a number", with("[1-2]")},
	{"S2", "sign alone", with("[-]")},
	{"S2", "integer out of range", with("[99999999999999999999]")},
	{"S2", "single >", with("[ > ]")},
	{"S2", "braces", with("{ }")},
	{"S2", "# in a name", with("/A#G0")},
	{"S2", "#00 in a name", with("/A#00")},
	{"S2", "keyword in capitals", with("TRUE")},
	{"S2", "letter in a hexadecimal string", with("<0G>")},
	{"S2", "key that is no name", with("<<1 2>>")},
	{"S2", "dictionary without value", with("<</A>>")},
	{"S2", "array without end", with("[1 2")},
	{"S2", "string without end", with("(text")},
	{"S2", "stream without length", with("<<>>\nstream\nx\nendstream")},
	{"S2", "length too short", with("<</Length 1>>\nstream\nxyz\nendstream")},
	{"S2", "length too long", with("<</Length 5>>\nstream\nxyz\nendstream")},
	{"S2", "length beyond the file", with("<</Length 5000>>\nstream\nxyz\nendstream")},
	{"S2", "negative length", with("<</Length -1>>\nstream\nxyz\nendstream")},
	{"S2", "length through a reference to nothing", with("<</Length 9 0 R>>\nstream\nxyz\nendstream")},
	{"S2", "stream followed by CR alone", with("<</Length 3>>\nstream\rxyz\nendstream")},
	{"S2", "ENDSTREAM in capitals", with("<</Length 3>>\nstream\nxyz\nENDSTREAM")},
	{"S2", "filter that is no name", with("<</Length 3/Filter 1>>\nstream\nxyz\nendstream")},

	{"S3", "no startxref", edited("startxref", "startxreF")},
	{"S3", "eof in small letters", edited("%%EOF", "%%eof")},
	{"S3", "cut before %%EOF", func(t *testing.T) []byte { return plain()[:len(plain())-6] }},
	{"S3", "bytes after %%EOF", func(t *testing.T) []byte { return append(plain(), "0 x"...) }},
	{"S3", "object after %%EOF", func(t *testing.T) []byte { return append(plain(), "9 0 obj\n1\nendobj\n"...) }},
	{"S3", "no number", func(t *testing.T) []byte {
		b := plain()
		return append(b[:bytes.LastIndex(b, []byte("startxref"))], "startxref\n\n%%EOF\n"...)
	}},
	{"S3", "earlier revision without footer", made(func(m *maker) {
		m.document().table(root)
		m.Truncate(bytes.Index(m.Bytes(), []byte("startxref")))
		m.obj(4, "1").table(root)
	})},

	{"S4", "startxref off by one", made(func(m *maker) { m.document().table(root).shiftStart(1) })},
	{"S4", "startxref 0", made(func(m *maker) { m.document().table(root).shiftStart(-1 << 30) })},
	{"S4", "startxref beyond the file", made(func(m *maker) { m.document().table(root).shiftStart(1 << 20) })},
	{"S4", "startxref to another object", made(func(m *maker) {
		at := m.document().offsets[3]
		m.table(root).startAt(at)
	})},
	{"S4", "/Prev to itself", made(func(m *maker) { m.document(); m.prev = m.Len(); m.extra[0] = "0000000000 65535 f\r\n"; m.table(root) })},
	{"S4", "/Prev forward", made(func(m *maker) {
		m.document()
		m.prev = m.Len() + 40
		m.extra[0] = "0000000000 65535 f\r\n"
		m.table(root)
	})},
	{"S4", "/Prev to nothing", made(func(m *maker) { m.document(); m.prev = 12; m.extra[0] = "0000000000 65535 f\r\n"; m.table(root) })},
	{"S4", "/Prev is a reference", made(func(m *maker) { m.document().table(root + "/Prev 1 0 R") })},
	{"S4", "/Prev negative", made(func(m *maker) { m.document().table(root + "/Prev -5") })},
	{"S4", "no /Size", edited("/Size", "/Sice")},
	{"S4", "/Size 0", edited("/Size 4", "/Size 0")},
	{"S4", "object not below /Size", edited("/Size 4", "/Size 3")},
	{"S4", "object 0 in use", made(func(m *maker) {
		m.document()
		m.table(root)
		m.obj(4, "1")
		m.extra[0] = "0000000009 00000 n\r\n"
		m.table(root)
	})},
	{"S4", "object twice in a section", func(t *testing.T) []byte { return swap(t, plain(), "0 4\n", "0 1\n0000000000 65535 f\r\n0 4\n") }},
	{"S4", "trailer is no dictionary", func(t *testing.T) []byte { return swap(t, plain(), "<</Root 1 0 R/Size 4>>", "[]") }},
	{"S4", "section is neither table nor stream", made(func(m *maker) { m.document(); m.close(m.obj(4, "1").offsets[4]) })},
	{"S4", "stream is no cross-reference stream", made(func(m *maker) { m.document(); m.close(m.stream(4, "", nil).offsets[4]) })},
	{"S4", "unusable /W", func(t *testing.T) []byte { return swap(t, packedDoc(), "/W[1 3 2]", "/W[1 9 2]") }},
	{"S4", "/W of two", func(t *testing.T) []byte { return swap(t, packedDoc(), "/W[1 3 2]", "/W[1 5  ]") }},
	{"S4", "odd /Index", func(t *testing.T) []byte { return swap(t, packedDoc(), "/Index[0 7 ]", "/Index[0 7 1 ]") }},
	{"S4", "/Index says more than there is", func(t *testing.T) []byte { return swap(t, packedDoc(), "/Index[0 7 ]", "/Index[0 6 ]") }},
	{"S4", "unknown type of entry", func(t *testing.T) []byte { b := packedDoc(); b[rowOf(b, 1)] = 3; return b }},
	{"S4", "forward hop without linearisation", func(t *testing.T) []byte { return linearised("", 0) }},
	{"S4", "linearised with another length", func(t *testing.T) []byte { return linearised("/Linearized 1", 10) }},
	{"S4", "first object says that the file is linearised with its length", func(t *testing.T) []byte { return claiming("/Linearized 1/L %d") }},
	{"S4", "first object says so with an escaped name", func(t *testing.T) []byte { return claiming("/#4cinearized 1/L %d.0") }},
	{"S4", "first object says so and is malformed", func(t *testing.T) []byte { return claiming("/Linearized 1/L %d/X 1.2.3") }},
	{"S4", "object in the line of the header says so", func(t *testing.T) []byte {
		return claim(func(length int) []byte {
			m := newMaker()
			m.Truncate(len("%PDF-1.7"))
			fmt.Fprintf(m, " 9 0 obj<</Linearized 1/L %03d>>endobj\n", length)
			return m.document().table(root).Bytes()
		})
	}},
	{"S4", "object in both sections of a linearised base", func(t *testing.T) []byte { return linearisedTwice() }},
	{"S4", "cross-reference stream said to lie inside an earlier revision", made(func(m *maker) {
		m.document().table(root)
		at := m.obj(4, "1").Len()
		m.table(root)
		_ = at
		m.Truncate(bytes.LastIndex(m.Bytes(), []byte("startxref")))
		m.close(int(m.Len()) + 3)
	})},

	{"S3", "startxref at the end of another word", edited("\nstartxref", "astartxref")},
	{"S5", "offset into the middle of a number", made(func(m *maker) {
		m.document().obj(14, "[]")
		m.offsets[4] = m.offsets[14] + 1
		delete(m.offsets, 14)
		m.table(root)
	})},
	{"S5", "offset off by one", func(t *testing.T) []byte { b := plain(); return swap(t, b, "0000000009 ", "0000000010 ") }},
	{"S5", "offset before the object", made(func(m *maker) { m.document(); m.offsets[3] -= 2; m.table(root) })},
	{"S5", "offset beyond the file", made(func(m *maker) { m.document(); m.offsets[3] = 5000; m.table(root) })},
	{"S5", "swapped entries", made(func(m *maker) { m.document(); m.offsets[1], m.offsets[2] = m.offsets[2], m.offsets[1]; m.table(root) })},
	{"S5", "another generation", made(func(m *maker) { m.document(); m.gens[3] = 1; m.table(root) })},
	{"S5", "reference of another generation", func(t *testing.T) []byte { return swap(t, plain(), "/Kids[3 0 R]", "/Kids[3 1 R]") }},
	{"S5", "entry in upper case", made(func(m *maker) {
		m.document()
		m.extra[3] = fmt.Sprintf("%010d 00000 N\r\n", m.offsets[3])
		m.table(root)
	})},
	{"S5", "entry of nine digits", made(func(m *maker) {
		m.document()
		m.extra[3] = fmt.Sprintf("%09d 00000 n \r\n", m.offsets[3])
		m.table(root)
	})},
	{"S5", "entries of 19 bytes and an object that the table does not name", func(t *testing.T) []byte {
		m := newMaker().document().obj(4, "1")
		delete(m.offsets, 4)
		return bytes.ReplaceAll(m.table(root).Bytes(), []byte(" n\r\n"), []byte(" n\n"))
	}},
	{"S5", "object of an earlier revision listed again", made(func(m *maker) {
		m.document()
		at := m.offsets[3]
		m.table(root).obj(4, "1")
		m.offsets[3] = at
		m.table(root)
	})},
	{"S5", "OBJ in capitals", edited("3 0 obj", "3 0 OBJ")},
	{"S5", "no endobj", with("1 ]")},
	{"S5", "object stream of another revision", made(func(m *maker) {
		m.WriteString("")
		p := packedMaker()
		p.xref(6, root, map[int][2]int{3: {4, 0}, 5: {4, 1}})
		p.xref(7, root, map[int][2]int{5: {4, 1}})
		*m = *p
	})},
	{"S5", "object stream redefined later", made(func(m *maker) {
		p := packedMaker()
		p.xref(6, root, map[int][2]int{3: {4, 0}, 5: {4, 1}})
		p.stream(4, "/Type/ObjStm/N 1/First 4", []byte("3 0 "+page)).xref(7, root, nil)
		*m = *p
	})},

	{"S6", "hybrid", made(func(m *maker) { m.document().table(root + "/XRefStm 9") })},
	{"S6", "object stream without type", packedWith("/N 2/First 8", "3 0 5 50"+page+" (text)")},
	{"S6", "object stream without /N", packedWith("/Type/ObjStm/First 8", "3 0 5 50"+page+" (text)")},
	{"S6", "/First beyond the data", packedWith("/Type/ObjStm/N 2/First 800", "3 0 5 50"+page+" (text)")},
	{"S6", "/N higher than the pairs", packedWith("/Type/ObjStm/N 3/First 8", "3 0 5 50"+page+" (text)")},
	{"S6", "object beyond the data", packedWith("/Type/ObjStm/N 2/First 9", "3 0 5 500"+page+" (text)")},
	{"S6", "index of another object", packedWith("/Type/ObjStm/N 2/First 8", "5 0 3 50"+page+" (text)")},
	{"S6", "object stream of an object stream", made(func(m *maker) {
		p := packedMaker()
		p.xref(6, root, map[int][2]int{3: {4, 0}, 5: {5, 1}})
		*m = *p
	})},
	{"S6", "object stream needed for its own length", made(func(m *maker) {
		m.obj(1, "<</Type/Catalog/Pages 2 0 R>>").obj(2, "<</Type/Pages/Kids[3 0 R]/Count 1>>")
		m.obj(4, "<</Type/ObjStm/N 2/First 8/Length 5 0 R>>\nstream\n3 0 5 50"+page+" 65\nendstream")
		m.xref(6, root, map[int][2]int{3: {4, 0}, 5: {4, 1}})
	})},

	{"S7", "key twice in the trailer", made(func(m *maker) { m.document().table(root + root) })},
	{"S7", "key twice in the catalogue", edited("/Type/Catalog/Pages 2 0 R", "/Pages 2 0 R/Pages 2 0 R ")},
	{"S7", "key twice, once escaped", edited("/Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]", "/#54ype/Page/Type/Page/MediaBox[0 0 595 842] ")},
	{"S7", "key twice in an inner dictionary", with("[<</A<</B 1/B 1>>>>]")},

	{"S8", "encrypted", made(func(m *maker) { m.document().table(root + "/Encrypt 4 0 R") })},
	{"S8", "no /Root", edited("/Root", "/Ruut")},
	{"S8", "/Root is direct", made(func(m *maker) { m.document().table("/Root<</Type/Catalog/Pages 2 0 R>>") })},
	{"S8", "/Root is no catalogue", edited("/Root 1 0 R", "/Root 3 0 R")},
	{"S8", "/Root leads nowhere", edited("/Root 1 0 R", "/Root 0 0 R")},
	{"S8", "/Root changes", made(func(m *maker) { m.document().table(root).obj(4, "<</Type/Catalog/Pages 2 0 R>>").table("/Root 4 0 R") })},
	{"S8", "/ID changes", made(func(m *maker) { m.document().table(root+"/ID[<00><00>]").obj(4, "1").table(root + "/ID[<01><00>]") })},
	{"S8", "/Size falls", made(func(m *maker) { m.document().obj(9, "1").table(root); m.size = 5; m.obj(4, "1").table(root) })},

	{"S10", "/Count too low", made(func(m *maker) { m.pages("[3 0 R 4 0 R]", 1) })},
	{"S10", "/Count of an inner node too high", made(func(m *maker) {
		m.obj(5, "<</Type/Pages/Parent 2 0 R/Kids[4 0 R]/Count 2>>")
		m.pages("[5 0 R 3 0 R]", 2)
	})},
	{"S10", "no /Count", edited("/Count", "/Cuunt")},
	{"S10", "kid twice", made(func(m *maker) { m.pages("[3 0 R 4 0 R 3 0 R]", 3) })},
	{"S10", "kid is its own ancestor", made(func(m *maker) { m.pages("[3 0 R 4 0 R 2 0 R]", 2) })},
	{"S10", "direct kid", made(func(m *maker) { m.pages("[3 0 R 4 0 R<</Type/Page>>]", 3) })},
	{"S10", "kid that is absent", made(func(m *maker) { m.pages("[3 0 R 4 0 R 9 0 R]", 3) })},
	{"S10", "page without type", edited("/Type/Page/", "/Tipe/Page/")},
	{"S10", "page with kids", edited("/MediaBox[0 0 595 842]", "/Kids[] /MediaBoxx 1  ")},
	{"S10", "root is a page", edited("/Pages 2 0 R", "/Pages 3 0 R")},
	{"S10", "no page tree", edited("/Pages 2 0 R", "/Pages 1234 ")},
	{"S10", "box of three numbers", edited("/MediaBox[0 0 595 842]", "/MediaBox[0 0 595    ]")},
	{"S10", "box with a name", edited("/MediaBox[0 0 595 842]", "/MediaBox[0 0 595 /A ]")},
}

// pages writes a document with the pages 3 and 4 and the given root of the page tree.
func (m *maker) pages(kids string, count int) {
	m.obj(1, "<</Type/Catalog/Pages 2 0 R>>").obj(3, page).obj(4, page)
	m.obj(2, fmt.Sprintf("<</Type/Pages/Kids%s/Count %d>>", kids, count)).table(root)
}

// shiftStart moves the number after the last startxref by d, but not below 0.
func (m *maker) shiftStart(d int) { m.startAt(max(0, m.prev+d)) }

func (m *maker) startAt(at int) {
	m.Truncate(bytes.LastIndex(m.Bytes(), []byte("startxref")))
	m.close(at)
}

// rowOf gives the position of the row of object num in the only, unfiltered cross-reference stream of b.
func rowOf(b []byte, num int) int {
	at := bytes.Index(b, []byte("/Type/XRef"))
	return at + bytes.Index(b[at:], []byte("stream\n")) + len("stream\n") + 6*num
}

// claiming is a document whose first object has the entries, which name the length of the file.
func claiming(entries string) []byte {
	return claim(func(length int) []byte {
		return newMaker().obj(4, fmt.Sprintf("<<"+entries+">>", length)).document().table(root).Bytes()
	})
}

// claim makes a document that names its own length.
func claim(build func(length int) []byte) []byte { return build(len(build(100))) }

// linearised makes a file with the two sections of a linearised one; param marks the parameter dictionary, and its /L is wrong by
// off.
func linearised(param string, off int) []byte { return linear(param, off, false) }

func linearisedTwice() []byte { return linear("/Linearized 1", 0, true) }

func linear(param string, off int, twice bool) []byte {
	length, mainAt := 0, 0
	var out []byte
	for range 2 { // the second time with the right numbers
		m := newMaker()
		m.obj(4, fmt.Sprintf("<<%s/L %06d>>", param, length+off))
		first := m.Len()
		at := strings.Repeat("0", 60)
		fmt.Fprintf(m, "xref\n3 2\n%s", at[:40])
		fmt.Fprintf(m, "trailer\n<<%s/Size 5/Prev %06d>>\nstartxref\n0\n%%%%EOF\n", root, mainAt)
		m.obj(3, page)
		copy(m.Bytes()[first+len("xref\n3 2\n"):], fmt.Sprintf("%010d 00000 n\r\n%010d 00000 n\r\n", m.offsets[3], m.offsets[4]))
		four := m.offsets[4]
		m.offsets = map[int]int{}
		m.obj(1, "<</Type/Catalog/Pages 2 0 R>>").obj(2, "<</Type/Pages/Kids[3 0 R]/Count 1>>")
		mainAt = m.Len()
		fmt.Fprintf(m, "xref\n0 3\n0000000000 65535 f\r\n%010d 00000 n\r\n%010d 00000 n\r\n", m.offsets[1], m.offsets[2])
		if twice {
			fmt.Fprintf(m, "4 1\n%010d 00000 n\r\n", four)
		}
		fmt.Fprintf(m, "trailer\n<</Size 5>>\nstartxref\n%d\n%%%%EOF\n", first)
		length, out = m.Len(), m.Bytes()
	}
	return out
}

// TestRules_eachIsBroken reads, for every rule, files that only this rule catches.
func TestRules_eachIsBroken(t *testing.T) {
	seen := map[string]int{}
	for _, c := range ruleCases {
		seen[c.rule]++
		t.Run(c.rule+"_"+strings.ReplaceAll(c.name, " ", "_"), func(t *testing.T) {
			_, err := read(c.file(t))
			wantRule(t, err, c.rule)
		})
	}
	for _, rule := range []string{"S1", "S2", "S3", "S4", "S5", "S6", "S7", "S8", "S10"} {
		if seen[rule] < 3 {
			t.Errorf("rule %s has %d cases", rule, seen[rule])
		}
	}
}

func TestOpen_sentinels(t *testing.T) {
	for _, c := range []struct {
		file []byte
		want error
	}{
		{[]byte("no PDF at all"), ErrNotPDF},
		{newMaker().document().table(root + "/Encrypt 9 0 R").Bytes(), ErrEncrypted},
		{newMaker().document().table(root + "/XRefStm 9").Bytes(), ErrHybrid},
		{packedMaker().xref(6, root+"/Encrypt 9 0 R", nil).Bytes(), ErrEncrypted},
	} {
		if _, err := open(c.file); !errors.Is(err, c.want) {
			t.Errorf("got %v, want %v", err, c.want)
		}
	}
}

func TestOpen_linearisedBase(t *testing.T) {
	b := linearised("/Linearized 1", 0)
	f, err := read(b)
	if err != nil || !f.Linearized() || len(f.Revisions()) != 1 || len(f.Notes()) != 0 {
		t.Fatalf("%v, notes %v", err, f.Notes())
	}
	if r := f.Revisions()[0]; r.Start != 0 || r.End != int64(len(b)) || len(r.Entries) != 5 {
		t.Fatalf("revision %+v", r)
	}
	if err := f.CheckTail(0); err != nil {
		t.Fatal(err)
	}
}
