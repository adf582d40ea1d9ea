package trust

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

// FuzzTrustBundle: what Read accepts without a pin keeps the format's promises,
// under the pin it says what the centre signed, and no look-up goes wrong.
func FuzzTrustBundle(f *testing.F) {
	w := newWorld(f)
	next := newUpdater(f, "next")
	spec := w.spec(f)
	good := write(f, spec, seals(tamperSeals), w.by.key())
	genuine := mustRead(f, good, w.by.pin())
	want, err := answers(genuine, w, tamperSeals)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add(write(f, spec, nil, w.by.key()))
	f.Add(write(f, spec, seals(0), w.by.key()))
	spec.Roots, spec.FormerRoots = [][]byte{next.root.cert.Raw}, spec.Roots
	f.Add(write(f, spec, seals(40), w.by.key(), next.key()))
	for _, b := range [][]byte{nil, []byte(magic), good[:frameSize], good[:frameSize+4], good[:len(good)/2], append(clone(good), 0), bytes.Repeat([]byte(magic), 100)} {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := Read(bytes.NewReader(b), int64(len(b)), Pins{AllowUnpinned: true})
		var r *Refusal
		if err != nil {
			if s != nil || !errors.As(err, &r) {
				t.Fatalf("%v", err)
			}
			return
		}
		if s.Number() < 1 || s.Name() == "" || s.Expires().IsZero() || len(s.Roots()) == 0 || s.Root() == "" || s.Pinned() || len(s.Anchors()) == 0 {
			t.Fatalf("%+v", s.head)
		}
		got, err := answers(s, w, tamperSeals)
		if err != nil {
			if !errors.As(err, &r) {
				t.Fatal(err)
			}
			return
		}
		if s.Manifest() != genuine.Manifest() {
			return
		}
		// Pinned or not is the only difference to the answers that the centre signed.
		if strings.Replace(got, "] false [", "] true [", 1) != want {
			t.Fatal("another answer under the centre's signature")
		}
	})
}

// FuzzSealTable: tables that the centre never signed, straight into the reader of pages.
func FuzzSealTable(f *testing.F) {
	t := &tableBuilder{}
	for i := range 5 {
		t.bytes = record{key: keyOf(sealID(i)), status: StatusInForce, since: now, division: "152999"}.append(t.bytes)
	}
	f.Add(t.bytes, 64, sealID(0))
	f.Add([]byte{}, 32, "")
	f.Add(make([]byte, 96), 32, "x")
	f.Fuzz(func(t *testing.T, b []byte, page int, id string) {
		if page < recordSize || page > maxPage {
			return
		}
		b = b[:len(b)/recordSize*recordSize]
		page = page / recordSize * recordSize
		x := section{Name: sectionSeals, Size: int64(len(b)), Pages: &pages{Size: page, Index: (&tableBuilder{bytes: b}).index(page)}}
		table, err := openTable(bytes.NewReader(b), 0, x, false)
		if err != nil {
			return
		}
		var r *Refusal
		if _, err := (sealTables{table, table}).history(id); err != nil && !errors.As(err, &r) {
			t.Fatal(err)
		}
		if err := table.check(t.Context()); err != nil && !errors.As(err, &r) {
			t.Fatal(err)
		}
	})
}
