package token

import "errors"

// Remedy is what the user may do about an error.
type Remedy string

// The remedies.
const (
	RemedyNone      Remedy = ""              // nothing to do: no error, or a cancel
	RemedyInsert    Remedy = "insert"        // plug the UsbKey in
	RemedyReinsert  Remedy = "reinsert"      // plug it in again and start over
	RemedyRetype    Remedy = "retype"        // type the PIN again, with care
	RemedyConfirm   Remedy = "confirm-final" // say that the last try is wanted
	RemedyUnlock    Remedy = "unlock"        // have the issuing department unlock the UsbKey
	RemedyChangePIN Remedy = "change-pin"    // change the initial or expired PIN
	RemedyLogIn     Remedy = "log-in"        // log in first
	RemedyOtherKey  Remedy = "other-key"     // use another UsbKey, or leave only one plugged in
	RemedyDriver    Remedy = "driver"        // configure another driver or profile
	RemedyRetry     Remedy = "try-again"     // try again; if it stays, send the log
)

// WhatToDo tells what the user may do about an error of this package. An unknown error can only be tried again.
func WhatToDo(err error) Remedy {
	if err == nil {
		return RemedyNone
	}
	var pin *PINError
	if errors.As(err, &pin) {
		return pin.remedy()
	}
	var module *ModuleError
	if errors.As(err, &module) {
		return RemedyDriver
	}
	for _, s := range remedies {
		if errors.Is(err, s.err) {
			return s.do
		}
	}
	return RemedyRetry
}

func (e *PINError) remedy() Remedy {
	switch {
	case e.Locked || e.State.Locked || e.State.Uninitialised:
		return RemedyUnlock
	case e.Expired:
		return RemedyChangePIN
	default:
		return RemedyRetype
	}
}

// remedies is ordered: an error that wraps two of them means the first.
var remedies = []struct {
	err error
	do  Remedy
}{
	{ErrPINCancelled, RemedyNone},
	{ErrRemoved, RemedyReinsert},
	{ErrClosed, RemedyReinsert},
	{ErrNoToken, RemedyInsert},
	{ErrFinalTry, RemedyConfirm},
	{ErrNotLoggedIn, RemedyLogIn},
	{ErrAmbiguousKey, RemedyOtherKey},
	{ErrNoKey, RemedyOtherKey},
	{ErrNoSM2, RemedyDriver},
	{ErrBadSignature, RemedyDriver},
	{ErrUnsupported, RemedyDriver},
	{ErrTimeout, RemedyReinsert},
}
