package trust

import (
	"errors"
	"fmt"
)

// ErrFormat is matched by every refusal of a trust file because of its content.
var ErrFormat = errors.New("trust: not a trust file")

// FormatError says which part of a trust file is wrong. It matches ErrFormat.
type FormatError struct {
	Field string // such as "anchors[2].certificate"
	Err   error
}

// Error names the field and the reason.
func (e *FormatError) Error() string { return "trust: " + e.Field + ": " + e.Err.Error() }

// Unwrap returns the reason.
func (e *FormatError) Unwrap() error { return e.Err }

// Is matches ErrFormat.
func (e *FormatError) Is(target error) bool { return target == ErrFormat }

func refuse(field, format string, args ...any) error {
	return &FormatError{Field: field, Err: fmt.Errorf(format, args...)}
}
