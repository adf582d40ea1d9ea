package pdfseal

import (
	"errors"
	"fmt"
	"strings"

	"sealdesk/pdfseal/internal/pdf"
)

// Situations in which a document is not sealed or not read. They are matched with errors.Is.
var (
	// ErrNotPDF says that the file is no PDF at all: the header is missing.
	ErrNotPDF = pdf.ErrNotPDF
	// ErrEncrypted says that the document is encrypted; sealing it is refused, and its seals cannot be judged.
	ErrEncrypted = pdf.ErrEncrypted
	// ErrHybrid says that the document carries two differing cross-reference maps (rule S6).
	ErrHybrid = pdf.ErrHybrid
	// ErrLimit says that a budget of rule R1 was exceeded.
	ErrLimit = pdf.ErrLimit
	// ErrOutputExists says that the output file exists already; nothing is ever overwritten (rule W1).
	ErrOutputExists = errors.New("pdfseal: output file exists")
	// ErrInputChanged says that the input changed while it was being read; an output was discarded.
	ErrInputChanged = errors.New("pdfseal: input changed while being read")
	// ErrSelfCheck says that the finished file did not verify; it was discarded before it appeared (rule W7).
	ErrSelfCheck = errors.New("pdfseal: sealed file did not pass its own verification")
	// ErrContentsTooSmall says that the space reserved for /Contents was too small (rule W5).
	ErrContentsTooSmall = errors.New("pdfseal: reserved /Contents too small")
)

// SyntaxError says where and by which rule the strict reader stopped.
type SyntaxError = pdf.SyntaxError

// RefusedError lists the findings of the pre-seal gate that forbid sealing (rule P1, W3).
type RefusedError struct{ Findings []Finding }

func (e *RefusedError) Error() string {
	rules := make([]string, 0, len(e.Findings))
	for _, f := range e.Findings {
		rules = append(rules, f.Rule+" "+f.Key)
	}
	return "pdfseal: refused: " + strings.Join(rules, ", ")
}

// RequestError names the field of a Request that cannot be fulfilled.
type RequestError struct {
	Field string // "Seal", "Signer", "Marks", "Straddle" or "Revision"
	Key   string // what is wrong, as an i18n key suffix: "PAGE_RANGE", "OFF_PAGE", "OVERLAPS_SEAL", "SEAL_UNREADABLE", …
	Page  int    // the page concerned, 0 if none
	Err   error
}

func (e *RequestError) Error() string {
	msg := fmt.Sprintf("pdfseal: request %s: %s", e.Field, e.Key)
	if e.Page > 0 {
		msg += fmt.Sprintf(" (page %d)", e.Page)
	}
	if e.Err != nil {
		msg += ": " + e.Err.Error()
	}
	return msg
}

func (e *RequestError) Unwrap() error { return e.Err }

// SignerError wraps what the Signer answered, or says that its answer does not verify.
type SignerError struct{ Err error }

func (e *SignerError) Error() string { return "pdfseal: signer: " + e.Err.Error() }
func (e *SignerError) Unwrap() error { return e.Err }

// SaveError says at which step of saving the output failed. Unless Step is StepSyncDir, no output file exists.
type SaveError struct {
	Step SaveStep
	Path string
	Err  error
}

// SaveStep names a step of AffixFile's saving (rules W1, W2).
type SaveStep string

// The steps, in their order.
const (
	StepCreate  SaveStep = "create"
	StepWrite   SaveStep = "write"
	StepSync    SaveStep = "sync"
	StepReopen  SaveStep = "reopen"
	StepCompare SaveStep = "compare"
	StepRename  SaveStep = "rename"
	StepSyncDir SaveStep = "sync-directory" // the file is there, its durability is unknown
)

func (e *SaveError) Error() string {
	return fmt.Sprintf("pdfseal: save %s: %s: %v", e.Path, e.Step, e.Err)
}
func (e *SaveError) Unwrap() error { return e.Err }
