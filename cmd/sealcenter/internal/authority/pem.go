package authority

import (
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"

	"sealdesk/pdfseal/gm"
)

var (
	oidSM2Curve   = asn1.ObjectIdentifier{1, 2, 156, 10197, 1, 301}
	oidECKey      = asn1.ObjectIdentifier{1, 2, 840, 10045, 2, 1}
	oidSM2WithSM3 = asn1.ObjectIdentifier{1, 2, 156, 10197, 1, 501}
)

// EncodeCertificate writes a certificate as PEM.
func EncodeCertificate(der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

// Unwrap answers the content of a file that may be PEM or DER, and the type
// that the PEM armour states; empty for DER.
func Unwrap(b []byte) (der []byte, kind string) {
	if block, _ := pem.Decode(b); block != nil {
		return block.Bytes, block.Type
	}
	return b, ""
}

// spki is SubjectPublicKeyInfo.
type spki struct {
	Algorithm struct {
		Algorithm  asn1.ObjectIdentifier
		Parameters asn1.ObjectIdentifier `asn1:"optional"`
	}
	Key asn1.BitString
}

// certificationRequest is CertificationRequest of RFC 2986.
type certificationRequest struct {
	Info      requestInfo
	Algorithm struct {
		Algorithm  asn1.ObjectIdentifier
		Parameters asn1.RawValue `asn1:"optional"`
	}
	Signature asn1.BitString
}

type requestInfo struct {
	Raw        asn1.RawContent
	Version    int
	Subject    asn1.RawValue
	Key        spki
	Attributes asn1.RawValue `asn1:"tag:0"`
}

// ErrKeyFormat reports a file that holds no SM2 public key in a known form.
var ErrKeyFormat = errors.New("authority: no SM2 public key in a known form")

// PublicKey reads the SM2 public key of a UsbKey from a SubjectPublicKeyInfo,
// a certificate request (RFC 2986, whose signature proves possession of the
// key), a certificate, or 65 bytes of an uncompressed point; PEM or DER.
// Errors match ErrKeyFormat.
func PublicKey(file []byte) (gm.PublicKey, error) {
	der, _ := Unwrap(file)
	if len(der) == 65 {
		return checkPoint(der)
	}
	if c, err := gm.ParseCertificate(der); err == nil {
		if !c.IsSM2 {
			return gm.PublicKey{}, fmt.Errorf("%w: the certificate's key is not SM2", ErrKeyFormat)
		}
		return c.Public, nil
	}
	var key spki
	if rest, err := asn1.Unmarshal(der, &key); err == nil && len(rest) == 0 {
		return key.point()
	}
	var req certificationRequest
	if rest, err := asn1.Unmarshal(der, &req); err == nil && len(rest) == 0 {
		return req.point()
	}
	return gm.PublicKey{}, ErrKeyFormat
}

func (k spki) point() (gm.PublicKey, error) {
	if !k.Algorithm.Algorithm.Equal(oidECKey) || !k.Algorithm.Parameters.Equal(oidSM2Curve) {
		return gm.PublicKey{}, fmt.Errorf("%w: algorithm %v, curve %v", ErrKeyFormat, k.Algorithm.Algorithm, k.Algorithm.Parameters)
	}
	return checkPoint(k.Key.RightAlign())
}

func checkPoint(b []byte) (gm.PublicKey, error) {
	pub, err := gm.ParsePoint(b)
	if err != nil {
		return gm.PublicKey{}, fmt.Errorf("%w: %w", ErrKeyFormat, err)
	}
	return pub, nil
}

func (r certificationRequest) point() (gm.PublicKey, error) {
	pub, err := r.Info.Key.point()
	if err != nil {
		return gm.PublicKey{}, err
	}
	if !r.Algorithm.Algorithm.Equal(oidSM2WithSM3) {
		return gm.PublicKey{}, fmt.Errorf("%w: request signed with %v", ErrKeyFormat, r.Algorithm.Algorithm)
	}
	if err := pub.Verify(r.Info.Raw, r.Signature.RightAlign()); err != nil {
		return gm.PublicKey{}, fmt.Errorf("%w: request: %w", ErrKeyFormat, err)
	}
	return pub, nil
}
