package cms

import (
	"math/big"
	"sync"
	"testing"
	"time"

	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/internal/der"
)

// party is a key with its certificate.
type party struct {
	key  *gm.PrivateKey
	cert []byte
}

func certificate(name string, serial int64, key *gm.PrivateKey) []byte {
	cert, err := gm.CreateCertificate(gm.CertificateTemplate{
		CommonName: name, Organization: "示范旗人民政府", Country: "CN", Serial: big.NewInt(serial),
		NotBefore: date(2024), NotAfter: date(2034), KeyUsage: gm.KeyUsageDigitalSignature,
	}, key.Public(), nil, key)
	if err != nil {
		panic(err)
	}
	return cert
}

func newParty(name string, serial int64) party {
	key, err := gm.NewPrivateKey(gm.SM3([]byte(name)))
	if err != nil {
		panic(err)
	}
	return party{key, certificate(name, serial, key)}
}

var parties = sync.OnceValue(func() [2]party { return [2]party{newParty("signer", 21), newParty("other", 22)} })

func signer() party { return parties()[0] }
func other() party  { return parties()[1] }

func date(year int) time.Time { return time.Date(year, 3, 1, 8, 0, 0, 0, time.UTC) }

var (
	document = []byte("%PDF-1.7 the bytes of the ByteRange")
	digest   = gm.SM3(document)
)

func readDocument() ([]byte, error) { return document, nil }

func alg(o oid, parameters ...[]byte) []byte {
	return der.Sequence(append([][]byte{der.OID(o)}, parameters...)...)
}

func attr(o oid, values ...[]byte) []byte { return der.Sequence(der.OID(o), der.Set(values...)) }

// draft is a container in complete TLVs. A field may hold several TLVs, or none.
type draft struct {
	outer, contentType                 oid
	version, digests, content          []byte
	certs, crls                        []byte
	signerVersion, sid, digest, sigAlg []byte
	attrs                              [][]byte
	unsigned, more                     []byte
	key                                *gm.PrivateKey
	raw                                bool                           // value as r‖s
	sign                               func(m []byte) ([]byte, error) // nil = key.Sign
	message                            []byte                         // what is signed without attributes
}

func issuerSerial(t testing.TB, cert []byte) []byte {
	issuer, serial, ok := issuerAndSerial(cert)
	if !ok {
		t.Fatal("certificate has no issuer and serial")
	}
	return der.Sequence(issuer, der.Big(serial))
}

// newDraft is a container without content and attributes, in GM object identifiers.
func newDraft(t testing.TB) *draft {
	return &draft{
		outer: oidSignedDataGM, contentType: oidDataGM, version: der.Int(1), digests: der.Set(alg(oidSM3, der.Null())),
		certs: der.TLV(0xa0, signer().cert), signerVersion: der.Int(1), sid: issuerSerial(t, signer().cert),
		digest: alg(oidSM3, der.Null()), sigAlg: alg(oidSM2Sign, der.Null()), key: signer().key, message: document,
	}
}

func (d *draft) value(t testing.TB) []byte {
	m := d.message
	if d.attrs != nil {
		m = der.Set(d.attrs...)
	}
	sign := d.key.Sign
	if d.sign != nil {
		sign = d.sign
	}
	v, err := sign(m)
	if err != nil {
		t.Fatal(err)
	}
	if d.raw {
		s, _, err := gm.ParseSignature(v)
		if err != nil {
			t.Fatal(err)
		}
		return s.Raw()
	}
	return v
}

func (d *draft) bytes(t testing.TB) []byte {
	var attrs []byte
	if d.attrs != nil {
		attrs = der.TLV(0xa0, d.attrs...)
	}
	info := der.Sequence(d.signerVersion, d.sid, d.digest, attrs, d.sigAlg, der.Octets(d.value(t)), d.unsigned)
	return der.Sequence(der.OID(d.outer), der.Explicit(0, der.Sequence(
		d.version, d.digests, der.Sequence(der.OID(d.contentType), d.content), d.certs, d.crls, der.Set(info, d.more),
	)))
}

func (d *draft) embed(content []byte) {
	d.content = der.Explicit(0, der.Octets(content))
	d.message = content
}

func essCertID(cert []byte, more ...[]byte) []byte {
	hash := gm.SM3(cert)
	id := append([][]byte{alg(oidSM3), der.Octets(hash[:])}, more...)
	return attr(oidSigningCertificateV2, der.Sequence(der.Sequence(der.Sequence(id...))))
}

// withAttributes are the attributes of variants A and D.
func (d *draft) withAttributes(contentType oid, more ...[]byte) {
	d.attrs = append([][]byte{
		attr(oidContentType, der.OID(contentType)), attr(oidSigningTime, der.UTCTime(date(2026))), attr(oidMessageDigest, der.Octets(digest[:])),
	}, more...)
}

// variants are the containers of the table of shapes in use.
var variants = []struct {
	name   string
	want   string
	change func(t testing.TB, d *draft)
	notes  []string // besides NoteNotBound
}{
	{"A", "A", func(_ testing.TB, d *draft) { d.contentType = oidData; d.withAttributes(oidDataGM) }, nil},
	{"A consistent, bound", "A", func(_ testing.TB, d *draft) { d.withAttributes(oidDataGM, essCertID(signer().cert)) }, nil},
	{"B", "B", func(_ testing.TB, d *draft) { d.embed(digest[:]); d.sigAlg = alg(oidSM2Sign) }, nil},
	{"B'", "B'", func(_ testing.TB, d *draft) { d.embed(digest[:]); d.sigAlg, d.raw = alg(oidSM2AndSM3), true }, nil},
	{"C", "C", func(_ testing.TB, d *draft) {
		d.outer, d.contentType, d.sigAlg = oidSignedData, oidData, alg(oidSM2AndSM3)
		d.embed(document)
	}, nil},
	{"D", "D", func(_ testing.TB, d *draft) {
		d.outer, d.contentType, d.sigAlg = oidSignedData, oidData, alg(oidSM2AndSM3)
		d.withAttributes(oidData)
	}, nil},
	{"E", "E", func(_ testing.TB, d *draft) {
		d.sign = func([]byte) ([]byte, error) { return d.key.SignDigest(digest) }
	}, []string{NoteNoZ}},
	{"detached without attributes", "C", func(testing.TB, *draft) {}, []string{NoteDetachedPlain}},
}
