package state

import (
	"context"
	"image"
	"time"

	"sealdesk/pdfseal"
	"sealdesk/pdfseal/register"
	"sealdesk/token"
)

// Work is what the windows have done for them. It is handed in, so that this package runs in tests without keys and files. Every
// method may take long and ends with ctx.
type Work interface {
	// WatchKeys calls send with all keys at once and after each change, until ctx ends.
	WatchKeys(ctx context.Context, send func(KeysRead))
	// RecheckKeys opens the driver anew and makes WatchKeys tell again what is plugged in.
	RecheckKeys(ctx context.Context)
	// Collect answers the PDF files among paths and inside the folders among them, in order, and the others.
	Collect(ctx context.Context, paths []string) (pdfs, others []string)
	// OpenDocument reads what is known of a document before sealing.
	OpenDocument(ctx context.Context, path string) (DocumentInfo, error)
	// Normalise writes a normalised copy beside a document, which stays as it is, and answers its name.
	Normalise(ctx context.Context, path string) (out string, err error)
	// Resolve finds the places that a rule gives on a document.
	Resolve(ctx context.Context, path string, r Rule, s Seal) ([]Mark, error)
	// Slices finds where the slices of a straddle seal will stand on a document of so many pages.
	Slices(ctx context.Context, path string, pages int, want Straddle, s Seal) ([]pdfseal.PlacedMark, error)
	// Review tells what the regulations say of a seal on a document of so many pages; the whole seal stands on those named. The error is
	// that of ctx.
	Review(ctx context.Context, path string, pages int, sealed []int, s Seal) ([]pdfseal.Finding, error)
	// Seal seals documents. There is one outcome for each; the error is that of the first that failed.
	Seal(ctx context.Context, o Order) ([]Outcome, error)
	// Verify judges a document.
	Verify(ctx context.Context, path string) (Verified, error)
	// Compare tells, page by page as it finds them, the places where a document differs from what was sealed, and answers the further
	// pages that differ.
	Compare(ctx context.Context, v Verified, found func([]Spot)) (more []int, err error)
	// ReadRegister reads the register of seal use and checks it; ExportRegister writes it as CSV into a new file.
	ReadRegister(ctx context.Context) (RegisterContent, error)
	ExportRegister(ctx context.Context, path string) error
	// FetchReceipts asks the centre about everything that was sealed without it, and embeds its receipts. The error is the first one.
	FetchReceipts(ctx context.Context) (Fetched, error)
	// ProbeCenter asks whether the central verification endpoint is there.
	ProbeCenter(ctx context.Context) Center
	// Export writes the report of verified documents.
	Export(ctx context.Context, path string, all []Verified) error
	// TrustState tells which trust file is in use.
	TrustState(ctx context.Context) TrustState
	// ImportTrust makes a trust file the one in use.
	ImportTrust(ctx context.Context, path string) (TrustState, error)
	// TryCenter tests a connection to a centre that need not be the one of the settings.
	TryCenter(ctx context.Context, o CenterOptions) (CenterAnswer, error)
	// ReadOptions, SaveOptions and TryModule serve the settings.
	ReadOptions(ctx context.Context) Options
	SaveOptions(ctx context.Context, o Options) error
	TryModule(ctx context.Context, path string) (keys int, err error)
	// Diagnose looks at everything that the program depends on.
	Diagnose(ctx context.Context) []Finding
	// SaveDiagnosis writes the findings to a file.
	SaveDiagnosis(ctx context.Context, path string, names bool) error
	// Open shows a file, or its folder, with the program that the system has for it.
	Open(ctx context.Context, path string, folder bool) error
	// Now is the clock.
	Now() time.Time
}

// Mark is one place of the seal: its page from 1 and its centre in millimetres from the left and top edge of the upright page.
type Mark = pdfseal.Mark

// Area is a rectangle on an upright page, in millimetres from its left and top edge.
type Area struct{ X, Y, W, H float64 }

// Seal is a seal on a UsbKey.
type Seal struct {
	ID, Name           string
	Width, Height      float64 // millimetres
	ValidFrom, ValidTo time.Time
	Picture            image.Image // nil where it cannot be read
	Holder             string      // subject of the certificate that may use it
	CertNotAfter       time.Time
	Status             string // of the trust file: "", "in-force", "suspended", "cancelled", "reported-lost", "unlisted"
}

// Key is a UsbKey that is plugged in.
type Key struct {
	token.Info
	Seals        []Seal
	Certificates []token.Certificate
	Err          error // why it cannot be read
}

// DocumentInfo is what is known of a document before sealing.
type DocumentInfo struct {
	Pages    int
	Width    float64 // of the first page, millimetres
	Height   float64
	Seals    []Area3 // seals that it carries already
	Findings []pdfseal.Finding

	Normalisable bool // it cannot be read as it is, but a normalised copy may help; told with the error
}

// Area3 is an area on a page.
type Area3 struct {
	Page int
	Area
	Name string
}

// Order is what is to be sealed.
type Order struct {
	Documents []OrderDocument
	SealID    string
	Reason    string
	Matter    register.Matter // "" if not stated
	Approver  string
	OutDir    string // "" where the settings say
	PIN       token.PINFunc
	Progress  func(Progress)
}

// OrderDocument is one document of an order.
type OrderDocument struct {
	In       string
	Marks    []Mark
	Straddle Straddle
}

// Progress says what is being done to which document; Total is 0 where no measure is known.
type Progress struct {
	Stage       Stage
	Document    int
	Done, Total int64
}

// Stage is a part of sealing.
type Stage int

// The stages in their order.
const (
	StageCheck Stage = iota
	StageKey
	StageSeal
	StageCentre
)

// Outcome is what became of one document.
type Outcome struct {
	In, Out  string
	Sealed   bool
	Started  bool
	Pages    []int
	Report   *pdfseal.Report // of a sealed document
	Findings []pdfseal.Finding
	Record   int64  // number of its record in the register of seal use
	Receipt  string // identifier of the centre's receipt in the file, "" without one
	Queued   bool   // the centre will be asked later
	Away     error  // why there is no receipt, where the centre was to be asked
	Err      error
}

// Verified is a document that has been judged.
type Verified struct {
	Path     string
	Report   *pdfseal.Report
	Pages    int
	Since    int           // the revision that a changed document is compared with; 0: nothing was changed
	Pictures []image.Image // of Report.Seals, from the seal data
}

// TrustState says which trust file is in use.
type TrustState struct {
	Path    string
	Name    string
	Number  int
	Issued  time.Time
	Expires time.Time
	AgeDays int
	Err     error
}

// Loaded tells whether there is a trust file that can be used.
func (t TrustState) Loaded() bool { return t.Path != "" && t.Err == nil }
