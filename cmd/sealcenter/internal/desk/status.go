package desk

import (
	"context"
	"errors"
	"slices"
	"time"

	"sealdesk/cmd/sealcenter/internal/registry"
	"sealdesk/pdfseal/trust"
)

// Reasons of revocation (RFC 5280, 5.3.1).
const (
	reasonKeyCompromise = 1
	reasonSuperseded    = 4
	reasonCessation     = 5
)

// Zone is the legal time of China, in which people read times.
var Zone = time.FixedZone("CST", 8*3600)

// Changed says what a change of state did.
type Changed struct {
	ID            string
	Status        trust.Status
	Since         time.Time
	Revoked       string   // SM3 of the certificate that was revoked with it; empty: none
	ForeignCert   bool     // the custodian's certificate is of another authority, which has to revoke it
	SameKey       []string // other seals in use of the same key, under this certificate or another
	PreviousState trust.Status
}

// Suspend takes a seal out of use for a time.
func (d *Desk) Suspend(ctx context.Context, o registry.Order, id string) (*Changed, error) {
	return d.change(ctx, o, move{id: id, action: registry.ActionSuspend, to: trust.StatusSuspended, from: []trust.Status{trust.StatusInForce}})
}

// Resume puts a suspended seal back in use. One that was reported lost does not come back (article 11).
func (d *Desk) Resume(ctx context.Context, o registry.Order, id string) (*Changed, error) {
	return d.change(ctx, o, move{id: id, action: registry.ActionResume, to: trust.StatusInForce, from: []trust.Status{trust.StatusSuspended}})
}

// Cancel ends a seal. The old seal and its devices are handed back (articles 9
// and 10), which handedBack records; only a lost seal is cancelled without.
func (d *Desk) Cancel(ctx context.Context, o registry.Order, id, handedBack string) (*Changed, error) {
	return d.change(ctx, o, move{id: id, action: registry.ActionCancel, to: trust.StatusCancelled, handedBack: handedBack, reason: reasonCessation,
		from: []trust.Status{trust.StatusInForce, trust.StatusSuspended, trust.StatusReportedLost}})
}

// ReportLost cuts a seal off since an instant: the last time at which the
// custodian is known to have had the key, not in the future. Its certificate is
// revoked from then on (article 11).
func (d *Desk) ReportLost(ctx context.Context, o registry.Order, id string, since time.Time) (*Changed, error) {
	return d.change(ctx, o, move{id: id, action: registry.ActionReportLost, to: trust.StatusReportedLost, since: since, reason: reasonKeyCompromise,
		from: []trust.Status{trust.StatusInForce, trust.StatusSuspended}})
}

// Replace issues a new seal in the place of an old one, which is cancelled in
// the same step and linked to it (articles 8 to 11). Both are the same department's (article 6).
func (d *Desk) Replace(ctx context.Context, o registry.Order, old, handedBack string, r Request) (*Issued, *Changed, error) {
	x, err := d.draft(ctx, o, r)
	if err != nil {
		return nil, nil, err
	}
	var changed *Changed
	m := move{id: old, action: registry.ActionReplace, to: trust.StatusCancelled, handedBack: handedBack, reason: reasonSuperseded,
		from: []trust.Status{trust.StatusInForce, trust.StatusSuspended, trust.StatusReportedLost}}
	err = d.Store.Update(ctx, func(c *registry.Change) error {
		seal, state, err := m.judge(c, x.now)
		if err != nil {
			return err
		}
		if seal.Issuer != x.department.Division {
			return refuse("other_department", "ID", old, "Division", seal.Issuer, "Department", x.department.Name, "Own", x.department.Division)
		}
		if err := x.record(c, registry.ActionReplace, old); err != nil {
			return err
		}
		m.by = x.out.Seal.ID
		changed, err = m.record(c, o, seal, state, x.now)
		return err
	})
	return x.out, changed, err
}

// move is a change of state.
type move struct {
	id, action string
	from       []trust.Status
	to         trust.Status
	since      time.Time // zero: now
	handedBack string
	by         string // the seal that takes the place
	reason     int    // why the certificate is revoked; 0: it is not
}

func (d *Desk) change(ctx context.Context, o registry.Order, m move) (*Changed, error) {
	if err := checkOrder(o); err != nil {
		return nil, err
	}
	var out *Changed
	err := d.Store.Update(ctx, func(c *registry.Change) error {
		now := d.now()
		seal, state, err := m.judge(c, now)
		if err != nil {
			return err
		}
		out, err = m.record(c, o, seal, state, now)
		return err
	})
	return out, err
}

