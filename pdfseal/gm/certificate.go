package gm

import (
	"encoding/asn1"
	"encoding/hex"
	"math/big"
	"strings"
	"time"
)

// MaxCertificate is the size limit of a certificate in bytes (rule R1).
const MaxCertificate = 64 << 10

// Certificate is an X.509 certificate (RFC 5280, GB/T 20518-2018). The Raw
// fields are slices of the bytes received, or of a copy of them.
type Certificate struct {
	Raw, RawTBS, RawIssuer, RawSubject, RawSPKI []byte

	// Subject and Issuer are the names in readable form, most specific part
	// first ("CN=…, O=…"): separators inside values escaped, control and
	// direction characters removed, cut to a limited length.
	Subject, Issuer string
	// SubjectCN and SubjectO are the first common name and organisation of
	// the subject, cleaned in the same way, without escapes.
	SubjectCN, SubjectO string

	Serial    *big.Int
	SerialHex string // upper case, whole bytes: "01719D2BDEC7"

	NotBefore, NotAfter time.Time

	KeyUsage    KeyUsage
	HasKeyUsage bool
	ExtKeyUsage []asn1.ObjectIdentifier
	IsCA        bool
	MaxPathLen  int // -1: no constraint

	SubjectKeyID, AuthorityKeyID []byte // nil where absent
	Extensions                   []Extension

	// UnknownCritical are the critical extensions that this program does not
	// evaluate. A chain through such a certificate cannot be judged.
	UnknownCritical []string

	SignatureAlgorithm asn1.ObjectIdentifier
	Signature          []byte // content of the BIT STRING

	IsSM2  bool
	Public PublicKey // only where IsSM2

	// Defects names oddities that do not keep the certificate from being
	// used, among them what each library holds against it.
	Defects []string

	algorithmParameters []byte // complete value, nil where absent
}

// CheckSignatureFrom checks that issuer's key signed c. Names, validity and
// the right to issue are not looked at. It answers ErrUnsupported where key or
// algorithm is not SM2 with SM3, ErrSignature for a wrong value, *FormatError
// for a malformed one. The algorithm's parameters may be absent or NULL, the
// value must be DER.
func (c *Certificate) CheckSignatureFrom(issuer *Certificate) error {
	return checkSigned("certificate", issuer, c.RawTBS, c.SignatureAlgorithm, c.algorithmParameters, c.Signature)
}

func checkSigned(what string, issuer *Certificate, tbs []byte, alg asn1.ObjectIdentifier, params, sig []byte) error {
	if issuer == nil || !issuer.IsSM2 || !alg.Equal(OIDSM2WithSM3) {
		return ErrUnsupported
	}
	if !absentOrNull(params) {
		return malformed(what+" signature algorithm", "parameters are neither absent nor NULL")
	}
	if _, form, err := ParseSignature(sig); err != nil {
		return err
	} else if form != FormDER {
		return malformed(what+" signature", "value is not DER")
	}
	return issuer.Public.Verify(tbs, sig)
}

func absentOrNull(params []byte) bool {
	return len(params) == 0 || len(params) == 2 && params[0] == 5 && params[1] == 0
}

// CanSign reports whether the certificate is for signing: not a CA, and its
// key usage, which must be there, has digitalSignature or nonRepudiation
// (rule T2). No extended key usage is asked for.
func (c *Certificate) CanSign() bool {
	return !c.IsCA && c.HasKeyUsage && c.KeyUsage&(KeyUsageDigitalSignature|KeyUsageNonRepudiation) != 0
}

// Fingerprint is the SM3 digest of the whole certificate.
func (c *Certificate) Fingerprint() [32]byte { return SM3(c.Raw) }

// serialHex is the form that lists of revoked certificates are keyed with.
func serialHex(n *big.Int) string {
	if n.Sign() == 0 {
		return "00"
	}
	s := strings.ToUpper(hex.EncodeToString(new(big.Int).Abs(n).Bytes()))
	if n.Sign() < 0 {
		return "-" + s
	}
	return s
}
