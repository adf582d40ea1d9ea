package pdfseal_test

import (
	"bytes"
	"context"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sealdesk/pdfseal"
	"sealdesk/pdfseal/center/receipt"
	"sealdesk/pdfseal/cms/timestamp"
	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/sealtest"
	"sealdesk/pdfseal/trust"
)

// sealID is the identifier of the first unit's seal.
const sealID = "15250100000000"

// stamped seals a document with a timestamp of the authority given.
func (o *office) stamped(t testing.TB, doc []byte, claimed, at time.Time, by *sealtest.Service) []byte {
	t.Helper()
	req := o.request(0, pdfseal.Mark{Page: 1, X: 50, Y: 200})
	req.Time = claimed
	req.Timestamp = func(ctx context.Context, value []byte) ([]byte, error) {
		return timestamp.Issue(ctx, gm.SM3(value), nil, at, by)
	}
	var out bytes.Buffer
	if _, err := pdfseal.Affix(context.Background(), &out, bytes.NewReader(doc), req); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// store makes a trust store of the office as of an instant.
func (o *office) store(t testing.TB, at time.Time, spec sealtest.TrustSpec) *trust.Store {
	t.Helper()
	f, err := o.pki.Trust(at, spec)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := f.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	s, err := trust.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func verifyWith(t testing.TB, doc []byte, store *trust.Store, at time.Time) *pdfseal.Report {
	t.Helper()
	rep, err := pdfseal.Verify(context.Background(), bytes.NewReader(doc), pdfseal.VerifyOptions{Trust: store, Now: at})
	if err != nil {
		t.Fatal(err)
	}
	return rep
}

// wantReason fails unless the first seal has the verdict, and the reason "RULE KEY" or, for "-", no reason at all.
func wantReason(t testing.TB, rep *pdfseal.Report, verdict pdfseal.Verdict, reason string) {
	t.Helper()
	s := rep.Seals[0]
	found := reason == "-" && len(s.Reasons) == 0 || slices.ContainsFunc(s.Reasons, func(r pdfseal.Reason) bool { return r.Rule+" "+r.Key == reason })
	if s.Verdict != verdict || !found {
		t.Errorf("%s, want %s by %s\n%s", s.Verdict, verdict, reason, failures(rep))
	}
}

// timeRow is a row of testdata/time_verdicts.txt.
type timeRow struct{ proof, object, event, verdict, reason string }

func timeRows(t *testing.T) []timeRow {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "time_verdicts.txt"))
	if err != nil {
		t.Fatal(err)
	}
	var out []timeRow
	seen := map[[3]string]bool{}
	for _, line := range strings.Split(string(b), "\n") {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		c := strings.Split(line, "|")
		if len(c) != 5 {
			t.Fatalf("row %q", line)
		}
		for i := range c {
			c[i] = strings.TrimSpace(c[i])
		}
		out, seen[[3]string(c[:3])] = append(out, timeRow{c[0], c[1], c[2], c[3], c[4]}), true
	}
	if len(out) != 24 || len(seen) != 24 {
		t.Fatalf("%d rows with %d combinations, want 24", len(out), len(seen))
	}
	return out
}

