package gm

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

// TestSM2_standardExample is the example of GB/T 32918.5-2017, Annex A.
func TestSM2_standardExample(t *testing.T) {
	var d [32]byte
	copy(d[:], unhex(t, "3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8"))
	key, err := NewPrivateKey(d)
	if err != nil {
		t.Fatal(err)
	}
	pub := key.Public()
	if got := strings.ToUpper(hex.EncodeToString(pub.Point())); got != "0409F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020"+
		"CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13" {
		t.Errorf("public key %s", got)
	}
	z, e := pub.Z(), pub.Digest([]byte("message digest"))
	if hex.EncodeToString(z[:]) != "b2e14c5c79c6df5b85f4fe7ed8db7a262b9da7e07ccb0ea9f4747b8ccda8a4f3" {
		t.Errorf("Z = %x", z)
	}
	if hex.EncodeToString(e[:]) != "f0b43e94ba45accaace692ed534382eb17e6ab5a19ce7b31f4486fdfc0d28640" {
		t.Errorf("e = %x", e)
	}
	raw := unhex(t, "F5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3B1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA")
	if err := pub.Verify([]byte("message digest"), raw); err != nil {
		t.Error(err)
	}
	if err := pub.Verify([]byte("message digesu"), raw); !errors.Is(err, ErrSignature) {
		t.Errorf("another message: %v", err)
	}
}

func TestSM3_standardExamples(t *testing.T) {
	for _, c := range []struct{ m, want string }{
		{"", "1ab21d8355cfa17f8e61194831e81a8f22bec8c728fefb747ed035eb5082aa2b"},
		{"abc", "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"},
		{strings.Repeat("abcd", 16), "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"},
	} {
		one := SM3([]byte(c.m))
		parts := SM3([]byte(c.m[:len(c.m)/2]), nil, []byte(c.m[len(c.m)/2:]))
		if hex.EncodeToString(one[:]) != c.want || parts != one {
			t.Errorf("%q: %x, in parts %x", c.m, one, parts)
		}
	}
}

type vectorFile struct {
	Curves []struct{ Name, P, A, B, N, GX, GY string }
	SM3    []struct {
		Msg, Digest string
		Repeat      int
	}
	Sign []struct {
		ID, Curve, D, PX, PY, UID, Msg, Z, E string
		DER                                  string `json:"sig_der"`
		Raw                                  string `json:"sig_raw"`
		Expected                             bool
	} `json:"sm2_sign"`
	Negative []struct {
		ID, Form, PX, PY, UID, Msg, Sig string
		Expected                        bool
	} `json:"sm2_verify_negative"`
}

func loadVectors(t *testing.T) vectorFile {
	t.Helper()
	var v vectorFile
	if err := json.Unmarshal(sharedFile(t, "vectors.json"), &v); err != nil {
		t.Fatal(err)
	}
	if len(v.SM3) < 4 || len(v.Sign) < 2 || len(v.Negative) != 28 {
		t.Fatalf("%d digests, %d signatures, %d negative cases", len(v.SM3), len(v.Sign), len(v.Negative))
	}
	return v
}

func TestVectors_digests(t *testing.T) {
	for _, c := range loadVectors(t).SM3 {
		if got := SM3([]byte(strings.Repeat(c.Msg, c.Repeat))); hex.EncodeToString(got[:]) != c.Digest {
			t.Errorf("%q × %d: %x", c.Msg, c.Repeat, got)
		}
	}
}

func TestVectors_curve(t *testing.T) {
	c := loadVectors(t).Curves[0]
	if c.P != curveP || c.A != curveA || c.B != curveB || c.N != curveN || c.GX != curveGX || c.GY != curveGY {
		t.Errorf("%+v", c)
	}
}

func TestVectors_signatures(t *testing.T) {
	ran := 0
	for _, c := range loadVectors(t).Sign {
		if c.Curve != "sm2p256v1" {
			continue // the old test curve, which neither library has
		}
		ran++
		pub, err := ParsePoint(unhex(t, "04"+c.PX+c.PY))
		if err != nil {
			t.Fatal(err)
		}
		z, e := pub.Z(), pub.Digest([]byte(c.Msg))
		if !strings.EqualFold(hex.EncodeToString(z[:]), c.Z) || !strings.EqualFold(hex.EncodeToString(e[:]), c.E) {
			t.Errorf("%s: Z %x, e %x", c.ID, z, e)
		}
		for _, sig := range []string{c.DER, c.Raw} {
			if err := pub.Verify([]byte(c.Msg), unhex(t, sig)); (err == nil) != c.Expected {
				t.Errorf("%s: %v", c.ID, err)
			}
		}
		s, _, err := ParseSignature(unhex(t, c.Raw))
		if err != nil || !strings.EqualFold(hex.EncodeToString(s.DER()), c.DER) || !strings.EqualFold(hex.EncodeToString(s.Raw()), c.Raw) {
			t.Errorf("%s: %x, %v", c.ID, s.DER(), err)
		}
	}
	if ran == 0 {
		t.Fatal("no signature on the recommended curve")
	}
}

// TestVectors_negative runs the 28 cases through Verify, the way every caller
// does. The identifier is fixed, so that a value made with another one, or
// without Z, is a wrong value.
func TestVectors_negative(t *testing.T) {
	wrongValue := map[string]bool{"swapped-r-s": true, "s-bit-flip": true, "wrong-message": true, "no-z-digest": true, "raw-swapped": true}
	for _, c := range loadVectors(t).Negative {
		t.Run(c.ID, func(t *testing.T) {
			pub, err := ParsePoint(unhex(t, "04"+c.PX+c.PY))
			if c.ID == "public-key-off-curve" {
				var format *FormatError
				if !errors.As(err, &format) {
					t.Fatalf("key: %v", err)
				}
				copy(pub.X[:], unhex(t, c.PX)) // a caller that made the key itself
				copy(pub.Y[:], unhex(t, c.PY))
			} else if err != nil {
				t.Fatal(err)
			}
			err = pub.VerifyDigest(digestFor(pub, c.UID, []byte(c.Msg)), unhex(t, c.Sig))
			if (err == nil) != c.Expected {
				t.Fatalf("got %v", err)
			}
			if wrongValue[c.ID] && !errors.Is(err, ErrSignature) {
				t.Errorf("got %v, want ErrSignature", err)
			}
		})
	}
}

// digestFor is e with a chosen identifier; only tests need another one than UserID.
func digestFor(k PublicKey, uid string, m []byte) [32]byte {
	bits := len(uid) * 8
	z := SM3([]byte{byte(bits >> 8), byte(bits)}, []byte(uid), number(curveA).Bytes(), number(curveB).Bytes(),
		number(curveGX).Bytes(), number(curveGY).Bytes(), k.X[:], k.Y[:])
	return SM3(z[:], m)
}
