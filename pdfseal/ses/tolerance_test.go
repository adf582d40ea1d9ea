package ses

import (
	"bytes"
	"encoding/asn1"
	"strings"
	"testing"
	"time"

	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/internal/der"
)

var oidExt = asn1.ObjectIdentifier{1, 2, 156, 112600, 7, 2}

// extDatas is one extension whose default is written out or left away.
func extDatas(explicitFalse bool) []byte {
	if explicitFalse {
		return der.Sequence(der.Sequence(der.OID(oidExt), der.Bool(false), der.Octets([]byte("x"))))
	}
	return der.Sequence(der.Sequence(der.OID(oidExt), der.Octets([]byte("x"))))
}

// sealTolerances are departures of seals that are read. note is part of the
// one note expected; empty where the shape is regular.
var sealTolerances = []struct {
	name    string
	version Version
	change  func(t testing.TB, d *sealDraft)
	note    string
	check   func(s *Seal) bool
}{
	{"V1 UTCTime", V1, func(testing.TB, *sealDraft) {}, "", func(s *Seal) bool { return s.ListUsable && s.CertListType == 1 }},
	{"V1 GeneralizedTime", V1, func(_ testing.TB, d *sealDraft) { d.from = der.GeneralizedTime(date(2025)) },
		"validStart: GeneralizedTime", func(s *Seal) bool { return s.ValidFrom.Equal(date(2025)) }},
	{"V1 IA5String in certList", V1, func(_ testing.TB, d *sealDraft) { d.list = der.Sequence(ia5("signer")) },
		"no signer list", func(s *Seal) bool { return !s.ListUsable && s.Certs == nil }},
	{"V1 mixed certList", V1, func(_ testing.TB, d *sealDraft) { d.list = der.Sequence(der.Octets(signatory().cert), ia5("x")) },
		"no signer list", func(s *Seal) bool { return !s.ListUsable && s.Certs == nil }},
	{"V1 empty certList", V1, func(_ testing.TB, d *sealDraft) { d.list = der.Sequence() },
		"no signer list", func(s *Seal) bool { return !s.ListUsable }},
	{"V1 header version 11", V1, func(_ testing.TB, d *sealDraft) { d.header = der.Int(11) },
		"header.version: 11", func(s *Seal) bool { return s.Version == V1 && s.HeaderVersion == 11 }},
	{"V1 extDatas untagged", V1, func(_ testing.TB, d *sealDraft) { d.ext = extDatas(false) },
		"", func(s *Seal) bool { return len(s.Ext) == 1 }},
	{"V4 digest list", V4, func(_ testing.TB, d *sealDraft) {
		digest := gm.SM3(signatory().cert)
		d.listType = der.Int(2)
		d.list = der.Sequence(der.Sequence(der.Text(der.TagPrintableString, "SM3"), der.Octets(digest[:])))
	}, "", func(s *Seal) bool {
		listed, usable := s.Lists(signatory().cert)
		stranger, _ := s.Lists(other().cert)
		return listed && usable && !stranger && s.CertListType == 2 && s.CertDigests[0].Type == "SM3"
	}},
	{"V4 raw value", V4, func(t testing.TB, d *sealDraft) { d.value = der.Bits(raw(t, sign(t, maker(), d.info()))) },
		"64 bytes", func(s *Seal) bool { return len(s.Value) == 64 }},
	{"V4 algorithm 301", V4, func(_ testing.TB, d *sealDraft) { d.alg = der.OID(oidSM2) },
		"1.2.156.10197.1.301", func(s *Seal) bool { return s.Algorithm.Equal(oidSM2) }},
	{"V4 extDatas untagged", V4, func(_ testing.TB, d *sealDraft) { d.ext = extDatas(false) },
		"", func(s *Seal) bool {
			return len(s.Ext) == 1 && s.Ext[0].ID.Equal(oidExt) && string(s.Ext[0].Value) == "x"
		}},
	{"V4 extDatas tagged", V4, func(_ testing.TB, d *sealDraft) { d.ext = der.Explicit(0, extDatas(false)) },
		"tagged [0]", func(s *Seal) bool { return len(s.Ext) == 1 }},
	{"V4 extDatas in an OCTET STRING", V4, func(_ testing.TB, d *sealDraft) { d.ext = der.Octets(extDatas(false)) },
		"OCTET STRING", func(s *Seal) bool { return len(s.Ext) == 1 }},
	{"V4 extDatas explicit FALSE", V4, func(_ testing.TB, d *sealDraft) { d.ext = extDatas(true) },
		"FALSE", func(s *Seal) bool { return len(s.Ext) == 1 && !s.Ext[0].Critical }},
	{"V4 empty extDatas", V4, func(_ testing.TB, d *sealDraft) { d.ext = der.Sequence() },
		"", func(s *Seal) bool { return s.Ext != nil && len(s.Ext) == 0 }},
	{"V4 critical extension", V4, func(_ testing.TB, d *sealDraft) {
		d.ext = der.Sequence(der.Sequence(der.OID(oidExt), der.Bool(true), der.Octets([]byte("x"))))
	}, "", func(s *Seal) bool { return s.Ext[0].Critical }},
	{"V4 UTF-8 in IA5String", V4, func(_ testing.TB, d *sealDraft) { d.esID = ia5("编号1") },
		"esID: IA5String holds UTF-8", func(s *Seal) bool { return s.ID == "编号1" }},
	{"V4 header version 3", V4, func(_ testing.TB, d *sealDraft) { d.header = der.Int(3) },
		"header.version: 3", func(s *Seal) bool { return s.Version == V4 }},
	{"V4 header ID", V4, func(_ testing.TB, d *sealDraft) { d.id = ia5("es") },
		"header.ID", func(s *Seal) bool { return s.Version == V4 }},
	{"V4 ofd picture", V4, func(_ testing.TB, d *sealDraft) {
		d.pictureType, d.pictureData = ia5("ofd"), der.Octets([]byte("PK\x03\x04"))
	},
		"", func(s *Seal) bool { return s.Picture.Type == "ofd" }},
	{"V4 created after validStart", V4, func(_ testing.TB, d *sealDraft) { d.created = der.GeneralizedTime(date(2026)) },
		"", func(s *Seal) bool { return s.Created.After(s.ValidFrom) }},
	{"V5 timestamp", V5, func(_ testing.TB, d *sealDraft) { d.timestamp = der.Explicit(0, der.Bits([]byte{1, 2, 3})) },
		"", func(s *Seal) bool { return bytes.Equal(s.Timestamp, []byte{1, 2, 3}) }},
	{"V5 untagged timestamp", V5, func(_ testing.TB, d *sealDraft) { d.timestamp = der.Bits([]byte{1, 2, 3}) },
		"without its tag", func(s *Seal) bool { return bytes.Equal(s.Timestamp, []byte{1, 2, 3}) }},
	{"V5 by five elements", V5, func(_ testing.TB, d *sealDraft) {
		d.header, d.timestamp = der.Int(4), der.Explicit(0, der.Bits([]byte{1}))
	}, "header.version: 4", func(s *Seal) bool { return s.Version == V5 }},
}

