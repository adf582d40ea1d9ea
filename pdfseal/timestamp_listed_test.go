package pdfseal_test

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"sealdesk/pdfseal"
)

// TestTimestamp_oddityListed: nothing signs the version of a token's SignedData, so a file with another one stays as good as it was; the report
// says so.
func TestTimestamp_oddityListed(t *testing.T) {
	o := newOffice(t)
	req := o.request(0, pdfseal.Mark{Page: 1, X: 50, Y: 50})
	var token []byte
	req.Timestamp = func(_ context.Context, value []byte) ([]byte, error) {
		token = issueToken(t, o, value)
		return token, nil
	}
	var doc bytes.Buffer
	if _, err := pdfseal.Affix(context.Background(), &doc, bytes.NewReader(document(a4)), req); err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(token, []byte{0x02, 0x01, 0x01, 0x31}) // version, and the SET of digest algorithms
	odd := bytes.Clone(token)
	odd[at+2] = 3
	for _, c := range []struct {
		token []byte
		want  string
	}{{token, ""}, {odd, "SignedData.version is 3 instead of 1"}} {
		rep := verifyWith(t, o.retoken(t, doc.Bytes(), c.token), o.trust, now)
		var got string
		for _, k := range rep.Seals[0].Checks {
			if k.ID == "T5" && k.Status == pdfseal.CheckPassed {
				_, got, _ = strings.Cut(k.Detail, "; ")
			}
		}
		if rep.Verdict != pdfseal.VerdictValid || got != c.want {
			t.Errorf("%s, listed %q, want %q", rep.Verdict, got, c.want)
		}
	}
}
