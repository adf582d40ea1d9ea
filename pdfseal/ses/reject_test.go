package ses

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"fmt"
	"math/big"
	"testing"

	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/internal/der"
)

// rejectedChanges are applied to every value of a good structure. Each
// answers the changed value, or nil where it does not apply.
var rejectedChanges = map[string]func(v der.Value) []byte{
	"extra NULL at the end": func(v der.Value) []byte {
		if !v.Constructed {
			return nil
		}
		return der.TLV(identifier(v), v.Content, der.Null())
	},
	"extra copy of the last element": func(v der.Value) []byte {
		c, _ := v.Children(99)
		if len(c) == 0 {
			return nil
		}
		return der.TLV(identifier(v), v.Content, c[len(c)-1].Full)
	},
	"extra element in front": func(v der.Value) []byte {
		if !v.Constructed {
			return nil
		}
		return der.TLV(identifier(v), der.Null(), v.Content)
	},
	"last element missing": func(v der.Value) []byte {
		c, _ := v.Children(99)
		if len(c) < 2 {
			return nil
		}
		return der.TLV(identifier(v), v.Content[:len(v.Content)-len(c[len(c)-1].Full)])
	},
	"length not minimal": func(v der.Value) []byte {
		if len(v.Content) < 0x80 {
			return bytes.Join([][]byte{{identifier(v), 0x81, byte(len(v.Content))}, v.Content}, nil)
		}
		n := len(v.Content)
		return bytes.Join([][]byte{{identifier(v), 0x84, byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}, v.Content}, nil)
	},
	"indefinite length": func(v der.Value) []byte {
		return bytes.Join([][]byte{{identifier(v) | 0x20, 0x80}, v.Content, {0, 0}}, nil)
	},
	"constructed string": func(v der.Value) []byte {
		if v.Constructed {
			return nil
		}
		return der.TLV(identifier(v)|0x20, v.Full)
	},
	"unused bits": func(v der.Value) []byte {
		if !v.Is(der.TagBitString) {
			return nil
		}
		b := bytes.Clone(v.Content)
		b[0] = 1
		return der.TLV(identifier(v), b)
	},
	"other tag": func(v der.Value) []byte {
		b := bytes.Clone(v.Full)
		b[0] = 0x13
		if v.Constructed {
			b[0] = 0x31
		}
		return b
	},
	"missing": func(der.Value) []byte { return []byte{} },
}

// tolerated names the changed values that are read in spite of the change,
// with the reason; every other one is refused.
func tolerated(change string, v, parent der.Value, version Version) string {
	inside := change != "length not minimal" && change != "indefinite length"
	c, _ := v.Children(99)
	optional := len(c) > 0 && (c[len(c)-1].IsContext(0) || bytes.Equal(c[len(c)-1].Full, extDatas(false)))
	switch {
	case isList(v) && version == V1 && inside && change != "other tag" && change != "missing":
		return "a V1 list of anything is no list"
	case isList(parent) && version == V1 && (change == "other tag" || change == "missing"):
		return "a V1 list of anything is no list"
	case isList(parent) && change == "missing":
		return "an empty list"
	case isList(v) && change == "extra copy of the last element":
		return "a list of two certificates"
	case bytes.Equal(v.Full, extDatas(false)) && change == "extra copy of the last element":
		return "two extensions"
	case bytes.Equal(parent.Full, extDatas(false)) && change == "missing":
		return "an empty list of extensions"
	case change == "missing" && (v.IsContext(0) || bytes.Equal(v.Full, extDatas(false)) && !parent.IsContext(0)):
		return "an optional element"
	case change == "last element missing" && optional:
		return "an optional element"
	case version == V4 && change == "extra copy of the last element" && len(c) == 4 && c[3].Is(der.TagBitString) && isInfo(c[0]):
		return "the five elements of V5"
	}
	return ""
}

// isList recognises a list of certificates.
func isList(v der.Value) bool {
	c, _ := v.Children(99)
	for _, e := range c {
		if !e.Is(der.TagOctetString) {
			return false
		}
	}
	return len(c) > 0
}

