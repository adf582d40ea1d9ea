package timestamp_test

import (
	"bytes"
	"crypto/sha1"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/emmansun/gmsm/pkcs7"
	"github.com/emmansun/gmsm/smx509"

	"sealdesk/pdfseal/cms"
	"sealdesk/pdfseal/cms/timestamp"
	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/internal/der"
)

// authority is a practice authority made by OpenSSL alone: its SM2 key and
// certificate, and a TSTInfo over value from its own timestamp command. OpenSSL
// 3.0 refuses to sign a token with SM2, so that a P-256 key signs the reply
// from which the TSTInfo is taken.
type authority struct {
	info []byte
	cert *smx509.Certificate
	key  any
}

const requestConfig = `[req]
distinguished_name = dn
[dn]
[leaf]
basicConstraints = CA:FALSE
keyUsage = critical,digitalSignature,nonRepudiation
extendedKeyUsage = critical,timeStamping
[tsa]
default_tsa = t
[t]
serial = serial
crypto_device = builtin
signer_digest = sha256
ess_cert_id_alg = sha256
default_policy = 1.2.3.4.1
digests = sm3
accuracy = secs:1, millisecs:500, microsecs:100
ordering = yes
tsa_name = yes
`

func openssl(t *testing.T, dir string, args ...string) string {
	t.Helper()
	tool, err := exec.LookPath("openssl")
	if err != nil {
		t.Skipf("second witness is missing: %v", err)
	}
	cmd := exec.Command(tool, args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("openssl %v: %v\n%s", args, err, out)
	}
	return string(out)
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	dir := t.TempDir()
	write := func(name string, b []byte) {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	read := func(name string) []byte {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	write("cnf", []byte(requestConfig))
	write("serial", []byte("0A"))
	write("value", value)
	for curve, more := range map[string][]string{"SM2": {"-sm3", "-sigopt", "distid:" + gm.UserID}, "prime256v1": {"-sha256"}} {
		openssl(t, dir, "ecparam", "-genkey", "-name", curve, "-noout", "-out", curve+".key")
		openssl(t, dir, append([]string{"req", "-new", "-x509", "-key", curve + ".key", "-subj", "/C=CN/CN=TSA", "-days", "2", "-config", "cnf",
			"-extensions", "leaf", "-out", curve + ".pem"}, more...)...)
	}
	openssl(t, dir, "ts", "-query", "-data", "value", "-sm3", "-cert", "-out", "q")
	openssl(t, dir, "ts", "-reply", "-config", "cnf", "-section", "t", "-queryfile", "q", "-signer", "prime256v1.pem", "-inkey", "prime256v1.key", "-token_out", "-out", "token")
	token, err := cms.Parse(read("token"))
	if err != nil {
		t.Fatal(err)
	}
	a := &authority{info: bytes.Clone(token.Content)}
	block, _ := pem.Decode(read("SM2.pem"))
	if a.cert, err = smx509.ParseCertificate(block.Bytes); err != nil {
		t.Fatal(err)
	}
	openssl(t, dir, "pkcs8", "-topk8", "-nocrypt", "-in", "SM2.key", "-out", "SM2.p8")
	block, _ = pem.Decode(read("SM2.p8"))
	if a.key, err = smx509.ParsePKCS8PrivateKey(block.Bytes); err != nil {
		t.Fatal(err)
	}
	return a
}

// token lets the PKCS#7 package of gmsm sign the TSTInfo, with further signed attributes.
func (a *authority) token(t *testing.T, sm bool, attrs ...pkcs7.Attribute) []byte {
	t.Helper()
	make := pkcs7.NewSignedData
	if sm {
		make = pkcs7.NewSMSignedData
	}
	d, err := make(a.info)
	if err != nil {
		t.Fatal(err)
	}
	d.SetDigestAlgorithm(oidSM3)
	d.GetSignedData().ContentInfo.ContentType = oidTSTInfo
	if err := d.AddSigner(a.cert, a.key, pkcs7.SignerInfoConfig{ExtraSignedAttributes: attrs}); err != nil {
		t.Fatal(err)
	}
	b, err := d.Finish()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// essID is a SigningCertificate or SigningCertificateV2 for the digest given.
func essID(o asn1.ObjectIdentifier, parts ...[]byte) pkcs7.Attribute {
	return pkcs7.Attribute{Type: o, Value: asn1.RawValue{FullBytes: der.Sequence(der.Sequence(der.Sequence(parts...)))}}
}

var (
	oidV1 = oid{1, 2, 840, 113549, 1, 9, 16, 2, 12}
	oidV2 = oid{1, 2, 840, 113549, 1, 9, 16, 2, 47}
)

// TestForeign_isRead: a token whose parts others made: key, certificate and
// TSTInfo by OpenSSL, container and signature by gmsm.
func TestForeign_isRead(t *testing.T) {
	a := newAuthority(t)
	sm3, sha := gm.SM3(a.cert.Raw), sha1.Sum(a.cert.Raw)
	v2 := essID(oidV2, der.Sequence(der.OID(oidSM3)), der.Octets(sm3[:]))
	for name, b := range map[string][]byte{
		"GM, V2":           a.token(t, true, v2),
		"PKCS#7, V2":       a.token(t, false, v2),
		"GM, V1 by SHA-1":  a.token(t, true, essID(oidV1, der.Octets(sha[:]))),
		"GM, V1 by SM3":    a.token(t, true, essID(oidV1, der.Octets(sm3[:]))),
		"PKCS#7, V1 and 2": a.token(t, false, v2, essID(oidV1, der.Octets(sha[:]))),
	} {
		k, err := timestamp.Parse(b)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if err := errors.Join(k.CheckImprint(value), k.CheckAuthority()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if k.GM != strings.HasPrefix(name, "GM") || k.Policy.String() != "1.2.3.4.1" || k.Serial.Int64() != 11 || !k.Ordering || k.Nonce == nil ||
			k.Accuracy != 1500100*time.Microsecond || time.Since(k.Time).Abs() > time.Hour || !bytes.Equal(k.SignerCert, a.cert.Raw) {
			t.Errorf("%s: %+v", name, k)
		}
		want := ""
		if !k.GM {
			want = "SignedData.version is 1 instead of 3" // as gmsm writes it
		}
		if got := strings.Join(k.Notes, "; "); got != want {
			t.Errorf("%s: notes %q, want %q", name, got, want)
		}
		if err := k.CheckImprint([]byte("other")); err == nil {
			t.Errorf("%s: is over anything", name)
		}
	}
}

// TestForeign_binding: the authority's certificate must be named by a signed attribute, and every one that is there must name it.
func TestForeign_binding(t *testing.T) {
	a := newAuthority(t)
	sm3, sha := gm.SM3(a.cert.Raw), sha1.Sum(a.cert.Raw)
	v2 := essID(oidV2, der.Sequence(der.OID(oidSM3)), der.Octets(sm3[:]))
	v1 := essID(oidV1, der.Octets(sha[:]))
	for name, attrs := range map[string][]pkcs7.Attribute{
		"none":              nil,
		"V1 of another":     {essID(oidV1, der.Octets(sm3[:20]))},
		"V2, V1 of another": {v2, essID(oidV1, der.Octets(make([]byte, 20)))},
		"V1, V2 of another": {v1, essID(oidV2, der.Sequence(der.OID(oidSM3)), der.Octets(make([]byte, 32)))},
	} {
		var e *cms.Error
		if _, err := timestamp.Parse(a.token(t, true, attrs...)); !errors.As(err, &e) || e.Rule != "C6" {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, attrs := range map[string][]pkcs7.Attribute{"V1 twice": {v1, v1}, "V1 empty": {essID(oidV1)}} {
		if _, err := timestamp.Parse(a.token(t, true, attrs...)); !errors.Is(err, timestamp.ErrFormat) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestOpenSSL_readsOurToken: OpenSSL reads what we issue, under the outer type that it knows.
func TestOpenSSL_readsOurToken(t *testing.T) {
	v, err := der.ParseAll(issue(t, pki(t).Timestamp, gmNonce))
	if err != nil {
		t.Fatal(err)
	}
	c, err := v.Sequence(2, 2)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "t"), der.Sequence(der.OID(oid{1, 2, 840, 113549, 1, 7, 2}), c[1].Full), 0o600); err != nil {
		t.Fatal(err)
	}
	text := openssl(t, dir, "ts", "-reply", "-token_in", "-in", "t", "-token_out", "-text")
	for _, want := range []string{"Version: 1", "Hash Algorithm: sm3", "Time stamp: Mar  2 09:00:00.123 2026 GMT", "Accuracy: 0x01 seconds", "Ordering: no",
		"Nonce: 0x010203", "X509v3 Any Policy"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}
