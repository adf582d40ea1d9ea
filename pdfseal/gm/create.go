package gm

import (
	"bytes"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
	"time"

	"sealdesk/pdfseal/internal/der"
)

// CertificateTemplate says what a new certificate states. Names are written
// as UTF8String, the country as PrintableString. Empty parts are left out.
type CertificateTemplate struct {
	CommonName, Organization, OrganizationalUnit string
	Country, Province, Locality                  string

	Serial              *big.Int // nil: derived from name, key and time
	NotBefore, NotAfter time.Time

	KeyUsage    KeyUsage // 0: no extension
	ExtKeyUsage []asn1.ObjectIdentifier
	IsCA        bool
	PathLen     *int        // of a CA; nil: no constraint
	Extensions  []Extension // further ones, written after the others
}

// CreateCertificate issues a certificate for pub, signed with key, in the
// profile of GB/T 20518-2018: version 3, SM2 with SM3, key identifiers. A nil
// issuer makes it self-signed; key must then belong to pub, otherwise to the
// issuer. The same input gives the same bytes. The result has been read back
// and verified.
func CreateCertificate(t CertificateTemplate, pub PublicKey, issuer *Certificate, key *PrivateKey) ([]byte, error) {
	if err := t.check(pub, issuer, key); err != nil {
		return nil, fmt.Errorf("gm: create certificate: %w", err)
	}
	subject := t.name()
	issuerName, issuerKeyID := subject, keyID(pub)
	if issuer != nil {
		issuerName, issuerKeyID = issuer.RawSubject, issuer.SubjectKeyID
	}
	spki := der.Sequence(der.Sequence(der.OID(oidECPublicKey), der.OID(oidSM2)), der.Bits(pub.Point()))
	validity := der.Sequence(encodeTime(t.NotBefore), encodeTime(t.NotAfter))
	serial := t.Serial
	if serial == nil {
		serial = deriveSerial(issuerName, subject, spki, validity)
	}
	tbs := der.Sequence(der.Explicit(0, der.Int(2)), der.Big(serial), signatureAlgorithm(), issuerName, validity, subject, spki,
		der.Explicit(3, t.extensions(pub, issuerKeyID)))
	out, err := sign(tbs, key)
	if err != nil {
		return nil, fmt.Errorf("gm: create certificate: %w", err)
	}
	c, err := ParseCertificate(out)
	if err != nil {
		return nil, fmt.Errorf("gm: create certificate: %w", err)
	}
	if issuer == nil {
		issuer = c
	}
	if err := c.CheckSignatureFrom(issuer); err != nil {
		return nil, fmt.Errorf("gm: create certificate: %w", err)
	}
	return out, nil
}

func (t CertificateTemplate) check(pub PublicKey, issuer *Certificate, key *PrivateKey) error {
	switch {
	case key == nil:
		return errors.New("no key")
	case pub.check() != nil:
		return pub.check()
	case issuer == nil && key.Public() != pub:
		return errors.New("self-signed, but the key is another one")
	case issuer != nil && (!issuer.IsSM2 || key.Public() != issuer.Public):
		return errors.New("key is not the issuer's")
	case t.CommonName == "":
		return errors.New("no common name")
	case t.NotAfter.Before(t.NotBefore):
		return errors.New("validity ends before it begins")
	case t.NotBefore.UTC().Year() < 1950 || t.NotAfter.UTC().Year() > 9999:
		return errors.New("validity is out of range")
	case t.Serial != nil && (t.Serial.Sign() <= 0 || t.Serial.BitLen() > 159):
		return errors.New("serial number is not positive or longer than 20 bytes")
	case t.PathLen != nil && (!t.IsCA || *t.PathLen < 0):
		return errors.New("path length is negative or not of a CA")
	}
	return nil
}

func (t CertificateTemplate) name() []byte {
	var rdns []byte
	for _, part := range []struct {
		oid   asn1.ObjectIdentifier
		tag   int
		value string
	}{
		{oidCountry, der.TagPrintableString, t.Country},
		{oidProvince, der.TagUTF8String, t.Province},
		{oidLocality, der.TagUTF8String, t.Locality},
		{oidOrganization, der.TagUTF8String, t.Organization},
		{oidUnit, der.TagUTF8String, t.OrganizationalUnit},
		{oidCommonName, der.TagUTF8String, t.CommonName},
	} {
		if part.value != "" {
			rdns = append(rdns, der.Set(der.Sequence(der.OID(part.oid), der.Text(part.tag, part.value)))...)
		}
	}
	return der.Sequence(rdns)
}

func (t CertificateTemplate) extensions(pub PublicKey, issuerKeyID []byte) []byte {
	var out []byte
	add := func(x Extension) {
		critical := []byte(nil)
		if x.Critical {
			critical = der.Bool(true)
		}
		out = append(out, der.Sequence(der.OID(x.ID), critical, der.Octets(x.Value))...)
	}
	if len(issuerKeyID) > 0 {
		add(Extension{ID: oidAuthorityKeyID, Value: der.Sequence(der.TLV(0x80, issuerKeyID))})
	}
	add(Extension{ID: oidSubjectKeyID, Value: der.Octets(keyID(pub))})
	add(Extension{ID: oidBasicConstraints, Critical: t.IsCA, Value: t.basicConstraints()})
	if t.KeyUsage != 0 {
		add(Extension{ID: oidKeyUsage, Critical: true, Value: encodeKeyUsage(t.KeyUsage)})
	}
	if len(t.ExtKeyUsage) > 0 {
		var ids []byte
		for _, id := range t.ExtKeyUsage {
			ids = append(ids, der.OID(id)...)
		}
		add(Extension{ID: oidExtKeyUsage, Value: der.Sequence(ids)})
	}
	for _, x := range t.Extensions {
		add(x)
	}
	return der.Sequence(out)
}

func (t CertificateTemplate) basicConstraints() []byte {
	switch {
	case !t.IsCA:
		return der.Sequence()
	case t.PathLen == nil:
		return der.Sequence(der.Bool(true))
	}
	return der.Sequence(der.Bool(true), der.Int(*t.PathLen))
}

func encodeKeyUsage(u KeyUsage) []byte {
	var bits [2]byte
	last := 0
	for i := range 9 {
		if u&(1<<i) != 0 {
			bits[i/8] |= 0x80 >> (i % 8)
			last = i
		}
	}
	n := last/8 + 1
	return der.TLV(der.TagBitString, []byte{byte(n*8 - 1 - last)}, bits[:n])
}

// keyID is the identifier of a key in extensions: the first 20 bytes of the SM3 digest of the point.
func keyID(k PublicKey) []byte {
	h := SM3(k.Point())
	return h[:20]
}

// deriveSerial makes a positive number of 16 bytes from what it identifies.
func deriveSerial(parts ...[]byte) *big.Int {
	h := SM3(bytes.Join(parts, nil))
	h[0] = h[0]&0x3f | 0x40
	return new(big.Int).SetBytes(h[:16])
}

func signatureAlgorithm() []byte { return der.Sequence(der.OID(OIDSM2WithSM3)) }

// encodeTime writes a Time of RFC 5280, 4.1.2.5: UTCTime through 2049.
func encodeTime(t time.Time) []byte {
	t = t.UTC().Truncate(time.Second)
	if t.Year() < 2050 {
		return der.UTCTime(t)
	}
	return der.GeneralizedTime(t)
}

func sign(tbs []byte, key *PrivateKey) ([]byte, error) {
	sig, err := key.Sign(tbs)
	if err != nil {
		return nil, err
	}
	return der.Sequence(tbs, signatureAlgorithm(), der.Bits(sig)), nil
}
