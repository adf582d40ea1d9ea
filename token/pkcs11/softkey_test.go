//go:build cgo

package pkcs11_test

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"sealdesk/cmd/softkey/store"
	"sealdesk/token"
	"sealdesk/token/pkcs11"
	"sealdesk/token/tokentest"
)

const (
	goodPIN  = "12345678"
	wrongPIN = "87654321"
	tries    = 4
)

// office is a softkey store with one module at a time.
type office struct {
	*testing.T
	dir    string
	module string
	log    bytes.Buffer
}

func newOffice(t *testing.T) *office {
	t.Helper()
	o := &office{T: t, module: store.BuildForTest(t), dir: t.TempDir()}
	t.Setenv("SOFTKEY_DIR", o.dir)
	return o
}

func (o *office) must(err error) {
	o.Helper()
	if err != nil {
		o.Fatal(err)
	}
}

// token makes an empty token and plugs it in.
func (o *office) token(slot int, spec store.TokenSpec) *store.Slot {
	o.Helper()
	if spec.UserPIN == "" {
		spec.UserPIN, spec.SOPIN, spec.MaxTries = goodPIN, "11111111", tries
	}
	o.must(store.Init(o.dir, slot, spec))
	s, err := store.Open(o.dir, slot)
	o.must(err)
	o.must(s.Insert())
	return s
}

// add puts a key pair and its certificate on a token.
func (o *office) add(s *store.Slot, id string, h holder) {
	o.Helper()
	o.must(s.AddKey([]byte(id), h.key.D(), "key "+id))
	o.must(s.AddCertificate([]byte(id), h.cert, "certificate "+id))
}

func (o *office) open(profiles ...pkcs11.Profile) *pkcs11.Provider {
	o.Helper()
	return o.openWith(pkcs11.Options{Profiles: profiles})
}

func (o *office) openWith(options pkcs11.Options) *pkcs11.Provider {
	o.Helper()
	if options.Module == "" {
		options.Module = o.module
	}
	options.Crypto = crypto{}
	options.Log = slog.New(slog.NewTextHandler(&o.log, nil))
	p, err := pkcs11.Open(options)
	o.must(err)
	o.Cleanup(func() { _ = p.Close() })
	return p
}

// only gives the open token of the only key.
func (o *office) only(p *pkcs11.Provider) token.Token {
	o.Helper()
	list, err := p.Tokens(o.Context())
	o.must(err)
	if len(list) != 1 {
		o.Fatalf("%d keys: %+v", len(list), list)
	}
	tok, err := p.Open(o.Context(), list[0].ID)
	o.must(err)
	o.Cleanup(func() { _ = tok.Close() })
	return tok
}

func pin(s string) token.PINFunc {
	return func(context.Context, token.PINRequest) (token.PIN, error) { return token.NewPIN([]byte(s)), nil }
}

// configured are the profiles that only a configuration can give.
var configured = map[string]pkcs11.Profile{
	"mk1":           {Name: "mk1"},
	"ec-sm2-vendor": {Name: "ec-sm2", Sign: []pkcs11.SM2Sign{{Mech: 0x80001041, In: pkcs11.InDigest}}},
	"custom": {Name: "custom", KeyType: 0xFFFFF001, Sign: []pkcs11.SM2Sign{
		{Mech: 0xFFFFF003, In: pkcs11.InMsgZ, Param: []byte("1234567812345678")}, {Mech: 0xFFFFF002, In: pkcs11.InDigest}}},
}

