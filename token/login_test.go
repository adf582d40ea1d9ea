package token

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"
)

// script is a key that answers as told.
type script struct {
	infos []Info  // one for each reading; the last one stays
	errs  []error // of the readings
	send  error
	sent  [][]byte
}

func (s *script) Info(context.Context) (Info, error) {
	i := s.infos[0]
	if len(s.infos) > 1 {
		s.infos = s.infos[1:]
	}
	var err error
	if len(s.errs) > 0 {
		err, s.errs = s.errs[0], s.errs[1:]
	}
	return i, err
}

func (s *script) SendPIN(_ context.Context, pin []byte) error {
	s.sent = append(s.sent, bytes.Clone(pin))
	return s.send
}

func TestLogIn(t *testing.T) {
	plain := Info{ID: "a", PINMin: 4, PINMax: 8}
	with := func(change func(*Info)) Info {
		i := plain
		change(&i)
		return i
	}
	final := with(func(i *Info) { i.PIN = PINState{Low: true, FinalTry: true} })
	locked := with(func(i *Info) { i.PIN = PINState{Locked: true} })
	low := with(func(i *Info) { i.PIN.Low = true })
	pad := with(func(i *Info) { i.ProtectedPath = true })
	broken := errors.New("broken")
	wrong := &OpError{Op: "C_Login", Code: 0xA0, Err: &PINError{Wrong: true}}
	for name, c := range map[string]struct {
		key    script
		pin    string
		final  bool
		asked  int
		sent   int
		is     error
		pinErr *PINError
	}{
		"good":                   {key: script{infos: []Info{plain}}, pin: "1234", asked: 1, sent: 1},
		"wrong":                  {key: script{infos: []Info{plain, plain, low}, send: wrong}, pin: "1234", asked: 1, sent: 1, pinErr: &PINError{Wrong: true, State: low.PIN}},
		"wrong and locked by it": {key: script{infos: []Info{final, final, locked}, send: wrong}, pin: "1234", final: true, asked: 1, sent: 1, pinErr: &PINError{Wrong: true, Locked: true, State: locked.PIN}},
		"wrong and then silent": {key: script{infos: []Info{plain}, errs: []error{nil, nil, broken}, send: wrong}, pin: "1234", asked: 1, sent: 1,
			pinErr: &PINError{Wrong: true, State: PINState{Low: true}}},
		"wrong and then pulled":         {key: script{infos: []Info{plain}, errs: []error{nil, nil, ErrRemoved}, send: wrong}, pin: "1234", asked: 1, sent: 1, is: ErrRemoved},
		"locked":                        {key: script{infos: []Info{locked}}, pin: "1234", pinErr: &PINError{Locked: true, State: locked.PIN}},
		"locked during the question":    {key: script{infos: []Info{plain, locked}}, pin: "1234", asked: 1, pinErr: &PINError{Locked: true, State: locked.PIN}},
		"no PIN set":                    {key: script{infos: []Info{{PIN: PINState{Uninitialised: true}}}}, pin: "1234", pinErr: &PINError{State: PINState{Uninitialised: true}}},
		"final try without a word":      {key: script{infos: []Info{final}}, pin: "1234", asked: 1, is: ErrFinalTry},
		"final try with a word":         {key: script{infos: []Info{final}}, pin: "1234", final: true, asked: 1, sent: 1},
		"final try since the question":  {key: script{infos: []Info{plain, final}}, pin: "1234", asked: 1, is: ErrFinalTry},
		"another key since":             {key: script{infos: []Info{plain, with(func(i *Info) { i.ID = "b" })}}, pin: "1234", asked: 1, is: ErrRemoved},
		"pulled before":                 {key: script{infos: []Info{plain}, errs: []error{ErrRemoved}}, pin: "1234", is: ErrRemoved},
		"pulled during the question":    {key: script{infos: []Info{plain}, errs: []error{nil, ErrRemoved}}, pin: "1234", asked: 1, is: ErrRemoved},
		"general fault":                 {key: script{infos: []Info{plain}, send: &OpError{Op: "C_Login", Code: 6}}, pin: "1234", asked: 1, sent: 1, is: errNoPIN},
		"too short":                     {key: script{infos: []Info{plain}}, pin: "123", asked: 1, pinErr: &PINError{Length: true, Min: 4, Max: 8}},
		"too long":                      {key: script{infos: []Info{plain}}, pin: "123456789", asked: 1, pinErr: &PINError{Length: true, Min: 4, Max: 8}},
		"empty, limits unknown":         {key: script{infos: []Info{{}}}, asked: 1, pinErr: &PINError{Length: true}},
		"limits that make no sense":     {key: script{infos: []Info{{PINMin: 9, PINMax: 4}}}, pin: "1", asked: 1, sent: 1},
		"typed at the key":              {key: script{infos: []Info{pad}}, asked: 1, sent: 1},
		"typed here though not allowed": {key: script{infos: []Info{pad}}, pin: "1234", asked: 1, sent: 1},
	} {
		t.Run(name, func(t *testing.T) {
			asked := 0
			typed := NewPIN([]byte(c.pin))
			err := LogIn(t.Context(), &c.key, func(_ context.Context, r PINRequest) (PIN, error) {
				asked++
				if r.Reason != "reason" || r.Warning != r.Token.PIN {
					t.Errorf("question %+v", r)
				}
				if c.final {
					return typed.ConfirmFinal(), nil
				}
				return typed, nil
			}, PINRequest{Reason: "reason"})
			if asked != c.asked || len(c.key.sent) != c.sent {
				t.Errorf("asked %d, sent %d; want %d, %d", asked, len(c.key.sent), c.asked, c.sent)
			}
			if asked > 0 && typed.Bytes() != nil {
				t.Error("not wiped")
			}
			for _, sent := range c.key.sent {
				if c.key.infos[0].ProtectedPath != (sent == nil) {
					t.Errorf("sent %q", sent)
				}
			}
			checkLogIn(t, err, c.is, c.pinErr)
		})
	}
}