func TestVerify_timeTable(t *testing.T) {
	o := newOffice(t)
	plain := o.affix(t, document(a4), 0, pdfseal.Mark{Page: 1, X: 50, Y: 200})
	files := map[string][]byte{"none": plain, "receipt": o.add(t, plain, o.evidence(t, plain, 0, nil)),
		"timestamp": o.stamped(t, document(a4), now, now.Add(time.Second), o.pki.Timestamp)}
	sources := map[string]string{"none": pdfseal.TimeClaimed, "receipt": pdfseal.TimeReceipt, "timestamp": pdfseal.TimeTimestamp}
	events := map[string]time.Duration{"before": -48 * time.Hour, "after": 72 * time.Hour, "grey": 12 * time.Hour}
	later := now.AddDate(0, 0, 10)
	for _, row := range timeRows(t) {
		t.Run(row.proof+" "+row.object+" "+row.event, func(t *testing.T) {
			spec := sealtest.TrustSpec{Number: 2, Policy: trust.Policy{GraceHours: 24}, Seals: []trust.SealStatus{{ID: sealID, Status: trust.StatusInForce}}}
			switch d, happens := events[row.event]; {
			case !happens && row.event != "none":
				t.Fatalf("unknown event %q", row.event)
			case happens && row.object == "seal":
				spec.Seals = append(spec.Seals, trust.SealStatus{ID: sealID, Status: trust.StatusReportedLost, Since: now.Add(d)})
			case happens && row.object == "certificate":
				spec.Revoked = map[string]gm.Revocation{sealtest.SerialHex(o.holder[0].SignCert): {Time: now.Add(d), Reason: 1}}
			case happens:
				t.Fatalf("unknown object %q", row.object)
			}
			rep := verifyWith(t, files[row.proof], o.store(t, later, spec), later)
			wantReason(t, rep, pdfseal.Verdict(row.verdict), row.reason)
			if rep.Seals[0].Time.Source != sources[row.proof] {
				t.Errorf("time by %s", rep.Seals[0].Time.Source)
			}
		})
	}
}

