package trust

import (
	"encoding/pem"
	"os"
	"os/exec"
	"strings"
	"testing"

	"sealdesk/pdfseal/gm"
)

const sharedSeals = "../../../shared/testdata/seals"

// TestChain_thirdPartyRootLacksKeyCertSign: the root's signature on the
// certificate is right, but its key usage does not let it sign certificates.
func TestChain_thirdPartyRootLacksKeyCertSign(t *testing.T) {
	b, err := os.ReadFile(sharedSeals + "/sign_cert.pem")
	if err != nil {
		t.Skip("shared test data is not beside the project: " + sharedSeals)
	}
	out, err := exec.Command("openssl", "pkcs12", "-legacy", "-in", sharedSeals+"/ROOT.p12", "-passin", "pass:123456", "-nokeys").Output()
	if err != nil {
		t.Skipf("openssl with RC2 is needed to open ROOT.p12: %v", err)
	}
	leaf, root := fromPEM(t, b), fromPEM(t, out)
	if err := leaf.CheckSignatureFrom(root); err != nil {
		t.Fatal(err)
	}
	res := load(t, file(Anchor{Purpose: PurposeSigner, Certificate: root.Raw})).Chain(leaf, PurposeSigner)
	if res.Status != ChainBroken || !strings.Contains(res.Detail, "keyCertSign") || res.Path != nil {
		t.Errorf("%s: %s", res.Status, res.Detail)
	}
}

func fromPEM(t *testing.T, b []byte) *gm.Certificate {
	t.Helper()
	for {
		var block *pem.Block
		if block, b = pem.Decode(b); block == nil {
			t.Fatal("no certificate")
		}
		if block.Type != "CERTIFICATE" {
			continue
		}
		c, err := gm.ParseCertificate(block.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
}
