package token

import (
	"bytes"
	"context"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"
)

// toy is a Crypto whose only good signature of any digest is given.
type toy struct{ good []byte }

func (toy) Certificate(der []byte) (CertificateInfo, error) {
	switch string(der) {
	case "sign":
		return CertificateInfo{PublicPoint: make([]byte, 65), SM2: true, Signing: true}, nil
	case "encrypt":
		return CertificateInfo{PublicPoint: make([]byte, 65), SM2: true}, nil
	case "rsa":
		return CertificateInfo{Signing: true}, nil
	}
	return CertificateInfo{}, errors.New("unreadable")
}

func (toy) Z([]byte) ([32]byte, error) { return [32]byte{'Z'}, nil }

func (toy) SM3(parts ...[]byte) [32]byte {
	var sum [32]byte
	copy(sum[:], "e:"+string(bytes.Trim(slices.Concat(parts...), "\x00")))
	return sum
}

func (c toy) VerifySM2(_ []byte, _ [32]byte, der []byte) bool { return bytes.Equal(der, c.good) }

func num(hex string) *big.Int {
	n, ok := new(big.Int).SetString(hex, 16)
	if !ok {
		panic(hex)
	}
	return n
}

func der(r, s *big.Int) []byte {
	b, err := asn1.Marshal(struct{ R, S *big.Int }{r, s})
	if err != nil {
		panic(err)
	}
	return b
}

func rs(r, s *big.Int) []byte {
	return append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
}

var (
	high  = num("c6aabbccddeeff00112233445566778899aabbccddeeff001122334455667788") // top bit set
	short = num("7f01")
	n     = new(big.Int).SetBytes(order[:])
)

func TestReadSignature(t *testing.T) {
	one := big.NewInt(1)
	last := new(big.Int).Sub(n, one)
	strict := der(high, short)
	for name, c := range map[string]struct {
		in   []byte
		want []byte
	}{
		"raw":                           {rs(high, short), strict},
		"raw, smallest and largest":     {rs(one, last), der(one, last)},
		"DER":                           {strict, strict},
		"DER without the sign byte":     {append([]byte{0x30, 38, 2, 32}, append(high.Bytes(), 2, 2, 0x7f, 1)...), strict},
		"DER with needless zeros":       {append([]byte{0x30, 42, 2, 34, 0, 0}, append(high.Bytes(), 2, 4, 0, 0, 0x7f, 1)...), strict},
		"DER with a long length":        {append([]byte{0x30, 0x81, strict[1]}, strict[2:]...), strict},
		"DER with zeros at the end":     {append(slices.Clone(strict), 0, 0, 0), strict},
		"raw, zero":                     {make([]byte, 64), nil},
		"raw, r = n":                    {rs(n, short), nil},
		"raw, s = 0":                    {rs(high, new(big.Int)), nil},
		"raw, s = n":                    {rs(high, n), nil},
		"DER, r = n":                    {der(n, short), nil},
		"DER, s = 0":                    {der(high, new(big.Int)), nil},
		"DER with something at the end": {append(slices.Clone(strict), 1), nil},
		"DER cut":                       {strict[:len(strict)-1], nil},
		"DER, three numbers":            {append([]byte{0x30, 9}, 2, 1, 1, 2, 1, 1, 2, 1, 1), nil},
		"DER, one number":               {[]byte{0x30, 3, 2, 1, 1}, nil},
		"DER, indefinite":               {append([]byte{0x30, 0x80}, strict[2:]...), nil},
		"DER, 33 bytes":                 {append([]byte{0x30, 38, 2, 33, 1}, append(high.Bytes(), 2, 1, 1)...), nil},
		"63 bytes":                      {make([]byte, 63), nil},
		"65 bytes":                      {append([]byte{4}, rs(high, short)...), nil},
		"nothing":                       {nil, nil},
		"one byte":                      {[]byte{0x30}, nil},
	} {
		got := ReadSignature(c.in)
		if c.want == nil && len(got) != 0 || c.want != nil && (len(got) != 1 || !bytes.Equal(got[0], c.want)) {
			t.Errorf("%s: %x gives %x, want %x", name, c.in, got, c.want)
		}
	}
}

