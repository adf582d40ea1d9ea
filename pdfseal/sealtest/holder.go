package sealtest

import (
	"bytes"
	"context"
	"errors"
	"time"

	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/ses"
)

// Key usage of the two certificates of a UsbKey (GB/T 20518-2018, GM/T 0015-2012).
const (
	signingUsage    = gm.KeyUsageDigitalSignature | gm.KeyUsageNonRepudiation
	encryptionUsage = gm.KeyUsageKeyEncipherment | gm.KeyUsageDataEncipherment | gm.KeyUsageKeyAgreement
)

// Holder is a custodian with what stands on the UsbKey: a signing and an
// encryption certificate (DER) with a key each.
type Holder struct {
	Unit, Person      string
	SignCert, EncCert []byte
	SignKey, EncKey   *gm.PrivateKey
}

// NewHolder certifies two new keys for a person of a unit, both valid in the
// period given, cut to the second.
func (p *PKI) NewHolder(unit, person string, notBefore, notAfter time.Time) (*Holder, error) {
	if unit == "" || person == "" {
		return nil, errors.New("sealtest: holder without unit or person")
	}
	h := &Holder{Unit: unit, Person: person}
	var err error
	if h.SignKey, err = p.newKey(); err != nil {
		return nil, err
	}
	if h.EncKey, err = p.newKey(); err != nil {
		return nil, err
	}
	t := gm.CertificateTemplate{CommonName: unit, Organization: unit, OrganizationalUnit: person, Country: "CN",
		Province: "内蒙古自治区", NotBefore: notBefore, NotAfter: notAfter, KeyUsage: signingUsage}
	if h.SignCert, err = issue(t, h.SignKey, p.SignerCACert, p.SignerCAKey); err != nil {
		return nil, err
	}
	t.KeyUsage = encryptionUsage
	h.EncCert, err = issue(t, h.EncKey, p.SignerCACert, p.SignerCAKey)
	return h, err
}

// SealSignature makes a SES_Signature with a V4 or V5 seal over protected
// bytes with the digest given, DER without padding and timestamp.
func (h *Holder) SealSignature(seal []byte, hash [32]byte, propertyInfo string, at time.Time) ([]byte, error) {
	s, err := ses.ParseSeal(seal)
	if err != nil {
		return nil, err
	}
	tbs, err := ses.BuildTBS(s, at, hash, propertyInfo)
	if err != nil {
		return nil, err
	}
	value, err := h.SignKey.Sign(tbs)
	if err != nil {
		return nil, err
	}
	return ses.BuildSignature(tbs, h.SignCert, value)
}

// Signer signs with the holder's signing key, in memory.
func (h *Holder) Signer() *SoftSigner {
	return &SoftSigner{cert: bytes.Clone(h.SignCert), key: h.SignKey}
}

// SoftSigner stands in for a UsbKey where a test needs none.
type SoftSigner struct {
	cert []byte
	key  *gm.PrivateKey
}

// Certificate is the signing certificate, DER.
func (s *SoftSigner) Certificate() []byte { return bytes.Clone(s.cert) }

// SignSM2 signs the message m with e = SM3(Z‖m) and answers strict DER.
func (s *SoftSigner) SignSM2(ctx context.Context, m []byte) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return s.key.Sign(m)
}
