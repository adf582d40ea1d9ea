package trust

import (
	"fmt"
	"slices"
)

// Policy is what the centre rules for all clients. The zero value rules nothing.
type Policy struct {
	// StaleAfterDays is the age at which a bundle proves nothing good any more; 0: only its expiry counts.
	StaleAfterDays int `json:"stale_after_days,omitempty"`
	// GraceHours is the time before a revocation or a report of loss in which
	// a use is doubtful although it is proven to be earlier: the loss came
	// before its report.
	GraceHours   int       `json:"grace_hours,omitempty"`
	Locked       []Setting `json:"locked,omitempty"`       // settings that users cannot change
	Workstations []string  `json:"workstations,omitempty"` // names of the computers that may seal; none: any
}

// Setting is a line of the settings file, such as "output.existing" and "error".
type Setting struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Limits of a policy.
const (
	maxStaleDays    = 3650
	maxGraceHours   = 8760
	maxLocked       = 64
	maxWorkstations = 1024
)

func (p Policy) check() error {
	switch {
	case p.StaleAfterDays < 0 || p.StaleAfterDays > maxStaleDays:
		return refuse("policy.stale_after_days", "%d, not 0 to %d", p.StaleAfterDays, maxStaleDays)
	case p.GraceHours < 0 || p.GraceHours > maxGraceHours:
		return refuse("policy.grace_hours", "%d, not 0 to %d", p.GraceHours, maxGraceHours)
	case len(p.Locked) > maxLocked:
		return refuse("policy.locked", "%d of them, more than %d", len(p.Locked), maxLocked)
	case len(p.Workstations) > maxWorkstations:
		return refuse("policy.workstations", "%d of them, more than %d", len(p.Workstations), maxWorkstations)
	}
	seen := map[string]bool{}
	for i, l := range p.Locked {
		if l.Name == "" || !plain(l.Name) || !plain(l.Value) || seen[l.Name] {
			return refuse(fmt.Sprintf("policy.locked[%d]", i), "empty, twice, too long or not plain text")
		}
		seen[l.Name] = true
	}
	for i, w := range p.Workstations {
		if w == "" || !plain(w) {
			return refuse(fmt.Sprintf("policy.workstations[%d]", i), "empty, too long or not plain text")
		}
	}
	return nil
}

func (p Policy) clone() Policy {
	p.Locked, p.Workstations = slices.Clone(p.Locked), slices.Clone(p.Workstations)
	return p
}
