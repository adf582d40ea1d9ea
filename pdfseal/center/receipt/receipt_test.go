package receipt_test

import (
	"bytes"
	"context"
	"encoding/asn1"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sealdesk/pdfseal/center/receipt"
	"sealdesk/pdfseal/cms"
	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/sealtest"
	"sealdesk/pdfseal/ses"
	"sealdesk/pdfseal/trust"
)

var now = time.Date(2026, 3, 2, 9, 0, 0, 123_000_000, time.UTC)

// office is a PKI with two seal signatures of one holder.
type office struct {
	pki          *sealtest.PKI
	first, other []byte
}

var makeOffice = sync.OnceValues(func() (*office, error) {
	p, err := sealtest.NewSeededPKI(now, "receipt")
	if err != nil {
		return nil, err
	}
	h, err := p.NewHolder("示范旗人民政府", "印章保管人甲", now.AddDate(-1, 0, 0), now.AddDate(2, 0, 0))
	if err != nil {
		return nil, err
	}
	seal, err := p.NewSeal(sealtest.SealSpec{ID: "15042900000001", Name: "示范旗人民政府", ValidFrom: now.AddDate(-1, 0, 0), ValidTo: now.AddDate(1, 0, 0)}, h)
	if err != nil {
		return nil, err
	}
	o := &office{pki: p}
	if o.first, err = h.SealSignature(seal, gm.SM3([]byte("a")), "ByteRange[0 1 2 3]", now); err != nil {
		return nil, err
	}
	o.other, err = h.SealSignature(seal, gm.SM3([]byte("b")), "ByteRange[0 1 2 3]", now)
	return o, err
})

