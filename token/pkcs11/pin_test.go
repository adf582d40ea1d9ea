//go:build cgo

package pkcs11_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"sealdesk/cmd/softkey/store"
	"sealdesk/token"
	"sealdesk/token/pkcs11"
)

// desk is an office with one token that can sign.
type desk struct {
	*office
	slot *store.Slot
	holder
	p *pkcs11.Provider
	k token.Token
}

func newDesk(t *testing.T, spec store.TokenSpec, options pkcs11.Options) *desk {
	t.Helper()
	d := &desk{office: newOffice(t), holder: holderOf(t, "sign", forSigning)}
	d.slot = d.token(0, spec)
	d.add(d.slot, "s", d.holder)
	d.p = d.openWith(options)
	d.k = d.only(d.p)
	return d
}

func (d *desk) signer() token.Signer {
	d.Helper()
	d.must(d.k.Login(d.Context(), pin(goodPIN)))
	s, err := d.k.Signer(d.Context(), d.cert)
	d.must(err)
	return s
}

// good makes a signature and checks it.
func (d *desk) good(s token.Signer) {
	d.Helper()
	m := []byte("hello chainmaker")
	der, err := s.SignSM2(d.Context(), m)
	d.must(err)
	if err := d.key.Public().Verify(m, der); err != nil {
		d.Fatal(err)
	}
}

func TestLogin_generalFaultsAreNoWrongPIN(t *testing.T) {
	for fault, want := range map[string]error{
		"login:function-failed": nil, "login:general-error": nil, "login:device-error": nil, "login:rv 0x80000001": nil,
		"login:host-memory": nil, "login:remove-during": token.ErrRemoved, "login:device-removed": token.ErrRemoved,
		"login:token-not-present": token.ErrRemoved, "login:function-rejected": token.ErrPINCancelled,
	} {
		t.Run(fault, func(t *testing.T) {
			d := newDesk(t, store.TokenSpec{}, pkcs11.Options{})
			if name, arg, ok := cut(fault); ok {
				d.must(d.slot.Fault(name, arg))
			}
			asked := 0
			err := d.k.Login(t.Context(), func(context.Context, token.PINRequest) (token.PIN, error) {
				asked++
				return token.NewPIN([]byte(goodPIN)), nil
			})
			var wrong *token.PINError
			var op *token.OpError
			switch {
			case err == nil || errors.As(err, &wrong):
				t.Errorf("got %v", err)
			case want != nil && !errors.Is(err, want):
				t.Errorf("got %v, want %v", err, want)
			case want == nil && (!errors.As(err, &op) || op.Op != "C_Login"):
				t.Errorf("got %v, want *token.OpError", err)
			}
			if asked != 1 {
				t.Errorf("asked %d times", asked)
			}
		})
	}
}

func cut(fault string) (name, arg string, ok bool) {
	for i := range fault {
		if fault[i] == ' ' {
			return fault[:i], fault[i+1:], true
		}
	}
	return fault, "", true
}

func TestLogin_expiredPIN(t *testing.T) {
	d := newDesk(t, store.TokenSpec{}, pkcs11.Options{})
	d.must(d.slot.SetFlags(store.Flags{ToBeChanged: true}))
	var warned token.PINState
	err := d.k.Login(t.Context(), func(_ context.Context, r token.PINRequest) (token.PIN, error) {
		warned = r.Warning
		return token.NewPIN([]byte(goodPIN)), nil
	})
	var e *token.PINError
	if !errors.As(err, &e) || !e.Expired || e.Wrong || !warned.ToBeChanged || token.WhatToDo(err) != token.RemedyChangePIN {
		t.Errorf("got %v, warned %+v", err, warned)
	}
}

func TestLogin_lockedWithoutFlags(t *testing.T) {
	d := newDesk(t, store.TokenSpec{Profile: "hide-pin-flags"}, pkcs11.Options{})
	d.must(d.slot.SetTries(0))
	err := d.k.Login(t.Context(), pin(goodPIN))
	var e *token.PINError
	if !errors.As(err, &e) || !e.Locked || e.Wrong {
		t.Errorf("got %v", err)
	}
}

