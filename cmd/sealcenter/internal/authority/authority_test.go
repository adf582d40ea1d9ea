package authority

import (
	"encoding/asn1"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"sealdesk/pdfseal/gm"
)

func newAuthority(t *testing.T) (*Authority, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "centre")
	a, err := Create(dir, Spec{Name: "测试中心", Hosts: []string{"localhost"}, Now: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	return a, dir
}

func TestCreate_neverOverKeys(t *testing.T) {
	_, dir := newAuthority(t)
	if !Exists(dir) || Exists(t.TempDir()) || Exists(filepath.Join(dir, "no")) {
		t.Error("Exists is wrong")
	}
	before := read(t, dir, "keys/root.key")
	if _, err := Create(dir, Spec{Name: "x", Now: time.Now()}); !errors.Is(err, os.ErrExist) {
		t.Errorf("made over another: %v", err)
	}
	if string(read(t, dir, "keys/root.key")) != string(before) {
		t.Error("a key was replaced")
	}
}

func TestEntity_keyOfAnother(t *testing.T) {
	a, dir := newAuthority(t)
	for name, content := range map[string][]byte{"another key": read(t, dir, "keys/update.key"), "no key": []byte("x"), "nothing": nil} {
		if err := os.WriteFile(filepath.Join(dir, "keys/centre.key"), content, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := a.Entity(Centre); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}

// TestOutside: no symbolic link in the state directory leads out of it.
func TestOutside(t *testing.T) {
	a, dir := newAuthority(t)
	other, _ := newAuthority(t)
	outside := other.f.root.Name()
	path := filepath.Join(dir, "keys", "centre.key")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(outside, "keys", "centre.key"), path); err != nil {
		t.Skip(err)
	}
	if _, err := a.Entity(Centre); err == nil {
		t.Error("a key outside of the directory was read")
	}
}

// TestChains: each certificate leads where it should, and no further.
func TestChains(t *testing.T) {
	a, _ := newAuthority(t)
	for name, issuer := range map[string]string{Root: Root, SignerCA: Root, MakerCA: Root, Centre: Root, UpdateRoot: UpdateRoot, Update: UpdateRoot, tlcpCA: tlcpCA, tlcpServer: tlcpCA, tlcpCipher: tlcpCA} {
		c, err := a.Certificate(name)
		if err != nil {
			t.Fatal(err)
		}
		by, err := a.Certificate(issuer)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.CheckSignatureFrom(by); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	k, err := a.NewMaker("150000", "办公厅", "", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	again, err := a.NewMaker("150000", "办公厅", "", time.Now())
	if err != nil || again.Cert().Fingerprint() != k.Cert().Fingerprint() {
		t.Errorf("a maker that is there was not taken up: %v", err)
	}
	crl, err := a.WriteCRL(MakerCA, time.Now(), time.Now().Add(time.Hour), map[string]gm.Revocation{k.Cert().SerialHex: {Time: time.Now()}})
	kept, keptErr := a.CRL(MakerCA)
	if err != nil || keptErr != nil || string(crl) != string(kept) {
		t.Errorf("%v, %v", err, keptErr)
	}
	if none, err := a.CRL(Root); none != nil || err != nil {
		t.Errorf("%v, %v", none, err)
	}
}

// TestPublicKey_forms takes the key from everything that a UsbKey's tool exports; OpenSSL makes the files.
func TestPublicKey_forms(t *testing.T) {
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("openssl is not installed")
	}
	dir := t.TempDir()
	run := func(args ...string) {
		t.Helper()
		cmd := exec.Command(openssl, args...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("openssl %v: %v\n%s", args, err, out)
		}
	}
	run("genpkey", "-algorithm", "SM2", "-out", "k")
	run("pkey", "-in", "k", "-pubout", "-out", "pub.pem")
	run("pkey", "-in", "k", "-pubout", "-outform", "DER", "-out", "pub.der")
	run("req", "-new", "-key", "k", "-sm3", "-sigopt", "distid:1234567812345678", "-subj", "/CN=x", "-out", "req.pem")
	want, err := PublicKey(read(t, dir, "pub.pem"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"pub.der", "req.pem"} {
		if got, err := PublicKey(read(t, dir, file)); err != nil || got != want {
			t.Errorf("%s: %v", file, err)
		}
	}
	req, _ := Unwrap(read(t, dir, "req.pem"))
	req[len(req)-5] ^= 1
	for name, b := range map[string][]byte{"altered request": req, "nothing": nil, "point off the curve": append([]byte{4}, make([]byte, 64)...), "an RSA key": rsaKey(t)} {
		if _, err := PublicKey(b); !errors.Is(err, ErrKeyFormat) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func read(t *testing.T, dir, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func rsaKey(t *testing.T) []byte {
	t.Helper()
	b, err := asn1.Marshal(struct {
		A struct{ O asn1.ObjectIdentifier }
		K asn1.BitString
	}{struct{ O asn1.ObjectIdentifier }{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 1}}, asn1.BitString{Bytes: []byte{1}, BitLength: 8}})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func FuzzPublicKey(f *testing.F) {
	f.Add([]byte{0x30, 0})
	f.Add(append([]byte{4}, make([]byte, 64)...))
	f.Add([]byte("-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoEcz1UBgi0DQgAE\n-----END PUBLIC KEY-----\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, err := PublicKey(b); err != nil && !errors.Is(err, ErrKeyFormat) {
			t.Error(err)
		}
	})
}