func newOffice(t testing.TB) *office {
	t.Helper()
	o, err := makeOffice()
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func parseSignature(t testing.TB, b []byte) *ses.Signature {
	t.Helper()
	s, err := ses.ParseSignature(b)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (o *office) receipt(t testing.TB, change func(*receipt.Receipt)) []byte {
	t.Helper()
	b, err := o.pki.Receipt(o.pki.Centre, parseSignature(t, o.first), now, change)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// content is the JSON inside a receipt.
func content(t testing.TB, b []byte) string {
	t.Helper()
	s, err := cms.Parse(b)
	if err != nil {
		t.Fatal(err)
	}
	return string(s.Content)
}

// wrap signs any content as a centre would.
func (o *office) wrap(t testing.TB, content string, opts cms.SignOptions) []byte {
	t.Helper()
	opts.Time = now
	b, err := cms.Sign(context.Background(), []byte(content), o.pki.Centre, opts)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestSign_readsBack(t *testing.T) {
	o := newOffice(t)
	since := time.Date(2026, 3, 1, 8, 0, 0, 0, time.FixedZone("CST", 8*3600))
	b := o.receipt(t, func(r *receipt.Receipt) {
		r.SealStatus, r.SealSince, r.Reasons, r.Verdict = receipt.SealSuspended, since, []string{"E7:SEAL_STATUS", "<&>"}, receipt.VerdictInvalid
	})
	if !receipt.Is(b) {
		t.Error("not recognised")
	}
	r, err := receipt.Parse(b)
	if err != nil {
		t.Fatal(err)
	}
	if !r.Time.Equal(now) || !r.SealSince.Equal(since) || r.Verdict != receipt.VerdictInvalid || !slices.Equal(r.Reasons, []string{"E7:SEAL_STATUS", "<&>"}) ||
		r.Centre != sealtest.CentreName || r.Bundle != 1 || r.Format != receipt.Format {
		t.Errorf("%+v", r.Receipt)
	}
	if !bytes.Equal(r.SignerCert, o.pki.Centre.Cert) || len(r.Certificates) != 2 || !bytes.Equal(r.Raw, b) {
		t.Error("certificates or bytes are others")
	}
	again := o.receipt(t, func(c *receipt.Receipt) { *c = r.Receipt })
	if !bytes.Equal(again, b) {
		t.Error("the same receipt gives other bytes")
	}
}

func TestCovers(t *testing.T) {
	o := newOffice(t)
	r, err := receipt.Parse(o.receipt(t, nil))
	if err != nil {
		t.Fatal(err)
	}
	sig := parseSignature(t, o.first)
	if err := r.Covers(sig, o.first); err != nil {
		t.Error(err)
	}
	if err := r.Covers(sig, append(bytes.Clone(o.first), 0, 0, 0)); err != nil {
		t.Errorf("with padding: %v", err)
	}
	if err := r.Covers(sig, o.other); err == nil {
		t.Error("bytes of another signature are accepted")
	}
	if err := r.Covers(sig, append(bytes.Clone(o.first), 1)); err == nil {
		t.Error("bytes after the signature are accepted")
	}
	if err := r.Covers(nil, nil); err == nil {
		t.Error("no signature is covered")
	}
	var e *receipt.CoverError
	if err := r.Covers(parseSignature(t, o.other), o.other); !errors.Is(err, receipt.ErrOther) || !errors.As(err, &e) || e.Field != "dataHash" {
		t.Errorf("another signature: %v", err)
	}
	for field, change := range map[string]func(*receipt.Receipt){
		"dataHash":     func(r *receipt.Receipt) { r.DataHash = flip(r.DataHash) },
		"signatureSm3": func(r *receipt.Receipt) { r.SignatureSM3 = flip(r.SignatureSM3) },
		"sealId":       func(r *receipt.Receipt) { r.SealID += "0" },
		"sealSm3":      func(r *receipt.Receipt) { r.SealSM3 = flip(r.SealSM3) },
		"signerSm3":    func(r *receipt.Receipt) { r.SignerSM3 = flip(r.SignerSM3) },
	} {
		r, err := receipt.Parse(o.receipt(t, change))
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Covers(sig, o.first); !errors.As(err, &e) || e.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
}

func flip(s string) string {
	if s[0] == '0' {
		return "1" + s[1:]
	}
	return "0" + s[1:]
}

// TestParse_oneForm: one content has one form, and each field is required.
func TestParse_oneForm(t *testing.T) {
	o := newOffice(t)
	good := content(t, o.receipt(t, nil))
	if _, err := receipt.Parse(o.wrap(t, good, cms.SignOptions{})); err != nil {
		t.Fatalf("the unchanged content: %v", err)
	}
	parts := strings.Split(strings.Trim(good, "{}"), `,"`)
	if len(parts) != 16 {
		t.Fatalf("%d fields in %s", len(parts), good)
	}
	bad := map[string]string{
		"unknown field":   strings.Replace(good, `,"bundle"`, `,"more":1,"bundle"`, 1),
		"repeated field":  strings.Replace(good, `,"bundle"`, `,"bundle":1,"bundle"`, 1),
		"letter case":     strings.Replace(good, `"bundle"`, `"Bundle"`, 1),
		"space":           strings.Replace(good, `":`, `": `, 1),
		"line end":        good + "\n",
		"second value":    good + good,
		"null":            strings.Replace(good, `"reasons":[]`, `"reasons":null`, 1),
		"escape":          strings.Replace(good, `"valid"`, `"\u0076alid"`, 1),
		"other format":    strings.Replace(good, receipt.Format, "sealdesk-receipt/2", 1),
		"other order":     strings.Replace(strings.Replace(good, `,"bundle":1`, "", 1), `{`, `{"bundle":1,`, 1),
		"time zone":       strings.Replace(good, `09:00:00.123Z`, `17:00:00.123+08:00`, 1),
		"zero offset":     strings.Replace(good, `09:00:00.123Z`, `09:00:00.123+00:00`, 1),
		"microseconds":    strings.Replace(good, `.123Z`, `.1234Z`, 1),
		"trailing zero":   strings.Replace(good, `.123Z`, `.120Z`, 1),
		"zero since":      strings.Replace(good, `,"signerStatus"`, `,"sealSince":"0001-01-01T00:00:00Z","signerStatus"`, 1),
		"empty":           "",
		"not an object":   "[]",
		"not UTF-8":       strings.Replace(good, "练", "\xff", 1),
		"upper-case hash": strings.ToUpper(good),
		"float":           strings.Replace(good, `"bundle":1`, `"bundle":1.0`, 1),
		"negative":        strings.Replace(good, `"bundle":1`, `"bundle":-1`, 1),
		"huge":            strings.Replace(good, sealtest.CentreName, strings.Repeat("中", 40_000), 1),
	}
	for i, p := range parts {
		left := slices.Delete(slices.Clone(parts), i, i+1)
		text := "{" + strings.Join(left, `,"`) + "}"
		if i == 0 {
			text = `{"` + strings.Join(left, `,"`) + "}"
		}
		bad["without "+p] = text
	}
	for name, text := range bad {
		if text == good {
			t.Errorf("%s: nothing was changed", name)
		}
		if _, err := receipt.Parse(o.wrap(t, text, cms.SignOptions{})); !errors.Is(err, receipt.ErrFormat) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSign_refusesWrongFields(t *testing.T) {
	o := newOffice(t)
	sig := parseSignature(t, o.first)
	for field, change := range map[string]func(*receipt.Receipt){
		"id":           func(r *receipt.Receipt) { r.ID = "" },
		"requestId":    func(r *receipt.Receipt) { r.RequestID = "a\nb" },
		"centre":       func(r *receipt.Receipt) { r.Centre = "\u202eevil" },
		"sealId":       func(r *receipt.Receipt) { r.SealID = strings.Repeat("1", 201) },
		"dataHash":     func(r *receipt.Receipt) { r.DataHash = strings.ToUpper(r.DataHash) },
		"signatureSm3": func(r *receipt.Receipt) { r.SignatureSM3 = r.SignatureSM3[:62] },
		"sealSm3":      func(r *receipt.Receipt) { r.SealSM3 = "" },
		"signerSm3":    func(r *receipt.Receipt) { r.SignerSM3 = strings.Repeat("g", 64) },
		"sealStatus":   func(r *receipt.Receipt) { r.SealStatus = "lost" },
		"signerStatus": func(r *receipt.Receipt) { r.SignerStatus = "in-force" },
		"makerStatus":  func(r *receipt.Receipt) { r.MakerStatus = "" },
		"verdict":      func(r *receipt.Receipt) { r.Verdict = "valid_with_notice" },
		"reasons":      func(r *receipt.Receipt) { r.Reasons = []string{""} },
		"time":         func(r *receipt.Receipt) { r.Time = time.Time{} },
		"sealSince":    func(r *receipt.Receipt) { r.SealSince = time.Date(1, 1, 2, 0, 0, 0, 0, time.UTC) },
		"bundle":       func(r *receipt.Receipt) { r.Bundle = -1 },
	} {
		_, err := o.pki.Receipt(o.pki.Centre, sig, now, change)
		var e *receipt.FormatError
		if !errors.As(err, &e) || e.Field != field || !errors.Is(err, receipt.ErrFormat) {
			t.Errorf("%s: %v", field, err)
		}
		if key, _ := e.Situation(); key != "receipt.format" {
			t.Errorf("situation %q", key)
		}
	}
}

// TestParse_container: the container must be the one that Sign writes.
func TestParse_container(t *testing.T) {
	o := newOffice(t)
	good := o.receipt(t, nil)
	text := content(t, good)
	for name, b := range map[string][]byte{
		"empty":           nil,
		"padding":         append(bytes.Clone(good), 0),
		"cut":             good[:len(good)-1],
		"detached":        o.wrap(t, text, cms.SignOptions{Detached: true}),
		"content type":    o.wrap(t, text, cms.SignOptions{ContentType: asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 1, 4}}),
		"another content": o.wrap(t, "{}", cms.SignOptions{}),
	} {
		if _, err := receipt.Parse(b); !errors.Is(err, receipt.ErrFormat) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestParse_everyBitCounts: outside the certificate of the centre's authority, which is only
// carried along, no changed bit is accepted.
func TestParse_everyBitCounts(t *testing.T) {
	o := newOffice(t)
	good := o.receipt(t, nil)
	carried := bytes.Index(good, o.pki.CentreCACert)
	if carried < 0 {
		t.Fatal("the authority's certificate is not inside")
	}
	for i := range good {
		if i >= carried && i < carried+len(o.pki.CentreCACert) {
			continue
		}
		b := bytes.Clone(good)
		b[i] ^= 1 << (i % 8)
		if _, err := receipt.Parse(b); err == nil {
			t.Fatalf("bit %d of byte %d is of no account", i%8, i)
		}
	}
}

func TestWords_areThoseOfTrust(t *testing.T) {
	for word, status := range map[string]trust.Status{receipt.SealInForce: trust.StatusInForce, receipt.SealSuspended: trust.StatusSuspended,
		receipt.SealCancelled: trust.StatusCancelled, receipt.SealReportedLost: trust.StatusReportedLost} {
		if word != string(status) {
			t.Errorf("%q, trust %q", word, status)
		}
	}
}

// TestReceipt_chain: the practice centre is trusted as a centre and as nothing else.
func TestReceipt_chain(t *testing.T) {
	o := newOffice(t)
	b, err := o.pki.TrustFile(now)
	if err != nil {
		t.Fatal(err)
	}
	store, err := trust.Parse(b)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		cert    []byte
		purpose trust.Purpose
		want    trust.ChainStatus
	}{
		{o.pki.Centre.Cert, trust.PurposeCentre, trust.ChainTrusted}, {o.pki.Centre.Cert, trust.PurposeTimestamp, trust.ChainUntrusted},
		{o.pki.Timestamp.Cert, trust.PurposeTimestamp, trust.ChainTrusted}, {o.pki.Timestamp.Cert, trust.PurposeCentre, trust.ChainUntrusted},
		{o.pki.Centre.Cert, trust.PurposeSigner, trust.ChainUntrusted}, {o.pki.MakerCert, trust.PurposeCentre, trust.ChainUntrusted},
	} {
		cert, err := gm.ParseCertificate(c.cert)
		if err != nil {
			t.Fatal(err)
		}
		res := store.Chain(cert, c.purpose)
		if res.Status != c.want {
			t.Errorf("%s as %s: %s, %s", cert.SubjectCN, c.purpose, res.Status, res.Detail)
		}
		if c.want == trust.ChainTrusted && store.Revocation(cert, res.Path[1], now.Add(time.Hour)).Status != trust.RevocationGood {
			t.Errorf("%s: not good by its list", cert.SubjectCN)
		}
	}
}

// FuzzReceipt: no panic; what is read is written again byte for byte, is over what it says, and says nothing that cannot be shown.
func FuzzReceipt(f *testing.F) {
	o := newOffice(f)
	good := o.receipt(f, func(r *receipt.Receipt) { r.Reasons = []string{"E7:SEAL_STATUS"}; r.SealSince = now })
	f.Add(good, false)
	f.Add([]byte(content(f, good)), true)
	f.Add([]byte(strings.Replace(content(f, good), `"bundle"`, `"Bundle"`, 1)), true)
	f.Add([]byte(`{"format":"sealdesk-receipt/1","reasons":[[[[`), true)
	f.Add(o.wrap(f, "{}", cms.SignOptions{}), false)
	f.Fuzz(func(t *testing.T, in []byte, inside bool) {
		if inside {
			in = o.wrap(t, string(in), cms.SignOptions{})
		}
		r, err := receipt.Parse(in)
		if err != nil {
			if !errors.Is(err, receipt.ErrFormat) {
				t.Fatalf("%T %v", err, err)
			}
			return
		}
		if !bytes.Equal(r.Raw, in) {
			t.Fatal("Raw is not what was read")
		}
		again, err := receipt.Sign(t.Context(), r.Receipt, o.pki.Centre)
		if err != nil {
			t.Fatalf("cannot be written again: %v", err)
		}
		if content(t, again) != content(t, in) {
			t.Fatal("written otherwise")
		}
	})
}
