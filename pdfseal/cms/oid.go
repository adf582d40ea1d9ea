package cms

import (
	"encoding/asn1"

	"sealdesk/pdfseal/internal/der"
)

type oid = asn1.ObjectIdentifier

// Content types: those of GM/T 0010-2012 and their PKCS#7 twins.
var (
	oidDataGM       = oid{1, 2, 156, 10197, 6, 1, 4, 2, 1}
	oidSignedDataGM = oid{1, 2, 156, 10197, 6, 1, 4, 2, 2}
	oidData         = oid{1, 2, 840, 113549, 1, 7, 1}
	oidSignedData   = oid{1, 2, 840, 113549, 1, 7, 2}
)

// Algorithms of rule C3, and SHA-256, which only names certificates (C6).
var (
	oidSM3       = oid{1, 2, 156, 10197, 1, 401}
	oidSM3NoKey  = oid{1, 2, 156, 10197, 1, 401, 1}
	oidSM2       = oid{1, 2, 156, 10197, 1, 301}
	oidSM2Sign   = oid{1, 2, 156, 10197, 1, 301, 1}
	oidSM2AndSM3 = oid{1, 2, 156, 10197, 1, 501}
	oidSHA256    = oid{2, 16, 840, 1, 101, 3, 4, 2, 1}
)

// Attribute types.
var (
	oidContentType          = oid{1, 2, 840, 113549, 1, 9, 3}
	oidMessageDigest        = oid{1, 2, 840, 113549, 1, 9, 4}
	oidSigningTime          = oid{1, 2, 840, 113549, 1, 9, 5}
	oidAlgorithmProtection  = oid{1, 2, 840, 113549, 1, 9, 52}
	oidTimestampToken       = oid{1, 2, 840, 113549, 1, 9, 16, 2, 14}
	oidSigningCertificateV2 = oid{1, 2, 840, 113549, 1, 9, 16, 2, 47}
)

func isData(o oid) bool { return o.Equal(oidData) || o.Equal(oidDataGM) }

func isSM3(o oid) bool { return o.Equal(oidSM3) || o.Equal(oidSM3NoKey) }

func isSM2(o oid) bool {
	return o.Equal(oidSM2AndSM3) || o.Equal(oidSM2Sign) || o.Equal(oidSM2)
}

// sameType treats the data types of GM/T 0010 and PKCS#7 as equal.
func sameType(a, b oid) bool { return a.Equal(b) || isData(a) && isData(b) }

// Algorithm is an AlgorithmIdentifier. Parameters other than NULL are
// possible and make it unsupported.
type Algorithm struct {
	OID   asn1.ObjectIdentifier
	plain bool   // parameters absent or NULL
	inner []byte // content of the SEQUENCE
}

func parseAlgorithm(v der.Value) (Algorithm, error) {
	c, err := v.Sequence(1, 2)
	if err != nil {
		return Algorithm{}, err
	}
	o, err := c[0].OID()
	if err != nil {
		return Algorithm{}, err
	}
	plain := len(c) == 1 || c[1].Is(der.TagNull) && len(c[1].Content) == 0
	return Algorithm{OID: o, plain: plain, inner: v.Content}, nil
}