// softkeyBench is the suite's bench on a softkey of one profile.
func softkeyBench(t *testing.T, profile string, change func(*store.TokenSpec)) tokentest.Bench {
	o := newOffice(t)
	sign, enc, other := holderOf(t, "sign", forSigning), holderOf(t, "encrypt", forEncryption), holderOf(t, "other", forSigning)
	spec := store.TokenSpec{Label: "印章", Serial: "0001", Profile: profile, UserPIN: goodPIN, SOPIN: "11111111", MaxTries: tries}
	change(&spec)
	s := o.token(0, spec)
	o.add(s, "s", sign)
	o.add(s, "e", enc)
	public := token.Object{Label: "公章", Application: "电子印章", Value: []byte("public")}
	private := token.Object{Label: "财务章", Application: "电子印章", Value: []byte("private"), Private: true}
	for _, d := range []token.Object{public, private, {Label: "large", Value: make([]byte, token.MaxObject+1)}} {
		o.must(s.AddData(d.Label, d.Application, d.Value, d.Private))
	}
	second := o.token(1, spec) // the same label and serial number, another certificate
	o.add(second, "s", other)
	o.must(second.Remove())
	var profiles []pkcs11.Profile
	if p, ok := configured[profile]; ok {
		profiles = append(profiles, p)
	}
	p := o.open(profiles...)
	var slot uint
	if list, err := p.Tokens(t.Context()); err != nil || len(list) != 1 {
		t.Fatal(list, err)
	} else {
		slot = list[0].Slot
	}
	fault := func(name, arg string) func() { return func() { o.must(s.Fault(name, arg)) } }
	return tokentest.Bench{
		Provider: p, Crypto: crypto{}, Slot: slot, PIN: []byte(goodPIN), WrongPIN: []byte(wrongPIN), Tries: tries,
		Certificate: sign.cert, Encryption: enc.cert, SM2: profile != "ec-sm2", Public: public, Private: private,
		Remove: func() { o.must(s.Remove()) },
		Insert: func() { o.must(s.Insert()) },
		Swap:   func() { o.swap(s.Dir(), second.Dir()) },
		Faults: map[string]tokentest.SignFault{
			"removed":           {Arm: fault("remove-during", ""), Want: token.ErrRemoved},
			"removed before":    {Arm: fault("remove-before", ""), Want: token.ErrRemoved},
			"removal code":      {Arm: fault("device-removed", ""), Want: token.ErrRemoved},
			"session lost":      {Arm: fault("session-handle-invalid", ""), Want: token.ErrRemoved},
			"not recognised":    {Arm: fault("token-not-recognized", ""), Want: token.ErrRemoved},
			"device error":      {Arm: fault("device-error", "")},
			"general error":     {Arm: fault("general-error", "")},
			"function failed":   {Arm: fault("function-failed", "")},
			"vendor code":       {Arm: fault("rv", "0x80000123")},
			"user cancels":      {Arm: fault("function-canceled", ""), Want: token.ErrPINCancelled},
			"mechanism invalid": {Arm: fault("rv", "0x70 x9"), Want: token.ErrNoSM2},
			"wrong":             {Arm: fault("wrong-signature", ""), Want: token.ErrBadSignature, Heal: true},
			"foreign":           {Arm: fault("other-key", ""), Want: token.ErrBadSignature, Heal: true},
			"zero":              {Arm: fault("zero", ""), Want: token.ErrBadSignature, Heal: true},
			"short":             {Arm: fault("wrong-length", ""), Want: token.ErrBadSignature, Heal: true},
			"empty":             {Arm: fault("wrong-length", "0"), Want: token.ErrBadSignature, Heal: true},
		},
	}
}

// swap exchanges what two slots hold, as if one key had been pulled and another put in its place.
func (o *office) swap(a, b string) {
	o.Helper()
	o.must(os.Remove(filepath.Join(a, "present")))
	tmp := a + ".swap"
	o.must(os.Rename(a, tmp))
	o.must(os.Rename(b, a))
	o.must(os.Rename(tmp, b))
	s, err := store.Open(filepath.Dir(a), 0)
	o.must(err)
	o.must(s.Insert())
}

func TestSoftkey(t *testing.T) {
	names := store.Profiles()
	if len(names) < 10 {
		t.Fatalf("only %d profiles", len(names))
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			tokentest.Run(t, func(t *testing.T) tokentest.Bench {
				b := softkeyBench(t, name, func(*store.TokenSpec) {})
				if name == "hide-pin-flags" {
					b.Tries = 0
				}
				if name != "sansec" { // what is that of the module and not of the profile is tried once
					b.Faults, b.Remove, b.Insert, b.Swap, b.WrongPIN = nil, nil, nil, nil, nil
				}
				return b
			})
		})
	}
}

func TestSoftkey_protectedPath(t *testing.T) {
	tokentest.Run(t, func(t *testing.T) tokentest.Bench {
		b := softkeyBench(t, "sansec", func(s *store.TokenSpec) { s.Protected = true })
		b.WrongPIN, b.Faults = nil, nil
		return b
	})
}
