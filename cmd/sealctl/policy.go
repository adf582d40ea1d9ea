package main

import (
	"strconv"

	"sealdesk/ui/config"
)

// policyReport is what the policy of the trust bundle of the settings fixes.
type policyReport struct {
	Bundle string       `json:"bundle"`
	Number int          `json:"number"`
	Locked []lockReport `json:"locked"`
}

// lockReport is one line of it. InForce is false where this program cannot fix the setting, or not to this value; Detail says why.
type lockReport struct {
	Name    string `json:"name"`
	Value   string `json:"value"`
	InForce bool   `json:"inForce"`
	Detail  string `json:"detail,omitempty"`
}

// underPolicy puts the settings under the policy of the trust bundle of the settings, as the window does. A bundle that cannot be
// used fixes nothing: the command that needs it says why. One that is named for a single use (--trust) makes no policy, because it
// need not be under the pinned root. The answer is nil where there is no bundle.
func (a *app) underPolicy() *policyReport {
	if a.ruled {
		return a.policy
	}
	a.ruled = true
	s, err := a.trustStore("")
	if err != nil || s == nil {
		return nil
	}
	defer s.Close()
	c, locks := a.cfg.Under(s.Policy())
	a.cfg = &c
	a.policy = newPolicyReport(s.Name(), s.Number(), locks)
	a.log.Debug("policy", "number", s.Number(), "locked", len(locks))
	return a.policy
}

func newPolicyReport(name string, number int, locks []config.Lock) *policyReport {
	r := &policyReport{Bundle: name, Number: number, Locked: []lockReport{}}
	for _, l := range locks {
		line := lockReport{Name: l.Name, Value: l.Value, InForce: l.Err == nil}
		if l.Err != nil {
			line.Detail = l.Err.Error()
		}
		r.Locked = append(r.Locked, line)
	}
	return r
}

func (a *app) printLocked(r *policyReport) {
	switch {
	case r == nil:
		return
	case len(r.Locked) == 0:
		a.say("doctor.no_policy")
		return
	}
	a.say("doctor.policy", "Number", strconv.Itoa(r.Number), "Name", r.Bundle)
	for _, l := range r.Locked {
		key := "doctor.policy_line"
		if !l.InForce {
			key = "doctor.policy_unused"
		}
		a.say(key, "Name", l.Name, "Value", l.Value, "Detail", l.Detail)
	}
}
