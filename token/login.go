package token

import (
	"context"
	"errors"
	"fmt"
)

// PINDevice is what a driver offers to LogIn.
type PINDevice interface {
	// Info reads the PIN state anew; ErrRemoved if the key, or another key, is not the one that was opened.
	Info(ctx context.Context) (Info, error)
	// SendPIN sends the PIN exactly once; nil on a protected path. A *PINError need not hold a State.
	SendPIN(ctx context.Context, pin []byte) error
}

// LogIn is the PIN dialogue that every driver keeps (usbkey.md, §5.4): the state is read before the question, again before the PIN
// is sent, and again afterwards; a locked key is never tried; the last try needs PIN.ConfirmFinal; a PIN is sent once and wiped.
// r is completed with Token and Warning. Errors: *PINError, ErrFinalTry, those of ask and of the device.
func LogIn(ctx context.Context, d PINDevice, ask PINFunc, r PINRequest) error {
	before, err := usable(ctx, d)
	if err != nil {
		return err
	}
	if ask == nil {
		return fmt.Errorf("token: log in: %w", ErrPINCancelled)
	}
	r.Token, r.Warning = before, before.PIN
	pin, err := ask(ctx, r)
	defer pin.Wipe()
	if err != nil {
		return err
	}
	if err := fits(before, pin); err != nil {
		return err
	}
	now, err := usable(ctx, d)
	if err != nil {
		return err
	}
	if now.ID != before.ID {
		return ErrRemoved
	}
	if now.PIN.FinalTry && !pin.Final() {
		return ErrFinalTry
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	secret := pin.Bytes()
	if now.ProtectedPath {
		secret = nil
	}
	return afterwards(ctx, d, d.SendPIN(ctx, secret), now.PIN)
}

// usable reads the state and refuses a key that no PIN can open.
func usable(ctx context.Context, d PINDevice) (Info, error) {
	info, err := d.Info(ctx)
	switch {
	case err != nil:
		return info, err
	case info.PIN.Locked:
		return info, &PINError{Locked: true, State: info.PIN}
	case info.PIN.Uninitialised:
		return info, &PINError{State: info.PIN}
	}
	return info, nil
}

// fits checks the length, so that a slip of the finger costs no try. Limits that make no sense are passed over.
func fits(info Info, pin PIN) error {
	if info.ProtectedPath {
		return nil
	}
	n := len(pin.Bytes())
	known := info.PINMin >= 0 && info.PINMax > 0 && info.PINMin <= info.PINMax
	if n == 0 || known && (n < info.PINMin || n > info.PINMax) {
		e := &PINError{Length: true, State: info.PIN}
		if known {
			e.Min, e.Max = info.PINMin, info.PINMax
		}
		return e
	}
	return nil
}

// afterwards completes a refusal with the state that it left behind.
func afterwards(ctx context.Context, d PINDevice, err error, before PINState) error {
	var pin *PINError
	if !errors.As(err, &pin) {
		return err
	}
	after, stateErr := d.Info(ctx)
	switch {
	case errors.Is(stateErr, ErrRemoved):
		return stateErr
	case stateErr != nil:
		after.PIN = before
		after.PIN.Low = after.PIN.Low || pin.Wrong
	}
	full := *pin
	full.State = after.PIN
	full.Locked = pin.Locked || after.PIN.Locked
	return &full
}
