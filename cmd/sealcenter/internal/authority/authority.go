package authority

import (
	"context"
	"crypto/rand"
	"fmt"
	"io/fs"
	"time"

	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/gm/tlcp"
)

// Names of the entities with a certificate and a key of their own.
const (
	Root       = "root"        // signs the two authorities below and the centre
	SignerCA   = "signer-ca"   // certifies custodians
	MakerCA    = "maker-ca"    // certifies the makers of the issuing departments
	Centre     = "centre"      // signs receipts
	UpdateRoot = "update-root" // certifies Update and nothing else; its fingerprint is what clients pin
	Update     = "update"      // signs trust bundles

	tlcpCA     = "tlcp-ca"
	tlcpServer = "tlcp-server"     // signing certificate of the endpoint over TLCP
	tlcpCipher = "tlcp-server-enc" // encryption certificate
)

// Years of validity.
const (
	rootYears = 30
	caYears   = 20
	endYears  = 10
)

const signing = gm.KeyUsageDigitalSignature | gm.KeyUsageNonRepudiation

// Authority is an open state directory.
type Authority struct{ f files }

// Entity is a certificate with its key.
type Entity struct {
	cert *gm.Certificate
	key  *gm.PrivateKey
}

// Cert is the certificate.
func (e Entity) Cert() *gm.Certificate { return e.cert }

// Key is the private key; nil where only the certificate was asked for.
func (e Entity) Key() *gm.PrivateKey { return e.key }

// Certificate is the certificate in DER; with SignSM2 it makes an Entity a signer.
func (e Entity) Certificate() []byte { return e.cert.Raw }

// SignSM2 signs the message m with e = SM3(Z‖m) and answers strict DER.
func (e Entity) SignSM2(ctx context.Context, m []byte) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return e.key.Sign(m)
}

// Spec says whose authority is made.
type Spec struct {
	Name  string // of the centre
	Hosts []string
	Now   time.Time
}

// Exists reports whether a state directory holds an authority already.
func Exists(dir string) bool {
	f, err := openFiles(dir, false)
	if err != nil {
		return false
	}
	defer f.root.Close()
	return f.has(certName(Root))
}

// Create makes the hierarchy in dir, which may exist but must not hold one.
func Create(dir string, s Spec) (*Authority, error) {
	f, err := openFiles(dir, true)
	if err != nil {
		return nil, fmt.Errorf("authority: %w", err)
	}
	a := &Authority{f}
	if err := a.create(s); err != nil {
		_ = a.Close()
		return nil, fmt.Errorf("authority: %w", err)
	}
	return a, nil
}

// Open opens a state directory.
func Open(dir string) (*Authority, error) {
	f, err := openFiles(dir, false)
	if err != nil {
		return nil, fmt.Errorf("authority: %w", err)
	}
	return &Authority{f}, nil
}

// Close lets the directory go.
func (a *Authority) Close() error { return a.f.root.Close() }

func (a *Authority) create(s Spec) error {
	zero, one := 0, 1
	if err := a.issue(Root, s.root("根认证机构", &one), ""); err != nil {
		return err
	}
	for _, ca := range []struct{ name, title string }{{SignerCA, s.Name + "签章证书认证机构"}, {MakerCA, s.Name + "制章证书认证机构"}} {
		t := gm.CertificateTemplate{CommonName: ca.title, Organization: s.Name, Country: "CN", NotBefore: from(s.Now), NotAfter: s.Now.AddDate(caYears, 0, 0),
			IsCA: true, PathLen: &zero, KeyUsage: gm.KeyUsageKeyCertSign | gm.KeyUsageCRLSign}
		if err := a.issue(ca.name, t, Root); err != nil {
			return err
		}
	}
	if err := a.issue(Centre, s.end("核验回执"), Root); err != nil {
		return err
	}
	if err := a.createUpdate(s, ""); err != nil {
		return err
	}
	if err := a.createTLS(s); err != nil {
		return err
	}
	return a.createTLCP(s)
}

// createUpdate makes a trust root and its key that signs bundles.
func (a *Authority) createUpdate(s Spec, suffix string) error {
	zero := 0
	if err := a.issue(UpdateRoot+suffix, s.root("信任根", &zero), ""); err != nil {
		return err
	}
	return a.issue(Update+suffix, s.end("信任包签发"), UpdateRoot+suffix)
}

// root is the template of a self-signed authority.
func (s Spec) root(title string, path *int) gm.CertificateTemplate {
	return gm.CertificateTemplate{CommonName: s.Name + title, Organization: s.Name, Country: "CN", NotBefore: from(s.Now),
		NotAfter: s.Now.AddDate(rootYears, 0, 0), IsCA: true, PathLen: path, KeyUsage: gm.KeyUsageKeyCertSign | gm.KeyUsageCRLSign}
}

// end is the template of a certificate of the centre itself.
func (s Spec) end(role string) gm.CertificateTemplate {
	return gm.CertificateTemplate{CommonName: s.Name, Organization: s.Name, OrganizationalUnit: role, Country: "CN",
		NotBefore: from(s.Now), NotAfter: s.Now.AddDate(endYears, 0, 0), KeyUsage: signing}
}

// from lets a certificate count a little earlier than it was made: the clocks of offices differ.
func from(now time.Time) time.Time { return now.Add(-time.Hour) }

