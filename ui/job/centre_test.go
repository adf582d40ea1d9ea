package job

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"sealdesk/pdfseal"
	"sealdesk/pdfseal/center"
	"sealdesk/pdfseal/center/receipt"
	"sealdesk/pdfseal/register"
	"sealdesk/pdfseal/register/queue"
	"sealdesk/token"
	"sealdesk/ui/explain"
)

func TestSeal_withReceipt(t *testing.T) {
	c, dir := newConnected(t), t.TempDir()
	docs := []Document{document(t, dir, "a", 1), document(t, dir, "b", 2)}
	var phases []Phase
	ord := order(&asked{}, docs...)
	ord.Progress = func(p Progress) { phases = append(phases, p.Phase) }
	out, err := c.Seal(context.Background(), ord)
	if err != nil {
		t.Fatal(err)
	}
	if c.centre.asked != 1 || len(c.centre.order) != 2 || len(c.centre.checkpoints) != 1 || !slices.Contains(phases, PhaseCentre) {
		t.Errorf("status asked %d times, %d verifications, %d checkpoints", c.centre.asked, len(c.centre.order), len(c.centre.checkpoints))
	}
	uses, _, err := c.reg.Uses(context.Background())
	if err != nil || len(uses) != 2 {
		t.Fatalf("%+v, %v", uses, err)
	}
	for i, o := range out {
		rep, err := pdfseal.VerifyFile(context.Background(), o.Out, pdfseal.VerifyOptions{Trust: c.Sealer.Trust, Now: c.now()})
		if err != nil || rep.Verdict != pdfseal.VerdictValid || rep.Seals[0].Time.Source != pdfseal.TimeReceipt {
			t.Errorf("%d: %v, %+v", i, err, rep)
		}
		if id := o.Centre.Receipt; id == "" || id != uses[i].Receipt || o.Centre.Queued || uses[i].Unverified || uses[i].RequestID != "" || uses[i].After != rep.SM3 {
			t.Errorf("%d: %+v, register %+v", i, o.Centre, uses[i])
		}
	}
	if n := len(waiting(t, c.queue)); n != 0 {
		t.Errorf("%d requests wait", n)
	}
}

func (c *connected) now() time.Time { return c.office.now }

// TestSeal_centreAgainstIt: what the centre says before the PIN is asked stops sealing before the key is used.
func TestSeal_centreAgainstIt(t *testing.T) {
	says := func(seal, cert string) func() (*center.Status, error) {
		return func() (*center.Status, error) { return &center.Status{Status: seal, SignerStatus: cert}, nil }
	}
	cases := map[string]struct {
		status func() (*center.Status, error)
		key    string
	}{
		"suspended":           {says(receipt.SealSuspended, receipt.CertificateGood), "center.seal_status"},
		"cancelled":           {says(receipt.SealCancelled, receipt.CertificateGood), "center.seal_status"},
		"reported lost":       {says(receipt.SealReportedLost, receipt.CertificateRevoked), "center.seal_status"},
		"revoked certificate": {says(receipt.SealInForce, receipt.CertificateRevoked), "center.signer_status"},
		"expired certificate": {says(receipt.SealInForce, receipt.CertificateExpired), "center.signer_status"},
		"unknown certificate": {says(receipt.SealInForce, receipt.CertificateUnknown), "center.signer_status"},
	}
	for _, k := range wrongKinds() {
		cases["centre "+string(k)] = struct {
			status func() (*center.Status, error)
			key    string
		}{func() (*center.Status, error) { return nil, fault(k) }, "center." + string(k)}
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			c, ask := newConnected(t), &asked{}
			c.centre.status = tc.status
			docs := []Document{document(t, t.TempDir(), "a", 1)}
			out, err := c.Seal(context.Background(), order(ask, docs...))
			m := explain.Error(err)
			if want := explain.ExitCentre; m.Key != tc.key || m.Exit != want && m.Key != "center.settings" {
				t.Errorf("%s, exit %d: %v", m.Key, m.Exit, err)
			}
			if len(ask.requests) != 0 || c.key.logins != 0 || c.key.signatures != 0 || out[0].Centre != (CentreResult{}) {
				t.Errorf("PIN asked %d times, %d log-ins, %d signatures", len(ask.requests), c.key.logins, c.key.signatures)
			}
			noOutput(t, docs...)
			if list := records(t, c.reg); tc.key != "center.settings" && !slices.Equal(kindsOf(list), []register.Kind{register.KindRefused}) || list[0].ErrorKey != tc.key {
				t.Errorf("records %+v", list)
			}
		})
	}
}

