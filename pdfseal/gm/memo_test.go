package gm

import (
	"errors"
	"slices"
	"testing"

	"sealdesk/pdfseal/internal/der"
)

// TestVerify_rememberedValueStandsForNothingElse verifies a right value twice
// and then with each of its parts exchanged.
func TestVerify_rememberedValueStandsForNothingElse(t *testing.T) {
	k, other, m := fixedKey(t, "memo"), fixedKey(t, "memo other"), []byte("message")
	sig, err := k.Sign(m)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := k.Public().Verify(m, sig); err != nil {
			t.Fatal(err)
		}
	}
	s, _, err := ParseSignature(sig)
	if err != nil {
		t.Fatal(err)
	}
	if _, known := acceptedValues.get(accepted{k.Public(), k.Public().Digest(m), s}); !known {
		t.Error("an accepted value is not remembered")
	}
	changed := s
	changed.S[31] ^= 1
	for name, err := range map[string]error{
		"key":     other.Public().VerifyDigest(k.Public().Digest(m), sig),
		"message": k.Public().Verify([]byte("massage"), sig),
		"value":   k.Public().Verify(m, changed.DER()),
	} {
		if !errors.Is(err, ErrSignature) {
			t.Errorf("another %s: %v", name, err)
		}
	}
	if _, known := acceptedValues.get(accepted{k.Public(), k.Public().Digest(m), changed}); known {
		t.Error("a refused value is remembered")
	}
}

func TestMemory_isBounded(t *testing.T) {
	var m memory[int, int]
	for i := range 3 * maxRemembered {
		m.put(i, -i)
		if v, ok := m.get(i); !ok || v != -i {
			t.Fatalf("%d: %d, %v", i, v, ok)
		}
		if len(m.seen) > maxRemembered {
			t.Fatalf("%d values", len(m.seen))
		}
	}
}

// TestParseCertificate_againNamesTheSameDefects: what a library holds against
// a certificate is named each time, and only once each time.
func TestParseCertificate_againNamesTheSameDefects(t *testing.T) {
	b := craft(t, func(p *parts) {
		p.ext = append(p.ext, extension(der.OID(oidSubjectAltName), nil, der.Octets([]byte("again"))))
	})
	first := parse(t, b)
	first.Defects[0] = "changed by a caller"
	second, third := parse(t, b), parse(t, b)
	if len(second.Defects) != 3 || !slices.Equal(second.Defects, third.Defects) || second.Defects[0] == first.Defects[0] {
		t.Errorf("%q, %q", second.Defects, third.Defects)
	}
}

func BenchmarkVerify(b *testing.B) {
	k := fixedKey(b, "a")
	for _, c := range []struct {
		name string
		new  bool
	}{{"new", true}, {"remembered", false}} {
		b.Run(c.name, func(b *testing.B) {
			sig, err := k.Sign([]byte("m"))
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if c.new {
					acceptedValues.seen = nil
				}
				if err := k.Public().Verify([]byte("m"), sig); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkParseCertificate(b *testing.B) {
	h := newHierarchy(b)
	for b.Loop() {
		if _, err := ParseCertificate(h.leaf.Raw); err != nil {
			b.Fatal(err)
		}
	}
}
