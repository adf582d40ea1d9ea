package job

import (
	"context"
	"encoding/hex"
	"errors"
	"io"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"strings"
	"time"

	"sealdesk/pdfseal"
	"sealdesk/pdfseal/cms"
	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/register"
	"sealdesk/token"
	"sealdesk/ui/explain"
)

// Recorder keeps the register of seal use; *register.Register is one.
//
// The order for a document is: signing, before the key is asked; intended, when the sealed file is complete and verified under a
// temporary name; then it gets its name; then done. A document that is not sealed is recorded as refused or failed, unless the user
// gave up before the key was asked for it: then nothing has happened. Without the record before it, no step is taken.
type Recorder interface {
	Append(ctx context.Context, e register.Entry) (register.Entry, error)
	Settle(ctx context.Context) ([]register.Settled, error)
	Checkpoint(ctx context.Context, key cms.Key) (register.Checkpoint, []byte, error)
}

// recordPatience bounds recording what was refused or has failed, which must happen even after a cancel.
const recordPatience = 20 * time.Second

// digestPatience bounds reading a document that was not sealed; one that takes longer is recorded without its digest. Tests shorten it.
var digestPatience = 5 * time.Second

// trace is what was recorded of one document.
type trace struct {
	signing, intended, ended int64 // numbers of the records, 0 where there is none
}

// last is the record that the next one refers to.
func (t trace) last() int64 { return max(t.signing, t.intended) }

// settle closes what a crash has left, before anything else is done (DESIGN §4, step 9).
func (b *batch) settle(ctx context.Context) error {
	if b.Register == nil {
		return nil
	}
	list, err := b.Register.Settle(ctx)
	if len(list) > 0 {
		b.log().Warn("entries of an earlier run were not finished", "entries", len(list))
		forget(list, b.Outbox, b.log())
		if b.order.Settled != nil {
			b.order.Settled(list)
		}
	}
	return err
}

// forget takes off the queue what was to be asked about files that never appeared.
func forget(list []register.Settled, queue Outbox, log *slog.Logger) {
	for _, s := range list {
		if queue == nil || s.RequestID == "" || s.Fate != register.FateAbsent && s.Fate != register.FateOther {
			continue
		}
		if err := queue.Done(s.RequestID); err != nil {
			log.Warn("a request without a file stays in the queue", "error", err.Error())
		}
	}
}

// entry holds what is known of the use of the seal on document i.
func (b *batch) entry(i int, kind register.Kind) register.Entry {
	e := register.Entry{Kind: kind, Ref: b.traces[i].last(), File: filepath.Base(b.out[i].In), SealName: b.order.SealID,
		Reason: b.order.Reason, Matter: b.order.Matter, Approver: b.order.Approver}
	if b.held == nil || b.held.seal.Seal == nil {
		return e
	}
	seal, cert := b.held.seal.Seal, b.held.seal.Certificate
	e.SealID, e.SealName, e.Custodian = seal.ID, seal.Name, cert.Subject
	e.Key = register.KeyName(b.held.info.Serial, gm.SM3(cert.DER))
	for _, m := range b.marks[i] {
		e.Marks = append(e.Marks, register.Mark{Page: m.Page, X: hundredth(m.X), Y: hundredth(m.Y),
			W: float64(seal.Picture.WidthMM), H: float64(seal.Picture.HeightMM)})
	}
	for _, g := range pdfseal.StraddleGroups(b.placed[i]) {
		e.Straddles = append(e.Straddles, register.Straddle{Edge: string(g.Edge), Pages: register.Spans(g.Pages), Centre: hundredth(g.Centre), Width: hundredth(g.Width)})
	}
	return e
}

// hundredth cuts millimetres to what a printer can place.
func hundredth(mm float64) float64 { return math.Round(mm*100) / 100 }

// recordFailure writes that document i was not sealed. A failure to record is logged: the reason why it was not sealed matters more.
func (b *batch) recordFailure(ctx context.Context, i int) {
	if b.Register == nil || b.traces[i].ended != 0 || b.out[i].Affixed != nil {
		return // what has appeared is done, or is settled from the disk
	}
	if b.traces[i].signing == 0 && gaveUp(b.out[i].Err) {
		return
	}
	ctx = context.WithoutCancel(ctx)
	m := explain.Error(b.out[i].Err)
	kind := register.KindFailed
	if m.Exit == explain.ExitRefused || m.Exit == explain.ExitCentre {
		kind = register.KindRefused
	}
	e := b.entry(i, kind)
	e.ErrorKey, e.ErrorData = m.Key, brief(m.Data)
	for _, d := range m.Details {
		e.Findings = append(e.Findings, d.Key)
	}
	reading, stop := context.WithTimeout(ctx, digestPatience)
	e.Before, e.Size = documentDigest(reading, b.out[i].In)
	stop()
	ctx, cancel := context.WithTimeout(ctx, recordPatience) // its own: a slow document is recorded too
	defer cancel()
	done, err := b.Register.Append(ctx, e)
	if err != nil {
		b.log().Error("not recorded in the register", "kind", kind, "situation", m.Key, "error", explain.Error(err).Key)
		return
	}
	b.traces[i].ended = done.Seq
	b.note(i, done.Seq)
}

