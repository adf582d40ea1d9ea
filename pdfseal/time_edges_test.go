package pdfseal_test

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"sealdesk/pdfseal"
	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/sealtest"
)

// TestVerify_instants: periods hold from their first to their last second, and not a second before or behind.
func TestVerify_instants(t *testing.T) {
	b := plainBase(t)
	seal := func(change func(*sealtest.SealSpec)) func(p *sesParts) {
		return func(p *sesParts) { p.seal = otherSeal(t, b, b.o.pki, change) }
	}
	cert := func(change func(*gm.CertificateTemplate)) func(p *sesParts) {
		return func(p *sesParts) {
			p.use(t, b, &sealtest.Holder{SignCert: b.o.again(t, p.holder, change), SignKey: p.holder.SignKey})
		}
	}
	second := time.Second
	for _, c := range []struct {
		name  string
		part  func(p *sesParts)
		at    time.Time // of sealing
		check time.Time // of verifying
		want  string    // the rule that objects
	}{
		{"seal begins", seal(func(s *sealtest.SealSpec) { s.ValidFrom = now }), now, now, ""},
		{"seal begins a second later", seal(func(s *sealtest.SealSpec) { s.ValidFrom = now.Add(second) }), now, now, "E7"},
		{"seal ends", seal(func(s *sealtest.SealSpec) { s.ValidTo = now }), now, now, ""},
		{"seal ended a second before sealing", seal(func(s *sealtest.SealSpec) { s.ValidTo = now.Add(-second) }), now, now, "E7"},
		{"seal ended a second ago", seal(func(s *sealtest.SealSpec) { s.ValidTo = now }), now, now.Add(second), "E7"},
		{"certificate begins", cert(func(c *gm.CertificateTemplate) { c.NotBefore = now }), now, now, ""},
		{"certificate begins a second later", cert(func(c *gm.CertificateTemplate) { c.NotBefore = now.Add(second) }), now, now, "T3"},
		{"certificate ends", cert(func(c *gm.CertificateTemplate) { c.NotAfter = now }), now, now, ""},
		{"certificate ended a second before sealing", cert(func(c *gm.CertificateTemplate) { c.NotAfter = now.Add(-second) }), now, now, "T3"},
		{"certificate ended a second ago", cert(func(c *gm.CertificateTemplate) { c.NotAfter = now }), now, now.Add(second), "T3"},
		{"clock fast within reason", func(*sesParts) {}, now.Add(10 * time.Minute), now, ""},
		{"clock fast beyond reason", func(*sesParts) {}, now.Add(10*time.Minute + second), now, "T3"},
	} {
		t.Run(c.name, func(t *testing.T) {
			k := b.reseal(t)
			k.seal.at = c.at
			c.part(k.seal)
			rep, err := pdfseal.Verify(context.Background(), bytes.NewReader(k.bytes()), pdfseal.VerifyOptions{Trust: b.o.trust, Now: c.check})
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(brokenRules(rep), "+"); got != c.want || rep.Verdict.Accepted() != (c.want == "") {
				t.Errorf("%s by %q, want %q\n%s", rep.Verdict, got, c.want, failures(rep))
			}
		})
	}
}
