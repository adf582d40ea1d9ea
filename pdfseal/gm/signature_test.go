package gm

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"os"
	"testing"
)

func TestParsePoint_refuses(t *testing.T) {
	good := fixedKey(t, "a").Public().Point()
	x, y := fixedKey(t, "a").Public().numbers()
	with := func(first byte, x, y *big.Int) []byte {
		return append([]byte{first}, append(x.FillBytes(make([]byte, 32)), y.FillBytes(make([]byte, 32))...)...)
	}
	// A point whose x is so small that x + p still fits 32 bytes: the same point by congruence.
	small := new(big.Int)
	sy := new(big.Int)
	for small.SetInt64(1); ; small.Add(small, big.NewInt(1)) {
		sq := new(big.Int).Exp(small, big.NewInt(3), curve.p)
		sq.Add(sq, new(big.Int).Mul(curve.a, small)).Add(sq, curve.b).Mod(sq, curve.p)
		if sy.ModSqrt(sq, curve.p) != nil {
			break
		}
	}
	if _, err := ParsePoint(with(4, small, sy)); err != nil {
		t.Fatalf("small x: %v", err)
	}
	for name, b := range map[string][]byte{
		"empty": nil, "infinity": {0}, "short": good[:64], "long": append(bytes.Clone(good), 0),
		"compressed": append([]byte{2}, good[1:33]...), "hybrid": with(6, x, y), "zero": with(4, new(big.Int), new(big.Int)),
		"exchanged": with(4, y, x), "x + p": with(4, new(big.Int).Add(small, curve.p), sy), "x = p": with(4, curve.p, sy),
		"y + 1": with(4, x, new(big.Int).Add(y, big.NewInt(1))),
	} {
		var format *FormatError
		if k, err := ParsePoint(b); !errors.As(err, &format) || k != (PublicKey{}) {
			t.Errorf("%s: %v, %v", name, k, err)
		}
	}
	if k, err := ParsePoint(good); err != nil || !bytes.Equal(k.Point(), good) {
		t.Errorf("%v", err)
	}
}

func TestVerify_zeroKeyVerifiesNothing(t *testing.T) {
	sig, err := fixedKey(t, "a").Sign([]byte("m"))
	if err != nil {
		t.Fatal(err)
	}
	var format *FormatError
	if err := (PublicKey{}).Verify([]byte("m"), sig); !errors.As(err, &format) {
		t.Errorf("got %v", err)
	}
}

// TestVerify_everyBitOfTheValueCounts flips each bit of a value in both forms.
func TestVerify_everyBitOfTheValueCounts(t *testing.T) {
	k := fixedKey(t, "a")
	sig, err := k.Sign([]byte("m"))
	if err != nil {
		t.Fatal(err)
	}
	s, form, err := ParseSignature(sig)
	if err != nil || form != FormDER {
		t.Fatal(form, err)
	}
	for _, whole := range [][]byte{sig, s.Raw()} {
		step := 1
		if testing.Short() {
			step = 29
		}
		for i := 0; i < len(whole)*8; i += step {
			b := bytes.Clone(whole)
			b[i/8] ^= 1 << (i % 8)
			if err := k.Public().Verify([]byte("m"), b); err == nil {
				t.Fatalf("bit %d of %x does not matter", i, whole)
			}
		}
	}
}

// TestVerifyDigest_extremeDigests signs numbers at and beyond the order of the curve.
func TestVerifyDigest_extremeDigests(t *testing.T) {
	k := fixedKey(t, "a")
	top := new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 256), big.NewInt(1))
	for _, e := range []*big.Int{new(big.Int), big.NewInt(1), new(big.Int).Sub(curve.n, big.NewInt(1)), curve.n, curve.p, top} {
		sig, err := k.SignDigest(bytes32(e))
		if err != nil {
			t.Errorf("e = %x: %v", e, err)
			continue
		}
		if err := k.Public().VerifyDigest(SM3([]byte("x")), sig); !errors.Is(err, ErrSignature) {
			t.Errorf("e = %x: another digest: %v", e, err)
		}
	}
}

// TestVerifyDigest_degenerateSums makes values for which sG and tP are the
// same point, or opposite ones: the places where addition formulas fail.
func TestVerifyDigest_degenerateSums(t *testing.T) {
	k := fixedKey(t, "a")
	d := k.D()
	inverse := new(big.Int).ModInverse(new(big.Int).SetBytes(d[:]), curve.n)
	mod := func(n *big.Int) *big.Int { return n.Mod(n, curve.n) }
	for i := range 4 {
		b := SM3([]byte("s"), []byte{byte(i)})
		s := mod(new(big.Int).SetBytes(b[:]))
		// same: t = s/d, so tP = sG; the sum is 2sG and e is chosen to fit.
		tt := mod(new(big.Int).Mul(s, inverse))
		r := mod(new(big.Int).Sub(tt, s))
		double := bytes32(mod(new(big.Int).Lsh(s, 1)))
		sum, err := NewPrivateKey(double)
		if err != nil {
			t.Fatal(err)
		}
		x, _ := sum.Public().numbers()
		e := bytes32(mod(new(big.Int).Sub(r, x)))
		first := k.Public().acceptsFirst(e, Signature{bytes32(r), bytes32(s)})
		second := k.Public().acceptsSecond(e, Signature{bytes32(r), bytes32(s)})
		if !second {
			t.Errorf("%d: emmansun refuses a right value", i)
		}
		got := k.Public().VerifyDigest(e, Signature{bytes32(r), bytes32(s)}.DER())
		if (got == nil) != (first && second) {
			t.Errorf("%d: libraries say %v, %v; got %v", i, first, second, got)
		}
		// opposite: t = -s/d, the sum is infinity and no e fits.
		tt = mod(new(big.Int).Neg(tt))
		r = mod(new(big.Int).Sub(tt, s))
		for _, e := range []*big.Int{r, new(big.Int)} {
			if err := k.Public().VerifyDigest(bytes32(e), Signature{bytes32(r), bytes32(s)}.DER()); err == nil {
				t.Errorf("%d: the point at infinity is accepted", i)
			}
		}
	}
}

