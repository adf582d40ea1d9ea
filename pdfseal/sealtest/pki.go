package sealtest

import (
	"fmt"
	"io"
	"sync"
	"time"

	"sealdesk/pdfseal/gm"
)

// PKI is a root with two authorities under it: one for those who sign with
// seals, one for those who make seals, and a seal maker. Certificates are DER.
// It is safe for concurrent use once made.
type PKI struct {
	RootCert, SignerCACert, MakerCACert, MakerCert []byte
	RootKey, SignerCAKey, MakerCAKey, MakerKey     *gm.PrivateKey

	mu   sync.Mutex
	keys io.Reader
}

// Names of the hierarchy.
const (
	RootName     = "练习用根认证机构"
	SignerCAName = "练习用签章认证机构"
	MakerCAName  = "练习用制章认证机构"
	MakerName    = "练习用电子印章制发单位"
	Organization = "钤印练习环境"
)

// NewPKI makes a hierarchy with random keys. Its authorities are valid from
// ten years before now to twenty years after, the maker from five before to
// ten after.
func NewPKI(now time.Time) (*PKI, error) { return newPKI(now, "") }

// NewSeededPKI is NewPKI with keys that depend on seed alone, so that
// everything made from it has the same bytes in every run. seed must not be
// empty. For tests only: who knows the seed knows the keys.
func NewSeededPKI(now time.Time, seed string) (*PKI, error) {
	if seed == "" {
		return nil, fmt.Errorf("sealtest: empty seed")
	}
	return newPKI(now, seed)
}

func newPKI(now time.Time, seed string) (*PKI, error) {
	p := &PKI{keys: keySource(seed)}
	for _, k := range []**gm.PrivateKey{&p.RootKey, &p.SignerCAKey, &p.MakerCAKey, &p.MakerKey} {
		key, err := p.newKey()
		if err != nil {
			return nil, err
		}
		*k = key
	}
	now = now.UTC().Truncate(24 * time.Hour)
	ca := func(name string, pathLen int) gm.CertificateTemplate {
		return gm.CertificateTemplate{CommonName: name, Organization: Organization, Country: "CN",
			NotBefore: now.AddDate(-10, 0, 0), NotAfter: now.AddDate(20, 0, 0), IsCA: true, PathLen: &pathLen,
			KeyUsage: gm.KeyUsageKeyCertSign | gm.KeyUsageCRLSign}
	}
	maker := gm.CertificateTemplate{CommonName: MakerName, Organization: Organization, OrganizationalUnit: "制发部门", Country: "CN",
		NotBefore: now.AddDate(-5, 0, 0), NotAfter: now.AddDate(10, 0, 0), KeyUsage: signingUsage}
	var err error
	if p.RootCert, err = issue(ca(RootName, 1), p.RootKey, nil, p.RootKey); err != nil {
		return nil, err
	}
	if p.SignerCACert, err = issue(ca(SignerCAName, 0), p.SignerCAKey, p.RootCert, p.RootKey); err != nil {
		return nil, err
	}
	if p.MakerCACert, err = issue(ca(MakerCAName, 0), p.MakerCAKey, p.RootCert, p.RootKey); err != nil {
		return nil, err
	}
	p.MakerCert, err = issue(maker, p.MakerKey, p.MakerCACert, p.MakerCAKey)
	return p, err
}

// newKey takes the next key from the source.
func (p *PKI) newKey() (*gm.PrivateKey, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return gm.GenerateKey(p.keys)
}

// issue certifies subject's key; a nil issuer certificate makes it self-signed.
func issue(t gm.CertificateTemplate, subject *gm.PrivateKey, issuerCert []byte, issuerKey *gm.PrivateKey) ([]byte, error) {
	var issuer *gm.Certificate
	if issuerCert != nil {
		var err error
		if issuer, err = gm.ParseCertificate(issuerCert); err != nil {
			return nil, fmt.Errorf("sealtest: issuer: %w", err)
		}
	}
	out, err := gm.CreateCertificate(t, subject.Public(), issuer, issuerKey)
	if err != nil {
		return nil, fmt.Errorf("sealtest: %s: %w", t.CommonName, err)
	}
	return out, nil
}