// errNoPIN stands for an error that must not be a PIN error.
var errNoPIN = errors.New("no PIN error")

func checkLogIn(t *testing.T, err, is error, want *PINError) {
	t.Helper()
	var got *PINError
	isPIN := errors.As(err, &got)
	switch {
	case want != nil:
		if !isPIN || *got != *want {
			t.Errorf("got %+v, want %+v", err, want)
		}
	case isPIN:
		t.Errorf("got %+v", got)
	case is == errNoPIN:
		if err == nil {
			t.Error("no error")
		}
	case !errors.Is(err, is):
		t.Errorf("got %v, want %v", err, is)
	}
}

func TestLogIn_cancelled(t *testing.T) {
	key := &script{infos: []Info{{}}}
	typed := NewPIN([]byte("1234"))
	if err := LogIn(t.Context(), key, func(context.Context, PINRequest) (PIN, error) { return typed, ErrPINCancelled }, PINRequest{}); !errors.Is(err, ErrPINCancelled) {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	err := LogIn(ctx, key, func(context.Context, PINRequest) (PIN, error) { cancel(); return NewPIN([]byte("1234")), nil }, PINRequest{})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if err := LogIn(t.Context(), key, nil, PINRequest{}); !errors.Is(err, ErrPINCancelled) {
		t.Errorf("nobody to ask: %v", err)
	}
	if len(key.sent) != 0 || typed.Bytes() != nil {
		t.Errorf("sent %q, left %q", key.sent, typed.Bytes())
	}
}

func TestErrors(t *testing.T) {
	seen := map[string]bool{}
	for err, do := range map[error]Remedy{
		ErrNoToken: RemedyInsert, ErrRemoved: RemedyReinsert, ErrClosed: RemedyReinsert, ErrPINCancelled: RemedyNone,
		ErrNotLoggedIn: RemedyLogIn, ErrNoKey: RemedyOtherKey, ErrAmbiguousKey: RemedyOtherKey, ErrNoSM2: RemedyDriver,
		ErrBadSignature: RemedyDriver, ErrUnsupported: RemedyDriver, ErrFinalTry: RemedyConfirm, ErrTimeout: RemedyReinsert,
		&PINError{Wrong: true}:                                  RemedyRetype,
		&PINError{Wrong: true, State: PINState{FinalTry: true}}: RemedyRetype,
		&PINError{Length: true, Min: 4, Max: 8}:                 RemedyRetype,
		&PINError{Length: true}:                                 RemedyRetype,
		&PINError{Locked: true}:                                 RemedyUnlock,
		&PINError{Wrong: true, Locked: true}:                    RemedyUnlock,
		&PINError{State: PINState{Uninitialised: true}}:         RemedyUnlock,
		&PINError{Expired: true}:                                RemedyChangePIN,
		&ModuleError{Path: "/x.so", Reason: ReasonMissing}:      RemedyDriver,
		&ModuleError{Reason: ReasonNone}:                        RemedyDriver,
		&OpError{Op: "C_Sign", Code: 5}:                         RemedyRetry,
		errors.New("token: something else"):                     RemedyRetry,
	} {
		if got := WhatToDo(fmt.Errorf("wrapped: %w", err)); got != do {
			t.Errorf("%v: %q, want %q", err, got, do)
		}
		text := err.Error()
		if text == "" || seen[text] {
			t.Errorf("empty or twice: %q", text)
		}
		seen[text] = true
	}
	if WhatToDo(nil) != RemedyNone {
		t.Error("something to do about nothing")
	}
	op := &OpError{Op: "C_Login", Code: 0xA4, Name: "CKR_PIN_LOCKED", Err: &PINError{Locked: true}}
	if op.Error() != "C_Login: 0x000000A4 CKR_PIN_LOCKED: token: the UsbKey is locked" {
		t.Errorf("got %q", op.Error())
	}
	m := &ModuleError{Path: "/x.so", Reason: ReasonLoad, Err: op}
	var inner *PINError
	if !errors.As(m, &inner) || m.Error() != "token: driver /x.so: the system cannot load it: "+op.Error() {
		t.Errorf("got %q", m.Error())
	}
}
