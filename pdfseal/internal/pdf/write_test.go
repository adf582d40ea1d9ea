package pdf

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

// bases are documents to extend: both kinds of sections, linearised, with and without a final line end, with several revisions.
func bases(t *testing.T) map[string][]byte {
	several := newMaker().document().table(root + "/ID[<00><00>]")
	for i := range 3 {
		several.obj(10+i, "1").table(sameID)
	}
	withInfo := newMaker().document().obj(4, "<</Title(x)>>").table(root + "/Info 4 0 R/ID[(a\\)\\001)<01>]")
	return map[string][]byte{
		"table":              plain(),
		"stream":             packedDoc(),
		"linearised":         linearised("/Linearized 1", 0),
		"no final line end":  bytes.TrimRight(plain(), "\n"),
		"CR at the end":      append(bytes.TrimRight(plain(), "\n"), '\r'),
		"blanks at the end":  append(plain(), "  "...),
		"several revisions":  several.Bytes(),
		"info and ID":        withInfo.Bytes(),
		"entries of 19":      bytes.ReplaceAll(plain(), []byte(" n\r\n"), []byte(" n\n")),
		"size far too high":  swap(t, plain(), "/Size 4", "/Size 90000"),
		"free entry":         made(func(m *maker) { m.document(); m.extra[7] = "0000000000 00001 f\r\n"; m.size = 8; m.table(root) })(t),
		"object above a gap": made(func(m *maker) { m.document(); m.obj(300, "1").table(root) })(t),
	}
}

// TestIncrement_bases extends each base three times and checks the result with this reader and with qpdf.
func TestIncrement_bases(t *testing.T) {
	for name, base := range bases(t) {
		t.Run(strings.ReplaceAll(name, " ", "_"), func(t *testing.T) {
			whole := base
			for i := range 3 {
				f := mustOpen(t, whole)
				tail, err := extend(f)
				if err != nil {
					t.Fatal(err)
				}
				checkExtended(t, name, f, whole)
				whole = append(slices.Clone(whole), tail...)
				g := mustOpen(t, whole)
				if !bytes.HasPrefix(whole, base) || !bytes.HasSuffix(whole, []byte("%%EOF\n")) {
					t.Error("the base is no prefix, or the end mark and its line end are missing")
				}
				checkTrailer(t, f, g)
				p, err := g.Latest().Page(1)
				if err != nil || len(p.Dict["Annots"].(types.Array)) != i+1 {
					t.Fatalf("annotations after increment %d: %v, %v", i, p, err)
				}
			}
		})
	}
}

func checkTrailer(t *testing.T, before, after *File) {
	t.Helper()
	old, now := before.Latest().Trailer(), after.Latest().Trailer()
	if !reflect.DeepEqual(old["Root"], now["Root"]) || !reflect.DeepEqual(old["Info"], now["Info"]) {
		t.Errorf("trailer %v after %v", now, old)
	}
	if id := firstID(old); id != nil && (!sameString(id, firstID(now)) || sameString(id, now["ID"].(types.Array)[1])) {
		t.Errorf("/ID %v after %v", now["ID"], old["ID"])
	} else if id == nil && now["ID"] != nil {
		t.Error("/ID appears")
	}
	highest := 0
	for num := range after.Latest().Revision().Entries {
		highest = max(highest, num)
		if _, _, used := before.Latest().Where(num); used && num > 3 {
			t.Errorf("object %d is used again", num)
		}
	}
	if size := now["Size"].(types.Integer); int(size) < highest+1 || size < old["Size"].(types.Integer) {
		t.Errorf("/Size %d after %v, highest number %d", size, old["Size"], highest)
	}
}

// TestIncrement_linearisedByQpdf extends files that qpdf linearised, in both kinds.
func TestIncrement_linearisedByQpdf(t *testing.T) {
	if _, err := exec.LookPath("qpdf"); err != nil {
		t.Skip("qpdf is not installed")
	}
	for _, mode := range []string{"generate", "disable"} {
		in, out := filepath.Join(t.TempDir(), "in.pdf"), filepath.Join(t.TempDir(), "out.pdf")
		writeFile(t, in, plain())
		if b, err := exec.Command("qpdf", "--linearize", "--object-streams="+mode, in, out).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, b)
		}
		b := readFile(t, out)
		f := mustOpen(t, b)
		if !f.Linearized() {
			t.Error("not seen as linearised")
		}
		checkExtended(t, mode, f, b)
	}
}

