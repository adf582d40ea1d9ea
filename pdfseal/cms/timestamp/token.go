package timestamp

import (
	"bytes"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
	"time"

	"sealdesk/pdfseal/cms"
	"sealdesk/pdfseal/gm"
)

var (
	// ErrFormat: the bytes are not a timestamp token.
	ErrFormat = errors.New("timestamp: format")
	// ErrUnsupported: a token with an imprint other than SM3, or with a
	// critical extension that is not known.
	ErrUnsupported = errors.New("timestamp: unsupported")
	// ErrImprint: the token is over other data.
	ErrImprint = errors.New("timestamp: token is over other data")
	// ErrAuthority: the token's certificate is not one for timestamps.
	ErrAuthority = errors.New("timestamp: certificate is not of a timestamp authority")
)

// Token is a timestamp token whose own signature is correct. All byte slices
// are parts of the input and must not be written to.
type Token struct {
	Time     time.Time // genTime, UTC
	Serial   *big.Int
	Policy   asn1.ObjectIdentifier
	Imprint  [32]byte      // SM3 of what the token is over
	Nonce    *big.Int      // nil = absent
	Accuracy time.Duration // 0 = not stated
	Ordering bool

	SignerCert   []byte   // DER, of the authority
	Certificates [][]byte // all of the token; not signed
	CRLs         [][]byte // not signed
	GM           bool     // outer type of GM/T 0010, else PKCS#7
	Raw          []byte
	Notes        []string // oddities that are tolerated

	name []byte // Name that the token states, DER; nil = none
}

// CheckImprint asks that the token is over data (rule T5): for a seal
// signature data is the signature value. It answers ErrImprint if it is not.
func (t *Token) CheckImprint(data []byte) error {
	if gm.SM3(data) != t.Imprint {
		return ErrImprint
	}
	return nil
}

// CheckAuthority asks that the token's certificate is for signing, and for
// timestamps alone: its extended key usage is critical and names timeStamping
// only (RFC 3161, 2.3; rule T5), and that it was valid at Time. The answer wraps ErrAuthority.
func (t *Token) CheckAuthority() error {
	c, err := gm.ParseCertificate(t.SignerCert)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrAuthority, err)
	}
	switch {
	case !c.CanSign():
		return fmt.Errorf("%w: key usage is not for signing", ErrAuthority)
	case len(c.ExtKeyUsage) != 1 || !c.ExtKeyUsage[0].Equal(oidTimeStamping):
		return fmt.Errorf("%w: extended key usage is not timeStamping alone", ErrAuthority)
	case !criticalUsage(c):
		return fmt.Errorf("%w: extended key usage is not critical", ErrAuthority)
	case t.Time.Before(c.NotBefore) || t.Time.After(c.NotAfter):
		return fmt.Errorf("%w: certificate was not valid at %s", ErrAuthority, t.Time.Format(time.RFC3339))
	}
	return nil
}

func criticalUsage(c *gm.Certificate) bool {
	for _, x := range c.Extensions {
		if x.ID.Equal(oidExtKeyUsage) {
			return x.Critical
		}
	}
	return false
}

// Is reports whether b is a SignedData with a TSTInfo inside.
func Is(b []byte) bool {
	s, err := cms.Parse(b)
	return err == nil && s.ContentType.Equal(oidTSTInfo)
}

// Parse reads a token and checks its signature with the certificate inside
// it, which must be bound by a signed attribute (signingCertificateV2 or
// signingCertificate, RFC 3161, 2.4.2). The outer type may be that of GM/T
// 0010 or of PKCS#7; no bytes may follow. Errors wrap ErrFormat, ErrUnsupported or *cms.Error.
func Parse(b []byte) (*Token, error) {
	s, err := cms.Parse(b)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	if len(s.Raw) != len(b) {
		return nil, malformed("%d bytes after the token", len(b)-len(s.Raw))
	}
	if !s.ContentType.Equal(oidTSTInfo) {
		return nil, malformed("content type %v is not TSTInfo", s.ContentType)
	}
	t := &Token{Certificates: s.Certificates, CRLs: s.CRLs, GM: s.GM, Raw: s.Raw}
	if err := t.parseInfo(s.Content); err != nil {
		return nil, err
	}
	r, err := s.VerifyEmbeddedType(oidTSTInfo)
	if err != nil {
		return nil, fmt.Errorf("timestamp: %w", err)
	}
	t.SignerCert = r.SignerCert
	if s.Signer.Attributes == nil {
		return nil, malformed("no signed attributes")
	}
	bound, err := boundBy(&s.Signer, r.SignerCert)
	if err != nil {
		return nil, err
	}
	for _, n := range r.Notes {
		switch {
		case n != cms.NoteNotBound:
			t.Notes = append(t.Notes, n)
		case !bound:
			return nil, &cms.Error{Rule: "C6", Msg: "no signed attribute binds the authority's certificate"}
		}
	}
	return t, t.checkName()
}

// checkName compares the name that the token states with the certificate.
// Only a hint (RFC 3161, 2.4.2): another one is noted.
func (t *Token) checkName() error {
	if t.name == nil {
		return nil
	}
	c, err := gm.ParseCertificate(t.SignerCert)
	if err != nil {
		return malformed("certificate: %w", err)
	}
	if !bytes.Equal(c.RawSubject, t.name) {
		t.Notes = append(t.Notes, "the token names another authority than its certificate")
	}
	return nil
}

func malformed(format string, args ...any) error {
	return fmt.Errorf("%w: %w", ErrFormat, fmt.Errorf(format, args...))
}