// judge reads the seal and its state, and refuses what they do not allow.
func (m *move) judge(c *registry.Change, now time.Time) (registry.Seal, registry.State, error) {
	seal, err := c.Seal(m.id)
	if errors.Is(err, registry.ErrNotFound) {
		return seal, registry.State{}, refuse("seal_unknown", "ID", m.id)
	} else if err != nil {
		return seal, registry.State{}, err
	}
	state, err := c.State(m.id)
	if err != nil {
		return seal, state, err
	}
	return seal, state, m.check(seal, state, now)
}

func (m *move) record(c *registry.Change, o registry.Order, seal registry.Seal, state registry.State, now time.Time) (*Changed, error) {
	event, err := c.Record(registry.Event{Time: now, Order: o, Action: m.action, SealID: m.id, Division: seal.Issuer, Status: m.to, Since: m.since,
		Detail: detail("handedBack", m.handedBack, "replacedBy", m.by)})
	if err != nil {
		return nil, err
	}
	out := &Changed{ID: m.id, Status: m.to, Since: m.since, PreviousState: state.Status}
	return out, m.revoke(c, event, seal, out)
}

// check applies articles 9 to 11 to a change of state.
func (m *move) check(seal registry.Seal, state registry.State, now time.Time) error {
	if !slices.Contains(m.from, state.Status) {
		return refuse("state", "ID", m.id, "status", string(state.Status), "Since", state.Since.In(Zone).Format("2006-01-02 15:04"))
	}
	if m.to == trust.StatusCancelled && state.Status != trust.StatusReportedLost && !plain(m.handedBack) {
		return refuse("no_handback", "ID", m.id, "Name", seal.Name)
	}
	if m.since.IsZero() {
		m.since = now
	}
	m.since = m.since.UTC().Truncate(time.Millisecond)
	from := seal.ValidFrom
	if state.Since.Before(from) { // issued ahead of its period
		from = state.Since
	}
	switch {
	case m.since.After(now) || !m.since.After(from):
		return refuse("since", "ID", m.id, "Since", m.since.In(Zone).Format("2006-01-02 15:04:05"), "From", from.In(Zone).Format("2006-01-02 15:04:05"))
	case m.to != trust.StatusReportedLost && !m.since.After(state.Since):
		return refuse("clock", "Since", state.Since.In(Zone).Format("2006-01-02 15:04:05"))
	}
	return nil
}

// revoke revokes the custodian's certificate where no other seal in use names it; where the key is lost,
// always, and with it every other certificate of the key. Only its issuer can revoke one of another authority.
func (m *move) revoke(c *registry.Change, event int64, seal registry.Seal, out *Changed) error {
	if m.reason == 0 {
		return nil
	}
	cert, err := c.Certificate(seal.CertSM3)
	if err != nil {
		return err
	}
	uses, err := c.SealsOfKey(cert.KeySM3)
	if err != nil {
		return err
	}
	lost, shared := m.reason == reasonKeyCompromise, false
	for _, u := range uses {
		if u.SealID != seal.ID {
			out.SameKey = append(out.SameKey, u.SealID)
			shared = shared || u.CertSM3 == seal.CertSM3
		}
	}
	if shared && !lost {
		return nil
	}
	revoked := []string{seal.CertSM3}
	if out.ForeignCert = cert.Authority == "foreign"; out.ForeignCert {
		revoked = nil
	} else {
		out.Revoked = seal.CertSM3
	}
	if lost {
		if revoked, err = c.CertificatesOfKey(cert.KeySM3); err != nil {
			return err
		}
	}
	for _, sm3 := range revoked {
		if err := c.Revoke(event, registry.Revocation{CertSM3: sm3, Time: m.since, Reason: m.reason}); err != nil {
			return err
		}
	}
	return nil
}

// States brings the states of a seal, in the order of recording, into the
// order of time: a state with an earlier beginning, such as a loss, replaces
// those that would begin at or after it.
func States(recorded []registry.State) []registry.State {
	var out []registry.State
	for _, s := range recorded {
		for len(out) > 0 && !out[len(out)-1].Since.Before(s.Since) {
			out = out[:len(out)-1]
		}
		out = append(out, s)
	}
	return out
}

// StateAt picks the state that counts at an instant from States; false before the first one.
func StateAt(states []registry.State, at time.Time) (registry.State, bool) {
	for i := len(states) - 1; i >= 0; i-- {
		if !states[i].Since.After(at) {
			return states[i], true
		}
	}
	return registry.State{}, false
}
