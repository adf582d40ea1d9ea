package job

import (
	"fmt"

	"sealdesk/pdfseal/gm"
	"sealdesk/token"
)

// Crypto lends the project's SM2 and SM3 to the token drivers, which know no cryptographic library themselves.
type Crypto struct{}

var _ token.Crypto = Crypto{}

// Certificate reads a certificate in DER. PublicPoint is nil if its key is not on the SM2 curve.
func (Crypto) Certificate(der []byte) (token.CertificateInfo, error) {
	c, err := gm.ParseCertificate(der)
	if err != nil {
		return token.CertificateInfo{}, err
	}
	info := token.CertificateInfo{SM2: c.IsSM2, Signing: c.CanSign(), Subject: c.Subject, SerialHex: c.SerialHex,
		NotBefore: c.NotBefore, NotAfter: c.NotAfter, Defects: c.Defects}
	if c.IsSM2 {
		info.PublicPoint = c.Public.Point()
	}
	return info, nil
}

// Z returns the ZA value of an uncompressed point with the default user ID (GB/T 32918.2, 5.5).
func (Crypto) Z(point []byte) ([32]byte, error) {
	k, err := gm.ParsePoint(point)
	if err != nil {
		return [32]byte{}, fmt.Errorf("job: public key: %w", err)
	}
	return k.Z(), nil
}

// SM3 returns the digest of the concatenation of parts.
func (Crypto) SM3(parts ...[]byte) [32]byte { return gm.SM3(parts...) }

// VerifySM2 tells whether sigDER is a strict DER SM2 signature of the digest e by the key at point.
func (Crypto) VerifySM2(point []byte, e [32]byte, sigDER []byte) bool {
	k, err := gm.ParsePoint(point)
	return err == nil && k.VerifyDigest(e, sigDER) == nil
}
