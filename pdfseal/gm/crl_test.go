package gm

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"sealdesk/pdfseal/internal/der"
)

// listParts are the pieces of a revocation list that a test may exchange before it is signed.
type listParts struct {
	version, alg, issuer, this, next, entries []byte
	ext                                       [][]byte
	tail                                      []byte
}

func craftList(t testing.TB, change func(p *listParts)) []byte {
	t.Helper()
	h := newHierarchy(t)
	p := listParts{version: der.Int(1), alg: signatureAlgorithm(), issuer: h.ca.RawSubject, this: encodeTime(from), next: encodeTime(until),
		entries: der.Sequence(entry(1, nil)), ext: [][]byte{extension(der.OID(oidCRLNumber), nil, der.Int(7))}}
	change(&p)
	var ext []byte
	if p.ext != nil {
		ext = der.Explicit(0, der.Sequence(p.ext...))
	}
	out, err := sign(der.Sequence(p.version, p.alg, p.issuer, p.this, p.next, p.entries, ext, p.tail), h.caKey)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func entry(serial int, ext []byte) []byte {
	return der.Sequence(der.Int(serial), encodeTime(from), ext)
}

func reason(code byte) []byte {
	return der.Sequence(extension(der.OID(oidReasonCode), nil, der.TLV(tagEnumerated, []byte{code})))
}

func TestCRL_writtenAndReadBack(t *testing.T) {
	h := newHierarchy(t)
	revoked := map[string]Revocation{
		h.leaf.SerialHex: {Time: from.Add(time.Hour), Reason: 1}, "01": {Time: from}, "00FF": {}, "FF": {Time: from, Reason: 4}, "80": {Time: until, Reason: 6}}
	if _, err := CreateCRL(h.ca, h.caKey, from, until, revoked); err == nil {
		t.Error("a serial number with leading zeros is accepted")
	}
	delete(revoked, "00FF")
	b, err := CreateCRL(h.ca, h.caKey, from, until, revoked)
	if err != nil {
		t.Fatal(err)
	}
	l, err := ParseCRL(b)
	if err != nil {
		t.Fatal(err)
	}
	if len(l.Revoked) != len(revoked) {
		t.Errorf("%v", l.Revoked)
	}
	for serial, want := range revoked {
		if got, ok := l.Revoked[serial]; !ok || !got.Time.Equal(want.Time) || got.Reason != want.Reason {
			t.Errorf("%s: %v, want %v", serial, got, want)
		}
	}
	if !l.ThisUpdate.Equal(from) || !l.NextUpdate.Equal(until) || l.Number.Int64() != from.Unix() || l.Delta || l.Partial ||
		!bytes.Equal(l.RawIssuer, h.ca.RawSubject) || l.Issuer != h.ca.Subject || !bytes.Equal(l.AuthorityKeyID, h.ca.SubjectKeyID) {
		t.Errorf("%+v", l)
	}
	if err := l.CheckSignatureFrom(h.ca); err != nil {
		t.Error(err)
	}
	if err := l.CheckSignatureFrom(h.leaf); !errors.Is(err, ErrSignature) {
		t.Errorf("another key: %v", err)
	}
	again, err := CreateCRL(h.ca, h.caKey, from, until, revoked)
	if err != nil || !bytes.Equal(b, again) {
		t.Errorf("the same list has other bytes: %v", err)
	}
}

func TestCreateCRL_refuses(t *testing.T) {
	h := newHierarchy(t)
	bad := map[string]Revocation{"01": {Time: from, Reason: 7}}
	for name, make := range map[string]func() ([]byte, error){
		"foreign key": func() ([]byte, error) { return CreateCRL(h.ca, h.key, from, until, nil) },
		"no issuer":   func() ([]byte, error) { return CreateCRL(nil, h.caKey, from, until, nil) },
		"no key":      func() ([]byte, error) { return CreateCRL(h.ca, nil, from, until, nil) },
		"backwards":   func() ([]byte, error) { return CreateCRL(h.ca, h.caKey, until, from, nil) },
		"reason 7":    func() ([]byte, error) { return CreateCRL(h.ca, h.caKey, from, until, bad) },
	} {
		if _, err := make(); err == nil {
			t.Errorf("%s: a list was made", name)
		}
	}
}

func TestParseCRL_shapes(t *testing.T) {
	h := newHierarchy(t)
	for _, c := range []struct {
		name           string
		change         func(p *listParts)
		delta, partial bool
		revoked        int
	}{
		{"plain", func(*listParts) {}, false, false, 1},
		{"version 1", func(p *listParts) { p.version, p.ext = nil, nil }, false, false, 1},
		{"no next update", func(p *listParts) { p.next = nil }, false, false, 1},
		{"no entries", func(p *listParts) { p.entries = nil }, false, false, 0},
		{"empty entries", func(p *listParts) { p.entries = der.Sequence() }, false, false, 0},
		{"no extensions", func(p *listParts) { p.ext = nil }, false, false, 1},
		{"NULL parameters", func(p *listParts) { p.alg = algNull() }, false, false, 1},
		{"delta", func(p *listParts) { p.ext = append(p.ext, extension(der.OID(oidDeltaCRL), der.Bool(true), der.Int(1))) }, true, false, 1},
		{"issuing point", func(p *listParts) {
			p.ext = append(p.ext, extension(der.OID(oidIssuingPoint), der.Bool(true), der.Sequence()))
		}, false, true, 1},
		{"unknown critical", func(p *listParts) {
			p.ext = append(p.ext, extension(der.OID([]int{1, 2, 3}), der.Bool(true), der.Null()))
		}, false, true, 1},
		{"indirect entry", func(p *listParts) {
			p.entries = der.Sequence(entry(1, der.Sequence(extension(der.OID([]int{2, 5, 29, 29}), der.Bool(true), der.Sequence()))))
		}, false, true, 1},
		{"entry twice", func(p *listParts) {
			p.entries = der.Sequence(der.Sequence(der.Int(1), encodeTime(until)), entry(1, nil))
		}, false, false, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			l, err := ParseCRL(craftList(t, c.change))
			if err != nil {
				t.Fatal(err)
			}
			if l.Delta != c.delta || l.Partial != c.partial || len(l.Revoked) != c.revoked {
				t.Errorf("delta %v, partial %v, %d revoked", l.Delta, l.Partial, len(l.Revoked))
			}
			if err := l.CheckSignatureFrom(h.ca); err != nil {
				t.Error(err)
			}
			if r, ok := l.Revoked["01"]; ok && !r.Time.Equal(from) {
				t.Errorf("the earlier time does not count: %v", r)
			}
		})
	}
}

