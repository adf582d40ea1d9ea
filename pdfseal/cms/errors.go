package cms

import (
	"errors"
	"fmt"

	"sealdesk/pdfseal/internal/der"
)

var (
	// ErrFormat: the bytes are not a SignedData in strict DER.
	ErrFormat = errors.New("cms: format")
	// ErrLimit: a budget of rule R1 is exceeded.
	ErrLimit = der.ErrLimit
	// ErrUnsupported: an algorithm outside the closed lists of rule C3.
	ErrUnsupported = errors.New("cms: unsupported algorithm")
)

// Error says which rule (C1 to C7) a container breaks. Err is the cause, if
// there is one: ErrFormat, ErrLimit, ErrUnsupported or an error of gm.
type Error struct {
	Rule string
	Msg  string
	Err  error
}

// Error implements error.
func (e *Error) Error() string {
	s := "cms: " + e.Rule + ": " + e.Msg
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

func broken(rule, format string, args ...any) error {
	return &Error{Rule: rule, Msg: fmt.Sprintf(format, args...)}
}

// malformed is a breach of rule C1; cause may be nil. It matches ErrFormat
// and the cause.
func malformed(field string, cause error) error {
	if cause == nil {
		return &Error{Rule: "C1", Msg: field, Err: ErrFormat}
	}
	return &Error{Rule: "C1", Msg: field, Err: fmt.Errorf("%w: %w", ErrFormat, cause)}
}
