package trust

import (
	"encoding/json"
	"fmt"
	"time"
)

// Format is the format mark of a trust file.
const Format = "sealdesk-trust/1"

// Limits of a trust file (rule R1).
const (
	MaxFile    = 48 << 20 // bytes
	MaxAnchors = 256
	MaxCRLs    = 256
	MaxSeals   = 400_000
	maxText    = 200 // characters of a name or seal identifier
)

// Purpose is what a certificate authority is trusted for.
type Purpose string

// The purposes. An anchor has exactly one; an authority that serves two is listed twice.
const (
	PurposeSigner    Purpose = "signer"     // issues the certificates of those who sign with seals
	PurposeMaker     Purpose = "seal-maker" // issues the certificates of those who make seals
	PurposeTimestamp Purpose = "timestamp"  // issues, or is, a timestamp certificate
	PurposeCentre    Purpose = "centre"     // issues, or is, the certificate of a verification centre
)

func (p Purpose) known() bool {
	switch p {
	case PurposeSigner, PurposeMaker, PurposeTimestamp, PurposeCentre:
		return true
	}
	return false
}

// pinnable reports whether the trust file may name the end certificate itself.
func (p Purpose) pinnable() bool { return p == PurposeTimestamp || p == PurposeCentre }

// File is a trust file: what a bundle says, as plain JSON with the field names
// given and without a signature. Tests inside the program use it; no command
// reads one. Bytes are base64 (RFC 4648, 4), times RFC 3339.
type File struct {
	Format  string       `json:"format"`
	Name    string       `json:"name"`
	Number  int          `json:"number"` // 1 or more, grows with each issue
	Issued  time.Time    `json:"issued"`
	Expires time.Time    `json:"expires,omitzero"` // zero: no end is stated
	Anchors []Anchor     `json:"anchors"`
	CRLs    [][]byte     `json:"crls,omitempty"`  // DER
	Seals   []SealStatus `json:"seals,omitempty"` // states of one seal in the order of time; empty: the file says nothing about seals

	Departments []Department `json:"departments,omitempty"`
	Policy      Policy       `json:"policy,omitzero"`
}

// Anchor is a trusted authority. An Intermediate is only known, not trusted:
// it must chain to an anchor of the same purpose.
type Anchor struct {
	Purpose      Purpose `json:"purpose"`
	Certificate  []byte  `json:"certificate"` // DER
	Intermediate bool    `json:"intermediate,omitempty"`
}

// Marshal writes the file, indented, with a line end. It answers an error
// where Parse would refuse the result.
func (f File) Marshal() ([]byte, error) {
	if f.Format == "" {
		f.Format = Format
	}
	b, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("trust: write: %w", err)
	}
	b = append(b, '\n')
	if _, err := Parse(b); err != nil {
		return nil, err
	}
	return b, nil
}
