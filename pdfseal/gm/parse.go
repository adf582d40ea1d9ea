package gm

import (
	"bytes"
	"encoding/asn1"
	"errors"
	"strings"
	"time"

	"sealdesk/pdfseal/internal/der"
)

// maxCertificateValues bounds the DER values of one certificate, at all depths.
const maxCertificateValues = 4096

// ParseCertificate reads one certificate in strict DER: at most MaxCertificate
// bytes and depth 24, no element left over, no extension twice. It keeps a
// copy of the bytes. Errors are *FormatError. Key usage, basic constraints and
// extended key usage must be readable; other oddities become Defects.
func ParseCertificate(b []byte) (*Certificate, error) {
	if len(b) > MaxCertificate {
		return nil, malformed("certificate", "%d bytes, more than %d", len(b), MaxCertificate)
	}
	b = bytes.Clone(b)
	if err := der.Check(b, der.MaxDepth, maxCertificateValues); err != nil {
		return nil, inField("certificate", err)
	}
	tbs, alg, params, sig, err := parseSigned(b)
	if err != nil {
		return nil, inField("certificate", err)
	}
	c := &Certificate{Raw: b, RawTBS: tbs.Full, SignatureAlgorithm: alg, algorithmParameters: params, Signature: sig, MaxPathLen: -1}
	if err := c.parseTBS(tbs); err != nil {
		return nil, inField("certificate", err)
	}
	if err := c.askLibraries(); err != nil {
		return nil, err
	}
	return c, nil
}

// parseSigned takes SIGNED { ToBeSigned } apart (X.509): certificates and lists share it.
func parseSigned(b []byte) (tbs der.Value, alg asn1.ObjectIdentifier, params, sig []byte, err error) {
	v, err := der.ParseAll(b)
	if err != nil {
		return tbs, nil, nil, nil, err
	}
	c, err := v.Sequence(3, 3)
	if err != nil {
		return tbs, nil, nil, nil, err
	}
	if alg, params, err = parseAlgorithm(c[1]); err != nil {
		return tbs, nil, nil, nil, err
	}
	sig, err = c[2].Bits()
	return c[0], alg, params, sig, err
}

func parseAlgorithm(v der.Value) (oid asn1.ObjectIdentifier, params []byte, err error) {
	c, err := v.Sequence(1, 2)
	if err != nil {
		return nil, nil, err
	}
	if len(c) == 2 {
		params = c[1].Full
	}
	oid, err = c[0].OID()
	return oid, params, err
}

func (c *Certificate) defect(text string) { c.Defects = append(c.Defects, text) }

func (c *Certificate) parseTBS(tbs der.Value) error {
	e, err := tbs.Sequence(6, 10)
	if err != nil {
		return err
	}
	version, rest, err := c.parseVersion(e)
	if err != nil {
		return err
	}
	if len(rest) < 6 {
		return errors.New("elements are missing")
	}
	if err := c.parseSerial(rest[0]); err != nil {
		return inField("certificate serial number", err)
	}
	if err := c.parseInnerAlgorithm(rest[1]); err != nil {
		return inField("certificate signature algorithm", err)
	}
	if err := c.parseNames(rest[2], rest[4]); err != nil {
		return inField("certificate name", err)
	}
	if err := c.parseValidity(rest[3]); err != nil {
		return inField("certificate validity", err)
	}
	if err := c.parseSPKI(rest[5]); err != nil {
		return inField("certificate public key", err)
	}
	return c.parseTail(version, rest[6:])
}

// parseVersion answers 1, 2 or 3 and the elements after it.
func (c *Certificate) parseVersion(e []der.Value) (int, []der.Value, error) {
	if !e[0].IsContext(0) {
		return 1, e, nil
	}
	v, err := e[0].Explicit(0)
	if err != nil {
		return 0, nil, err
	}
	n, err := v.Int()
	if err != nil || n < 0 || n > 2 {
		return 0, nil, errors.New("unknown version")
	}
	if n == 0 {
		c.defect("version 1 is spelled out")
	}
	return n + 1, e[1:], nil
}

