package gm

import (
	"bytes"
	"math/big"
	"strings"
	"testing"

	emmansun "github.com/emmansun/gmsm/sm2"
	"github.com/emmansun/gmsm/smx509"

	"sealdesk/pdfseal/internal/der"
)

// FuzzSignature holds ParseSignature against an independent reading: what it
// takes as DER writes back to the same bytes, and a value is accepted only
// where the second library, with a strict parser of its own, accepts it too.
func FuzzSignature(f *testing.F) {
	k, m := fixedKey(f, "a"), []byte("message")
	sig, err := k.Sign(m)
	if err != nil {
		f.Fatal(err)
	}
	s, _, err := ParseSignature(sig)
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range [][]byte{sig, s.Raw(), nil, {0x30, 0x84}, {0x1f, 0x80}, append(bytes.Clone(sig), 0), der.Sequence(der.Int(0), der.Int(1)),
		der.Sequence(der.Int(-1), der.Int(1)), der.Sequence(der.Big(curve.n), der.Int(1)), make([]byte, 64), bytes.Repeat([]byte{0xff}, 64),
		der.Sequence(der.Int(1), der.Int(1), der.Null())} {
		f.Add(seed)
	}
	e := k.Public().Digest(m)
	key, err := emmansun.ParseUncompressedPublicKey(k.Public().Point())
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		s, form, err := ParseSignature(b)
		if err != nil {
			if k.Public().VerifyDigest(e, b) == nil {
				t.Fatal("an unreadable value is accepted")
			}
			return
		}
		back := s.DER()
		if form == FormRaw {
			back = s.Raw()
		}
		if !bytes.Equal(back, b) {
			t.Fatalf("%x writes back as %x", b, back)
		}
		if r, v := s.numbers(); new(big.Int).Add(r, v).Cmp(curve.n) == 0 || r.Sign() == 0 || v.Sign() == 0 {
			t.Fatalf("out of range: %x", b)
		}
		other := emmansun.VerifyASN1(key, e[:], s.DER())
		if accepted := k.Public().VerifyDigest(e, b) == nil; accepted != other {
			t.Fatalf("accepted %v, second library %v: %x", accepted, other, b)
		}
	})
}

// FuzzCert holds the walker against the second library: where both read a
// certificate they agree on names, times, rights and key.
func FuzzCert(f *testing.F) {
	h := newHierarchy(f)
	f.Add(h.ca.Raw)
	f.Add(h.leaf.Raw)
	f.Add(craft(f, func(p *parts) { p.alg, p.outerAlg = algNull(), algNull() }))
	f.Add(craft(f, func(p *parts) {
		p.ext = append(p.ext, extension(der.OID(oidSubjectAltName), nil, der.Sequence(der.TLV(0x82, []byte("示范")))))
	}))
	f.Add(craft(f, func(p *parts) { p.ext, p.version = nil, nil }))
	for _, b := range [][]byte{nil, {0x30, 0x84}, {0x1f, 0x80}, bytes.Repeat([]byte{0x30, 0x80}, 64)} {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := ParseCertificate(b)
		if err != nil {
			return
		}
		if !bytes.Equal(c.Raw, b) || !bytes.Contains(b, c.RawTBS) {
			t.Fatal("bytes are not kept")
		}
		if c.IsSM2 && c.Public.check() != nil {
			t.Fatal("a key off the curve")
		}
		if strings.ContainsAny(c.Subject+c.Issuer+strings.Join(c.Defects, ""), "\x00\n\u202e") {
			t.Fatalf("%q", c.Subject)
		}
		_ = c.CheckSignatureFrom(h.ca)
		o, err := smx509.ParseCertificate(b)
		if err != nil {
			return
		}
		// The library drops fractions nowhere and keeps path length 0 apart from none.
		pathLen := o.MaxPathLen
		if !o.BasicConstraintsValid || pathLen == 0 && !o.MaxPathLenZero {
			pathLen = -1
		}
		if !o.NotBefore.Equal(c.NotBefore) || !o.NotAfter.Equal(c.NotAfter) || o.SerialNumber.Cmp(c.Serial) != 0 || KeyUsage(o.KeyUsage) != c.KeyUsage ||
			o.IsCA != c.IsCA || c.IsCA && pathLen != c.MaxPathLen || !bytes.Equal(o.RawIssuer, c.RawIssuer) || !bytes.Equal(o.RawSubject, c.RawSubject) {
			t.Fatalf("second library reads it differently:\n%+v\n%+v", c, o)
		}
	})
}

// FuzzCRL holds the reader of lists against the second library.
func FuzzCRL(f *testing.F) {
	h := newHierarchy(f)
	b, err := CreateCRL(h.ca, h.caKey, from, until, map[string]Revocation{"01": {Time: from, Reason: 1}, "FF": {Time: until}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add(craftList(f, func(p *listParts) { p.version, p.ext, p.next = nil, nil, nil }))
	f.Add(craftList(f, func(p *listParts) { p.entries = der.Sequence(entry(1, reason(8)), entry(2, nil)) }))
	f.Add(craftList(f, func(p *listParts) { p.ext = append(p.ext, extension(der.OID(oidDeltaCRL), der.Bool(true), der.Int(1))) }))
	f.Add([]byte{0x30, 0x80})
	f.Fuzz(func(t *testing.T, b []byte) {
		l, err := ParseCRL(b)
		if err != nil {
			return
		}
		if !bytes.Equal(l.Raw, b) || !bytes.Contains(b, l.RawTBS) || l.Revoked == nil {
			t.Fatal("bytes are not kept")
		}
		_ = l.CheckSignatureFrom(h.ca)
		o, err := smx509.ParseRevocationList(b)
		if err != nil {
			return
		}
		if !o.ThisUpdate.Equal(l.ThisUpdate) || !o.NextUpdate.Equal(l.NextUpdate) || !bytes.Equal(o.RawIssuer, l.RawIssuer) {
			t.Fatalf("second library reads it differently:\n%+v\n%+v", l, o)
		}
		for _, e := range o.RevokedCertificateEntries {
			if r, ok := l.Revoked[serialHex(e.SerialNumber)]; !ok || r.Time.After(e.RevocationTime) {
				t.Fatalf("entry %x: %v %v", e.SerialNumber, ok, r)
			}
		}
	})
}