// TestVerify_receipts judges receipts that prove something, and those that do not.
func TestVerify_receipts(t *testing.T) {
	o := newOffice(t)
	doc := o.affix(t, document(a4), 0, pdfseal.Mark{Page: 1, X: 50, Y: 200})
	sig := signatures(t, doc)[0].Signature
	foreign, err := sealtest.NewPKI(now)
	if err != nil {
		t.Fatal(err)
	}
	short, err := o.pki.NewCentre("old centre", now.AddDate(-1, 0, 0), now.Add(-time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	asCentre := &sealtest.Service{Cert: o.holder[0].SignCert, Key: o.holder[0].SignKey}
	encryption := &sealtest.Service{Cert: o.holder[0].EncCert, Key: o.holder[0].EncKey}
	revoked := func(at time.Time, reason int) *trust.Store {
		return o.store(t, checked, sealtest.TrustSpec{Number: 2, Centres: map[string]gm.Revocation{sealtest.SerialHex(o.pki.Centre.Cert): {Time: at, Reason: reason}}})
	}
	claimed, valid := pdfseal.VerdictValidNotice, pdfseal.VerdictValid
	cases := []struct {
		name    string
		centre  *sealtest.Service
		at      time.Time
		change  func(*receipt.Receipt)
		trust   *trust.Store
		verdict pdfseal.Verdict
		reason  string
	}{
		{"trusted", o.pki.Centre, checked, nil, o.trust, valid, "-"},
		{"of an untrusted centre", foreign.Centre, checked, nil, o.trust, claimed, "T3 RECEIPT_UNTRUSTED"},
		{"of a centre that was expired then", short, checked, nil, o.trust, claimed, "T3 RECEIPT_UNTRUSTED"},
		{"of one who may seal", asCentre, checked, nil, o.trust, claimed, "T3 RECEIPT_UNTRUSTED"},
		{"of a timestamp authority", o.pki.Timestamp, checked, nil, o.trust, claimed, "T3 RECEIPT_UNTRUSTED"},
		{"by an encryption key", encryption, checked, nil, o.trust, claimed, "T3 RECEIPT_UNTRUSTED"},
		{"of a centre revoked before", o.pki.Centre, checked, nil, revoked(now.Add(-time.Hour), 4), claimed, "T3 RECEIPT_UNTRUSTED"},
		{"of a centre whose key was stolen later", o.pki.Centre, checked, nil, revoked(now.Add(time.Hour), 1), claimed, "T3 RECEIPT_UNTRUSTED"},
		{"of a centre replaced later", o.pki.Centre, checked, nil, revoked(now.Add(time.Hour), 4), valid, "-"},
		{"with no lists but those that came with it", o.pki.Centre, checked, nil, o.store(t, checked, sealtest.TrustSpec{NoCRLs: true}), valid, "-"},
		{"without a bundle", o.pki.Centre, checked, nil, nil, pdfseal.VerdictIndeterminate, "T1 NO_TRUST"},
		{"from the future", o.pki.Centre, checked.Add(24 * time.Hour), nil, o.trust, pdfseal.VerdictIndeterminate, "T3 TIME_FUTURE"},
		{"from before the claim", o.pki.Centre, now.Add(-time.Hour), nil, o.trust, claimed, "T3 TIME_DIFFERS"},
		{"from before the seal was valid", o.pki.Centre, now.AddDate(-1, 0, -3), nil, o.trust, pdfseal.VerdictInvalid, "T3 SIGNER_EXPIRED_AT_SIGNING"},
		{"that finds the seal suspended", o.pki.Centre, checked, func(r *receipt.Receipt) { r.SealStatus = receipt.SealSuspended }, o.trust, pdfseal.VerdictIndeterminate, "T3 RECEIPT_VERDICT"},
		{"that finds the certificate revoked", o.pki.Centre, checked, func(r *receipt.Receipt) { r.SignerStatus = receipt.CertificateRevoked }, o.trust, pdfseal.VerdictIndeterminate, "T3 RECEIPT_VERDICT"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			sealed := o.add(t, doc, o.evidenceOf(t, sig, c.centre, c.at, c.change))
			rep := verifyWith(t, sealed, c.trust, checked)
			wantReason(t, rep, c.verdict, c.reason)
			key := pdfseal.ChangeReceiptAdded
			if c.trust == nil || c.reason == "T3 RECEIPT_UNTRUSTED" {
				key = pdfseal.ChangeReceiptClaimed
			}
			shown := slices.ContainsFunc(rep.Seals[0].Timeline, func(m pdfseal.Moment) bool { return m.Key == pdfseal.MomentReceipt })
			if len(rep.Changes) != 1 || rep.Changes[0].Key != key || shown == (c.reason == "T3 RECEIPT_UNTRUSTED") {
				t.Errorf("told as %+v, in the time line %v", rep.Changes, shown)
			}
		})
	}
	t.Run("that says invalid, written by another program", func(t *testing.T) {
		sealed := o.add(t, doc, o.evidenceOf(t, sig, o.pki.Centre, checked, nil))
		no := o.evidenceOf(t, sig, o.pki.Centre, checked, func(r *receipt.Receipt) {
			r.Verdict, r.Reasons = receipt.VerdictInvalid, []string{"E7:SEAL_STATUS"}
		})
		u := takeApart(t, sealed[len(doc):])
		nums := slices.Sorted(maps.Keys(u.objects))
		u.objects[nums[len(nums)-1]] = stream(no.Receipt)
		u.reID()
		wantReason(t, verifyWith(t, u.write(doc), o.trust, checked), pdfseal.VerdictIndeterminate, "T3 RECEIPT_VERDICT")
	})
	t.Run("with no lists at all", func(t *testing.T) {
		e := o.evidenceOf(t, sig, o.pki.Centre, checked, nil)
		e.CRLs = nil
		store := o.store(t, checked, sealtest.TrustSpec{NoCRLs: true})
		wantReason(t, verifyWith(t, o.add(t, doc, e), store, checked), pdfseal.VerdictIndeterminate, "T3 RECEIPT_UNTRUSTED")
	})
}

func signatures(t testing.TB, doc []byte) []pdfseal.Sealed {
	t.Helper()
	all, err := pdfseal.SignaturesOf(context.Background(), bytes.NewReader(doc))
	if err != nil || len(all) == 0 {
		t.Fatalf("%d signatures, %v", len(all), err)
	}
	return all
}

// TestVerify_timestamps judges timestamps inside the seal signature (rule T5).
func TestVerify_timestamps(t *testing.T) {
	o := newOffice(t)
	foreign, err := sealtest.NewPKI(now)
	if err != nil {
		t.Fatal(err)
	}
	short, err := o.pki.NewTimestamp("old", now.AddDate(-1, 0, 0), now.Add(-time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	revoked := o.store(t, checked, sealtest.TrustSpec{Number: 2, Timestamps: map[string]gm.Revocation{sealtest.SerialHex(o.pki.Timestamp.Cert): {Time: checked, Reason: 1}}})
	cases := []struct {
		name        string
		claimed, at time.Time
		by          *sealtest.Service
		trust       *trust.Store
		verdict     pdfseal.Verdict
		reason      string
	}{
		{"trusted", now, now, o.pki.Timestamp, o.trust, pdfseal.VerdictValid, "-"},
		{"of an untrusted authority", now, now, foreign.Timestamp, o.trust, pdfseal.VerdictValidNotice, "T5 TIMESTAMP_UNTRUSTED"},
		{"of a centre", now, now, o.pki.Centre, o.trust, pdfseal.VerdictValidNotice, "T5 TIMESTAMP_UNTRUSTED"},
		{"of an authority that was expired then", now, now, short, o.trust, pdfseal.VerdictValidNotice, "T5 TIMESTAMP_UNTRUSTED"},
		{"of an authority revoked since", now, now, o.pki.Timestamp, revoked, pdfseal.VerdictValidNotice, "T5 TIMESTAMP_UNTRUSTED"},
		{"over a clock set back by a year", now.AddDate(0, -11, 0), now, o.pki.Timestamp, o.trust, pdfseal.VerdictValid, "-"},
		{"before the claimed time", now, now.Add(-time.Hour), o.pki.Timestamp, o.trust, pdfseal.VerdictValidNotice, "T3 TIME_DIFFERS"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			rep := verifyWith(t, o.stamped(t, document(a4), c.claimed, c.at, c.by), c.trust, checked)
			wantReason(t, rep, c.verdict, c.reason)
			if c.reason == "-" && (rep.Seals[0].Time.Source != pdfseal.TimeTimestamp || !rep.Seals[0].Time.Value.Equal(c.at)) {
				t.Errorf("time %v by %s", rep.Seals[0].Time.Value, rep.Seals[0].Time.Source)
			}
		})
	}
}

// TestVerify_wrongTimestamp puts tokens into the seal signature that are not about it: with or without a bundle that is invalid, not overlooked.
func TestVerify_wrongTimestamp(t *testing.T) {
	o := newOffice(t)
	sealed := o.stamped(t, document(a4), now, now, o.pki.Timestamp)
	for name, token := range map[string][]byte{"of another signature": issueToken(t, o, []byte("x")), "rubbish": []byte("token"),
		"changed": flipLast(issueToken(t, o, []byte("x")))} {
		t.Run(name, func(t *testing.T) {
			doc := o.retoken(t, sealed, token)
			for _, store := range []*trust.Store{o.trust, nil} {
				wantReason(t, verifyWith(t, doc, store, checked), pdfseal.VerdictInvalid, "T5 TIMESTAMP")
			}
		})
	}
}

// TestVerify_earliestProof gives a seal a timestamp and a receipt: the earlier one counts.
func TestVerify_earliestProof(t *testing.T) {
	o := newOffice(t)
	doc := o.stamped(t, document(a4), now, now, o.pki.Timestamp)
	doc = o.add(t, doc, o.evidence(t, doc, 0, nil))
	rep := o.at(t, doc, checked)
	wantReason(t, rep, pdfseal.VerdictValid, "-")
	if s := rep.Seals[0].Time; s.Source != pdfseal.TimeTimestamp || !s.Value.Equal(now) {
		t.Errorf("time %v by %s", s.Value, s.Source)
	}
}

// TestVerify_afterExpiry verifies five years later, when certificates and seal have expired: proven is valid, claimed cannot be judged.
func TestVerify_afterExpiry(t *testing.T) {
	o := newOffice(t)
	doc := o.affix(t, document(a4), 0, pdfseal.Mark{Page: 1, X: 50, Y: 200})
	later := now.AddDate(5, 0, 0)
	store := o.store(t, later, sealtest.TrustSpec{Number: 9})
	wantReason(t, verifyWith(t, doc, store, later), pdfseal.VerdictIndeterminate, "T3 OUT_OF_BOUNDS_NO_POE")
	wantReason(t, verifyWith(t, o.add(t, doc, o.evidence(t, doc, 0, nil)), store, later), pdfseal.VerdictValid, "-")
	stale := o.store(t, later.AddDate(-2, 0, 0), sealtest.TrustSpec{Number: 8})
	wantReason(t, verifyWith(t, o.add(t, doc, o.evidence(t, doc, 0, nil)), stale, later), pdfseal.VerdictIndeterminate, "T1 TRUST_EXPIRED")
}

// TestVerify_evidenceLists takes revocation lists from a document: one of an authority of the bundle speaks of revocations that the bundle does
// not know yet; one of nobody known says nothing.
func TestVerify_evidenceLists(t *testing.T) {
	o := newOffice(t)
	doc := o.affix(t, document(a4), 0, pdfseal.Mark{Page: 1, X: 50, Y: 200})
	revoked := map[string]gm.Revocation{sealtest.SerialHex(o.holder[0].SignCert): {Time: now.Add(-time.Hour), Reason: 1}}
	f, err := o.pki.Trust(checked, sealtest.TrustSpec{Revoked: revoked})
	if err != nil {
		t.Fatal(err)
	}
	e := o.evidence(t, doc, 0, nil)
	e.CRLs = f.CRLs
	store := o.store(t, now, sealtest.TrustSpec{})
	wantReason(t, verifyWith(t, o.add(t, doc, e), store, checked), pdfseal.VerdictInvalid, "T3 REVOKED_BEFORE_SIGNING")
	foreign, err := sealtest.NewPKI(now)
	if err != nil {
		t.Fatal(err)
	}
	other, err := foreign.Trust(checked, sealtest.TrustSpec{Revoked: revoked})
	if err != nil {
		t.Fatal(err)
	}
	e.CRLs, e.Certificates = other.CRLs, append(e.Certificates, foreign.SignerCACert, foreign.RootCert)
	wantReason(t, verifyWith(t, o.add(t, doc, e), store, checked), pdfseal.VerdictValid, "-")
}

// TestVerify_timeline lists the facts of a seal in the order of time.
func TestVerify_timeline(t *testing.T) {
	o := newOffice(t)
	doc := o.stamped(t, document(a4), now, now.Add(time.Second), o.pki.Timestamp)
	doc = o.add(t, doc, o.evidence(t, doc, 0, nil))
	later := now.AddDate(0, 0, 10)
	store := o.store(t, later, sealtest.TrustSpec{Revoked: map[string]gm.Revocation{sealtest.SerialHex(o.holder[0].SignCert): {Time: now.Add(time.Hour), Reason: 4}},
		Seals: []trust.SealStatus{{ID: sealID, Status: trust.StatusInForce, Since: now.AddDate(-1, 0, 0)}, {ID: sealID, Status: trust.StatusCancelled, Since: now.Add(2 * time.Hour)}}})
	rep := verifyWith(t, doc, store, later)
	var got []string
	line := rep.Seals[0].Timeline
	for i, m := range line {
		got = append(got, m.Key)
		if i > 0 && m.Time.Before(line[i-1].Time) {
			t.Errorf("%s stands behind %s", m.Key, line[i-1].Key)
		}
	}
	want := "CERT_FROM SEAL_FROM CERT_FROM STATUS CLAIMED TIMESTAMP RECEIPT REVOKED STATUS BUNDLE VERIFIED SEAL_TO CERT_TO CERT_TO"
	if strings.Join(got, " ") != want {
		t.Errorf("time line %s, want %s", strings.Join(got, " "), want)
	}
	wantReason(t, rep, pdfseal.VerdictValid, "-")
}
