package server

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sealdesk/cmd/sealcenter/internal/centretest"
	"sealdesk/cmd/sealcenter/internal/desk"
	"sealdesk/pdfseal"
	"sealdesk/pdfseal/center/receipt"
	"sealdesk/pdfseal/cms/timestamp"
	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/sealtest"
	"sealdesk/pdfseal/ses"
	"sealdesk/pdfseal/trust"
)

const minute = time.Minute

// situations prepares the seals of the table: what happened to each, counted from now.
type situations struct {
	good, suspended, resumed, lost, cancelled *centretest.Custodian
	stranger                                  *centretest.Custodian // of another centre, under a free identifier
	forged                                    *centretest.Custodian // of another centre, under the identifier of good
	tsa, old                                  *sealtest.Service     // timestamp authorities; the certificate of old ended an hour ago
}

func prepare(t *testing.T, b *bench, now time.Time) *situations {
	t.Helper()
	s := &situations{good: b.custodian}
	ctx := t.Context()
	for _, to := range []**centretest.Custodian{&s.suspended, &s.resumed, &s.lost, &s.cancelled} {
		*to = b.Issue(t, nil)
	}
	pki, err := sealtest.NewPKI(now)
	if err != nil {
		t.Fatal(err)
	}
	s.tsa = &sealtest.Service{Cert: pki.Timestamp.Cert, Key: pki.Timestamp.Key}
	if s.old, err = pki.NewTimestamp("旧时间戳", now.AddDate(-1, 0, 0), now.Add(-time.Hour)); err != nil {
		t.Fatal(err)
	}
	for _, a := range []*sealtest.Service{s.tsa, s.old} {
		if _, err := b.AddAnchor(ctx, centretest.Order, trust.PurposeTimestamp, false, a.Cert, nil); err != nil {
			t.Fatal(err)
		}
	}
	clock := b.Desk.Now
	b.Desk.Now = func() time.Time { return now.Add(-20 * minute) }
	for _, x := range []*centretest.Custodian{s.suspended, s.resumed} {
		if _, err := b.Suspend(ctx, centretest.Order, x.Seal.ID); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := b.Cancel(ctx, centretest.Order, s.cancelled.Seal.ID, "已交回"); err != nil {
		t.Fatal(err)
	}
	b.Desk.Now = func() time.Time { return now.Add(-10 * minute) }
	if _, err := b.Resume(ctx, centretest.Order, s.resumed.Seal.ID); err != nil {
		t.Fatal(err)
	}
	b.Desk.Now = clock
	if _, err := b.ReportLost(ctx, centretest.Order, s.lost.Seal.ID, now.Add(-20*minute)); err != nil {
		t.Fatal(err)
	}
	other := centretest.New(t, t.TempDir()+"/other.db")
	s.stranger = other.Issue(t, func(r *desk.Request) { r.ID = "15000000009999" })
	s.forged = other.Issue(t, func(r *desk.Request) { r.ID = s.good.Seal.ID })
	b.Bundle(t)
	return s
}

// stamped adds a timestamp of the authority to a seal signature.
func (s *situations) stamped(t *testing.T, sig []byte, at time.Time) []byte {
	t.Helper()
	return stampedBy(t, s.tsa, sig, at)
}

func stampedBy(t *testing.T, by *sealtest.Service, sig []byte, at time.Time) []byte {
	t.Helper()
	parsed, err := ses.ParseSignature(sig)
	if err != nil {
		t.Fatal(err)
	}
	token, err := timestamp.Issue(t.Context(), gm.SM3(parsed.Value), nil, at, by)
	if err != nil {
		t.Fatal(err)
	}
	out, err := ses.AddTimestamp(sig, token)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// swapped is a seal signature of good's seal by the certificate and key of another custodian.
func swapped(t *testing.T, seal *ses.Seal, by *centretest.Custodian, at time.Time) []byte {
	t.Helper()
	x := *by
	x.Seal = seal
	return x.Sign(t, document, at)
}

func TestVerdicts(t *testing.T) {
	now := time.Now()
	b := newBench(t, t.TempDir()+"/centre.db", Limits{PerSecond: 1000, Burst: 1000}, false)
	s := prepare(t, b, now)
	wrongKey := *s.good
	wrongKey.Key = centretest.Key(t)
	ago := func(m time.Duration) time.Time { return now.Add(-m * minute) }
	for _, c := range []struct {
		name    string
		sig     []byte
		hash    [32]byte
		verdict string
		reasons string
		status  string // of the seal and of the signer
	}{
		{"sealed now", s.good.Sign(t, document, now), document, "valid", "", "in-force good"},
		{"another document", s.good.Sign(t, document, now), gm.SM3(nil), "invalid", "E3:HASH_MISMATCH", "in-force good"},
		{"another key", wrongKey.Sign(t, document, now), document, "invalid", "C7:SIG_VALUE", "in-force good"},
		{"a custodian whom the seal does not list", swapped(t, s.good.Seal, s.resumed, now), document, "invalid", "E2:CERT_NOT_IN_SEAL", "in-force good"},
		{"before the seal's validity", s.good.Sign(t, document, now.AddDate(-1, 0, 0)), document, "invalid", "E7:SIGN_TIME_OUTSIDE_SEAL E7:SEAL_STATUS T3:SIGNER_EXPIRED_AT_SIGNING T1:SIGNER_CHAIN T3:MAKER_EXPIRED T1:MAKER_CHAIN", "in-force good"},
		{"in the future", s.good.Sign(t, document, now.Add(time.Hour)), document, "indeterminate", "T3:TIME_FUTURE", "in-force good"},
		{"suspended, sealed before", s.suspended.Sign(t, document, ago(30)), document, "indeterminate", "E7:SEAL_STATUS", "suspended good"},
		{"suspended, sealed after", s.suspended.Sign(t, document, ago(5)), document, "invalid", "E7:SEAL_STATUS", "suspended good"},
		{"resumed, sealed after", s.resumed.Sign(t, document, ago(5)), document, "valid", "", "in-force good"},
		{"resumed, sealed while suspended", s.resumed.Sign(t, document, ago(15)), document, "invalid", "E7:SEAL_STATUS", "in-force good"},
		{"resumed, sealed before", s.resumed.Sign(t, document, ago(30)), document, "indeterminate", "E7:SEAL_STATUS", "in-force good"},
		{"lost, sealed before", s.lost.Sign(t, document, ago(30)), document, "indeterminate", "E7:SEAL_STATUS T3:REVOKED_NO_POE", "reported-lost revoked"},
		{"lost, sealed before and proven", s.stamped(t, s.lost.Sign(t, document, ago(30)), ago(29)), document, "valid", "", "reported-lost revoked"},
		{"lost, sealed after", s.lost.Sign(t, document, ago(5)), document, "invalid", "E7:SEAL_STATUS T3:REVOKED_BEFORE_SIGNING", "reported-lost revoked"},
		{"lost, claimed before, stamped after", s.stamped(t, s.lost.Sign(t, document, ago(30)), ago(5)), document, "invalid", "E7:SEAL_STATUS T3:REVOKED_BEFORE_SIGNING", "reported-lost revoked"},
		{"timestamp over another value", stolenStamp(t, s, now), document, "invalid", "T5:TIMESTAMP", "in-force good"},
		{"lost, stamped before by an authority that had expired", stampedBy(t, s.old, s.lost.Sign(t, document, ago(30)), ago(29)), document, "indeterminate", "E7:SEAL_STATUS T3:REVOKED_NO_POE", "reported-lost revoked"},
		{"in force, stamped by an authority that had expired", stampedBy(t, s.old, s.good.Sign(t, document, ago(30)), ago(29)), document, "valid", "", "in-force good"},
		{"cancelled, sealed after", s.cancelled.Sign(t, document, ago(5)), document, "invalid", "E7:SEAL_STATUS T3:REVOKED_BEFORE_SIGNING", "cancelled revoked"},
		{"another centre's seal", s.stranger.Sign(t, document, now), document, "indeterminate", "E7:SEAL_STATUS T1:ISSUER_UNTRUSTED", "unknown unknown"},
		{"another centre's seal under our identifier", s.forged.Sign(t, document, now), document, "invalid", "E7:SEAL_STATUS T1:ISSUER_UNTRUSTED", "unknown unknown"},
	} {
		t.Run(c.name, func(t *testing.T) {
			id := newID()
			status, a, p := b.ask(t, verification(id, c.hash, c.sig))
			if status != http.StatusOK {
				t.Fatalf("%d %+v", status, p)
			}
			if a.Verdict != c.verdict || strings.Join(a.Reasons, " ") != c.reasons {
				t.Errorf("%s %v, want %s [%s]", a.Verdict, a.Reasons, c.verdict, c.reasons)
			}
			checkReceipt(t, a, id, c.sig, c.status)
		})
	}
}

// TestVerdicts_grey: proven to be sealed before a loss, but within the hours before it that the policy doubts, as in the client.
func TestVerdicts_grey(t *testing.T) {
	now := time.Now()
	b := newBench(t, t.TempDir()+"/centre.db", Limits{}, false)
	s := prepare(t, b, now)
	for hours, want := range map[int]string{0: "valid ", 1: "indeterminate E7:GREY_INTERVAL T3:GREY_INTERVAL"} {
		if _, err := b.Desk.Bundle(t.Context(), centretest.Order, desk.BundleOptions{Days: 1, Policy: trust.Policy{GraceHours: hours}}); err != nil {
			t.Fatal(err)
		}
		b.server.bundle.checked = time.Time{}
		sig := s.stamped(t, s.lost.Sign(t, document, now.Add(-30*minute)), now.Add(-29*minute))
		status, a, p := b.ask(t, verification(newID(), document, sig))
		if got := a.Verdict + " " + strings.Join(a.Reasons, " "); status != http.StatusOK || got != want {
			t.Errorf("%d hours: %d %+v: %s, want %s", hours, status, p, got, want)
		}
	}
}

// TestVerdicts_ownReceipt: what the centre found valid before a loss it finds valid after it, as every client with its receipt does; what it
// has not seen before the loss, or only as part of something else, stays in doubt.
func TestVerdicts_ownReceipt(t *testing.T) {
	centretest.Each(t, func(t *testing.T, target string) {
		b := newBench(t, target, Limits{}, true)
		now := time.Now()
		seen, unseen := b.custodian.Sign(t, document, now), b.custodian.Sign(t, document, now.Add(-time.Second))
		ask := func(what string, hash [32]byte, sig []byte, want string) {
			t.Helper()
			status, a, p := b.ask(t, verification(newID(), hash, sig))
			if got := strings.TrimSpace(a.Verdict + " " + strings.Join(a.Reasons, " ")); status != http.StatusOK || got != want {
				t.Errorf("%s: %d %+v: %s, want %s", what, status, p, got, want)
			}
		}
		ask("before the loss", document, seen, "valid")
		ask("the other one, about another document", gm.SM3(nil), unseen, "invalid E3:HASH_MISMATCH")
		time.Sleep(10 * time.Millisecond) // a loss is told from a receipt by the millisecond
		if _, err := b.ReportLost(t.Context(), centretest.Order, b.custodian.Seal.ID, time.Time{}); err != nil {
			t.Fatal(err)
		}
		ask("seen before the loss", document, seen, "valid")
		ask("once more", document, seen, "valid")
		ask("not seen before the loss", document, unseen, "indeterminate E7:SEAL_STATUS T3:REVOKED_NO_POE")
	})
}

func stolenStamp(t *testing.T, s *situations, now time.Time) []byte {
	t.Helper()
	sig := s.good.Sign(t, document, now)
	token, err := timestamp.Issue(t.Context(), gm.SM3([]byte("another value")), nil, now, s.tsa)
	if err != nil {
		t.Fatal(err)
	}
	out, err := ses.AddTimestamp(sig, token)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// checkReceipt reads the receipt as a client does.
func checkReceipt(t *testing.T, a answer, id string, sig []byte, status string) {
	t.Helper()
	r, err := receipt.Parse(a.Receipt)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := ses.ParseSignature(sig)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Covers(parsed, sig); err != nil {
		t.Error(err)
	}
	if r.Verdict != a.Verdict || !slices.Equal(r.Reasons, a.Reasons) || r.RequestID != id || r.Centre != centretest.CentreName || r.Bundle != a.Bundle || time.Since(r.Time) > time.Minute {
		t.Errorf("%+v", r.Receipt)
	}
	if got := r.SealStatus + " " + r.SignerStatus; got != status {
		t.Errorf("status %q, want %q", got, status)
	}
	for _, reason := range r.Reasons {
		_, key, _ := strings.Cut(reason, ":")
		if !slices.Contains(pdfseal.ReasonKeys(), key) {
			t.Errorf("no report of a client knows the reason %s", key)
		}
	}
	if len(a.Certificates) != 2 || len(a.CRLs) != 2 {
		t.Errorf("%d certificates, %d lists", len(a.Certificates), len(a.CRLs))
	}
}

// TestVerify_repeatedRequests: however often and by however many a request is made, there is one record and one receipt.
func TestVerify_repeatedRequests(t *testing.T) {
	centretest.Each(t, func(t *testing.T, target string) {
		b := newBench(t, target, Limits{PerSecond: 1000, Burst: 1000}, true)
		body := verification(newID(), document, b.custodian.Sign(t, document, time.Now()))
		receipts := make(chan string, 24)
		var all sync.WaitGroup
		for range cap(receipts) {
			all.Go(func() {
				status, a, p := b.ask(t, body)
				if status != http.StatusOK {
					t.Errorf("%d %+v", status, p)
				}
				receipts <- string(a.Receipt)
			})
		}
		all.Wait()
		close(receipts)
		first := <-receipts
		for r := range receipts {
			if r != first {
				t.Error("two receipts of one request")
			}
		}
		if n, err := b.Store.CountVerifications(t.Context()); err != nil || n != 1 {
			t.Errorf("%d records, %v", n, err)
		}
	})
}

// TestNewBundleIsTakenUp: a bundle that the desk writes is served and used without a restart.
func TestNewBundleIsTakenUp(t *testing.T) {
	b := newBench(t, t.TempDir()+"/centre.db", Limits{PerSecond: 1000, Burst: 1000}, true)
	body := verification(newID(), document, b.custodian.Sign(t, document, time.Now()))
	if _, a, _ := b.ask(t, body); a.Bundle != 1 {
		t.Errorf("bundle %d", a.Bundle)
	}
	held, err := b.server.bundle.take(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	b.Bundle(t)
	b.server.bundle.checked = time.Time{}
	if _, a, _ := b.ask(t, body); a.Bundle != 1 {
		t.Errorf("the old request: bundle %d", a.Bundle)
	}
	if _, a, _ := b.ask(t, verification(newID(), document, b.custodian.Sign(t, document, time.Now()))); a.Bundle != 2 {
		t.Errorf("a new request: bundle %d", a.Bundle)
	}
	if _, err := held.store.CheckIssue(mustCert(t, b.custodian.Seal.MakerCert), b.custodian.Seal.ID); err != nil {
		t.Errorf("a bundle in use was closed: %v", err)
	}
	held.release()
}

func mustCert(t *testing.T, der []byte) *gm.Certificate {
	t.Helper()
	c, err := gm.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestLimiter(t *testing.T) {
	l := limiter{rate: 2, burst: 3}
	now := time.Now()
	for i := range 3 {
		if !l.allow("a", now) {
			t.Errorf("request %d of the burst is refused", i)
		}
	}
	if l.allow("a", now) || !l.allow("b", now) {
		t.Error("the limit is not that of one client")
	}
	if !l.allow("a", now.Add(500*time.Millisecond)) || l.allow("a", now.Add(500*time.Millisecond)) {
		t.Error("the bucket does not fill at its rate")
	}
	for i := range maxBuckets + 10 {
		l.allow(fmt.Sprint(i), now.Add(time.Hour+time.Duration(i)*time.Second))
	}
	if len(l.buckets) > maxBuckets {
		t.Errorf("%d buckets", len(l.buckets))
	}
}

func TestParseFlat_hostile(t *testing.T) {
	deep := strings.Repeat(`{"a":`, 1<<17)
	for _, body := range []string{"", "null", `"a"`, deep, `{"a":{}}`, `{"a":[]}`, `{"a":null}`, `{"a":true}`, `{"a":"x"} {}`, `{"a":"x"`, `{"A":"x"}`, `{"a":"x",}`, `{"a":"x","a":"y"}`} {
		if m, err := parseFlat(body, []string{"a"}); err == nil {
			t.Errorf("%.20s: %v", body, m)
		}
	}
	if m, err := parseFlat(` { "a" : "x\u0041" } `, []string{"a"}); err != nil || m["a"] != "xA" {
		t.Errorf("%v, %v", m, err)
	}
}

func FuzzParseFlat(f *testing.F) {
	for _, s := range []string{`{"a":"x"}`, `{"a":"x","b":"y"}`, `{"a":1}`, `{`, `{"a":"\ud800"}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, body string) {
		m, err := parseFlat(body, []string{"a", "b"})
		if err == nil && len(m) != 2 {
			t.Errorf("%v", m)
		}
	})
}

// TestHugeAndRandomBodies: whatever comes, the answer is a problem and the server lives on.
func TestHugeAndRandomBodies(t *testing.T) {
	b := newBench(t, t.TempDir()+"/centre.db", Limits{PerSecond: 1000, Burst: 1000}, true)
	noise := make([]byte, 100_000)
	if _, err := rand.Read(noise); err != nil {
		t.Fatal(err)
	}
	for _, body := range []string{string(noise), strings.Repeat("[", 1<<20), `{"requestId":"` + strings.Repeat("x", 1<<20)} {
		if status, _, p := b.ask(t, body); status != 400 || p.Code != "request_malformed" {
			t.Errorf("%d %+v", status, p)
		}
	}
	if status, _, _ := b.ask(t, verification(newID(), document, b.custodian.Sign(t, document, time.Now()))); status != 200 {
		t.Errorf("%d", status)
	}
}
