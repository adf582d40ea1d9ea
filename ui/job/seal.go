package job

import (
	"context"
	"errors"
	"time"

	"sealdesk/pdfseal"
	"sealdesk/pdfseal/center"
	"sealdesk/pdfseal/register"
	"sealdesk/token"
)

// batch is one call of Seal in progress.
type batch struct {
	*Sealer
	order     Order
	out       []Outcome
	pages     []int
	marks     [][]pdfseal.Mark
	straddles []*pdfseal.Straddle
	placed    [][]pdfseal.PlacedMark // of marks and straddles
	traces    []trace
	held      *held // nil until a seal is chosen

	away     error             // why the centre could not be reached; it is asked once in a batch
	requests []*center.Request // for each document what waits for the centre
	signed   []byte            // checkpoint of the register, DER; nil without one
}

// Seal carries out an order. Documents that the gate refuses are not sealed, the others are; the first failure of the key, or word of the
// centre against the seal, stops the batch. Finished documents stay. There is one Outcome for each document, in the order's sequence; the error is that of the first
// document that failed, nil if all were sealed. The key is logged out and closed in any case. With a register every document that was
// tried is recorded; one whose outcome carries Affixed and Err stands on the disk although something after it failed.
func (s *Sealer) Seal(ctx context.Context, o Order) ([]Outcome, error) {
	b := &batch{Sealer: s, order: o, out: make([]Outcome, len(o.Documents)), pages: make([]int, len(o.Documents)),
		marks: make([][]pdfseal.Mark, len(o.Documents)), straddles: make([]*pdfseal.Straddle, len(o.Documents)),
		placed: make([][]pdfseal.PlacedMark, len(o.Documents)), traces: make([]trace, len(o.Documents)),
		requests: make([]*center.Request, len(o.Documents))}
	for i, d := range o.Documents {
		b.out[i] = Outcome{Document: d, Status: NotStarted}
	}
	if err := b.settle(ctx); err != nil {
		b.stop(ctx, err)
		return b.out, err
	}
	b.warm(ctx)
	b.gate(ctx)
	if b.open() > 0 {
		b.order.progress(Progress{Phase: PhaseKey})
		if err := b.withKey(ctx); err != nil {
			b.stop(ctx, err)
		}
		b.sendCheckpoint(ctx)
	}
	for _, r := range b.out {
		if r.Err != nil {
			return b.out, r.Err
		}
	}
	return b.out, nil
}

// open counts the documents that are still to be sealed.
func (b *batch) open() int {
	n := 0
	for _, r := range b.out {
		if r.Status == NotStarted {
			n++
		}
	}
	return n
}

// stop files an error that concerns the whole batch with the first document that it kept from being sealed.
func (b *batch) stop(ctx context.Context, err error) {
	for i := range b.out {
		if b.out[i].Status == NotStarted {
			b.fail(ctx, i, err)
			return
		}
	}
}

func (b *batch) fail(ctx context.Context, i int, err error) {
	b.out[i].Status, b.out[i].Err = Failed, err
	b.recordFailure(ctx, i)
}

// each calls f for every document that is still to be sealed; the error of f is that of the document.
func (b *batch) each(ctx context.Context, f func(i int) error) {
	for i := range b.out {
		if b.out[i].Status != NotStarted {
			continue
		}
		err := ctx.Err()
		if err == nil {
			err = f(i)
		}
		if err != nil {
			b.fail(ctx, i, err)
			if stops(err) {
				return
			}
		}
	}
}

// stops tells whether an error ends the batch: the user gave up, the key failed, nothing can be recorded, or the centre is against it.
func stops(err error) bool {
	var signer *pdfseal.SignerError
	var reg *register.Error
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || errors.As(err, &signer) || errors.As(err, &reg) ||
		ofCentre(err)
}

