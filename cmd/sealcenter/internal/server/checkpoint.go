package server

import (
	"errors"
	"net/http"
	"time"

	"sealdesk/cmd/sealcenter/internal/registry"
	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/register"
	"sealdesk/pdfseal/trust"
)

// checkpoint keeps the signed head of a register of seal use, so that nobody can shorten it unseen.
func (s *Server) checkpoint(w http.ResponseWriter, r *http.Request) error {
	body, p := readFlat(w, r, "checkpoint")
	if p != nil {
		return p
	}
	der, err := decodeBase64(body["checkpoint"])
	if err != nil {
		return malformed("checkpoint: " + err.Error())
	}
	c, err := register.ParseCheckpoint(der)
	if err != nil {
		return newProblem(http.StatusUnprocessableEntity, "checkpoint_unreadable", "not a signed checkpoint, or its signature value is wrong")
	}
	b, err := s.bundle.take(r.Context())
	if err != nil {
		return err
	}
	defer b.release()
	signer, err := gm.ParseCertificate(c.SignerCert)
	if err != nil || b.chain(signer, trust.PurposeSigner).Status != trust.ChainTrusted {
		return newProblem(http.StatusUnprocessableEntity, "checkpoint_untrusted", "the checkpoint is not signed by a custodian whom the centre knows")
	}
	err = s.o.Desk.Store.AddCheckpoint(r.Context(), registry.Checkpoint{Register: c.Register, Size: c.Size, Head: c.Head, Signer: hexSM3(c.SignerCert),
		Time: c.Time, DER: c.Raw, Client: clientName(r), Received: time.Now()})
	switch {
	case errors.Is(err, registry.ErrFork):
		s.o.Log.Warn("checkpoint contradicts an earlier one", "register", c.Register[:16], "size", c.Size)
		return newProblem(http.StatusConflict, "checkpoint_fork", "this register was larger before, or had another content")
	case err != nil:
		return errors.Join(errStore, err)
	}
	return writeJSON(w, http.StatusCreated, map[string]any{"register": c.Register, "size": c.Size})
}
