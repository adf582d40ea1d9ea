//go:build cgo

package pkcs11_test

import (
	"crypto/rand"
	"testing"
	"time"

	"sealdesk/pdfseal/gm"
	"sealdesk/token"
)

// crypto lends gm to the driver.
type crypto struct{}

func (crypto) Certificate(der []byte) (token.CertificateInfo, error) {
	c, err := gm.ParseCertificate(der)
	if err != nil {
		return token.CertificateInfo{}, err
	}
	info := token.CertificateInfo{SM2: c.IsSM2, Signing: c.CanSign(), Subject: c.Subject, SerialHex: c.SerialHex,
		NotBefore: c.NotBefore, NotAfter: c.NotAfter, Defects: c.Defects}
	if c.IsSM2 {
		info.PublicPoint = c.Public.Point()
	}
	return info, nil
}

func (crypto) Z(point []byte) ([32]byte, error) {
	k, err := gm.ParsePoint(point)
	if err != nil {
		return [32]byte{}, err
	}
	return k.Z(), nil
}

func (crypto) SM3(parts ...[]byte) [32]byte { return gm.SM3(parts...) }

func (crypto) VerifySM2(point []byte, e [32]byte, sigDER []byte) bool {
	k, err := gm.ParsePoint(point)
	return err == nil && k.VerifyDigest(e, sigDER) == nil
}

// holder is a key pair with its certificate.
type holder struct {
	key  *gm.PrivateKey
	cert []byte
}

const (
	forSigning    = gm.KeyUsageDigitalSignature | gm.KeyUsageNonRepudiation
	forEncryption = gm.KeyUsageKeyEncipherment | gm.KeyUsageDataEncipherment
)

// holders are made once for all tests: that is slow under the race detector.
var holders = map[string]holder{}

func holderOf(t *testing.T, name string, usage gm.KeyUsage) holder {
	t.Helper()
	if h, ok := holders[name]; ok {
		return h
	}
	k, err := gm.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	h := holder{k, certify(t, name, usage, k.Public(), k)}
	holders[name] = h
	return h
}

func certify(t *testing.T, name string, usage gm.KeyUsage, public gm.PublicKey, by *gm.PrivateKey) []byte {
	t.Helper()
	template := gm.CertificateTemplate{CommonName: name, Organization: "training", KeyUsage: usage,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour)}
	var issuer *gm.Certificate
	if by.Public() != public {
		var err error
		if issuer, err = gm.ParseCertificate(certify(t, "issuer", gm.KeyUsageKeyCertSign, by.Public(), by)); err != nil {
			t.Fatal(err)
		}
	}
	der, err := gm.CreateCertificate(template, public, issuer, by)
	if err != nil {
		t.Fatal(err)
	}
	return der
}
