package trust

import (
	"encoding/asn1"
	"testing"
	"time"

	"sealdesk/pdfseal/gm"
)

var now = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func key(t testing.TB, label string) *gm.PrivateKey {
	t.Helper()
	k, err := gm.NewPrivateKey(gm.SM3([]byte("trust test key " + label)))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// node is a certificate with its key.
type node struct {
	cert *gm.Certificate
	key  *gm.PrivateKey
}

func ca(name string, pathLen int) gm.CertificateTemplate {
	t := gm.CertificateTemplate{CommonName: name, Country: "CN", NotBefore: now.AddDate(-1, 0, 0), NotAfter: now.AddDate(5, 0, 0), IsCA: true,
		KeyUsage: gm.KeyUsageKeyCertSign | gm.KeyUsageCRLSign}
	if pathLen >= 0 {
		t.PathLen = &pathLen
	}
	return t
}

func end(name string) gm.CertificateTemplate {
	return gm.CertificateTemplate{CommonName: name, Country: "CN", NotBefore: now.AddDate(-1, 0, 0), NotAfter: now.AddDate(1, 0, 0),
		KeyUsage: gm.KeyUsageDigitalSignature | gm.KeyUsageNonRepudiation}
}

// issue certifies the key named label; a nil issuer makes it self-signed.
func issue(t testing.TB, label string, tpl gm.CertificateTemplate, issuer *node) *node {
	t.Helper()
	n := &node{key: key(t, label)}
	issuerKey, issuerCert := n.key, (*gm.Certificate)(nil)
	if issuer != nil {
		issuerKey, issuerCert = issuer.key, issuer.cert
	}
	b, err := gm.CreateCertificate(tpl, n.key.Public(), issuerCert, issuerKey)
	if err != nil {
		t.Fatal(err)
	}
	if n.cert, err = gm.ParseCertificate(b); err != nil {
		t.Fatal(err)
	}
	return n
}

func anchor(p Purpose, n *node) Anchor       { return Anchor{Purpose: p, Certificate: n.cert.Raw} }
func intermediate(p Purpose, n *node) Anchor { return Anchor{p, n.cert.Raw, true} }

func file(anchors ...Anchor) File {
	return File{Format: Format, Name: "测试", Number: 3, Issued: now, Expires: now.AddDate(0, 6, 0), Anchors: anchors}
}

func load(t testing.TB, f File) *Store {
	t.Helper()
	b, err := f.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	s, err := Parse(b)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func crl(t testing.TB, n *node, this, next time.Time, revoked map[string]gm.Revocation) []byte {
	t.Helper()
	b, err := gm.CreateCRL(n.cert, n.key, this, next, revoked)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

var unknownExtension = gm.Extension{ID: asn1.ObjectIdentifier{1, 2, 3, 4}, Critical: true, Value: []byte{5, 0}}