func TestLogin_withoutPINOnTheKey(t *testing.T) {
	o := newOffice(t)
	o.must(store.Init(o.dir, 0, store.TokenSpec{}))
	s, err := store.Open(o.dir, 0)
	o.must(err)
	o.must(s.Insert())
	err = o.only(o.open()).Login(t.Context(), func(context.Context, token.PINRequest) (token.PIN, error) {
		t.Error("asked")
		return token.PIN{}, token.ErrPINCancelled
	})
	var e *token.PINError
	if !errors.As(err, &e) || !e.State.Uninitialised {
		t.Errorf("got %v", err)
	}
}

func TestLogin_protectedPath(t *testing.T) {
	d := newDesk(t, store.TokenSpec{Protected: true}, pkcs11.Options{Deadline: 2 * time.Second})
	typed := token.NewPIN([]byte("typed by mistake"))
	ask := func(_ context.Context, r token.PINRequest) (token.PIN, error) {
		if !r.Token.ProtectedPath {
			t.Error("the dialogue was not told")
		}
		return typed, nil
	}
	d.must(d.slot.SetFlags(store.Flags{Pad: store.PadCancel}))
	if err := d.k.Login(t.Context(), ask); !errors.Is(err, token.ErrPINCancelled) {
		t.Errorf("cancelled at the key: %v", err)
	}
	d.must(d.slot.SetFlags(store.Flags{Pad: store.PadWrong}))
	var e *token.PINError
	if err := d.k.Login(t.Context(), ask); !errors.As(err, &e) || !e.Wrong || !e.State.Low {
		t.Errorf("wrong at the key: %v", err)
	}
	d.must(d.slot.SetFlags(store.Flags{PadDelayMS: 2500})) // longer than the deadline of other calls
	d.must(d.k.Login(t.Context(), ask))
	if typed.Bytes() != nil {
		t.Error("the PIN was not wiped")
	}
}

func TestLogin_givenUpAtThePad(t *testing.T) {
	d := newDesk(t, store.TokenSpec{Protected: true}, pkcs11.Options{})
	d.must(d.slot.SetFlags(store.Flags{PadDelayMS: 3000}))
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if err := d.k.Login(ctx, pin("")); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("got %v", err)
	}
	// The call inside the module ends later and succeeds: nobody may stay logged in by it.
	if _, err := d.k.Signer(t.Context(), d.cert); !errors.Is(err, token.ErrNotLoggedIn) {
		t.Errorf("got %v", err)
	}
}

func TestSign_alwaysAuthenticate(t *testing.T) {
	o := newOffice(t)
	h := holderOf(t, "sign", forSigning)
	s := o.token(0, store.TokenSpec{})
	o.must(s.AddKeyWith([]byte("s"), h.key.D(), "key", store.KeyOptions{AlwaysAuthenticate: true}))
	o.must(s.AddCertificate([]byte("s"), h.cert, "certificate"))
	k := o.only(o.open())
	answer, asked := goodPIN, 0
	var last token.PINRequest
	o.must(k.Login(t.Context(), func(_ context.Context, r token.PINRequest) (token.PIN, error) {
		asked, last = asked+1, r
		switch answer {
		case "":
			return token.PIN{}, token.ErrPINCancelled
		case "pull":
			o.must(s.Remove())
		}
		return token.NewPIN([]byte(answer)), nil
	}))
	signer, err := k.Signer(t.Context(), h.cert)
	o.must(err)
	sign := func() error {
		der, err := signer.SignSM2(t.Context(), []byte("m"))
		if err == nil {
			err = h.key.Public().Verify([]byte("m"), der)
		}
		return err
	}
	o.must(sign())
	o.must(sign())
	if asked != 3 || !last.EachSignature || last.Attempt != 1 {
		t.Errorf("asked %d times: %+v", asked, last)
	}
	answer = ""
	if err := sign(); !errors.Is(err, token.ErrPINCancelled) {
		t.Errorf("cancelled: %v", err)
	}
	answer = wrongPIN
	var e *token.PINError
	if err := sign(); !errors.As(err, &e) || !e.Wrong || !e.State.Low || asked != 5 {
		t.Errorf("wrong: %v after %d questions", err, asked)
	}
	answer = goodPIN
	o.must(sign())
	o.must(s.Fault("wrong-signature", ""))
	asked = 0
	o.must(sign())
	if asked != 2 || last.Attempt != 2 {
		t.Errorf("after a bad signature: asked %d times, attempt %d", asked, last.Attempt)
	}
	answer = "pull"
	if err := sign(); !errors.Is(err, token.ErrRemoved) {
		t.Errorf("pulled during the question: %v", err)
	}
}
