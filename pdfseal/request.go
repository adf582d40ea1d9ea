package pdfseal

import (
	"context"
	"time"

	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/internal/pdf"
	"sealdesk/pdfseal/trust"
)

// Source is a document that can be read at any place; it must not change while it is in use.
type Source = pdf.Source

// Signer makes seal signatures. Certificate is the signer's certificate in DER. SignSM2 receives the message itself, the DER of
// TBS_Sign, because some UsbKeys take nothing else, and answers the DER of SEQUENCE{r, s} over SM3(Z‖M) with the default user ID.
type Signer interface {
	Certificate() []byte
	SignSM2(ctx context.Context, m []byte) ([]byte, error)
}

// Mark is one place where the seal is to stand. X and Y are the millimetres from the left and the top edge of the upright
// visible page (crop box, after /Rotate) to the centre of the seal.
type Mark struct {
	Page int // counts from 1
	X, Y float64
}

// Request says what to affix. The zero values of Filter and SubFilter mean the project's own, of Time the present moment.
type Request struct {
	Seal      []byte // DER of the SESeal, embedded byte for byte
	Signer    Signer
	Marks     []Mark    // at most two a page; at least one unless Straddle is set
	Straddle  *Straddle // a straddle seal besides the marks, by the same signature; counts as a mark on each of its pages
	Time      time.Time
	Reason    string
	Location  string
	Filter    string       // default DefaultFilter
	SubFilter string       // default DefaultSubFilter
	Trust     *trust.Store // judges seals that the document carries already, and the finished file
	Progress  func(done, total int64)

	// Timestamp, where set, gets a timestamp token (RFC 3161, GM/T 0033) over the signature value, which goes into the seal signature. An
	// error ends the sealing.
	Timestamp func(ctx context.Context, value []byte) (token []byte, err error)
	// Enrich, where set, is asked by AffixFile for the centre's evidence once the staged file has passed its own verification and before it
	// appears under its name. Evidence that it answers is appended as an update of the document security store; nil means that there is
	// none yet, and the file appears without. An error ends the sealing and nothing appears. Affix does not call it.
	Enrich func(ctx context.Context, s Sealed) (*Evidence, error)
	// Commit, where set, is called by AffixFile when the staged file is final and verified, just before it gets its name. An error ends
	// the sealing and nothing appears. Affix does not call it.
	Commit func(ctx context.Context, done *Affixed) error
}

// Sealed is what the centre needs to know of one seal of a document.
type Sealed struct {
	Field     string   // name of the signature field, as in SealReport; "" for a seal that is just being affixed
	DataHash  [32]byte // SM3 of the protected bytes: dataHash of TBS_Sign
	Signature []byte   // DER of the SES_Signature, without padding
	SealID    string
	SealSM3   [32]byte // of the DER of the SESeal
	SignerSM3 [32]byte // of the DER of the signer's certificate
	FileSM3   [32]byte // of the whole file
}

// SignatureSM3 names the seal signature: the SM3 digest of its DER.
func (s Sealed) SignatureSM3() [32]byte { return gm.SM3(s.Signature) }

// Evidence is what a document carries so that its seals verify without the centre: its signed answer, and the certificates and
// revocation lists that go with it, all DER. None of it is trusted for standing in the document.
type Evidence struct {
	Receipt            []byte
	Certificates, CRLs [][]byte
}

// The names written into a signature dictionary (standards.md §2.2).
const (
	DefaultFilter    = "Sealdesk.GMPkiLite"
	DefaultSubFilter = "GM.sm2seal"
)

// Affixed says what one Affix did.
type Affixed struct {
	SealID, SealName    string
	Field               string
	Pages               []int
	Marks               []PlacedMark // where the seal stands, slices of a straddle seal included
	Size                int64        // of the sealed file
	SM3Before, SM3After [32]byte
	ByteRange           [4]int64
	TBS                 []byte  // DER of TBS_Sign, what was signed
	Signature           []byte  // DER of the SES_Signature
	Evidence            bool    // the centre's evidence was appended
	Report              *Report // of the finished file; nil from Affix, which writes to a stream

	head *head // of the input
}

// Level says what a finding means for sealing.
type Level string

// The levels of a finding.
const (
	LevelRefuse Level = "refuse"
	LevelWarn   Level = "warn"
	LevelNote   Level = "note"
)

// Finding is something in a document that could change its view later, or that forbids sealing (rule P1; of the checks of pdfseal/rules, Rule is the clause).
type Finding struct {
	Rule   string            `json:"rule"`
	Level  Level             `json:"level"`
	Key    string            `json:"key"`
	Page   int               `json:"page"` // 0 if no page is known, or several are
	Area                     // where on Page, if it stands in one place
	Pages  string            `json:"pages,omitempty"` // "1–3, 5": all pages concerned; "" for something of the document as a whole
	Detail string            `json:"detail"`
	Data   map[string]string `json:"-"`
}

// On returns the finding as one of these pages, which ascend.
func (f Finding) On(pages []int) Finding {
	f.Pages = pageList(pages, false)
	if len(pages) == 1 {
		f.Page = pages[0]
	}
	return f
}

// Inventory is what the pre-seal gate knows of a document.
type Inventory struct {
	Version   string    `json:"version"`
	Pages     int       `json:"pages"`
	Revisions int       `json:"revisions"`
	Seals     int       `json:"seals"`
	Findings  []Finding `json:"findings"`

	dangling map[int]bool   // numbers that reachable objects refer to and nothing defines
	drawings *fieldDrawings // appearances of form fields that sealing adds, nil for none
}

// Refused returns the findings that forbid sealing.
func (i *Inventory) Refused() []Finding {
	var out []Finding
	for _, f := range i.Findings {
		if f.Level == LevelRefuse {
			out = append(out, f)
		}
	}
	return out
}

// VerifyOptions says with what a document is judged. The zero value is the strict one: without a trust file nothing is trusted.
type VerifyOptions struct {
	Trust    *trust.Store
	Now      time.Time // zero: the present moment
	Progress func(done, total int64)

	part bool  // the source is the head of a longer file; see verifyPrefix
	head *head // nil, or what is known of the source's first bytes
}
