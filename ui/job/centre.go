package job

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"sealdesk/pdfseal"
	"sealdesk/pdfseal/center"
	"sealdesk/pdfseal/center/receipt"
	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/register"
	"sealdesk/pdfseal/register/queue"
)

// Centre is the central verification endpoint; *center.Client is one.
type Centre interface {
	Status(ctx context.Context, sealID, sealSM3, signerSM3 string) (*center.Status, error)
	Verify(ctx context.Context, r center.Request) (*center.Answer, error)
	Checkpoint(ctx context.Context, der []byte) error
}

// Outbox keeps verifications that could not be sent; *queue.Queue is one.
type Outbox interface {
	Add(i queue.Item) error
	Done(requestID string) error
}

// CentreResult is what the centre had to do with a sealed document. The zero value: it was not asked, and it is not going to be.
type CentreResult struct {
	Receipt string // identifier of the receipt that was embedded, "" without one
	Queued  bool   // the verification waits to be sent
	Err     error  // why there is no receipt, where the centre was to be asked
}

// offline tells whether documents are sealed now and verified by the centre later, as the user wishes.
func (s *Sealer) offline() bool { return s.Centre == nil && s.Outbox != nil }

// away tells whether an error means that the centre cannot be reached at the moment, which is no reason not to seal: what it would
// have said comes from the trust bundle now, and from the centre later. A centre that shows a wrong certificate or talks nonsense is
// another matter.
func away(err error) bool {
	var e *center.Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.Kind {
	case center.KindUnreachable, center.KindProxy, center.KindSlow, center.KindHalf, center.KindBusy, center.KindFault:
		return true
	}
	return false
}

// ofCentre tells whether an error is the centre's word, or that there was none to rely on: no document of a batch can do better then,
// and the key is not used for another one.
func ofCentre(err error) bool {
	var e *center.Error
	var s *Error
	return errors.As(err, &e) || errors.As(err, &s) && strings.HasPrefix(s.Key, "center.")
}

// askStatus asks the centre whether seal and certificate are in force, before the PIN is asked (DESIGN §4, step 4). A centre that is
// away is noted, and the trust bundle alone has decided.
func (b *batch) askStatus(ctx context.Context, seal KeySeal) error {
	if b.Centre == nil {
		return nil
	}
	b.order.progress(Progress{Phase: PhaseCentre})
	sealSM3, signerSM3 := gm.SM3(seal.Seal.Raw), gm.SM3(seal.Certificate.DER)
	st, err := b.Centre.Status(ctx, seal.Seal.ID, hex.EncodeToString(sealSM3[:]), hex.EncodeToString(signerSM3[:]))
	switch {
	case err != nil && ctx.Err() != nil:
		return ctx.Err()
	case away(err):
		b.log().Warn("centre not reached", "error", err.Error())
		b.away = err
		return nil
	case err != nil:
		return err
	case st.Status != receipt.SealInForce:
		return situation("center.seal_status", nil, "Name", seal.Seal.Name, "status", st.Status)
	case st.SignerStatus != receipt.CertificateGood:
		return situation("center.signer_status", nil, "Subject", seal.Certificate.Subject, "certificate", st.SignerStatus)
	}
	return nil
}

// enrich has the centre verify the seal signature of document i, and answers its receipt for embedding. Where the centre is away, or is
// not to be asked now, the request is kept for later; where it does not find the seal signature valid, sealing ends.
func (b *batch) enrich(ctx context.Context, i int, s pdfseal.Sealed) (*pdfseal.Evidence, error) {
	out := &b.out[i].Centre
	req := center.Request{RequestID: uuid.NewString(), DataHash: s.DataHash, Signature: s.Signature}
	b.requests[i] = &req
	if b.away != nil || b.offline() { // the first document has waited long enough
		out.Queued, out.Err = b.Outbox != nil, b.away
		return nil, nil
	}
	b.order.progress(Progress{Phase: PhaseCentre, Document: i})
	a, err := b.Centre.Verify(ctx, req)
	switch {
	case err != nil && ctx.Err() != nil:
		return nil, ctx.Err()
	case away(err):
		b.log().Warn("centre not reached", "error", err.Error())
		b.away = err
		out.Queued, out.Err = b.Outbox != nil, err
		return nil, nil
	case err != nil:
		return nil, err
	}
	if err := confirms(a); err != nil {
		return nil, err
	}
	b.requests[i] = nil
	out.Receipt = a.Signed.ID
	return evidence(a), nil
}

