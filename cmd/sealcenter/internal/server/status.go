package server

import (
	"context"
	"encoding/hex"
	"errors"
	"net/http"
	"slices"
	"time"

	"sealdesk/cmd/sealcenter/internal/desk"
	"sealdesk/cmd/sealcenter/internal/registry"
	"sealdesk/pdfseal/center/receipt"
	"sealdesk/pdfseal/gm"
)

// sealStatus is the answer of GET /v1/seals/{id}/status.
type sealStatus struct {
	ID           string    `json:"id"`
	Status       string    `json:"status"`
	Since        time.Time `json:"since"`
	SignerStatus string    `json:"signerStatus"`
	Bundle       int       `json:"bundle"`
	Time         time.Time `json:"time"`
}

// status answers the present state of a seal and of the certificate that would sign with it.
func (s *Server) status(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	sealSM3, signerSM3 := q.Get("sealSM3"), q.Get("signerSM3")
	if len(q) != 2 || len(q["sealSM3"]) != 1 || len(q["signerSM3"]) != 1 || !isDigest(sealSM3) || !isDigest(signerSM3) {
		return newProblem(http.StatusBadRequest, "parameter_malformed", "sealSM3 and signerSM3 are asked for, each an SM3 digest in hexadecimal, and nothing else")
	}
	b, err := s.bundle.take(r.Context())
	if err != nil {
		return err
	}
	defer b.release()
	id, store := r.PathValue("id"), s.o.Desk.Store
	seal, err := store.Seal(r.Context(), id)
	switch {
	case errors.Is(err, registry.ErrNotFound), err == nil && seal.SM3 != sealSM3:
		return newProblem(http.StatusNotFound, "seal_unknown", "the registry knows no such seal")
	case err != nil:
		return errors.Join(errStore, err)
	}
	state, err := store.State(r.Context(), id)
	if err != nil {
		return errors.Join(errStore, err)
	}
	now := time.Now().UTC().Truncate(time.Millisecond)
	out := sealStatus{ID: id, Status: string(state.Status), Since: state.Since, SignerStatus: receipt.CertificateUnknown, Bundle: b.Number, Time: now}
	if seal.CertSM3 == signerSM3 {
		if out.SignerStatus, err = s.certificateStatus(r.Context(), b, signerSM3, now); err != nil {
			return err
		}
	}
	return writeJSON(w, http.StatusOK, out)
}

// certificateStatus judges a certificate of the registry now.
func (s *Server) certificateStatus(ctx context.Context, b *snapshot, sm3 string, now time.Time) (string, error) {
	record, err := s.o.Desk.Store.Certificate(ctx, sm3)
	if errors.Is(err, registry.ErrNotFound) {
		return receipt.CertificateUnknown, nil
	}
	if err != nil {
		return "", errors.Join(errStore, err)
	}
	c, err := gm.ParseCertificate(record.DER)
	if err != nil {
		return "", err
	}
	p, err := s.judgeCertificate(ctx, b, c, purposes[record.Authority], now)
	return p.status, err
}

// states answers the states of a seal in the order of time; none where the registry does not know it.
func (s *Server) states(ctx context.Context, id string) ([]registry.State, error) {
	events, err := s.o.Desk.Store.SealEvents(ctx, id)
	if err != nil {
		return nil, errors.Join(errStore, err)
	}
	events = slices.DeleteFunc(events, func(e registry.Event) bool { return e.Status == "" })
	var out []registry.State
	for _, e := range events {
		out = append(out, registry.State{Status: e.Status, Since: e.Since})
	}
	return desk.States(out), nil
}

func hexSM3(b []byte) string {
	d := gm.SM3(b)
	return hex.EncodeToString(d[:])
}
