package pdf

import (
	"bytes"
	"fmt"
	"sync"
	"testing"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

// TestView_revisions reads an object as of each revision: defined, redefined, freed.
func TestView_revisions(t *testing.T) {
	m := newMaker().document().obj(4, "(one)").obj(5, "<</Length 6 0 R>>\nstream\nabc\nendstream").obj(6, "3").table(root)
	m.obj(4, "(two)").table(root)
	m.extra[4] = "0000000000 00001 f\r\n"
	f := mustOpen(t, m.obj(7, "null").table(root).Bytes())
	for rev, want := range []types.Object{types.StringLiteral("one"), types.StringLiteral("two"), nil} {
		if o, err := f.At(rev).Get(4, 0); o != want || err != nil {
			t.Errorf("revision %d: %v, %v", rev, o, err)
		}
		r, e, ok := f.At(rev).Where(4)
		if r != rev || !ok || (e.Kind == Free) != (want == nil) {
			t.Errorf("revision %d: defined in %d as %+v", rev, r, e)
		}
	}
	if _, _, ok := f.At(0).Where(7); ok {
		t.Error("object of a later revision is seen in an earlier one")
	}
	if _, _, err := f.Latest().Spans(4); err == nil {
		t.Error("spans of a free object")
	}
	if sd, err := f.Latest().Stream(*types.NewIndirectRef(5, 0)); err != nil || *sd.StreamLength != 3 {
		t.Errorf("stream with an indirect length: %v, %v", sd, err)
	}
}

// TestView_streamLengthOfItsRevision redefines the length of a stream: each view reads the stream with its own.
func TestView_streamLengthOfItsRevision(t *testing.T) {
	m := newMaker().document().obj(4, "<</Length 5 0 R>>\nstream\nab\nendstream\nendobj\nendstream").obj(5, "2").table(root)
	f := mustOpen(t, m.obj(5, "19").table(root).Bytes())
	for rev, want := range []int64{2, 19} {
		sd, err := f.At(rev).Stream(*types.NewIndirectRef(4, 0))
		if err != nil || *sd.StreamLength != want {
			t.Errorf("revision %d: %v, %v", rev, sd, err)
		}
	}
}

func TestView_helpers(t *testing.T) {
	v := mustOpen(t, with("[1 2.5 (a\\(b) <4142> /N null 3 0 R]")(t)).Latest()
	a, err := v.Array(*types.NewIndirectRef(4, 0))
	if err != nil {
		t.Fatal(err)
	}
	if n, ok, err := v.Int(a[0]); n != 1 || !ok || err != nil {
		t.Error(n, ok, err)
	}
	if x, ok, err := v.Number(a[1]); x != 2.5 || !ok || err != nil {
		t.Error(x, ok, err)
	}
	for i, want := range map[int]string{2: "a(b", 3: "AB"} {
		if b, ok, err := v.Bytes(a[i]); string(b) != want || !ok || err != nil {
			t.Error(b, ok, err)
		}
	}
	if n, err := v.Name(a[4]); n != "N" || err != nil {
		t.Error(n, err)
	}
	if d, err := v.Dict(a[6]); d["Type"] != types.Name("Page") || err != nil {
		t.Error(d, err)
	}
	checkAbsent(t, v, a[5])
	for _, call := range []func() error{
		func() error { _, _, err := v.Int(a[1]); return err }, func() error { _, _, err := v.Number(a[2]); return err },
		func() error { _, _, err := v.Bytes(a[0]); return err }, func() error { _, err := v.Name(a[0]); return err },
		func() error { _, err := v.Dict(a[0]); return err }, func() error { _, err := v.Array(a[6]); return err },
		func() error { _, err := v.Stream(a[6]); return err },
	} {
		wantRule(t, call(), "S2")
	}
}

// checkAbsent asks that null is no error and nothing.
func checkAbsent(t *testing.T, v *View, null types.Object) {
	t.Helper()
	if _, ok, err := v.Int(null); ok || err != nil {
		t.Error(ok, err)
	}
	if _, ok, err := v.Number(null); ok || err != nil {
		t.Error(ok, err)
	}
	if _, ok, err := v.Bytes(null); ok || err != nil {
		t.Error(ok, err)
	}
	if d, err := v.Dict(null); d != nil || err != nil {
		t.Error(d, err)
	}
	if sd, err := v.Stream(null); sd != nil || err != nil {
		t.Error(sd, err)
	}
}

func TestSpans_exact(t *testing.T) {
	b := with("<</A 1 /B(x y)/C [1 2]\n/D 3 0 R/E<</F/G>>/H null /Contents <00 1>>>")(t)
	obj, keys, err := mustOpen(t, b).Latest().Spans(4)
	if err != nil {
		t.Fatal(err)
	}
	if s := string(b[obj.Start:obj.End]); s[:7] != "4 0 obj" || s[len(s)-6:] != "endobj" {
		t.Errorf("object %q", s)
	}
	want := map[string]string{"A": "1", "B": "(x y)", "C": "[1 2]", "D": "3 0 R", "E": "<</F/G>>", "H": "null", "Contents": "<00 1>"}
	for k, text := range want {
		if s := keys[k]; string(b[s.Start:s.End]) != text {
			t.Errorf("/%s is %q", k, b[s.Start:s.End])
		}
	}
	if len(keys) != len(want) {
		t.Errorf("%d keys", len(keys))
	}
	_, _, err = mustOpen(t, packedDoc()).Latest().Spans(5)
	wantRule(t, err, "B1")
}

func TestFile_version(t *testing.T) {
	for catalogue, want := range map[string]string{"": "1.7", "/Version/2.0": "2.0", "/Version/1.4": "1.7", "/Version/9.9": "1.7", "/Version 3": "1.7"} {
		b := newMaker().document().obj(1, "<</Type/Catalog/Pages 2 0 R"+catalogue+">>").table(root).Bytes()
		if v := mustOpen(t, b).Version(); v != want {
			t.Errorf("%s: version %s", catalogue, v)
		}
	}
}

// TestView_concurrentUse reads one file from several goroutines; the race detector is the judge.
func TestView_concurrentUse(t *testing.T) {
	f := mustOpen(t, append(bytes.Clone(packedDoc()), ' ')) // with a note
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for num := range 7 {
				if _, err := f.Latest().Get(num, 0); err != nil {
					t.Error(err)
				}
			}
			if n, err := f.Latest().PageCount(); n != 1 || err != nil || len(f.Notes()) == 0 {
				t.Error(n, err, f.Notes())
			}
			if _, err := f.Latest().Page(1); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

// TestCache_isBounded reads more than the cache holds and finds everything again.
func TestCache_isBounded(t *testing.T) {
	m := newMaker().document()
	for i := range 400 {
		m.obj(10+i, fmt.Sprintf("(%060000d)", i))
	}
	f := mustOpen(t, m.table(root).Bytes())
	for range 2 {
		for i := range 400 {
			o, err := f.Latest().Get(10+i, 0)
			if err != nil || o != types.StringLiteral(fmt.Sprintf("%060000d", i)) {
				t.Fatalf("object %d: %v", 10+i, err)
			}
			if f.cache.weight > cacheBudget {
				t.Fatalf("cache of %d bytes", f.cache.weight)
			}
		}
	}
}

// BenchmarkOpen opens a document of 3,000 pages, reads its first page and counts the pages.
func BenchmarkOpen(b *testing.B) {
	doc := fan(0, 3000)
	for b.Loop() {
		f := mustOpen(b, doc)
		if n, err := f.Latest().PageCount(); n != 3000 || err != nil {
			b.Fatal(n, err)
		}
	}
}
