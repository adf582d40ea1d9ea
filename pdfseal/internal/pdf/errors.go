package pdf

import (
	"errors"
	"fmt"
)

// Reasons that a *SyntaxError may wrap; match them with errors.Is.
var (
	// ErrNotPDF says that the source has no PDF header.
	ErrNotPDF = errors.New("pdf: not a PDF file")
	// ErrEncrypted says that the document has an /Encrypt dictionary.
	ErrEncrypted = errors.New("pdf: document is encrypted")
	// ErrHybrid says that a trailer names an /XRefStm beside its table (rule S6).
	ErrHybrid = errors.New("pdf: hybrid cross-reference")
	// ErrLimit says that a budget of rule R1 was exceeded.
	ErrLimit = errors.New("pdf: limit exceeded")
)

// SyntaxError says which rule a file breaks and where.
type SyntaxError struct {
	Rule   string // "S1" to "S11", or "R1" for a budget
	Offset int64  // byte offset in the file, or -1 where no single place can be named
	Msg    string
	Err    error // one of the sentinels of this package, or nil
}

func (e *SyntaxError) Error() string {
	if e.Offset < 0 {
		return fmt.Sprintf("pdf: rule %s: %s", e.Rule, e.Msg)
	}
	return fmt.Sprintf("pdf: rule %s at offset %d: %s", e.Rule, e.Offset, e.Msg)
}

// Unwrap gives the sentinel that names the situation, if there is one.
func (e *SyntaxError) Unwrap() error { return e.Err }

func syntax(rule string, offset int64, format string, args ...any) *SyntaxError {
	return &SyntaxError{Rule: rule, Offset: offset, Msg: fmt.Sprintf(format, args...)}
}

func beyond(offset int64, format string, args ...any) *SyntaxError {
	return &SyntaxError{Rule: "R1", Offset: offset, Msg: fmt.Sprintf(format, args...), Err: ErrLimit}
}
