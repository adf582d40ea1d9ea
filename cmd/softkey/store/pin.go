package store

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
)

type secret struct {
	pin       []byte
	left, max int
}

// pins is the content of the file "pin".
type pins struct {
	user, so    secret
	toBeChanged bool
	pad         Pad
	padDelay    int // ms
}

// Pad is what the person at the PIN pad of a protected key does with the next C_Login.
type Pad string

// The three answers of a PIN pad; the zero value is PadAccept.
const (
	PadAccept Pad = "accept"
	PadWrong  Pad = "wrong"
	PadCancel Pad = "cancel"
)

func (s *Slot) savePINs(p pins) error {
	text := fmt.Sprintf("user-pin = %x\nuser-left = %d\nuser-max = %d\nso-pin = %x\nso-left = %d\nso-max = %d\n"+
		"to-be-changed = %s\npad = %s\npad-delay = %d\n",
		p.user.pin, p.user.left, p.user.max, p.so.pin, p.so.left, p.so.max,
		yesNo(p.toBeChanged), or(string(p.pad), string(PadAccept)), p.padDelay)
	return writeFile(s.path("pin"), []byte(text))
}

func (s *Slot) loadPINs() (pins, error) {
	b, err := readFile(s.path("pin"), MaxINI)
	if err != nil {
		return pins{}, err
	}
	return parsePINs(b)
}

func parsePINs(b []byte) (pins, error) {
	lines, err := parseINI(b)
	if err != nil {
		return pins{}, err
	}
	var p pins
	for _, l := range lines {
		switch l.key {
		case "user-pin":
			p.user.pin, err = hex.DecodeString(l.value)
		case "so-pin":
			p.so.pin, err = hex.DecodeString(l.value)
		case "user-left":
			p.user.left, err = count(l.value)
		case "user-max":
			p.user.max, err = count(l.value)
		case "so-left":
			p.so.left, err = count(l.value)
		case "so-max":
			p.so.max, err = count(l.value)
		case "pad-delay":
			p.padDelay, err = count(l.value)
		case "to-be-changed":
			p.toBeChanged = l.value == "yes"
		case "pad":
			p.pad = Pad(l.value)
		}
		if err != nil {
			return pins{}, fmt.Errorf("softkey: pin: bad %s", l.key) // the value stays out of messages
		}
	}
	return p, nil
}

func count(s string) (int, error) {
	n, err := strconv.ParseUint(strings.TrimSpace(s), 10, 31)
	return int(n), err
}

func (s *Slot) changePINs(change func(*pins)) error {
	p, err := s.loadPINs()
	if err != nil {
		return err
	}
	change(&p)
	return s.savePINs(p)
}

// SetTries says how many tries the user PIN has left: 0 is locked, 1 the final try.
func (s *Slot) SetTries(left int) error {
	if left < 0 || left > 100 {
		return fmt.Errorf("softkey: tries left: 0 to 100, not %d", left)
	}
	return s.changePINs(func(p *pins) {
		p.user.left = left
		p.user.max = max(p.user.max, left)
	})
}

// Unlock gives both PINs all their tries again. A real key needs the SO PIN for it (C_InitPIN).
func (s *Slot) Unlock() error {
	return s.changePINs(func(p *pins) { p.user.left, p.so.left = p.user.max, p.so.max })
}

// SetFlags sets the state of the user PIN that is not a counter.
func (s *Slot) SetFlags(f Flags) error {
	switch f.Pad {
	case "", PadAccept, PadWrong, PadCancel:
	default:
		return fmt.Errorf("softkey: PIN pad answers accept, wrong or cancel, not %q", f.Pad)
	}
	if f.PadDelayMS < 0 || f.PadDelayMS > 600_000 {
		return fmt.Errorf("softkey: PIN pad delay %d ms: 0 to 600000", f.PadDelayMS)
	}
	return s.changePINs(func(p *pins) { p.toBeChanged, p.pad, p.padDelay = f.ToBeChanged, f.Pad, f.PadDelayMS })
}

// Flags are the settable states of a token's PIN handling.
type Flags struct {
	ToBeChanged bool // C_Login answers CKR_PIN_EXPIRED until C_SetPIN
	Pad         Pad  // protected path only
	PadDelayMS  int  // protected path only: how long C_Login waits for the person
}
