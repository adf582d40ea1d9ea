package timestamp_test

import (
	"bytes"
	"context"
	"encoding/asn1"
	"errors"
	"math/big"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sealdesk/pdfseal/cms"
	"sealdesk/pdfseal/cms/timestamp"
	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/internal/der"
	"sealdesk/pdfseal/sealtest"
)

type oid = asn1.ObjectIdentifier

var (
	oidTSTInfo = oid{1, 2, 840, 113549, 1, 9, 16, 1, 4}
	oidSM3     = oid{1, 2, 156, 10197, 1, 401}
	now        = time.Date(2026, 3, 2, 9, 0, 0, 123_456_789, time.UTC)
	gmNonce    = big.NewInt(0x010203)
	value      = []byte("signature value")
)

var makePKI = sync.OnceValues(func() (*sealtest.PKI, error) { return sealtest.NewSeededPKI(now, "timestamp") })

func pki(t testing.TB) *sealtest.PKI {
	t.Helper()
	p, err := makePKI()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func issue(t testing.TB, key cms.Key, nonce *big.Int) []byte {
	t.Helper()
	b, err := timestamp.Issue(context.Background(), gm.SM3(value), nonce, now, key)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestIssue_readsBack(t *testing.T) {
	p := pki(t)
	for _, nonce := range []*big.Int{nil, big.NewInt(0), new(big.Int).Lsh(big.NewInt(1), 64)} {
		b := issue(t, p.Timestamp, nonce)
		if !timestamp.Is(b) {
			t.Error("not recognised")
		}
		k, err := timestamp.Parse(b)
		if err != nil {
			t.Fatal(err)
		}
		if !k.Time.Equal(now.Truncate(time.Millisecond)) || k.Time.Location() != time.UTC || k.Accuracy != time.Second || k.Ordering || !k.GM ||
			k.Serial.Sign() <= 0 || k.Policy.String() != "2.5.29.32.0" || !bytes.Equal(k.SignerCert, p.Timestamp.Cert) ||
			!bytes.Equal(k.Raw, b) || len(k.Certificates) != 1 || len(k.Notes) != 0 {
			t.Errorf("%+v", k)
		}
		if (nonce == nil) != (k.Nonce == nil) || nonce != nil && nonce.Cmp(k.Nonce) != 0 {
			t.Errorf("nonce %v, want %v", k.Nonce, nonce)
		}
		if err := k.CheckImprint(value); err != nil {
			t.Error(err)
		}
		if err := k.CheckImprint([]byte("another")); !errors.Is(err, timestamp.ErrImprint) {
			t.Errorf("another value: %v", err)
		}
		if err := k.CheckAuthority(); err != nil {
			t.Error(err)
		}
		if !bytes.Equal(b, issue(t, p.Timestamp, nonce)) {
			t.Error("the same input gives other bytes")
		}
	}
	if timestamp.Is([]byte{0x30, 0}) || timestamp.Is(sign(t, p.Timestamp, []byte("data"), nil)) {
		t.Error("something else is taken for a token")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := timestamp.Issue(ctx, gm.SM3(value), nil, now, p.Timestamp); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func sign(t testing.TB, key cms.Key, content []byte, contentType oid) []byte {
	t.Helper()
	b, err := cms.Sign(context.Background(), content, key, cms.SignOptions{Time: now, ContentType: contentType})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestCheckAuthority_refusals(t *testing.T) {
	p := pki(t)
	root, err := gm.ParseCertificate(p.TimestampCACert)
	if err != nil {
		t.Fatal(err)
	}
	stamping, server := oid{1, 3, 6, 1, 5, 5, 7, 3, 8}, oid{1, 3, 6, 1, 5, 5, 7, 3, 1}
	critical := func(ids ...[]byte) []gm.Extension {
		return []gm.Extension{{ID: oid{2, 5, 29, 37}, Critical: true, Value: der.Sequence(ids...)}}
	}
	from, to := now.AddDate(-1, 0, 0), now.AddDate(1, 0, 0)
	good := gm.CertificateTemplate{CommonName: "t", NotBefore: from, NotAfter: to, KeyUsage: gm.KeyUsageDigitalSignature, Extensions: critical(der.OID(stamping))}
	for name, c := range map[string]struct {
		change func(t *gm.CertificateTemplate)
		want   string // "" = accepted
	}{
		"good":              {func(*gm.CertificateTemplate) {}, ""},
		"not critical":      {func(t *gm.CertificateTemplate) { t.Extensions, t.ExtKeyUsage = nil, []oid{stamping} }, "not critical"},
		"no extended usage": {func(t *gm.CertificateTemplate) { t.Extensions = nil }, "timeStamping alone"},
		"another usage":     {func(t *gm.CertificateTemplate) { t.Extensions = critical(der.OID(server)) }, "timeStamping alone"},
		"two usages": {func(t *gm.CertificateTemplate) {
			t.Extensions = critical(der.OID(server), der.OID(stamping))
		}, "timeStamping alone"},
		"encryption key": {func(t *gm.CertificateTemplate) { t.KeyUsage = gm.KeyUsageKeyEncipherment }, "not for signing"},
		"no key usage":   {func(t *gm.CertificateTemplate) { t.KeyUsage = 0 }, "not for signing"},
		"expired":        {func(t *gm.CertificateTemplate) { t.NotAfter = now.Add(-time.Hour) }, "not valid at"},
		"not yet valid":  {func(t *gm.CertificateTemplate) { t.NotBefore = now.Add(time.Hour) }, "not valid at"},
	} {
		tpl := good
		c.change(&tpl)
		cert, err := gm.CreateCertificate(tpl, p.Timestamp.Key.Public(), root, p.TimestampCAKey)
		if err != nil {
			t.Fatal(err)
		}
		k, err := timestamp.Parse(issue(t, cms.MemoryKey(cert, p.Timestamp.Key), nil))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		switch err := k.CheckAuthority(); {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case c.want != "" && (!errors.Is(err, timestamp.ErrAuthority) || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: %v; want %q", name, err, c.want)
		}
	}
}

// info is a TSTInfo in parts, complete TLVs.
type info struct {
	version, policy, imprint, serial, time []byte
	rest                                   [][]byte
}

func newInfo() *info {
	h := gm.SM3(value)
	return &info{der.Int(1), der.OID(oid{1, 2, 3}), der.Sequence(der.Sequence(der.OID(oidSM3), der.Null()), der.Octets(h[:])),
		der.Int(7), der.GeneralizedTime(now.Truncate(time.Second)), nil}
}

func (i *info) bytes() []byte {
	return der.Sequence(append([][]byte{i.version, i.policy, i.imprint, i.serial, i.time}, i.rest...)...)
}

func TestParse_optionalParts(t *testing.T) {
	p := pki(t)
	cert, err := gm.ParseCertificate(p.Timestamp.Cert)
	if err != nil {
		t.Fatal(err)
	}
	millis, micros := der.TLV(0x80, []byte{1, 0xf4}), der.TLV(0x81, []byte{0x64})
	extension := der.TLV(0xa1, der.Sequence(der.OID(oid{1, 2, 3, 4}), der.Octets(nil)))
	i := newInfo()
	i.rest = [][]byte{der.Sequence(der.Int(2), millis, micros), der.Bool(true), der.Int(-5), der.Explicit(0, der.Explicit(4, cert.RawSubject)), extension}
	k, err := timestamp.Parse(sign(t, p.Timestamp, i.bytes(), oidTSTInfo))
	if err != nil {
		t.Fatal(err)
	}
	if k.Accuracy != 2*time.Second+500*time.Millisecond+100*time.Microsecond || !k.Ordering || k.Nonce.Int64() != -5 || len(k.Notes) != 0 || k.Serial.Int64() != 7 {
		t.Errorf("%+v", k)
	}
	i.rest = [][]byte{der.Sequence(micros), der.Bool(false), der.Explicit(0, der.Explicit(4, cert.RawIssuer))}
	if k, err = timestamp.Parse(sign(t, p.Timestamp, i.bytes(), oidTSTInfo)); err != nil {
		t.Fatal(err)
	}
	if k.Accuracy != 100*time.Microsecond || k.Ordering || k.Nonce != nil || len(k.Notes) != 2 {
		t.Errorf("%+v", k)
	}
}

func TestParse_refusals(t *testing.T) {
	p := pki(t)
	h := gm.SM3(value)
	sha256 := oid{2, 16, 840, 1, 101, 3, 4, 2, 1}
	rest := func(parts ...[]byte) func(*info) { return func(i *info) { i.rest = parts } }
	for name, c := range map[string]struct {
		cause  error
		change func(*info)
	}{
		"version 2":            {timestamp.ErrFormat, func(i *info) { i.version = der.Int(2) }},
		"policy missing":       {timestamp.ErrFormat, func(i *info) { i.policy = nil }},
		"SHA-256":              {timestamp.ErrUnsupported, func(i *info) { i.imprint = der.Sequence(der.Sequence(der.OID(sha256)), der.Octets(h[:])) }},
		"imprint parameters":   {timestamp.ErrUnsupported, func(i *info) { i.imprint = der.Sequence(der.Sequence(der.OID(oidSM3), der.Int(1)), der.Octets(h[:])) }},
		"imprint of 31 bytes":  {timestamp.ErrFormat, func(i *info) { i.imprint = der.Sequence(der.Sequence(der.OID(oidSM3)), der.Octets(h[:31])) }},
		"imprint alone":        {timestamp.ErrFormat, func(i *info) { i.imprint = der.Octets(h[:]) }},
		"negative serial":      {timestamp.ErrFormat, func(i *info) { i.serial = der.Int(-1) }},
		"long serial":          {timestamp.ErrFormat, func(i *info) { i.serial = der.Big(new(big.Int).Lsh(big.NewInt(1), 160)) }},
		"UTCTime":              {timestamp.ErrFormat, func(i *info) { i.time = der.UTCTime(now) }},
		"local time":           {timestamp.ErrFormat, func(i *info) { i.time = der.TLV(24, []byte("20260302170000+0800")) }},
		"time without seconds": {timestamp.ErrFormat, func(i *info) { i.time = der.TLV(24, []byte("202603021700Z")) }},
		"millis of 1000":       {timestamp.ErrFormat, rest(der.Sequence(der.TLV(0x80, []byte{3, 0xe8})))},
		"millis of 0":          {timestamp.ErrFormat, rest(der.Sequence(der.TLV(0x80, []byte{0})))},
		"negative seconds":     {timestamp.ErrFormat, rest(der.Sequence(der.Int(-1)))},
		"accuracy out of turn": {timestamp.ErrFormat, rest(der.Sequence(der.TLV(0x81, []byte{1}), der.TLV(0x80, []byte{1})))},
		"out of order":         {timestamp.ErrFormat, rest(der.Int(5), der.Bool(true))},
		"nonce twice":          {timestamp.ErrFormat, rest(der.Int(5), der.Int(5))},
		"unknown element":      {timestamp.ErrFormat, rest(der.Null())},
		"boolean 01":           {timestamp.ErrFormat, rest(der.TLV(1, []byte{1}))},
		"tsa empty":            {timestamp.ErrFormat, rest(der.TLV(0xa0))},
		"no extensions":        {timestamp.ErrFormat, rest(der.TLV(0xa1))},
		"odd extension":        {timestamp.ErrFormat, rest(der.TLV(0xa1, der.Sequence(der.Null(), der.Null())))},
		"critical extension":   {timestamp.ErrUnsupported, rest(der.TLV(0xa1, der.Sequence(der.OID(oid{1, 2, 3}), der.Bool(true), der.Octets(nil))))},
		"deep": {timestamp.ErrFormat, func(i *info) {
			deep := der.Null()
			for range der.MaxDepth {
				deep = der.Sequence(deep)
			}
			i.rest = [][]byte{der.TLV(0xa0, deep)}
		}},
	} {
		i := newInfo()
		c.change(i)
		if k, err := timestamp.Parse(sign(t, p.Timestamp, i.bytes(), oidTSTInfo)); !errors.Is(err, c.cause) {
			t.Errorf("%s: %+v, %v", name, k, err)
		}
	}
	good := sign(t, p.Timestamp, newInfo().bytes(), oidTSTInfo)
	if _, err := timestamp.Parse(good); err != nil {
		t.Fatalf("the unchanged token: %v", err)
	}
	for name, b := range map[string][]byte{"nothing": nil, "padding": append(bytes.Clone(good), 0), "01 02 03": {1, 2, 3},
		"another content type": sign(t, p.Timestamp, newInfo().bytes(), nil), "trailing bytes": sign(t, p.Timestamp, append(newInfo().bytes(), 0), oidTSTInfo)} {
		if _, err := timestamp.Parse(b); !errors.Is(err, timestamp.ErrFormat) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestParse_everyBitCounts: no changed bit of a token is accepted, the outer
// type apart: both of its values are read.
func TestParse_everyBitCounts(t *testing.T) {
	good := issue(t, pki(t).Timestamp, big.NewInt(9))
	for i := range good {
		b := bytes.Clone(good)
		b[i] ^= 1 << (i % 8)
		k, err := timestamp.Parse(b)
		if err == nil && !slices.Equal(k.Notes, nil) {
			continue // noted, such as another version
		}
		if err == nil {
			t.Fatalf("bit %d of byte %d is of no account", i%8, i)
		}
	}
}

// FuzzTimestamp: no panic; what is read is over one value only and has numbers in their range.
func FuzzTimestamp(f *testing.F) {
	p := pki(f)
	f.Add(issue(f, p.Timestamp, big.NewInt(1)), false)
	f.Add(issue(f, p.Timestamp, nil)[:40], false)
	i := newInfo()
	i.rest = [][]byte{der.Sequence(der.Int(2), der.TLV(0x80, []byte{1}), der.TLV(0x81, []byte{1})), der.Bool(true), der.Int(5),
		der.Explicit(0, der.Explicit(4, der.Sequence())), der.TLV(0xa1, der.Sequence(der.OID(oid{1, 2, 3}), der.Octets(nil)))}
	f.Add(i.bytes(), true)
	f.Add(newInfo().bytes(), true)
	f.Add([]byte{0x30, 0x80}, true)
	f.Fuzz(func(t *testing.T, in []byte, inside bool) {
		if inside {
			if len(in) > 1<<16 {
				return
			}
			in = sign(t, p.Timestamp, in, oidTSTInfo)
		}
		k, err := timestamp.Parse(in)
		if err != nil {
			return
		}
		if !bytes.Equal(k.Raw, in) || k.Serial.Sign() < 0 || k.Accuracy < 0 || k.Time.Location() != time.UTC || len(k.Policy) < 2 {
			t.Fatalf("%+v", k)
		}
		if k.CheckImprint([]byte("something that was never stamped")) == nil {
			t.Fatal("the token is over any data")
		}
		_ = k.CheckAuthority()
	})
}
