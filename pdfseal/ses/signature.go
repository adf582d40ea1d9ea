package ses

import (
	"encoding/asn1"
	"fmt"
	"time"

	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/internal/der"
)

// Signature is a seal signature (SES_Signature) as read. All byte slices are
// parts of Raw and must not be written to.
type Signature struct {
	Raw    []byte // the whole SES_Signature, without padding
	TBSRaw []byte // its TBS_Sign: what the signatory signed

	Version    Version
	TBSVersion int // as stated by TBS_Sign; need not agree
	Seal       *Seal

	Time      time.Time // the signatory's claim; zero where only TimeToken is present
	TimeText  string    // timeInfo as written, where it is not a token
	TimeToken []byte    // V1: a token in the place of a time, unread

	DataHash     []byte
	PropertyInfo string
	Ext          []ExtData // nil = absent

	SignerCert []byte
	Algorithm  asn1.ObjectIdentifier
	Value      []byte   // DER {r,s} or 64 bytes
	Timestamp  []byte   // the DER token over Value, unread; nil = absent
	Notes      []string // tolerances that reading needed; those of the seal are in Seal.Notes
}

// VerifyValue checks the signature value over TBSRaw with the key of
// SignerCert (GB/T 38540-2020, 7.3 b). Errors are those of Seal.VerifyValue.
func (s *Signature) VerifyValue() error {
	if err := verify(s.SignerCert, s.Algorithm, s.TBSRaw, s.Value); err != nil {
		return fmt.Errorf("ses: signature value: %w", err)
	}
	return nil
}

// Hash gives dataHash, which must equal SM3 of the protected bytes (rule E3);
// false where it is not 32 bytes long.
func (s *Signature) Hash() ([32]byte, bool) {
	if len(s.DataHash) != 32 {
		return [32]byte{}, false
	}
	return [32]byte(s.DataHash), true
}

// Trim cuts the content of a PDF /Contents string at the end of its DER
// value. A padding byte other than zero is an error (rule B5); der and
// padding are answered all the same.
func Trim(contents []byte) (value, padding []byte, err error) {
	v, padding, err := der.Trim(contents)
	if err != nil {
		err = &FormatError{Field: "contents", Err: err}
	}
	return v.Full, padding, err
}

// AlgorithmSM2 is SM2 with SM3, the algorithm that is written.
var AlgorithmSM2 = asn1.ObjectIdentifier{1, 2, 156, 10197, 1, 501}

// Further names of the same algorithm (rule C3).
var (
	oidSM2     = asn1.ObjectIdentifier{1, 2, 156, 10197, 1, 301}
	oidSM2Sign = asn1.ObjectIdentifier{1, 2, 156, 10197, 1, 301, 1}
)

func knownAlgorithm(oid asn1.ObjectIdentifier) bool {
	return oid.Equal(AlgorithmSM2) || oid.Equal(oidSM2Sign) || oid.Equal(oidSM2)
}

func verify(cert []byte, alg asn1.ObjectIdentifier, m, value []byte) error {
	if !knownAlgorithm(alg) {
		return fmt.Errorf("%w %v", ErrUnsupported, alg)
	}
	c, err := gm.ParseCertificate(cert)
	if err != nil {
		return fmt.Errorf("certificate: %w", err)
	}
	if !c.IsSM2 {
		return fmt.Errorf("%w: the certificate's key is not SM2", ErrUnsupported)
	}
	return c.Public.Verify(m, value)
}
