package gm

import (
	"errors"
	"fmt"
)

// ErrSignature reports that a well-formed SM2 signature value is not the
// signature of the message by the key.
var ErrSignature = errors.New("gm: SM2 signature does not verify")

// ErrUnsupported reports an algorithm other than SM2 with SM3.
var ErrUnsupported = errors.New("gm: algorithm is not SM2 with SM3")

// FormatError reports bytes that are not what they should be: not strict DER,
// a number out of range, a point off the curve, an element left over.
type FormatError struct {
	Field string // what was read, such as "signature value" or "certificate extensions"
	Err   error
}

// Error names the field and the reason.
func (e *FormatError) Error() string { return "gm: " + e.Field + ": " + e.Err.Error() }

// Unwrap returns the reason.
func (e *FormatError) Unwrap() error { return e.Err }

func malformed(field, format string, args ...any) error {
	return &FormatError{Field: field, Err: fmt.Errorf(format, args...)}
}

// inField wraps the error of a reader, nil stays nil.
func inField(field string, err error) error {
	if err == nil {
		return nil
	}
	var inner *FormatError
	if errors.As(err, &inner) {
		return err
	}
	return &FormatError{Field: field, Err: err}
}