func TestIncrement_signature(t *testing.T) {
	for name, base := range bases(t) {
		f := mustOpen(t, base)
		u := NewIncrement(f)
		ref := u.New()
		u.PutSignature(ref, types.Dict{"Type": types.Name("Sig"), "Reason": types.StringLiteral("a >> ] /Contents<00>")}, 300)
		b, err := u.Build([16]byte{9})
		if err != nil {
			t.Fatal(err)
		}
		if err := b.SetContents(bytes.Repeat([]byte{0xab}, 300)); err != nil {
			t.Fatal(err)
		}
		if err := b.SetContents([]byte{0x30, 0x1f}); err != nil {
			t.Fatal(err)
		}
		if err := b.SetContents(make([]byte, 301)); !errors.Is(err, ErrTooLarge) {
			t.Errorf("301 bytes into 300: %v", err)
		}
		whole := append(slices.Clone(base), b.Bytes...)
		checkSignature(t, name, mustOpen(t, whole), whole, ref, b)
		if out, err := qpdfCheck(t, whole); err != nil {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
}

// checkSignature compares what was built with what is read back (rules B1 to B6, W5).
func checkSignature(t *testing.T, name string, f *File, whole []byte, ref types.IndirectRef, b *Built) {
	t.Helper()
	v := f.Latest()
	obj, keys, err := v.Spans(int(ref.ObjectNumber))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	gap, br := keys["Contents"], b.ByteRange
	if gap.Start != br[1] || gap.End != br[2] || br[0] != 0 || br[2]+br[3] != int64(len(whole)) {
		t.Errorf("%s: gap %v, range %v of %d", name, gap, br, len(whole))
	}
	if text := string(whole[gap.Start:gap.End]); text != "<301F"+strings.Repeat("0", 596)+">" {
		t.Errorf("%s: contents %s", name, text)
	}
	if keys["ByteRange"].Start > gap.Start || obj.End <= gap.End || !bytes.HasPrefix(whole[gap.End:], []byte(">>\nendobj")) {
		t.Errorf("%s: /Contents is not the last entry", name)
	}
	d, err := v.Dict(ref)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	want := types.Array{types.Integer(0), types.Integer(br[1]), types.Integer(br[2]), types.Integer(br[3])}
	if !reflect.DeepEqual(d["ByteRange"], want) || d["Type"] != types.Name("Sig") {
		t.Errorf("%s: dictionary %v, want range %v", name, d, want)
	}
	if r := v.Revision(); r.End != int64(len(whole)) || r.Start > br[1] {
		t.Errorf("%s: revision %d to %d", name, r.Start, r.End)
	}
	if err := f.CheckTail(len(f.Revisions()) - 1); err != nil {
		t.Errorf("%s: %v", name, err)
	}
}

func TestIncrement_isDeterministic(t *testing.T) {
	var first []byte
	for i := range 20 {
		b, err := extend(mustOpen(t, packedDoc()))
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			first = b
		} else if !bytes.Equal(b, first) {
			t.Fatal("equal increments give different bytes")
		}
	}
}

func TestIncrement_streamsAndReplacement(t *testing.T) {
	f := mustOpen(t, plain())
	u := NewIncrement(f)
	ref, raw := u.New(), u.New()
	d := types.Dict{"Filter": types.Name("FlateDecode"), "Length": types.Integer(99)}
	u.PutStream(ref, d, Flate([]byte("data")))
	u.PutStream(raw, nil, []byte("endstream endobj"))
	u.Put(ref, types.Integer(1))
	u.PutStream(ref, d, Flate([]byte("data")))
	b, err := u.Build([16]byte{})
	if err != nil || d["Length"] != types.Integer(99) || b.GapEnd != 0 || b.SetContents(nil) == nil {
		t.Fatalf("%v, %v, %+v", err, d, b)
	}
	g := mustOpen(t, append(plain(), b.Bytes...))
	for r, want := range map[types.IndirectRef]string{ref: "data", raw: "endstream endobj"} {
		sd, err := g.Latest().Stream(r)
		if err != nil {
			t.Fatal(err)
		}
		if data, err := g.ReadStream(sd, 100); string(data) != want || err != nil {
			t.Errorf("%q, %v", data, err)
		}
	}
	if err := g.CheckTail(1); err != nil {
		t.Error(err)
	}
}

func TestIncrement_misuse(t *testing.T) {
	ref := *types.NewIndirectRef(4, 0)
	for name, use := range map[string]func(u *Increment){
		"nothing":             func(u *Increment) {},
		"number 0":            func(u *Increment) { u.Put(types.IndirectRef{}, nil) },
		"number not given":    func(u *Increment) { u.Put(*types.NewIndirectRef(99, 0), nil) },
		"other generation":    func(u *Increment) { u.Put(*types.NewIndirectRef(3, 1), nil) },
		"free number":         func(u *Increment) { u.Put(*types.NewIndirectRef(7, 1), nil) },
		"two signatures":      func(u *Increment) { u.PutSignature(ref, nil, 9); u.PutSignature(ref, nil, 9) },
		"no room":             func(u *Increment) { u.PutSignature(ref, nil, 0) },
		"too much room":       func(u *Increment) { u.PutSignature(ref, nil, maxContents) },
		"contents given":      func(u *Increment) { u.PutSignature(ref, types.Dict{"Contents": nil}, 9) },
		"byte range given":    func(u *Increment) { u.PutSignature(ref, types.Dict{"ByteRange": nil}, 9) },
		"signature elsewhere": func(u *Increment) { u.PutSignature(*types.NewIndirectRef(7, 0), nil, 9) },
	} {
		u := NewIncrement(mustOpen(t, bases(t)["free entry"]))
		use(u)
		if _, err := u.Build([16]byte{}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestFormatObject_values(t *testing.T) {
	for _, c := range []struct {
		in   types.Object
		want string
	}{
		{nil, "null"},
		{types.Boolean(true), "true"},
		{types.Integer(-5), "-5"},
		{types.Float(1), "1.0"},
		{types.Float(-0.00001), "-0.00001"},
		{types.Float(math.Inf(1)), "null"},
		{types.Name("A b#/é"), "/A#20b#23#2F#C3#A9"},
		{types.Name(""), "/"},
		{types.StringLiteral(`a\)(b)`), `(a\)(b))`},
		{types.StringLiteral("a)/Evil(b"), "<61292F4576696C2862>"},
		{types.StringLiteral(`a\`), "<615C>"},
		{types.HexLiteral("0aF0"), "<0aF0>"},
		{types.HexLiteral("0>"), "null"},
		{*types.NewIndirectRef(3, 1), "3 1 R"},
		{types.Array{types.Integer(1), nil, types.Name("B")}, "[1 null /B]"},
		{types.Dict{"B": types.Integer(2), "A": types.Dict{}}, "<</A <<>>/B 2>>"},
	} {
		if got := string(FormatObject(c.in)); !strings.EqualFold(got, c.want) {
			t.Errorf("%v: %s, want %s", c.in, got, c.want)
		}
	}
}

func TestUnescape_cases(t *testing.T) {
	for in, want := range map[string]string{
		`a\n\r\t\b\f\(\)\\`:  "a\n\r\t\b\f()\\",
		`\101\1012\60x\7`:    "AA20x\a",
		"a\\\r\nb\\\nc\\\rd": "abcd",
		"a\r\nb\rc":          "a\nb\nc",
		`\q\8`:               "q8",
		`\400`:               "\x00",
	} {
		if got := string(unescape(in)); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func ExampleIncrement() {
	f, err := open(plain())
	if err != nil {
		fmt.Println(err)
		return
	}
	u := NewIncrement(f)
	u.Put(u.New(), types.Array{types.Name("A"), types.Integer(1)})
	b, err := u.Build([16]byte{})
	fmt.Printf("%s%v\n", b.Bytes[:bytes.Index(b.Bytes, []byte("xref"))], err)
	// Output:
	// 4 0 obj
	// [/A 1]
	// endobj
	// <nil>
}
