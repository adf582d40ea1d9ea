//go:build cgo

package pkcs11_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	p11 "github.com/miekg/pkcs11"

	"sealdesk/token"
	"sealdesk/token/pkcs11"
	"sealdesk/token/tokentest"
)

// softhsmPaths are where distributions put SoftHSM2.
var softhsmPaths = []string{
	"/usr/lib/softhsm/libsofthsm2.so", "/usr/lib64/pkcs11/libsofthsm2.so", "/usr/lib64/softhsm/libsofthsm2.so",
	"/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so", "/usr/local/lib/softhsm/libsofthsm2.so",
}

func softhsm(t *testing.T) string {
	t.Helper()
	for _, path := range softhsmPaths {
		if _, err := os.Stat(path); err == nil {
			return path
		}
	}
	if os.Getenv("CI") == "true" {
		t.Fatal("SoftHSM2 is not installed (package softhsm2)")
	}
	t.Skip("SKIPPED: SoftHSM2 is not installed (package softhsm2)")
	return ""
}

var (
	publicSeal  = token.Object{Label: "公章", Application: "电子印章", Value: make([]byte, 200<<10)}
	privateSeal = token.Object{Label: "财务章", Application: "电子印章", Value: []byte("private"), Private: true}
)

// initSoftHSM makes a token with an SM2 key on CKK_EC, two certificates and two data objects.
func initSoftHSM(t *testing.T, module string, sign, enc holder) {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	dir := t.TempDir()
	conf := filepath.Join(dir, "softhsm2.conf")
	must(os.MkdirAll(filepath.Join(dir, "tokens"), 0o700))
	must(os.WriteFile(conf, fmt.Appendf(nil, "directories.tokendir = %s/tokens\nobjectstore.backend = file\nlog.level = ERROR\n", dir), 0o600))
	t.Setenv("SOFTHSM2_CONF", conf)
	out, err := exec.Command("softhsm2-util", "--init-token", "--free", "--label", "示范旗", "--pin", goodPIN, "--so-pin", "11111111").CombinedOutput()
	if err != nil {
		t.Fatalf("softhsm2-util: %v\n%s", err, out)
	}
	c := p11.New(module)
	must(c.Initialize())
	defer func() { must(c.Finalize()) }()
	slots, err := c.GetSlotList(true)
	must(err)
	s, err := c.OpenSession(slots[0], p11.CKF_SERIAL_SESSION|p11.CKF_RW_SESSION)
	must(err)
	must(c.Login(s, p11.CKU_USER, goodPIN))
	create := func(attributes ...*p11.Attribute) {
		t.Helper()
		_, err := c.CreateObject(s, append(attributes, p11.NewAttribute(p11.CKA_TOKEN, true)))
		must(err)
	}
	oid := []byte{0x06, 0x08, 0x2A, 0x81, 0x1C, 0xCF, 0x55, 0x01, 0x82, 0x2D}
	d := sign.key.D()
	create(p11.NewAttribute(p11.CKA_CLASS, p11.CKO_PRIVATE_KEY), p11.NewAttribute(p11.CKA_KEY_TYPE, p11.CKK_EC),
		p11.NewAttribute(p11.CKA_ID, []byte("s")), p11.NewAttribute(p11.CKA_EC_PARAMS, oid), p11.NewAttribute(p11.CKA_VALUE, d[:]),
		p11.NewAttribute(p11.CKA_SIGN, true), p11.NewAttribute(p11.CKA_PRIVATE, true))
	create(p11.NewAttribute(p11.CKA_CLASS, p11.CKO_PUBLIC_KEY), p11.NewAttribute(p11.CKA_KEY_TYPE, p11.CKK_EC),
		p11.NewAttribute(p11.CKA_ID, []byte("s")), p11.NewAttribute(p11.CKA_EC_PARAMS, oid),
		p11.NewAttribute(p11.CKA_EC_POINT, append([]byte{0x04, 65}, sign.key.Public().Point()...)))
	for id, cert := range map[string][]byte{"s": sign.cert, "e": enc.cert} {
		create(p11.NewAttribute(p11.CKA_CLASS, p11.CKO_CERTIFICATE), p11.NewAttribute(p11.CKA_CERTIFICATE_TYPE, p11.CKC_X_509),
			p11.NewAttribute(p11.CKA_ID, []byte(id)), p11.NewAttribute(p11.CKA_SUBJECT, []byte("subject")),
			p11.NewAttribute(p11.CKA_VALUE, cert), p11.NewAttribute(p11.CKA_PRIVATE, false))
	}
	for _, o := range []token.Object{publicSeal, privateSeal} {
		create(p11.NewAttribute(p11.CKA_CLASS, p11.CKO_DATA), p11.NewAttribute(p11.CKA_LABEL, o.Label),
			p11.NewAttribute(p11.CKA_APPLICATION, o.Application), p11.NewAttribute(p11.CKA_VALUE, o.Value),
			p11.NewAttribute(p11.CKA_PRIVATE, o.Private))
	}
}

// SoftHSM2 is a foreign library: object store, sessions and errors, and a key on the SM2 curve that it can only use for ECDSA. Its
// keys are never locked and never leave.
func TestSoftHSM2(t *testing.T) {
	module := softhsm(t)
	tokentest.Run(t, func(t *testing.T) tokentest.Bench {
		sign, enc := holderOf(t, "sign", forSigning), holderOf(t, "encrypt", forEncryption)
		initSoftHSM(t, module, sign, enc)
		p, err := pkcs11.Open(pkcs11.Options{Module: module, Crypto: crypto{}})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = p.Close() })
		list, err := p.Tokens(t.Context())
		if err != nil || len(list) != 1 || list[0].Label != "示范旗" {
			t.Fatalf("got %+v, %v (the blank token of SoftHSM2 is none)", list, err)
		}
		return tokentest.Bench{
			Provider: p, Crypto: crypto{}, Slot: list[0].Slot, PIN: []byte(goodPIN), WrongPIN: []byte(wrongPIN),
			Certificate: sign.cert, Encryption: enc.cert, Public: publicSeal, Private: privateSeal,
		}
	})
}
