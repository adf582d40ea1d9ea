package ses

import (
	"encoding/asn1"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/internal/der"
)

// opensslAccepts asks OpenSSL whether value is the SM2 signature of m with
// the default user ID. It skips where OpenSSL cannot be run.
func opensslAccepts(t *testing.T, cert, m, value []byte) bool {
	t.Helper()
	tool, err := exec.LookPath("openssl")
	if err != nil {
		t.Skipf("second witness is missing: %v", err)
	}
	c, err := gm.ParseCertificate(cert)
	if err != nil {
		t.Fatal(err)
	}
	spki := der.Sequence(
		der.Sequence(der.OID(asn1.ObjectIdentifier{1, 2, 840, 10045, 2, 1}), der.OID(asn1.ObjectIdentifier{1, 2, 156, 10197, 1, 301})),
		der.Bits(c.Public.Point()),
	)
	dir := t.TempDir()
	write := func(name string, b []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	cmd := exec.Command(tool, "pkeyutl", "-verify", "-pubin", "-rawin", "-digest", "sm3", "-pkeyopt", "distid:"+gm.UserID,
		"-inkey", write("key.pem", pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: spki})),
		"-in", write("m", m), "-sigfile", write("sig", value))
	out, err := cmd.CombinedOutput()
	if err == nil {
		return true
	}
	if exit, ok := err.(*exec.ExitError); !ok || exit.ExitCode() != 1 {
		t.Fatalf("openssl: %v\n%s", err, out)
	}
	return false
}

func TestOpenSSL_acceptsWhatIsWritten(t *testing.T) {
	for _, v := range []Version{V1, V4, V5} {
		t.Run(v.String(), func(t *testing.T) {
			seal := buildSeal(t, sealInfo(v))
			if !opensslAccepts(t, seal.MakerCert, seal.SignedBytes(), seal.Value) {
				t.Error("OpenSSL refuses the seal value over SignedBytes")
			}
			if opensslAccepts(t, seal.MakerCert, seal.Raw, seal.Value) {
				t.Error("OpenSSL accepts the seal value over the whole seal")
			}
			s := buildSignature(t, seal)
			if !opensslAccepts(t, s.SignerCert, s.TBSRaw, s.Value) {
				t.Error("OpenSSL refuses the signature value over TBS_Sign")
			}
		})
	}
}
