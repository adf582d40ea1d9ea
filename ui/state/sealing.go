package state

import (
	"context"
	"slices"

	"sealdesk/pdfseal/register"
	"sealdesk/token"
)

// SealPhase is where the screen for sealing stands.
type SealPhase int

// The phases.
const (
	SealEmpty     SealPhase = iota // no document
	SealPlacing                    // documents are open
	SealPreparing                  // the order runs, the PIN has not been asked
	SealPIN                        // the key asks for its PIN
	SealWorking                    // documents are being sealed
	SealDone                       // the outcomes stand there
)

// String names the phase for logs.
func (p SealPhase) String() string {
	return [...]string{"empty", "placing", "preparing", "pin", "working", "done"}[p]
}

// Busy tells whether an order runs.
func (p SealPhase) Busy() bool { return p == SealPreparing || p == SealPIN || p == SealWorking }

// Sealing is the screen for sealing.
type Sealing struct {
	Phase     SealPhase
	Documents []Document
	Current   int
	Page      int  // from 1
	Sheet     bool // the contact sheet of a batch is shown
	SealID    string
	Rule      Rule // for documents to come
	Straddle  Straddle
	Reason    string
	Matter    register.Matter // what the seal is used for, "" if not stated
	Approver  string
	OutDir    string // where the sealed files go this time; "": where the settings say
	Ask       *PINAsked
	Progress  Progress
	Ordered   []string // paths of the running order
	Err       error    // of the last order

	insertion uint64 // of the key that the order began with
	stop      context.CancelFunc
}

// PINAsked: the key asks for its PIN. Reply is called once.
type PINAsked struct {
	Request token.PINRequest
	Reply   func(token.PIN, error)
}

// The events of sealing.
type (
	// DocumentsAdded brings files to be sealed.
	DocumentsAdded struct{ Paths []string }
	// DocumentOpened tells what is known of a document.
	DocumentOpened struct {
		Path string
		Info DocumentInfo
		Err  error
	}
	// DocumentChosen shows a document.
	DocumentChosen struct{ Index int }
	// DocumentRemoved takes one off the list; the file stays.
	DocumentRemoved struct{ Index int }
	// PageShown: the page view shows another page.
	PageShown struct{ Page int }
	// SealChosen: another seal of the key.
	SealChosen struct{ ID string }
	// RuleChosen: another way to find the place, for all documents that are not placed by hand.
	RuleChosen struct{ Rule Rule }
	// PlaceFound answers a rule.
	PlaceFound struct {
		Path  string
		Rule  Rule
		Marks []Mark
		Err   error
	}
	// MarkPlaced puts or moves the mark of a page of the shown document.
	MarkPlaced struct{ Mark Mark }
	// MarkRemoved takes the mark of a page away.
	MarkRemoved struct{ Page int }
	// ReasonTyped changes the reason of use.
	ReasonTyped struct{ Text string }
	// MatterChosen changes what the seal is used for; "" takes it away.
	MatterChosen struct{ Matter register.Matter }
	// ApproverTyped changes who approved the use.
	ApproverTyped struct{ Text string }
	// OutputChosen sends the sealed files of these documents to a folder; "" leaves it to the settings.
	OutputChosen struct{ Dir string }
	// SheetToggled shows or hides the contact sheet.
	SheetToggled struct{}
	// FinishTapped: 完成签章.
	FinishTapped struct{}
	// OrderStarted hands out what stops the order.
	OrderStarted struct{ Stop context.CancelFunc }
	// PINEntered answers the key.
	PINEntered struct{ PIN token.PIN }
	// PINCancelled gives up before the PIN.
	PINCancelled struct{}
	// ProgressMade tells how far the order is.
	ProgressMade struct{ Progress Progress }
	// OrderEnded: all that could be done is done.
	OrderEnded struct {
		Outcomes []Outcome
		Err      error
	}
	// SealAgain leaves the result and keeps what was not sealed.
	SealAgain struct{}
	// RetryTapped leaves the result and orders what was not sealed once more.
	RetryTapped struct{}
	// StopTapped cancels the order.
	StopTapped struct{}
)

// Document returns the one shown.
func (s Sealing) Document() (Document, bool) {
	if s.Current < 0 || s.Current >= len(s.Documents) {
		return Document{}, false
	}
	return s.Documents[s.Current], true
}

// change returns the state with the document of a path replaced.
func (s Sealing) change(path string, f func(Document) Document) Sealing {
	at := slices.IndexFunc(s.Documents, func(d Document) bool { return d.Path == path })
	if at < 0 {
		return s
	}
	s.Documents = slices.Clone(s.Documents)
	s.Documents[at] = f(s.Documents[at])
	return s
}

// Open returns the documents that are still to be sealed.
func (s Sealing) Open() []Document {
	return slices.DeleteFunc(slices.Clone(s.Documents), func(d Document) bool {
		return d.Done() || d.Err != nil || len(d.Refused()) > 0
	})
}

// Seal returns the chosen seal among those of the key: the only one, or the one of the identifier.
func (s Sealing) Seal(k Keys) (Seal, bool) {
	all := k.Seals()
	if len(all) == 1 {
		return all[0], true
	}
	at := slices.IndexFunc(all, func(o Seal) bool { return o.ID == s.SealID })
	if at < 0 {
		return Seal{}, false
	}
	return all[at], true
}

// Block says why 完成签章 is off. The zero value: it is on. Name is the document concerned.
type Block struct{ Key, Name string }

// The reasons, in their order.
const (
	BlockEmpty    = "empty"
	BlockBusy     = "busy"
	BlockDone     = "done"
	BlockKey      = "key"
	BlockSeal     = "seal"
	BlockLoading  = "loading"
	BlockRefused  = "refused"
	BlockPlace    = "place"
	BlockStraddle = "straddle"
	BlockNoTrust  = "no_trust"
	BlockSealDate = "seal_state"
)

// Blocks lists every reason, for the completeness of the catalogues.
func Blocks() []string {
	return []string{BlockEmpty, BlockBusy, BlockDone, BlockKey, BlockSeal, BlockLoading, BlockRefused, BlockPlace, BlockStraddle, BlockNoTrust, BlockSealDate}
}

// Blocked returns the first reason why sealing cannot begin.
func (d Desk) Blocked() Block {
	s := d.Sealing
	switch {
	case len(s.Documents) == 0:
		return Block{Key: BlockEmpty}
	case s.Phase.Busy():
		return Block{Key: BlockBusy}
	case s.Phase == SealDone:
		return Block{Key: BlockDone}
	case len(s.Open()) == 0:
		return Block{Key: BlockRefused, Name: s.Documents[0].Path}
	case !d.KeyState().Usable():
		return Block{Key: BlockKey}
	case !d.Trust.Loaded() && !d.Options.WithoutTrust:
		return Block{Key: BlockNoTrust}
	}
	seal, ok := s.Seal(d.Keys)
	if !ok {
		return Block{Key: BlockSeal}
	}
	if seal.State(d.Now).Rank() == RankStop {
		return Block{Key: BlockSealDate, Name: seal.Name}
	}
	for _, doc := range s.Open() {
		switch {
		case !doc.Loaded || doc.Finding || doc.Slices.Finding:
			return Block{Key: BlockLoading, Name: doc.Path}
		case doc.Straddle.Wanted() && len(doc.Slices.Marks) == 0:
			return Block{Key: BlockStraddle, Name: doc.Path}
		case !doc.Placed():
			return Block{Key: BlockPlace, Name: doc.Path}
		}
	}
	return Block{}
}
