package center

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"sealdesk/pdfseal/center/receipt"
	"sealdesk/pdfseal/ses"
)

// Request asks the centre to verify a seal signature.
type Request struct {
	RequestID string   // UUID in lower case; the same for every repetition
	DataHash  [32]byte // SM3 of the protected bytes of the document
	Signature []byte   // SES_Signature, DER, without padding
}

// Answer is the centre's word on it, with what proves it offline.
type Answer struct {
	Verdict      string   // receipt.VerdictValid, …
	Reasons      []string // rule and key, such as "E7:SEAL_STATUS"
	Receipt      []byte   // the signed receipt, DER
	Certificates [][]byte // DER
	CRLs         [][]byte // DER
	Bundle       int
	Signed       *receipt.Signed // Receipt, read; its signature value holds
	Skew         time.Duration   // centre's clock minus this computer's
}

// Verify sends a seal signature and answers the centre's verdict. The receipt
// has been read, its signature value checked, and it is about this request and
// this seal signature; that its signer is trusted remains to be checked. An
// invalid seal is an Answer. Errors are *Error, and an error of package ses
// where the signature is none.
func (c *Client) Verify(ctx context.Context, r Request) (*Answer, error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	body, err := json.Marshal(struct {
		RequestID string `json:"requestId"`
		DataHash  string `json:"dataHash"`
		Signature []byte `json:"signature"`
	}{r.RequestID, hex.EncodeToString(r.DataHash[:]), r.Signature})
	if err != nil {
		return nil, fmt.Errorf("center: %w", err)
	}
	var out *Answer
	q := call{method: http.MethodPost, path: "/v1/verifications", body: body, accept: []int{http.StatusOK}}
	err = c.limited(ctx, func(ctx context.Context) error {
		return c.retry(ctx, q, func(a answer) (err error) {
			out, err = c.readAnswer(a, r)
			return err
		})
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (r Request) check() error {
	sig, err := ses.ParseSignature(r.Signature)
	if err != nil {
		return err
	}
	if len(sig.Raw) != len(r.Signature) {
		return errors.New("center: the seal signature has padding")
	}
	if !isUUID(r.RequestID) {
		return fmt.Errorf("center: request number %.40q is no UUID", r.RequestID)
	}
	return nil
}

func isUUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i, c := range []byte(s) {
		dash := i == 8 || i == 13 || i == 18 || i == 23
		hexadecimal := c >= '0' && c <= '9' || c >= 'a' && c <= 'f'
		if dash && c != '-' || !dash && !hexadecimal {
			return false
		}
	}
	return true
}

func (c *Client) readAnswer(a answer, r Request) (*Answer, error) {
	b, err := c.read(a, jsonType, maxAnswer)
	if err != nil {
		return nil, err
	}
	f := readFields(b)
	out := &Answer{Verdict: f.word("verdict", receipt.VerdictValid, receipt.VerdictInvalid, receipt.VerdictIndeterminate), Reasons: f.texts("reasons"),
		Receipt: f.bytes("receipt"), Certificates: f.blobs("certificates"), CRLs: f.blobs("crls"), Bundle: f.number("bundle"), Skew: a.skew}
	if err := f.done(); err != nil {
		return nil, err
	}
	if err := out.bind(r); err != nil {
		return nil, &Error{Kind: KindReceipt, Host: c.Host(), Err: err}
	}
	return out, nil
}

// bind holds the receipt against the request and against the answer around it.
func (out *Answer) bind(r Request) (err error) {
	if out.Signed, err = receipt.Parse(out.Receipt); err != nil {
		return err
	}
	sig, err := ses.ParseSignature(r.Signature)
	if err != nil {
		return err
	}
	if err := out.Signed.Covers(sig, r.Signature); err != nil {
		return err
	}
	s := out.Signed.Receipt
	switch {
	case s.RequestID != r.RequestID:
		return errors.New("the receipt names another request")
	case s.DataHash != hex.EncodeToString(r.DataHash[:]) && out.Verdict == receipt.VerdictValid: // else it may be just what is found wrong
		return errors.New("the receipt names another digest of the document")
	case s.Verdict != out.Verdict || s.Bundle != out.Bundle || !slices.Equal(s.Reasons, out.Reasons):
		return errors.New("the receipt differs from the answer around it")
	}
	return nil
}
