package state

import (
	"context"
	"time"
)

// CenterOptions say how the centre is reached. The value is comparable.
type CenterOptions struct {
	URL         string // "": there is none
	CA          string // file of the authorities of its certificate
	Certificate string // file of this computer's certificate
	Key         string // file of its private key
	Pins        string // separated by spaces; "": the authorities decide
	Transport   string // "tls", "tlcp"
}

// CenterAnswer is what a centre that answers shows of itself.
type CenterAnswer struct {
	Host     string
	Protocol string
	Subject  string    // of its certificate
	Until    time.Time // end of its validity
	Elapsed  time.Duration
	Skew     time.Duration // its clock minus this computer's
}

// CenterTrial is the test of a connection.
type CenterTrial struct {
	For     CenterOptions
	Running bool
	Ended   bool
	Answer  CenterAnswer
	Err     error
}

// The events of the settings of the centre.
type (
	// CenterEdited replaces the draft.
	CenterEdited struct{ Options CenterOptions }
	// CenterTried tests the draft.
	CenterTried struct{}
	// CenterTrialEnded answers.
	CenterTrialEnded struct{ Trial CenterTrial }
	// CenterKept saves the draft.
	CenterKept struct{}
)

func (CenterEdited) settings()     {}
func (CenterTried) settings()      {}
func (CenterTrialEnded) settings() {}
func (CenterKept) settings()       {}

// CenterUnsaved tells whether the draft of the centre differs from what is in force.
func (d Desk) CenterUnsaved() bool { return d.Settings.Center != d.Options.Center }

func (m Machine) centerSettings(d Desk, e Event) (Desk, Cmd) {
	s := &d.Settings
	switch e := e.(type) {
	case CenterEdited:
		s.Center, s.Saved = e.Options, false
		if s.Probe.For != e.Options {
			s.Probe = CenterTrial{}
		}
	case CenterTried:
		if s.Probe.Running {
			return d, nil
		}
		draft := s.Center
		s.Probe = CenterTrial{For: draft, Running: true}
		return d, func(ctx context.Context, send func(Event)) {
			a, err := m.Work.TryCenter(ctx, draft)
			send(CenterTrialEnded{CenterTrial{For: draft, Ended: true, Answer: a, Err: err}})
		}
	case CenterTrialEnded:
		if s.Probe.Running && s.Probe.For == e.Trial.For {
			s.Probe = e.Trial
		}
	case CenterKept:
		o := s.Draft
		o.Center = s.Center
		return m.saveOptions(d, o)
	}
	return d, nil
}
