package sealtest

import (
	"bytes"
	"context"
	"image/png"
	"testing"
	"time"

	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/ses"
	"sealdesk/pdfseal/trust"
)

var now = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func newTestPKI(t *testing.T) *PKI {
	t.Helper()
	p, err := NewSeededPKI(now, t.Name())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func newTestHolder(t *testing.T, p *PKI) *Holder {
	t.Helper()
	h, err := p.NewHolder("示范旗人民政府", "印章保管人甲", now.AddDate(-1, 0, 0), now.AddDate(2, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestNewPKI_chainsOfBothPurposesAreTrusted(t *testing.T) {
	p := newTestPKI(t)
	h := newTestHolder(t, p)
	b, err := p.TrustFile(now)
	if err != nil {
		t.Fatal(err)
	}
	store, err := trust.Parse(b)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name    string
		cert    []byte
		purpose trust.Purpose
		want    trust.ChainStatus
		canSign bool
	}{
		{"signer", h.SignCert, trust.PurposeSigner, trust.ChainTrusted, true},
		{"encryption", h.EncCert, trust.PurposeSigner, trust.ChainTrusted, false},
		{"maker", p.MakerCert, trust.PurposeMaker, trust.ChainTrusted, true},
		{"signer as maker", h.SignCert, trust.PurposeMaker, trust.ChainUntrusted, true},
		{"maker as signer", p.MakerCert, trust.PurposeSigner, trust.ChainUntrusted, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			cert, err := gm.ParseCertificate(c.cert)
			if err != nil {
				t.Fatal(err)
			}
			res := store.Chain(cert, c.purpose)
			if res.Status != c.want {
				t.Errorf("chain %s (%s), want %s", res.Status, res.Detail, c.want)
			}
			if c.want == trust.ChainTrusted {
				if len(res.Path) != 3 {
					t.Fatalf("path of %d certificates", len(res.Path))
				}
				if r := store.Revocation(cert, res.Path[1], now.Add(time.Hour)); r.Status != trust.RevocationGood {
					t.Errorf("revocation %s (%s)", r.Status, r.Detail)
				}
			}
			if cert.CanSign() != c.canSign {
				t.Errorf("CanSign = %v", cert.CanSign())
			}
			if len(cert.Defects) != 0 {
				t.Errorf("defects: %q", cert.Defects)
			}
		})
	}
}

func TestNewSeededPKI_repeats(t *testing.T) {
	make := func(seed string) []byte {
		p, err := NewSeededPKI(now, seed)
		if err != nil {
			t.Fatal(err)
		}
		h := newTestHolder(t, p)
		seal, err := p.NewSeal(SealSpec{ID: "15042900000001", Name: "示范旗人民政府", ValidFrom: now, ValidTo: now.AddDate(1, 0, 0)}, h)
		if err != nil {
			t.Fatal(err)
		}
		return seal
	}
	if !bytes.Equal(make("a"), make("a")) {
		t.Error("the same seed gives other bytes")
	}
	if bytes.Equal(make("a"), make("b")) {
		t.Error("another seed gives the same bytes")
	}
	if _, err := NewSeededPKI(now, ""); err == nil {
		t.Error("an empty seed is accepted")
	}
}

func TestNewPKI_randomKeysDiffer(t *testing.T) {
	a, err := NewPKI(now)
	if err != nil {
		t.Fatal(err)
	}
	b, err := NewPKI(now)
	if err != nil {
		t.Fatal(err)
	}
	if a.RootKey.D() == b.RootKey.D() || a.RootKey.D() == a.MakerKey.D() {
		t.Error("keys repeat")
	}
}

func TestNewSeal_everyVersionReadsBack(t *testing.T) {
	p := newTestPKI(t)
	a := newTestHolder(t, p)
	b, err := p.NewHolder("示范旗教育局", "印章保管人乙", now, now.AddDate(1, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	for _, version := range []ses.Version{ses.V1, ses.V4, ses.V5} {
		for _, digests := range []bool{false, true} {
			if digests && version == ses.V1 {
				continue
			}
			t.Run(version.String(), func(t *testing.T) {
				spec := SealSpec{ID: "15042900000001", Name: "示范旗人民政府", ValidFrom: now, ValidTo: now.AddDate(1, 0, 0), CertListDigests: digests, Version: version}
				raw, err := p.NewSeal(spec, a)
				if err != nil {
					t.Fatal(err)
				}
				s, err := ses.ParseSeal(raw)
				if err != nil {
					t.Fatal(err)
				}
				if s.Version != version || s.ID != spec.ID || s.Picture.WidthMM != 42 {
					t.Errorf("version %v, id %q, %d mm", s.Version, s.ID, s.Picture.WidthMM)
				}
				if err := s.VerifyValue(); err != nil {
					t.Error(err)
				}
				if listed, usable := s.Lists(a.SignCert); !listed || !usable {
					t.Errorf("holder: listed %v, usable %v", listed, usable)
				}
				if listed, _ := s.Lists(b.SignCert); listed {
					t.Error("a stranger is listed")
				}
			})
		}
	}
	if _, err := p.NewSeal(SealSpec{ID: "1", Name: "n", ValidFrom: now, ValidTo: now}); err == nil {
		t.Error("a seal without holder was made")
	}
}

func TestSoftSigner_signsTheMessage(t *testing.T) {
	h := newTestHolder(t, newTestPKI(t))
	s := h.Signer()
	sig, err := s.SignSM2(context.Background(), []byte("message"))
	if err != nil {
		t.Fatal(err)
	}
	if err := h.SignKey.Public().Verify([]byte("message"), sig); err != nil {
		t.Error(err)
	}
	if !bytes.Equal(s.Certificate(), h.SignCert) {
		t.Error("another certificate")
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := s.SignSM2(ctx, nil); err == nil {
		t.Error("signs after cancel")
	}
}

func TestTrust_revokedSignerIsNamed(t *testing.T) {
	p := newTestPKI(t)
	h := newTestHolder(t, p)
	at := now.Add(-48 * time.Hour)
	f, err := p.Trust(now, TrustSpec{Revoked: map[string]gm.Revocation{SerialHex(h.SignCert): {Time: at, Reason: 1}},
		Seals: []trust.SealStatus{{ID: "x", Status: trust.StatusCancelled, Since: at}}})
	if err != nil {
		t.Fatal(err)
	}
	b, err := f.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	store, err := trust.Parse(b)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := gm.ParseCertificate(h.SignCert)
	if err != nil {
		t.Fatal(err)
	}
	r := store.Revocation(cert, store.Chain(cert, trust.PurposeSigner).Path[1], now.Add(time.Hour))
	if r.Status != trust.RevocationRevoked || !r.Revocation.Time.Equal(at) || r.Revocation.Reason != 1 {
		t.Errorf("%+v", r)
	}
	if st, ok := store.SealStatus("x"); !ok || st.Status != trust.StatusCancelled || !st.Since.Equal(at) {
		t.Errorf("%+v %v", st, ok)
	}
}

func TestSquarePicture_edgesAreRed(t *testing.T) {
	for _, px := range []int{0, 8, 64, 331} {
		img, err := png.Decode(bytes.NewReader(SquarePicture(px)))
		if err != nil {
			t.Fatal(err)
		}
		b := img.Bounds()
		if b.Dx() != max(px, 8) || b.Dy() != b.Dx() {
			t.Errorf("%d: %v", px, b)
		}
		for i := range b.Dx() {
			for _, p := range [][2]int{{i, 0}, {0, i}, {i, b.Dy() - 1}, {b.Dx() - 1, i}} {
				if r, _, _, a := img.At(p[0], p[1]).RGBA(); a != 0xffff || r < 0xe000 {
					t.Fatalf("%d: pixel %v is not red", px, p)
				}
			}
		}
		if _, _, _, a := img.At(b.Dx()/4, b.Dy()/4).RGBA(); px >= 64 && a != 0 {
			t.Errorf("%d: ground is not transparent", px)
		}
	}
}