// TestVerify_librariesAgree lets both libraries judge the same right and
// wrong values, of keys at the ends of their range and of random ones.
func TestVerify_librariesAgree(t *testing.T) {
	rounds := 24
	if os.Getenv("SEALDESK_LONG") == "1" {
		rounds = 5000
	}
	edges := []*big.Int{big.NewInt(1), big.NewInt(2), big.NewInt(3), new(big.Int).Sub(curve.n, big.NewInt(2)), new(big.Int).Rsh(curve.n, 1)}
	for i := range rounds {
		k, m := newKey(t), []byte(fmt.Sprint("message ", i))
		if i < len(edges) {
			var err error
			if k, err = NewPrivateKey(bytes32(edges[i])); err != nil {
				t.Fatal(err)
			}
		}
		sig, err := k.Sign(m)
		if err != nil {
			t.Fatal(err)
		}
		s, _, err := ParseSignature(sig)
		if err != nil {
			t.Fatal(err)
		}
		e := k.Public().Digest(m)
		if !k.Public().acceptsFirst(e, s) || !k.Public().acceptsSecond(e, s) {
			t.Errorf("key %x: a right value is refused", k.D())
		}
		s.S[31-i%32] ^= 1
		if k.Public().acceptsFirst(e, s) || k.Public().acceptsSecond(e, s) {
			t.Errorf("a wrong value is accepted")
		}
	}
}

func TestParseSignature_forms(t *testing.T) {
	one, two := big.NewInt(1), big.NewInt(2)
	last := new(big.Int).Sub(curve.n, one)
	for _, c := range []struct {
		name string
		r, s *big.Int
		ok   bool
	}{
		{"smallest", one, one, true}, {"largest", last, last, true}, {"sum n", one, last, false}, {"sum n+1", two, last, true},
		{"r zero", new(big.Int), one, false}, {"s zero", one, new(big.Int), false}, {"r n", curve.n, one, false}, {"s n", one, curve.n, false},
	} {
		s := Signature{bytes32(c.r), bytes32(c.s)}
		for form, b := range map[Form][]byte{FormDER: s.DER(), FormRaw: s.Raw()} {
			got, gotForm, err := ParseSignature(b)
			if (err == nil) != c.ok || c.ok && (got != s || gotForm != form) {
				t.Errorf("%s, %s: %v %v %v", c.name, form, got, gotForm, err)
			}
		}
	}
}

func TestPrivateKey_range(t *testing.T) {
	for _, c := range []struct {
		name string
		d    *big.Int
		ok   bool
	}{
		{"zero", new(big.Int), false}, {"one", big.NewInt(1), true}, {"n-2", new(big.Int).Sub(curve.n, big.NewInt(2)), true},
		{"n-1", new(big.Int).Sub(curve.n, big.NewInt(1)), false}, {"n", curve.n, false},
	} {
		k, err := NewPrivateKey(bytes32(c.d))
		if (err == nil) != c.ok {
			t.Errorf("%s: %v", c.name, err)
		}
		if err == nil && k.D() != bytes32(c.d) {
			t.Errorf("%s: D = %x", c.name, k.D())
		}
	}
	if _, err := GenerateKey(bytes.NewReader(make([]byte, 64))); err == nil {
		t.Error("a key was made of zeros")
	}
}

func TestPrivateKey_isNotPrinted(t *testing.T) {
	k := fixedKey(t, "a")
	d := k.D()
	j, err := json.Marshal(struct{ K *PrivateKey }{k})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{fmt.Sprint(k), fmt.Sprintf("%v %+v %#v %x %d %s", k, k, k, k, k, k), string(j), k.LogValue().String()} {
		if bytes.Contains([]byte(s), fmt.Appendf(nil, "%x", d[:4])) || !bytes.Contains([]byte(s), []byte(hidden)) {
			t.Errorf("printed as %s", s)
		}
	}
}

func TestSign_repeats(t *testing.T) {
	k := fixedKey(t, "a")
	a, err := k.Sign([]byte("m"))
	if err != nil {
		t.Fatal(err)
	}
	b, err := k.Sign([]byte("m"))
	if err != nil {
		t.Fatal(err)
	}
	c, err := k.Sign([]byte("n"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(a, b) || bytes.Equal(a, c) {
		t.Errorf("%x %x %x", a, b, c)
	}
}
