package cms

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/internal/der"
)

func memory(p party) Key { return MemoryKey(p.cert, p.key) }

func mustSign(t testing.TB, content []byte, o SignOptions) []byte {
	t.Helper()
	if o.Time.IsZero() {
		o.Time = date(2026)
	}
	b, err := Sign(t.Context(), content, memory(signer()), o)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestSign_readsBack(t *testing.T) {
	tst := oid{1, 2, 840, 113549, 1, 9, 16, 1, 4}
	for name, o := range map[string]SignOptions{
		"plain":         {},
		"chain":         {Certificates: [][]byte{other().cert, signer().cert, other().cert}},
		"content type":  {ContentType: tst},
		"after 2049":    {Time: time.Date(2051, 1, 1, 0, 0, 0, 0, time.UTC)},
		"local, nanos":  {Time: time.Date(2026, 5, 6, 7, 8, 9, 999, time.FixedZone("CST", 8*3600))},
		"PKCS#7 data":   {ContentType: oidData},
		"1950":          {Time: time.Date(1950, 1, 1, 0, 0, 0, 0, time.UTC)},
		"empty content": {},
	} {
		content := document
		if name == "empty content" {
			content = []byte{}
		}
		b := mustSign(t, content, o)
		s, err := Parse(b)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		verify := s.VerifyOwn
		if o.ContentType.Equal(tst) {
			verify = func() (*Result, error) { return s.VerifyEmbeddedType(tst) }
			if _, err := s.VerifyEmbedded(); !errors.Is(err, ErrUnsupported) {
				t.Errorf("%s: read as data: %v", name, err)
			}
		}
		r, err := verify()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		at := o.Time
		if at.IsZero() {
			at = date(2026)
		}
		if r.Variant != "A" || !r.SigningTime.Equal(at.Truncate(time.Second)) || !bytes.Equal(r.SignerCert, signer().cert) || len(r.Notes) != 0 {
			t.Errorf("%s: %+v", name, r)
		}
		if !bytes.Equal(s.Content, content) || s.Content == nil || len(s.Notes) != 0 || !slices.IsSortedFunc(s.Certificates, bytes.Compare) {
			t.Errorf("%s: content %q, notes %q", name, s.Content, s.Notes)
		}
		if name == "chain" && len(s.Certificates) != 2 {
			t.Errorf("%d certificates", len(s.Certificates))
		}
	}
}

func TestSign_detached(t *testing.T) {
	b := mustSign(t, document, SignOptions{Detached: true})
	s, err := Parse(b)
	if err != nil {
		t.Fatal(err)
	}
	if r, err := s.Verify(digest, nil); err != nil || r.Variant != "A" || len(r.Notes) != 0 || s.Content != nil {
		t.Errorf("%+v, %v", r, err)
	}
	if _, err := s.Verify(gm.SM3([]byte("x")), nil); err == nil {
		t.Error("another document is accepted")
	}
	var e *Error
	if _, err := s.VerifyEmbedded(); !errors.As(err, &e) || e.Rule != "C5" {
		t.Errorf("without content: %v", err)
	}
	if _, err := Sign(t.Context(), document, memory(signer()), SignOptions{Time: date(2026), Detached: true, ContentType: oidSignedData}); err == nil {
		t.Error("detached content of another type is written")
	}
}

// strange is a Key that answers what it is given.
type strange struct {
	cert []byte
	sign func(ctx context.Context, m []byte) ([]byte, error)
}

func (s strange) Certificate() []byte { return s.cert }
func (s strange) SignSM2(ctx context.Context, m []byte) ([]byte, error) {
	return s.sign(ctx, m)
}

func TestSign_refusals(t *testing.T) {
	gone := errors.New("key is gone")
	good := func(_ context.Context, m []byte) ([]byte, error) { return signer().key.Sign(m) }
	for name, c := range map[string]struct {
		key   Key
		o     SignOptions
		cause error
	}{
		"no time":           {memory(signer()), SignOptions{}, nil},
		"time out of range": {memory(signer()), SignOptions{Time: time.Date(1949, 1, 1, 0, 0, 0, 0, time.UTC)}, nil},
		"key of another":    {MemoryKey(signer().cert, other().key), SignOptions{Time: date(2026)}, gm.ErrSignature},
		"no certificate":    {strange{nil, good}, SignOptions{Time: date(2026)}, nil},
		"key fails":         {strange{signer().cert, func(context.Context, []byte) ([]byte, error) { return nil, gone }}, SignOptions{Time: date(2026)}, gone},
		"malformed value":   {strange{signer().cert, func(context.Context, []byte) ([]byte, error) { return make([]byte, 64), nil }}, SignOptions{Time: date(2026)}, nil},
		"odd certificate":   {memory(signer()), SignOptions{Time: date(2026), Certificates: [][]byte{{5, 0}}}, ErrFormat},
		"too many":          {memory(signer()), SignOptions{Time: date(2026), Certificates: numbered(16)}, ErrLimit},
	} {
		if b, err := Sign(t.Context(), document, c.key, c.o); err == nil || b != nil || c.cause != nil && !errors.Is(err, c.cause) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Sign(t.Context(), document, memory(signer()), SignOptions{Time: date(2026), Certificates: numbered(MaxCertificates - 1)}); err != nil { // and the signer's own
		t.Errorf("at the limit of certificates: %v", err)
	}
	if _, err := Sign(t.Context(), make([]byte, der.MaxBytes), memory(signer()), SignOptions{Time: date(2026)}); !errors.Is(err, ErrLimit) {
		t.Errorf("too large: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Sign(ctx, document, memory(signer()), SignOptions{Time: date(2026)}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func numbered(n int) (out [][]byte) {
	for i := range n {
		out = append(out, der.Sequence(der.Int(i)))
	}
	return out
}

// TestSign_rawValue: a key that answers r‖s has its value written as DER.
func TestSign_rawValue(t *testing.T) {
	key := strange{signer().cert, func(_ context.Context, m []byte) ([]byte, error) {
		v, err := signer().key.Sign(m)
		if err != nil {
			return nil, err
		}
		s, _, err := gm.ParseSignature(v)
		return s.Raw(), err
	}}
	b, err := Sign(t.Context(), document, key, SignOptions{Time: date(2026)})
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(b, mustSign(t, document, SignOptions{})) {
		t.Error("written otherwise than the DER value")
	}
}

// ownDraft is what Sign writes, as a draft that can be changed.
func ownDraft(t testing.TB) *draft {
	d := newDraft(t)
	d.embed(document)
	sum := gm.SM3(document)
	d.attrs = [][]byte{
		attr(oidContentType, der.OID(oidDataGM)), attr(oidMessageDigest, der.Octets(sum[:])),
		attr(oidSigningTime, der.UTCTime(date(2026))), attr(oidSigningCertificateV2, certificateID(signer().cert)),
	}
	slices.SortFunc(d.attrs, bytes.Compare)
	return d
}

func TestSign_isTheDraft(t *testing.T) {
	if !bytes.Equal(ownDraft(t).bytes(t), mustSign(t, document, SignOptions{})) {
		t.Error("the draft is not what Sign writes")
	}
}

func without(d *draft, o oid) {
	d.attrs = slices.DeleteFunc(d.attrs, func(a []byte) bool { return bytes.Contains(a, der.OID(o)) })
}

// TestVerifyOwn_rules: everything that Sign writes is asked for.
func TestVerifyOwn_rules(t *testing.T) {
	for name, c := range map[string]struct {
		rule   string
		change func(d *draft)
	}{
		"no contentType":     {"C4", func(d *draft) { without(d, oidContentType) }},
		"no messageDigest":   {"C4", func(d *draft) { without(d, oidMessageDigest) }},
		"no signingTime":     {"C4", func(d *draft) { without(d, oidSigningTime) }},
		"no binding":         {"C6", func(d *draft) { without(d, oidSigningCertificateV2) }},
		"no attributes":      {"C4", func(d *draft) { d.attrs = nil }},
		"PKCS#7":             {"C1", func(d *draft) { d.outer, d.contentType = oidSignedData, oidData }},
		"version 3":          {"C1", func(d *draft) { d.version = der.Int(3) }},
		"attributes turned":  {"C1", func(d *draft) { slices.Reverse(d.attrs) }},
		"unsigned attribute": {"C1", func(d *draft) { d.unsigned = der.TLV(0xa1, attr(oidTimestampToken, der.Sequence())) }},
		"padding":            {"C1", func(d *draft) {}},
		"other content":      {"C4", func(d *draft) { d.content = der.Explicit(0, der.Octets([]byte("other"))) }},
		"no content":         {"C5", func(d *draft) { d.content = nil }},
		"another key":        {"C7", func(d *draft) { d.key = other().key }},
		"another binding": {"C6", func(d *draft) {
			without(d, oidSigningCertificateV2)
			d.attrs = append(d.attrs, essCertID(other().cert))
		}},
		"content type": {"C3", func(d *draft) { d.contentType = oidSignedData }},
	} {
		d := ownDraft(t)
		c.change(d)
		b := d.bytes(t)
		if name == "padding" {
			b = append(b, 0)
		}
		s, err := Parse(b)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var e *Error
		if r, err := s.VerifyOwn(); !errors.As(err, &e) || e.Rule != c.rule {
			t.Errorf("%s: %+v, %v; want rule %s", name, r, err, c.rule)
		}
	}
}

// TestVerifyEmbedded_variants: A, C and D hold; what is only a digest does not.
func TestVerifyEmbedded_variants(t *testing.T) {
	for name, c := range map[string]struct {
		want   string // variant, or the rule that is broken
		change func(d *draft)
	}{
		"A":                     {"A", func(d *draft) {}},
		"D":                     {"D", func(d *draft) { d.outer, d.contentType = oidSignedData, oidData }},
		"C":                     {"C", func(d *draft) { d.attrs = nil }},
		"B":                     {"C5", func(d *draft) { d.attrs = nil; d.embed(digest[:]) }},
		"B'":                    {"C5", func(d *draft) { d.attrs = nil; d.embed(digest[:]); d.raw = true }},
		"E":                     {"C5", func(d *draft) { d.attrs, d.content = nil, nil }},
		"attributes as content": {"C4", func(d *draft) { set := der.Set(d.attrs...); d.attrs = nil; d.embed(set) }},
	} {
		d := ownDraft(t)
		c.change(d)
		s, err := Parse(d.bytes(t))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		r, err := s.VerifyEmbedded()
		var e *Error
		if got := ""; errors.As(err, &e) {
			if got = e.Rule; got != c.want {
				t.Errorf("%s: %v; want %s", name, err, c.want)
			}
		} else if err != nil || r.Variant != c.want {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
	}
}

// TestSign_everyBitCounts: no changed bit of what Sign writes is accepted as our own.
func TestSign_everyBitCounts(t *testing.T) {
	good := mustSign(t, []byte("content"), SignOptions{})
	for i := range good {
		b := bytes.Clone(good)
		b[i] ^= 1 << (i % 8)
		s, err := Parse(b)
		if err != nil {
			continue
		}
		if _, err := s.VerifyOwn(); err == nil {
			t.Fatalf("bit %d of byte %d is of no account", i%8, i)
		}
	}
}

// FuzzSign: what is written is read with the same content, and only that content verifies.
func FuzzSign(f *testing.F) {
	f.Add([]byte("content"), int64(1_772_000_000), true)
	f.Add([]byte{}, int64(4_000_000_000), false)
	f.Add(bytes.Repeat([]byte{0x31}, 32), int64(0), false)
	f.Fuzz(func(t *testing.T, content []byte, at int64, chain bool) {
		o := SignOptions{Time: time.Unix(at, 0)}
		if chain {
			o.Certificates = [][]byte{other().cert}
		}
		b, err := Sign(t.Context(), content, memory(signer()), o)
		if err != nil {
			if y := o.Time.UTC().Year(); y >= 1950 && y <= 9999 && len(content) < der.MaxBytes/2 {
				t.Fatal(err)
			}
			return
		}
		s, err := Parse(b)
		if err != nil {
			t.Fatal(err)
		}
		r, err := s.VerifyOwn()
		if err != nil || !bytes.Equal(s.Content, content) || !r.SigningTime.Equal(o.Time) {
			t.Fatalf("%+v, %v", r, err)
		}
		if _, err := s.Verify(gm.SM3(content, []byte{0}), nil); err == nil {
			t.Fatal("verifies for another document")
		}
	})
}
