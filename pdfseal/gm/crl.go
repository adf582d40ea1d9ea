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

// Limits of a revocation list (rule R1).
const (
	MaxCRL       = 16 << 20 // bytes
	MaxRevoked   = 1 << 19  // entries
	maxCRLValues = 8 * MaxRevoked
)

// CRL is a certificate revocation list (RFC 5280, 5). The Raw fields are
// slices of the bytes received, or of a copy of them.
type CRL struct {
	Raw, RawTBS, RawIssuer []byte
	Issuer                 string // readable, as Certificate.Issuer

	ThisUpdate time.Time
	NextUpdate time.Time             // zero where the list names none
	Number     *big.Int              // nil where absent
	Revoked    map[string]Revocation // by Certificate.SerialHex

	AuthorityKeyID []byte

	// Delta marks a list that only changes another one, Partial one that
	// does not speak of all certificates of its issuer, or speaks of those of
	// other issuers. Neither says by itself that a certificate is good.
	Delta, Partial bool

	SignatureAlgorithm asn1.ObjectIdentifier
	Signature          []byte

	algorithmParameters []byte
}

// Revocation is what a list says of one certificate.
type Revocation struct {
	Time   time.Time
	Reason int // CRLReason of RFC 5280, 5.3.1; 0 unspecified
}

// ParseCRL reads one list in strict DER: at most MaxCRL bytes and MaxRevoked
// entries, no element left over, no extension twice. It keeps a copy of the
// bytes. Where a serial number occurs twice the earlier time counts. Errors
// are *FormatError.
func ParseCRL(b []byte) (*CRL, error) {
	if len(b) > MaxCRL {
		return nil, malformed("revocation list", "%d bytes, more than %d", len(b), MaxCRL)
	}
	b = bytes.Clone(b)
	if err := der.Check(b, der.MaxDepth, maxCRLValues); err != nil {
		return nil, inField("revocation list", err)
	}
	tbs, alg, params, sig, err := parseSigned(b)
	if err != nil {
		return nil, inField("revocation list", err)
	}
	l := &CRL{Raw: b, RawTBS: tbs.Full, SignatureAlgorithm: alg, algorithmParameters: params, Signature: sig, Revoked: map[string]Revocation{}}
	if err := l.parseTBS(tbs); err != nil {
		return nil, inField("revocation list", err)
	}
	return l, nil
}

// CheckSignatureFrom checks that issuer's key signed the list. Names, times
// and the right to issue are not looked at. Errors are those of
// Certificate.CheckSignatureFrom.
func (l *CRL) CheckSignatureFrom(issuer *Certificate) error {
	return checkSigned("revocation list", issuer, l.RawTBS, l.SignatureAlgorithm, l.algorithmParameters, l.Signature)
}

func (l *CRL) parseTBS(tbs der.Value) error {
	e, err := tbs.Sequence(3, 7)
	if err != nil {
		return err
	}
	version := 1
	if e[0].Is(der.TagInteger) {
		if n, err := e[0].Int(); err != nil || n != 1 {
			return errors.New("unknown version")
		}
		version, e = 2, e[1:]
	}
	if len(e) < 3 {
		return errors.New("elements are missing")
	}
	oid, params, err := parseAlgorithm(e[0])
	if err != nil {
		return err
	}
	if !oid.Equal(l.SignatureAlgorithm) || !bytes.Equal(params, l.algorithmParameters) && !(absentOrNull(params) && absentOrNull(l.algorithmParameters)) {
		return errors.New("signed and stated algorithm differ")
	}
	issuer, err := parseName(e[1])
	if err != nil {
		return err
	}
	l.RawIssuer, l.Issuer = e[1].Full, issuer.text
	if l.ThisUpdate, err = e[2].Time(); err != nil {
		return err
	}
	return l.parseRest(version, e[3:])
}

// parseRest reads what follows thisUpdate; every element of it is optional.
func (l *CRL) parseRest(version int, e []der.Value) (err error) {
	if len(e) > 0 && (e[0].Is(der.TagUTCTime) || e[0].Is(der.TagGeneralizedTime)) {
		if l.NextUpdate, err = e[0].Time(); err != nil {
			return err
		}
		e = e[1:]
	}
	if len(e) > 0 && e[0].Is(der.TagSequence) {
		if err := l.parseEntries(version, e[0].Content); err != nil {
			return err
		}
		e = e[1:]
	}
	if len(e) == 0 {
		return nil
	}
	if version < 2 || len(e) > 1 {
		return errors.New("an element is left over")
	}
	v, err := e[0].Explicit(0)
	if err != nil {
		return err
	}
	list, _, err := parseExtensions(v)
	if err != nil {
		return err
	}
	for _, x := range list {
		if err := l.readExtension(x); err != nil {
			return fmt.Errorf("extension %s: %w", x.ID, err)
		}
	}
	return nil
}

func (l *CRL) readExtension(x Extension) (err error) {
	switch {
	case x.ID.Equal(oidCRLNumber):
		var v der.Value
		if v, err = der.ParseAll(x.Value); err == nil {
			l.Number, err = v.Big()
		}
		return err
	case x.ID.Equal(oidAuthorityKeyID):
		l.AuthorityKeyID, err = parseAuthorityKeyID(x.Value)
		return err
	case x.ID.Equal(oidDeltaCRL):
		l.Delta = true
	case x.ID.Equal(oidIssuingPoint), x.Critical:
		l.Partial = true
	}
	return nil
}

// parseEntries reads revokedCertificates one by one, so that a long list takes little memory.
func (l *CRL) parseEntries(version int, rest []byte) error {
	for n := 0; len(rest) > 0; n++ {
		if n == MaxRevoked {
			return fmt.Errorf("%w: more than %d entries", der.ErrLimit, MaxRevoked)
		}
		var v der.Value
		var err error
		if v, rest, err = der.Parse(rest); err != nil {
			return err
		}
		if err := l.parseEntry(version, v); err != nil {
			return fmt.Errorf("entry %d: %w", n, err)
		}
	}
	return nil
}

func (l *CRL) parseEntry(version int, v der.Value) error {
	e, err := v.Sequence(2, 3)
	if err != nil {
		return err
	}
	serial, err := e[0].Big()
	if err != nil {
		return err
	}
	var r Revocation
	if r.Time, err = e[1].Time(); err != nil {
		return err
	}
	if len(e) == 3 {
		if version < 2 {
			return errors.New("an element is left over")
		}
		if r.Reason, err = l.parseReason(e[2]); err != nil {
			return err
		}
	}
	key := serialHex(serial)
	if old, twice := l.Revoked[key]; !twice || r.Time.Before(old.Time) {
		l.Revoked[key] = r
	}
	return nil
}

// parseReason reads the extensions of an entry. An entry that names another
// issuer makes the list an indirect one.
func (l *CRL) parseReason(v der.Value) (reason int, err error) {
	list, _, err := parseExtensions(v)
	if err != nil {
		return 0, err
	}
	for _, x := range list {
		switch {
		case x.ID.Equal(oidReasonCode):
			r, err := der.ParseAll(x.Value)
			if err != nil {
				return 0, err
			}
			if r.Class != der.ClassUniversal || r.Tag != tagEnumerated || len(r.Content) != 1 || r.Content[0] > 10 {
				return 0, errors.New("unknown reason")
			}
			reason = int(r.Content[0])
		case x.ID.Equal(oidInvalidityDate):
		case x.Critical:
			l.Partial = true
		}
	}
	return reason, nil
}

const tagEnumerated = 10
