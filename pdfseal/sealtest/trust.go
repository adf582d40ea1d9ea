package sealtest

import (
	"fmt"
	"time"

	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/trust"
)

// TrustSpec is what a practice trust file says besides the hierarchy.
type TrustSpec struct {
	Number  int                      // 0 counts as 1
	Revoked map[string]gm.Revocation // signers' certificates, by SerialHex
	Makers  map[string]gm.Revocation // makers' certificates, by SerialHex
	Seals   []trust.SealStatus       // none: the file says nothing about seals
	NoCRLs  bool                     // leave the revocation lists out

	Departments []trust.Department
	Policy      trust.Policy

	Timestamps map[string]gm.Revocation // certificates of timestamp authorities, by SerialHex
	Centres    map[string]gm.Revocation // certificates of centres, by SerialHex
}

// TrustFile writes a trust file issued at now that trusts the hierarchy, for
// trust.Parse. It and its five revocation lists, all empty, end a year later.
func (p *PKI) TrustFile(now time.Time) ([]byte, error) {
	f, err := p.Trust(now, TrustSpec{})
	if err != nil {
		return nil, err
	}
	return f.Marshal()
}

// Trust is TrustFile with more to say and before it is written, so that tests
// can change it: the root is an anchor for each purpose, each authority an
// intermediate for its own.
func (p *PKI) Trust(now time.Time, s TrustSpec) (trust.File, error) {
	now = now.UTC().Truncate(time.Second)
	end := now.AddDate(1, 0, 0)
	f := trust.File{Format: trust.Format, Name: "钤印练习用信任文件", Number: max(s.Number, 1), Issued: now, Expires: end, Seals: s.Seals,
		Departments: s.Departments, Policy: s.Policy,
		Anchors: []trust.Anchor{
			{Purpose: trust.PurposeSigner, Certificate: p.RootCert},
			{Purpose: trust.PurposeSigner, Certificate: p.SignerCACert, Intermediate: true},
			{Purpose: trust.PurposeMaker, Certificate: p.RootCert},
			{Purpose: trust.PurposeMaker, Certificate: p.MakerCACert, Intermediate: true},
			{Purpose: trust.PurposeTimestamp, Certificate: p.RootCert},
			{Purpose: trust.PurposeTimestamp, Certificate: p.TimestampCACert, Intermediate: true},
			{Purpose: trust.PurposeCentre, Certificate: p.RootCert},
			{Purpose: trust.PurposeCentre, Certificate: p.CentreCACert, Intermediate: true},
		}}
	if s.NoCRLs {
		return f, nil
	}
	for _, l := range []struct {
		cert    []byte
		key     *gm.PrivateKey
		revoked map[string]gm.Revocation
	}{
		{p.RootCert, p.RootKey, nil}, {p.SignerCACert, p.SignerCAKey, s.Revoked}, {p.MakerCACert, p.MakerCAKey, s.Makers},
		{p.TimestampCACert, p.TimestampCAKey, s.Timestamps}, {p.CentreCACert, p.CentreCAKey, s.Centres},
	} {
		issuer, err := gm.ParseCertificate(l.cert)
		if err != nil {
			return trust.File{}, fmt.Errorf("sealtest: %w", err)
		}
		crl, err := gm.CreateCRL(issuer, l.key, now, end, l.revoked)
		if err != nil {
			return trust.File{}, fmt.Errorf("sealtest: %w", err)
		}
		f.CRLs = append(f.CRLs, crl)
	}
	return f, nil
}

// SerialHex is the serial number of a certificate in the form that revocation
// lists are keyed with; empty where the certificate cannot be read.
func SerialHex(cert []byte) string {
	c, err := gm.ParseCertificate(cert)
	if err != nil {
		return ""
	}
	return c.SerialHex
}
