package state

import (
	"context"
	"path/filepath"
	"strings"
	"time"

	"sealdesk/token"
)

// Screen is one of the window's screens.
type Screen string

// The screens, in the order of the rail.
const (
	ScreenSeal     Screen = "seal"
	ScreenVerify   Screen = "verify"
	ScreenRegister Screen = "register"
	ScreenKeys     Screen = "keys"
	ScreenSettings Screen = "settings"
)

// Screens lists the screens in the order of the rail.
func Screens() []Screen {
	return []Screen{ScreenSeal, ScreenVerify, ScreenRegister, ScreenKeys, ScreenSettings}
}

// Desk is everything that the window shows.
type Desk struct {
	Screen       Screen
	Now          time.Time
	Keys         Keys
	Trust        TrustState
	Center       Center
	Sealing      Sealing
	Verification Verification
	Register     Register
	Settings     Settings
	Options      Options // in force
	Notices      []Notice
	Closing      bool // the question whether to close during an order stands there
	Quit         bool
}

// Notice is something that the user has to read and put away.
type Notice struct {
	Err error  // explained in three parts; or
	Key string // a sentence of the catalogue
	Arg string // its {{.Arg}}
}

// The events of the window as a whole.
type (
	// ScreenChosen shows another screen.
	ScreenChosen struct{ Screen Screen }
	// FilesDropped brings files and folders, wherever they were dropped.
	FilesDropped struct{ Paths []string }
	// FilesCollected names the PDF files among what was dropped, and the rest.
	FilesCollected struct {
		Screen Screen
		PDFs   []string
		Others []string
	}
	// TrustRead tells which trust file is in use.
	TrustRead struct{ State TrustState }
	// TrustImported answers an import.
	TrustImported struct {
		State TrustState
		Err   error
	}
	// ClockTicked carries the time.
	ClockTicked struct{ Now time.Time }
	// NoticeRead puts the first notice away.
	NoticeRead struct{}
	// NoticeArose shows something to read.
	NoticeArose struct{ Notice Notice }
	// OpenTapped shows a file or its folder in the program of the system.
	OpenTapped struct {
		Path   string
		Folder bool
	}
	// CloseAsked: the window is to be closed.
	CloseAsked struct{}
	// CloseAnswered answers the question whether to close during an order.
	CloseAnswered struct{ Close bool }
)

// TrustExtension ends the names of trust bundles.
const TrustExtension = ".sdtb"

// Machine makes steps. It holds no state of its own.
type Machine struct{ Work Work }

// Initial returns the desk before anything is known.
func (m Machine) Initial(o Options) Desk {
	rule := Rule{Kind: o.Rule, Keyword: o.Keyword}
	if rule.Kind == "" {
		rule.Kind = RuleDate
	}
	return Desk{Screen: ScreenSeal, Now: m.Work.Now(), Options: o, Sealing: Sealing{Rule: rule, Page: 1},
		Settings: Settings{Draft: o, Center: o.Center}}
}

// Begin is the command that runs as long as the window: it watches the keys, the centre and the clock.
func (m Machine) Begin() Cmd {
	return Batch(
		func(ctx context.Context, send func(Event)) { m.Work.WatchKeys(ctx, func(e KeysRead) { send(e) }) },
		m.readTrust,
		m.watchCenter,
		func(ctx context.Context, send func(Event)) {
			tick := time.NewTicker(time.Minute)
			defer tick.Stop()
			for {
				select {
				case <-tick.C:
					send(ClockTicked{m.Work.Now()})
				case <-ctx.Done():
					return
				}
			}
		})
}

// KeyState returns what the key strip shows.
func (d Desk) KeyState() KeyState { return d.Keys.State(d.Now, d.Trust.Issued) }

// Step applies one event.
func (m Machine) Step(d Desk, e Event) (Desk, Cmd) {
	switch e := e.(type) {
	case ScreenChosen:
		d.Screen = e.Screen
		switch e.Screen {
		case ScreenSettings:
			return m.enterSettings(d)
		case ScreenRegister:
			return m.readRegister(d)
		}
	case FilesDropped:
		screen := d.Screen
		return d, func(ctx context.Context, send func(Event)) {
			pdfs, others := m.Work.Collect(ctx, e.Paths)
			send(FilesCollected{Screen: screen, PDFs: pdfs, Others: others})
		}
	case FilesCollected:
		return m.collected(d, e)
	case KeysRead:
		return m.keysRead(d, e)
	case KeyChosen:
		if _, ok := d.Keys.find(e.ID); ok && !d.Sealing.Phase.Busy() {
			d.Keys.Chosen = e.ID
			return m.findPlaces(d, func(doc Document) bool { return doc.Rule.Kind != RuleHand })
		}
	case RecheckTapped:
		return m.recheck(d)
	case TrustRead:
		return m.trustRead(d, e.State)
	case TrustImported:
		return m.trustImported(d, e)
	case CenterProbed:
		d.Center = e.Center
	case ClockTicked:
		d.Now = e.Now
		return d, m.readTrust // it may have been imported by the command line
	case NoticeArose:
		d.Notices = append(d.Notices[:len(d.Notices):len(d.Notices)], e.Notice)
	case NoticeRead:
		if len(d.Notices) > 0 {
			d.Notices = d.Notices[1:]
		}
	case CloseAsked, CloseAnswered, OpenTapped:
		return m.window(d, e)
	default:
		return m.screens(d, e)
	}
	return d, nil
}

