package ses

import (
	"errors"

	"sealdesk/pdfseal/internal/der"
)

var (
	// ErrFormat: the bytes are not a seal or seal signature of a known
	// version. Every *FormatError matches it.
	ErrFormat = errors.New("ses: format")
	// ErrLimit: a budget of rule R1 is exceeded. Such an error matches
	// ErrFormat as well.
	ErrLimit = der.ErrLimit
	// ErrUnsupported: the structure is sound, but its algorithm or key is not
	// SM2 with SM3 (rule E8).
	ErrUnsupported = errors.New("ses: unsupported algorithm")
	// ErrPictureType: the picture is of a type that is not decoded, such as
	// "ofd" or "svg"; a placeholder belongs in its place (rule E6).
	ErrPictureType = errors.New("ses: picture type is not PNG, JPEG, GIF or BMP")
	// ErrPicture: the picture's bytes are damaged or contradict its type.
	ErrPicture = errors.New("ses: picture is damaged or of another type")
	// ErrPictureSize: the picture is larger than MaxPictureSide.
	ErrPictureSize = errors.New("ses: picture is too large")
)

// FormatError says which field of the structure is wrong, as a path such as
// "seal.property.certList".
type FormatError struct {
	Field string
	Err   error
}

// Error implements error.
func (e *FormatError) Error() string { return "ses: " + e.Field + ": " + e.Err.Error() }

// Unwrap gives the cause.
func (e *FormatError) Unwrap() error { return e.Err }

// Is makes every FormatError match ErrFormat.
func (e *FormatError) Is(target error) bool { return target == ErrFormat }
