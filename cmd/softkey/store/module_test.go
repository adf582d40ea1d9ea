//go:build cgo

package store_test

import (
	"bytes"
	"crypto/rand"
	"encoding/asn1"
	"encoding/pem"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/miekg/pkcs11"

	"sealdesk/cmd/softkey/store"
)

const userPIN = "123456"

// bench is one store with the module loaded over it.
type bench struct {
	ctx  *pkcs11.Ctx
	slot *store.Slot
	dir  string
}

func newBench(t *testing.T, spec store.TokenSpec) *bench {
	t.Helper()
	so := store.BuildForTest(t)
	b := &bench{dir: t.TempDir()}
	spec.UserPIN = userPIN
	must(t, store.Init(b.dir, 0, spec))
	slot, err := store.Open(b.dir, 0)
	must(t, err)
	b.slot = slot
	must(t, slot.Insert())
	t.Setenv("SOFTKEY_DIR", b.dir)
	if b.ctx = pkcs11.New(so); b.ctx == nil {
		t.Fatalf("cannot load %s", so)
	}
	must(t, b.ctx.Initialize())
	t.Cleanup(func() {
		_ = b.ctx.Finalize()
		b.ctx.Destroy()
	})
	return b
}

func (b *bench) login(t *testing.T) pkcs11.SessionHandle {
	t.Helper()
	h, err := b.ctx.OpenSession(0, pkcs11.CKF_SERIAL_SESSION|pkcs11.CKF_RW_SESSION)
	must(t, err)
	must(t, b.ctx.Login(h, pkcs11.CKU_USER, userPIN))
	return h
}

func (b *bench) find(t *testing.T, h pkcs11.SessionHandle, class uint) pkcs11.ObjectHandle {
	t.Helper()
	must(t, b.ctx.FindObjectsInit(h, []*pkcs11.Attribute{pkcs11.NewAttribute(pkcs11.CKA_CLASS, class)}))
	found, _, err := b.ctx.FindObjects(h, 2)
	must(t, err)
	must(t, b.ctx.FindObjectsFinal(h))
	if len(found) != 1 {
		t.Fatalf("found %d objects of class %d, want 1", len(found), class)
	}
	return found[0]
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func randomD(t *testing.T) (d [32]byte) {
	t.Helper()
	_, err := rand.Read(d[1:])
	must(t, err)
	return d
}

// sign signs with the mechanism; the parameter is the user ID where id is set.
func (b *bench) sign(h pkcs11.SessionHandle, key pkcs11.ObjectHandle, mech uint, id bool, data []byte) ([]byte, error) {
	var param any
	if id {
		param = []byte("1234567812345678")
	}
	if err := b.ctx.SignInit(h, []*pkcs11.Mechanism{pkcs11.NewMechanism(mech, param)}, key); err != nil {
		return nil, err
	}
	return b.ctx.Sign(h, data)
}

// toDER accepts r||s and DER, its INTEGERs read as unsigned.
func toDER(t *testing.T, sig []byte) []byte {
	t.Helper()
	r, s := sig, sig
	if len(sig) == 64 {
		r, s = sig[:32], sig[32:]
	} else {
		var raw struct{ R, S asn1.RawValue }
		_, err := asn1.Unmarshal(sig, &raw)
		must(t, err)
		r, s = raw.R.Bytes, raw.S.Bytes
	}
	der, err := asn1.Marshal(struct{ R, S *big.Int }{new(big.Int).SetBytes(r), new(big.Int).SetBytes(s)})
	must(t, err)
	return der
}

// opensslAccepts asks the openssl program: is sig an SM2 signature of m with the default user ID?
func opensslAccepts(t *testing.T, point, m, sigDER []byte) bool {
	t.Helper()
	dir := t.TempDir()
	pub := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: spki(t, point)})
	write := func(name string, b []byte) string {
		p := filepath.Join(dir, name)
		must(t, os.WriteFile(p, b, 0o600))
		return p
	}
	out, err := exec.Command("openssl", "pkeyutl", "-verify", "-rawin", "-digest", "sm3",
		"-pkeyopt", "distid:1234567812345678", "-pubin", "-inkey", write("pub.pem", pub),
		"-in", write("m", m), "-sigfile", write("sig", sigDER)).CombinedOutput()
	if err == nil {
		return true
	}
	if !bytes.Contains(out, []byte("Signature Verification Failure")) {
		t.Fatalf("openssl: %v\n%s", err, out)
	}
	return false
}

func spki(t *testing.T, point []byte) []byte {
	t.Helper()
	der, err := asn1.Marshal(struct {
		Alg struct{ ID, Curve asn1.ObjectIdentifier }
		Key asn1.BitString
	}{
		struct{ ID, Curve asn1.ObjectIdentifier }{
			asn1.ObjectIdentifier{1, 2, 840, 10045, 2, 1}, asn1.ObjectIdentifier{1, 2, 156, 10197, 1, 301}},
		asn1.BitString{Bytes: point, BitLength: 8 * len(point)},
	})
	must(t, err)
	return der
}
