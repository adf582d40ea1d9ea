package tokentest_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"testing"
	"time"

	"sealdesk/pdfseal/gm"
	"sealdesk/token"
	"sealdesk/token/tokentest"
)

// crypto lends gm to the fake.
type crypto struct{}

func (crypto) Certificate(der []byte) (token.CertificateInfo, error) {
	c, err := gm.ParseCertificate(der)
	if err != nil {
		return token.CertificateInfo{}, err
	}
	info := token.CertificateInfo{SM2: c.IsSM2, Signing: c.CanSign(), Subject: c.Subject, SerialHex: c.SerialHex,
		NotBefore: c.NotBefore, NotAfter: c.NotAfter, Defects: c.Defects}
	if c.IsSM2 {
		info.PublicPoint = c.Public.Point()
	}
	return info, nil
}

func (crypto) Z(point []byte) ([32]byte, error) {
	k, err := gm.ParsePoint(point)
	if err != nil {
		return [32]byte{}, err
	}
	return k.Z(), nil
}

func (crypto) SM3(parts ...[]byte) [32]byte { return gm.SM3(parts...) }

func (crypto) VerifySM2(point []byte, e [32]byte, sigDER []byte) bool {
	k, err := gm.ParsePoint(point)
	return err == nil && k.VerifyDigest(e, sigDER) == nil
}

const (
	signUsage = gm.KeyUsageDigitalSignature | gm.KeyUsageNonRepudiation
	encUsage  = gm.KeyUsageKeyEncipherment | gm.KeyUsageDataEncipherment
)

// pair makes a key pair with a self-signed certificate, and the signing function of the key.
func pair(t *testing.T, name string, usage gm.KeyUsage, form func(der []byte) []byte) ([]byte, func(e [32]byte) ([]byte, error)) {
	t.Helper()
	k, der := keyOf(t, name, usage)
	return der, func(e [32]byte) ([]byte, error) {
		sig, err := k.SignDigest(e)
		if err != nil {
			return nil, err
		}
		return form(sig), nil
	}
}

type made struct {
	key  *gm.PrivateKey
	cert []byte
}

// keys are made once for all cases: they are slow to make under the race detector.
var keys = map[string]made{}

func keyOf(t *testing.T, name string, usage gm.KeyUsage) (*gm.PrivateKey, []byte) {
	t.Helper()
	if m, ok := keys[name]; ok {
		return m.key, m.cert
	}
	k, err := gm.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := gm.CreateCertificate(gm.CertificateTemplate{CommonName: name, KeyUsage: usage,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}, k.Public(), nil, k)
	if err != nil {
		t.Fatal(err)
	}
	keys[name] = made{k, der}
	return k, der
}

func strict(der []byte) []byte { return der }

// raw turns DER into r‖s.
func raw(der []byte) []byte {
	s, _, err := gm.ParseSignature(der)
	if err != nil {
		panic(err)
	}
	return s.Raw()
}

// unsigned drops the sign bytes, as some keys do.
func unsigned(der []byte) []byte {
	b := raw(der)
	out := []byte{0x30, 68, 0x02, 32}
	out = append(out, b[:32]...)
	return append(append(out, 0x02, 32), b[32:]...)
}

