package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sealdesk/pdfseal/center/receipt"
	"sealdesk/pdfseal/cms"
	"sealdesk/pdfseal/cms/timestamp"
	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/sealtest"
	"sealdesk/pdfseal/ses"
)

// proofs are files that prove a time of sealing, and files that do not.
type proofs struct {
	dir, protected string
	pki            *sealtest.PKI
	signature      []byte
	at             time.Time
}

func newProofs(t *testing.T) *proofs {
	t.Helper()
	p := &proofs{dir: t.TempDir(), at: time.Date(2026, 3, 2, 9, 0, 0, 250_000_000, time.UTC)}
	var err error
	if p.pki, err = sealtest.NewSeededPKI(p.at, "inspect"); err != nil {
		t.Fatal(err)
	}
	h, err := p.pki.NewHolder("示范旗人民政府", "印章保管人甲", p.at.AddDate(-1, 0, 0), p.at.AddDate(2, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	seal, err := p.pki.NewSeal(sealtest.SealSpec{ID: "15042900000001", Name: "示范旗人民政府", ValidFrom: p.at.AddDate(-1, 0, 0), ValidTo: p.at.AddDate(1, 0, 0)}, h)
	if err != nil {
		t.Fatal(err)
	}
	p.protected = p.file(t, "protected", []byte("the protected bytes"))
	if p.signature, err = h.SealSignature(seal, gm.SM3([]byte("the protected bytes")), "ByteRange[0 1 2 3]", p.at); err != nil {
		t.Fatal(err)
	}
	return p
}

func (p *proofs) file(t *testing.T, name string, b []byte) string {
	t.Helper()
	path := filepath.Join(p.dir, name)
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func (p *proofs) receipt(t *testing.T, change func(*receipt.Receipt)) []byte {
	t.Helper()
	sig, err := ses.ParseSignature(p.signature)
	if err != nil {
		t.Fatal(err)
	}
	b, err := p.pki.Receipt(p.pki.Centre, sig, p.at, change)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// wantInspected inspects a file and compares kind, exit code, checks and parts of the JSON.
func (p *proofs) wantInspected(t *testing.T, name string, b []byte, kind string, exit int, checks map[string]string, parts ...string) {
	t.Helper()
	path := p.file(t, "in", b)
	i, code := inspectFile(t, path, "--protected", p.protected)
	if i.Kind != kind || code != exit {
		t.Errorf("%s: kind %q, exit %d; want %q, %d", name, i.Kind, code, kind, exit)
	}
	i.want(t, name, checks)
	var out bytes.Buffer
	run(t.Context(), []string{"inspect", "--json", path}, system{stdin: strings.NewReader(""), stdout: &out, stderr: io.Discard})
	for _, part := range parts {
		if !strings.Contains(strings.ReplaceAll(out.String(), "\n", ""), part) {
			t.Errorf("%s: no %s in %s", name, part, out.String())
		}
	}
}

func TestInspect_receipt(t *testing.T) {
	p := newProofs(t)
	good := p.receipt(t, func(r *receipt.Receipt) {
		r.Verdict, r.Reasons = receipt.VerdictIndeterminate, []string{"T4:TRY_LATER"}
	})
	p.wantInspected(t, "good", good, kindReceipt, 0, map[string]string{"signature_value": "passed", "data_hash": "passed"},
		`"version":"1"`, `"verdict":"indeterminate"`, `"value":"2026-03-02T09:00:00.250Z"`, `"source":"receipt"`, `"T4:TRY_LATER"`, `"sealId":"15042900000001"`, sealtest.CentreName)
	other := p.receipt(t, func(r *receipt.Receipt) { r.DataHash = strings.Repeat("0", 64) })
	p.wantInspected(t, "of another document", other, kindReceipt, 3, map[string]string{"signature_value": "passed", "data_hash": "failed HASH_MISMATCH"})
	forged := bytes.Replace(good, []byte(`"indeterminate"`), []byte(`"invalidxxxxxx"`), 1)
	p.wantInspected(t, "changed", forged, kindReceipt, 3, map[string]string{"signature_value": "failed SIG_VALUE", "data_hash": "skipped"})
	odd, err := cms.Sign(context.Background(), []byte(`{"format":"sealdesk-receipt/1"}`), p.pki.Centre, cms.SignOptions{Time: p.at})
	if err != nil {
		t.Fatal(err)
	}
	if _, code := inspectRaw(t, p.file(t, "odd", odd)); code != 20 {
		t.Errorf("not in the form of a receipt: exit %d", code)
	}
	for lang, want := range map[string]string{"zh": "核验回执", "en": "receipt of a verification centre"} {
		var out bytes.Buffer
		run(t.Context(), []string{"--lang", lang, "inspect", p.file(t, "good", good)}, system{stdin: strings.NewReader(""), stdout: &out, stderr: io.Discard})
		if !strings.Contains(out.String(), want) {
			t.Errorf("%s: no %q in %s", lang, want, out.String())
		}
	}
}

func inspectRaw(t *testing.T, path string) (string, int) {
	t.Helper()
	t.Setenv("SEALDESK_CONFIG_DIR", t.TempDir())
	var out bytes.Buffer
	code := run(t.Context(), []string{"inspect", "--json", path}, system{stdin: strings.NewReader(""), stdout: &out, stderr: io.Discard})
	return out.String(), code
}

func TestInspect_timestamp(t *testing.T) {
	p := newProofs(t)
	stamp := func(s *sealtest.Service) []byte {
		b, err := s.Stamped(p.signature, p.at)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	p.wantInspected(t, "good", stamp(p.pki.Timestamp), kindSignature, 0, map[string]string{"signature_value": "passed", "timestamp": "passed 2026-03-02T09:00:00.25Z"},
		`"source":"claimed"`, `"accuracy":"1s"`, sealtest.TimestampName)
	p.wantInspected(t, "of a centre", stamp(p.pki.Centre), kindSignature, 3, map[string]string{"signature_value": "passed", "timestamp": "failed TIMESTAMP: timestamp: certificate"})
	expired, err := p.pki.NewTimestamp("过期", p.at.AddDate(-2, 0, 0), p.at.AddDate(-1, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	p.wantInspected(t, "of an expired authority", stamp(expired), kindSignature, 3, map[string]string{"timestamp": "failed TIMESTAMP: timestamp: certificate"})
	token, err := timestamp.Issue(t.Context(), gm.SM3([]byte("another value")), nil, p.at, p.pki.Timestamp)
	if err != nil {
		t.Fatal(err)
	}
	foreign, err := ses.AddTimestamp(p.signature, token)
	if err != nil {
		t.Fatal(err)
	}
	p.wantInspected(t, "over another value", foreign, kindSignature, 3, map[string]string{"timestamp": "failed TIMESTAMP: timestamp: token is over other data"})
	p.wantInspected(t, "none", p.signature, kindSignature, 0, map[string]string{"timestamp": "skipped absent"})

	p.wantInspected(t, "token alone", token, kindCMS, 3, map[string]string{"timestamp": "passed", "data_hash": "failed HASH_MISMATCH"}, `"contentType":"1.2.840.113549.1.9.16.1.4"`)
	own, err := timestamp.Issue(t.Context(), gm.SM3([]byte("the protected bytes")), nil, p.at, p.pki.Timestamp)
	if err != nil {
		t.Fatal(err)
	}
	p.wantInspected(t, "token over the file", own, kindCMS, 0, map[string]string{"timestamp": "passed", "data_hash": "passed"})
	own[len(own)-1] ^= 1
	p.wantInspected(t, "token changed", own, kindCMS, 3, map[string]string{"timestamp": "failed TIMESTAMP", "data_hash": "skipped"})
}
