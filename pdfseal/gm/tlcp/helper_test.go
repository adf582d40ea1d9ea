package tlcp_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/asn1"
	"fmt"
	"io"
	"net"
	"os"
	"testing"
	"time"

	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/gm/tlcp"
)

type oid = asn1.ObjectIdentifier

var testTime = time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)

func now() time.Time { return testTime }

// holder is a key and its certificate.
type holder struct {
	key *gm.PrivateKey
	der []byte
}

func (h holder) cert(t testing.TB) *gm.Certificate {
	t.Helper()
	c, err := gm.ParseCertificate(h.der)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// issue makes a certificate; a nil issuer makes a root.
func issue(t testing.TB, by *holder, change gm.CertificateTemplate) holder {
	t.Helper()
	key, err := gm.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if change.NotBefore.IsZero() {
		change.NotBefore, change.NotAfter = testTime.Add(-time.Hour), testTime.AddDate(1, 0, 0)
	}
	var issuer *gm.Certificate
	signing := key
	if by != nil {
		issuer, signing = by.cert(t), by.key
	}
	der, err := gm.CreateCertificate(change, key.Public(), issuer, signing)
	if err != nil {
		t.Fatal(err)
	}
	return holder{key, der}
}

const (
	signUse    = gm.KeyUsageDigitalSignature | gm.KeyUsageNonRepudiation
	encryptUse = gm.KeyUsageKeyEncipherment | gm.KeyUsageDataEncipherment
	caUse      = gm.KeyUsageKeyCertSign | gm.KeyUsageCRLSign
)

func names(hosts ...string) []gm.Extension { return []gm.Extension{tlcp.Names(hosts...)} }

// office is a root with a server and a client below it.
type office struct{ root, sign, encrypt, client holder }

func newOffice(t testing.TB) *office {
	t.Helper()
	root := issue(t, nil, gm.CertificateTemplate{CommonName: "root", IsCA: true, KeyUsage: caUse})
	return &office{
		root:    root,
		sign:    issue(t, &root, gm.CertificateTemplate{CommonName: "server", KeyUsage: signUse, Extensions: names("centre.test", "127.0.0.1")}),
		encrypt: issue(t, &root, gm.CertificateTemplate{CommonName: "server", KeyUsage: encryptUse, Extensions: names("centre.test", "127.0.0.1")}),
		client:  issue(t, &root, gm.CertificateTemplate{CommonName: "client", KeyUsage: signUse}),
	}
}

func (o *office) server(t testing.TB) tlcp.ServerConfig {
	return tlcp.ServerConfig{SigningCertificate: o.sign.der, EncryptionCertificate: o.encrypt.der, SigningKey: o.sign.key, EncryptionKey: o.encrypt.key,
		ClientRoots: []*gm.Certificate{o.root.cert(t)}, Now: now}
}

func (o *office) clientConfig(t testing.TB) tlcp.ClientConfig {
	return tlcp.ClientConfig{Roots: []*gm.Certificate{o.root.cert(t)}, Name: "centre.test", Certificates: [][]byte{o.client.der}, Key: o.client.key, Now: now}
}

// echo serves until the test ends: every connection gets back what it sends.
func echo(t testing.TB, c tlcp.ServerConfig) string {
	t.Helper()
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l, err := tlcp.NewListener(inner, c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				_, _ = io.Copy(conn, conn)
			}()
		}
	}()
	return inner.Addr().String()
}

func dial(t testing.TB, addr string, c tlcp.ClientConfig) (*tlcp.Conn, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	raw, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := tlcp.Client(ctx, raw, c)
	if err == nil {
		t.Cleanup(func() { conn.Close() })
	}
	return conn, err
}

// TestMain fails where anything of this package writes to standard output:
// the library does so at every failed handshake, and the guard keeps it from it.
func TestMain(m *testing.M) {
	stdout := os.Stdout
	trap, err := os.CreateTemp("", "tlcp-stdout-*")
	if err != nil {
		panic(err)
	}
	defer os.Remove(trap.Name())
	os.Stdout = trap
	code := m.Run()
	os.Stdout = stdout
	said, _ := os.ReadFile(trap.Name())
	_, _ = stdout.Write(said)
	for _, s := range []string{"handshake error", "readHandshake"} {
		if bytes.Contains(said, []byte(s)) {
			fmt.Fprintf(stdout, "FAIL: the library printed %q\n", s)
			code = 1
		}
	}
	os.Remove(trap.Name())
	os.Exit(code)
}
