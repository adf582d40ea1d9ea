package sealtest

import (
	"fmt"
	"io"
	"sync"
	"time"

	"sealdesk/pdfseal/gm"
)

// PKI is a root with four authorities under it: one for those who sign with
// seals, one for those who make seals, with a seal maker, one for timestamps
// and one for verification centres, with a service each. Certificates are DER.
// It is safe for concurrent use once made.
type PKI struct {
	RootCert, SignerCACert, MakerCACert, MakerCert []byte
	RootKey, SignerCAKey, MakerCAKey, MakerKey     *gm.PrivateKey

	TimestampCACert, CentreCACert []byte
	TimestampCAKey, CentreCAKey   *gm.PrivateKey
	Timestamp, Centre             *Service

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

	TimestampCAName = "练习用时间戳认证机构"
	TimestampName   = "练习用时间戳服务"
	CentreCAName    = "练习用核验中心认证机构"
	CentreName      = "练习用电子印章核验中心"
)

// NewPKI makes a hierarchy with random keys. Its authorities are valid from
// ten years before now to twenty years after, the maker and the services from
// five before to ten after.
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
	p := &PKI{keys: keySource(seed), Timestamp: &Service{}, Centre: &Service{}}
	for _, k := range []**gm.PrivateKey{&p.RootKey, &p.SignerCAKey, &p.MakerCAKey, &p.MakerKey} {
		key, err := p.newKey()
		if err != nil {
			return nil, err
		}
		*k = key
	}
	now = now.UTC().Truncate(24 * time.Hour)
	maker := gm.CertificateTemplate{CommonName: MakerName, Organization: Organization, OrganizationalUnit: "制发部门", Country: "CN",
		NotBefore: now.AddDate(-5, 0, 0), NotAfter: now.AddDate(10, 0, 0), KeyUsage: signingUsage}
	var err error
	if p.RootCert, err = issue(authority(RootName, 1, now), p.RootKey, nil, p.RootKey); err != nil {
		return nil, err
	}
	if p.SignerCACert, err = issue(authority(SignerCAName, 0, now), p.SignerCAKey, p.RootCert, p.RootKey); err != nil {
		return nil, err
	}
	if p.MakerCACert, err = issue(authority(MakerCAName, 0, now), p.MakerCAKey, p.RootCert, p.RootKey); err != nil {
		return nil, err
	}
	if p.MakerCert, err = issue(maker, p.MakerKey, p.MakerCACert, p.MakerCAKey); err != nil {
		return nil, err
	}
	return p, p.newServices(now, seed)
}

// authority is the template of a certificate authority with room for pathLen others below it.
func authority(name string, pathLen int, now time.Time) gm.CertificateTemplate {
	return gm.CertificateTemplate{CommonName: name, Organization: Organization, Country: "CN",
		NotBefore: now.AddDate(-10, 0, 0), NotAfter: now.AddDate(20, 0, 0), IsCA: true, PathLen: &pathLen,
		KeyUsage: gm.KeyUsageKeyCertSign | gm.KeyUsageCRLSign}
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
