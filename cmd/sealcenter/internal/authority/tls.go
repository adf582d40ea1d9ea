package authority

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"time"
)

// Entities of the ordinary TLS hierarchy (ECDSA on P-256).
const (
	tlsCA     = "tls-ca"
	tlsServer = "tls-server"
)

// Years of validity of TLS certificates.
const (
	tlsCAYears     = 20
	tlsServerYears = 3
	tlsClientYears = 3
)

func (a *Authority) createTLS(s Spec) error {
	ca := &x509.Certificate{Subject: pkix.Name{CommonName: s.Name + " TLS CA", Organization: []string{s.Name}, Country: []string{"CN"}},
		NotBefore: from(s.Now), NotAfter: s.Now.AddDate(tlsCAYears, 0, 0), IsCA: true, BasicConstraintsValid: true, MaxPathLenZero: true,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign}
	cert, key, err := certify(ca, nil, nil)
	if err != nil {
		return err
	}
	if err := a.f.create(keyName(tlsCA), key, 0o600); err != nil {
		return err
	}
	if err := a.f.create(certName(tlsCA), cert, 0o644); err != nil {
		return err
	}
	return a.renewTLS(s.Name, s.Hosts, s.Now)
}

// certify makes a key and a certificate for it, both PEM. A nil issuer makes it self-signed.
func certify(t *x509.Certificate, issuer *x509.Certificate, issuerKey crypto.Signer) (cert, key []byte, err error) {
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	var serial [16]byte
	if _, err := rand.Read(serial[:]); err != nil {
		return nil, nil, err
	}
	serial[0] = serial[0]&0x3f | 0x40
	t.SerialNumber = new(big.Int).SetBytes(serial[:])
	if issuer == nil {
		issuer, issuerKey = t, k
	}
	der, err := x509.CreateCertificate(rand.Reader, t, issuer, k.Public(), issuerKey)
	if err != nil {
		return nil, nil, err
	}
	secret, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		return nil, nil, err
	}
	return EncodeCertificate(der), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}), nil
}

func (a *Authority) renewTLS(name string, hosts []string, now time.Time) error {
	t := &x509.Certificate{Subject: pkix.Name{CommonName: name, Organization: []string{name}, Country: []string{"CN"}},
		NotBefore: from(now), NotAfter: now.AddDate(tlsServerYears, 0, 0), BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	for _, h := range hosts {
		if ip := net.ParseIP(h); ip != nil {
			t.IPAddresses = append(t.IPAddresses, ip)
		} else {
			t.DNSNames = append(t.DNSNames, h)
		}
	}
	cert, key, err := a.underTLSCA(t)
	if err != nil {
		return err
	}
	if err := a.f.replace(keyName(tlsServer), key, 0o600); err != nil {
		return err
	}
	return a.f.replace(certName(tlsServer), cert, 0o644)
}

func (a *Authority) underTLSCA(t *x509.Certificate) (cert, key []byte, err error) {
	pair, err := a.tlsPair(tlsCA)
	if err != nil {
		return nil, nil, err
	}
	signer, ok := pair.PrivateKey.(crypto.Signer)
	if !ok {
		return nil, nil, errors.New("authority: the key of the TLS authority cannot sign")
	}
	if cert, key, err = certify(t, pair.Leaf, signer); err != nil {
		return nil, nil, fmt.Errorf("authority: %w", err)
	}
	return cert, key, nil
}

func (a *Authority) tlsPair(name string) (tls.Certificate, error) {
	cert, err := a.f.read(certName(name))
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("authority: %w", err)
	}
	key, err := a.f.read(keyName(name))
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("authority: %w", err)
	}
	defer clear(key)
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("authority: %s: %w", name, err)
	}
	return pair, nil
}

// TLSAuthority is the certificate that clients pin for the endpoint, PEM.
func (a *Authority) TLSAuthority() ([]byte, error) {
	b, err := a.f.read(certName(tlsCA))
	if err != nil {
		return nil, fmt.Errorf("authority: %w", err)
	}
	return b, nil
}

// ServerTLS is how the endpoint speaks TLS: version 1.2 or newer, and client
// certificates of its own authority. A client without one gets through the
// handshake, so that it can be told what is missing.
func (a *Authority) ServerTLS() (*tls.Config, error) {
	pair, err := a.tlsPair(tlsServer)
	if err != nil {
		return nil, err
	}
	ca, err := a.TLSAuthority()
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(ca) {
		return nil, fmt.Errorf("authority: no certificate in %s", certName(tlsCA))
	}
	return &tls.Config{Certificates: []tls.Certificate{pair}, ClientCAs: pool, ClientAuth: tls.VerifyClientCertIfGiven,
		MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"}}, nil
}

// ClientFiles is what a client needs to ask the endpoint, PEM.
type ClientFiles struct {
	Certificate, Key, CA []byte
	Fingerprint          string // hex SHA-256 of the certificate
	NotAfter             time.Time
}

// NewClient makes a client certificate with its key.
func (a *Authority) NewClient(name string, now time.Time) (ClientFiles, error) {
	t := &x509.Certificate{Subject: pkix.Name{CommonName: name, Country: []string{"CN"}},
		NotBefore: from(now), NotAfter: now.AddDate(tlsClientYears, 0, 0).Truncate(time.Second), BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}
	cert, key, err := a.underTLSCA(t)
	if err != nil {
		return ClientFiles{}, err
	}
	ca, err := a.TLSAuthority()
	if err != nil {
		return ClientFiles{}, err
	}
	der, _ := Unwrap(cert)
	return ClientFiles{Certificate: cert, Key: key, CA: ca, Fingerprint: ClientFingerprint(der), NotAfter: t.NotAfter}, nil
}

// ClientFingerprint is how a client certificate is named in the registry.
func ClientFingerprint(der []byte) string {
	h := sha256.Sum256(der)
	return hex.EncodeToString(h[:])
}
