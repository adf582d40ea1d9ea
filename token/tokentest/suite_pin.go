package tokentest

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"sealdesk/token"
)

func wrongs(b Bench) bool { return b.WrongPIN != nil }

func locks(b Bench) bool { return b.WrongPIN != nil && b.Tries > 1 }

var dialogue = []testCase{
	{"logging in asks once and wipes", always, func(r *rig) {
		tok := r.open()
		r.login(tok)
		if r.asked != 1 || r.last.Token.ID != r.info().ID || r.last.Warning != (token.PINState{}) {
			r.Errorf("asked %d times: %+v", r.asked, r.last)
		}
		r.wiped()
		r.must(tok.Login(r.ctx, r.never))
		r.must(tok.Logout(r.ctx))
		r.must(tok.Logout(r.ctx))
		r.login(tok)
	}},
	{"cancel sends nothing", always, func(r *rig) {
		tok := r.open()
		typed := token.NewPIN([]byte("typed halfway"))
		err := tok.Login(r.ctx, func(context.Context, token.PINRequest) (token.PIN, error) {
			return typed, token.ErrPINCancelled
		})
		r.want(err, token.ErrPINCancelled)
		if typed.Bytes() != nil {
			r.Error("the PIN was not wiped")
		}
		r.unchanged(tok)
	}},
	{"an error of the dialogue is handed on", always, func(r *rig) {
		broken := fmt.Errorf("no terminal")
		r.want(r.open().Login(r.ctx, func(context.Context, token.PINRequest) (token.PIN, error) { return token.PIN{}, broken }), broken)
	}},
	{"an empty and an endless PIN are not sent", always, func(r *rig) {
		tok := r.open()
		if r.info().ProtectedPath {
			r.must(tok.Login(r.ctx, r.answer(nil, false))) // the key takes no PIN from here
			return
		}
		for _, pin := range [][]byte{nil, {}, bytes.Repeat([]byte("1"), 300)} {
			if len(pin) > 0 && r.info().PINMax == 0 {
				continue
			}
			if e := r.pinError(tok.Login(r.ctx, r.answer(pin, false))); !e.Length || e.Wrong {
				r.Errorf("PIN of %d bytes: %+v", len(pin), e)
			}
		}
		r.wiped()
		r.unchanged(tok)
	}},
	{"a wrong PIN is sent once", wrongs, func(r *rig) {
		tok := r.open()
		e := r.pinError(tok.Login(r.ctx, r.answer(r.WrongPIN, false)))
		if !e.Wrong || e.Locked || e.Length || e.Expired || r.asked != 1 {
			r.Errorf("asked %d times: %+v", r.asked, e)
		}
		r.wiped()
		if r.Tries > 0 && (!e.State.Low || !r.info().PIN.Low) {
			r.Errorf("the key does not warn: %+v", e)
		}
		if _, err := tok.Signer(r.ctx, r.Certificate); err == nil {
			r.Error("a signer after a wrong PIN")
		}
		r.login(tok)
		if r.Tries > 0 && !r.last.Warning.Low {
			r.Error("the second dialogue was not told of the first")
		}
		if r.info().PIN.Low {
			r.Error("the warning stays after a good PIN")
		}
	}},
	{"the final try needs a word", locks, func(r *rig) {
		tok := r.open()
		r.waste(tok, r.Tries-1)
		if !r.info().PIN.FinalTry {
			r.Fatalf("no warning of the final try: %+v", r.info().PIN)
		}
		r.want(tok.Login(r.ctx, r.answer(r.PIN, false)), token.ErrFinalTry)
		r.wiped()
		if !r.last.Warning.FinalTry || !r.info().PIN.FinalTry || r.info().PIN.Locked {
			r.Errorf("question %+v, state %+v", r.last.Warning, r.info().PIN)
		}
		r.must(tok.Login(r.ctx, r.answer(r.PIN, true)))
		if r.info().PIN.Warns() {
			r.Errorf("state after a good PIN: %+v", r.info().PIN)
		}
	}},
	{"a locked key is never tried", locks, func(r *rig) {
		tok := r.open()
		r.waste(tok, r.Tries-1)
		e := r.pinError(tok.Login(r.ctx, r.answer(r.WrongPIN, true)))
		if !e.Wrong || !e.Locked {
			r.Errorf("the locking try: %+v", e)
		}
		e = r.pinError(tok.Login(r.ctx, r.never))
		if e.Wrong || !e.Locked || !e.State.Locked {
			r.Errorf("the locked key: %+v", e)
		}
		if !r.info().PIN.Locked {
			r.Errorf("state: %+v", r.info().PIN)
		}
	}},
}

// waste types wrong PINs.
func (r *rig) waste(tok token.Token, n int) {
	r.Helper()
	for range n {
		var e *token.PINError
		if err := tok.Login(r.ctx, r.answer(r.WrongPIN, false)); !errors.As(err, &e) || !e.Wrong {
			r.Fatalf("wrong PIN: %v", err)
		}
	}
}

// unchanged checks that no try was spent and nobody is logged in.
func (r *rig) unchanged(tok token.Token) {
	r.Helper()
	if r.info().PIN.Warns() {
		r.Errorf("a try was spent: %+v", r.info().PIN)
	}
	if _, err := tok.Signer(r.ctx, r.Certificate); err == nil {
		r.Error("logged in without a PIN")
	}
}
