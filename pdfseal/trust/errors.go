package trust

import (
	"errors"
	"fmt"
)

// ErrFormat is matched by every refusal of trust material because of its content.
var ErrFormat = errors.New("trust: not a trust bundle")

// FormatError says which part of trust material is wrong. It matches ErrFormat.
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

// Reason says why a bundle is refused.
type Reason string

// The reasons. The first five are found by Open, the others by keeper.
const (
	ReasonFormat       Reason = "format"         // no bundle, or one that breaks its own rules
	ReasonTruncated    Reason = "truncated"      // shorter than it says
	ReasonMixed        Reason = "mixed"          // a section is not the one that the manifest names: damaged, or of another bundle
	ReasonForeign      Reason = "foreign_signer" // not signed under a pinned root, or a change of roots not signed by old and new
	ReasonUnpinned     Reason = "unpinned"       // no root is pinned
	ReasonRollback     Reason = "rollback"       // number not above the highest seen under these roots
	ReasonExpired      Reason = "expired"
	ReasonFutureDated  Reason = "future_dated" // issued later than now
	ReasonClockBack    Reason = "clock_back"   // the computer's clock is behind what was seen before
	ReasonStateDamaged Reason = "state"        // the keeper's own files are missing or damaged
)

// Reasons lists all reasons, for the catalogues' completeness test.
func Reasons() []Reason {
	return []Reason{ReasonFormat, ReasonTruncated, ReasonMixed, ReasonForeign, ReasonUnpinned, ReasonRollback, ReasonExpired, ReasonFutureDated,
		ReasonClockBack, ReasonStateDamaged}
}

// Refusal is a bundle that is not used. Data are the values for the sentences
// of its reason, in the catalogues under "error.trust." and the reason.
type Refusal struct {
	Reason Reason
	Data   map[string]string
	Err    error // English, for the log
}

// Error implements error.
func (r *Refusal) Error() string { return fmt.Sprintf("trust: %s: %v", r.Reason, r.Err) }

// Unwrap returns the cause.
func (r *Refusal) Unwrap() error { return r.Err }

// Situation names the text for the user and its values.
func (r *Refusal) Situation() (key string, data map[string]string) {
	data = map[string]string{"Detail": r.Err.Error()}
	for k, v := range r.Data {
		data[k] = v
	}
	return "trust." + string(r.Reason), data
}

func refusal(reason Reason, format string, args ...any) error {
	return &Refusal{Reason: reason, Err: fmt.Errorf(format, args...)}
}
