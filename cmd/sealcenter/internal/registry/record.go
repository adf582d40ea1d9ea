package registry

import (
	"database/sql"
	"time"

	"sealdesk/pdfseal/trust"
)

// Order is the ground of a change: who makes it, why, and upon which written
// application (内政办字〔2018〕56号, article 8). All three are required.
type Order struct{ Who, Why, Application string }

// Event is one change as recorded.
type Event struct {
	Seq  int64
	Time time.Time
	Order
	Action   string // of the list below
	SealID   string // empty where it is about no seal
	Division string // of the department concerned
	Status   trust.Status
	Since    time.Time // from when Status counts
	Detail   string    // JSON, an object
}

// The actions.
const (
	ActionInit       = "init"
	ActionDepartment = "department"
	ActionAnchor     = "anchor"
	ActionIssue      = "issue"
	ActionSuspend    = "suspend"
	ActionResume     = "resume"
	ActionCancel     = "cancel"
	ActionReplace    = "replace"
	ActionReportLost = "report-lost"
	ActionBundle     = "bundle"
	ActionClient     = "client"
	ActionDisable    = "client-disable"
	ActionRoot       = "root"
)

// Department is an issuing department 制发部门. Each division has at most one.
type Department struct {
	Division string `json:"division"` // six digits of GB/T 2260
	Name     string `json:"name"`
	MakerSM3 string `json:"makerSM3"` // hex SM3 of its maker certificate
}

// Certificate is an SM2 certificate that the centre issued or took over.
type Certificate struct {
	SM3                 string // hex, of DER
	Authority           string // "signer", "seal-maker", or "foreign" where another authority issued it
	Serial              string // gm.Certificate.SerialHex
	KeySM3              string // hex SM3 of the public key's point
	Unit, Person        string
	DER                 []byte
	NotBefore, NotAfter time.Time
}

// Revocation says since when and why a certificate is no longer good.
type Revocation struct {
	CertSM3 string
	Serial  string
	Time    time.Time
	Reason  int // CRLReason of RFC 5280, 5.3.1
}

// Seal is an issued seal. It never changes.
type Seal struct {
	ID, SM3            string // SM3 in hex
	DER                []byte
	Name, Unit         string
	UnitKind           string
	Division           string // of the unit
	Issuer             string // division of the issuing department
	CertSM3            string // of the custodian's certificate in it
	ValidFrom, ValidTo time.Time
	Replaces           string // ID of the seal in whose place it was issued
	ReplacedBy         string // read only
}

// State is what a seal is at an instant.
type State struct {
	Status trust.Status
	Since  time.Time
}

// Bundle is a trust bundle that was written.
type Bundle struct {
	Number          int
	Manifest        string // hex SM3 of its manifest
	Issued, Expires time.Time
	Size            int64
}

// Anchor is an authority of others that the bundle names.
type Anchor struct {
	SM3          string
	Purpose      trust.Purpose
	Intermediate bool
	DER          []byte
}

// Client is a program that may ask the endpoint.
type Client struct {
	Fingerprint string    `json:"fingerprint"` // hex SHA-256 of its certificate
	Name        string    `json:"name"`
	Transport   string    `json:"transport"` // "tls" or "tlcp"
	NotAfter    time.Time `json:"notAfter"`
	Disabled    bool      `json:"disabled"` // read only
}

// Verification is one answer of the endpoint.
type Verification struct {
	ID, RequestID, RequestSM3 string
	Client                    string
	Time                      time.Time
	SealID, Verdict           string
	Reasons                   []string
	Receipt                   []byte
	Bundle                    int
}

// Checkpoint is the signed head of a register of seal use.
type Checkpoint struct {
	Register string // hex SM3 of its first record, which tells registers apart
	Size     int64
	Head     string
	Signer   string // hex SM3 of the signer's certificate
	Time     time.Time
	DER      []byte
	Client   string
	Received time.Time
}

func millis(t time.Time) int64 { return t.UnixMilli() }

func instant(ms int64) time.Time { return time.UnixMilli(ms).UTC() }

// optional writes an empty text or a zero time as NULL.
func optional(s string) sql.NullString { return sql.NullString{String: s, Valid: s != ""} }

func optionalTime(t time.Time) sql.NullInt64 {
	return sql.NullInt64{Int64: t.UnixMilli(), Valid: !t.IsZero()}
}

func optionalInstant(n sql.NullInt64) time.Time {
	if !n.Valid {
		return time.Time{}
	}
	return instant(n.Int64)
}
