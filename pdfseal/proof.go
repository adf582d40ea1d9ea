package pdfseal

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"sealdesk/pdfseal/center/receipt"
	"sealdesk/pdfseal/cms"
	"sealdesk/pdfseal/cms/timestamp"
	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/ses"
	"sealdesk/pdfseal/trust"
)

// timeOfSealing finds the time at which the seal is judged: the earliest one that a timestamp or a receipt proves, else the signer's claim
// (rule T3; GB/T 38540: a timestamp's time overrides timeInfo). A proof that is wrong in itself makes the seal invalid; one whose issuer is
// not trusted proves nothing.
func (c *candidate) timeOfSealing(s *ses.Signature, o VerifyOptions) judged {
	j := judged{at: s.Time}
	take := func(t time.Time, source string) {
		if !j.proven || t.Before(j.at) {
			j = judged{at: t, proven: true}
			c.rep.Time = TimeSummary{Value: timePtr(t), Source: source}
		}
	}
	if s.Timestamp != nil {
		if t, ok := c.checkTimestamp(s, o); ok {
			take(t, TimeTimestamp)
		}
	}
	for _, e := range c.evidence {
		if c.checkReceipt(e, o) {
			take(e.receipt.Time, TimeReceipt)
		}
	}
	if j.proven && s.Time.After(j.at.Add(clockSkew)) {
		c.notice("T3", ReasonTimeDiffers, "claimed time lies behind the proven one", map[string]string{"claimed": stamp(s.Time), "at": stamp(j.at)})
	}
	return j
}

// checkTimestamp applies rule T5 to the timestamp over the signature value; ok is true where the time is proven.
func (c *candidate) checkTimestamp(s *ses.Signature, o VerifyOptions) (at time.Time, ok bool) {
	t, err := c.readToken(s.Timestamp, s.Value)
	if err != nil {
		c.fail("T5", ReasonTimestampWrong, err.Error(), nil)
	}
	if t == nil {
		return at, false
	}
	vouched := c.trustedToken(t, o)
	if vouched || o.Trust == nil {
		c.moment(t.Time, MomentTimestamp, map[string]string{"by": commonName(t.SignerCert)})
	}
	if !vouched {
		return at, false
	}
	detail := "timestamp of " + stamp(t.Time) + " over the signature value"
	if len(t.Notes) > 0 {
		detail += "; " + strings.Join(t.Notes, "; ")
	}
	c.pass("T5", detail)
	return t.Time, true
}

// checkSealTimestamp applies rule T5 to the timestamp that a seal of GM/T 0031-2025 has of its own, over its maker's signature value. It says
// when the seal was made, not when it was affixed, so no time of sealing rests on it; and what its imprint is over is known from one
// implementation alone (standards.md §1.4), so one that is wrong leaves the seal open.
func (c *candidate) checkSealTimestamp(s *ses.Seal, o VerifyOptions) {
	if s.Timestamp == nil {
		return
	}
	t, err := c.readToken(s.Timestamp, s.Value)
	if err != nil {
		c.unsure("T5", ReasonSealTimestamp, "timestamp of the seal: "+err.Error(), nil)
	}
	if t != nil && c.trustedToken(t, o) {
		c.pass("T5", "timestamp of "+stamp(t.Time)+" over the seal's signature value")
	}
}

// readToken reads a token over value; nil without an error is one that this verifier does not know.
func (c *candidate) readToken(der, value []byte) (*timestamp.Token, error) {
	t, err := timestamp.Parse(der)
	if err == nil {
		err = t.CheckImprint(value)
	}
	var ce *cms.Error
	switch {
	case errors.Is(err, timestamp.ErrUnsupported) || errors.As(err, &ce) && ce.Rule == "C3":
		c.unsure("T5", ReasonTimestamp, err.Error(), nil) // an unknown algorithm is judged as in the signature itself (verification.md §3)
		return nil, nil
	case err != nil:
		return nil, err
	}
	return t, nil
}

// trustedToken tells whether the authority behind a token is trusted.
func (c *candidate) trustedToken(t *timestamp.Token, o VerifyOptions) bool {
	if o.Trust == nil {
		c.skip("T5", "timestamp not judged: no trust bundle")
		return false
	}
	data := map[string]string{"by": commonName(t.SignerCert)}
	if err := t.CheckAuthority(); err != nil {
		c.notice("T5", ReasonTimestampUntrusted, err.Error(), data)
		return false
	}
	if msg := o.Trust.Vouches(t.SignerCert, trust.PurposeTimestamp, t.Time, o.Now); msg != "" {
		c.notice("T5", ReasonTimestampUntrusted, msg, data)
		return false
	}
	return true
}

// checkReceipt tells whether a receipt, which is about this seal, proves its time: a trusted centre found everything in order then.
func (c *candidate) checkReceipt(e *evidence, o VerifyOptions) bool {
	r := e.receipt
	data := map[string]string{"by": printable(r.Centre, 100), "verdict": r.Verdict, "at": stamp(r.Time)}
	if o.Trust == nil {
		c.moment(r.Time, MomentReceipt, data)
		c.skip("T3", "receipt not judged: no trust bundle")
		return false
	}
	if msg := o.Trust.Vouches(r.SignerCert, trust.PurposeCentre, r.Time, o.Now); msg != "" {
		c.notice("T3", ReasonReceiptUntrusted, msg, data)
		return false
	}
	e.vouched = true
	c.moment(r.Time, MomentReceipt, data)
	if r.Verdict != receipt.VerdictValid || r.SealStatus != receipt.SealInForce || r.SignerStatus != receipt.CertificateGood || r.MakerStatus != receipt.CertificateGood {
		c.unsure("T3", ReasonReceiptVerdict, fmt.Sprintf("receipt says %s: seal %s, signer %s, maker %s", r.Verdict, r.SealStatus, r.SignerStatus, r.MakerStatus), data)
		return false
	}
	c.pass("T3", "receipt of "+stamp(r.Time)+" by a trusted centre")
	return true
}

// commonName names a certificate for people.
func commonName(der []byte) string {
	c, err := gm.ParseCertificate(der)
	if err != nil {
		return ""
	}
	return c.SubjectCN
}