// TestSeal_centreAway: sealed and recorded, with a request in the queue before the file appears; the centre is not asked again in the batch.
func TestSeal_centreAway(t *testing.T) {
	for i, k := range awayKinds {
		from := i % 3
		t.Run(string(k)+[]string{" at the status", " at the first verification", " at the second"}[from], func(t *testing.T) { sealAway(t, k, from) })
	}
}

func sealAway(t *testing.T, k center.Kind, from int) {
	c, dir := newConnected(t), t.TempDir()
	if from == 0 {
		c.centre.status = func() (*center.Status, error) { return nil, fault(k) }
	}
	c.centre.verify = func(n int) error {
		if n >= from {
			return fault(k)
		}
		return nil
	}
	docs := []Document{document(t, dir, "a", 1), document(t, dir, "b", 1), document(t, dir, "c", 1)}
	watched := &watchedOutbox{t: t, Queue: c.queue, reg: c.reg}
	c.Outbox = watched
	out, err := c.Seal(context.Background(), order(&asked{}, docs...))
	if err != nil {
		t.Fatal(err)
	}
	receipts := max(from-1, 0)
	if c.centre.asked != 1 || len(c.centre.order) != from || watched.added != 3-receipts || len(c.centre.checkpoints) != 0 {
		t.Errorf("asked %d, verifications %d, queued %d, checkpoints %d", c.centre.asked, len(c.centre.order), watched.added, len(c.centre.checkpoints))
	}
	uses, _, err := c.reg.Uses(context.Background())
	if err != nil || len(uses) != 3 {
		t.Fatalf("%+v, %v", uses, err)
	}
	items := waiting(t, c.queue)
	for i, o := range out {
		u := uses[i]
		if u.Outcome != register.KindDone || u.After != sm3Of(t, o.Out) {
			t.Errorf("%d: register %+v", i, u)
		}
		if i < receipts {
			if o.Centre.Receipt == "" || o.Centre.Queued || u.Unverified {
				t.Errorf("%d: %+v", i, o.Centre)
			}
			continue
		}
		if !o.Centre.Queued || explain.Error(o.Centre.Err).Key != "center."+string(k) || !u.Unverified || u.Receipt != register.ReceiptQueued {
			t.Errorf("%d: %+v, register %+v", i, o.Centre, u)
		}
		at := slices.IndexFunc(items, func(q queue.Item) bool { return q.RequestID == u.RequestID })
		if at < 0 || items[at].File != o.Out || items[at].SignatureSM3 != u.Signature {
			t.Errorf("%d: request %s is not in %+v", i, u.RequestID, items)
		}
	}
	if from > 0 && uses[receipts].RequestID != c.centre.order[from-1] {
		t.Error("what was asked and may have been recorded is queued under another identifier")
	}
}

// watchedOutbox checks the order: the record is there, the file is not.
type watchedOutbox struct {
	*queue.Queue
	t     *testing.T
	reg   *register.Register
	added int
}

func (w *watchedOutbox) Add(i queue.Item) error {
	w.added++
	if _, err := os.Lstat(i.File); !errors.Is(err, os.ErrNotExist) {
		w.t.Errorf("%s appeared before its request was queued", i.File)
	}
	list := records(w.t, w.reg)
	if last := list[len(list)-1]; last.Kind != register.KindIntended || last.RequestID != i.RequestID || last.Seq != i.RegisterSeq {
		w.t.Errorf("queued after %+v", last)
	}
	return w.Queue.Add(i)
}

