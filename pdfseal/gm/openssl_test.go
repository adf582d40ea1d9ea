package gm

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const distID = "distid:" + UserID

// TestOpenSSL_acceptsOurSignature lets OpenSSL verify what we sign, and refuse what we changed.
func TestOpenSSL_acceptsOurSignature(t *testing.T) {
	dir, k, m := t.TempDir(), fixedKey(t, "a"), []byte("待签章数据")
	sig, err := k.Sign(m)
	if err != nil {
		t.Fatal(err)
	}
	pub := pemFile(t, dir, "pub.pem", "PUBLIC KEY", spki(k.Public()))
	verify := func(m []byte) (string, error) {
		return openssl(t, "pkeyutl", "-verify", "-pubin", "-inkey", pub, "-rawin", "-digest", "sm3", "-in", writeFile(t, dir, "m", m),
			"-sigfile", writeFile(t, dir, "sig", sig), "-pkeyopt", distID)
	}
	if out, err := verify(m); err != nil {
		t.Errorf("%v: %s", err, out)
	}
	if out, err := verify(append(m, '!')); err == nil {
		t.Errorf("a changed message is accepted: %s", out)
	}
}

// TestOpenSSL_signatureIsAccepted lets OpenSSL sign and both libraries verify.
func TestOpenSSL_signatureIsAccepted(t *testing.T) {
	dir, k, m := t.TempDir(), fixedKey(t, "a"), []byte("待签章数据")
	key := pemFile(t, dir, "key.pem", "EC PRIVATE KEY", sec1(k))
	for range 4 {
		out, err := openssl(t, "pkeyutl", "-sign", "-inkey", key, "-rawin", "-digest", "sm3", "-in", writeFile(t, dir, "m", m),
			"-out", filepath.Join(dir, "sig"), "-pkeyopt", distID)
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		sig, err := os.ReadFile(filepath.Join(dir, "sig"))
		if err != nil {
			t.Fatal(err)
		}
		if err := k.Public().Verify(m, sig); err != nil {
			t.Errorf("%x: %v", sig, err)
		}
	}
}

func TestOpenSSL_sameDigest(t *testing.T) {
	m := []byte(strings.Repeat("钤印", 50_000))
	out, err := openssl(t, "dgst", "-sm3", writeFile(t, t.TempDir(), "m", m))
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	h := NewSM3()
	for b := m; len(b) > 0; {
		n := min(997, len(b))
		h.Write(b[:n])
		b = b[n:]
	}
	if want := strings.TrimSpace(out[strings.LastIndex(out, "=")+1:]); want != hexOf(h.Sum(nil)) {
		t.Errorf("%s, OpenSSL %s", hexOf(h.Sum(nil)), want)
	}
}

// TestOpenSSL_acceptsOurChain shows OpenSSL the certificates that we issue.
func TestOpenSSL_acceptsOurChain(t *testing.T) {
	dir, h := t.TempDir(), newHierarchy(t)
	ca := pemFile(t, dir, "ca.pem", "CERTIFICATE", h.ca.Raw)
	leaf := pemFile(t, dir, "leaf.pem", "CERTIFICATE", h.leaf.Raw)
	out, err := openssl(t, "verify", "-x509_strict", "-attime", attime(from.AddDate(1, 0, 0)), "-vfyopt", distID, "-CAfile", ca, leaf)
	if err != nil || !strings.Contains(out, "OK") {
		t.Errorf("%v: %s", err, out)
	}
	text, err := openssl(t, "x509", "-in", leaf, "-noout", "-text", "-nameopt", "utf8")
	if err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	for _, want := range []string{"Signature Algorithm: SM2-with-SM3", "CN=示范旗人民政府", "O=示范旗人民政府", "ASN1 OID: SM2",
		"X509v3 Key Usage: critical\n                Digital Signature, Non Repudiation\n", "CA:FALSE", "X509v3 Authority Key Identifier",
		"Not After : Dec 31 23:59:59 2035 GMT"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	bad := append([]byte(nil), h.leaf.Raw...)
	bad[len(bad)-1] ^= 1
	leaf = pemFile(t, dir, "bad.pem", "CERTIFICATE", bad)
	if out, err := openssl(t, "verify", "-attime", attime(from.AddDate(1, 0, 0)), "-vfyopt", distID, "-CAfile", ca, leaf); err == nil {
		t.Errorf("a changed certificate is accepted: %s", out)
	}
}

// TestOpenSSL_acceptsOurList lets OpenSSL read a revocation list and verify its
// signature. The signature goes through pkeyutl: OpenSSL 3.0 has no way to set
// the signer identifier for lists, so that its own check fails on every SM2 list.
func TestOpenSSL_acceptsOurList(t *testing.T) {
	dir, h := t.TempDir(), newHierarchy(t)
	at := from.AddDate(1, 0, 0)
	b, err := CreateCRL(h.ca, h.caKey, at, at.AddDate(0, 1, 0), map[string]Revocation{
		h.leaf.SerialHex: {Time: at.Add(-time.Hour), Reason: 1}, "0A": {Time: at.Add(-2 * time.Hour)}})
	if err != nil {
		t.Fatal(err)
	}
	text, err := openssl(t, "crl", "-in", pemFile(t, dir, "crl.pem", "X509 CRL", b), "-noout", "-text")
	if err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	for _, want := range []string{"Version 2", "SM2-with-SM3", "Serial Number: " + h.leaf.SerialHex, "Key Compromise", "Serial Number: 0A",
		"Last Update: Jan  1 00:00:00 2026 GMT", "Next Update: Feb  1 00:00:00 2026 GMT", "X509v3 CRL Number", "X509v3 Authority Key Identifier"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	l, err := ParseCRL(b)
	if err != nil {
		t.Fatal(err)
	}
	out, err := openssl(t, "pkeyutl", "-verify", "-pubin", "-inkey", pemFile(t, dir, "pub.pem", "PUBLIC KEY", spki(h.ca.Public)), "-rawin", "-digest", "sm3",
		"-in", writeFile(t, dir, "tbs", l.RawTBS), "-sigfile", writeFile(t, dir, "sig", l.Signature), "-pkeyopt", distID)
	if err != nil {
		t.Errorf("%v: %s", err, out)
	}
}
