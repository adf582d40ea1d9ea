package pdfseal

import "time"

// Verdict is one of the four verdicts on a seal, or VerdictUnsealed for a document without any. The zero value is not a verdict; code treats it as indeterminate.
type Verdict string

// The verdicts, as they stand in JSON.
const (
	VerdictValid         Verdict = "valid"
	VerdictValidNotice   Verdict = "valid_with_notice"
	VerdictIndeterminate Verdict = "indeterminate"
	VerdictInvalid       Verdict = "invalid"
	VerdictUnsealed      Verdict = "unsealed"
)

// rank orders verdicts from good to bad; anything unknown ranks as indeterminate.
func (v Verdict) rank() int {
	switch v {
	case VerdictUnsealed:
		return 0
	case VerdictValid:
		return 1
	case VerdictValidNotice:
		return 2
	case VerdictInvalid:
		return 4
	default:
		return 3
	}
}

// worse returns the worse of two verdicts.
func (v Verdict) worse(w Verdict) Verdict {
	if w.rank() > v.rank() {
		return w
	}
	return v
}

// Accepted tells whether the verdict is valid, with or without notice.
func (v Verdict) Accepted() bool { return v == VerdictValid || v == VerdictValidNotice }

// Reason says why a verdict is not plain valid. Key selects the sentence (see ReasonKeys) and Data fills it; Text is that sentence, set by the front end.
// Verdict is the best verdict that the reason leaves: a reason that leaves VerdictValidNotice is a notice, any other a fault. One that states
// none, as in reports of earlier versions, counts as VerdictIndeterminate.
type Reason struct {
	Rule    string            `json:"rule"`
	Text    string            `json:"text"`
	Key     string            `json:"key"`
	Data    map[string]string `json:"data,omitempty"`
	Verdict Verdict           `json:"verdict"`
}

// Notice tells whether the reason is a notice, beside which a seal is still accepted.
func (r Reason) Notice() bool { return r.Verdict == VerdictValidNotice }

// CheckStatus is the result of one check.
type CheckStatus string

// The results of a check.
const (
	CheckPassed  CheckStatus = "passed"
	CheckFailed  CheckStatus = "failed"
	CheckSkipped CheckStatus = "skipped"
)

// Check is one rule applied to one seal. Detail is for experts, in English.
type Check struct {
	ID     string      `json:"id"`
	Status CheckStatus `json:"status"`
	Detail string      `json:"detail"`
}

// Report is the result of verifying one document. Its JSON form is the contract of `sealctl verify --json`.
type Report struct {
	File    string        `json:"file"`
	Size    int64         `json:"size"`
	SM3     string        `json:"sm3"` // of the whole file, lower-case hex
	Verdict Verdict       `json:"verdict"`
	Reasons []Reason      `json:"reasons"`
	Seals   []SealReport  `json:"seals"`
	Changes []Change      `json:"changes"`
	Trust   *TrustSummary `json:"trust"` // nil: verified without a trust bundle
}

// SealReport is the verdict on one seal signature.
type SealReport struct {
	Verdict  Verdict         `json:"verdict"`
	Reasons  []Reason        `json:"reasons"`
	Standard string          `json:"standard"` // "GB/T 38540-2020", "GM/T 0031-2014", "GM/T 0031-2025", "GM/T 0010"
	Field    string          `json:"field"`
	Seal     SealSummary     `json:"seal"`
	Signer   SignerSummary   `json:"signer"`
	Time     TimeSummary     `json:"time"`
	Coverage Coverage        `json:"coverage"`
	Marks    []PlacedMark    `json:"marks"`
	Straddle []StraddleGroup `json:"straddle,omitempty"` // the slices among Marks, put together
	Checks   []Check         `json:"checks"`
	Timeline []Moment        `json:"timeline"`         // in the order of time; empty where no seal could be read
	Reason   string          `json:"reason,omitempty"` // /Reason of the signature dictionary, as claimed
}

