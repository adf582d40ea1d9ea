package pdfseal

import (
	"context"
	"time"

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
	Marks     []Mark // at least one; at most two a page
	Time      time.Time
	Reason    string
	Location  string
	Filter    string       // default DefaultFilter
	SubFilter string       // default DefaultSubFilter
	Trust     *trust.Store // judges seals that the document carries already, and the finished file
	Progress  func(done, total int64)
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
	Size                int64 // of the sealed file
	SM3Before, SM3After [32]byte
	ByteRange           [4]int64
	TBS                 []byte  // DER of TBS_Sign, what was signed
	Report              *Report // of the finished file; nil from Affix, which writes to a stream
}

// Level says what a finding means for sealing.
type Level string

// The levels of a finding.
const (
	LevelRefuse Level = "refuse"
	LevelWarn   Level = "warn"
	LevelNote   Level = "note"
)

// Finding is something in a document that could change its view later, or that forbids sealing (rule P1).
type Finding struct {
	Rule   string            `json:"rule"`
	Level  Level             `json:"level"`
	Key    string            `json:"key"`
	Page   int               `json:"page"` // 0 if no page is known
	Detail string            `json:"detail"`
	Data   map[string]string `json:"-"`
}

// Inventory is what the pre-seal gate knows of a document.
type Inventory struct {
	Version   string    `json:"version"`
	Pages     int       `json:"pages"`
	Revisions int       `json:"revisions"`
	Seals     int       `json:"seals"`
	Findings  []Finding `json:"findings"`

	dangling map[int]bool // numbers that reachable objects refer to and nothing defines
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

	part bool // the source is the head of a longer file; see verifyPrefix
}
