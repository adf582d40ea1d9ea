package state

import (
	"context"
	"time"
)

// CenterPhase says how it stands with the central verification endpoint.
type CenterPhase string

// The phases.
const (
	CenterAsking    CenterPhase = "asking" // it has not answered yet
	CenterUnset     CenterPhase = "unset"  // the settings name none
	CenterConnected CenterPhase = "connected"
	CenterAway      CenterPhase = "away"
)

// CenterPhases lists the phases, for the completeness of the catalogues.
func CenterPhases() []CenterPhase {
	return []CenterPhase{CenterAsking, CenterUnset, CenterConnected, CenterAway}
}

// Center is what is known of the centre. The zero value: nothing yet.
type Center struct {
	Phase CenterPhase // "" is CenterAsking
	Host  string
	Err   error // why it is away
}

// CenterProbed tells how it stands with the centre.
type CenterProbed struct{ Center Center }

// centerPause is the time between two probes of the centre.
const centerPause = time.Minute

// watchCenter asks now and then whether the centre is there, until ctx ends.
func (m Machine) watchCenter(ctx context.Context, send func(Event)) {
	tick := time.NewTicker(centerPause)
	defer tick.Stop()
	for {
		c := m.Work.ProbeCenter(ctx)
		if ctx.Err() != nil {
			return
		}
		send(CenterProbed{c})
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// seen takes what an order has learned of the centre; the last document that it was asked about counts.
func (c Center) seen(done []Outcome) Center {
	for _, o := range done {
		switch {
		case o.Receipt != "":
			c.Phase, c.Err = CenterConnected, nil
		case o.Away != nil:
			c.Phase, c.Err = CenterAway, o.Away
		}
	}
	return c
}