// isInfo recognises SES_SealInfo.
func isInfo(v der.Value) bool {
	c, _ := v.Children(99)
	return len(c) > 1 && c[1].Is(der.TagIA5String)
}

func fullSeal(t *testing.T, v Version) []byte {
	d := newSealDraft(v)
	d.ext = extDatas(false)
	if v == V5 {
		d.timestamp = der.Explicit(0, der.Bits([]byte{1, 2, 3}))
	}
	return d.bytes(t)
}

func fullSignature(t *testing.T, v Version) []byte {
	d := newSignatureDraft(t, fullSeal(t, v))
	if v != V1 {
		d.ext, d.timestamp = der.Explicit(0, extDatas(false)), der.Explicit(0, der.Bits([]byte("token")))
	}
	return d.bytes(t)
}

func TestParse_refusesChangedStructure(t *testing.T) {
	parsers := map[string]struct {
		make  func(*testing.T, Version) []byte
		parse func([]byte) error
	}{
		"seal":      {fullSeal, func(b []byte) error { _, err := ParseSeal(b); return err }},
		"signature": {fullSignature, func(b []byte) error { _, err := ParseSignature(b); return err }},
	}
	for kind, p := range parsers {
		for _, version := range []Version{V1, V4, V5} {
			good := p.make(t, version)
			if err := p.parse(good); err != nil {
				t.Fatal(err)
			}
			for name, change := range rejectedChanges {
				t.Run(fmt.Sprintf("%s/%v/%s", kind, version, name), func(t *testing.T) {
					refused, read := checkRefused(t, good, version, name, change, p.parse)
					if refused == 0 {
						t.Errorf("nothing was tried, %d tolerated", read)
					}
				})
			}
		}
	}
}

func checkRefused(t *testing.T, good []byte, version Version, name string, change func(der.Value) []byte, parse func([]byte) error) (refused, read int) {
	everyValue(t, good, func(v, parent der.Value, swap func([]byte) []byte) {
		to := change(v)
		if to == nil {
			return
		}
		err := parse(swap(to))
		why := tolerated(name, v, parent, version)
		switch {
		case why != "" && err != nil:
			t.Errorf("%v at %.12x…: %v; tolerated as %s", v, v.Full, err, why)
		case why != "":
			read++
		case !errors.Is(err, ErrFormat):
			t.Errorf("%v at %.12x…: %v; want ErrFormat", v, v.Full, err)
		default:
			refused++
		}
	})
	return refused, read
}

func TestParseSeal_refusals(t *testing.T) {
	for name, change := range map[string]func(d *sealDraft){
		"certListType 3":       func(d *sealDraft) { d.listType = der.Int(3) },
		"digests under type 1": func(d *sealDraft) { d.list = der.Sequence(der.Sequence(der.Text(19, "SM3"), der.Octets(nil))) },
		"certs under type 2":   func(d *sealDraft) { d.listType = der.Int(2) },
		"UTCTime in V4":        func(d *sealDraft) { d.to = der.UTCTime(date(2030)) },
		"zone offset":          func(d *sealDraft) { d.to = der.Text(der.TagGeneralizedTime, "20300301080000+0800") },
		"GBK name":             func(d *sealDraft) { d.name = der.Text(der.TagUTF8String, "\xca\xbe\xb7\xb6") },
		"name as IA5String":    func(d *sealDraft) { d.name = ia5("name") },
		"kind of 5 bytes":      func(d *sealDraft) { d.kind = der.TLV(2, []byte{1, 0, 0, 0, 0}) },
		"IA5String in V4 list": func(d *sealDraft) { d.list = der.Sequence(ia5("x")) },
		"wrapped junk":         func(d *sealDraft) { d.ext = der.Octets([]byte{0x30, 0x80, 0, 0}) },
		"wrapped and trailing": func(d *sealDraft) { d.ext = der.Octets(append(extDatas(false), 0)) },
		"extDatas [1]":         func(d *sealDraft) { d.ext = der.Explicit(1, extDatas(false)) },
		"timestamp [1]":        func(d *sealDraft) { d.timestamp = der.Explicit(1, der.Bits(nil)) },
		"extension of 4 elements": func(d *sealDraft) {
			d.ext = der.Sequence(der.Sequence(der.OID(oidExt), der.Bool(true), der.Octets(nil), der.Octets(nil)))
		},
		"65 extensions": func(d *sealDraft) { d.ext = der.Sequence(bytes.Repeat(extDatas(false)[2:], maxExt+1)) },
		"1025 listed": func(d *sealDraft) {
			d.list = der.Sequence(bytes.Repeat(der.Octets([]byte("x")), maxListed+1))
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := newSealDraft(V4)
			change(d)
			if s, err := ParseSeal(d.bytes(t)); !errors.Is(err, ErrFormat) {
				t.Errorf("read as %+v, %v", s, err)
			}
		})
	}
	d := newSealDraft(V4)
	d.ext, d.list = der.Sequence(bytes.Repeat(extDatas(false)[2:], maxExt)), der.Sequence(bytes.Repeat(der.Octets([]byte("x")), maxListed))
	if _, err := ParseSeal(d.bytes(t)); err != nil {
		t.Errorf("at the limits: %v", err)
	}
}

