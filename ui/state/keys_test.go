package state

import (
	"errors"
	"testing"
	"time"

	"sealdesk/token"
)

func TestKeyState(t *testing.T) {
	pin := func(p token.PINState) []Key { return []Key{key(func(k *Key) { k.PIN = p })} }
	seal := func(f func(*Seal)) []Key {
		return []Key{key(func(k *Key) { s := good; f(&s); k.Seals = []Seal{s} })}
	}
	two := []Key{key(), key(func(k *Key) { k.ID = "k2" })}
	cases := map[string]struct {
		read   *KeysRead
		issued time.Time
		want   KeyState
	}{
		"nothing read yet":    {nil, time.Time{}, KeyReading},
		"no driver":           {&KeysRead{Err: &token.ModuleError{Reason: token.ReasonNone}}, time.Time{}, KeyNoDriver},
		"wrong driver":        {&KeysRead{Err: &token.ModuleError{Reason: token.ReasonWrongClass}}, time.Time{}, KeyWrongDriver},
		"service down":        {&KeysRead{Err: &token.ModuleError{Reason: token.ReasonInitialise}}, time.Time{}, KeyServiceDown},
		"fault of the driver": {&KeysRead{Err: errors.New("x")}, time.Time{}, KeyFault},
		"no key":              {&KeysRead{}, time.Time{}, KeyNone},
		"two keys with seals": {&KeysRead{Keys: two}, time.Time{}, KeySeveral},
		"one of two has one":  {&KeysRead{Keys: []Key{key(func(k *Key) { k.ID = "k2"; k.Seals = nil }), key()}}, time.Time{}, KeyReady},
		"no seal":             {&KeysRead{Keys: []Key{key(func(k *Key) { k.Seals = nil })}}, time.Time{}, KeyNoSeal},
		"unreadable key":      {&KeysRead{Keys: []Key{key(func(k *Key) { k.Err = errors.New("x") })}}, time.Time{}, KeyFault},
		"ready":               {&KeysRead{Keys: []Key{key()}}, time.Time{}, KeyReady},
		"low":                 {&KeysRead{Keys: pin(token.PINState{Low: true})}, time.Time{}, KeyPINLow},
		"final":               {&KeysRead{Keys: pin(token.PINState{Low: true, FinalTry: true})}, time.Time{}, KeyPINFinal},
		"locked":              {&KeysRead{Keys: pin(token.PINState{Low: true, FinalTry: true, Locked: true})}, time.Time{}, KeyPINLocked},
		"initial PIN":         {&KeysRead{Keys: pin(token.PINState{ToBeChanged: true})}, time.Time{}, KeyInitialPIN},
		"expiring":            {&KeysRead{Keys: seal(func(s *Seal) { s.CertNotAfter = today.AddDate(0, 1, 0) })}, time.Time{}, KeyExpiring},
		"low before expiring": {&KeysRead{Keys: []Key{key(func(k *Key) { s := good; s.ValidTo = today.AddDate(0, 1, 0); k.Seals = []Seal{s}; k.PIN.Low = true })}}, time.Time{}, KeyPINLow},
		"expired certificate": {&KeysRead{Keys: seal(func(s *Seal) { s.CertNotAfter = today.AddDate(0, 0, -1) })}, time.Time{}, KeyExpired},
		"expired seal":        {&KeysRead{Keys: seal(func(s *Seal) { s.ValidTo = today.AddDate(0, 0, -1) })}, time.Time{}, KeyExpired},
		"lost":                {&KeysRead{Keys: seal(func(s *Seal) { s.Status = "reported-lost" })}, time.Time{}, KeyLost},
		"suspended":           {&KeysRead{Keys: seal(func(s *Seal) { s.Status = "suspended" })}, time.Time{}, KeyNotFiled},
		"not listed":          {&KeysRead{Keys: seal(func(s *Seal) { s.Status = "unlisted" })}, time.Time{}, KeyNotFiled},
		"one seal of two lost": {&KeysRead{Keys: []Key{key(func(k *Key) {
			s := good
			s.Status = "reported-lost"
			k.Seals = []Seal{s, good}
		})}}, time.Time{}, KeyReady},
		"clock before the bundle": {&KeysRead{Keys: []Key{key()}}, today.AddDate(0, 0, 2), KeyClock},
	}
	seen := map[KeyState]bool{KeyRemoved: true}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			var k Keys
			if c.read != nil {
				k = k.read(*c.read)
			}
			if got := k.State(today, c.issued); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
		seen[c.want] = true
	}
	for _, s := range KeyStates() {
		if !seen[s] {
			t.Errorf("no case leads to %s", s)
		}
	}
}

func TestKeys_choiceStaysAndGoes(t *testing.T) {
	b := newBench(t, &fakeWork{})
	two := []Key{key(), key(func(k *Key) { k.ID = "k2" })}
	b.do(KeysRead{Keys: two}, KeyChosen{ID: "k2"})
	if k, _ := b.d.Keys.Key(); k.ID != "k2" || b.d.KeyState() != KeyReady {
		t.Fatalf("chosen %q, state %s", k.ID, b.d.KeyState())
	}
	b.do(KeysRead{Keys: two})
	if k, _ := b.d.Keys.Key(); k.ID != "k2" {
		t.Error("reading the keys again has lost the choice")
	}
	b.do(KeysRead{Keys: two[:1]})
	if k, _ := b.d.Keys.Key(); k.ID != "k1" {
		t.Error("the key that is left was not taken")
	}
	b.do(KeyChosen{ID: "absent"})
	if k, _ := b.d.Keys.Key(); k.ID != "k1" {
		t.Error("a key that is not there was chosen")
	}
}

func TestSeal_daysLeft(t *testing.T) {
	if got := good.DaysLeft(today); got != 365 {
		t.Errorf("%d days", got)
	}
}