// 64 bytes may be both r‖s and DER: both readings are given, the verification decides.
func TestReadSignature_twoReadings(t *testing.T) {
	r := num("11" + strings.Repeat("22", 29))
	s := num("33" + strings.Repeat("44", 27))
	b := der(r, s)
	if len(b) != 64 {
		t.Fatalf("the case is not one: %d bytes", len(b))
	}
	if got := ReadSignature(b); len(got) != 2 || !bytes.Equal(got[1], b) {
		t.Errorf("got %x", got)
	}
}

func FuzzReadSignature(f *testing.F) {
	for _, b := range [][]byte{nil, rs(high, short), der(high, short), der(n, short), make([]byte, 64), {0x30, 0x81, 0x06, 2, 1, 1, 2, 1, 1},
		append([]byte{0x30, 38, 2, 32}, append(high.Bytes(), 2, 2, 0x7f, 1)...)} {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, got := range ReadSignature(b) {
			var v struct{ R, S *big.Int }
			if rest, err := asn1.Unmarshal(got, &v); err != nil || len(rest) > 0 || !bytes.Equal(der(v.R, v.S), got) {
				t.Fatalf("%x gives %x, which is not strict: %v", b, got, err)
			}
			for _, x := range []*big.Int{v.R, v.S} {
				if x.Sign() <= 0 || x.Cmp(n) >= 0 {
					t.Fatalf("%x gives %v out of range", b, x)
				}
			}
		}
	})
}

func TestNewSM2Job(t *testing.T) {
	for cert, want := range map[string]error{"encrypt": ErrNoKey, "rsa": ErrNoSM2, "damaged": ErrNoKey} {
		if _, err := NewSM2Job(toy{}, []byte(cert), nil); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", cert, err, want)
		}
	}
	j, err := NewSM2Job(toy{}, []byte("sign"), []byte("M"))
	if err != nil {
		t.Fatal(err)
	}
	if j.E != (toy{}).SM3([]byte{'Z'}, make([]byte, 31), []byte("M")) || string(bytes.Trim(j.ZM(), "\x00")) != "Z"+strings.Repeat("\x00", 31)+"M" {
		t.Errorf("e = %q, Z‖M = %q", j.E, j.ZM())
	}
}

func TestSM2Job_order(t *testing.T) {
	good := der(high, short)
	unsupported := fmt.Errorf("mechanism: %w", ErrUnsupported)
	removed := fmt.Errorf("sign: %w", ErrRemoved)
	type step struct {
		answer []byte
		err    error
	}
	for name, c := range map[string]struct {
		steps []step
		asked int
		used  int
		want  error
	}{
		"first":                   {[]step{{answer: good}, {answer: good}}, 1, 0, nil},
		"raw":                     {[]step{{answer: rs(high, short)}}, 1, 0, nil},
		"after a refusal":         {[]step{{err: unsupported}, {answer: good}}, 2, 1, nil},
		"after a bad signature":   {[]step{{answer: der(short, high)}, {answer: nil}, {answer: good}}, 3, 2, nil},
		"none":                    {[]step{{answer: der(short, high)}, {err: unsupported}}, 2, 0, ErrBadSignature},
		"all refused":             {[]step{{err: unsupported}, {err: unsupported}}, 2, 0, ErrNoSM2},
		"no way":                  {nil, 0, 0, ErrNoSM2},
		"removal ends it":         {[]step{{err: removed}, {answer: good}}, 1, 0, ErrRemoved},
		"cancel ends it":          {[]step{{err: ErrPINCancelled}, {answer: good}}, 1, 0, ErrPINCancelled},
		"a general fault ends it": {[]step{{answer: nil}, {err: errNoPIN}, {answer: good}}, 2, 0, errNoPIN},
	} {
		t.Run(name, func(t *testing.T) {
			j, err := NewSM2Job(toy{good}, []byte("sign"), []byte("M"))
			if err != nil {
				t.Fatal(err)
			}
			asked := 0
			got, used, err := j.Run(t.Context(), len(c.steps), func(i int) string { return fmt.Sprintf("way %d", i) },
				func(_ context.Context, i int) ([]byte, error) { asked++; return c.steps[i].answer, c.steps[i].err })
			if asked != c.asked || !errors.Is(err, c.want) || (err == nil) != bytes.Equal(got, good) || used != c.used {
				t.Errorf("asked %d, got %x by %d, %v", asked, got, used, err)
			}
			if c.want == ErrBadSignature && (!strings.Contains(err.Error(), "way 0") || !strings.Contains(err.Error(), "way 1")) {
				t.Errorf("%v does not name the attempts", err)
			}
		})
	}
}
