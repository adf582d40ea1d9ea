package gm

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/pem"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"sealdesk/pdfseal/internal/der"
)

const sharedSeals = "../../../shared/testdata/seals"

// sharedFile reads a file of the shared test data, or skips where there is none.
func sharedFile(t testing.TB, name string) []byte {
	t.Helper()
	if _, err := os.Stat(sharedSeals); err != nil {
		t.Skip("shared test data is not beside the project: " + sharedSeals)
	}
	b, err := os.ReadFile(filepath.Join(sharedSeals, name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func newKey(t testing.TB) *PrivateKey {
	t.Helper()
	k, err := GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// fixedKey is a key that is the same in every run.
func fixedKey(t testing.TB, label string) *PrivateKey {
	t.Helper()
	k, err := NewPrivateKey(SM3([]byte("gm test key " + label)))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

var (
	from  = time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	until = time.Date(2035, 12, 31, 23, 59, 59, 0, time.UTC)
)

func caTemplate() CertificateTemplate {
	pathLen := 0
	return CertificateTemplate{CommonName: "练习用认证机构", Organization: "钤印练习环境", Country: "CN", NotBefore: from, NotAfter: until,
		IsCA: true, PathLen: &pathLen, KeyUsage: KeyUsageKeyCertSign | KeyUsageCRLSign}
}

func leafTemplate() CertificateTemplate {
	return CertificateTemplate{CommonName: "示范旗人民政府", Organization: "示范旗人民政府", OrganizationalUnit: "保管人", Country: "CN",
		Province: "内蒙古自治区", Locality: "示范旗", NotBefore: from, NotAfter: until,
		KeyUsage: KeyUsageDigitalSignature | KeyUsageNonRepudiation}
}

// hierarchy is an authority and a signing certificate under it.
type hierarchy struct {
	caKey, key *PrivateKey
	ca, leaf   *Certificate
}

var (
	madeOnce sync.Once
	made     hierarchy
)

// newHierarchy answers the same hierarchy in every test; its certificates must not be changed.
func newHierarchy(t testing.TB) hierarchy {
	t.Helper()
	madeOnce.Do(func() {
		h := hierarchy{caKey: fixedKey(t, "ca"), key: fixedKey(t, "leaf")}
		h.ca = create(t, caTemplate(), h.caKey.Public(), nil, h.caKey)
		h.leaf = create(t, leafTemplate(), h.key.Public(), h.ca, h.caKey)
		made = h
	})
	if made.leaf == nil {
		t.Fatal("the hierarchy could not be made")
	}
	return made
}

func create(t testing.TB, tpl CertificateTemplate, pub PublicKey, issuer *Certificate, key *PrivateKey) *Certificate {
	t.Helper()
	b, err := CreateCertificate(tpl, pub, issuer, key)
	if err != nil {
		t.Fatal(err)
	}
	return parse(t, b)
}

func parse(t testing.TB, b []byte) *Certificate {
	t.Helper()
	c, err := ParseCertificate(b)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// openssl runs the program as a second witness.
func openssl(t testing.TB, args ...string) (string, error) {
	t.Helper()
	path, err := exec.LookPath("openssl")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("openssl is missing")
		}
		t.Skip("openssl is not installed")
	}
	out, err := exec.Command(path, args...).CombinedOutput()
	return string(out), err
}

// pemFile writes a PEM file into dir and answers its path.
func pemFile(t testing.TB, dir, name, kind string, b []byte) string {
	t.Helper()
	return writeFile(t, dir, name, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: b}))
}

func writeFile(t testing.TB, dir, name string, b []byte) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// sec1 is the key in the form that openssl reads (RFC 5915).
func sec1(k *PrivateKey) []byte {
	d := k.D()
	return der.Sequence(der.Int(1), der.Octets(d[:]), der.Explicit(0, der.OID(oidSM2)), der.Explicit(1, der.Bits(k.Public().Point())))
}

func spki(k PublicKey) []byte {
	return der.Sequence(der.Sequence(der.OID(oidECPublicKey), der.OID(oidSM2)), der.Bits(k.Point()))
}

func bytes32(n *big.Int) (out [32]byte) {
	n.FillBytes(out[:])
	return out
}

func hexOf(b []byte) string { return hex.EncodeToString(b) }

// attime is an instant as openssl takes it.
func attime(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) }