func TestParseSeal_tolerances(t *testing.T) {
	for _, c := range sealTolerances {
		t.Run(c.name, func(t *testing.T) {
			d := newSealDraft(c.version)
			c.change(t, d)
			b := d.bytes(t)
			s, err := ParseSeal(b)
			if err != nil {
				t.Fatal(err)
			}
			if s.Version != c.version || !bytes.Equal(s.Raw, b) || !c.check(s) {
				t.Errorf("read as %+v", s)
			}
			wantNote(t, s.Notes, c.note)
			if err := s.VerifyValue(); err != nil {
				t.Error(err)
			}
		})
	}
}

func wantNote(t *testing.T, notes []string, part string) {
	t.Helper()
	if part == "" && len(notes) != 0 || part != "" && (len(notes) != 1 || !strings.Contains(notes[0], part)) {
		t.Errorf("notes %q, want %q", notes, part)
	}
}

// signatureTolerances are departures of seal signatures that are read.
var signatureTolerances = []struct {
	name    string
	version Version
	change  func(t testing.TB, d *signatureDraft)
	note    string
	check   func(s *Signature) bool
}{
	{"V1 UTCTime", V1, func(testing.TB, *signatureDraft) {}, "", func(s *Signature) bool { return s.Time.Equal(date(2026)) }},
	{"V1 GeneralizedTime", V1, func(_ testing.TB, d *signatureDraft) { d.time = der.Bits(der.GeneralizedTime(date(2026))) },
		"GeneralizedTime", func(s *Signature) bool { return s.Time.Equal(date(2026)) }},
	{"V1 local text", V1, func(_ testing.TB, d *signatureDraft) { d.time = der.Bits([]byte("2026-03-01 16:00:00")) },
		"UTC+8", func(s *Signature) bool { return s.Time.Equal(date(2026)) && s.TimeText == "2026-03-01 16:00:00" }},
	{"V1 ISO text", V1, func(_ testing.TB, d *signatureDraft) { d.time = der.Bits([]byte("2020-01-25T07:31:56.377Z")) },
		"text", func(s *Signature) bool { return s.Time.Equal(time.Date(2020, 1, 25, 7, 31, 56, 377e6, time.UTC)) }},
	{"V1 token", V1, func(_ testing.TB, d *signatureDraft) { d.time = der.Bits(der.Sequence(der.Int(1))) },
		"", func(s *Signature) bool { return s.Time.IsZero() && bytes.Equal(s.TimeToken, der.Sequence(der.Int(1))) }},
	{"V1 timeInfo as OCTET STRING", V1, func(_ testing.TB, d *signatureDraft) { d.time = der.Octets(der.UTCTime(date(2026))) },
		"timeInfo: OCTET STRING", func(s *Signature) bool { return s.Time.Equal(date(2026)) }},
	{"V1 dataHash as OCTET STRING", V1, func(_ testing.TB, d *signatureDraft) { d.hash = der.Octets(make([]byte, 32)) },
		"dataHash: OCTET STRING", func(s *Signature) bool { _, ok := s.Hash(); return ok }},
	{"V1 SHA-1 dataHash", V1, func(_ testing.TB, d *signatureDraft) { d.hash = der.Bits(make([]byte, 20)) },
		"", func(s *Signature) bool { _, ok := s.Hash(); return !ok && len(s.DataHash) == 20 }},
	{"V4 TBS version 3", V4, func(_ testing.TB, d *signatureDraft) { d.version = der.Int(3) },
		"tbs.version: 3", func(s *Signature) bool { return s.Version == V4 && s.TBSVersion == 3 }},
	{"V4 raw value", V4, func(t testing.TB, d *signatureDraft) { d.value = der.Bits(raw(t, sign(t, signatory(), d.tbs()))) },
		"64 bytes", func(s *Signature) bool { return len(s.Value) == 64 }},
	{"V4 extDatas [0]", V4, func(_ testing.TB, d *signatureDraft) { d.ext = der.Explicit(0, extDatas(false)) },
		"", func(s *Signature) bool { return len(s.Ext) == 1 && s.Ext[0].ID.Equal(oidExt) }},
	{"V4 extDatas untagged", V4, func(_ testing.TB, d *signatureDraft) { d.ext = extDatas(false) },
		"without its tag", func(s *Signature) bool { return len(s.Ext) == 1 }},
	{"V4 timestamp", V4, func(_ testing.TB, d *signatureDraft) { d.timestamp = der.Explicit(0, der.Bits([]byte("token"))) },
		"", func(s *Signature) bool { return string(s.Timestamp) == "token" }},
	{"V4 untagged timestamp", V4, func(_ testing.TB, d *signatureDraft) { d.timestamp = der.Bits([]byte("token")) },
		"without its tag", func(s *Signature) bool { return string(s.Timestamp) == "token" }},
	{"V4 UTF-8 propertyInfo", V4, func(_ testing.TB, d *signatureDraft) { d.property = ia5("文档") },
		"IA5String holds UTF-8", func(s *Signature) bool { return s.PropertyInfo == "文档" }},
	{"V5 plain", V5, func(testing.TB, *signatureDraft) {}, "", func(s *Signature) bool { return s.Version == V5 }},
}

