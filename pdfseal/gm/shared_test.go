package gm

import (
	"encoding/pem"
	"testing"

	"sealdesk/pdfseal/internal/der"
)

// certificatesIn finds every certificate inside b, wherever it stands.
func certificatesIn(b []byte) map[string]*Certificate {
	out := map[string]*Certificate{}
	for i := range b {
		if b[i] != 0x30 {
			continue
		}
		v, _, err := der.Parse(b[i:])
		if err != nil || len(v.Full) < 200 || len(v.Full) > MaxCertificate {
			continue
		}
		if c, err := ParseCertificate(v.Full); err == nil {
			out[c.SerialHex] = c
		}
	}
	return out
}

// rootFromP12 takes the third-party root out of its file with openssl.
func rootFromP12(t *testing.T) *Certificate {
	t.Helper()
	sharedFile(t, "ROOT.p12")
	out, err := openssl(t, "pkcs12", "-legacy", "-in", sharedSeals+"/ROOT.p12", "-passin", "pass:123456", "-nokeys")
	if err != nil {
		t.Skipf("openssl cannot read RC2 here: %s", out)
	}
	for rest := []byte(out); ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			t.Fatalf("no certificate in\n%s", out)
		} else if block.Type == "CERTIFICATE" {
			return parse(t, block.Bytes)
		}
	}
}

// TestThirdParty_certificates reads the certificates S, M, P and R of the
// shared test data and checks the root's signature on them.
func TestThirdParty_certificates(t *testing.T) {
	found := certificatesIn(sharedFile(t, "SignedValueV4.dat"))
	block, _ := pem.Decode(sharedFile(t, "sign_cert.pem"))
	p := parse(t, block.Bytes)
	found[p.SerialHex] = p
	root := rootFromP12(t)
	if root.SerialHex != "01719D2BDEC7" || !root.IsCA || root.KeyUsage != KeyUsageDigitalSignature|KeyUsageNonRepudiation {
		t.Errorf("root: %s, CA %v, usage %b", root.SerialHex, root.IsCA, root.KeyUsage)
	}
	for name, serial := range map[string]string{"S": "01719D2DAB60", "M": "01719D2E201D", "P": "017AF20E3374"} {
		c := found[serial]
		if c == nil {
			t.Errorf("%s is not found", name)
			continue
		}
		if c.SubjectCN != "Test Certificate" || c.IsCA || !c.IsSM2 || !c.CanSign() ||
			c.KeyUsage != KeyUsageDigitalSignature|KeyUsageNonRepudiation|KeyUsageKeyCertSign || len(c.ExtKeyUsage) != 1 {
			t.Errorf("%s: %+v", name, c)
		}
		if err := c.CheckSignatureFrom(root); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err := c.CheckSignatureFrom(c); err == nil {
			t.Errorf("%s signed itself", name)
		}
	}
}

// TestThirdParty_keyMatchesCertificate compares sign_key.pem with sign_cert.pem.
func TestThirdParty_keyMatchesCertificate(t *testing.T) {
	block, _ := pem.Decode(sharedFile(t, "sign_cert.pem"))
	c := parse(t, block.Bytes)
	for rest := sharedFile(t, "sign_key.pem"); ; {
		if block, rest = pem.Decode(rest); block == nil {
			t.Fatal("no key")
		}
		if block.Type == "EC PRIVATE KEY" {
			break
		}
	}
	v, err := der.ParseAll(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	e, err := v.Sequence(2, 4)
	if err != nil {
		t.Fatal(err)
	}
	k, err := NewPrivateKey([32]byte(e[1].Content))
	if err != nil {
		t.Fatal(err)
	}
	if k.Public() != c.Public {
		t.Error("key and certificate differ")
	}
}
