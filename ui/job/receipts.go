package job

import (
	"context"
	"encoding/hex"
	"errors"
	"iter"
	"log/slog"
	"path/filepath"
	"time"

	"sealdesk/pdfseal"
	"sealdesk/pdfseal/center"
	"sealdesk/pdfseal/register"
	"sealdesk/pdfseal/register/queue"
	"sealdesk/pdfseal/trust"
)

// Waiting is the queue of verifications; *queue.Queue is one.
type Waiting interface {
	Outbox
	List() ([]queue.Item, error)
	Lock() (release func(), held bool, err error)
}

// Ledger is the register of seal use as fetching receipts needs it; *register.Register is one.
type Ledger interface {
	Append(ctx context.Context, e register.Entry) (register.Entry, error)
	Settle(ctx context.Context) ([]register.Settled, error)
	Entries(ctx context.Context) iter.Seq2[register.Entry, error]
	LastCheckpoint() ([]byte, error)
}

// Receipts fetches receipts for files that were sealed without the centre. Centre is required.
type Receipts struct {
	Centre   Centre
	Queue    Waiting      // nil: only the files that are named
	Register Ledger       // nil: nothing is recorded
	Trust    *trust.Store // judges files and receipts; without it a file only must not be invalid
	Forget   bool         // take requests off the queue whose files are gone
	Now      func() time.Time
	Log      *slog.Logger
	Settled  func([]register.Settled) // as in Order
	Warned   func(error)              // as in Order
}

// ReceiptStatus is what became of one seal signature.
type ReceiptStatus string

// The results.
const (
	ReceiptEmbedded  ReceiptStatus = "embedded"  // the receipt stands in the file
	ReceiptPresent   ReceiptStatus = "present"   // it stood there already
	ReceiptRefused   ReceiptStatus = "refused"   // the centre does not find the seal signature valid
	ReceiptWaiting   ReceiptStatus = "waiting"   // the centre cannot be reached; it stays in the queue, if it was there
	ReceiptMissing   ReceiptStatus = "missing"   // the file is not where it was sealed to; it stays in the queue
	ReceiptForgotten ReceiptStatus = "forgotten" // nor is it any longer in the queue, as was wished
	ReceiptFailed    ReceiptStatus = "failed"    // something else; it stays in the queue, if it was there
)

// ReceiptOutcome is the result for one seal signature.
type ReceiptOutcome struct {
	File    string // as it was named; of the queue, absolute. Empty where an item of the queue cannot be read
	Field   string // of the seal, where it was found
	Status  ReceiptStatus
	Receipt string // identifier
	Err     error
}

// Fetch asks for the receipts of the files, and without any of everything that waits in the queue, and embeds them: each file gets
// them appended under its own name, what was there before stays beside it as .bak (rule W1). A seal that waits in the queue is
// asked for under its own request identifier, so that the centre has one record of it however often it was asked; that holds for a
// file that was moved, too. Where the centre is away, or not to be relied on, it is asked no more. At the end the centre gets the register's last
// checkpoint. The error is the first one of the outcomes, or of what comes before them; of a cancel it is that of ctx.
func (r *Receipts) Fetch(ctx context.Context, files []string) ([]ReceiptOutcome, error) {
	f := &fetching{Receipts: r, items: map[string]queue.Item{}}
	release, err := f.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer release()
	if len(files) > 0 {
		for _, path := range files {
			f.file(ctx, path)
		}
	} else {
		f.queue(ctx)
	}
	if err := ctx.Err(); err != nil {
		return f.out, err
	}
	f.sendCheckpoint(ctx)
	for _, o := range f.out {
		if o.Err != nil {
			return f.out, o.Err
		}
	}
	return f.out, nil
}

// fetching is one call of Fetch.
type fetching struct {
	*Receipts
	list  []queue.Item
	items map[string]queue.Item // by SM3 of the seal signature
	bad   error                 // items of the queue that cannot be read
	known uses
	gone  error // why the centre cannot be reached
	asked bool  // it has answered
	out   []ReceiptOutcome
}

// begin reserves and reads the queue, closes what a crash has left, and reads the register.
func (f *fetching) begin(ctx context.Context) (release func(), err error) {
	release = func() {}
	if f.Queue != nil {
		var held bool
		if release, held, err = f.Queue.Lock(); err != nil {
			return nil, situation("center.queue_unusable", err)
		}
		if !held {
			return nil, situation("center.queue_busy", nil)
		}
	}
	if err := f.read(ctx); err != nil {
		release()
		return nil, err
	}
	return release, nil
}

func (f *fetching) read(ctx context.Context) error {
	if f.Register != nil {
		settled, err := f.Register.Settle(ctx)
		if f.Queue != nil {
			forget(settled, f.Queue, f.log())
		}
		if len(settled) > 0 && f.Settled != nil {
			f.Settled(settled)
		}
		if err != nil {
			return err
		}
		if f.known, err = readUses(ctx, f.Register); err != nil {
			return err
		}
	}
	if f.Queue == nil {
		return nil
	}
	var err error
	f.list, err = f.Queue.List()
	switch {
	case errors.Is(err, queue.ErrItem):
		f.bad = situation("center.queue_item", err)
	case err != nil:
		return situation("center.queue_unusable", err)
	}
	for _, i := range f.list {
		f.items[i.SignatureSM3] = i
	}
	return nil
}

