package cms

import (
	"bytes"
	"crypto/sha256"
	"math/big"

	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/internal/der"
)

// issuerAndSerial reads what names a certificate, in any certificate whose
// outer shape is sound.
func issuerAndSerial(cert []byte) (issuer []byte, serial *big.Int, ok bool) {
	v, err := der.ParseAll(cert)
	if err != nil {
		return nil, nil, false
	}
	c, err := v.Sequence(3, 3)
	if err != nil {
		return nil, nil, false
	}
	tbs, err := c[0].Sequence(6, 10)
	if err != nil {
		return nil, nil, false
	}
	if tbs[0].IsContext(0) {
		tbs = tbs[1:]
	}
	serial, err = tbs[0].Big()
	return tbs[2].Full, serial, err == nil
}

// names reports whether the signer's identifier names the certificate.
func (i *SignerInfo) names(cert []byte) bool {
	if i.SubjectKeyID != nil {
		c, err := gm.ParseCertificate(cert)
		return err == nil && bytes.Equal(c.SubjectKeyID, i.SubjectKeyID)
	}
	issuer, serial, ok := issuerAndSerial(cert)
	return ok && bytes.Equal(issuer, i.Issuer) && serial.Cmp(i.Serial) == 0
}

// signerCertificate chooses the signer's certificate (rule C6): the one that
// signingCertificateV2 binds, else the only one with issuer and serial.
func (s *SignedData) signerCertificate() (cert []byte, bound bool, err error) {
	binding, err := s.Signer.binding()
	if err != nil {
		return nil, false, err
	}
	var found [][]byte
	for _, c := range s.Certificates {
		if s.Signer.names(c) {
			found = append(found, c)
		}
	}
	if len(found) == 0 {
		return nil, false, broken("C6", "the signer's certificate is not in the container")
	}
	if binding == nil {
		if len(found) > 1 {
			return nil, false, broken("C6", "%d certificates match the signer and none is bound", len(found))
		}
		return found[0], false, nil
	}
	for _, c := range found {
		if binding.matches(c) {
			return c, true, nil
		}
	}
	return nil, false, broken("C6", "signingCertificateV2 names another certificate")
}

// binding is the first ESSCertIDv2 of a signingCertificateV2 (RFC 5035).
type binding struct {
	sm3    bool // else SHA-256, the default of RFC 5035
	hash   []byte
	issuer []byte // content of GeneralNames; nil = issuerSerial absent
	serial *big.Int
}

func (b *binding) matches(cert []byte) bool {
	digest := sha256.Sum256(cert)
	if b.sm3 {
		digest = gm.SM3(cert)
	}
	if !bytes.Equal(digest[:], b.hash) {
		return false
	}
	if b.serial == nil {
		return true
	}
	issuer, serial, ok := issuerAndSerial(cert)
	return ok && serial.Cmp(b.serial) == 0 && bytes.Equal(b.issuer, der.Explicit(4, issuer))
}

// binding reads the attribute signingCertificateV2; nil where it is absent.
func (i *SignerInfo) binding() (*binding, error) {
	v, err := i.attribute(oidSigningCertificateV2, "signingCertificateV2")
	if v == nil || err != nil {
		return nil, err
	}
	outer, err := v.Sequence(1, 2)
	if err != nil {
		return nil, malformed("signingCertificateV2", err)
	}
	ids, err := outer[0].Sequence(1, MaxCertificates)
	if err != nil {
		return nil, malformed("signingCertificateV2", err)
	}
	return parseBinding(ids[0])
}

func parseBinding(v der.Value) (*binding, error) {
	c, err := v.Sequence(1, 3)
	if err != nil {
		return nil, malformed("ESSCertIDv2", err)
	}
	b := &binding{}
	if c[0].Is(der.TagSequence) {
		a, err := parseAlgorithm(c[0])
		if err != nil {
			return nil, malformed("ESSCertIDv2.hashAlgorithm", err)
		}
		if b.sm3 = isSM3(a.OID); !b.sm3 && !a.OID.Equal(oidSHA256) || !a.plain {
			return nil, &Error{Rule: "C6", Msg: "digest of signingCertificateV2 is " + a.OID.String(), Err: ErrUnsupported}
		}
		c = c[1:]
	}
	if len(c) == 0 || len(c) > 2 {
		return nil, malformed("ESSCertIDv2: unexpected elements", nil)
	}
	if b.hash, err = c[0].Octets(); err != nil {
		return nil, malformed("ESSCertIDv2.certHash", err)
	}
	if len(c) == 2 {
		is, err := c[1].Sequence(2, 2)
		if err != nil || !is[0].Is(der.TagSequence) {
			return nil, malformed("ESSCertIDv2.issuerSerial", err)
		}
		b.issuer = is[0].Content
		if b.serial, err = is[1].Big(); err != nil {
			return nil, malformed("ESSCertIDv2.issuerSerial", err)
		}
	}
	return b, nil
}
