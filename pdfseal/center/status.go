package center

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"sealdesk/pdfseal/center/receipt"
)

// codeUnknownSeal is the one code of a problem by which the client decides; the others are told apart by their status.
const codeUnknownSeal = "seal_unknown"

// Status is what the centre knows of a seal now.
type Status struct {
	ID           string
	Status       string // receipt.SealInForce, …
	Since        time.Time
	SignerStatus string    // receipt.CertificateGood, …
	Bundle       int       // number of the bundle that says the same, or will
	Time         time.Time // of the centre
	Skew         time.Duration
}

// Status asks whether seal and certificate are in force. sealSM3 and
// signerSM3 are 64 hexadecimal digits, of the SESeal and of the signer's
// certificate. Errors are *Error, of KindUnknownSeal where the centre has no
// such seal, and of KindClock where the clocks differ by more than five
// minutes, since a seal set now would carry a wrong time.
func (c *Client) Status(ctx context.Context, sealID, sealSM3, signerSM3 string) (*Status, error) {
	for _, d := range []string{sealSM3, signerSM3} {
		if b, err := hex.DecodeString(d); err != nil || len(b) != 32 {
			return nil, fmt.Errorf("center: %.80q is no digest", d)
		}
	}
	query := url.Values{"sealSM3": {sealSM3}, "signerSM3": {signerSM3}}
	q := call{method: http.MethodGet, path: "/v1/seals/" + url.PathEscape(sealID) + "/status", query: query.Encode(), accept: []int{http.StatusOK}}
	var s *Status
	err := c.limited(ctx, func(ctx context.Context) error {
		return c.retry(ctx, q, func(a answer) (err error) {
			s, err = c.readStatus(a, sealID)
			return err
		})
	})
	var e *Error
	switch {
	case errors.As(err, &e) && e.Kind == KindRefused && e.Code == codeUnknownSeal:
		e.Kind = KindUnknownSeal
		return nil, e
	case err != nil:
		return nil, err
	case s.Skew.Abs() > maxSkew:
		return nil, &Error{Kind: KindClock, Host: c.Host(), Skew: s.Skew}
	}
	return s, nil
}

func (c *Client) readStatus(a answer, sealID string) (*Status, error) {
	b, err := c.read(a, jsonType, maxAnswer)
	if err != nil {
		return nil, err
	}
	f := readFields(b)
	s := &Status{ID: f.word("id", sealID), Skew: a.skew, Bundle: f.number("bundle"), Since: f.time("since"), Time: f.time("time"),
		Status:       f.word("status", receipt.SealInForce, receipt.SealSuspended, receipt.SealCancelled, receipt.SealReportedLost),
		SignerStatus: f.word("signerStatus", receipt.CertificateGood, receipt.CertificateRevoked, receipt.CertificateUnknown, receipt.CertificateExpired)}
	return s, f.done()
}