func TestParseCRL_refuses(t *testing.T) {
	good := craftList(t, func(*listParts) {})
	for name, b := range map[string][]byte{
		"empty": nil, "truncated": good[:len(good)-1], "byte after": append(bytes.Clone(good), 0), "too large": make([]byte, MaxCRL+1),
		"nested indefinite":  bytes.Repeat([]byte{0x30, 0x80}, 20_000),
		"version 3":          craftList(t, func(p *listParts) { p.version = der.Int(2) }),
		"version 1 with ext": craftList(t, func(p *listParts) { p.version = nil }),
		"left over":          craftList(t, func(p *listParts) { p.tail = der.Null() }),
		"extension twice":    craftList(t, func(p *listParts) { p.ext = append(p.ext, p.ext[0]) }),
		"algorithm differs":  craftList(t, func(p *listParts) { p.alg = der.Sequence(der.OID(oidSM2)) }),
		"no time":            craftList(t, func(p *listParts) { p.this, p.next = nil, nil }),
		"reason 11":          craftList(t, func(p *listParts) { p.entries = der.Sequence(entry(1, reason(11))) }),
		"reason as integer": craftList(t, func(p *listParts) {
			p.entries = der.Sequence(entry(1, der.Sequence(extension(der.OID(oidReasonCode), nil, der.Int(1)))))
		}),
		"entry of version 1": craftList(t, func(p *listParts) { p.version, p.ext, p.entries = nil, nil, der.Sequence(entry(1, reason(1))) }),
		"entry left over": craftList(t, func(p *listParts) {
			p.entries = der.Sequence(der.Sequence(der.Int(1), encodeTime(from), reason(1), der.Null()))
		}),
		"entry without time":  craftList(t, func(p *listParts) { p.entries = der.Sequence(der.Sequence(der.Int(1))) }),
		"entry is no element": craftList(t, func(p *listParts) { p.entries = der.Sequence(der.Int(1)) }),
	} {
		var format *FormatError
		if l, err := ParseCRL(b); !errors.As(err, &format) || l != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestParseCRL_manyEntries reads a list at the limit of entries, and one beyond.
func TestParseCRL_manyEntries(t *testing.T) {
	if testing.Short() {
		t.Skip("short")
	}
	var entries []byte
	for i := range MaxRevoked {
		entries = append(entries, entry(i+1, nil)...)
	}
	build := func(entries []byte) []byte {
		return der.Sequence(der.Sequence(der.Int(1), signatureAlgorithm(), der.Sequence(), encodeTime(from), encodeTime(until), der.Sequence(entries)),
			signatureAlgorithm(), der.Bits(make([]byte, 70)))
	}
	l, err := ParseCRL(build(entries))
	if err != nil || len(l.Revoked) != MaxRevoked {
		t.Errorf("%v", err)
	}
	if _, err := ParseCRL(build(append(entries, entry(1, nil)...))); !errors.Is(err, der.ErrLimit) {
		t.Errorf("beyond the limit: %v", err)
	}
}