func TestParseSignature_refusals(t *testing.T) {
	v1, v4 := fullSeal(t, V1), fullSeal(t, V4)
	text := func(s string) func(*signatureDraft) {
		return func(d *signatureDraft) { d.time = der.Bits([]byte(s)) }
	}
	for name, c := range map[string]struct {
		seal   []byte
		change func(d *signatureDraft)
	}{
		"V1 seal in V4 signature":   {v1, func(d *signatureDraft) { d.v1, d.time = false, der.GeneralizedTime(date(2026)) }},
		"V4 seal in V1 signature":   {v4, func(d *signatureDraft) { d.v1, d.time = true, der.Bits(der.UTCTime(date(2026))) }},
		"V4 dataHash OCTET STRING":  {v4, func(d *signatureDraft) { d.hash = der.Octets(make([]byte, 32)) }},
		"V4 time in BIT STRING":     {v4, func(d *signatureDraft) { d.time = der.Bits(der.GeneralizedTime(date(2026))) }},
		"V1 empty time":             {v1, text("")},
		"V1 text that is no time":   {v1, text("yesterday")},
		"V1 impossible text":        {v1, text("2026-02-30 00:00:00")},
		"V1 very long text":         {v1, text("2026-03-01 16:00:00" + string(bytes.Repeat([]byte("0"), 100)))},
		"V1 time, trailing element": {v1, func(d *signatureDraft) { d.time = der.Bits(append(der.UTCTime(date(2026)), 5, 0)) }},
	} {
		t.Run(name, func(t *testing.T) {
			d := newSignatureDraft(t, c.seal)
			c.change(d)
			if s, err := ParseSignature(d.bytes(t)); !errors.Is(err, ErrFormat) {
				t.Errorf("read as %+v, %v", s, err)
			}
		})
	}
}

func TestParse_trailingBytes(t *testing.T) {
	seal := fullSeal(t, V4)
	for _, tail := range [][]byte{{1}, {0, 0, 1}, {0x30, 0}, seal} {
		if _, err := ParseSeal(append(bytes.Clone(seal), tail...)); !errors.Is(err, ErrFormat) {
			t.Errorf("seal with %d bytes after it: %v", len(tail), err)
		}
	}
	sig := append(fullSignature(t, V4), 0, 0, 9)
	if _, err := ParseSignature(sig); !errors.Is(err, ErrFormat) {
		t.Errorf("signature: %v", err)
	}
	if value, padding, err := Trim(sig); !errors.Is(err, ErrFormat) || len(padding) != 3 || len(value) != len(sig)-3 {
		t.Errorf("Trim: %d, %d, %v", len(value), len(padding), err)
	}
	if _, _, err := Trim(sig[:100]); !errors.Is(err, ErrFormat) {
		t.Errorf("Trim of a part: %v", err)
	}
}

