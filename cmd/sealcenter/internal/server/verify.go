package server

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/google/uuid"

	"sealdesk/cmd/sealcenter/internal/registry"
	"sealdesk/pdfseal/center/receipt"
	"sealdesk/pdfseal/ses"
)

// maxSignature bounds a seal signature (rule R1).
const maxSignature = 1 << 20

// answer is that of POST /v1/verifications. Bytes are base64.
type answer struct {
	Verdict      string   `json:"verdict"`
	Reasons      []string `json:"reasons"`
	Receipt      []byte   `json:"receipt"`
	Certificates [][]byte `json:"certificates"`
	CRLs         [][]byte `json:"crls"`
	Bundle       int      `json:"bundle"`
}

// order is one request for a verification.
type order struct {
	requestID, dataHash string
	sig                 *ses.Signature
	digest              string // SM3 of what was asked, to tell a repetition from another request
}

func readOrder(w http.ResponseWriter, r *http.Request) (*order, *problem) {
	body, p := readFlat(w, r, "requestId", "dataHash", "signature")
	if p != nil {
		return nil, p
	}
	o := &order{requestID: body["requestId"], dataHash: body["dataHash"]}
	der, err := decodeBase64(body["signature"])
	switch {
	case !isUUID(o.requestID):
		return nil, malformed("requestId: not a UUID in lower case")
	case !isDigest(o.dataHash):
		return nil, malformed("dataHash: not an SM3 digest in lower-case hexadecimal")
	case err != nil || len(der) > maxSignature:
		return nil, malformed("signature: not base64, or too large")
	}
	sig, err := ses.ParseSignature(der)
	if err != nil {
		return nil, newProblem(http.StatusUnprocessableEntity, "signature_unreadable", "not a seal signature of GB/T 38540 or GM/T 0031")
	}
	if _, ok := sig.Hash(); !ok {
		return nil, newProblem(http.StatusUnprocessableEntity, "signature_unreadable", "the digest in the seal signature is not one of SM3")
	}
	o.sig, o.digest = sig, hexSM3(bytes.Join([][]byte{[]byte(o.dataHash), sig.Raw}, nil))
	return o, nil
}

// verify judges a seal signature and answers a receipt, which is on the disk
// before it goes out. The same request again gives the same receipt.
func (s *Server) verify(w http.ResponseWriter, r *http.Request) error {
	o, p := readOrder(w, r)
	if p != nil {
		return p
	}
	b, err := s.bundle.take(r.Context())
	if err != nil {
		return err
	}
	defer b.release()
	v, err := s.o.Desk.Store.Verification(r.Context(), o.requestID)
	if errors.Is(err, registry.ErrNotFound) {
		v, err = s.decide(r.Context(), b, o, clientName(r))
	} else if err != nil {
		err = errors.Join(errStore, err)
	}
	if err != nil {
		return err
	}
	if v.RequestSM3 != o.digest {
		return newProblem(http.StatusConflict, "request_conflict", "this requestId has been used for another seal signature")
	}
	return writeJSON(w, http.StatusOK, answer{Verdict: v.Verdict, Reasons: v.Reasons, Receipt: v.Receipt, Certificates: b.certs, CRLs: b.crls, Bundle: v.Bundle})
}

// decide judges, signs and records. Where the same request has been decided
// meanwhile, that decision counts.
func (s *Server) decide(ctx context.Context, b *snapshot, o *order, client string) (registry.Verification, error) {
	v := registry.Verification{RequestID: o.requestID, RequestSM3: o.digest, Client: client, SealID: o.sig.Seal.ID, Bundle: b.Number}
	r, err := s.judge(ctx, b, o, time.Now().UTC().Truncate(time.Millisecond))
	if err != nil {
		return v, err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return v, err
	}
	r.ID, r.RequestID, r.Centre, r.Bundle = id.String(), o.requestID, s.o.Desk.Centre.Name, b.Number
	v.ID, v.Time, v.Verdict, v.Reasons = r.ID, r.Time, r.Verdict, r.Reasons
	v.Receipt, err = receipt.Sign(ctx, r, s.o.Key)
	var format *receipt.FormatError
	if errors.As(err, &format) {
		return v, newProblem(http.StatusUnprocessableEntity, "signature_unreadable", "the seal signature states what no receipt can: "+format.Field)
	}
	if err != nil {
		return v, err
	}
	err = s.o.Desk.Store.AddVerification(ctx, v)
	switch {
	case errors.Is(err, registry.ErrConflict):
		if v, err = s.o.Desk.Store.Verification(ctx, o.requestID); err != nil {
			return v, errors.Join(errStore, err)
		}
		return v, nil
	case err != nil:
		return v, errors.Join(errStore, err)
	}
	s.metrics.verdicts.WithLabelValues(v.Verdict).Inc()
	return v, nil
}
