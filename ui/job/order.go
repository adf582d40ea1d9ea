package job

import (
	"context"
	"log/slog"
	"time"

	"sealdesk/pdfseal"
	"sealdesk/pdfseal/rules"
	"sealdesk/pdfseal/trust"
	"sealdesk/token"
)

// Sealer seals documents with a UsbKey. Provider is required; everything else has a strict zero value.
type Sealer struct {
	Provider  token.Provider
	Trust     *trust.Store // nil: no trust file
	Policy    Policy
	Filter    string // names for the signature dictionary, "" for the program's own
	SubFilter string
	Narrow    map[string]Patterns // by profile name
	Text      TextReader          // needed by Keyword and OverDate
	Now       func() time.Time    // nil: time.Now
	Log       *slog.Logger        // nil: nothing is logged
}

// TextReader opens a document for reading the text of its pages.
type TextReader interface {
	OpenText(ctx context.Context, path string) (PageText, error)
}

// PageText answers the text of a page (from 1) with its places.
type PageText interface {
	Text(ctx context.Context, page int) ([]rules.Run, error)
	Close() error
}

// Order is what one call of Seal is to do. One PIN serves all its documents.
type Order struct {
	Documents []Document
	SealID    string // identifier or name; may be empty where there is only one seal
	Place     Place
	Reason    string
	PIN       token.PINFunc
	Progress  func(Progress) // may be nil
}

// Document is an input and the file that is to become its sealed form.
type Document struct{ In, Out string }

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
	Findings []pdfseal.Finding // warnings and notes of the gate
	Err      error             // why it failed
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
