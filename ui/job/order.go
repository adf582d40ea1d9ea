package job

import (
	"context"
	"log/slog"
	"time"

	"sealdesk/pdfseal"
	"sealdesk/pdfseal/register"
	"sealdesk/pdfseal/rules"
	"sealdesk/pdfseal/trust"
	"sealdesk/token"
)

// Sealer seals documents with a UsbKey. Provider is required; everything else has a strict zero value.
type Sealer struct {
	Provider  token.Provider
	Trust     *trust.Store // nil: no trust bundle
	Policy    Policy
	Filter    string // names for the signature dictionary, "" for the program's own
	SubFilter string
	Narrow    map[string]Patterns // by profile name
	Text      TextReader          // needed by Keyword and OverDate, and by the review of pages; nil: none is reviewed
	Register  Recorder            // the register of seal use; nil: nothing is recorded
	Centre    Centre              // the central endpoint; nil: it is not asked
	Outbox    Outbox              // keeps what the centre was not asked; needs Register. nil: nothing is kept
	Now       func() time.Time    // nil: time.Now
	Log       *slog.Logger        // nil: nothing is logged
}

// TextReader opens a document for reading the text of its pages.
type TextReader interface {
	// Warm gets ready what reads pages, so that the first document does not have to wait for it.
	Warm(ctx context.Context) error
	OpenText(ctx context.Context, path string) (PageText, error)
}

// PageText answers the text of a page (from 1) with its places.
type PageText interface {
	Text(ctx context.Context, page int) ([]rules.Run, error)
	// Sheet answers what the review needs of a page; drawn with its picture.
	Sheet(ctx context.Context, page int, drawn bool) (rules.Sheet, error)
	Close() error
}

// Order is what one call of Seal is to do. One PIN serves all its documents.
type Order struct {
	Documents []Document
	SealID    string    // identifier or name; may be empty where there is only one seal
	Place     Place     // may be nil where Straddle is set
	Straddle  *Straddle // a straddle seal, alone or besides the marks of Place
	Reason    string
	Matter    register.Matter // what the seal is used for, "" if not stated; recorded
	Approver  string          // who approved it; recorded
	PIN       token.PINFunc
	Progress  func(Progress)           // may be nil
	Settled   func([]register.Settled) // told what an earlier crash has left, before anything else; may be nil
	Warned    func(error)              // told what is wrong beside the documents, such as a register that is not the centre's; may be nil
}

// Document is an input and the file that is to become its sealed form. Place and Straddle, where set, stand for those of the order.
type Document struct {
	In, Out  string
	Place    Place
	Straddle *Straddle
}

// Progress says what is being done. Total is 0 where no measure is known.
type Progress struct {
	Phase       Phase
	Document    int // index in Order.Documents
	Done, Total int64
}

// Phase is a stage of a job.
type Phase int

// The phases in their order.
const (
	PhaseGate    Phase = iota // documents are inspected
	PhaseKey                  // the key is read
	PhaseSealing              // documents are sealed
	PhaseCentre               // the centre is asked, before the PIN about the seal, then about each document
)

// Status is the result for one document.
type Status string

// The results.
const (
	Sealed     Status = "sealed"
	Failed     Status = "failed"
	NotStarted Status = "not_started" // a failure elsewhere stopped the batch before this document
)

// Outcome is what became of one document.
type Outcome struct {
	Document
	Status   Status
	Affixed  *pdfseal.Affixed  // of a sealed document
	Findings []pdfseal.Finding // warnings and notes of the gate and of the review
	Record   int64             // number of its first record in the register, 0 without one
	Centre   CentreResult
	Err      error // why it failed
}

func (s *Sealer) now() time.Time {
	if s.Now != nil {
		return s.Now()
	}
	return time.Now()
}

func (s *Sealer) log() *slog.Logger {
	if s.Log != nil {
		return s.Log
	}
	return slog.New(slog.DiscardHandler)
}

func (o *Order) progress(p Progress) {
	if o.Progress != nil {
		o.Progress(p)
	}
}
