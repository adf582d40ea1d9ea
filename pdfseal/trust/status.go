package trust

import (
	"fmt"
	"time"
)

// Status is the state of a seal.
type Status string

// The states of a seal, as the issuing department keeps them.
const (
	StatusInForce      Status = "in-force"
	StatusSuspended    Status = "suspended"
	StatusCancelled    Status = "cancelled"
	StatusReportedLost Status = "reported-lost"
)

// StatusNotIssued is the answer for an instant before the first state of a
// seal that came into force at a stated time. It is never stored.
const StatusNotIssued Status = "not-issued"

func (s Status) known() bool { return s.code() != 0 }

// code is the number of a state in the tables of a bundle; 0 is none.
func (s Status) code() byte {
	switch s {
	case StatusInForce:
		return 1
	case StatusSuspended:
		return 2
	case StatusCancelled:
		return 3
	case StatusReportedLost:
		return 4
	}
	return 0
}

func statusOf(code byte) Status {
	return [...]Status{"", StatusInForce, StatusSuspended, StatusCancelled, StatusReportedLost}[code]
}

const maxCode = 4

// SealStatus is the state of one seal since an instant, to the millisecond.
// Since is required except for the first state of a seal, if that is in force:
// absent then means from the very beginning.
type SealStatus struct {
	ID       string    `json:"id"`
	Status   Status    `json:"status"`
	Since    time.Time `json:"since,omitzero"`
	Division string    `json:"division,omitempty"` // GB/T 2260 code of the department that issued the seal; empty: not stated
}

// MaxHistory is the number of states that a seal may have had.
const MaxHistory = 256

// checkHistory demands states in the order of time, all of one division.
func checkHistory(h []SealStatus) error {
	if len(h) == 0 || len(h) > MaxHistory {
		return fmt.Errorf("%d states, not 1 to %d", len(h), MaxHistory)
	}
	for i, x := range h {
		switch {
		case !x.Status.known():
			return fmt.Errorf("status %.40q is unknown", x.Status)
		case x.Since.IsZero() && (i > 0 || x.Status != StatusInForce):
			return fmt.Errorf("since is missing")
		case !x.Since.IsZero() && (x.Since.UnixMilli() < 1 || x.Since.UTC().Year() > 9999):
			return fmt.Errorf("since %v is out of range", x.Since)
		case i > 0 && !h[i-1].Since.IsZero() && x.Since.UnixMilli() <= h[i-1].Since.UnixMilli():
			return fmt.Errorf("state %d is not later than the one before", i)
		case x.Division != "" && !isDivision(x.Division):
			return fmt.Errorf("division %.20q is not a code of six digits", x.Division)
		case x.Division != h[0].Division:
			return fmt.Errorf("the division changes")
		}
	}
	return nil
}

// statusAt picks the state at t from a history that checkHistory accepts.
// Before the first state a seal was not issued, if that state is in force,
// else in force: the list names it only since it is not.
func statusAt(h []SealStatus, t time.Time) SealStatus {
	for i := len(h) - 1; i >= 0; i-- {
		if !h[i].Since.After(t) {
			return h[i]
		}
	}
	before := SealStatus{ID: h[0].ID, Status: StatusInForce, Division: h[0].Division}
	if h[0].Status == StatusInForce {
		before.Status = StatusNotIssued
	}
	return before
}

// SealHistory answers all states that a seal has had, oldest first; listed is
// false where the bundle does not name the seal. The error, a *Refusal or one
// of the file system, says that the bundle's table cannot be read: then
// nothing is known of the seal.
func (s *Store) SealHistory(id string) (h []SealStatus, listed bool, err error) {
	if s == nil || s.seals == nil {
		return nil, false, nil
	}
	h, err = s.seals.history(id)
	return h, len(h) > 0, err
}

// StatusAt is the state of a seal at an instant: the last one of its history
// that began at or before t. An instant before the first state gives
// StatusNotIssued where that state is in force since a stated time, else
// StatusInForce. The error is that of SealHistory.
func (s *Store) StatusAt(id string, t time.Time) (st SealStatus, listed bool, err error) {
	h, listed, err := s.SealHistory(id)
	if err != nil || !listed {
		return SealStatus{}, false, err
	}
	return statusAt(h, t), true, nil
}

// SealStatus is the latest state of a seal; false where the bundle does not
// name it, or cannot be read there.
func (s *Store) SealStatus(id string) (SealStatus, bool) {
	h, listed, err := s.SealHistory(id)
	if err != nil || !listed {
		return SealStatus{}, false
	}
	return h[len(h)-1], true
}

// HasSealStatus reports whether the bundle speaks of seals at all.
func (s *Store) HasSealStatus() bool { return s != nil && s.seals != nil }

// Seals is the number of seals that the bundle knows.
func (s *Store) Seals() int {
	if !s.HasSealStatus() {
		return 0
	}
	return s.seals.count()
}

// sealList is where a Store looks seals up.
type sealList interface {
	history(id string) ([]SealStatus, error) // empty: not listed
	count() int
}

// sealMap is the list of a trust file, in memory.
type sealMap map[string][]SealStatus

func (m sealMap) history(id string) ([]SealStatus, error) { return m[id], nil }

func (m sealMap) count() int { return len(m) }

// newSealMap collects the states of seals; those of one seal stand in the order of time.
func newSealMap(seals []SealStatus) (sealMap, error) {
	m := make(sealMap, len(seals))
	for i, x := range seals {
		field := fmt.Sprintf("seals[%d]", i)
		if x.ID == "" || !plain(x.ID) {
			return nil, refuse(field+".id", "empty, too long or not plain text")
		}
		m[x.ID] = append(m[x.ID], x)
		if err := checkHistory(m[x.ID]); err != nil {
			return nil, refuse(field, "%w", err)
		}
	}
	return m, nil
}