// confirms refuses an answer that does not confirm the seal signature in every respect: rule T3 takes no other receipt as proof.
func confirms(a *center.Answer) error {
	s := a.Signed
	if a.Verdict == receipt.VerdictValid && s.SealStatus == receipt.SealInForce && s.SignerStatus == receipt.CertificateGood &&
		s.MakerStatus == receipt.CertificateGood {
		return nil
	}
	return situation("center.verdict", nil, "verdict", a.Verdict, "Reasons", strings.Join(a.Reasons, ", "))
}

func evidence(a *center.Answer) *pdfseal.Evidence {
	return &pdfseal.Evidence{Receipt: a.Receipt, Certificates: a.Certificates, CRLs: a.CRLs}
}

// provenBy tells by the report of a file with a receipt whether that receipt is the trusted time of the seal in field. One of a centre
// that the trust bundle does not vouch for proves nothing to anybody, and is not put into a file. Without a bundle it cannot be told.
func provenBy(rep *pdfseal.Report, field string) error {
	if rep == nil || rep.Trust == nil {
		return nil
	}
	for _, s := range rep.Seals {
		if s.Field == field && s.Time.Source == pdfseal.TimeClaimed {
			return situation("center.untrusted", nil, "Bundle", strconv.Itoa(rep.Trust.Number))
		}
	}
	return nil
}

// queueItem is a request as it waits for the centre.
type queueItem struct {
	RequestID string `json:"requestId"`
	DataHash  string `json:"dataHash"`
	Signature []byte `json:"signature"`
}

// keepRequest queues the verification of document i under the name that the sealed file is about to get. It comes after the record
// "intended" and before the file appears: a sealed file without a receipt is never forgotten.
func (b *batch) keepRequest(i int) error {
	req := b.requests[i]
	if req == nil || !b.out[i].Centre.Queued {
		return nil
	}
	path, err := filepath.Abs(b.out[i].Out)
	if err != nil {
		return err
	}
	item, err := newItem(*req, path, b.traces[i].intended)
	if err != nil {
		return err
	}
	if err := b.Outbox.Add(item); err != nil {
		return situation("center.queue", err, "Path", b.out[i].Out)
	}
	return nil
}

// dropRequest undoes keepRequest for a document whose file has not appeared.
func (b *batch) dropRequest(i int) {
	c := &b.out[i].Centre
	if c.Queued && b.requests[i] != nil {
		if err := b.Outbox.Done(b.requests[i].RequestID); err != nil {
			b.log().Warn("a request without a file stays in the queue", "error", err.Error())
		}
	}
	*c = CentreResult{}
}

func newItem(req center.Request, path string, seq int64) (queue.Item, error) {
	body, err := json.Marshal(queueItem{req.RequestID, hex.EncodeToString(req.DataHash[:]), req.Signature})
	if err != nil {
		return queue.Item{}, fmt.Errorf("job: %w", err)
	}
	sum := gm.SM3(req.Signature)
	return queue.Item{RequestID: req.RequestID, File: path, SignatureSM3: hex.EncodeToString(sum[:]), Request: body, RegisterSeq: seq}, nil
}

// receiptOf is what the register says of the receipt of document i.
func (b *batch) receiptOf(i int) string {
	c := b.out[i].Centre
	if c.Queued {
		return register.ReceiptQueued
	}
	return c.Receipt
}

// sendCheckpoint hands the register's checkpoint to the centre. It can be sent again at any time, so a failure is only logged; but that
// the centre holds another register under the same key is told, for one of the two is not the true one.
func (b *batch) sendCheckpoint(ctx context.Context) {
	if b.Centre == nil || b.away != nil || b.signed == nil || ctx.Err() != nil {
		return
	}
	err := b.Centre.Checkpoint(ctx, b.signed)
	if err == nil {
		return
	}
	b.log().Warn("the checkpoint of the register was not sent", "error", err.Error())
	if forked(err) && b.order.Warned != nil {
		b.order.Warned(err)
	}
}

// forked tells whether the centre holds another register under the same key.
func forked(err error) bool {
	var e *center.Error
	return errors.As(err, &e) && e.Kind == center.KindConflict
}
