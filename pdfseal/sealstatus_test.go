package pdfseal_test

import (
	"strings"
	"testing"
	"time"

	"sealdesk/pdfseal"
	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/sealtest"
	"sealdesk/pdfseal/trust"
)

// TestVerify_sealHistory judges seals that were suspended, resumed, cancelled and not yet issued.
func TestVerify_sealHistory(t *testing.T) {
	o := newOffice(t)
	plain := o.affix(t, document(a4), 0, pdfseal.Mark{Page: 1, X: 50, Y: 200})
	proven := o.add(t, plain, o.evidence(t, plain, 0, nil))
	later := now.AddDate(0, 0, 10)
	h := func(hours int, s trust.Status) trust.SealStatus {
		return trust.SealStatus{ID: sealID, Status: s, Since: now.Add(time.Duration(hours) * time.Hour)}
	}
	start := h(-24*300, trust.StatusInForce)
	cases := []struct {
		name            string
		history         []trust.SealStatus
		claimed, proven pdfseal.Verdict
	}{
		{"suspended and resumed before", []trust.SealStatus{start, h(-9, trust.StatusSuspended), h(-5, trust.StatusInForce)}, pdfseal.VerdictValidNotice, pdfseal.VerdictValid},
		{"sealed while suspended", []trust.SealStatus{start, h(-9, trust.StatusSuspended), h(5, trust.StatusInForce)}, pdfseal.VerdictInvalid, pdfseal.VerdictInvalid},
		{"suspended and resumed since", []trust.SealStatus{start, h(5, trust.StatusSuspended), h(9, trust.StatusInForce)}, pdfseal.VerdictIndeterminate, pdfseal.VerdictValid},
		{"cancelled an hour later", []trust.SealStatus{start, h(1, trust.StatusCancelled)}, pdfseal.VerdictIndeterminate, pdfseal.VerdictValid},
		{"cancelled before", []trust.SealStatus{start, h(-1, trust.StatusCancelled)}, pdfseal.VerdictInvalid, pdfseal.VerdictInvalid},
		{"issued later", []trust.SealStatus{h(1, trust.StatusInForce)}, pdfseal.VerdictInvalid, pdfseal.VerdictInvalid},
		{"lost an hour later", []trust.SealStatus{start, h(1, trust.StatusReportedLost)}, pdfseal.VerdictIndeterminate, pdfseal.VerdictIndeterminate},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			store := o.store(t, later, sealtest.TrustSpec{Seals: c.history, Policy: trust.Policy{GraceHours: 24}})
			for doc, want := range map[*[]byte]pdfseal.Verdict{&plain: c.claimed, &proven: c.proven} {
				if rep := verifyWith(t, *doc, store, later); rep.Verdict != want {
					t.Errorf("%s, want %s\n%s", rep.Verdict, want, failures(rep))
				}
			}
		})
	}
}

// TestVerify_hierarchy names the rule of article 6 that the issue of a seal breaks.
func TestVerify_hierarchy(t *testing.T) {
	o := newOffice(t)
	doc := o.affix(t, document(a4), 0, pdfseal.Mark{Page: 1, X: 50, Y: 200})
	doc = o.add(t, doc, o.evidence(t, doc, 0, nil))
	maker, err := gm.ParseCertificate(o.pki.MakerCert)
	if err != nil {
		t.Fatal(err)
	}
	mine := []string{hexSM3(maker.Raw)}
	dept := func(division string, level trust.Level, makers []string) sealtest.TrustSpec {
		return sealtest.TrustSpec{Departments: []trust.Department{{Name: "示范制发部门", Division: division, Level: level, Makers: makers}}}
	}
	listed := dept("150000", trust.LevelRegion, mine)
	listed.Seals = []trust.SealStatus{{ID: sealID, Status: trust.StatusInForce, Division: "152500"}}
	cases := []struct {
		name    string
		spec    sealtest.TrustSpec
		verdict pdfseal.Verdict
		reason  string
	}{
		{"own banner", dept("152501", trust.LevelBanner, mine), pdfseal.VerdictValid, "-"},
		{"region for a banner", dept("150000", trust.LevelRegion, mine), pdfseal.VerdictValid, "-"},
		{"league for a department of a banner", dept("152500", trust.LevelLeague, mine), pdfseal.VerdictInvalid, "T1 SKIP_LEVEL"},
		{"another banner", dept("150422", trust.LevelBanner, mine), pdfseal.VerdictInvalid, "T1 FOREIGN_REGION"},
		{"another league", dept("150400", trust.LevelLeague, mine), pdfseal.VerdictInvalid, "T1 FOREIGN_REGION"},
		{"another province", dept("110000", trust.LevelRegion, mine), pdfseal.VerdictInvalid, "T1 FOREIGN_REGION"},
		{"the list names another department", listed, pdfseal.VerdictInvalid, "T1 OTHER_ISSUER"},
		{"maker of no department", dept("152501", trust.LevelBanner, []string{strings.Repeat("0", 64)}), pdfseal.VerdictIndeterminate, "T1 UNKNOWN_ISSUER"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			wantReason(t, verifyWith(t, doc, o.store(t, checked, c.spec), checked), c.verdict, c.reason)
		})
	}
}

// TestVerify_staleBundle judges with a bundle that its own policy calls too old.
func TestVerify_staleBundle(t *testing.T) {
	o := newOffice(t)
	doc := o.affix(t, document(a4), 0, pdfseal.Mark{Page: 1, X: 50, Y: 200})
	store := o.store(t, now, sealtest.TrustSpec{Policy: trust.Policy{StaleAfterDays: 30}})
	wantReason(t, verifyWith(t, doc, store, now.AddDate(0, 0, 30)), pdfseal.VerdictValidNotice, "T3 TIME_CLAIMED")
	wantReason(t, verifyWith(t, doc, store, now.AddDate(0, 0, 31)), pdfseal.VerdictIndeterminate, "T1 TRUST_STALE")
}
