package timestamp

import (
	"bytes"
	"crypto/sha1"

	"sealdesk/pdfseal/cms"
	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/internal/der"
)

// boundBy reads the attribute signingCertificate (ESSCertID, RFC 2634), the
// only one that GM/T 0033 knows: it must name the certificate by its SHA-1
// digest, which is its one use here, or by SM3, as domestic authorities write.
// bound is false where the attribute is absent; a wrong one is an error.
func boundBy(i *cms.SignerInfo, cert []byte) (bound bool, err error) {
	for _, a := range i.Attributes {
		if !a.Type.Equal(oidSigningCertificate) {
			continue
		}
		if bound || len(a.Values) != 1 {
			return false, malformed("signingCertificate is not there once with one value")
		}
		hash, err := certHash(a.Values[0])
		if err != nil {
			return false, malformed("signingCertificate: %w", err)
		}
		short, long := sha1.Sum(cert), gm.SM3(cert)
		if !bytes.Equal(hash, short[:]) && !bytes.Equal(hash, long[:]) {
			return false, &cms.Error{Rule: "C6", Msg: "signingCertificate names another certificate"}
		}
		bound = true
	}
	return bound, nil
}

// certHash is the digest in the first ESSCertID of a SigningCertificate.
func certHash(b []byte) ([]byte, error) {
	v, err := der.ParseAll(b)
	if err != nil {
		return nil, err
	}
	outer, err := v.Sequence(1, 2)
	if err != nil {
		return nil, err
	}
	ids, err := outer[0].Sequence(1, cms.MaxCertificates)
	if err != nil {
		return nil, err
	}
	id, err := ids[0].Sequence(1, 2)
	if err != nil {
		return nil, err
	}
	return id[0].Octets()
}
