package trust

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"testing"

	"sealdesk/pdfseal/cms"
)

// tamperSeals is the number of seals in the bundle that the tests of this file damage.
const tamperSeals = 20

// refusedOrSame: a bundle that was changed is refused, at the latest when a
// seal is looked up that lies there, or says exactly what it said before.
func refusedOrSame(w *world, raw []byte, want string) error {
	s, err := readBundle(raw, w.by.pin())
	if err == nil {
		var got string
		if got, err = answers(s, w, tamperSeals); err == nil && got != want {
			return errors.New("another answer: " + got)
		}
	}
	var r *Refusal
	if err != nil && !errors.As(err, &r) {
		return err
	}
	return nil
}

// small is a bundle with as little in it as a bundle can have, and both tables.
func small(t testing.TB) (*world, []byte, string) {
	w := newWorld(t)
	spec := w.spec(t)
	spec.Anchors = []Anchor{anchor(PurposeSigner, w.root)}
	raw := write(t, spec, seals(tamperSeals), w.by.key())
	want, err := answers(mustRead(t, raw, w.by.pin()), w, tamperSeals)
	if err != nil {
		t.Fatal(err)
	}
	return w, raw, want
}

// TestBundle_flips changes bits of a bundle one at a time: one of each byte, in the long run all.
func TestBundle_flips(t *testing.T) {
	w, raw, want := small(t)
	const parts = 4
	long := os.Getenv("SEALDESK_LONG") == "1"
	for part := range parts {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			changed := clone(raw)
			for at := part; at < len(raw); at += parts {
				for bit := range 8 {
					if !long && bit != at*3%8 {
						continue
					}
					changed[at] ^= 1 << bit
					if err := refusedOrSame(w, changed, want); err != nil {
						t.Errorf("bit %d of byte %d: %v", bit, at, err)
					}
					changed[at] = raw[at]
				}
			}
		})
	}
}

func TestBundle_truncatedAndLengthened(t *testing.T) {
	w, raw, _ := small(t)
	for n := range len(raw) {
		if s, err := readBundle(raw[:n], w.by.pin()); s != nil || err == nil {
			t.Fatalf("cut to %d bytes: accepted", n)
		}
	}
	for _, n := range []int{1, 31, 32, 33, 1000} { // the sections are longer than this
		s, err := readBundle(raw[:len(raw)-n], w.by.pin())
		wantReason(t, "cut", s, err, ReasonTruncated)
		s, err = readBundle(append(clone(raw), make([]byte, n)...), w.by.pin())
		wantReason(t, "longer", s, err, ReasonFormat)
	}
}

// TestBundle_mixed puts the sections of one bundle behind the manifest of another.
func TestBundle_mixed(t *testing.T) {
	w := newWorld(t)
	spec := w.spec(t)
	first := write(t, spec, seals(5000), w.by.key())
	spec.Number++
	spec.CRLs = [][]byte{crl(t, w.root, now, now.AddDate(0, 2, 0), nil)}
	second := write(t, spec, seals(5000), w.by.key())
	_, err := readBundle(frame(signatures(t, second), body(t, first)), w.by.pin())
	wantReason(t, "list of the former bundle", nil, err, ReasonMixed)

	spec.CRLs = nil
	a := write(t, spec, seals(5000), w.by.key())
	b := write(t, spec, lostSeals(5000), w.by.key())
	s := mustRead(t, frame(signatures(t, b), body(t, a)), w.by.pin())
	wantReason(t, "tables of the former bundle", nil, s.Check(t.Context()), ReasonMixed)
	for i := range 5000 {
		if st, listed, err := s.StatusAt(sealID(i), now); listed || err == nil {
			t.Fatalf("%d: %v from a page of another bundle", i, st)
		}
	}
	// Two pages of one table exchanged.
	pages := body(t, b)
	swapped := append(append(append([]byte{}, pages[pageBytes:2*pageBytes]...), pages[:pageBytes]...), pages[2*pageBytes:]...)
	s = mustRead(t, frame(signatures(t, b), swapped), w.by.pin())
	wantReason(t, "pages exchanged", nil, s.Check(t.Context()), ReasonMixed)
}

// lostSeals are seals without earlier states, as large a table as that of seals.
func lostSeals(n int) func(func(SealRecord) bool) {
	return func(yield func(SealRecord) bool) {
		for r := range seals(n) {
			r.History[len(r.History)-1] = SealStatus{Status: StatusReportedLost, Since: now}
			if !yield(r) {
				return
			}
		}
	}
}

