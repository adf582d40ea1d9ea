package state

import (
	"errors"
	"time"

	"sealdesk/token"
)

// KeyState is what the key strip shows: one state at a time, the most urgent (users.md, §8).
type KeyState string

// The states of the key strip.
const (
	KeyServiceDown KeyState = "service_down"
	KeyNoDriver    KeyState = "no_driver"
	KeyWrongDriver KeyState = "wrong_driver"
	KeyFault       KeyState = "fault"
	KeyNone        KeyState = "none"
	KeyReading     KeyState = "reading"
	KeyNoSeal      KeyState = "no_seal"
	KeySeveral     KeyState = "several"
	KeyReady       KeyState = "ready"
	KeyRemoved     KeyState = "removed"
	KeyExpiring    KeyState = "expiring"
	KeyExpired     KeyState = "expired"
	KeyInitialPIN  KeyState = "initial_pin"
	KeyPINLow      KeyState = "pin_low"
	KeyPINFinal    KeyState = "pin_final"
	KeyPINLocked   KeyState = "pin_locked"
	KeyLost        KeyState = "lost"
	KeyNotFiled    KeyState = "not_filed"
	KeyClock       KeyState = "clock"
)

// KeyStates lists every state, for the completeness of the catalogues.
func KeyStates() []KeyState {
	return []KeyState{KeyServiceDown, KeyNoDriver, KeyWrongDriver, KeyFault, KeyNone, KeyReading, KeyNoSeal, KeySeveral, KeyReady, KeyRemoved,
		KeyExpiring, KeyExpired, KeyInitialPIN, KeyPINLow, KeyPINFinal, KeyPINLocked, KeyLost, KeyNotFiled, KeyClock}
}

// Rank says how urgent a state is, for its shape and colour.
type Rank int

// The ranks.
const (
	RankReady Rank = iota
	RankWaiting
	RankNotice
	RankStop
)

// Rank returns the urgency of a state.
func (s KeyState) Rank() Rank {
	switch s {
	case KeyReady:
		return RankReady
	case KeyNone, KeyReading, KeySeveral:
		return RankWaiting
	case KeyExpiring, KeyPINLow, KeyPINFinal, KeyClock:
		return RankNotice
	}
	return RankStop
}

// Usable tells whether sealing may begin in this state.
func (s KeyState) Usable() bool { return s.Rank() == RankReady || s.Rank() == RankNotice }

// ExpiryWarning is how long before its end a certificate is shown as expiring.
const ExpiryWarning = 105 * 24 * time.Hour

// Keys is what is plugged in, and which of it is chosen.
type Keys struct {
	Read    bool // the driver has answered at least once
	All     []Key
	Err     error // the driver's failure
	Chosen  token.ID
	Removed bool // a key was pulled while it was in use
}

// KeysRead reports what is plugged in.
type KeysRead struct {
	Keys []Key
	Err  error
}

// KeyChosen: the user chose one of several keys.
type KeyChosen struct{ ID token.ID }

// RecheckTapped looks anew for what is plugged in.
type RecheckTapped struct{}

func (k Keys) read(e KeysRead) Keys {
	k.Read, k.All, k.Err = true, e.Keys, e.Err
	if len(e.Keys) > 0 {
		k.Removed = false
	}
	if _, ok := k.find(k.Chosen); !ok {
		k.Chosen = ""
		var holders []Key
		for _, key := range e.Keys {
			if len(key.Seals) > 0 {
				holders = append(holders, key)
			}
		}
		switch {
		case len(holders) == 1:
			k.Chosen = holders[0].ID
		case len(e.Keys) == 1:
			k.Chosen = e.Keys[0].ID
		}
	}
	return k
}

func (k Keys) find(id token.ID) (Key, bool) {
	for _, key := range k.All {
		if key.ID == id && id != "" {
			return key, true
		}
	}
	return Key{}, false
}

// Key returns the chosen key.
func (k Keys) Key() (Key, bool) { return k.find(k.Chosen) }

// Seals returns the seals of the chosen key.
func (k Keys) Seals() []Seal {
	key, _ := k.Key()
	return key.Seals
}

// State returns the most urgent state at a moment; issued is the date of the trust file, or zero.
func (k Keys) State(now, issued time.Time) KeyState {
	if s, bad := k.driver(); bad {
		return s
	}
	switch {
	case k.Removed:
		return KeyRemoved
	case !k.Read:
		return KeyReading
	case len(k.All) == 0:
		return KeyNone
	}
	key, ok := k.Key()
	if !ok {
		return KeySeveral
	}
	return key.State(now, issued)
}

// driver names what is wrong with the driver.
func (k Keys) driver() (KeyState, bool) {
	var module *token.ModuleError
	switch {
	case k.Err == nil:
		return "", false
	case !errors.As(k.Err, &module):
		return KeyFault, true
	case module.Reason == token.ReasonNone:
		return KeyNoDriver, true
	case module.Reason == token.ReasonInitialise:
		return KeyServiceDown, true
	}
	return KeyWrongDriver, true
}

// State returns the most urgent state of one key.
func (k Key) State(now, issued time.Time) KeyState {
	switch {
	case k.Err != nil:
		return KeyFault
	case k.PIN.Locked:
		return KeyPINLocked
	case k.PIN.Uninitialised || k.PIN.ToBeChanged:
		return KeyInitialPIN
	case len(k.Seals) == 0:
		return KeyNoSeal
	}
	seals := k.sealState(now)
	switch {
	case seals.Rank() == RankStop:
		return seals
	case k.PIN.FinalTry:
		return KeyPINFinal
	case k.PIN.Low:
		return KeyPINLow
	case !issued.IsZero() && now.Before(issued.Add(-24*time.Hour)):
		return KeyClock
	case seals == KeyExpiring:
		return KeyExpiring
	}
	return KeyReady
}

// sealState judges the seals of a key: a bad state counts only if no seal is better.
func (k Key) sealState(now time.Time) KeyState {
	var worst KeyState
	for i, s := range k.Seals {
		state := s.State(now)
		if i == 0 || state.Rank() < worst.Rank() {
			worst = state
		}
	}
	return worst
}

// State judges one seal by its dates and by the trust file; KeyReady where nothing speaks against its use.
func (s Seal) State(now time.Time) KeyState {
	end := s.CertNotAfter
	if s.ValidTo.Before(end) {
		end = s.ValidTo
	}
	switch {
	case s.Status == "reported-lost":
		return KeyLost
	case s.Status != "" && s.Status != "in-force":
		return KeyNotFiled
	case now.After(end):
		return KeyExpired
	case end.Sub(now) < ExpiryWarning:
		return KeyExpiring
	}
	return KeyReady
}

// DaysLeft counts the whole days until the seal or its certificate ends.
func (s Seal) DaysLeft(now time.Time) int {
	end := s.CertNotAfter
	if s.ValidTo.Before(end) {
		end = s.ValidTo
	}
	return int(end.Sub(now).Hours() / 24)
}
