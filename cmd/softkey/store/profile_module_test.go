//go:build cgo

package store_test

import (
	"bytes"
	"encoding/hex"
	"math/big"
	"os/exec"
	"slices"
	"testing"

	"github.com/miekg/pkcs11"

	"sealdesk/cmd/softkey/store"
)

// z is ENTL || ID || a || b || G || the public point: what SM3 makes Z of (GB/T 32918.2, 5.5).
func z(point []byte) []byte {
	head, err := hex.DecodeString("0080" + hex.EncodeToString([]byte("1234567812345678")) +
		"fffffffeffffffffffffffffffffffffffffffff00000000fffffffffffffffc" +
		"28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93" +
		"32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7" +
		"bc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0")
	if err != nil {
		panic(err)
	}
	return append(head, point[1:]...)
}

func sm3(t *testing.T, m []byte) []byte {
	t.Helper()
	cmd := exec.Command("openssl", "dgst", "-sm3", "-binary")
	cmd.Stdin = bytes.NewReader(m)
	sum, err := cmd.Output()
	must(t, err)
	return sum
}

type mechanism struct {
	mech uint
	in   string
	der  bool
	id   bool
}

var mechanisms = map[string][]mechanism{
	"sansec": {{mech: 0x80008105, in: "e"}, {mech: 0x80008104, in: "e", der: true}, {mech: 0x80008102, in: "msgz"},
		{mech: 0x80008103, in: "msgz", der: true}, {mech: 0x80008100, in: "msg"}, {mech: 0x80008101, in: "msg", der: true}},
	"tass":                {{mech: 0x80008000, in: "e", der: true}, {mech: 0x80008100, in: "msgz", der: true}},
	"koal":                {{mech: 0x80008104, in: "e", der: true}, {mech: 0x80008100, in: "msg"}, {mech: 0x80008101, in: "msg", der: true}},
	"yw":                  {{mech: 0x80008100, in: "msgz"}},
	"westone":             {{mech: 0x80000004, in: "e"}, {mech: 0x80000002, in: "e"}},
	"luna":                {{mech: 0x80000b21, in: "e"}, {mech: 0x80000b22, in: "msgz"}},
	"ibm-ep11":            {{mech: 0x8005000b, in: "e"}, {mech: 0x8005000f, in: "msgz"}, {mech: 0x8005000c, in: "msg"}},
	"mk1":                 {{mech: 0x00010002, in: "e"}, {mech: 0x00010004, in: "msgz"}},
	"ec-sm2":              {{mech: 0x1041, in: "ecdsa"}},
	"ec-sm2-vendor":       {{mech: 0x1041, in: "ecdsa"}, {mech: 0x80001041, in: "e"}},
	"custom":              {{mech: 0xfffff002, in: "e"}, {mech: 0xfffff003, in: "msgz", id: true}},
	"sansec-noz":          {{mech: 0x80008100, in: "msg"}},
	"sansec-msgz":         {{mech: 0x80008102, in: "msgz"}},
	"sansec-der-negative": {{mech: 0x80008104, in: "e", der: true}, {mech: 0x80008103, in: "msgz", der: true}},
}

// wants gives the mechanisms of a profile; variants of sansec have those of sansec.
func wants(name string) []mechanism {
	if m, ok := mechanisms[name]; ok {
		return m
	}
	return mechanisms["sansec"]
}

// publicPoint derives the public point by openssl from the private scalar.
func publicPoint(t *testing.T, d [32]byte) []byte {
	t.Helper()
	// ECPrivateKey (RFC 5915) without the public key: openssl computes it.
	der := append([]byte{0x30, 0x31, 0x02, 0x01, 0x01, 0x04, 0x20}, d[:]...)
	der = append(der, 0xa0, 0x0a, 0x06, 0x08, 0x2a, 0x81, 0x1c, 0xcf, 0x55, 0x01, 0x82, 0x2d)
	cmd := exec.Command("openssl", "ec", "-inform", "DER", "-pubout", "-outform", "DER")
	cmd.Stdin = bytes.NewReader(der)
	out, err := cmd.Output()
	must(t, err)
	if len(out) < 65 {
		t.Fatalf("openssl ec: %d bytes", len(out))
	}
	return out[len(out)-65:]
}

func TestProfiles_sign(t *testing.T) {
	if len(store.Profiles()) < 20 {
		t.Fatalf("only %d profiles", len(store.Profiles()))
	}
	for _, name := range store.Profiles() {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, store.TokenSpec{Profile: name})
			d := randomD(t)
			must(t, b.slot.AddKey([]byte("k1"), d, "signing key"))
			h := b.login(t)
			key := b.find(t, h, pkcs11.CKO_PRIVATE_KEY)
			point := publicPoint(t, d)
			for _, m := range wants(name) {
				b.checkSignature(t, h, key, name, m, point)
			}
		})
	}
}

