package tokentest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"sealdesk/token"
)

var signing = []testCase{
	{"a key without SM2 says so before the PIN", func(b Bench) bool { return !b.SM2 }, func(r *rig) {
		tok := r.open()
		r.want(tok.CheckSM2(r.ctx, r.Certificate), token.ErrNoSM2)
		_, err := tok.Signer(r.ctx, r.Certificate)
		r.want(err, token.ErrNoSM2)
		r.login(tok)
		_, err = tok.Signer(r.ctx, r.Certificate)
		r.want(err, token.ErrNoSM2)
	}},
	{"signing needs a log-in", signs, func(r *rig) {
		tok := r.open()
		r.must(tok.CheckSM2(r.ctx, r.Certificate))
		_, err := tok.Signer(r.ctx, r.Certificate)
		r.want(err, token.ErrNotLoggedIn)
		r.login(tok)
		s := r.signer(tok)
		r.must(tok.Logout(r.ctx))
		_, err = s.SignSM2(r.ctx, []byte("m"))
		r.want(err, token.ErrNotLoggedIn)
	}},
	{"signatures verify", signs, func(r *rig) {
		tok := r.open()
		r.login(tok)
		s := r.signer(tok)
		if !bytes.Equal(s.Certificate(), r.Certificate) {
			r.Error("another certificate")
		}
		for _, m := range [][]byte{nil, []byte("hello chainmaker"), bytes.Repeat([]byte{0x5A}, 60_000)} {
			for range 4 { // several, since a short r or s shows only now and then
				der, err := s.SignSM2(r.ctx, m)
				r.must(err)
				r.check(m, der)
			}
		}
	}},
	{"signatures from many goroutines", signs, func(r *rig) {
		tok := r.open()
		r.login(tok)
		s := r.signer(tok)
		var wg sync.WaitGroup
		for i := range 4 {
			wg.Go(func() {
				for j := range 5 {
					m := fmt.Appendf(nil, "message %d of %d", j, i)
					der, err := s.SignSM2(r.ctx, m)
					if err == nil {
						err = verify(r.Crypto, r.Certificate, m, der)
					}
					if err != nil {
						r.Error(err)
						return
					}
					if _, err := tok.Info(r.ctx); err != nil {
						r.Error(err)
					}
				}
			})
		}
		wg.Wait()
	}},
	{"a cancelled signature is no signature", signs, func(r *rig) {
		tok := r.open()
		r.login(tok)
		s := r.signer(tok)
		ctx, cancel := context.WithCancel(r.ctx)
		cancel()
		_, err := s.SignSM2(ctx, []byte("m"))
		r.want(err, context.Canceled)
		der, err := s.SignSM2(r.ctx, []byte("m"))
		r.must(err)
		r.check([]byte("m"), der)
	}},
}

// signFault checks that a fault ends in an error or in a good signature, never in anything else, and that the key works afterwards.
func signFault(r *rig, name string) {
	tok := r.open()
	r.login(tok)
	s := r.signer(tok)
	f := r.Faults[name]
	f.Arm()
	m := []byte("message")
	der, err := s.SignSM2(r.ctx, m)
	var pin *token.PINError
	switch {
	case err == nil && f.Heal:
		r.check(m, der)
	case err == nil:
		r.Fatal("no error")
	case der != nil:
		r.Error("a signature beside an error")
	case errors.As(err, &pin) || strings.Contains(err.Error(), "wrong PIN"):
		r.Errorf("shown as a PIN error: %v", err)
	case f.Want != nil:
		r.want(err, f.Want)
	case errors.Is(err, token.ErrRemoved):
		r.Errorf("shown as a removal: %v", err)
	}
	if errors.Is(err, token.ErrRemoved) {
		return
	}
	der, err = s.SignSM2(r.ctx, m)
	r.must(err)
	r.check(m, der)
}
