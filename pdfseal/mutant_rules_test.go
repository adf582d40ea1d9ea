package pdfseal_test

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"

	"sealdesk/pdfseal"
	"sealdesk/pdfseal/sealtest"
)

// everyRule lists the rules that a verdict rests on (docs/verification.md, 3). The budgets of S9 are reported as R1.
var everyRule = strings.Fields("S1 S2 S3 S4 S5 S6 S7 S8 R1 S10 S11 B1 B2 B3 B4 B5 B6 B7 C1 C2 C3 C4 C5 C6 C7 E1 E2 E3 E4 E5 E6 E7 E8 " +
	"T1 T2 T3 T4 T5 I1 I2 I3 I4 I5 I6 I7 I8 I9 P1 P2 V4")

// notMutants are the rules whose case is no attacked file: what the trust bundle cannot say, and what is not sealed at all.
var notMutants = map[string]func(t *testing.T, b *kitBase) []string{
	"T4": func(t *testing.T, b *kitBase) []string {
		rep := verifyWith(t, b.doc, b.o.store(t, checked, sealtest.TrustSpec{Number: 2, NoCRLs: true}), checked)
		if rep.Verdict != pdfseal.VerdictIndeterminate {
			t.Errorf("without revocation lists: %s", rep.Verdict)
		}
		return brokenRules(rep)
	},
	"P1": func(t *testing.T, b *kitBase) []string {
		doc := writeTable([]string{"<</Type /Catalog /Pages 2 0 R /OpenAction <</S /JavaScript/JS (app.alert(1))>>>>", "<</Type /Pages /Count 1 /Kids [3 0 R]>>",
			"<</Type /Page /Parent 2 0 R /MediaBox [0 0 595 842]>>"}, "")
		inv, err := pdfseal.Inspect(context.Background(), bytes.NewReader(doc), b.o.trust)
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, f := range inv.Refused() {
			out = append(out, f.Rule)
		}
		return out
	},
}

// TestMutants_everyRule shows for every rule a case in which it objects and no other rule does.
func TestMutants_everyRule(t *testing.T) {
	classes := mutantClasses()
	bases := kitBases(t)
	for _, rule := range everyRule {
		if own := notMutants[rule]; own != nil {
			if got := own(t, bases[0]); !slices.Equal(got, []string{rule}) {
				t.Errorf("%s: %v", rule, got)
			}
			t.Logf("%-4s a case of its own", rule)
			continue
		}
		var found []string
		for i := range classes {
			c := &classes[i]
			if !slices.Contains(strings.Split(c.want, "|"), rule) {
				continue
			}
			for _, b := range c.bases(t) {
				if x := tryMutant(t, c, b); x != nil && x.rules == rule {
					found = append(found, c.group+", "+c.name)
					wantTold(t, b, x, rule)
					break
				}
			}
			if len(found) == 3 {
				break
			}
		}
		if len(found) == 0 {
			t.Errorf("%s: no case that only this rule catches", rule)
		}
		t.Logf("%-4s %s", rule, strings.Join(found, "; "))
	}
}

// wantTold fails unless the report of a mutant names the rule among its checks and gives a reason of that rule, for which the catalogues
// have a sentence.
func wantTold(t *testing.T, b *kitBase, x *tried, rule string) {
	t.Helper()
	rep, err := b.judge(x.doc)
	if err != nil {
		t.Errorf("%s: %v", rule, err)
		return
	}
	reasons, checked := slices.Clone(rep.Reasons), len(rep.Seals) == 0
	for _, s := range rep.Seals {
		reasons = append(reasons, s.Reasons...)
		checked = checked || slices.ContainsFunc(s.Checks, func(c pdfseal.Check) bool { return c.ID == rule && c.Status == pdfseal.CheckFailed })
	}
	if slices.ContainsFunc(reasons, func(r pdfseal.Reason) bool { return r.Data["page"] == "0" }) {
		t.Errorf("%s (%s, %s): a reason names page 0", rule, x.class.group, x.class.name)
	}
	told := slices.ContainsFunc(reasons, func(r pdfseal.Reason) bool {
		return r.Rule == rule && slices.Contains(pdfseal.ReasonKeys(), r.Key) && !r.Verdict.Accepted()
	})
	if !checked || !told {
		t.Errorf("%s (%s, %s): among the failed checks %v, told by a reason %v", rule, x.class.group, x.class.name, checked, told)
	}
}

// TestReasons_decidingFirst shows that the reasons that make the verdict stand before those that would only lower it.
func TestReasons_decidingFirst(t *testing.T) {
	b := kitBases(t)[0]
	x := tryMutant(t, &mutantClass{make: contained(func(_ testing.TB, b *kitBase, p *sesParts) { p.holder = b.o.holder[b.seals%3] })}, b)
	k := newKitUpdate(t, b.doc)
	k.Add("<</Hello /World>>")
	for _, doc := range [][]byte{x.doc, k.bytes()} {
		rep, err := b.judge(doc)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range rep.Reasons {
			got = append(got, r.Key)
		}
		first := got[0]
		if rep.Verdict != pdfseal.VerdictInvalid || first != pdfseal.ReasonCertNotInSeal && first != pdfseal.ReasonChanged || slices.Contains(got[:1], pdfseal.ReasonTimeClaimed) {
			t.Errorf("%s: %v", rep.Verdict, got)
		}
		if first == pdfseal.ReasonChanged && (len(got) != 2 || got[1] != pdfseal.ReasonTimeClaimed) {
			t.Errorf("reasons %v", got)
		}
	}
}