// TestSeal_centreNotToBeReliedOn: nothing appears, nothing waits, and the key is not used for the documents after it.
func TestSeal_centreNotToBeReliedOn(t *testing.T) {
	cases := map[string]struct {
		set func(*testing.T, *connected)
		key string
	}{
		"invalid": {func(_ *testing.T, c *connected) {
			c.centre.change = func(_ int, r *receipt.Receipt) {
				r.Verdict, r.Reasons = receipt.VerdictInvalid, []string{"E7:SEAL_STATUS"}
			}
		}, "center.verdict"},
		"indeterminate": {func(_ *testing.T, c *connected) {
			c.centre.change = func(_ int, r *receipt.Receipt) { r.Verdict = receipt.VerdictIndeterminate }
		}, "center.verdict"},
		"contradiction": {func(_ *testing.T, c *connected) {
			c.centre.change = func(_ int, r *receipt.Receipt) { r.SealStatus = receipt.SealSuspended }
		}, "center.verdict"},
		"receipt of a stranger": {func(t *testing.T, c *connected) {
			other := newOffice(t)
			c.centre.signer = other.pki.Centre
		}, "center.untrusted"},
		"full disk": {func(_ *testing.T, c *connected) {
			c.centre.verify = func(int) error { return fault(center.KindSlow) }
			c.Outbox = fullOutbox{c.queue}
		}, "center.queue"},
	}
	for _, k := range []center.Kind{center.KindAuthority, center.KindGarbage, center.KindReceipt, center.KindClock, center.KindConflict} {
		cases["centre "+string(k)] = struct {
			set func(*testing.T, *connected)
			key string
		}{func(_ *testing.T, c *connected) { c.centre.verify = func(int) error { return fault(k) } }, "center." + string(k)}
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			c, dir := newConnected(t), t.TempDir()
			tc.set(t, c)
			docs := []Document{document(t, dir, "a", 1), document(t, dir, "b", 1)}
			out, err := c.Seal(context.Background(), order(&asked{}, docs...))
			if m := explain.Error(err); m.Key != tc.key || m.Exit != explain.ExitCentre && tc.key != "center.queue" {
				t.Errorf("%s, exit %d: %v", m.Key, m.Exit, err)
			}
			if c.key.signatures != 1 || out[0].Status != Failed || out[1].Status != NotStarted || out[0].Centre != (CentreResult{}) {
				t.Errorf("%d signatures, %+v", c.key.signatures, out)
			}
			noOutput(t, docs...)
			if n := len(waiting(t, c.queue)); n != 0 || len(c.centre.checkpoints) != 0 {
				t.Errorf("%d requests wait, %d checkpoints", n, len(c.centre.checkpoints))
			}
			list := records(t, c.reg)
			if last := list[len(list)-1]; list[0].Kind != register.KindSigning || last.ErrorKey != tc.key || last.Kind != register.KindRefused && last.Kind != register.KindFailed {
				t.Errorf("records %+v", list)
			}
		})
	}
}

type fullOutbox struct{ *queue.Queue }

func (fullOutbox) Add(queue.Item) error { return errors.New("no space left on device") }

// TestSeal_nameTakenAfterQueueing: the request of a file that does not appear does not stay.
func TestSeal_nameTakenAfterQueueing(t *testing.T) {
	c := newConnected(t)
	d := document(t, t.TempDir(), "a", 1)
	c.centre.verify = func(int) error { write(t, d.Out, "mine"); return fault(center.KindUnreachable) }
	out, err := c.Seal(context.Background(), order(&asked{}, d))
	if !errors.Is(err, pdfseal.ErrOutputExists) || len(waiting(t, c.queue)) != 0 || out[0].Centre != (CentreResult{}) {
		t.Errorf("%v, %+v, %d wait", err, out[0].Centre, len(waiting(t, c.queue)))
	}
	if b, _ := os.ReadFile(d.Out); string(b) != "mine" {
		t.Error("the file in the way was replaced")
	}
}

// TestSeal_offline: the centre is not asked, and everything is kept for later.
func TestSeal_offline(t *testing.T) {
	c, dir := newConnected(t), t.TempDir()
	c.Centre = nil
	docs := []Document{document(t, dir, "a", 1), document(t, dir, "b", 1)}
	out, err := c.Seal(context.Background(), order(&asked{}, docs...))
	if err != nil || c.centre.asked+len(c.centre.order)+len(c.centre.checkpoints) != 0 {
		t.Errorf("%v; the centre was asked", err)
	}
	if !out[1].Centre.Queued || out[1].Centre.Err != nil || len(waiting(t, c.queue)) != 2 {
		t.Errorf("%+v, %d wait", out[1].Centre, len(waiting(t, c.queue)))
	}
}

