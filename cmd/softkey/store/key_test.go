package store_test

import (
	"encoding/hex"
	"errors"
	"os/exec"
	"strings"
	"testing"

	"sealdesk/cmd/softkey/store"
)

const (
	keyHex  = "0000000000000000000000000000000000000000000000000000000000000009"
	keySEC1 = "30310201010420" + keyHex + "a00a06082a811ccf5501822d"
	keyP8   = "3047020100301306072a8648ce3d020106082a811ccf5501822d042d302b0201010420" + keyHex + "a1040302" + "0000"
	order   = "fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123"
)

func unhex(s string) []byte {
	b, err := hex.DecodeString(s)
	if err != nil {
		panic(err)
	}
	return b
}

func TestParseKey_forms(t *testing.T) {
	for name, b := range map[string][]byte{
		"hex": []byte(keyHex + "\n"), "SEC1": unhex(keySEC1), "PKCS#8": unhex(keyP8),
	} {
		d, err := store.ParseKey(b)
		if err != nil || d != [32]byte{31: 9} {
			t.Errorf("%s: %x, %v", name, d, err)
		}
	}
}

func TestParseKey_openssl(t *testing.T) {
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Skip("SKIPPED: openssl is not installed")
	}
	for _, args := range [][]string{
		{"genpkey", "-algorithm", "SM2"},
		{"genpkey", "-algorithm", "SM2", "-outform", "DER"},
		{"ecparam", "-name", "SM2", "-genkey"},
		{"ecparam", "-name", "SM2", "-genkey", "-outform", "DER", "-noout"},
	} {
		out, err := exec.Command("openssl", args...).Output()
		check(t, err)
		if _, err := store.ParseKey(out); err != nil {
			t.Errorf("openssl %v: %v", args, err)
		}
	}
	out, err := exec.Command("openssl", "ecparam", "-name", "prime256v1", "-genkey").Output()
	check(t, err)
	if _, err := store.ParseKey(out); !errors.Is(err, store.ErrKeyFormat) {
		t.Errorf("a P-256 key: %v, want ErrKeyFormat", err)
	}
}

func TestParseKey_refuses(t *testing.T) {
	for name, b := range map[string][]byte{
		"nothing":   nil,
		"zero":      []byte(strings.Repeat("0", 64)),
		"the order": []byte(order),
		"n-1":       []byte(strings.TrimSuffix(order, "3") + "2"),
		"short hex": []byte(keyHex[1:]),
		"trailing":  append(unhex(keySEC1), 0),
		"no curve":  unhex("30250201010420" + keyHex),
		"encrypted": []byte("-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n"),
	} {
		if _, err := store.ParseKey(b); !errors.Is(err, store.ErrKeyFormat) {
			t.Errorf("%s: %v, want ErrKeyFormat", name, err)
		}
	}
}

func FuzzParseKey(f *testing.F) {
	for _, s := range []string{keyHex, string(unhex(keySEC1)), string(unhex(keyP8)), "-----BEGIN EC PRIVATE KEY-----\n", ""} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if d, err := store.ParseKey(b); (err == nil) == (d == [32]byte{}) {
			t.Errorf("%x, %v", d, err)
		}
	})
}
