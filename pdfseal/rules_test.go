package pdfseal_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"sealdesk/pdfseal"
	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/sealtest"
	"sealdesk/pdfseal/ses"
	"sealdesk/pdfseal/trust"
)

// resign edits a sealed file outside /Contents without changing its length and has the rightful holder sign the result, so that only the
// rule under test can object. parts replaces what is put into the container.
func (o *office) resign(t *testing.T, sealed []byte, edit func([]byte) []byte, parts func(p *containerParts)) []byte {
	t.Helper()
	der, from, to := contents(t, sealed)
	old, err := ses.ParseSignature(der)
	if err != nil {
		t.Fatal(err)
	}
	doc := edit(bytes.Clone(sealed))
	if len(doc) != len(sealed) {
		t.Fatalf("edit changed the length from %d to %d", len(sealed), len(doc))
	}
	p := &containerParts{seal: old.Seal.Raw, at: old.Time, hash: gm.SM3(doc[:from], doc[to:]), info: old.PropertyInfo, holder: o.holder[0]}
	p.cert = p.holder.SignCert
	if parts != nil {
		parts(p)
	}
	seal, err := ses.ParseSeal(p.seal)
	if err != nil {
		t.Fatal(err)
	}
	tbs, err := ses.BuildTBS(seal, p.at, p.hash, p.info)
	if err != nil {
		t.Fatal(err)
	}
	sig, err := p.holder.Signer().SignSM2(context.Background(), tbs)
	if err != nil {
		t.Fatal(err)
	}
	container, err := ses.BuildSignature(tbs, p.cert, sig)
	if err != nil {
		t.Fatal(err)
	}
	gap := []byte(strings.ToUpper(hex.EncodeToString(container)))
	if len(gap) > to-from-2 {
		t.Fatal("container does not fit")
	}
	copy(doc[from+1:to-1], bytes.Repeat([]byte("0"), to-from-2))
	copy(doc[from+1:], gap)
	return doc
}

type containerParts struct {
	seal   []byte
	at     time.Time
	hash   [32]byte
	info   string
	holder *sealtest.Holder
	cert   []byte
}

func swap(old, now string) func([]byte) []byte {
	return func(b []byte) []byte {
		i := bytes.LastIndex(b, []byte(old))
		if i < 0 {
			return nil
		}
		copy(b[i:], now+strings.Repeat(" ", len(old)-len(now)))
		return b
	}
}

func same(b []byte) []byte { return b }

