package job

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"sealdesk/pdfseal/rules"
	"sealdesk/pdfseal/sealtest"
	"sealdesk/pdfseal/trust"
	"sealdesk/token"
)

const testPIN = "271828"

// fakeKey is a UsbKey in memory. Calls counts what the job asked of it.
type fakeKey struct {
	info    token.Info
	holder  *sealtest.Holder
	objects []token.Object
	pin     string
	noSM2   error
	signErr func(n int) error // of the n-th signature, from 1

	in         bool // logged in
	logins     int
	logouts    int
	signatures int
	closed     int
}

type fakeProvider struct{ keys []*fakeKey }

func (p *fakeProvider) Tokens(context.Context) ([]token.Info, error) {
	var out []token.Info
	for _, k := range p.keys {
		out = append(out, k.info)
	}
	return out, nil
}

func (p *fakeProvider) Open(_ context.Context, id token.ID) (token.Token, error) {
	for _, k := range p.keys {
		if k.info.ID == id {
			return k, nil
		}
	}
	return nil, token.ErrNoToken
}

func (p *fakeProvider) Close() error { return nil }

func (k *fakeKey) Info(context.Context) (token.Info, error) { return k.info, nil }
func (k *fakeKey) Close() error                             { k.closed++; return nil }

func (k *fakeKey) Certificates(context.Context) ([]token.Certificate, error) {
	var out []token.Certificate
	for _, der := range [][]byte{k.holder.EncCert, k.holder.SignCert} {
		c, err := Crypto{}.Certificate(der)
		if err != nil {
			return nil, err
		}
		out = append(out, token.Certificate{DER: der, HasPrivateKey: true, Subject: c.Subject, SerialHex: c.SerialHex,
			NotBefore: c.NotBefore, NotAfter: c.NotAfter, Signing: c.Signing, SM2: c.SM2})
	}
	return out, nil
}

func (k *fakeKey) Objects(context.Context) ([]token.Object, error) {
	var out []token.Object
	for _, o := range k.objects {
		if !o.Private || k.in {
			out = append(out, o)
		}
	}
	return out, nil
}

func (k *fakeKey) CheckSM2(context.Context, []byte) error { return k.noSM2 }

func (k *fakeKey) Login(ctx context.Context, ask token.PINFunc) error {
	pin, err := ask(ctx, token.PINRequest{Token: k.info, Warning: k.info.PIN})
	if err != nil {
		return err
	}
	defer pin.Wipe()
	k.logins++
	if !bytes.Equal(pin.Bytes(), []byte(k.pin)) {
		return &token.PINError{Wrong: true, State: token.PINState{Low: true}}
	}
	k.in = true
	return nil
}

func (k *fakeKey) Logout(context.Context) error { k.logouts++; k.in = false; return nil }

func (k *fakeKey) Signer(_ context.Context, cert []byte) (token.Signer, error) {
	if !k.in {
		return nil, token.ErrNotLoggedIn
	}
	if !bytes.Equal(cert, k.holder.SignCert) {
		return nil, token.ErrNoKey
	}
	return fakeSigner{k, k.holder.Signer()}, nil
}

type fakeSigner struct {
	key *fakeKey
	*sealtest.SoftSigner
}

func (s fakeSigner) SignSM2(ctx context.Context, m []byte) ([]byte, error) {
	s.key.signatures++
	if s.key.signErr != nil {
		if err := s.key.signErr(s.key.signatures); err != nil {
			return nil, err
		}
	}
	return s.SoftSigner.SignSM2(ctx, m)
}

// office is a PKI, one key with one seal, and a trust file.
type office struct {
	now   time.Time
	pki   *sealtest.PKI
	key   *fakeKey
	seal  []byte
	trust *trust.Store
}

func newOffice(t *testing.T) *office {
	t.Helper()
	now := time.Date(2026, 9, 1, 8, 0, 0, 0, time.UTC)
	pki, err := sealtest.NewPKI(now)
	if err != nil {
		t.Fatal(err)
	}
	o := &office{now: now, pki: pki}
	holder, err := pki.NewHolder("示范旗人民政府", "保管人", now.AddDate(0, -1, 0), now.AddDate(1, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	o.seal = o.newSeal(t, "11111111111111111111111111111111", "示范旗人民政府", holder)
	raw, err := pki.TrustFile(now.Add(-time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	if o.trust, err = trust.Parse(raw); err != nil {
		t.Fatal(err)
	}
	o.key = &fakeKey{info: token.Info{ID: "key-1", Label: "TRAINING KEY", Serial: "00112233"}, holder: holder, pin: testPIN,
		objects: []token.Object{{Label: "notes", Value: []byte("no seal")}, {Label: "seal", Value: o.seal}}}
	return o
}

func (o *office) newSeal(t *testing.T, id, name string, h ...*sealtest.Holder) []byte {
	t.Helper()
	der, err := o.pki.NewSeal(sealtest.SealSpec{ID: id, Name: name, Picture: picture(t), WidthMM: 42, HeightMM: 42,
		ValidFrom: o.now.AddDate(0, -1, 0), ValidTo: o.now.AddDate(1, 0, 0)}, h...)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func picture(t *testing.T) []byte {
	t.Helper()
	img := image.NewNRGBA(image.Rect(0, 0, 16, 16))
	for i := range 16 {
		img.Set(i, i, color.NRGBA{R: 255, A: 255})
	}
	var buf bytes.Buffer
	if err := png.Encode(&buf, img); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func (o *office) clock() time.Time { return o.now }

func (o *office) sealer() *Sealer {
	return &Sealer{Provider: &fakeProvider{keys: []*fakeKey{o.key}}, Trust: o.trust, Now: func() time.Time { return o.now }}
}

// asked is a PINFunc that counts its questions.
type asked struct {
	requests []token.PINRequest
	answer   func() (token.PIN, error)
}

func (a *asked) ask(_ context.Context, r token.PINRequest) (token.PIN, error) {
	a.requests = append(a.requests, r)
	if a.answer != nil {
		return a.answer()
	}
	return token.NewPIN([]byte(testPIN)), nil
}

// document writes a PDF of n empty A4 pages and returns its path and that of the output beside it.
func document(t *testing.T, dir, name string, n int) Document {
	t.Helper()
	in := filepath.Join(dir, name+".pdf")
	if err := os.WriteFile(in, blank(n), 0o600); err != nil {
		t.Fatal(err)
	}
	return Document{In: in, Out: filepath.Join(dir, name+"_out.pdf")}
}

func blank(n int) []byte {
	return sealtest.Blank{Pages: slices.Repeat([]string{sealtest.A4}, n)}.PDF()
}

// fakeText is a TextReader with one answer for every page of every document.
type fakeText struct {
	runs   []rules.Run
	err    error
	cold   error // of Warm
	opened int
	closed int
}

func (f *fakeText) OpenText(context.Context, string) (PageText, error) { f.opened++; return f, nil }
func (f *fakeText) Warm(context.Context) error                         { return f.cold }
func (f *fakeText) Close() error                                       { f.closed++; return nil }
func (f *fakeText) Text(context.Context, int) ([]rules.Run, error)     { return f.runs, f.err }

// Sheet answers a white page with the runs.
func (f *fakeText) Sheet(_ context.Context, page int, _ bool) (rules.Sheet, error) {
	return rules.Sheet{Page: page, Height: 297, Runs: f.runs, Ink: rules.NewInk(image.NewRGBA(image.Rect(0, 0, 210, 297)), 1)}, f.err
}

var errFault = errors.New("fault")