func (c *Certificate) parseSerial(v der.Value) (err error) {
	if c.Serial, err = v.Big(); err != nil {
		return err
	}
	c.SerialHex = serialHex(c.Serial)
	switch {
	case c.Serial.Sign() <= 0:
		c.defect("serial number is not positive")
	case len(v.Content) > 20:
		c.defect("serial number is longer than 20 bytes")
	}
	return nil
}

// parseInnerAlgorithm checks that the signed algorithm is the stated one. One
// may have NULL parameters where the other has none.
func (c *Certificate) parseInnerAlgorithm(v der.Value) error {
	oid, params, err := parseAlgorithm(v)
	if err != nil {
		return err
	}
	switch {
	case !oid.Equal(c.SignatureAlgorithm):
		return errors.New("signed and stated algorithm differ")
	case bytes.Equal(params, c.algorithmParameters):
	case absentOrNull(params) && absentOrNull(c.algorithmParameters):
		c.defect("signed and stated algorithm differ in NULL parameters")
	default:
		return errors.New("signed and stated parameters differ")
	}
	return nil
}

func (c *Certificate) parseNames(issuer, subject der.Value) error {
	i, err := parseName(issuer)
	if err != nil {
		return err
	}
	s, err := parseName(subject)
	if err != nil {
		return err
	}
	c.RawIssuer, c.RawSubject = issuer.Full, subject.Full
	c.Issuer, c.Subject, c.SubjectCN, c.SubjectO = i.text, s.text, s.cn, s.o
	if i.irregular {
		c.defect("issuer name: a value is not of the alphabet of its type")
	}
	if s.irregular {
		c.defect("subject name: a value is not of the alphabet of its type")
	}
	return nil
}

func (c *Certificate) parseValidity(v der.Value) error {
	e, err := v.Sequence(2, 2)
	if err != nil {
		return err
	}
	if c.NotBefore, err = e[0].Time(); err != nil {
		return err
	}
	if c.NotAfter, err = e[1].Time(); err != nil {
		return err
	}
	if c.NotAfter.Before(c.NotBefore) {
		c.defect("validity ends before it begins")
	}
	for i, t := range []time.Time{c.NotBefore, c.NotAfter} {
		if e[i].Is(der.TagGeneralizedTime) && t.Year() >= 1950 && t.Year() < 2050 {
			c.defect("validity: GeneralizedTime where UTCTime is due")
			break
		}
	}
	return nil
}

// parseSPKI reads the key. A key of another kind, or one off the curve, leaves IsSM2 false.
func (c *Certificate) parseSPKI(v der.Value) error {
	e, err := v.Sequence(2, 2)
	if err != nil {
		return err
	}
	oid, params, err := parseAlgorithm(e[0])
	if err != nil {
		return err
	}
	key, err := e[1].Bits()
	if err != nil {
		return err
	}
	c.RawSPKI = v.Full
	if !oid.Equal(oidECPublicKey) || !bytes.Equal(params, der.OID(oidSM2)) {
		return nil
	}
	if c.Public, err = ParsePoint(key); err != nil {
		c.defect(strings.TrimPrefix(err.Error(), "gm: "))
		return nil
	}
	c.IsSM2 = true
	return nil
}

// parseTail reads what may follow the key: the unique identifiers of version 2 and the extensions of version 3.
func (c *Certificate) parseTail(version int, e []der.Value) error {
	for tag := 1; tag <= 2; tag++ {
		if len(e) > 0 && e[0].IsContext(tag) {
			if version < 2 || e[0].Constructed {
				return errors.New("unique identifier out of place")
			}
			c.defect("unique identifiers are present")
			e = e[1:]
		}
	}
	if len(e) == 0 {
		return nil
	}
	if version < 3 || len(e) > 1 {
		return errors.New("an element is left over")
	}
	v, err := e[0].Explicit(3)
	if err != nil {
		return err
	}
	list, explicitFalse, err := parseExtensions(v)
	if err != nil {
		return inField("certificate extensions", err)
	}
	if explicitFalse {
		c.defect("extension mark FALSE is spelled out")
	}
	c.Extensions = list
	for _, x := range list {
		if err := c.readExtension(x); err != nil {
			return inField("certificate extension "+x.ID.String(), err)
		}
	}
	return nil
}
