package state

import "context"

// Options are the settings that the window shows.
type Options struct {
	Path         string // of the settings file
	Lang         string // "zh", "en"
	Dark         bool
	LargePrint   bool
	Module       string
	TrustFile    string
	Suffix       string
	Existing     string // "error", "number"
	OutDir       string // "" beside the document
	Rule         RuleKind
	Keyword      string
	WithoutTrust bool              // seal without a trust file
	Found        []string          // PKCS#11 libraries on this machine
	Locked       map[string]string // settings that are fixed, with the file that fixes them
	Center       CenterOptions
}

// Grade says what a finding of the diagnosis means.
type Grade string

// The grades.
const (
	GradeGood Grade = "good"
	GradeNote Grade = "note"
	GradeBad  Grade = "bad"
)

// Finding is one sentence of the diagnosis. Key is a sentence of the catalogue.
type Finding struct {
	Grade Grade
	Key   string
	Data  map[string]string
	Err   error // explained below the sentence
}

// Trial is the test of a driver.
type Trial struct {
	Path    string
	Running bool
	Keys    int
	Err     error
}

// Settings is the screen of settings and diagnosis.
type Settings struct {
	Draft     Options // as edited
	Saved     bool
	Trial     Trial
	Center    CenterOptions // as edited; saved at a tap
	Probe     CenterTrial
	Diagnosis []Finding
	Running   bool // the diagnosis runs
	SavedTo   string
}

type settingsEvent interface{ settings() }

// The events of the settings.
type (
	// OptionsRead answers with what is in force.
	OptionsRead struct{ Options Options }
	// OptionChanged replaces the draft and saves it.
	OptionChanged struct{ Options Options }
	// OptionsSaved answers.
	OptionsSaved struct {
		Options Options
		Err     error
	}
	// TrialTapped tests a driver.
	TrialTapped struct{ Path string }
	// TrialEnded answers.
	TrialEnded struct{ Trial Trial }
	// TrustChosen imports a trust file.
	TrustChosen struct{ Path string }
	// DiagnoseTapped looks at everything.
	DiagnoseTapped struct{}
	// Diagnosed answers.
	Diagnosed struct{ Findings []Finding }
	// DiagnosisKept writes the diagnosis to a file, with names only where ticked.
	DiagnosisKept struct {
		Path  string
		Names bool
	}
	// DiagnosisWritten answers.
	DiagnosisWritten struct{ Path string }
)

func (OptionsRead) settings()      {}
func (OptionChanged) settings()    {}
func (OptionsSaved) settings()     {}
func (TrialTapped) settings()      {}
func (TrialEnded) settings()       {}
func (TrustChosen) settings()      {}
func (DiagnoseTapped) settings()   {}
func (Diagnosed) settings()        {}
func (DiagnosisKept) settings()    {}
func (DiagnosisWritten) settings() {}

func (m Machine) enterSettings(d Desk) (Desk, Cmd) {
	d.Settings.Saved = false
	return d, m.readOptions
}

func (m Machine) readOptions(ctx context.Context, send func(Event)) {
	send(OptionsRead{m.Work.ReadOptions(ctx)})
}

func (m Machine) readTrust(ctx context.Context, send func(Event)) {
	send(TrustRead{m.Work.TrustState(ctx)})
}

// optionsRead takes what is in force.
func optionsRead(d Desk, o Options) Desk {
	d.Options, d.Settings.Draft, d.Settings.Center = o, o, o.Center
	if len(d.Sealing.Documents) == 0 {
		d.Sealing.Rule = Rule{Kind: o.Rule, Keyword: o.Keyword}
	}
	return d
}

func (m Machine) settings(d Desk, e Event) (Desk, Cmd) {
	s := &d.Settings
	switch e := e.(type) {
	case OptionsRead:
		return optionsRead(d, e.Options), nil
	case OptionChanged:
		return m.saveOptions(d, e.Options)
	case OptionsSaved:
		if e.Err != nil {
			s.Draft = d.Options
			d.Notices = append(d.Notices[:len(d.Notices):len(d.Notices)], Notice{Err: e.Err})
			return d, nil
		}
		moved := e.Options.Center != d.Options.Center
		d.Options, s.Saved = e.Options, true
		if len(d.Sealing.Documents) == 0 {
			d.Sealing.Rule = Rule{Kind: e.Options.Rule, Keyword: e.Options.Keyword}
		}
		cmds := []Cmd{m.readTrust}
		if moved {
			d.Center, s.Center = Center{}, e.Options.Center
			cmds = append(cmds, func(ctx context.Context, send func(Event)) { send(CenterProbed{m.Work.ProbeCenter(ctx)}) })
		}
		return d, Batch(cmds...)
	case TrialTapped:
		s.Trial = Trial{Path: e.Path, Running: true}
		return d, func(ctx context.Context, send func(Event)) {
			n, err := m.Work.TryModule(ctx, e.Path)
			send(TrialEnded{Trial{Path: e.Path, Keys: n, Err: err}})
		}
	case TrialEnded:
		if e.Trial.Path == s.Trial.Path {
			s.Trial = e.Trial
		}
	case TrustChosen:
		return d, m.importTrust(e.Path)
	case CenterEdited, CenterTried, CenterTrialEnded, CenterKept:
		return m.centerSettings(d, e)
	default:
		return m.diagnosis(d, e)
	}
	return d, nil
}

func (m Machine) saveOptions(d Desk, o Options) (Desk, Cmd) {
	s := &d.Settings
	if d.Sealing.Phase.Busy() {
		return d, nil
	}
	s.Draft, s.Saved = o, false
	return d, func(ctx context.Context, send func(Event)) {
		err := m.Work.SaveOptions(ctx, o)
		send(OptionsSaved{Options: o, Err: err})
	}
}

func (m Machine) diagnosis(d Desk, e Event) (Desk, Cmd) {
	s := &d.Settings
	switch e := e.(type) {
	case DiagnoseTapped:
		if s.Running {
			return d, nil
		}
		s.Running, s.SavedTo = true, ""
		return d, func(ctx context.Context, send func(Event)) { send(Diagnosed{m.Work.Diagnose(ctx)}) }
	case Diagnosed:
		s.Running, s.Diagnosis = false, e.Findings
	case DiagnosisKept:
		return d, func(ctx context.Context, send func(Event)) {
			if err := m.Work.SaveDiagnosis(ctx, e.Path, e.Names); err != nil {
				send(NoticeArose{Notice{Err: err}})
				return
			}
			send(DiagnosisWritten{e.Path})
		}
	case DiagnosisWritten:
		s.SavedTo = e.Path
	}
	return d, nil
}
