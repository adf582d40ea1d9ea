package authority

import (
	"crypto/rand"
	"encoding/asn1"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"time"

	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/gm/tlcp"
)

const encryption = gm.KeyUsageKeyEncipherment | gm.KeyUsageDataEncipherment | gm.KeyUsageKeyAgreement

var (
	oidServerAuth = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 1}
	oidClientAuth = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 2}
)

// createTLCP makes the SM2 hierarchy of the second transport (GB/T 38636-2020),
// which shares no root with the seals.
func (a *Authority) createTLCP(s Spec) error {
	zero := 0
	err := a.issue(tlcpCA, gm.CertificateTemplate{CommonName: s.Name + " TLCP CA", Organization: s.Name, Country: "CN", NotBefore: from(s.Now),
		NotAfter: s.Now.AddDate(tlsCAYears, 0, 0), IsCA: true, PathLen: &zero, KeyUsage: gm.KeyUsageKeyCertSign | gm.KeyUsageCRLSign}, "")
	if err != nil {
		return err
	}
	return a.issueTLCPServer(s.Name, s.Hosts, s.Now)
}

func (a *Authority) issueTLCPServer(name string, hosts []string, now time.Time) error {
	for _, c := range []struct {
		entity string
		usage  gm.KeyUsage
	}{{tlcpServer, signing}, {tlcpCipher, encryption}} {
		t := gm.CertificateTemplate{CommonName: name, Organization: name, Country: "CN", NotBefore: from(now), NotAfter: now.AddDate(tlsServerYears, 0, 0),
			KeyUsage: c.usage, ExtKeyUsage: []asn1.ObjectIdentifier{oidServerAuth}, Extensions: []gm.Extension{tlcp.Names(hosts...)}}
		if err := a.issue(c.entity, t, tlcpCA); err != nil {
			return err
		}
	}
	return nil
}

// RenewServer makes new certificates of the endpoint, of both transports, for
// the host names and addresses given.
func (a *Authority) RenewServer(name string, hosts []string, now time.Time) error {
	if err := a.renewTLS(name, hosts, now); err != nil {
		return fmt.Errorf("authority: %w", err)
	}
	for _, entity := range []string{tlcpServer, tlcpCipher} {
		for _, file := range []string{certName(entity), keyName(entity)} {
			if err := a.f.root.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("authority: %w", err)
			}
		}
	}
	if err := a.issueTLCPServer(name, hosts, now); err != nil {
		return fmt.Errorf("authority: %w", err)
	}
	return nil
}

// ListenTLCP puts TLCP before a listener; clients need a certificate of the centre's TLCP authority.
func (a *Authority) ListenTLCP(inner net.Listener) (net.Listener, error) {
	sign, err := a.Entity(tlcpServer)
	if err != nil {
		return nil, err
	}
	cipher, err := a.Entity(tlcpCipher)
	if err != nil {
		return nil, err
	}
	ca, err := a.Certificate(tlcpCA)
	if err != nil {
		return nil, err
	}
	return tlcp.NewListener(inner, tlcp.ServerConfig{SigningCertificate: sign.cert.Raw, EncryptionCertificate: cipher.cert.Raw,
		SigningKey: sign.key, EncryptionKey: cipher.key, ClientRoots: []*gm.Certificate{ca}})
}

// NewTLCPClient is NewClient for the second transport.
func (a *Authority) NewTLCPClient(name string, now time.Time) (ClientFiles, error) {
	ca, err := a.Entity(tlcpCA)
	if err != nil {
		return ClientFiles{}, err
	}
	key, err := gm.GenerateKey(rand.Reader)
	if err != nil {
		return ClientFiles{}, fmt.Errorf("authority: %w", err)
	}
	until := now.AddDate(tlsClientYears, 0, 0).Truncate(time.Second)
	der, err := gm.CreateCertificate(gm.CertificateTemplate{CommonName: name, Country: "CN", NotBefore: from(now), NotAfter: until,
		KeyUsage: signing, ExtKeyUsage: []asn1.ObjectIdentifier{oidClientAuth}}, key.Public(), ca.cert, ca.key)
	if err != nil {
		return ClientFiles{}, fmt.Errorf("authority: %w", err)
	}
	secret, err := tlcp.EncodeKey(key)
	if err != nil {
		return ClientFiles{}, err
	}
	return ClientFiles{Certificate: EncodeCertificate(der), Key: secret, CA: EncodeCertificate(ca.cert.Raw),
		Fingerprint: ClientFingerprint(der), NotAfter: until}, nil
}