func (b *bench) checkSignature(t *testing.T, h pkcs11.SessionHandle, key pkcs11.ObjectHandle, profile string, m mechanism, point []byte) {
	t.Helper()
	msg := []byte("公文的待签章数据 " + profile)
	full := append(sm3(t, z(point)), msg...)
	data := msg
	switch m.in {
	case "e", "ecdsa":
		data = sm3(t, full)
	}
	sig, err := b.sign(h, key, m.mech, m.id, data)
	if profile == "consume-on-length-query" {
		// miekg always asks for the length first: such a key cannot be used through it.
		if err != pkcs11.Error(pkcs11.CKR_OPERATION_NOT_INITIALIZED) {
			t.Fatalf("%#x: %v, want CKR_OPERATION_NOT_INITIALIZED", m.mech, err)
		}
		return
	}
	must(t, err)
	if raw := len(sig) == 64; raw == m.der {
		t.Fatalf("%#x: %d bytes, DER wanted: %v", m.mech, len(sig), m.der)
	}
	good := m.in == "e" || m.in == "msgz"
	if opensslAccepts(t, point, msg, toDER(t, sig)) != good {
		t.Errorf("%#x (%s): valid = %v", m.mech, m.in, !good)
	}
	if m.in == "msg" { // the cure for the no-Z trap: feed it Z || M
		sig, err := b.sign(h, key, m.mech, false, full)
		must(t, err)
		if !opensslAccepts(t, point, msg, toDER(t, sig)) {
			t.Errorf("%#x: not valid over Z||M", m.mech)
		}
	}
	if profile == "sansec-der-negative" && sig[4]&0x80 == 0 {
		t.Errorf("%#x: r has its sign byte: %x", m.mech, sig[:6])
	}
}

func (b *bench) attribute(h pkcs11.SessionHandle, o pkcs11.ObjectHandle, a uint) []byte {
	got, err := b.ctx.GetAttributeValue(h, o, []*pkcs11.Attribute{pkcs11.NewAttribute(a, nil)})
	if err != nil {
		return nil
	}
	return got[0].Value
}

func TestProfiles_publicPoint(t *testing.T) {
	const smX, smY = 0x10002, 0x10003
	for _, c := range []struct {
		profile string
		attrs   []uint
		want    func(p []byte) []byte
	}{
		{"sansec", []uint{pkcs11.CKA_EC_POINT}, func(p []byte) []byte { return append([]byte{4, 65}, p...) }},
		{"point-raw", []uint{pkcs11.CKA_EC_POINT}, func(p []byte) []byte { return p }},
		{"point-none", []uint{pkcs11.CKA_EC_POINT, pkcs11.CKA_VALUE, smX}, func([]byte) []byte { return nil }},
		{"westone", []uint{pkcs11.CKA_EC_POINT, pkcs11.CKA_VALUE}, func(p []byte) []byte { return p[1:] }},
		{"mk1", []uint{pkcs11.CKA_EC_POINT, smX, smY}, func(p []byte) []byte { return p[1:] }},
	} {
		t.Run(c.profile, func(t *testing.T) {
			b := newBench(t, store.TokenSpec{Profile: c.profile})
			d := randomD(t)
			must(t, b.slot.AddKey([]byte("k1"), d, "key"))
			h := b.login(t)
			o := b.find(t, h, pkcs11.CKO_PUBLIC_KEY)
			var got []byte
			for _, a := range c.attrs {
				got = append(got, b.attribute(h, o, a)...)
			}
			if want := c.want(publicPoint(t, d)); !bytes.Equal(got, want) {
				t.Errorf("public point %x, want %x", got, want)
			}
			if v := b.attribute(h, b.find(t, h, pkcs11.CKO_PRIVATE_KEY), pkcs11.CKA_VALUE); v != nil {
				t.Error("the private key can be read")
			}
		})
	}
}

func TestProfiles_noECDSAasSM2(t *testing.T) {
	b := newBench(t, store.TokenSpec{Profile: "ec-sm2"})
	mechs, err := b.ctx.GetMechanismList(0)
	must(t, err)
	for _, m := range mechs {
		if m.Mechanism >= 0x80000000 {
			t.Errorf("vendor mechanism %#x on a key that has none", m.Mechanism)
		}
	}
	if len(mechs) == 0 {
		t.Error("no mechanism at all")
	}
}

func TestProfiles_emptyMechanismList(t *testing.T) {
	b := newBench(t, store.TokenSpec{Profile: "empty-mechanism-list"})
	mechs, err := b.ctx.GetMechanismList(0)
	if err != nil || len(mechs) != 0 {
		t.Fatalf("%d mechanisms, %v", len(mechs), err)
	}
}

func TestProfiles_namesAreUnique(t *testing.T) {
	names := store.Profiles()
	slices.Sort(names)
	if len(slices.Compact(names)) != len(store.Profiles()) {
		t.Error("two profiles of one name")
	}
}

func TestSignature_rangeOfDER(t *testing.T) {
	b := newBench(t, store.TokenSpec{Profile: "sansec-der-negative"})
	must(t, b.slot.AddKey([]byte("k1"), randomD(t), "key"))
	h := b.login(t)
	sig, err := b.sign(h, b.find(t, h, pkcs11.CKO_PRIVATE_KEY), 0x80008104, false, make([]byte, 32))
	must(t, err)
	if n := int(sig[3]); new(big.Int).SetBytes(sig[4:4+n]).Sign() <= 0 {
		t.Error("r is not positive when read as unsigned")
	}
}
