package sealtest

import (
	"context"
	"encoding/asn1"
	"time"

	"sealdesk/pdfseal/center/receipt"
	"sealdesk/pdfseal/cms"
	"sealdesk/pdfseal/cms/timestamp"
	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/internal/der"
	"sealdesk/pdfseal/ses"
)

// Service is a timestamp authority or a verification centre: a key in memory
// with its certificate, DER. It is a cms.Key.
type Service struct {
	Cert []byte
	Key  *gm.PrivateKey
}

// Certificate is the certificate, DER.
func (s *Service) Certificate() []byte { return s.Cert }

// SignSM2 signs the message m with e = SM3(Z‖m) and answers strict DER.
func (s *Service) SignSM2(ctx context.Context, m []byte) ([]byte, error) {
	return cms.MemoryKey(s.Cert, s.Key).SignSM2(ctx, m)
}

// newServices makes the two services with their authorities, from a source of
// keys of their own: the others stay what they were for each seed.
func (p *PKI) newServices(now time.Time, seed string) error {
	if seed != "" {
		seed += " services"
	}
	keys := keySource(seed)
	var err error
	for _, k := range []**gm.PrivateKey{&p.TimestampCAKey, &p.CentreCAKey, &p.Timestamp.Key, &p.Centre.Key} {
		if *k, err = gm.GenerateKey(keys); err != nil {
			return err
		}
	}
	if p.TimestampCACert, err = issue(authority(TimestampCAName, 0, now), p.TimestampCAKey, p.RootCert, p.RootKey); err != nil {
		return err
	}
	if p.CentreCACert, err = issue(authority(CentreCAName, 0, now), p.CentreCAKey, p.RootCert, p.RootKey); err != nil {
		return err
	}
	from, to := now.AddDate(-5, 0, 0), now.AddDate(10, 0, 0)
	if p.Timestamp.Cert, err = issue(timestampTemplate(TimestampName, from, to), p.Timestamp.Key, p.TimestampCACert, p.TimestampCAKey); err != nil {
		return err
	}
	p.Centre.Cert, err = issue(serviceTemplate(CentreName, from, to), p.Centre.Key, p.CentreCACert, p.CentreCAKey)
	return err
}

func serviceTemplate(name string, from, to time.Time) gm.CertificateTemplate {
	return gm.CertificateTemplate{CommonName: name, Organization: Organization, Country: "CN", NotBefore: from, NotAfter: to, KeyUsage: signingUsage}
}

// timestampTemplate has the critical extended key usage timeStamping alone (RFC 3161, 2.3).
func timestampTemplate(name string, from, to time.Time) gm.CertificateTemplate {
	t := serviceTemplate(name, from, to)
	t.Extensions = []gm.Extension{{ID: asn1.ObjectIdentifier{2, 5, 29, 37}, Critical: true,
		Value: der.Sequence(der.OID(asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 8}))}}
	return t
}

// NewTimestamp certifies a further timestamp authority, such as one that has
// expired or will be revoked.
func (p *PKI) NewTimestamp(name string, notBefore, notAfter time.Time) (*Service, error) {
	return p.newService(timestampTemplate(name, notBefore, notAfter), p.TimestampCACert, p.TimestampCAKey)
}

// NewCentre certifies a further verification centre.
func (p *PKI) NewCentre(name string, notBefore, notAfter time.Time) (*Service, error) {
	return p.newService(serviceTemplate(name, notBefore, notAfter), p.CentreCACert, p.CentreCAKey)
}

func (p *PKI) newService(t gm.CertificateTemplate, caCert []byte, caKey *gm.PrivateKey) (*Service, error) {
	key, err := p.newKey()
	if err != nil {
		return nil, err
	}
	cert, err := issue(t, key, caCert, caKey)
	return &Service{Cert: cert, Key: key}, err
}

// Stamped answers the seal signature, DER without padding, with a token over its signature value from s.
func (s *Service) Stamped(signature []byte, at time.Time) ([]byte, error) {
	sig, err := ses.ParseSignature(signature)
	if err != nil {
		return nil, err
	}
	token, err := timestamp.Issue(context.Background(), gm.SM3(sig.Value), nil, at, s)
	if err != nil {
		return nil, err
	}
	return ses.AddTimestamp(signature, token)
}

// Receipt answers a receipt of s over the seal signature: everything in order
// at that time, unless change, which may be nil, says otherwise. The
// certificate of the centre's authority p.CentreCACert goes with it.
func (p *PKI) Receipt(s *Service, sig *ses.Signature, at time.Time, change func(*receipt.Receipt)) ([]byte, error) {
	r := receipt.For(sig)
	r.ID, r.RequestID, r.Centre, r.Time, r.Bundle = "R-1", "00000000-0000-4000-8000-000000000001", CentreName, at, 1
	r.SealStatus, r.SignerStatus, r.MakerStatus = receipt.SealInForce, receipt.CertificateGood, receipt.CertificateGood
	r.Verdict = receipt.VerdictValid
	if change != nil {
		change(&r)
	}
	return receipt.Sign(context.Background(), r, s, p.CentreCACert)
}