// withKey does everything that needs the key: choosing, checking, log-in, sealing, log-out.
func (b *batch) withKey(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := b.early(); err != nil {
		return err
	}
	h, err := b.choose(ctx, b.order.SealID)
	if err != nil {
		return err
	}
	defer h.token.Close()
	b.held = h
	known := h.seal.Seal != nil
	if known {
		if err := b.prepare(ctx, h); err != nil || b.open() == 0 {
			return err
		}
	}
	if err := b.login(ctx, h); err != nil {
		return err
	}
	defer logout(ctx, h.token)
	if !known {
		if err := b.choosePrivate(ctx, h, b.order.SealID); err != nil {
			return err
		}
		if err := b.prepare(ctx, h); err != nil {
			return err
		}
	}
	signer, err := h.token.Signer(ctx, h.seal.Certificate.DER)
	if err != nil {
		return err
	}
	b.each(ctx, func(i int) error { return b.affix(ctx, i, h.seal, signer) })
	b.checkpoint(ctx, signer)
	return nil
}

// early refuses at once what no key can mend.
func (b *batch) early() error {
	if b.Trust == nil && !b.Policy.WithoutTrust {
		return situation("job.no_trust", nil)
	}
	return nil
}

// prepare checks seal, certificate and mechanism, and finds the place on each document.
func (b *batch) prepare(ctx context.Context, h *held) error {
	cert := h.seal.Certificate.DER
	if err := CheckSeal(h.seal.Seal, cert, b.Trust, b.Policy, b.now()); err != nil {
		return err
	}
	if err := h.token.CheckSM2(ctx, cert); err != nil {
		return err
	}
	if err := b.askStatus(ctx, h.seal); err != nil {
		return err
	}
	b.each(ctx, func(i int) error { return b.place(ctx, i, h.seal) })
	return ctx.Err()
}

// login asks for the PIN once. A locked key is not tried.
func (b *batch) login(ctx context.Context, h *held) error {
	if h.info.PIN.Locked {
		return &token.PINError{Locked: true, State: h.info.PIN}
	}
	return h.token.Login(ctx, func(ctx context.Context, r token.PINRequest) (token.PIN, error) {
		if h.seal.Seal != nil {
			r.SealName = h.seal.Seal.Name
		}
		r.Documents, r.Reason = b.open(), b.order.Reason
		return b.order.PIN(ctx, r)
	})
}

// logoutPatience bounds the log-out, which must happen even after a cancel.
const logoutPatience = 10 * time.Second

func logout(ctx context.Context, t token.Token) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), logoutPatience)
	defer cancel()
	// A key that was pulled cannot be logged out; closing the session does it where the key is still there.
	_ = t.Logout(ctx)
}

// affix seals one document.
func (b *batch) affix(ctx context.Context, i int, seal KeySeal, signer token.Signer) error {
	d := b.out[i].Document
	req := pdfseal.Request{
		Seal: seal.Seal.Raw, Signer: signer, Marks: b.marks[i], Straddle: b.straddles[i], Time: b.now(), Reason: b.order.Reason,
		Filter: b.Filter, SubFilter: b.SubFilter, Trust: b.Trust,
		Progress: func(done, total int64) {
			b.order.progress(Progress{Phase: PhaseSealing, Document: i, Done: done, Total: total})
		},
	}
	if b.Register != nil {
		req.Signer = recordingSigner{signer, b, i}
	}
	if b.Centre != nil || b.Outbox != nil {
		req.Enrich = func(ctx context.Context, s pdfseal.Sealed) (*pdfseal.Evidence, error) { return b.enrich(ctx, i, s) }
	}
	req.Commit = func(ctx context.Context, done *pdfseal.Affixed) error { return b.commit(ctx, i, done) }
	done, err := pdfseal.AffixFile(ctx, d.Out, d.In, req)
	b.out[i].Affixed = done // with pdfseal.StepSyncDir the file is there although its durability is unknown
	if done == nil {
		b.dropRequest(i)
	}
	if err == nil && b.Register != nil {
		err = b.conclude(ctx, i, done)
	}
	if err != nil {
		return err
	}
	b.out[i].Status = Sealed
	return nil
}

// commit is what comes between the verified file and its name.
func (b *batch) commit(ctx context.Context, i int, done *pdfseal.Affixed) error {
	if done.Evidence {
		if err := provenBy(done.Report, done.Field); err != nil {
			return err
		}
	}
	if b.Register != nil {
		if err := b.intend(ctx, i, done); err != nil {
			return err
		}
	}
	return b.keepRequest(i)
}