// TestBundle_wrongTables: the centre signed tables that break their own rules.
func TestBundle_wrongTables(t *testing.T) {
	w := newWorld(t)
	rec := func(id string, change func(*record)) []byte {
		r := record{key: keyOf(id), status: StatusInForce}
		if change != nil {
			change(&r)
		}
		return r.append(nil)
	}
	ids := []string{"a", "b"}
	if bytes.Compare(rec("a", nil), rec("b", nil)) > 0 {
		ids = []string{"b", "a"}
	}
	raw := func(at int, v byte) []byte {
		b := rec("a", nil)
		b[at] = v
		return b
	}
	earlier := func(r *record) { r.earlier = true }
	since := func(r *record) { r.since = now }
	for name, c := range map[string]struct{ present, history [][]byte }{
		"not in order":         {[][]byte{rec(ids[1], nil), rec(ids[0], nil)}, nil},
		"twice":                {[][]byte{rec("a", nil), rec("a", nil)}, nil},
		"unknown state":        {[][]byte{raw(keySize, 5)}, nil},
		"no state":             {[][]byte{raw(keySize, 0)}, nil},
		"reserved":             {[][]byte{raw(keySize+2, 1)}, nil},
		"flags":                {[][]byte{raw(keySize+1, 2)}, nil},
		"division":             {[][]byte{raw(keySize+7, 1)}, nil},
		"time":                 {[][]byte{raw(keySize+8, 0x7f)}, nil},
		"earlier ones missing": {[][]byte{rec("a", earlier)}, nil},
		"earlier one is later": {[][]byte{rec("a", earlier)}, [][]byte{rec("a", since)}},
	} {
		present, history := &tableBuilder{}, &tableBuilder{history: true}
		present.bytes, history.bytes = bytes.Join(c.present, nil), bytes.Join(c.history, nil)
		s := mustRead(t, signTables(t, w, present, history), w.by.pin())
		h, listed, err := s.SealHistory("a")
		if err == nil && listed {
			t.Errorf("%s: %v", name, h)
		}
		if _, _, other := s.SealHistory("b"); err == nil && other == nil {
			t.Errorf("%s: not noticed", name)
		}
	}
}

// signTables signs tables as they are, past the checks of WriteBundle.
func signTables(t *testing.T, w *world, present, history *tableBuilder) []byte {
	t.Helper()
	spec := w.spec(t)
	m := &manifest{Format: BundleFormat, Centre: spec.Centre, Number: 1, Issued: now, Expires: spec.Expires, Roots: spec.Roots, Anchors: spec.Anchors,
		Sections: []section{present.section(sectionSeals), history.section(sectionHistory)}}
	spec.CRLs = nil
	der, err := spec.sign(t.Context(), m, []cms.Key{w.by.key()})
	if err != nil {
		t.Fatal(err)
	}
	return frame(der, append(present.bytes, history.bytes...))
}

func signManifest(t *testing.T, w *world, m *manifest) []byte {
	t.Helper()
	content, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	der, err := cms.Sign(t.Context(), content, w.by.key(), cms.SignOptions{Time: m.Issued, Certificates: [][]byte{w.by.root.cert.Raw}})
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// TestBundle_wrongManifest: the centre signed a manifest that breaks the format.
func TestBundle_wrongManifest(t *testing.T) {
	w := newWorld(t)
	good := func() *manifest {
		spec := w.spec(t)
		present := (&tableBuilder{}).section(sectionSeals)
		return &manifest{Format: BundleFormat, Centre: spec.Centre, Number: 1, Issued: now, Expires: spec.Expires, Roots: spec.Roots, Anchors: spec.Anchors,
			Sections: []section{present, (&tableBuilder{}).section(sectionHistory)}}
	}
	for name, change := range map[string]func(*manifest){
		"format":           func(m *manifest) { m.Format = "sealdesk-bundle/2" },
		"unknown section":  func(m *manifest) { m.Sections[0].Name = "seal" },
		"seals twice":      func(m *manifest) { m.Sections[1].Name = sectionSeals },
		"seals alone":      func(m *manifest) { m.Sections = m.Sections[:1] },
		"negative size":    func(m *manifest) { m.Sections[0].Size = -32 },
		"digest and pages": func(m *manifest) { m.Sections[0].SM3 = "00" },
		"page size 0":      func(m *manifest) { m.Sections[0].Pages.Size = 0 },
		"page size 33":     func(m *manifest) { m.Sections[0].Pages.Size = 33 },
		"large page":       func(m *manifest) { m.Sections[0].Pages.Size = 2 * maxPage },
		"long index":       func(m *manifest) { m.Sections[0].Pages.Index = make([]byte, entrySize) },
		"no pages":         func(m *manifest) { m.Sections[0].Pages = nil },
		"list with pages":  func(m *manifest) { m.Sections[0].Name = sectionList },
		"list, no digest":  func(m *manifest) { m.Sections[0] = section{Name: sectionList} },
		"second fraction":  func(m *manifest) { m.Issued = now.Add(1) },
		"many sections":    func(m *manifest) { m.Sections = make([]section, MaxCRLs+3) },
	} {
		m := good()
		change(m)
		s, err := readBundle(frame([][]byte{signManifest(t, w, m)}, nil), w.by.pin())
		wantReason(t, name, s, err, ReasonFormat)
	}
	if s := mustRead(t, frame([][]byte{signManifest(t, w, good())}, nil), w.by.pin()); !s.HasSealStatus() {
		t.Error("the good one")
	}
}
