package job

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"

	"github.com/google/uuid"

	"sealdesk/pdfseal"
	"sealdesk/pdfseal/center"
	"sealdesk/pdfseal/register"
	"sealdesk/pdfseal/register/queue"
)

// wanted is one request for a receipt.
type wanted struct {
	req    center.Request
	field  string
	seq    int64 // of the record "intended", 0 without one
	queued bool
}

// uses is what the register says of seal signatures.
type uses struct {
	intended map[string]int64 // number of the record "intended" by SM3 of the seal signature
	done     map[int64]bool   // records "intended" whose file has appeared
	ended    map[int64]bool   // those whose file has not
}

func readUses(ctx context.Context, r Ledger) (uses, error) {
	u := uses{map[string]int64{}, map[int64]bool{}, map[int64]bool{}}
	for e, err := range r.Entries(ctx) {
		if err != nil {
			return u, err
		}
		switch e.Kind {
		case register.KindIntended:
			u.intended[e.Signature] = e.Seq
		case register.KindDone:
			u.done[e.Ref] = true
		case register.KindFailed, register.KindRefused:
			u.ended[e.Ref] = true
		}
	}
	return u, nil
}

// file serves a file that was named: every seal in it that has no receipt.
func (f *fetching) file(ctx context.Context, path string) {
	if ctx.Err() == nil {
		f.serve(ctx, path, "")
	}
}

// queue serves everything that waits.
func (f *fetching) queue(ctx context.Context) {
	if f.bad != nil {
		f.out = append(f.out, ReceiptOutcome{Status: ReceiptFailed, Err: f.bad})
	}
	for _, i := range f.list {
		if ctx.Err() != nil {
			return
		}
		switch _, err := os.Lstat(i.File); {
		case errors.Is(err, fs.ErrNotExist):
			f.missing(i)
		case f.gone != nil:
			f.out = append(f.out, ReceiptOutcome{File: i.File, Status: ReceiptWaiting, Err: f.gone})
		default:
			f.serve(ctx, i.File, i.SignatureSM3)
		}
	}
}

// missing serves a request whose file is not there: it never appeared, is about to appear, or was moved or deleted.
func (f *fetching) missing(i queue.Item) {
	o := ReceiptOutcome{File: i.File, Status: ReceiptMissing}
	never := f.known.ended[i.RegisterSeq]
	if never || f.Forget && (f.Register == nil || f.known.done[i.RegisterSeq]) {
		if err := f.Queue.Done(i.RequestID); err != nil {
			o.Status, o.Err = ReceiptFailed, situation("center.queue_unusable", err)
		} else if o.Status = ReceiptForgotten; never {
			return
		}
	} else {
		o.Err = situation("center.file_moved", nil, "Path", i.File)
	}
	f.out = append(f.out, o)
}

// serve asks for the seals of the file at path that have no receipt yet; only, where set, names the one that is meant.
func (f *fetching) serve(ctx context.Context, path, only string) {
	seals, rep, err := f.seals(ctx, path)
	if err == nil && only != "" {
		seals = slices.DeleteFunc(seals, func(s pdfseal.Sealed) bool { return nameOf(s) != only })
		if len(seals) == 0 {
			err = situation("center.file_other", nil, "Path", path)
		}
	}
	if err != nil {
		f.out = append(f.out, ReceiptOutcome{File: path, Status: ReceiptFailed, Err: err})
		return
	}
	for _, s := range seals {
		if ctx.Err() != nil {
			return
		}
		f.out = append(f.out, f.seal(ctx, path, s, sealIn(rep, s.Field)))
	}
}

// seals lists the seal signatures of a file, and what is to be said of them here.
func (f *fetching) seals(ctx context.Context, path string) ([]pdfseal.Sealed, *pdfseal.Report, error) {
	if err := Regular(path); err != nil {
		return nil, nil, err
	}
	rep, err := pdfseal.VerifyFile(ctx, path, pdfseal.VerifyOptions{Trust: f.Trust, Now: f.now()})
	if err != nil {
		return nil, nil, err
	}
	seals, err := pdfseal.SignaturesOfFile(ctx, path)
	if err != nil {
		return nil, nil, err
	}
	if len(seals) == 0 {
		return nil, nil, situation("center.no_seal", nil, "Path", path)
	}
	return seals, rep, nil
}

// seal serves one seal of a file.
func (f *fetching) seal(ctx context.Context, path string, s pdfseal.Sealed, here pdfseal.SealReport) ReceiptOutcome {
	w, err := f.wanted(s)
	switch {
	case err != nil:
		return ReceiptOutcome{File: path, Field: s.Field, Status: ReceiptFailed, Err: situation("center.queue_item", err)}
	case hasReceipt(here):
		return ReceiptOutcome{File: path, Field: s.Field, Status: ReceiptPresent, Err: f.done(w)}
	case here.Verdict == pdfseal.VerdictInvalid:
		return ReceiptOutcome{File: path, Field: s.Field, Status: ReceiptFailed, Err: situation("center.seal_invalid", nil, "Path", path)}
	}
	return f.ask(ctx, path, w)
}

// wanted makes the request for a seal: the one that waits in the queue, or a new one.
func (f *fetching) wanted(s pdfseal.Sealed) (wanted, error) {
	name := nameOf(s)
	w := wanted{req: center.Request{RequestID: uuid.NewString(), DataHash: s.DataHash, Signature: s.Signature}, field: s.Field, seq: f.known.intended[name]}
	i, waits := f.items[name]
	if !waits {
		return w, nil
	}
	req, err := readItem(i)
	if err != nil {
		return w, err
	}
	if req.DataHash == s.DataHash { // else it is not what was sealed
		w.req, w.seq, w.queued = req, i.RegisterSeq, true
	}
	return w, nil
}

// nameOf names a seal signature as queue and register do.
func nameOf(s pdfseal.Sealed) string {
	sum := s.SignatureSM3()
	return hex.EncodeToString(sum[:])
}

func readItem(i queue.Item) (center.Request, error) {
	var q queueItem
	if err := json.Unmarshal(i.Request, &q); err != nil {
		return center.Request{}, fmt.Errorf("job: queued request: %w", err)
	}
	hash, err := hex.DecodeString(q.DataHash)
	if err != nil || len(hash) != 32 || q.RequestID != i.RequestID {
		return center.Request{}, fmt.Errorf("%w: request %s", queue.ErrItem, i.RequestID)
	}
	return center.Request{RequestID: q.RequestID, DataHash: [32]byte(hash), Signature: q.Signature}, nil
}

func sealIn(rep *pdfseal.Report, field string) pdfseal.SealReport {
	for _, s := range rep.Seals {
		if s.Field == field {
			return s
		}
	}
	return pdfseal.SealReport{}
}

// hasReceipt tells whether a seal carries a receipt that counts, as far as the trust bundle, if there is one, can tell.
func hasReceipt(s pdfseal.SealReport) bool {
	for _, r := range s.Reasons {
		if r.Key == pdfseal.ReasonReceiptUntrusted || r.Key == pdfseal.ReasonReceiptVerdict {
			return s.Time.Source == pdfseal.TimeReceipt
		}
	}
	return slices.ContainsFunc(s.Timeline, func(m pdfseal.Moment) bool { return m.Key == pdfseal.MomentReceipt })
}