// ask has the centre verify one seal signature of the file at path and embeds the receipt.
func (f *fetching) ask(ctx context.Context, path string, w wanted) ReceiptOutcome {
	o := ReceiptOutcome{File: path, Field: w.field, Status: ReceiptFailed}
	if f.gone != nil {
		o.Status, o.Err = ReceiptWaiting, f.gone
		return o
	}
	a, err := f.Centre.Verify(ctx, w.req)
	switch {
	case err != nil && ctx.Err() != nil:
		o.Err = ctx.Err()
		return o
	case err != nil:
		if o.Err = err; away(err) {
			o.Status = ReceiptWaiting
		}
		if !aboutRequest(err) {
			f.gone = err
		}
		return o
	}
	f.asked, o.Receipt = true, a.Signed.ID
	if err := confirms(a); err != nil {
		o.Status, o.Err = ReceiptRefused, err
		f.closeRefused(ctx, path, w, o, a.Verdict)
		return o
	}
	o.Status, o.Err = f.embed(ctx, path, w, a)
	return o
}

// embed puts the receipt into the file; the register has it before.
func (f *fetching) embed(ctx context.Context, path string, w wanted, a *center.Answer) (ReceiptStatus, error) {
	status := ReceiptEmbedded
	_, err := pdfseal.AddEvidenceFile(ctx, "", path, *evidence(a), pdfseal.EvidenceOptions{Trust: f.Trust, Now: f.now(), InPlace: true,
		Commit: func(ctx context.Context, done *pdfseal.Enriched) error {
			if err := provenBy(done.Report, w.field); err != nil {
				return err
			}
			return f.record(ctx, path, w, a.Signed.ID, string(done.Report.Verdict), done)
		}})
	var there *pdfseal.EvidenceError
	var saved *pdfseal.SaveError
	switch {
	case errors.As(err, &there) && there.Key == pdfseal.EvidencePresent:
		status = ReceiptPresent
	case errors.As(err, &saved) && saved.Step == pdfseal.StepSyncDir: // it is there; that it stays is not certain
		return status, errors.Join(err, f.done(w))
	case err != nil:
		return ReceiptFailed, err
	}
	return status, f.done(w)
}

// aboutRequest tells whether an error of the centre is about the one request, so that another one may fare better.
func aboutRequest(err error) bool {
	var e *center.Error
	if !errors.As(err, &e) {
		return true
	}
	return e.Kind == center.KindConflict || e.Kind == center.KindRefused || e.Kind == center.KindReceipt
}

// closeRefused takes a seal signature off the queue that the centre does not confirm: it would say the same again.
func (f *fetching) closeRefused(ctx context.Context, path string, w wanted, o ReceiptOutcome, verdict string) {
	err := f.record(ctx, path, w, o.Receipt, verdict, nil)
	if err == nil {
		err = f.done(w)
	}
	if err != nil {
		f.log().Warn("the centre's refusal stays in the queue", "error", err.Error())
	}
}

// record writes down that a receipt came; done, where the file is about to carry it, says what it is then.
func (f *fetching) record(ctx context.Context, path string, w wanted, id, verdict string, done *pdfseal.Enriched) error {
	if f.Register == nil || w.seq == 0 {
		return nil
	}
	e := register.Entry{Kind: register.KindReceipt, Ref: w.seq, File: filepath.Base(path), Receipt: id, Result: verdict}
	if done != nil {
		e.After, e.Size = hex.EncodeToString(done.SM3After[:]), done.Size
	}
	_, err := f.Register.Append(ctx, e)
	return err
}

// done takes a request off the queue.
func (f *fetching) done(w wanted) error {
	if !w.queued {
		return nil
	}
	if err := f.Queue.Done(w.req.RequestID); err != nil {
		return situation("center.queue_unusable", err)
	}
	return nil
}

// sendCheckpoint hands the register's last checkpoint to a centre that has answered; see batch.sendCheckpoint.
func (f *fetching) sendCheckpoint(ctx context.Context) {
	if f.Register == nil || !f.asked || f.gone != nil {
		return
	}
	der, err := f.Register.LastCheckpoint()
	if err == nil && der != nil {
		err = f.Centre.Checkpoint(ctx, der)
	}
	if err == nil {
		return
	}
	f.log().Warn("the checkpoint of the register was not sent", "error", err.Error())
	if forked(err) && f.Warned != nil {
		f.Warned(err)
	}
}

func (r *Receipts) now() time.Time {
	if r.Now != nil {
		return r.Now()
	}
	return time.Now()
}

func (r *Receipts) log() *slog.Logger {
	if r.Log != nil {
		return r.Log
	}
	return slog.New(slog.DiscardHandler)
}