// screens hands an event to the screen that it belongs to.
func (m Machine) screens(d Desk, e Event) (Desk, Cmd) {
	switch e.(type) {
	case verificationEvent:
		return m.verification(d, e)
	case registerEvent:
		return m.register(d, e)
	case settingsEvent:
		return m.settings(d, e)
	}
	return m.sealing(d, e)
}

func (m Machine) window(d Desk, e Event) (Desk, Cmd) {
	switch e := e.(type) {
	case CloseAsked:
		if d.Sealing.Phase.Busy() {
			d.Closing = true
			return d, nil
		}
		d.Quit = true
	case CloseAnswered:
		if d.Closing = false; e.Close {
			next, cmd := d.stopOrder()
			next.Quit = true
			return next, cmd
		}
	case OpenTapped:
		return d, func(ctx context.Context, send func(Event)) {
			if err := m.Work.Open(ctx, e.Path, e.Folder); err != nil {
				send(NoticeArose{Notice{Err: err}})
			}
		}
	}
	return d, nil
}

// collected sends dropped files where they belong: a trust file is imported on every screen, PDF files go to the screen that was
// shown. What is neither is named.
func (m Machine) collected(d Desk, e FilesCollected) (Desk, Cmd) {
	var cmds []Cmd
	var strange []string
	for _, p := range e.Others {
		if strings.EqualFold(filepath.Ext(p), TrustExtension) {
			cmds = append(cmds, m.importTrust(p))
			continue
		}
		strange = append(strange, filepath.Base(p))
	}
	if len(strange) > 0 {
		d.Notices = append(d.Notices[:len(d.Notices):len(d.Notices)], Notice{Key: "gui.notice.not_pdf", Arg: strings.Join(strange, "\n")})
	}
	if len(e.PDFs) > 0 {
		var cmd Cmd
		if e.Screen == ScreenVerify {
			d, cmd = m.addFiles(d, e.PDFs)
		} else {
			d.Screen = ScreenSeal
			d, cmd = m.addDocuments(d, e.PDFs)
		}
		cmds = append(cmds, cmd)
	} else if len(e.Others) == 0 {
		d.Notices = append(d.Notices[:len(d.Notices):len(d.Notices)], Notice{Key: "gui.notice.no_pdf"})
	}
	return d, Batch(cmds...)
}

func (m Machine) importTrust(path string) Cmd {
	return func(ctx context.Context, send func(Event)) {
		state, err := m.Work.ImportTrust(ctx, path)
		send(TrustImported{State: state, Err: err})
	}
}

// trustRead takes the trust file in use. Where it has become another one, its policy may fix other settings, and what was verified is
// verified again.
func (m Machine) trustRead(d Desk, now TrustState) (Desk, Cmd) {
	before := d.Trust
	d.Trust = now
	switch {
	case before.Number == now.Number && before.Path == now.Path && (before.Err == nil) == (now.Err == nil):
		return d, nil
	case before.Path == "" && before.Err == nil: // the first one: what is being verified is so with it
		return d, m.readOptions
	}
	return m.underTrust(d)
}

// underTrust judges anew, and reads anew what is fixed.
func (m Machine) underTrust(d Desk) (Desk, Cmd) {
	next, again := m.verifyAgain(d)
	return next, Batch(m.readOptions, again)
}

// trustImported takes a new trust file into use.
func (m Machine) trustImported(d Desk, e TrustImported) (Desk, Cmd) {
	if e.Err != nil {
		d.Notices = append(d.Notices[:len(d.Notices):len(d.Notices)], Notice{Err: e.Err})
		return d, nil
	}
	d.Trust = e.State
	d.Notices = append(d.Notices[:len(d.Notices):len(d.Notices)], Notice{Key: "gui.notice.trust_imported", Arg: e.State.Name})
	return m.underTrust(d)
}

// recheck looks anew for keys. While an order runs the driver stays as it is.
func (m Machine) recheck(d Desk) (Desk, Cmd) {
	if d.Sealing.Phase.Busy() {
		return d, nil
	}
	d.Keys = Keys{}
	return d, func(ctx context.Context, _ func(Event)) { m.Work.RecheckKeys(ctx) }
}

// keysRead takes the list of keys. A key that is gone while an order runs ends the PIN question.
func (m Machine) keysRead(d Desk, e KeysRead) (Desk, Cmd) {
	before, had := d.Keys.Key()
	d.Keys = d.Keys.read(e)
	after, has := d.Keys.Key()
	gone := had && (!has || after.ID != before.ID || after.Insertion != before.Insertion)
	if gone && d.Sealing.Phase.Busy() {
		d.Keys.Removed = !has
		if ask := d.Sealing.Ask; ask != nil {
			d.Sealing.Ask, d.Sealing.Phase = nil, SealPreparing
			return d, answer(ask, token.PIN{}, token.ErrRemoved)
		}
		return d, nil
	}
	if has && (!had || gone) {
		return m.findPlaces(d, func(doc Document) bool {
			return doc.Rule.Kind != RuleHand && len(doc.Marks) == 0
		})
	}
	return d, nil
}
