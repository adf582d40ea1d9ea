package pdfseal_test

import (
	"bytes"
	"context"
	"testing"

	"sealdesk/pdfseal"
	"sealdesk/pdfseal/internal/der"
	"sealdesk/pdfseal/sealtest"
	"sealdesk/pdfseal/ses"
)

// stampedSeal is a V5 seal with a timestamp of its own.
func stampedSeal(t *testing.T, o *office, token func(value []byte) []byte) []byte {
	t.Helper()
	raw, err := o.pki.NewSeal(sealtest.SealSpec{ID: "15250100000077", Name: "示范旗人民政府", Type: 1, Picture: sealtest.SquarePicture(24), PictureType: "PNG",
		WidthMM: 20, HeightMM: 20, ValidFrom: now.AddDate(-1, 0, 0), ValidTo: now.AddDate(2, 0, 0), Version: ses.V5}, o.holder[0])
	if err != nil {
		t.Fatal(err)
	}
	s, err := ses.ParseSeal(raw)
	if err != nil {
		t.Fatal(err)
	}
	v, err := der.ParseAll(raw)
	if err != nil {
		t.Fatal(err)
	}
	return der.Sequence(v.Content, der.Explicit(0, der.Bits(token(s.Value))))
}

// TestSealTimestamp: a timestamp of the seal itself is judged, named where it was not, and proves nothing about the time of sealing.
func TestSealTimestamp(t *testing.T) {
	o := newOffice(t)
	for _, c := range []struct {
		name    string
		token   func(value []byte) []byte
		trusted bool
		verdict pdfseal.Verdict
		reason  string
		status  pdfseal.CheckStatus
	}{
		{"trusted", func(v []byte) []byte { return issueToken(t, o, v) }, true, pdfseal.VerdictValidNotice, pdfseal.ReasonTimeClaimed, pdfseal.CheckPassed},
		{"without a bundle", func(v []byte) []byte { return issueToken(t, o, v) }, false, pdfseal.VerdictIndeterminate, pdfseal.ReasonNoTrust, pdfseal.CheckSkipped},
		{"of another value", func(v []byte) []byte { return issueToken(t, o, flipLast(v)) }, true, pdfseal.VerdictIndeterminate, pdfseal.ReasonSealTimestamp, pdfseal.CheckFailed},
		{"unreadable", func([]byte) []byte { return []byte{1, 2, 3} }, true, pdfseal.VerdictIndeterminate, pdfseal.ReasonSealTimestamp, pdfseal.CheckFailed},
	} {
		t.Run(c.name, func(t *testing.T) {
			req := o.request(0, pdfseal.Mark{Page: 1, X: 50, Y: 50})
			req.Seal = stampedSeal(t, o, c.token)
			var doc bytes.Buffer
			if _, err := pdfseal.Affix(context.Background(), &doc, bytes.NewReader(document(a4)), req); err != nil {
				t.Fatal(err)
			}
			store := o.trust
			if !c.trusted {
				store = nil
			}
			rep := verifyWith(t, doc.Bytes(), store, now)
			s := rep.Seals[0]
			if rep.Verdict != c.verdict || s.Standard != "GM/T 0031-2025" || s.Time.Source != pdfseal.TimeClaimed || rep.Reasons[0].Key != c.reason {
				t.Errorf("%s, %s, time %s, %v", rep.Verdict, s.Standard, s.Time.Source, rep.Reasons)
			}
			var got []pdfseal.CheckStatus
			for _, k := range s.Checks {
				if k.ID == "T5" {
					got = append(got, k.Status)
				}
			}
			if len(got) != 1 || got[0] != c.status {
				t.Errorf("T5 is %v, want %s", got, c.status)
			}
		})
	}
}
