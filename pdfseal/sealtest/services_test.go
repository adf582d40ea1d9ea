package sealtest

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"sealdesk/pdfseal/center/receipt"
	"sealdesk/pdfseal/cms"
	"sealdesk/pdfseal/cms/timestamp"
	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/ses"
)

var _ cms.Key = (*Service)(nil)

// sealed is a seal signature of a new holder.
func sealed(t *testing.T, p *PKI) []byte {
	t.Helper()
	h := newTestHolder(t, p)
	seal, err := p.NewSeal(SealSpec{ID: "15042900000001", Name: "示范旗人民政府", ValidFrom: now, ValidTo: now.AddDate(1, 0, 0)}, h)
	if err != nil {
		t.Fatal(err)
	}
	b, err := h.SealSignature(seal, gm.SM3([]byte("protected")), "ByteRange[0 1 2 3]", now)
	if err != nil {
		t.Fatal(err)
	}
	s, err := ses.ParseSignature(b)
	if err != nil {
		t.Fatal(err)
	}
	if hash, ok := s.Hash(); !ok || hash != gm.SM3([]byte("protected")) || !s.Time.Equal(now) || !bytes.Equal(s.SignerCert, h.SignCert) {
		t.Errorf("%+v", s)
	}
	if err := s.VerifyValue(); err != nil {
		t.Error(err)
	}
	return b
}

func TestStamped(t *testing.T) {
	p := newTestPKI(t)
	late, err := p.NewTimestamp("练习用第二时间戳服务", now, now.AddDate(1, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	for name, s := range map[string]*Service{"first": p.Timestamp, "second": late, "centre": p.Centre} {
		b, err := s.Stamped(sealed(t, p), now.Add(time.Minute))
		if err != nil {
			t.Fatal(err)
		}
		sig, err := ses.ParseSignature(b)
		if err != nil {
			t.Fatal(err)
		}
		k, err := timestamp.Parse(sig.Timestamp)
		if err != nil {
			t.Fatal(err)
		}
		if err := k.CheckImprint(sig.Value); err != nil || !k.Time.Equal(now.Add(time.Minute)) || !bytes.Equal(k.SignerCert, s.Cert) {
			t.Errorf("%s: %+v, %v", name, k, err)
		}
		if err := k.CheckAuthority(); (err == nil) != (name != "centre") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := p.Timestamp.Stamped([]byte{0x30, 0}, now); err == nil {
		t.Error("something else is stamped")
	}
}

func TestReceipt_coversTheSignature(t *testing.T) {
	p := newTestPKI(t)
	other, err := p.NewCentre("练习用第二核验中心", now, now.AddDate(1, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	b := sealed(t, p)
	sig, err := ses.ParseSignature(b)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []*Service{p.Centre, other} {
		raw, err := p.Receipt(s, sig, now, nil)
		if err != nil {
			t.Fatal(err)
		}
		r, err := receipt.Parse(raw)
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Covers(sig, b); err != nil || r.Verdict != receipt.VerdictValid || !r.Time.Equal(now) || !bytes.Equal(r.SignerCert, s.Cert) {
			t.Errorf("%+v, %v", r.Receipt, err)
		}
	}
	if _, err := p.Receipt(p.Centre, sig, now, func(r *receipt.Receipt) { r.Verdict = "" }); !errors.Is(err, receipt.ErrFormat) {
		t.Errorf("without verdict: %v", err)
	}
}

func TestService_stopsOnCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := newTestPKI(t).Centre.SignSM2(ctx, nil); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
