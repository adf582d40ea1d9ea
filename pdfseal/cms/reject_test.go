package cms

import (
	"bytes"
	"math/big"
	"testing"

	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/internal/der"
)

func TestVerify_rules(t *testing.T) {
	sha256 := oid{2, 16, 840, 1, 101, 3, 4, 2, 1}
	rsa := oid{1, 2, 840, 113549, 1, 1, 11}
	a := func(d *draft, more ...[]byte) { d.withAttributes(oidDataGM, more...) }
	for _, c := range []struct {
		name, rule string
		cause      error
		change     func(d *draft)
	}{
		{"no signer", "C2", nil, func(d *draft) { d.more = nil }},
		{"two signers", "C2", nil, func(d *draft) { d.more = der.Sequence(der.Int(1)) }},
		{"SHA-256", "C3", ErrUnsupported, func(d *draft) { d.digest, d.digests = alg(sha256), der.Set(alg(sha256)) }},
		{"another digest listed", "C3", ErrUnsupported, func(d *draft) { d.digests = der.Set(alg(oidSM3), alg(sha256)) }},
		{"RSA", "C3", ErrUnsupported, func(d *draft) { d.sigAlg = alg(rsa, der.Null()) }},
		{"algorithm parameters", "C3", ErrUnsupported, func(d *draft) { d.sigAlg = alg(oidSM2Sign, der.Int(1)) }},
		{"content type", "C3", ErrUnsupported, func(d *draft) { d.contentType = oidSignedData }},
		{"messageDigest missing", "C4", nil, func(d *draft) { d.attrs = [][]byte{attr(oidContentType, der.OID(oidDataGM))} }},
		{"contentType missing", "C4", nil, func(d *draft) { d.attrs = [][]byte{attr(oidMessageDigest, der.Octets(digest[:]))} }},
		{"messageDigest twice", "C4", nil, func(d *draft) { a(d, attr(oidMessageDigest, der.Octets(digest[:]))) }},
		{"messageDigest with two values", "C4", nil, func(d *draft) {
			d.attrs = [][]byte{attr(oidContentType, der.OID(oidDataGM)), attr(oidMessageDigest, der.Octets(digest[:]), der.Octets(digest[:]))}
		}},
		{"messageDigest without value", "C4", nil, func(d *draft) {
			d.attrs = [][]byte{attr(oidContentType, der.OID(oidDataGM)), attr(oidMessageDigest)}
		}},
		{"contentType twice", "C4", nil, func(d *draft) { a(d, attr(oidContentType, der.OID(oidDataGM))) }},
		{"contentType differs", "C4", nil, func(d *draft) { d.withAttributes(oidSignedData) }},
		{"messageDigest differs", "C4", nil, func(d *draft) {
			d.attrs = [][]byte{attr(oidContentType, der.OID(oidDataGM)), attr(oidMessageDigest, der.Octets(make([]byte, 32)))}
		}},
		{"messageDigest cut", "C4", nil, func(d *draft) {
			d.attrs = [][]byte{attr(oidContentType, der.OID(oidDataGM)), attr(oidMessageDigest, der.Octets(digest[:31]))}
		}},
		{"messageDigest of another type", "C1", ErrFormat, func(d *draft) {
			d.attrs = [][]byte{attr(oidContentType, der.OID(oidDataGM)), attr(oidMessageDigest, der.Bits(digest[:]))}
		}},
		{"signingTime twice", "C4", nil, func(d *draft) { a(d, attr(oidSigningTime, der.UTCTime(date(2026)))) }},
		{"protection differs", "C4", nil, func(d *draft) {
			a(d, attr(oidAlgorithmProtection, der.Sequence(d.digest, der.TLV(0xa1, der.OID(oidSM2AndSM3)))))
		}},
		{"content is another digest", "C5", nil, func(d *draft) { d.embed(make([]byte, 32)) }},
		{"content is another document", "C5", nil, func(d *draft) { d.embed([]byte("%PDF other")) }},
		{"certificate missing", "C6", nil, func(d *draft) { d.certs = nil }},
		{"certificate of another", "C6", nil, func(d *draft) { d.certs = der.TLV(0xa0, other().cert) }},
		{"binding names another", "C6", nil, func(d *draft) { a(d, essCertID(other().cert)) }},
		{"binding by MD5", "C6", ErrUnsupported, func(d *draft) {
			a(d, attr(oidSigningCertificateV2, der.Sequence(der.Sequence(der.Sequence(alg(oid{1, 2, 840, 113549, 2, 5}), der.Octets(nil))))))
		}},
		{"raw value too long", "C7", nil, func(d *draft) {
			d.sign = func([]byte) ([]byte, error) { return make([]byte, 65), nil }
		}},
		{"zero value", "C7", nil, func(d *draft) {
			d.sign = func([]byte) ([]byte, error) { return make([]byte, 64), nil }
		}},
		{"empty attributes", "C1", ErrFormat, func(d *draft) { d.attrs = [][]byte{} }},
		{"content not an OCTET STRING", "C1", ErrFormat, func(d *draft) { d.content = der.Explicit(0, der.Sequence()) }},
		{"version 9", "C1", ErrFormat, func(d *draft) { d.version = der.Int(9) }},
		{"signer version 2", "C1", ErrFormat, func(d *draft) { d.signerVersion = der.Int(2) }},
		{"no digest algorithms", "C1", ErrFormat, func(d *draft) { d.digests = der.Set() }},
		{"attribute certificate", "C1", ErrFormat, func(d *draft) { d.certs = der.TLV(0xa0, der.Explicit(1, der.Null())) }},
		{"outer type", "C1", ErrFormat, func(d *draft) { d.outer = oidData }},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDraft(t)
			c.change(d)
			b := d.bytes(t)
			if c.name == "no signer" {
				b = withoutSigner(d)
			}
			wantBytesError(t, b, c.rule, c.cause)
		})
	}
}