// TestVerify_onlyOneRule gives files that are rightly signed but for one thing, and expects the rule that objects.
func TestVerify_onlyOneRule(t *testing.T) {
	o := newOffice(t)
	sealed := o.affix(t, document(a4), 0, pdfseal.Mark{Page: 1, X: 100, Y: 100}, pdfseal.Mark{Page: 1, X: 100, Y: 150})
	foreign, err := sealtest.NewPKI(now.AddDate(-1, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	selfMade, err := foreign.NewSeal(sealtest.SealSpec{ID: "15250100000000", Name: "示范旗人民政府", Type: 1, Picture: sealtest.SquarePicture(24), PictureType: "PNG",
		WidthMM: 20, HeightMM: 20, ValidFrom: now.AddDate(-1, 0, 0), ValidTo: now.AddDate(2, 0, 0), Version: 4}, o.holder[0])
	if err != nil {
		t.Fatal(err)
	}
	otherPicture, err := o.pki.NewSeal(sealtest.SealSpec{ID: "15250100000000", Name: "示范旗人民政府", Type: 1, Picture: sealtest.SquarePicture(23), PictureType: "PNG",
		WidthMM: 20, HeightMM: 20, ValidFrom: now.AddDate(-1, 0, 0), ValidTo: now.AddDate(2, 0, 0), Version: 4}, o.holder[0])
	if err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		name    string
		edit    func([]byte) []byte
		parts   func(*containerParts)
		verdict pdfseal.Verdict
		rule    string
		key     string
	}{
		{"nothing", same, nil, pdfseal.VerdictValidNotice, "T3", pdfseal.ReasonTimeClaimed},
		{"hash of another file", same, func(p *containerParts) { p.hash[0] ^= 1 }, pdfseal.VerdictInvalid, "E3", pdfseal.ReasonHashMismatch},
		{"range text of another file", same, func(p *containerParts) { p.info = "ByteRange[0 1 2 3]" }, pdfseal.VerdictInvalid, "E4", pdfseal.ReasonRangeText},
		{"signed by another key", same, func(p *containerParts) { p.holder = o.holder[1] }, pdfseal.VerdictInvalid, "C7", pdfseal.ReasonSigValue},
		{"signed by another holder", same, func(p *containerParts) { p.holder, p.cert = o.holder[1], o.holder[1].SignCert }, pdfseal.VerdictInvalid, "E2", pdfseal.ReasonCertNotInSeal},
		{"seal of an unknown maker", same, func(p *containerParts) { p.seal = selfMade }, pdfseal.VerdictIndeterminate, "T1", pdfseal.ReasonIssuerUntrusted},
		{"seal with another picture", same, func(p *containerParts) { p.seal = otherPicture }, pdfseal.VerdictInvalid, "E5", pdfseal.ReasonImage},
		{"sealed before the seal was valid", same, func(p *containerParts) { p.at = now.AddDate(-1, 0, -2) }, pdfseal.VerdictInvalid, "T3", pdfseal.ReasonSignerExpired},
		{"sealed in the future", same, func(p *containerParts) { p.at = now.Add(time.Hour) }, pdfseal.VerdictIndeterminate, "T3", pdfseal.ReasonTimeFuture},
		{"mark not printed", swap("/F 644", "/F 640"), nil, pdfseal.VerdictInvalid, "I5", pdfseal.ReasonMark},
		{"mark hidden", swap("/F 644", "/F 646"), nil, pdfseal.VerdictInvalid, "I5", pdfseal.ReasonMark},
		{"mark unlocked", swap("/F 644", "/F 4"), nil, pdfseal.VerdictInvalid, "I5", pdfseal.ReasonMark},
		{"mark of another kind", swap("/Subtype /Stamp", "/Subtype /Watch"), nil, pdfseal.VerdictInvalid, "I5", pdfseal.ReasonMark},
		{"mark names no seal", swap("/SDSK_Seal ", "/SDSK_Sael "), nil, pdfseal.VerdictInvalid, "I5", pdfseal.ReasonMark},
		{"mark not listed", swap("/SDSK_Marks ", "/SDSK_Makrs "), nil, pdfseal.VerdictInvalid, "I5", pdfseal.ReasonMarkNowhere},
		{"mark off the page", swap("/Rect [255", "/Rect [955"), nil, pdfseal.VerdictInvalid, "I5", pdfseal.ReasonMark},
		{"mark drawn smaller", swap("cm /Im Do Q", "cm     Do Q"), nil, pdfseal.VerdictInvalid, "P2", pdfseal.ReasonImage},
		{"mark not multiplied", swap("/BM /Multiply", "/BM /Screen"), nil, pdfseal.VerdictInvalid, "P2", pdfseal.ReasonImage},
		{"picture stretched", swap("/Width 24", "/Width 12"), nil, pdfseal.VerdictInvalid, "E5", pdfseal.ReasonImage},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			rep := o.verify(t, o.resign(t, sealed, c.edit, c.parts))
			if len(rep.Seals) != 1 || rep.Verdict != c.verdict {
				t.Fatalf("verdict %s\n%s", rep.Verdict, failures(rep))
			}
			for _, r := range rep.Seals[0].Reasons {
				if r.Rule == c.rule && r.Key == c.key {
					return
				}
			}
			t.Errorf("want reason %s %s\n%s", c.rule, c.key, failures(rep))
		})
	}
}