func bench(t *testing.T, form func([]byte) []byte, change func(*tokentest.Key)) tokentest.Bench {
	t.Helper()
	sign, signer := pair(t, "sign", signUsage, form)
	enc, _ := pair(t, "encrypt", encUsage, form)
	other, otherSigner := pair(t, "other", signUsage, form)
	public := token.Object{Label: "公章", Application: "seal", Value: []byte("public")}
	private := token.Object{Label: "财务章", Application: "seal", Value: []byte("private"), Private: true}
	key := &tokentest.Key{Label: "key", Serial: "0001", PIN: "123456", Tries: 3, Objects: []token.Object{public, private,
		{Label: "large", Value: make([]byte, token.MaxObject+1)}},
		Certificates: []tokentest.Certificate{{DER: sign, ID: []byte{1}, Sign: signer}, {DER: enc, ID: []byte{1}}}}
	second := &tokentest.Key{Label: "key", Serial: "0001", PIN: "123456", Tries: 3,
		Certificates: []tokentest.Certificate{{DER: other, ID: []byte{1}, Sign: otherSigner}}}
	change(key)
	f := tokentest.NewFake(crypto{}, key)
	t.Cleanup(func() { _ = f.Close() })
	foreign := func(_ *tokentest.Key, _ []byte) ([]byte, error) { return otherSigner([32]byte{1}) }
	return tokentest.Bench{
		Provider: f, Crypto: crypto{}, PIN: []byte("123456"), WrongPIN: []byte("654321"), Tries: 3,
		Certificate: sign, Encryption: enc, SM2: !key.NoSM2, Public: public, Private: private,
		Remove: func() { f.Remove(0) }, Insert: func() { f.Insert(0, key) }, Swap: func() { f.Insert(0, second) },
		Faults: map[string]tokentest.SignFault{
			"pulled":  {Arm: func() { key.Next(tokentest.Pulled) }, Want: token.ErrRemoved},
			"broken":  {Arm: func() { key.Next(tokentest.Broken) }},
			"short":   {Arm: func() { key.Next(tokentest.Short) }, Want: token.ErrBadSignature},
			"zero":    {Arm: func() { key.Next(tokentest.Zero) }, Want: token.ErrBadSignature},
			"flipped": {Arm: func() { key.Next(tokentest.Flipped) }, Want: token.ErrBadSignature},
			"foreign": {Arm: func() { key.Next(foreign) }, Want: token.ErrBadSignature},
		},
	}
}

func TestFake(t *testing.T) {
	for name, form := range map[string]func([]byte) []byte{"der": strict, "raw": raw, "der without sign bytes": unsigned} {
		t.Run(name, func(t *testing.T) {
			tokentest.Run(t, func(t *testing.T) tokentest.Bench {
				b := bench(t, form, func(*tokentest.Key) {})
				if name == "der" { // the last byte of DER may be missed without harm to its form only by chance
					delete(b.Faults, "zero")
				}
				return b
			})
		})
	}
}

func TestFake_withoutSM2(t *testing.T) {
	tokentest.Run(t, func(t *testing.T) tokentest.Bench {
		b := bench(t, strict, func(k *tokentest.Key) { k.NoSM2 = true })
		b.Faults = nil
		return b
	})
}

func TestFake_protectedPath(t *testing.T) {
	tokentest.Run(t, func(t *testing.T) tokentest.Bench {
		b := bench(t, raw, func(k *tokentest.Key) { k.Protected = true })
		b.WrongPIN, b.Faults = nil, nil
		return b
	})
}

func TestFake_twoKeysUnderOneIdentifier(t *testing.T) {
	var cert []byte
	b := bench(t, strict, func(k *tokentest.Key) {
		cert = k.Certificates[0].DER
		der, sign := pair(t, "twin", signUsage, strict)
		k.Certificates = append(k.Certificates, tokentest.Certificate{DER: der, ID: k.Certificates[0].ID, Sign: sign})
	})
	list, err := b.Provider.Tokens(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	tok, err := b.Provider.Open(t.Context(), list[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	if err := tok.CheckSM2(t.Context(), cert); !errors.Is(err, token.ErrAmbiguousKey) {
		t.Errorf("got %v", err)
	}
	certs, err := tok.Certificates(t.Context())
	if err != nil || len(certs) != 3 || !bytes.Equal(certs[0].DER, cert) {
		t.Errorf("%d certificates, %v", len(certs), err)
	}
}

func TestFake_twinsAreAmbiguous(t *testing.T) {
	cert, sign := pair(t, "twin", signUsage, strict)
	twin := func() *tokentest.Key {
		return &tokentest.Key{Label: "twin", Serial: "1", PIN: "1234", Certificates: []tokentest.Certificate{{DER: cert, ID: []byte{1}, Sign: sign}}}
	}
	f := tokentest.NewFake(crypto{}, twin(), twin())
	list, err := f.Tokens(t.Context())
	if err != nil || len(list) != 2 {
		t.Fatal(list, err)
	}
	if _, err := f.Open(t.Context(), list[0].ID); !errors.Is(err, token.ErrAmbiguousKey) {
		t.Errorf("got %v", err)
	}
}