func TestParse_everyPrefixIsRefused(t *testing.T) {
	sig := fullSignature(t, V4)
	for n := range sig {
		if _, err := ParseSignature(sig[:n]); !errors.Is(err, ErrFormat) {
			t.Fatalf("%d of %d bytes: %v", n, len(sig), err)
		}
	}
}

func TestParse_limits(t *testing.T) {
	big := newSealDraft(V4)
	big.pictureData = der.Octets(make([]byte, der.MaxBytes))
	if _, err := ParseSeal(big.bytes(t)); !errors.Is(err, ErrLimit) || !errors.Is(err, ErrFormat) {
		t.Errorf("more than 1 MiB: %v", err)
	}
	deep := newSealDraft(V4)
	for range der.MaxDepth + 1 {
		deep.ext = der.Sequence(deep.ext)
	}
	if _, err := ParseSeal(deep.bytes(t)); !errors.Is(err, ErrLimit) {
		t.Errorf("deep: %v", err)
	}
	deep.ext = der.Octets(deep.ext)
	if _, err := ParseSeal(deep.bytes(t)); !errors.Is(err, ErrLimit) {
		t.Errorf("deep, wrapped: %v", err)
	}
}

// TestVerifyValue_everyFlippedByte: no change of a byte leaves a signature
// readable, equal in all that is shown, and correct.
func TestVerifyValue_everyFlippedByte(t *testing.T) {
	good := buildSignature(t, buildSeal(t, sealInfo(V4)))
	step := 7
	if testing.Short() {
		step = 41
	}
	for i := 0; i < len(good.Raw); i += step {
		b := bytes.Clone(good.Raw)
		b[i] ^= 1
		s, err := ParseSignature(b)
		if err != nil {
			continue
		}
		sealErr, sigErr := s.Seal.VerifyValue(), s.VerifyValue()
		sameCert := bytes.Equal(s.SignerCert, good.SignerCert)
		if sigErr == nil && sealErr == nil && sameCert {
			t.Fatalf("byte %d changed: still correct", i)
		}
		if listed, _ := s.Seal.Lists(s.SignerCert); !sameCert && sealErr == nil && listed {
			t.Fatalf("byte %d changed: another certificate is listed", i)
		}
	}
}

func TestVerifyValue_errors(t *testing.T) {
	seal := buildSeal(t, sealInfo(V4))
	wrong := *seal
	wrong.Value = sign(t, other(), seal.SignedBytes())
	if err := wrong.VerifyValue(); !errors.Is(err, gm.ErrSignature) {
		t.Errorf("value of another key: %v", err)
	}
	wrong = *seal
	wrong.Value = seal.Value[1:]
	var format *gm.FormatError
	if err := wrong.VerifyValue(); !errors.As(err, &format) {
		t.Errorf("malformed value: %v", err)
	}
	wrong = *seal
	wrong.Algorithm = []int{1, 2, 156, 10197, 1, 504}
	if err := wrong.VerifyValue(); !errors.Is(err, ErrUnsupported) {
		t.Errorf("RSA: %v", err)
	}
	wrong = *seal
	wrong.Algorithm = []int{1, 2, 156, 10197, 501}
	if err := wrong.VerifyValue(); !errors.Is(err, ErrUnsupported) {
		t.Errorf("misspelt algorithm: %v", err)
	}
	wrong = *seal
	wrong.MakerCert = []byte{0x30, 0}
	if err := wrong.VerifyValue(); !errors.As(err, &format) {
		t.Errorf("no certificate: %v", err)
	}
	wrong.MakerCert = otherCurve(t)
	if err := wrong.VerifyValue(); !errors.Is(err, ErrUnsupported) {
		t.Errorf("key of another curve: %v", err)
	}
}

// otherCurve is a certificate with a key that is not SM2.
func otherCurve(t *testing.T) []byte {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(5), NotBefore: date(2024), NotAfter: date(2034)}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}
