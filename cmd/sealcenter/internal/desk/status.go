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
	SameKey       []string // other seals in use that name the same certificate
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
// the same step and linked to it (articles 8 to 11).
func (d *Desk) Replace(ctx context.Context, o registry.Order, old, handedBack string, r Request) (*Issued, *Changed, error) {
	x, err := d.draft(ctx, o, r)
	if err != nil {
		return nil, nil, err
	}
	var changed *Changed
	err = d.Store.Update(ctx, func(c *registry.Change) error {
		if err := x.record(c, registry.ActionReplace, old); err != nil {
			return err
		}
		m := move{id: old, action: registry.ActionReplace, to: trust.StatusCancelled, handedBack: handedBack, reason: reasonSuperseded, by: x.out.Seal.ID,
			from: []trust.Status{trust.StatusInForce, trust.StatusSuspended, trust.StatusReportedLost}}
		changed, err = d.apply(ctx, c, o, m, x.now)
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
	err := d.Store.Update(ctx, func(c *registry.Change) (err error) {
		out, err = d.apply(ctx, c, o, m, d.now())
		return err
	})
	return out, err
}

func (d *Desk) apply(ctx context.Context, c *registry.Change, o registry.Order, m move, now time.Time) (*Changed, error) {
	seal, err := c.Seal(m.id)
	if errors.Is(err, registry.ErrNotFound) {
		return nil, refuse("seal_unknown", "ID", m.id)
	} else if err != nil {
		return nil, err
	}
	state, err := c.State(m.id)
	if err != nil {
		return nil, err
	}
	if err := m.check(seal, state, now); err != nil {
		return nil, err
	}
	event, err := c.Record(registry.Event{Time: now, Order: o, Action: m.action, SealID: m.id, Division: seal.Issuer, Status: m.to, Since: m.since,
		Detail: detail("handedBack", m.handedBack, "replacedBy", m.by)})
	if err != nil {
		return nil, err
	}
	out := &Changed{ID: m.id, Status: m.to, Since: m.since, PreviousState: state.Status}
	return out, d.revoke(ctx, c, event, seal, m, out)
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
	switch {
	case m.since.After(now) || !m.since.After(seal.ValidFrom):
		return refuse("since", "ID", m.id, "Since", m.since.In(Zone).Format("2006-01-02 15:04:05"), "From", seal.ValidFrom.In(Zone).Format("2006-01-02 15:04:05"))
	case m.to != trust.StatusReportedLost && !m.since.After(state.Since):
		return refuse("clock", "Since", state.Since.In(Zone).Format("2006-01-02 15:04:05"))
	}
	return nil
}

// revoke revokes the custodian's certificate: always where the key is lost,
// else where no other seal in use names it. Only its issuer can revoke one of another authority.
func (d *Desk) revoke(ctx context.Context, c *registry.Change, event int64, seal registry.Seal, m move, out *Changed) error {
	if m.reason == 0 {
		return nil
	}
	all, err := c.SealsWith(seal.CertSM3)
	if err != nil {
		return err
	}
	out.SameKey = slices.DeleteFunc(all, func(id string) bool { return id == seal.ID })
	if len(out.SameKey) > 0 && m.reason != reasonKeyCompromise {
		return nil
	}
	cert, err := c.Certificate(seal.CertSM3)
	if err != nil {
		return err
	}
	if out.ForeignCert = cert.Authority == "foreign"; out.ForeignCert {
		return nil
	}
	out.Revoked = seal.CertSM3
	return c.Revoke(event, registry.Revocation{CertSM3: seal.CertSM3, Time: m.since, Reason: m.reason})
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
