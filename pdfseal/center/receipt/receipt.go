package receipt

import (
	"time"
)

// Format is the format mark of a receipt.
const Format = "sealdesk-receipt/1"

// What a receipt may say of a seal: the words of trust.Status, and unknown.
const (
	SealInForce      = "in-force"
	SealSuspended    = "suspended"
	SealCancelled    = "cancelled"
	SealReportedLost = "reported-lost"
	SealUnknown      = "unknown"
)

// What a receipt may say of a certificate.
const (
	CertificateGood    = "good"
	CertificateRevoked = "revoked"
	CertificateUnknown = "unknown"
	CertificateExpired = "expired"
)

// What a receipt may say of the seal signature as a whole.
const (
	VerdictValid         = "valid"
	VerdictInvalid       = "invalid"
	VerdictIndeterminate = "indeterminate"
)

// Receipt is the content of a receipt. Digests are SM3 in 64 lower-case
// hexadecimal digits, times UTC to the millisecond. Everything is required
// but SealSince.
type Receipt struct {
	Format       string    `json:"format"`
	ID           string    `json:"id"`           // the centre's number of the record
	RequestID    string    `json:"requestId"`    // the client's, the same however often it asked
	Time         time.Time `json:"time"`         // when the centre checked
	Centre       string    `json:"centre"`       // its name
	DataHash     string    `json:"dataHash"`     // of the protected bytes of the document, as in TBS_Sign
	SignatureSM3 string    `json:"signatureSm3"` // of the SES_Signature, DER, without padding
	SealID       string    `json:"sealId"`
	SealSM3      string    `json:"sealSm3"`    // of the SESeal, DER
	SignerSM3    string    `json:"signerSm3"`  // of the signer's certificate, DER
	SealStatus   string    `json:"sealStatus"` // at Time: SealInForce, …
	SealSince    time.Time `json:"sealSince,omitzero"`
	SignerStatus string    `json:"signerStatus"` // at Time: CertificateGood, …
	MakerStatus  string    `json:"makerStatus"`
	Verdict      string    `json:"verdict"` // VerdictValid, …
	Reasons      []string  `json:"reasons"` // rule and key, such as "E7:SEAL_STATUS"
	Bundle       int       `json:"bundle"`  // number of the bundle that was in force
}

// Signed is a receipt with its proof. All byte slices are parts of Raw and
// must not be written to.
type Signed struct {
	Receipt
	Raw          []byte   // the whole SignedData
	SignerCert   []byte   // DER, of the centre
	Certificates [][]byte // all of the container; not signed
}