func withoutSigner(d *draft) []byte {
	return der.Sequence(der.OID(d.outer), der.Explicit(0, der.Sequence(
		d.version, d.digests, der.Sequence(der.OID(d.contentType)), d.certs, der.Set(),
	)))
}

// TestVerify_zeroValueIsTheOnlyFault guards the two malformed values above.
func TestVerify_zeroValueIsTheOnlyFault(t *testing.T) {
	d := newDraft(t)
	d.sign = func([]byte) ([]byte, error) { return make([]byte, 64), nil }
	s, err := Parse(d.bytes(t))
	if err != nil || len(s.Signer.Value) != 64 {
		t.Fatalf("%+v, %v", s, err)
	}
}

func TestVerify_binding(t *testing.T) {
	issuer, serial, _ := issuerAndSerial(signer().cert)
	names := der.Sequence(der.Explicit(4, issuer))
	hash := gm.SM3(signer().cert)
	good := map[string][]byte{
		"hash alone":     essCertID(signer().cert),
		"issuer, serial": essCertID(signer().cert, der.Sequence(names, der.Big(serial))),
		"two identifiers": attr(oidSigningCertificateV2, der.Sequence(der.Sequence(
			der.Sequence(alg(oidSM3, der.Null()), der.Octets(hash[:])), der.Sequence(der.Octets(hash[:]))), der.Sequence())),
		"protection": attr(oidAlgorithmProtection, der.Sequence(alg(oidSM3, der.Null()), der.TLV(0xa1, der.OID(oidSM2Sign), der.Null()))),
	}
	for name, extra := range good {
		d := newDraft(t)
		d.withAttributes(oidDataGM, extra)
		s, err := Parse(d.bytes(t))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Verify(digest, nil); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, extra := range map[string][]byte{
		"another serial": essCertID(signer().cert, der.Sequence(names, der.Big(new(big.Int).Add(serial, serial)))),
		"another issuer": essCertID(signer().cert, der.Sequence(der.Sequence(der.Explicit(4, der.Sequence())), der.Big(serial))),
		"hash is SHA-256 by default": attr(oidSigningCertificateV2, der.Sequence(der.Sequence(
			der.Sequence(der.Octets(hash[:]))))),
	} {
		d := newDraft(t)
		d.withAttributes(oidDataGM, extra)
		t.Run(name, func(t *testing.T) { wantError(t, d, "C6", nil) })
	}
}

// TestVerify_ambiguousCertificate: two certificates with the signer's issuer
// and serial are refused, unless a signed attribute names one of them.
func TestVerify_ambiguousCertificate(t *testing.T) {
	twin := certificate("signer", 21, signer().key)
	if bytes.Equal(twin, signer().cert) {
		twin = certificate("signer", 21, other().key)
	}
	d := newDraft(t)
	d.certs = der.TLV(0xa0, twin, signer().cert)
	wantError(t, d, "C6", nil)
	d.certs = der.TLV(0xa0, signer().cert, signer().cert)
	wantError(t, d, "C6", nil)

	d.certs = der.TLV(0xa0, twin, signer().cert)
	d.withAttributes(oidDataGM, essCertID(signer().cert))
	s, err := Parse(d.bytes(t))
	if err != nil {
		t.Fatal(err)
	}
	if r, err := s.Verify(digest, nil); err != nil || !bytes.Equal(r.SignerCert, signer().cert) {
		t.Errorf("bound: %+v, %v", r, err)
	}
}

// TestVerify_oddChainCertificate: what stands beside the signer's certificate
// need not be readable.
func TestVerify_oddChainCertificate(t *testing.T) {
	d := newDraft(t)
	d.certs = der.TLV(0xa0, der.Sequence(), other().cert, signer().cert)
	d.crls = der.TLV(0xa1, der.Sequence())
	d.embed(digest[:])
	s, err := Parse(d.bytes(t))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Verify(digest, nil); err != nil || len(s.Certificates) != 3 || len(s.CRLs) != 1 {
		t.Errorf("%d certificates, %d lists, %v", len(s.Certificates), len(s.CRLs), err)
	}
}

func TestParse_limits(t *testing.T) {
	of := func(n int) *draft {
		d := newDraft(t)
		d.embed(digest[:])
		d.certs = der.TLV(0xa0, append(bytes.Repeat(der.Sequence(), n-1), signer().cert...))
		return d
	}
	if s, err := Parse(of(16).bytes(t)); err != nil || len(s.Certificates) != 16 {
		t.Errorf("at the limit: %v", err)
	}
	wantError(t, of(17), "C1", ErrLimit)

	big := newDraft(t)
	big.embed(make([]byte, der.MaxBytes))
	wantError(t, big, "C1", ErrLimit)

	deep := newDraft(t)
	nested := der.Null()
	for range der.MaxDepth {
		nested = der.Sequence(nested)
	}
	deep.crls = der.TLV(0xa1, nested)
	wantError(t, deep, "C1", ErrLimit)
}

func TestParse_padding(t *testing.T) {
	d := newDraft(t)
	d.embed(digest[:])
	b := d.bytes(t)
	s, err := Parse(append(bytes.Clone(b), 0, 0, 0))
	if err != nil || !bytes.Equal(s.Raw, b) || len(s.Notes) != 1 {
		t.Errorf("zero bytes: %v", err)
	}
	wantBytesError(t, append(bytes.Clone(b), 0, 1), "C1", ErrFormat)
	for n := range b {
		if _, err := Parse(b[:n]); err == nil {
			t.Fatalf("%d of %d bytes are read", n, len(b))
		}
	}
}

// TestParse_changedStructure tries every value of a container in BER, with
// elements too many, and with elements missing. None is still accepted.
func TestParse_changedStructure(t *testing.T) {
	d := newDraft(t)
	d.withAttributes(oidDataGM, essCertID(signer().cert))
	d.unsigned = der.TLV(0xa1, attr(oidTimestampToken, der.Sequence()))
	good := d.bytes(t)
	v, err := der.ParseAll(good)
	if err != nil {
		t.Fatal(err)
	}
	tried := 0
	walk(v, func(b []byte) []byte { return b }, func(v der.Value, swap func([]byte) []byte) {
		id, n := v.Full[0], len(v.Content)
		changed := map[string][]byte{
			"not minimal": bytes.Join([][]byte{{id, 0x84, 0, 0, byte(n >> 8), byte(n)}, v.Content}, nil),
			"indefinite":  bytes.Join([][]byte{{id | 0x20, 0x80}, v.Content, {0, 0}}, nil),
		}
		if v.Constructed {
			changed["extra element"] = der.TLV(id, v.Content, der.Null())
		}
		for name, to := range changed {
			b := swap(to)
			tried++
			if s, err := Parse(b); err == nil {
				if _, err := s.Verify(digest, readDocument); err == nil && !unsignedPart(v) {
					t.Errorf("%s at %v %.8x: accepted", name, v, v.Full)
				} else if name != "extra element" {
					t.Errorf("%s at %v %.8x: read", name, v, v.Full)
				}
			}
		}
	})
	if tried < 100 {
		t.Errorf("only %d changes tried", tried)
	}
}

// unsignedPart recognises the values of the unsigned attribute, whose content
// may change without harm.
func unsignedPart(v der.Value) bool {
	return bytes.Equal(v.Full, der.Sequence()) || bytes.Equal(v.Full, der.Set(der.Sequence()))
}

func walk(v der.Value, swap func([]byte) []byte, visit func(der.Value, func([]byte) []byte)) {
	visit(v, swap)
	if !v.Constructed {
		return
	}
	before := []byte{}
	for rest := v.Content; len(rest) > 0; {
		c, after, err := der.Parse(rest)
		if err != nil {
			panic(err)
		}
		head := append([]byte(nil), before...)
		walk(c, func(b []byte) []byte { return swap(der.TLV(v.Full[0], head, b, after)) }, visit)
		before, rest = append(before, c.Full...), after
	}
}
