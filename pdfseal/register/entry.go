package register

import (
	"slices"
	"time"
)

// Kind says what a record is about.
type Kind string

// The kinds of records. Refused and failed stand alone where the key was never asked.
const (
	KindSigning    Kind = "signing"    // the key is about to make a seal signature
	KindIntended   Kind = "intended"   // the sealed file is complete and about to get its name; Ref: signing
	KindDone       Kind = "done"       // the sealed file has its name; Ref: intended
	KindRefused    Kind = "refused"    // a rule or the centre refused; Ref: signing, if any
	KindFailed     Kind = "failed"     // the seal was not affixed; Ref: signing or intended, if any
	KindReceipt    Kind = "receipt"    // the centre's receipt was added later; Ref: intended
	KindCheckpoint Kind = "checkpoint" // a checkpoint was signed; Ref: the number of records it covers
	KindClock      Kind = "clock"      // the clock had gone back; Result: the time of the record before
	KindTorn       Kind = "torn"       // the end of a record was set aside; File: its name below torn/
)

var kinds = []Kind{KindSigning, KindIntended, KindDone, KindRefused, KindFailed, KindReceipt, KindCheckpoint, KindClock, KindTorn}

// Matter is what a seal is used for: the closed list of article 4 of 内政办字〔2018〕56号.
type Matter string

// The matters of article 4.
const (
	MatterLicence  Matter = "licence"  // (一) 1 证照或批文
	MatterNotice   Matter = "notice"   // (一) 2 受理、不予受理、补齐补正、并联审批通知单
	MatterDecision Matter = "decision" // (一) 3 准予或不准予行政审批决定
	MatterService  Matter = "service"  // (一) 4 其他政务服务
	MatterOffice   Matter = "office"   // (二) 办公平台
	MatterShared   Matter = "shared"   // (三) 合作或共享系统
)

// Matters lists the matters in the order of the article.
func Matters() []Matter {
	return []Matter{MatterLicence, MatterNotice, MatterDecision, MatterService, MatterOffice, MatterShared}
}

// Known tells whether m is one of Matters.
func (m Matter) Known() bool { return slices.Contains(Matters(), m) }

// Mark is where the seal stands: millimetres from the left and top edge of the upright visible page to the centre, and its size.
type Mark struct {
	Page int     `json:"page"`
	X    float64 `json:"x"`
	Y    float64 `json:"y"`
	W    float64 `json:"w"`
	H    float64 `json:"h"`
}

// Straddle is a whole straddle seal 骑缝章, whose slices stand on the pages: Pages are spans of page numbers, both ends included, Centre the
// millimetres from the top edge of the page (edge right or left) or its left edge (top or bottom) to the middle of the seal, Width that of
// each slice.
type Straddle struct {
	Edge   string   `json:"edge"`
	Pages  [][2]int `json:"pages"`
	Centre float64  `json:"centre"`
	Width  float64  `json:"width"`
}

// Receipt values of an entry besides the centre's record identifier.
const ReceiptQueued = "queued"

// Entry is a record. Append sets Seq, Time, Session, Prev and SM3; which of the others are filled depends on the kind. Digests are
// SM3 in lower-case hexadecimal.
type Entry struct {
	Seq        int64             `json:"seq"`  // counts from 1
	Time       time.Time         `json:"time"` // UTC, to the millisecond
	Kind       Kind              `json:"kind"`
	Ref        int64             `json:"ref,omitempty"`     // the earlier record this one belongs to, see Kind
	Session    string            `json:"session,omitempty"` // of the process, in signing and intended
	SealID     string            `json:"sealId,omitempty"`
	SealName   string            `json:"sealName,omitempty"`
	Key        string            `json:"key,omitempty"`       // serial number of the UsbKey and fingerprint of the certificate, see KeyName
	Custodian  string            `json:"custodian,omitempty"` // subject of the certificate
	File       string            `json:"file,omitempty"`      // base name of the document
	Output     string            `json:"output,omitempty"`    // absolute path of the sealed file, see OutputPath
	Before     string            `json:"before,omitempty"`    // digest of the document
	After      string            `json:"after,omitempty"`     // digest of the sealed file; of the checkpoint; of what was torn
	Size       int64             `json:"size,omitempty"`      // bytes of what After is the digest of
	Signed     string            `json:"signed,omitempty"`    // digest of TBS_Sign, which the key signs
	Signature  string            `json:"signature,omitempty"` // digest of the DER of SES_Signature
	Marks      []Mark            `json:"marks,omitempty"`
	Straddles  []Straddle        `json:"straddles,omitempty"`
	Reason     string            `json:"reason,omitempty"`
	Matter     Matter            `json:"matter,omitempty"`
	Approver   string            `json:"approver,omitempty"`
	Result     string            `json:"result,omitempty"`    // verdict of the sealed file, ResultRecovered, or see Kind
	ErrorKey   string            `json:"errorKey,omitempty"`  // key of the text that says why not
	Findings   []string          `json:"findings,omitempty"`  // keys of further texts, of the findings that refuse a document
	ErrorData  map[string]string `json:"errorData,omitempty"` // what that text says of this case
	Receipt    string            `json:"receipt,omitempty"`   // the centre's record identifier or ReceiptQueued
	RequestID  string            `json:"requestId,omitempty"`
	Unverified bool              `json:"unverified,omitempty"` // sealed without asking the centre
	Prev       string            `json:"prev"`                 // digest of the record before, "" in the first
	SM3        string            `json:"-"`                    // digest of this record
}

// ResultRecovered marks a done record that Settle wrote: the file was found after a crash.
const ResultRecovered = "recovered"

// KeyName forms Entry.Key from the serial number of the UsbKey and the SM3 fingerprint of the certificate.
func KeyName(serial string, fingerprint [32]byte) string {
	return serial + "/" + hexOf(fingerprint)
}
