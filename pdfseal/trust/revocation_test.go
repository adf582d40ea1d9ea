package trust

import (
	"testing"
	"time"

	"sealdesk/pdfseal/gm"
)

func TestRevocation_table(t *testing.T) {
	root := issue(t, "root", ca("根", -1), nil)
	other := issue(t, "other", ca("别处", -1), nil)
	leaf := issue(t, "leaf", end("示范旗人民政府"), root)
	at := now.AddDate(0, 0, -10)
	named := map[string]gm.Revocation{leaf.cert.SerialHex: {Time: at, Reason: 1}}
	day := 24 * time.Hour
	list := func(this, next time.Duration, revoked map[string]gm.Revocation) []byte {
		return crl(t, root, now.Add(this), now.Add(next), revoked)
	}
	for _, c := range []struct {
		name string
		crls [][]byte
		want RevocationStatus
		age  time.Duration
	}{
		{"no list", nil, RevocationUnknown, 0},
		{"fresh and clean", [][]byte{list(-day, day, nil)}, RevocationGood, day},
		{"fresh and named", [][]byte{list(-day, day, named)}, RevocationRevoked, day},
		{"at its very end", [][]byte{list(-day, 0, nil)}, RevocationGood, day},
		{"past its end", [][]byte{list(-2*day, -time.Second, nil)}, RevocationStale, 2 * day},
		{"past its end and named", [][]byte{list(-2*day, -day, named)}, RevocationRevoked, 2 * day},
		{"from the future", [][]byte{list(day, 2*day, nil)}, RevocationUnknown, 0},
		{"old one replayed beside the new one", [][]byte{list(-3*day, 3*day, nil), list(-day, day, named)}, RevocationRevoked, day},
		{"order does not matter", [][]byte{list(-day, day, named), list(-3*day, 3*day, nil)}, RevocationRevoked, day},
		{"hold taken back", [][]byte{list(-3*day, 3*day, named), list(-day, day, nil)}, RevocationGood, day},
		{"newest is from the future", [][]byte{list(-day, day, nil), list(day, 2*day, named)}, RevocationGood, day},
		{"of another issuer", [][]byte{crl(t, other, now.Add(-day), now.Add(day), named)}, RevocationUnknown, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := file(anchor(PurposeSigner, root), anchor(PurposeMaker, other))
			f.CRLs = c.crls
			r := load(t, f).Revocation(leaf.cert, root.cert, now)
			if r.Status != c.want || r.Age != c.age || r.Detail == "" {
				t.Errorf("%+v, want %s, age %s", r, c.want, c.age)
			}
			if r.Status == RevocationRevoked && (!r.Revocation.Time.Equal(at) || r.Revocation.Reason != 1) {
				t.Errorf("%+v", r.Revocation)
			}
		})
	}
}

// TestRevocation_issuerMustBeTheIssuer: a certificate is never looked up in the list of another authority.
func TestRevocation_issuerMustBeTheIssuer(t *testing.T) {
	root := issue(t, "root", ca("根", -1), nil)
	other := issue(t, "other", ca("别处", -1), nil)
	twin := issue(t, "twin", ca("根", -1), nil) // same name, another key
	leaf := issue(t, "leaf", end("示范旗人民政府"), root)
	f := file(anchor(PurposeSigner, root), anchor(PurposeSigner, other), anchor(PurposeSigner, twin))
	f.CRLs = [][]byte{crl(t, other, now, now.AddDate(0, 1, 0), nil), crl(t, twin, now, now.AddDate(0, 1, 0), nil)}
	s := load(t, f)
	for name, issuer := range map[string]*node{"root": root, "other": other} {
		if r := s.Revocation(leaf.cert, issuer.cert, now); r.Status != RevocationUnknown {
			t.Errorf("%s: %+v", name, r)
		}
	}
	if r := s.Revocation(leaf.cert, nil, now); r.Status != RevocationUnknown {
		t.Errorf("no issuer: %+v", r)
	}
}