// gaveUp tells whether the user cancelled, which is no failure (users.md §9, 7).
func gaveUp(err error) bool {
	return errors.Is(err, token.ErrPINCancelled) || errors.Is(err, context.Canceled)
}

// note keeps the number of the first record of a document for its outcome.
func (b *batch) note(i int, seq int64) {
	if b.out[i].Record == 0 {
		b.out[i].Record = seq
	}
}

// maxDetail bounds what one part of a reason takes in the register.
const maxDetail = 300

// brief cuts the parts of a reason to a length that a register is for.
func brief(data map[string]string) map[string]string {
	out := make(map[string]string, len(data))
	for k, v := range data {
		if len(v) > maxDetail {
			v = strings.ToValidUTF8(v[:maxDetail], "") + "…"
		}
		out[k] = v
	}
	return out
}

// documentDigest is the digest of a document that was not sealed, "" where it cannot be read in time.
func documentDigest(ctx context.Context, path string) (digest string, size int64) {
	if Regular(path) != nil {
		return "", 0
	}
	f, err := os.Open(path)
	if err != nil {
		return "", 0
	}
	defer f.Close()
	h := gm.NewSM3()
	for {
		n, err := io.CopyN(h, f, 1<<20)
		size += n
		switch {
		case err == io.EOF:
			return hex.EncodeToString(h.Sum(nil)), size
		case err != nil || ctx.Err() != nil:
			return "", 0
		}
	}
}

// recordingSigner writes the use of the key down before the key is asked.
type recordingSigner struct {
	token.Signer
	batch *batch
	doc   int
}

// SignSM2 implements pdfseal.Signer.
func (s recordingSigner) SignSM2(ctx context.Context, m []byte) ([]byte, error) {
	e := s.batch.entry(s.doc, register.KindSigning)
	sum := gm.SM3(m)
	e.Signed = hex.EncodeToString(sum[:])
	done, err := s.batch.Register.Append(ctx, e)
	if err != nil {
		return nil, err
	}
	s.batch.traces[s.doc].signing = done.Seq
	s.batch.note(s.doc, done.Seq)
	return s.Signer.SignSM2(ctx, m)
}

// intend records the sealed file that is about to get its name.
func (b *batch) intend(ctx context.Context, i int, done *pdfseal.Affixed) error {
	e := b.entry(i, register.KindIntended)
	var err error
	if e.Output, err = filepath.Abs(b.out[i].Out); err != nil {
		return err
	}
	signature := gm.SM3(done.Signature)
	e.Before, e.After, e.Size = hex.EncodeToString(done.SM3Before[:]), hex.EncodeToString(done.SM3After[:]), done.Size
	e.Signature = hex.EncodeToString(signature[:])
	e.Unverified = b.out[i].Centre.Receipt == ""
	if req := b.requests[i]; req != nil && b.out[i].Centre.Queued {
		e.RequestID = req.RequestID
	}
	rec, err := b.Register.Append(ctx, e)
	if err != nil {
		return err
	}
	b.traces[i].intended = rec.Seq
	return nil
}

// conclude records that the sealed file has its name. It must happen even after a cancel.
func (b *batch) conclude(ctx context.Context, i int, done *pdfseal.Affixed) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordPatience)
	defer cancel()
	e := register.Entry{Kind: register.KindDone, Ref: b.traces[i].intended, After: hex.EncodeToString(done.SM3After[:]), Size: done.Size}
	if done.Report != nil {
		e.Result = string(done.Report.Verdict)
	}
	e.Receipt = b.receiptOf(i)
	rec, err := b.Register.Append(ctx, e)
	if err != nil {
		return situation("register.unfinished", err, "Path", b.out[i].Out)
	}
	b.traces[i].ended = rec.Seq
	return nil
}

// checkpoint has the key sign the register at the end of a batch. The documents are sealed and recorded without it, so a failure is
// logged; the next batch signs over everything before it.
func (b *batch) checkpoint(ctx context.Context, signer token.Signer) {
	sealed := false
	for _, o := range b.out {
		sealed = sealed || o.Status == Sealed
	}
	if b.Register == nil || !sealed {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordPatience)
	defer cancel()
	_, der, err := b.Register.Checkpoint(ctx, signer)
	if err != nil {
		b.log().Warn("the register was not signed", "situation", explain.Error(err).Key)
		return
	}
	b.signed = der
}