func TestParseSignature_tolerances(t *testing.T) {
	for _, c := range signatureTolerances {
		t.Run(c.name, func(t *testing.T) {
			seal := newSealDraft(c.version).bytes(t)
			d := newSignatureDraft(t, seal)
			c.change(t, d)
			b := d.bytes(t)
			s, err := ParseSignature(b)
			if err != nil {
				t.Fatal(err)
			}
			if s.Version != c.version || !bytes.Equal(s.Raw, b) || !bytes.Equal(s.Seal.Raw, seal) || !c.check(s) {
				t.Errorf("read as %+v", s)
			}
			wantNote(t, s.Notes, c.note)
			if err := s.VerifyValue(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestPadding(t *testing.T) {
	seal := buildSeal(t, sealInfo(V4))
	sig := buildSignature(t, seal)
	s, err := ParseSeal(append(bytes.Clone(seal.Raw), 0, 0))
	if err != nil || !bytes.Equal(s.Raw, seal.Raw) {
		t.Fatalf("seal with zero bytes: %v", err)
	}
	wantNote(t, s.Notes, "2 zero bytes")
	padded := append(bytes.Clone(sig.Raw), make([]byte, 500)...)
	g, err := ParseSignature(padded)
	if err != nil || !bytes.Equal(g.Raw, sig.Raw) {
		t.Fatalf("signature with zero bytes: %v", err)
	}
	wantNote(t, g.Notes, "500 zero bytes")
	value, padding, err := Trim(padded)
	if err != nil || !bytes.Equal(value, sig.Raw) || len(padding) != 500 {
		t.Errorf("Trim: %d, %d, %v", len(value), len(padding), err)
	}
}
