package receipt

import (
	"errors"
	"fmt"
)

var (
	// ErrFormat is matched by every refusal of a receipt because of its
	// form, its content or its signature value.
	ErrFormat = errors.New("receipt: not a receipt")
	// ErrOther is matched by *CoverError: the receipt is about something else.
	ErrOther = errors.New("receipt: of another seal signature")
)

// FormatError says what is wrong with a receipt. It matches ErrFormat.
type FormatError struct {
	Field string // name in the JSON, "content" or "container"
	Err   error
}

// Error names the field and the reason.
func (e *FormatError) Error() string { return "receipt: " + e.Field + ": " + e.Err.Error() }

// Unwrap gives the reason: *cms.Error for the field "container".
func (e *FormatError) Unwrap() error { return e.Err }

// Is matches ErrFormat.
func (e *FormatError) Is(target error) bool { return target == ErrFormat }

// Situation names the text for people.
func (e *FormatError) Situation() (key string, data map[string]string) {
	return "receipt.format", map[string]string{"Detail": e.Error()}
}

// CoverError names the first field in which a receipt does not agree with a
// seal signature. It matches ErrOther.
type CoverError struct {
	Field     string // name in the JSON
	Got, Want string // of the receipt, of the seal signature
}

// Error names the field.
func (e *CoverError) Error() string {
	return fmt.Sprintf("receipt: of another seal signature: %s is %q instead of %q", e.Field, e.Got, e.Want)
}

// Is matches ErrOther.
func (e *CoverError) Is(target error) bool { return target == ErrOther }

// Situation names the text for people.
func (e *CoverError) Situation() (key string, data map[string]string) {
	return "receipt.other", map[string]string{"Field": e.Field}
}

func refuse(field, format string, args ...any) error {
	return &FormatError{Field: field, Err: fmt.Errorf(format, args...)}
}
