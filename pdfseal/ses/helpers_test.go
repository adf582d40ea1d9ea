package ses

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math/big"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/internal/der"
)

// shared answers a file of the shared test data, or skips where it is absent.
func shared(t testing.TB, name string) []byte {
	t.Helper()
	dir := filepath.Join("..", "..", "..", "shared", "testdata", "seals")
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("shared test data is not here: %v", err)
	}
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// party is a key with its certificate.
type party struct {
	key  *gm.PrivateKey
	cert []byte
}

func newParty(name string, serial int64) party {
	key, err := gm.NewPrivateKey(gm.SM3([]byte(name)))
	if err != nil {
		panic(err)
	}
	cert, err := gm.CreateCertificate(gm.CertificateTemplate{
		CommonName: name, Organization: "示范旗人民政府", Country: "CN", Serial: big.NewInt(serial),
		NotBefore: date(2024), NotAfter: date(2034), KeyUsage: gm.KeyUsageDigitalSignature,
	}, key.Public(), nil, key)
	if err != nil {
		panic(err)
	}
	return party{key, cert}
}

// parties makes a seal maker and two signatories once.
var parties = sync.OnceValue(func() [3]party {
	return [3]party{newParty("maker", 11), newParty("signatory", 12), newParty("other", 13)}
})

func maker() party     { return parties()[0] }
func signatory() party { return parties()[1] }
func other() party     { return parties()[2] }

func date(year int) time.Time { return time.Date(year, 3, 1, 8, 0, 0, 0, time.UTC) }

func pngPicture() Picture {
	img := image.NewNRGBA(image.Rect(0, 0, 8, 6))
	for i := range 8 {
		img.SetNRGBA(i, i%6, color.NRGBA{R: 200, G: uint8(i), A: uint8(30 * i)})
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		panic(err)
	}
	return Picture{Type: "PNG", Data: b.Bytes(), WidthMM: 42, HeightMM: 40}
}

func sealInfo(v Version) SealInfo {
	return SealInfo{
		Version: v, Vendor: "sealdesk", ID: "15000000000001", Kind: 1, Name: "示范旗人民政府",
		Certs: [][]byte{signatory().cert}, Created: date(2025), ValidFrom: date(2025), ValidTo: date(2030), Picture: pngPicture(),
	}
}

func buildSeal(t testing.TB, info SealInfo) *Seal {
	t.Helper()
	b, err := BuildSeal(info, maker().cert, maker().key.Sign)
	if err != nil {
		t.Fatal(err)
	}
	s, err := ParseSeal(b)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func tbsOf(t testing.TB, seal *Seal) []byte {
	t.Helper()
	hash := gm.SM3([]byte("protected"))
	tbs, err := BuildTBS(seal, date(2026), hash, "ByteRange[0 10 20 30]")
	if seal.Version == V1 {
		tbs, err = BuildTBSV1(seal, date(2026), hash, "ByteRange[0 10 20 30]", signatory().cert)
	}
	if err != nil {
		t.Fatal(err)
	}
	return tbs
}

func sign(t testing.TB, p party, m []byte) []byte {
	t.Helper()
	sig, err := p.key.Sign(m)
	if err != nil {
		t.Fatal(err)
	}
	return sig
}

func buildSignature(t testing.TB, seal *Seal) *Signature {
	t.Helper()
	tbs := tbsOf(t, seal)
	b, err := BuildSignature(tbs, signatory().cert, sign(t, signatory(), tbs))
	if err != nil {
		t.Fatal(err)
	}
	s, err := ParseSignature(b)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// raw turns a DER signature value into r‖s.
func raw(t testing.TB, sig []byte) []byte {
	t.Helper()
	s, _, err := gm.ParseSignature(sig)
	if err != nil {
		t.Fatal(err)
	}
	return s.Raw()
}

// identifier is the first octet of v.
func identifier(v der.Value) byte { return v.Full[0] }

// everyValue calls visit for each value of the tree, with the value around it
// and a function that puts other bytes in its place and answers the whole.
func everyValue(t testing.TB, b []byte, visit func(v, parent der.Value, swap func([]byte) []byte)) {
	t.Helper()
	v, err := der.ParseAll(b)
	if err != nil {
		t.Fatal(err)
	}
	walk(v, der.Value{}, func(b []byte) []byte { return b }, visit)
}

func walk(v, parent der.Value, swap func([]byte) []byte, visit func(v, parent der.Value, swap func([]byte) []byte)) {
	visit(v, parent, swap)
	if !v.Constructed {
		return
	}
	before := []byte{}
	for rest := v.Content; len(rest) > 0; {
		c, after, err := der.Parse(rest)
		if err != nil {
			panic(err)
		}
		head := append([]byte(nil), before...)
		walk(c, v, func(b []byte) []byte { return swap(der.TLV(identifier(v), head, b, after)) }, visit)
		before, rest = append(before, c.Full...), after
	}
}
