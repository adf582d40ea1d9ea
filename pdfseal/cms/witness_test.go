package cms

import (
	"bytes"
	"encoding/pem"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/emmansun/gmsm/pkcs7"
	"github.com/emmansun/gmsm/sm2"
	"github.com/emmansun/gmsm/smx509"

	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/internal/der"
)

func openssl(t testing.TB, args ...string) (string, error) {
	t.Helper()
	tool, err := exec.LookPath("openssl")
	if err != nil {
		t.Skipf("second witness is missing: %v", err)
	}
	out, err := exec.Command(tool, args...).CombinedOutput()
	return string(out), err
}

func file(t testing.TB, name string, b []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// asPKCS7 gives a container the outer type that OpenSSL knows. It is not signed.
func asPKCS7(t testing.TB, b []byte) []byte {
	t.Helper()
	v, err := der.ParseAll(b)
	if err != nil {
		t.Fatal(err)
	}
	c, err := v.Sequence(2, 2)
	if err != nil {
		t.Fatal(err)
	}
	return der.Sequence(der.OID(oidSignedData), c[1].Full)
}

// TestOpenSSL_readsWhatIsWritten: OpenSSL reads the container, finds the digest that it computes itself, and verifies the value over the
// attributes that it cuts out. (Its own cms -verify leaves out Z and fails on every SM2 container.)
func TestOpenSSL_readsWhatIsWritten(t *testing.T) {
	content := []byte("what was checked, when, with which bundle")
	path := file(t, "c.der", asPKCS7(t, mustSign(t, content, SignOptions{ContentType: oidData, Certificates: [][]byte{other().cert}})))
	text, err := openssl(t, "cms", "-cmsout", "-print", "-inform", "DER", "-in", path)
	if err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	digest, err := openssl(t, "dgst", "-sm3", file(t, "content", content))
	if err != nil {
		t.Fatal(err)
	}
	_, digest, _ = strings.Cut(strings.TrimSpace(digest), "= ")
	for _, want := range []string{"algorithm: sm3", "eContentType: pkcs7-data", "d.issuerAndSerialNumber", "serialNumber: 21", "object: contentType",
		"object: messageDigest", "object: signingTime", "Mar  1 08:00:00 2026 GMT", "object: id-smime-aa-signingCertificateV2", "unsignedAttrs:\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	dump, err := openssl(t, "asn1parse", "-inform", "DER", "-in", path)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(strings.ToLower(dump), "[hex dump]:"+digest) {
		t.Errorf("digest %s is not in\n%s", digest, dump)
	}
	attrs, value := cutOut(t, path, dump)
	for name, m := range map[string][]byte{"attributes": attrs, "changed attributes": append(bytes.Clone(attrs), 0)} {
		if got := opensslVerifies(t, m, value); got != (name == "attributes") {
			t.Errorf("%s: OpenSSL verifies: %v", name, got)
		}
	}
}

// cutOut lets OpenSSL cut the signed attributes and the signature value out of the last SignerInfo.
func cutOut(t *testing.T, path, dump string) (attrs, value []byte) {
	t.Helper()
	cut := func(line string) []byte {
		var at int
		if _, err := fmt.Sscanf(strings.TrimSpace(line), "%d:", &at); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		to := filepath.Join(t.TempDir(), "part")
		if out, err := openssl(t, "asn1parse", "-inform", "DER", "-in", path, "-strparse", fmt.Sprint(at), "-noout", "-out", to); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		b, err := os.ReadFile(to)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	lines := strings.Split(strings.TrimSpace(dump), "\n")
	for _, line := range lines {
		if strings.Contains(line, ":d=5 ") && strings.Contains(line, "cont [ 0 ]") {
			attrs = cut(line)
		}
	}
	value = cut(lines[len(lines)-1]) // asn1parse answers the content of a primitive value
	if len(attrs) == 0 || attrs[0] != 0xa0 {
		t.Fatalf("no attributes in\n%s", dump)
	}
	attrs[0] = 0x31
	return attrs, value
}

func opensslVerifies(t *testing.T, m, value []byte) bool {
	t.Helper()
	cert := file(t, "cert.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: signer().cert}))
	pub, err := openssl(t, "x509", "-in", cert, "-noout", "-pubkey")
	if err != nil {
		t.Fatalf("%v: %s", err, pub)
	}
	out, err := openssl(t, "pkeyutl", "-verify", "-pubin", "-inkey", file(t, "pub.pem", []byte(pub)), "-rawin", "-digest", "sm3",
		"-in", file(t, "m", m), "-sigfile", file(t, "sig", value), "-pkeyopt", "distid:"+gm.UserID)
	if err != nil && !strings.Contains(out, "Verification Failure") {
		t.Fatalf("%v: %s", err, out)
	}
	return err == nil
}

// libraryKey is a key and certificate of ours in the types of the library.
func libraryKey(t *testing.T, p party) (*sm2.PrivateKey, *smx509.Certificate) {
	t.Helper()
	d := p.key.D()
	key, err := sm2.NewPrivateKey(d[:])
	if err != nil {
		t.Fatal(err)
	}
	cert, err := smx509.ParseCertificate(p.cert)
	if err != nil {
		t.Fatal(err)
	}
	return key, cert
}

// TestLibrary_verifiesWhatIsWritten: the PKCS#7 package of gmsm accepts our containers and refuses changed ones.
func TestLibrary_verifiesWhatIsWritten(t *testing.T) {
	content := []byte("what was checked")
	for _, o := range []SignOptions{{}, {Certificates: [][]byte{other().cert}}, {Detached: true}} {
		p, err := pkcs7.Parse(mustSign(t, content, o))
		if err != nil {
			t.Fatal(err)
		}
		if o.Detached {
			p.Content = content
		}
		if err := p.Verify(); err != nil || !bytes.Equal(p.Content, content) || !bytes.Equal(p.GetOnlySigner().Raw, signer().cert) {
			t.Errorf("%+v: %v", o, err)
		}
		p.Content = []byte("something else")
		if err := p.Verify(); err == nil {
			t.Errorf("%+v: other content is accepted", o)
		}
	}
}

// TestLibrary_isRead: containers of the PKCS#7 package of gmsm are read; they carry no bound certificate, so they are not taken for ours.
func TestLibrary_isRead(t *testing.T) {
	key, cert := libraryKey(t, signer())
	content := []byte("made by the library")
	for name, attributes := range map[string]bool{"attributes": true, "plain": false} {
		d, err := pkcs7.NewSMSignedData(content)
		if err != nil {
			t.Fatal(err)
		}
		want := "A"
		if add := d.AddSigner; attributes {
			err = add(cert, key, pkcs7.SignerInfoConfig{})
		} else {
			want, err = "C", d.SignWithoutAttr(cert, key, pkcs7.SignerInfoConfig{})
		}
		if err != nil {
			t.Fatal(err)
		}
		b, err := d.Finish()
		if err != nil {
			t.Fatal(err)
		}
		s, err := Parse(b)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		r, err := s.VerifyEmbedded()
		if err != nil || r.Variant != want || !bytes.Equal(s.Content, content) {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
		if _, err := s.VerifyOwn(); err == nil {
			t.Errorf("%s: taken for our own", name)
		}
	}
}