// TestVerify_trustAndTime judges one sealed file with different trust files at different times.
func TestVerify_trustAndTime(t *testing.T) {
	o := newOffice(t)
	sealed := o.affix(t, document(a4), 0, pdfseal.Mark{Page: 1, X: 100, Y: 100})
	serial := sealtest.SerialHex(o.holder[0].SignCert)
	store := func(spec sealtest.TrustSpec, at time.Time) *trust.Store {
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
	revoked := func(at time.Time) sealtest.TrustSpec {
		return sealtest.TrustSpec{Number: 2, Revoked: map[string]gm.Revocation{serial: {Time: at, Reason: 1}}}
	}
	status := func(s trust.Status, since time.Time) sealtest.TrustSpec {
		return sealtest.TrustSpec{Number: 2, Seals: []trust.SealStatus{{ID: "15250100000000", Status: s, Since: since}}}
	}
	later := now.Add(24 * time.Hour)
	cases := []struct {
		name    string
		trust   *trust.Store
		now     time.Time
		verdict pdfseal.Verdict
		key     string
	}{
		{"no trust file", nil, now, pdfseal.VerdictIndeterminate, pdfseal.ReasonNoTrust},
		{"in order", o.trust, now, pdfseal.VerdictValidNotice, pdfseal.ReasonTimeClaimed},
		{"no revocation lists", store(sealtest.TrustSpec{Number: 2, NoCRLs: true}, now), now, pdfseal.VerdictIndeterminate, pdfseal.ReasonRevocation},
		{"stale revocation lists", o.trust, now.AddDate(1, 6, 0), pdfseal.VerdictIndeterminate, pdfseal.ReasonTryLater},
		{"certificate revoked before sealing", store(revoked(now.Add(-time.Hour)), later), later, pdfseal.VerdictInvalid, pdfseal.ReasonRevokedBefore},
		{"certificate revoked after sealing", store(revoked(now.Add(time.Hour)), later), later, pdfseal.VerdictIndeterminate, pdfseal.ReasonRevokedNoPOE},
		{"seal in force", store(status(trust.StatusInForce, now.AddDate(-1, 0, 0)), later), later, pdfseal.VerdictValidNotice, pdfseal.ReasonTimeClaimed},
		{"seal suspended before", store(status(trust.StatusSuspended, now.Add(-time.Hour)), later), later, pdfseal.VerdictInvalid, pdfseal.ReasonSealStatus},
		{"seal reported lost after", store(status(trust.StatusReportedLost, now.Add(time.Hour)), later), later, pdfseal.VerdictIndeterminate, pdfseal.ReasonSealStatus},
		{"seal unknown to the list", store(sealtest.TrustSpec{Number: 2, Seals: []trust.SealStatus{{ID: "1", Status: trust.StatusInForce, Since: now}}}, later), later, pdfseal.VerdictIndeterminate, pdfseal.ReasonSealStatus},
		{"everything expired since", store(sealtest.TrustSpec{Number: 2}, now.AddDate(3, 0, 0)), now.AddDate(3, 0, 0), pdfseal.VerdictIndeterminate, pdfseal.ReasonOutOfBounds},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			rep, err := pdfseal.Verify(context.Background(), bytes.NewReader(sealed), pdfseal.VerifyOptions{Trust: c.trust, Now: c.now})
			if err != nil {
				t.Fatal(err)
			}
			if rep.Verdict != c.verdict {
				t.Fatalf("verdict %s, want %s\n%s", rep.Verdict, c.verdict, failures(rep))
			}
			for _, r := range rep.Reasons {
				if r.Key == c.key {
					return
				}
			}
			t.Errorf("want reason %s\n%s", c.key, failures(rep))
		})
	}
}

// FuzzVerify overwrites, inserts or cuts bytes of a sealed file: it is never valid again, unless nothing but the case of hexadecimal digits differs.
func FuzzVerify(f *testing.F) {
	o := newOffice(f)
	sealed := o.affix(f, document(a4), 0, pdfseal.Mark{Page: 1, X: 100, Y: 100})
	f.Add(100, 0, []byte("x"))
	f.Add(len(sealed), 0, []byte("\n1 0 obj\n<</Type /Catalog/Pages 2 0 R>>\nendobj\nxref\n0 0\ntrailer\n<</Root 1 0 R/Size 9>>\nstartxref\n9\n%%EOF\n"))
	f.Add(len(sealed)-6, 6, []byte{})
	f.Fuzz(func(t *testing.T, at, cut int, put []byte) {
		if at < 0 || cut < 0 || at > len(sealed) || cut > len(sealed)-at || len(put) > 1<<16 {
			return
		}
		doc := append(append(bytes.Clone(sealed[:at]), put...), sealed[at+cut:]...)
		if bytes.Equal(bytes.ToLower(doc), bytes.ToLower(sealed)) {
			return
		}
		if v := o.verdict(doc); v.Accepted() {
			t.Fatalf("%s after %d bytes at %d were replaced by %q", v, cut, at, put)
		}
	})
}