func certName(name string) string { return certDir + "/" + name + ".crt" }
func keyName(name string) string  { return keyDir + "/" + name + ".key" }

// issue makes a key and a certificate for it under an issuer; none: self-signed.
func (a *Authority) issue(name string, t gm.CertificateTemplate, issuer string) error {
	key, err := gm.GenerateKey(rand.Reader)
	if err != nil {
		return err
	}
	signer := Entity{key: key}
	if issuer != "" {
		if signer, err = a.Entity(issuer); err != nil {
			return err
		}
	}
	der, err := gm.CreateCertificate(t, key.Public(), signer.cert, signer.key)
	if err != nil {
		return err
	}
	text, err := tlcp.EncodeKey(key)
	if err != nil {
		return err
	}
	if err := a.f.create(keyName(name), text, 0o600); err != nil {
		return err
	}
	return a.f.create(certName(name), EncodeCertificate(der), 0o644)
}

// Certificate reads the certificate of an entity.
func (a *Authority) Certificate(name string) (*gm.Certificate, error) {
	b, err := a.f.read(certName(name))
	if err != nil {
		return nil, fmt.Errorf("authority: %w", err)
	}
	der, _ := Unwrap(b)
	c, err := gm.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("authority: %s: %w", certName(name), err)
	}
	return c, nil
}

// Entity reads certificate and key of an entity, which must belong together.
func (a *Authority) Entity(name string) (Entity, error) {
	c, err := a.Certificate(name)
	if err != nil {
		return Entity{}, err
	}
	b, err := a.f.read(keyName(name))
	if err != nil {
		return Entity{}, fmt.Errorf("authority: %w", err)
	}
	defer clear(b)
	key, err := tlcp.ParseKey(b)
	if err != nil {
		return Entity{}, fmt.Errorf("authority: %s: %w", keyName(name), err)
	}
	if key.Public() != c.Public {
		return Entity{}, fmt.Errorf("authority: %s does not belong to %s", keyName(name), certName(name))
	}
	return Entity{c, key}, nil
}

// makerName is the entity of the maker of a division's department.
func makerName(division string) string { return "maker-" + division }

// NewMaker makes the seal maker of an issuing department. One that a former,
// interrupted attempt has left behind is taken up.
func (a *Authority) NewMaker(division, department, region string, now time.Time) (Entity, error) {
	if a.f.has(certName(makerName(division))) {
		return a.Maker(division)
	}
	if a.f.has(keyName(makerName(division))) { // a key without certificate has signed nothing
		if err := a.f.root.Remove(keyName(makerName(division))); err != nil {
			return Entity{}, fmt.Errorf("authority: %w", err)
		}
	}
	t := gm.CertificateTemplate{CommonName: department, Organization: department, OrganizationalUnit: "电子印章制发 " + division,
		Province: region, Country: "CN", NotBefore: from(now), NotAfter: now.AddDate(endYears, 0, 0), KeyUsage: signing}
	if err := a.issue(makerName(division), t, MakerCA); err != nil {
		return Entity{}, fmt.Errorf("authority: %w", err)
	}
	return a.Maker(division)
}

// Maker is the seal maker of a division's department.
func (a *Authority) Maker(division string) (Entity, error) { return a.Entity(makerName(division)) }

// MakerCertificate is the certificate of Maker.
func (a *Authority) MakerCertificate(division string) (*gm.Certificate, error) {
	return a.Certificate(makerName(division))
}

// Holder says for whom a signing certificate is issued.
type Holder struct {
	Unit, Person        string
	NotBefore, NotAfter time.Time
}

// CertifySigner issues the signing certificate for a custodian's UsbKey.
func (a *Authority) CertifySigner(pub gm.PublicKey, h Holder) ([]byte, error) {
	ca, err := a.Entity(SignerCA)
	if err != nil {
		return nil, err
	}
	t := gm.CertificateTemplate{CommonName: h.Unit, Organization: h.Unit, OrganizationalUnit: h.Person, Country: "CN",
		NotBefore: h.NotBefore, NotAfter: h.NotAfter, KeyUsage: signing}
	der, err := gm.CreateCertificate(t, pub, ca.cert, ca.key)
	if err != nil {
		return nil, fmt.Errorf("authority: %w", err)
	}
	return der, nil
}

// WriteCRL issues the revocation list of SignerCA, MakerCA or Root and keeps it in the state directory.
func (a *Authority) WriteCRL(name string, now, next time.Time, revoked map[string]gm.Revocation) ([]byte, error) {
	ca, err := a.Entity(name)
	if err != nil {
		return nil, err
	}
	der, err := gm.CreateCRL(ca.cert, ca.key, now, next, revoked)
	if err != nil {
		return nil, fmt.Errorf("authority: %w", err)
	}
	if err := a.f.replace(crlDir+"/"+name+".crl", der, 0o644); err != nil {
		return nil, fmt.Errorf("authority: %w", err)
	}
	return der, nil
}

// CRL reads the revocation list that WriteCRL kept; nil where there is none.
func (a *Authority) CRL(name string) ([]byte, error) {
	if !a.f.has(crlDir + "/" + name + ".crl") {
		return nil, nil
	}
	f, err := fs.ReadFile(a.f.root.FS(), crlDir+"/"+name+".crl")
	if err != nil {
		return nil, fmt.Errorf("authority: %w", err)
	}
	return f, nil
}
