package token

import "time"

// CertificateInfo is what a driver must know of a certificate.
type CertificateInfo struct {
	PublicPoint         []byte // 04‖X‖Y, 65 bytes; nil if the key is not on the SM2 curve
	SM2, Signing        bool
	Subject, SerialHex  string
	NotBefore, NotAfter time.Time
	Defects             []string
}

// Crypto lends SM2, SM3 and the reading of certificates to a driver, which knows no cryptographic library itself.
type Crypto interface {
	// Certificate reads a certificate in DER.
	Certificate(der []byte) (CertificateInfo, error)
	// Z returns the ZA value (GB/T 32918.2, 5.5) of a public key with the user ID 1234567812345678.
	Z(point []byte) ([32]byte, error)
	// SM3 returns the digest of the concatenation of parts (GB/T 32905).
	SM3(parts ...[]byte) [32]byte
	// VerifySM2 reports whether sigDER is a signature of the digest e = SM3(Z‖M) by the key at point.
	VerifySM2(point []byte, e [32]byte, sigDER []byte) bool
}
