//go:build cgo

package pkcs11

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	p11 "github.com/miekg/pkcs11"

	"sealdesk/token"
)

// atKey is how long a person may take to act on a key with its own PIN pad.
const atKey = 5 * time.Minute

// loggedIn asks the session, which knows better than any record of ours.
func (l *library) loggedIn(s *slot) (bool, error) {
	i, err := l.sessionInfo(s.session)
	return i.State == p11.CKS_RO_USER_FUNCTIONS || i.State == p11.CKS_RW_USER_FUNCTIONS, err
}

// Login implements token.Token.
func (k *usbKey) Login(ctx context.Context, ask token.PINFunc) error {
	logged, err := onKey(ctx, k, func(l *library) (bool, error) { return l.loggedIn(k.slot) })
	if err != nil {
		return err
	}
	if !logged {
		if err := token.LogIn(ctx, pinDevice{k}, ask, token.PINRequest{}); err != nil {
			return err
		}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.ask = ask
	k.logged = k.logged || !logged
	return nil
}

// pinDevice logs the user in.
type pinDevice struct{ *usbKey }

// SendPIN implements token.PINDevice.
func (d pinDevice) SendPIN(ctx context.Context, secret []byte) error {
	return d.send(ctx, secret, func(l *library, mine []byte, limit time.Duration) error {
		err := l.login(d.slot.session, p11.CKU_USER, mine, limit)
		if err == nil && l.t.left.Load() {
			l.undo(func() { err = l.logout(d.slot.session) })
		}
		return err
	})
}

// send runs f on the owner with a copy of the PIN, which it wipes: the caller may stop waiting and wipe the PIN while the library
// still reads it. A protected path gets the time that a person needs.
func (k *usbKey) send(ctx context.Context, secret []byte, f func(l *library, mine []byte, limit time.Duration) error) error {
	mine := slices.Clone(secret)
	limit := k.p.o.Deadline
	if secret == nil {
		limit = max(limit, atKey)
	}
	_, err := always(ctx, k.p.m.owner, false, limit, func(t *task) (struct{}, error) {
		defer clear(mine)
		if k.slot.gone {
			return struct{}{}, fmt.Errorf("pkcs11: %w", token.ErrRemoved)
		}
		l := k.p.m.library(t, k.p.o.Deadline)
		return struct{}{}, k.p.m.judge(l, k.slot, f(l, mine, limit))
	})
	return err
}

// Logout implements token.Token. It ends only a log-in that this Token made.
func (k *usbKey) Logout(ctx context.Context) error {
	k.mu.Lock()
	logged := k.logged
	k.mu.Unlock()
	if !logged {
		return nil
	}
	_, err := onKey(ctx, k, func(l *library) (struct{}, error) {
		err := l.logout(k.slot.session)
		if hasCode(err, ckrNotLoggedIn) {
			err = nil
		}
		return struct{}{}, err
	})
	if errors.Is(err, token.ErrRemoved) {
		err = nil // pulling a key logs it out
	}
	if err == nil {
		k.mu.Lock()
		k.logged, k.ask = false, nil
		k.mu.Unlock()
	}
	return err
}