// TestSeal_cancelAtTheCentre: a cancel while the centre is asked leaves nothing behind.
func TestSeal_cancelAtTheCentre(t *testing.T) {
	for name, at := range map[string]int{"status": 0, "verification": 1} {
		t.Run(name, func(t *testing.T) {
			c, ask := newConnected(t), &asked{}
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			if at == 0 {
				c.centre.status = func() (*center.Status, error) { cancel(); return nil, fault(center.KindSlow) }
			}
			c.centre.verify = func(int) error { cancel(); return fault(center.KindSlow) }
			d := document(t, t.TempDir(), "a", 1)
			_, err := c.Seal(ctx, order(ask, d))
			if !errors.Is(err, context.Canceled) || explain.Error(err).Exit != explain.ExitCancelled || len(ask.requests) != at {
				t.Errorf("%v, PIN asked %d times", err, len(ask.requests))
			}
			noOutput(t, d)
			if n := len(waiting(t, c.queue)); n != 0 || c.key.in {
				t.Errorf("%d requests wait, logged in %v", n, c.key.in)
			}
		})
	}
}

// TestSeal_checkpointAtTheCentre: sent after the key is logged out, not after a cancel; another register under the same key is told.
func TestSeal_checkpointAtTheCentre(t *testing.T) {
	for _, k := range []center.Kind{center.KindConflict, center.KindSlow} {
		c := newConnected(t)
		c.centre.checkpoint = fault(k)
		var told []error
		ord := order(&asked{}, document(t, t.TempDir(), "a", 1))
		ord.Warned = func(err error) { told = append(told, err) }
		if out, err := c.Seal(context.Background(), ord); err != nil || out[0].Status != Sealed {
			t.Fatal(err)
		}
		if len(c.centre.checkpoints) != 1 || (len(told) == 1) != (k == center.KindConflict) {
			t.Errorf("%s: %d checkpoints, told %v", k, len(c.centre.checkpoints), told)
		}
	}
	c := newConnected(t)
	ctx, cancel := context.WithCancel(context.Background())
	c.key.signErr = func(n int) error {
		if n == 2 { // the checkpoint
			cancel()
		}
		return nil
	}
	if out, _ := c.Seal(ctx, order(&asked{}, document(t, t.TempDir(), "a", 1))); out[0].Status != Sealed || len(c.centre.checkpoints) != 0 {
		t.Errorf("%+v, %d checkpoints after a cancel", out[0], len(c.centre.checkpoints))
	}
}

// TestSeal_settleEmptiesTheQueue: what was queued for a file that never appeared goes, what is there stays.
func TestSeal_settleEmptiesTheQueue(t *testing.T) {
	c, dir := newConnected(t), t.TempDir()
	dead, err := register.Open(c.reg.Dir(), register.Options{Now: c.clock})
	if err != nil {
		t.Fatal(err)
	}
	const lost, there = "00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"
	path := filepath.Join(dir, "there.pdf")
	write(t, path, "x")
	for id, e := range map[string]register.Entry{lost: {Output: filepath.Join(dir, "lost.pdf"), Size: 1},
		there: {Output: path, Size: 1, After: sm3Of(t, path)}} {
		e.Kind, e.RequestID = register.KindIntended, id
		done, err := dead.Append(context.Background(), e)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.queue.Add(queue.Item{RequestID: id, File: e.Output, SignatureSM3: sm3Of(t, path), Request: []byte("{}"), RegisterSeq: done.Seq}); err != nil {
			t.Fatal(err)
		}
	}
	if err := dead.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Seal(context.Background(), order(&asked{answer: func() (token.PIN, error) { return token.PIN{}, token.ErrPINCancelled }}, document(t, dir, "a", 1))); err == nil {
		t.Fatal("sealed")
	}
	if list := waiting(t, c.queue); len(list) != 1 || list[0].RequestID != there {
		t.Errorf("%+v", list)
	}
}

var _ Outbox = (*queue.Queue)(nil)
var _ Centre = (*center.Client)(nil)