// SealSummary describes the seal inside a seal signature.
type SealSummary struct {
	ID        string         `json:"id"`
	Name      string         `json:"name"`
	Maker     string         `json:"maker"`
	ValidFrom *time.Time     `json:"validFrom"`
	ValidTo   *time.Time     `json:"validTo"`
	Picture   PictureSummary `json:"picture"`
}

// PictureSummary gives type and true size of a seal picture.
type PictureSummary struct {
	Type     string `json:"type"`
	WidthMM  int    `json:"widthMM"`
	HeightMM int    `json:"heightMM"`
}

// SignerSummary describes the signer's certificate.
type SignerSummary struct {
	Subject   string     `json:"subject"`
	Serial    string     `json:"serial"`
	NotBefore *time.Time `json:"notBefore"`
	NotAfter  *time.Time `json:"notAfter"`
}

// The sources of a time of sealing.
const (
	TimeTimestamp = "timestamp"
	TimeReceipt   = "receipt"
	TimeClaimed   = "claimed"
)

// TimeSummary is the time of sealing and who says so.
type TimeSummary struct {
	Value  *time.Time `json:"value"`
	Source string     `json:"source"`
}

// Coverage tells which revision a seal covers: Revision counts from 1, WholeFile is true when nothing follows it.
type Coverage struct {
	Revision  int  `json:"revision"`
	Revisions int  `json:"revisions"`
	WholeFile bool `json:"wholeFile"`
}

// PlacedMark is one visible mark of a seal. X and Y are the millimetres from the left and top edge of the upright visible page to the centre of the mark; W and H its size in millimetres.
// A slice of a straddle seal says which in Slice, as its seal's plan has it.
type PlacedMark struct {
	Page  int     `json:"page"`
	X     float64 `json:"x"`
	Y     float64 `json:"y"`
	W     float64 `json:"w"`
	H     float64 `json:"h"`
	Slice Slice   `json:"slice,omitzero"`
}

// Area is a rectangle on the upright visible page, in millimetres from the left and top edge of the page to the left and top edge of the
// rectangle. One without width or height is no place.
type Area struct {
	X float64 `json:"x,omitempty"`
	Y float64 `json:"y,omitempty"`
	W float64 `json:"w,omitempty"`
	H float64 `json:"h,omitempty"`
}

// Known tells whether the area is a place.
func (a Area) Known() bool { return a.W > 0 && a.H > 0 }

// Area gives the place of a mark by its edges.
func (m PlacedMark) Area() Area {
	return Area{X: round2(m.X - m.W/2), Y: round2(m.Y - m.H/2), W: m.W, H: m.H}
}

// Change is something that a later revision added or altered. A permitted addition (a further seal) is a Change, too, and no fault.
type Change struct {
	Revision int               `json:"revision"` // counts from 1; 0: behind the last revision that can be read
	Page     int               `json:"page"`     // 0 if no single page is concerned
	Area                       // where on Page, as it is after the change, or was where nothing is left; not known for every change
	Was      *Area             `json:"was,omitempty"` // where it stood before, if elsewhere
	Text     string            `json:"text"`
	Key      string            `json:"key"`
	Data     map[string]string `json:"data,omitempty"`

	WholePage bool `json:"wholePage,omitempty"` // Area is all of the page
}

// Permitted tells whether the change is an addition that the rules allow: a further seal, or a receipt of the centre.
func (c Change) Permitted() bool {
	return c.Key == ChangeSealAdded || c.Key == ChangeReceiptAdded || c.Key == ChangeReceiptClaimed
}

// TrustSummary names the trust bundle that was used.
type TrustSummary struct {
	Bundle  string    `json:"bundle"` // name of the centre
	Number  int       `json:"number"`
	Issued  time.Time `json:"issued"`
	AgeDays int       `json:"ageDays"`
	Root    string    `json:"root"`   // fingerprint of the root that vouches for it
	Pinned  bool      `json:"pinned"` // that root is the one that the settings name
}
