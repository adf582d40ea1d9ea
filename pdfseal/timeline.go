package pdfseal

import (
	"slices"
	"time"

	"sealdesk/pdfseal/ses"
)

// Moment is one fact in the time line of a seal. Key selects the sentence and Data fills it; What is that sentence, set by the front end.
type Moment struct {
	Time time.Time         `json:"time"`
	What string            `json:"what"`
	Key  string            `json:"key"`
	Data map[string]string `json:"data"`
}

// The keys of moments, under "moment.<KEY>" in the catalogues.
const (
	MomentSealFrom  = "SEAL_FROM" // the seal's validity begins
	MomentSealTo    = "SEAL_TO"   //
	MomentCertFrom  = "CERT_FROM" // {who}: a certificate's validity begins
	MomentCertTo    = "CERT_TO"   // {who}
	MomentClaimed   = "CLAIMED"   // the signer's claim of the time of sealing
	MomentTimestamp = "TIMESTAMP" // {by}: timestamp over the seal signature
	MomentReceipt   = "RECEIPT"   // {by, verdict}: the centre's receipt
	MomentRevoked   = "REVOKED"   // {who}
	MomentStatus    = "STATUS"    // {status}: the seal's state changes
	MomentBundle    = "BUNDLE"    // {name}: the trust bundle was issued
	MomentVerified  = "VERIFIED"  // the instant of this verification
)

// MomentKeys lists every key of a Moment.
func MomentKeys() []string {
	return []string{MomentSealFrom, MomentSealTo, MomentCertFrom, MomentCertTo, MomentClaimed, MomentTimestamp, MomentReceipt,
		MomentRevoked, MomentStatus, MomentBundle, MomentVerified}
}

// moment puts a fact into the time line, where it is not there yet.
func (c *candidate) moment(at time.Time, key string, data map[string]string) {
	if at.IsZero() {
		return
	}
	if data == nil {
		data = map[string]string{}
	}
	at = at.UTC()
	i, _ := slices.BinarySearchFunc(c.rep.Timeline, at, func(m Moment, t time.Time) int {
		if m.Time.After(t) {
			return 1
		}
		return -1 // behind what happened at the same instant
	})
	for _, m := range c.rep.Timeline {
		if m.Key == key && m.Time.Equal(at) && m.Data["who"] == data["who"] && m.Data["by"] == data["by"] {
			return
		}
	}
	c.rep.Timeline = slices.Insert(c.rep.Timeline, i, Moment{Time: at, Key: key, Data: data})
}

// happen begins the time line with what the seal signature, the bundle and the clock say.
func (c *candidate) happen(parties []party, s *ses.Signature, o VerifyOptions) {
	c.moment(s.Seal.ValidFrom, MomentSealFrom, nil)
	c.moment(s.Seal.ValidTo, MomentSealTo, nil)
	for _, p := range parties {
		c.moment(p.cert.NotBefore, MomentCertFrom, map[string]string{"who": p.who})
		c.moment(p.cert.NotAfter, MomentCertTo, map[string]string{"who": p.who})
	}
	c.moment(s.Time, MomentClaimed, nil)
	if o.Trust != nil {
		c.moment(o.Trust.Issued(), MomentBundle, map[string]string{"name": o.Trust.Name()})
	}
	c.moment(o.Now, MomentVerified, nil)
}
