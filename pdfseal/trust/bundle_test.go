package trust

import (
	"bytes"
	"context"
	"encoding/asn1"
	"encoding/binary"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sealdesk/pdfseal/cms"
	"sealdesk/pdfseal/gm"
)

func TestBundle_writtenAndReadBack(t *testing.T) {
	w := newWorld(t)
	const n = 5000 // several pages of both tables
	spec := w.spec(t)
	spec.Previous = strings.Repeat("ab", 32)
	raw := write(t, spec, seals(n), w.by.key())
	path := filepath.Join(t.TempDir(), "trust.sdtb")
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := Open(path, Pins{Roots: []string{strings.Repeat("x", 9), w.by.pin()}})
	if err != nil {
		t.Fatal(err)
	}
	if s.Number() != 3 || s.Name() != "统一验证中心" || !s.Issued().Equal(now) || !s.Expires().Equal(now.AddDate(0, 6, 0)) || s.Seals() != n || !s.HasSealStatus() ||
		!s.Pinned() || s.Root() != w.by.pin() || !slices.Equal(s.Roots(), []string{w.by.pin()}) || s.Previous() != spec.Previous || len(s.Manifest()) != 64 ||
		s.Policy().GraceHours != 24 || len(s.Anchors()) != 3 || len(s.Lists()) != 1 || s.Path() != path {
		t.Errorf("%+v", s.head)
	}
	if err := s.Check(t.Context()); err != nil {
		t.Error(err)
	}
	for i, r := range slices.Collect(seals(n)) {
		h, listed, err := s.SealHistory(r.ID)
		if err != nil || !listed || len(h) != len(r.History) {
			t.Fatalf("%d: %v %v %v", i, h, listed, err)
		}
		for k := range h {
			if h[k].Status != r.History[k].Status || !h[k].Since.Equal(r.History[k].Since) || h[k].ID != r.ID || h[k].Division != "152999" {
				t.Fatalf("%d: %+v", i, h)
			}
		}
	}
	if _, listed, err := s.StatusAt(sealID(n), now); listed || err != nil {
		t.Errorf("a seal that is not there: %v %v", listed, err)
	}
	if s.Chain(w.signer.cert, PurposeSigner).Status != ChainTrusted || s.Revocation(w.signer.cert, w.root.cert, now).Status != RevocationGood {
		t.Error("chain or list")
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if s, err = Open(path, Pins{Roots: []string{w.by.pin()}}); err != nil {
		t.Fatal(err)
	}
	s.Close()
	if _, listed, err := s.SealHistory(sealID(1)); listed || !errors.Is(err, fs.ErrClosed) {
		t.Errorf("closed: %v %v", listed, err)
	}
	if _, listed := s.SealStatus(sealID(1)); listed {
		t.Error("closed, and yet listed")
	}
}

func TestBundle_sealsUnsaidOrNone(t *testing.T) {
	w := newWorld(t)
	for name, c := range map[string]struct {
		raw  []byte
		says bool
	}{
		"nothing is said": {write(t, w.spec(t), nil, w.by.key()), false},
		"there are none":  {write(t, w.spec(t), seals(0), w.by.key()), true},
	} {
		s := mustRead(t, c.raw, w.by.pin())
		if _, listed, err := s.StatusAt("1", now); s.HasSealStatus() != c.says || listed || err != nil || s.Seals() != 0 {
			t.Errorf("%s: %v %v %v", name, s.HasSealStatus(), listed, err)
		}
	}
}

func TestBundle_pins(t *testing.T) {
	w := newWorld(t)
	raw := write(t, w.spec(t), seals(3), w.by.key())
	other := newUpdater(t, "other")
	for name, c := range map[string]struct {
		pins   Pins
		reason Reason // empty: accepted
		pinned bool
	}{
		"pinned":           {Pins{Roots: []string{w.by.pin()}}, "", true},
		"one of two":       {Pins{Roots: []string{other.pin(), w.by.pin()}}, "", true},
		"none":             {Pins{}, ReasonUnpinned, false},
		"other":            {Pins{Roots: []string{other.pin()}}, ReasonForeign, false},
		"other, unpinned":  {Pins{Roots: []string{other.pin()}, AllowUnpinned: true}, ReasonForeign, false},
		"allowed unpinned": {Pins{AllowUnpinned: true}, "", false},
	} {
		s, err := Read(bytes.NewReader(raw), int64(len(raw)), c.pins)
		if c.reason != "" {
			wantReason(t, name, s, err, c.reason)
			continue
		}
		if err != nil || s.Pinned() != c.pinned || s.Root() != w.by.pin() {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func wantReason(t *testing.T, name string, s *Store, err error, want Reason) {
	t.Helper()
	var r *Refusal
	if s != nil || !errors.As(err, &r) || r.Reason != want {
		t.Errorf("%s: %v, want %s", name, err, want)
		return
	}
	if key, data := r.Situation(); key != "trust."+string(want) || data["Detail"] == "" {
		t.Errorf("%s: %s %v", name, key, data)
	}
}

// TestBundle_changeOfRoots: old and new must both have signed.
func TestBundle_changeOfRoots(t *testing.T) {
	w := newWorld(t)
	next := newUpdater(t, "next")
	spec := w.spec(t)
	spec.Roots, spec.FormerRoots = [][]byte{next.root.cert.Raw}, spec.Roots
	both := write(t, spec, seals(3), w.by.key(), next.key())
	for _, pin := range []string{w.by.pin(), next.pin()} {
		s := mustRead(t, both, pin)
		if !slices.Equal(s.Roots(), []string{next.pin()}) || len(s.SignedBy()) != 2 || s.Root() != pin {
			t.Errorf("%v %v", s.Roots(), s.SignedBy())
		}
	}
	if err := WriteBundle(t.Context(), io.Discard, spec, seals(3), w.by.key()); !errors.Is(err, ErrFormat) {
		t.Errorf("signed by the old one alone: %v", err)
	}
	wantReason(t, "new one alone", nil, second(readBundle(write(t, spec, seals(3), next.key()), w.by.pin())), ReasonForeign)
	// The old signature taken off, and the two of different bundles.
	wantReason(t, "old one taken off", nil, second(readBundle(frame(signatures(t, both)[1:], body(t, both)), w.by.pin())), ReasonForeign)
	wantReason(t, "new one taken off", nil, second(readBundle(frame(signatures(t, both)[:1], body(t, both)), w.by.pin())), ReasonForeign)
	spec.Number++
	later := write(t, spec, seals(3), w.by.key(), next.key())
	mixed := [][]byte{signatures(t, both)[0], signatures(t, later)[1]}
	wantReason(t, "signatures of two manifests", nil, second(readBundle(frame(mixed, body(t, both)), w.by.pin())), ReasonMixed)
	twice := [][]byte{signatures(t, both)[0], signatures(t, both)[0]}
	wantReason(t, "one signature twice", nil, second(readBundle(frame(twice, body(t, both)), w.by.pin())), ReasonFormat)
}

func second(_ *Store, err error) error { return err }

// signatures and body take a bundle apart, frame puts one together.
func signatures(t *testing.T, b []byte) (out [][]byte) {
	t.Helper()
	at := frameSize
	for range int(b[frameSize-1]) {
		n := int(binary.BigEndian.Uint32(b[at:]))
		out, at = append(out, b[at+4:at+4+n]), at+4+n
	}
	return out
}

func body(t *testing.T, b []byte) []byte {
	t.Helper()
	at := frameSize
	for _, s := range signatures(t, b) {
		at += 4 + len(s)
	}
	return b[at:]
}

func frame(signatures [][]byte, body []byte) []byte {
	out := append([]byte(magic), frameVersion, byte(len(signatures)))
	for _, s := range signatures {
		out = append(binary.BigEndian.AppendUint32(out, uint32(len(s))), s...)
	}
	return append(out, body...)
}

// TestBundle_updateCertificate: only a certificate that the root issued for updates signs a bundle.
func TestBundle_updateCertificate(t *testing.T) {
	w := newWorld(t)
	good := write(t, w.spec(t), seals(3), w.by.key())
	content := mustContent(t, signatures(t, good)[0])
	sub := ca("中间", -1)
	authority := issue(t, "authority below", sub, w.by.root)
	withUse := end("时间戳用途")
	withUse.ExtKeyUsage = []asn1.ObjectIdentifier{{1, 3, 6, 1, 5, 5, 7, 3, 8}}
	old := end("过期")
	old.NotBefore, old.NotAfter = day(-400), day(-1)
	noSign := end("加密")
	noSign.KeyUsage = gm.KeyUsageKeyEncipherment
	unknown := end("未知扩展")
	unknown.Extensions = []gm.Extension{unknownExtension}
	signed := func(n, root *node, at time.Time) []byte {
		der, err := cms.Sign(t.Context(), content, cms.MemoryKey(n.cert.Raw, n.key), cms.SignOptions{Time: at, Certificates: [][]byte{root.cert.Raw}})
		if err != nil {
			t.Fatal(err)
		}
		return der
	}
	for name, der := range map[string][]byte{
		"root itself":                        signed(w.by.root, w.by.root, now),
		"CA below the root":                  signed(authority, w.by.root, now),
		"through a CA":                       signed(issue(t, "below", end("下级签发"), authority), w.by.root, now),
		"through a CA, which stands as root": signed(issue(t, "below", end("下级签发"), authority), authority, now),
		"for timestamps":                     signed(issue(t, "for timestamps", withUse, w.by.root), w.by.root, now),
		"expired":                            signed(issue(t, "expired", old, w.by.root), w.by.root, now),
		"not for signing":                    signed(issue(t, "not for signing", noSign, w.by.root), w.by.root, now),
		"unknown extension":                  signed(issue(t, "unknown extension", unknown, w.by.root), w.by.root, now),
		"another root":                       signed(w.by.update, w.root, now),
		"another time":                       signed(w.by.update, w.by.root, now.Add(time.Second)),
		"a custodian's":                      signed(w.signer, w.root, now),
		"no certificate":                     withoutCertificates(t, content, w.by),
		"one more":                           withOneMore(t, content, w),
		"not a signature":                    {0x30, 0},
		"nothing":                            nil,
		"a signature behind":                 append(clone(signatures(t, good)[0]), 0),
	} {
		s, err := readBundle(frame([][]byte{der}, body(t, good)), w.by.pin())
		var r *Refusal
		if s != nil || !errors.As(err, &r) || r.Reason != ReasonFormat && r.Reason != ReasonForeign {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func mustContent(t *testing.T, der []byte) []byte {
	t.Helper()
	s, err := cms.Parse(der)
	if err != nil {
		t.Fatal(err)
	}
	return s.Content
}

func withoutCertificates(t *testing.T, content []byte, u updater) []byte {
	t.Helper()
	der, err := cms.Sign(t.Context(), content, u.key(), cms.SignOptions{Time: now})
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func withOneMore(t *testing.T, content []byte, w *world) []byte {
	t.Helper()
	der, err := cms.Sign(t.Context(), content, w.by.key(), cms.SignOptions{Time: now, Certificates: [][]byte{w.by.root.cert.Raw, w.root.cert.Raw}})
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func TestWriteBundle_refuses(t *testing.T) {
	w := newWorld(t)
	stranger := newUpdater(t, "stranger")
	leaf := issue(t, "leaf root", end("非根"), nil)
	for name, change := range map[string]func(*BundleSpec){
		"no centre":     func(s *BundleSpec) { s.Centre.ID = "" },
		"number":        func(s *BundleSpec) { s.Number = 0 },
		"no expiry":     func(s *BundleSpec) { s.Expires = time.Time{} },
		"expiry":        func(s *BundleSpec) { s.Expires = s.Issued },
		"previous":      func(s *BundleSpec) { s.Previous = "12" },
		"no root":       func(s *BundleSpec) { s.Roots = nil },
		"root twice":    func(s *BundleSpec) { s.Roots = append(s.Roots, s.Roots[0]) },
		"root is no CA": func(s *BundleSpec) { s.Roots = [][]byte{leaf.cert.Raw} },
		"root is not self-made": func(s *BundleSpec) {
			s.Roots = [][]byte{issue(t, "cross", ca("交叉", 0), w.root).cert.Raw}
		},
		"foreign root":      func(s *BundleSpec) { s.Roots = [][]byte{stranger.root.cert.Raw} },
		"root is an anchor": func(s *BundleSpec) { s.Anchors = append(s.Anchors, anchor(PurposeCentre, w.by.root)) },
		"root issued an anchor": func(s *BundleSpec) {
			s.Anchors = append(s.Anchors, anchor(PurposeCentre, issue(t, "centre", end("中心"), w.by.root)))
		},
		"list of a stranger":  func(s *BundleSpec) { s.CRLs = [][]byte{crl(t, stranger.root, now, day(1), nil)} },
		"policy":              func(s *BundleSpec) { s.Policy.StaleAfterDays = -1 },
		"grace":               func(s *BundleSpec) { s.Policy.GraceHours = maxGraceHours + 1 },
		"setting twice":       func(s *BundleSpec) { s.Policy.Locked = append(s.Policy.Locked, s.Policy.Locked[0]) },
		"workstation":         func(s *BundleSpec) { s.Policy.Workstations = []string{""} },
		"division":            func(s *BundleSpec) { s.Departments[0].Division = "15299" },
		"level":               func(s *BundleSpec) { s.Departments[0].Level = LevelLeague },
		"maker twice":         func(s *BundleSpec) { s.Departments = append(s.Departments, s.Departments[0]) },
		"maker not SM3":       func(s *BundleSpec) { s.Departments[0].Makers = []string{"12"} },
		"department no name":  func(s *BundleSpec) { s.Departments[0].Name = "" },
		"further division":    func(s *BundleSpec) { s.Departments[0].Also = []string{"015299"} },
		"manifest too large":  func(s *BundleSpec) { s.Departments = manyDepartments() },
		"too many workplaces": func(s *BundleSpec) { s.Policy.Workstations = make([]string, maxWorkstations+1) },
	} {
		spec := w.spec(t)
		change(&spec)
		var buf bytes.Buffer
		if err := WriteBundle(t.Context(), &buf, spec, seals(2), w.by.key()); !errors.Is(err, ErrFormat) || buf.Len() > 0 {
			t.Errorf("%s: %v, %d bytes", name, err, buf.Len())
		}
	}
	for name, records := range map[string][]SealRecord{
		"no identifier":   {{History: []SealStatus{{Status: StatusInForce}}}},
		"no state":        {{ID: "1"}},
		"unknown state":   {{ID: "1", History: []SealStatus{{Status: StatusNotIssued, Since: now}}}},
		"no time":         {{ID: "1", History: []SealStatus{{Status: StatusCancelled}}}},
		"order":           {{ID: "1", History: []SealStatus{{Status: StatusInForce, Since: now}, {Status: StatusSuspended, Since: now}}}},
		"zero behind":     {{ID: "1", History: []SealStatus{{Status: StatusInForce, Since: now}, {Status: StatusInForce}}}},
		"division":        {{ID: "1", Division: "1", History: []SealStatus{{Status: StatusInForce}}}},
		"before 1970":     {{ID: "1", History: []SealStatus{{Status: StatusInForce, Since: time.Unix(-1, 0)}}}},
		"twice":           {{ID: "1", History: []SealStatus{{Status: StatusInForce}}}, {ID: "1", History: []SealStatus{{Status: StatusCancelled, Since: now}}}},
		"too many states": {{ID: "1", History: make([]SealStatus, MaxHistory+1)}},
	} {
		if err := WriteBundle(t.Context(), io.Discard, w.spec(t), slices.Values(records), w.by.key()); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := WriteBundle(t.Context(), io.Discard, w.spec(t), nil); !errors.Is(err, ErrFormat) {
		t.Errorf("no key: %v", err)
	}
	if err := WriteBundle(t.Context(), io.Discard, w.spec(t), nil, stranger.key()); !errors.Is(err, ErrFormat) {
		t.Errorf("a stranger's key: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := WriteBundle(ctx, io.Discard, w.spec(t), nil, w.by.key()); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func manyDepartments() (out []Department) {
	for range MaxDepartments {
		out = append(out, Department{Name: strings.Repeat("长", maxText), Division: "152900", Level: LevelLeague, Also: slices.Repeat([]string{"152999"}, maxAlso)})
	}
	return out
}

func TestOpen_files(t *testing.T) {
	dir := t.TempDir()
	if s, err := Open(filepath.Join(dir, "none"), Pins{}); s != nil || !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	s, err := Open(dir, Pins{})
	wantReason(t, "a folder", s, err, ReasonFormat)
	empty := filepath.Join(dir, "empty")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s, err = Open(empty, Pins{})
	wantReason(t, "an empty file", s, err, ReasonTruncated)
	s, err = Read(bytes.NewReader(nil), MaxBundle+1, Pins{})
	wantReason(t, "too large", s, err, ReasonFormat)
}

func TestFingerprint(t *testing.T) {
	want := "sm3:" + strings.Repeat("0a", 32)
	for in, ok := range map[string]bool{
		want: true, strings.Repeat("0A", 32): true, "SM3:" + strings.Repeat("0A0a ", 16): true, strings.Repeat("0a:", 31) + "0a": true, " " + want + "\n": true,
		"": false, "sm3:": false, want + "0a": false, want[:10]: false, "sha256:" + want[4:]: false, strings.Replace(want, "a", "g", 1): false,
	} {
		if got, err := ParseFingerprint(in); (err == nil) != ok || ok && got != want {
			t.Errorf("%q: %q %v", in, got, err)
		}
	}
}
