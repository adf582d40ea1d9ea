package ses

import (
	"bytes"
	"encoding/asn1"
	"fmt"
	"time"

	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/internal/der"
)

// Version names the structure of a seal, which is decided by the number of
// its elements and not by the version that it states.
type Version int

// Versions of the structure.
const (
	V1 Version = 1 // GM/T 0031-2014
	V4 Version = 4 // GB/T 38540-2020
	V5 Version = 5 // GM/T 0031-2025
)

// String names the standard of the version.
func (v Version) String() string {
	switch v {
	case V1:
		return "GM/T 0031-2014"
	case V4:
		return "GB/T 38540-2020"
	case V5:
		return "GM/T 0031-2025"
	}
	return fmt.Sprintf("version %d", int(v))
}

// Kinds of signer lists (GB/T 38540-2020, certListType). A V1 seal states
// none and is read as ListCertificates.
const (
	ListCertificates = 1
	ListDigests      = 2
)

// CertDigest is an entry of a signer list of certificate digests. Type is
// free text of the maker; Value is read as SM3 of the certificate's DER.
type CertDigest struct {
	Type  string
	Value []byte
}

// ExtData is a custom extension (ExtData). An unknown one is carried along,
// also where it calls itself critical.
type ExtData struct {
	ID       asn1.ObjectIdentifier
	Critical bool
	Value    []byte
}

// Seal is an electronic seal (SESeal) as read. All byte slices are parts of
// Raw and must not be written to. Text is as in the seal and may hold control
// characters: clean it before showing it.
type Seal struct {
	Raw     []byte // the whole SESeal
	InfoRaw []byte // its SES_SealInfo

	Version       Version
	HeaderVersion int // as stated by the seal
	Vendor, ID    string
	Kind          int // property.type: its meaning is the maker's
	Name          string

	CertListType int          // ListCertificates or ListDigests
	Certs        [][]byte     // DER, where the list holds certificates
	CertDigests  []CertDigest // where it holds digests
	ListUsable   bool         // false for a V1 list without certificates

	Created, ValidFrom, ValidTo time.Time
	Picture                     Picture
	Ext                         []ExtData // nil = absent

	MakerCert []byte
	Algorithm asn1.ObjectIdentifier
	Value     []byte   // the maker's signature value: DER {r,s} or 64 bytes
	Timestamp []byte   // V5: the DER token over Value, unread; nil = absent
	Notes     []string // tolerances that reading this seal needed

	certRaw, algRaw []byte // complete TLVs, for the signed bytes of V1
}

// SignedBytes is what the maker signed: in V1 a SEQUENCE of the original
// SES_SealInfo, certificate and algorithm (GM/T 0031-2014); in V4 and V5 the
// SES_SealInfo alone.
func (s *Seal) SignedBytes() []byte {
	if s.Version == V1 {
		return der.Sequence(s.InfoRaw, s.certRaw, s.algRaw)
	}
	return s.InfoRaw
}

// VerifyValue checks the maker's signature value over SignedBytes with the
// key of MakerCert (rule E1, first half). Errors: ErrUnsupported, those of gm
// for a wrong value (gm.ErrSignature), a malformed value or certificate
// (*gm.FormatError).
func (s *Seal) VerifyValue() error {
	if err := verify(s.MakerCert, s.Algorithm, s.SignedBytes(), s.Value); err != nil {
		return fmt.Errorf("ses: seal value: %w", err)
	}
	return nil
}

// Lists tells whether the seal's signer list names the certificate, compared
// as a whole or by its SM3 digest (rule E2). usable is false where the seal
// carries no list that could answer.
func (s *Seal) Lists(cert []byte) (listed, usable bool) {
	if !s.ListUsable || len(cert) == 0 {
		return false, s.ListUsable
	}
	if s.CertListType == ListDigests {
		digest := gm.SM3(cert)
		for _, d := range s.CertDigests {
			listed = listed || bytes.Equal(d.Value, digest[:])
		}
		return listed, true
	}
	for _, c := range s.Certs {
		listed = listed || bytes.Equal(c, cert)
	}
	return listed, true
}
