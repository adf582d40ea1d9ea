package job

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"sealdesk/pdfseal"
	"sealdesk/pdfseal/center"
	"sealdesk/pdfseal/center/receipt"
	"sealdesk/pdfseal/register"
	"sealdesk/pdfseal/register/queue"
	"sealdesk/ui/explain"
)

// sealedAway seals documents while the centre is away, and brings it back.
func (c *connected) sealedAway(t *testing.T, names ...string) (paths []string) {
	t.Helper()
	dir := t.TempDir()
	var docs []Document
	for _, n := range names {
		d := document(t, dir, n, 1)
		docs, paths = append(docs, d), append(paths, d.Out)
	}
	c.centre.verify = func(int) error { return fault(center.KindUnreachable) }
	if _, err := c.Seal(context.Background(), order(&asked{}, docs...)); err != nil {
		t.Fatal(err)
	}
	c.centre.verify, c.centre.order = nil, nil
	return paths
}

func statuses(list []ReceiptOutcome) []ReceiptStatus {
	var out []ReceiptStatus
	for _, o := range list {
		out = append(out, o.Status)
	}
	return out
}

// fetch fails unless the outcomes are these.
func (c *connected) fetch(t *testing.T, r *Receipts, files []string, want ...ReceiptStatus) ([]ReceiptOutcome, error) {
	t.Helper()
	out, err := r.Fetch(context.Background(), files)
	if !slices.Equal(statuses(out), want) {
		t.Fatalf("%+v, %v; want %v", out, err, want)
	}
	return out, err
}

// proven fails unless the file is valid with a receipt's time.
func (c *connected) proven(t *testing.T, path string) {
	t.Helper()
	rep, err := pdfseal.VerifyFile(context.Background(), path, pdfseal.VerifyOptions{Trust: c.Sealer.Trust, Now: c.now()})
	if err != nil || rep.Verdict != pdfseal.VerdictValid || rep.Seals[0].Time.Source != pdfseal.TimeReceipt {
		t.Errorf("%v, %+v", err, rep)
	}
}

func TestFetch_everythingThatWaits(t *testing.T) {
	c := newConnected(t)
	paths := c.sealedAway(t, "a", "b")
	items := waiting(t, c.queue)
	checkpoints := len(c.centre.checkpoints)
	out, err := c.fetch(t, c.receipts(), nil, ReceiptEmbedded, ReceiptEmbedded)
	if err != nil || len(waiting(t, c.queue)) != 0 {
		t.Fatalf("%+v, %v", out, err)
	}
	for i, path := range paths {
		c.proven(t, path)
		if _, err := os.Stat(path + ".bak"); err != nil {
			t.Error(err)
		}
		if _, ok := c.centre.records[items[i].RequestID]; !ok {
			t.Errorf("request %s was not asked under its own identifier", items[i].RequestID)
		}
	}
	uses, _, err := c.reg.Uses(context.Background())
	if err != nil || len(uses) != 2 || uses[0].Receipt[:2] != "R-" || uses[0].Outcome != register.KindDone {
		t.Errorf("register %+v, %v", uses, err)
	}
	list := records(t, c.reg)
	if last := list[len(list)-1]; last.Kind != register.KindReceipt || last.After != sm3Of(t, out[1].File) || last.Ref == 0 {
		t.Errorf("recorded %+v", last)
	}
	if len(c.centre.checkpoints) != checkpoints+1 {
		t.Errorf("%d checkpoints", len(c.centre.checkpoints))
	}
	c.fetch(t, c.receipts(), nil)
	c.fetch(t, c.receipts(), paths, ReceiptPresent, ReceiptPresent)
	without := c.receipts()
	without.Trust = nil // what a receipt is worth cannot be told then; that there is one can
	c.fetch(t, without, paths[:1], ReceiptPresent)
	if len(c.centre.records) != 2 {
		t.Errorf("%d records at the centre", len(c.centre.records))
	}
}

// TestFetch_lostAnswer: however often the answer is lost, the centre has one record of a seal signature.
func TestFetch_lostAnswer(t *testing.T) {
	c, dir := newConnected(t), t.TempDir()
	d := document(t, dir, "a", 1)
	c.centre.lost = func(n int) error {
		if n <= 2 {
			return fault(center.KindHalf)
		}
		return nil
	}
	if _, err := c.Seal(context.Background(), order(&asked{}, d)); err != nil {
		t.Fatal(err)
	}
	if _, err := c.fetch(t, c.receipts(), nil, ReceiptWaiting); explain.Error(err).Key != "center.half" {
		t.Error(err)
	}
	c.fetch(t, c.receipts(), nil, ReceiptEmbedded)
	c.proven(t, d.Out)
	if len(c.centre.records) != 1 || len(c.centre.order) != 3 {
		t.Errorf("%d records of %d requests", len(c.centre.records), len(c.centre.order))
	}
}

// TestFetch_movedFile: found by its seal signature, asked for under the identifier that waits.
func TestFetch_movedFile(t *testing.T) {
	c := newConnected(t)
	path := c.sealedAway(t, "a")[0]
	id := waiting(t, c.queue)[0].RequestID
	moved := filepath.Join(t.TempDir(), "moved.pdf")
	if err := os.Rename(path, moved); err != nil {
		t.Fatal(err)
	}
	if _, err := c.fetch(t, c.receipts(), nil, ReceiptMissing); explain.Error(err).Key != "center.file_moved" || len(waiting(t, c.queue)) != 1 {
		t.Errorf("%v, %d wait", err, len(waiting(t, c.queue)))
	}
	write(t, path, string(blank(1))) // another file in its place
	if _, err := c.fetch(t, c.receipts(), nil, ReceiptFailed); explain.Error(err).Key != "center.no_seal" || len(c.centre.order) != 0 {
		t.Errorf("%v; asked %v", err, c.centre.order)
	}
	c.fetch(t, c.receipts(), []string{moved}, ReceiptEmbedded)
	c.proven(t, moved)
	if len(waiting(t, c.queue)) != 0 || !slices.Equal(c.centre.order, []string{id}) {
		t.Errorf("asked %v, waited %s", c.centre.order, id)
	}
}

// TestFetch_goneFile: a request is given up where that is wished, and where the register knows that the file never appeared.
func TestFetch_goneFile(t *testing.T) {
	c := newConnected(t)
	path := c.sealedAway(t, "a")[0]
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	c.fetch(t, c.receipts(), nil, ReceiptMissing)
	r := c.receipts()
	r.Forget = true
	if _, err := c.fetch(t, r, nil, ReceiptForgotten); err != nil || len(waiting(t, c.queue)) != 0 || len(c.centre.order) != 0 {
		t.Errorf("%v, asked %v", err, c.centre.order)
	}
	e, err := c.reg.Append(context.Background(), register.Entry{Kind: register.KindIntended, Output: path, Size: 1, RequestID: "00000000-0000-4000-8000-000000000001"})
	if err != nil {
		t.Fatal(err)
	}
	item := queue.Item{RequestID: e.RequestID, File: path, SignatureSM3: sm3Of(t, filepath.Join(filepath.Dir(path), "a.pdf")), Request: []byte("{}"), RegisterSeq: e.Seq}
	if err := c.queue.Add(item); err != nil {
		t.Fatal(err)
	}
	c.fetch(t, r, nil, ReceiptMissing) // it may be about to appear: this process is alive
	if _, err := c.reg.Append(context.Background(), register.Entry{Kind: register.KindFailed, Ref: e.Seq}); err != nil {
		t.Fatal(err)
	}
	if c.fetch(t, c.receipts(), nil); len(waiting(t, c.queue)) != 0 {
		t.Error("an orphan stays")
	}
}

// TestFetch_refused: the centre's word is recorded, and it is not asked for ever.
func TestFetch_refused(t *testing.T) {
	c := newConnected(t)
	path := c.sealedAway(t, "a")[0]
	before := sm3Of(t, path)
	c.centre.change = func(_ int, r *receipt.Receipt) {
		r.Verdict, r.Reasons, r.SealStatus = receipt.VerdictInvalid, []string{"E7:SEAL_STATUS"}, receipt.SealSuspended
	}
	if _, err := c.fetch(t, c.receipts(), nil, ReceiptRefused); explain.Error(err).Exit != explain.ExitCentre {
		t.Error(err)
	}
	list := records(t, c.reg)
	if last := list[len(list)-1]; last.Kind != register.KindReceipt || last.Result != receipt.VerdictInvalid {
		t.Errorf("recorded %+v", last)
	}
	if sm3Of(t, path) != before || len(waiting(t, c.queue)) != 0 {
		t.Error("the file was changed, or its request waits")
	}
}

// TestFetch_failures leave the file as it was and the request in the queue.
func TestFetch_failures(t *testing.T) {
	cases := map[string]struct {
		set    func(*connected, *Receipts)
		status ReceiptStatus
		key    string
	}{
		"away": {func(c *connected, _ *Receipts) { c.centre.verify = func(int) error { return fault(center.KindSlow) } }, ReceiptWaiting, "center.slow"},
		"stranger": {func(c *connected, _ *Receipts) {
			c.centre.verify = func(int) error { return fault(center.KindAuthority) }
		}, ReceiptFailed, "center.authority"},
		"receipt of a stranger": {func(c *connected, _ *Receipts) { c.centre.signer = newOffice(t).pki.Centre }, ReceiptFailed, "center.untrusted"},
		"register full": {func(c *connected, r *Receipts) {
			r.Register = fullLedger{c.reg}
		}, ReceiptFailed, "register.unusable"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			c := newConnected(t)
			paths := c.sealedAway(t, "a", "b")
			before := sm3Of(t, paths[0])
			r := c.receipts()
			tc.set(c, r)
			out, err := r.Fetch(context.Background(), nil)
			if len(out) != 2 || out[0].Status != tc.status || explain.Error(err).Key != tc.key {
				t.Fatalf("%+v, %v", out, err)
			}
			if asked := len(c.centre.order); asked != 1 && tc.key != "center.untrusted" && tc.key != "register.unusable" {
				t.Errorf("asked %d times", asked)
			}
			if sm3Of(t, paths[0]) != before || len(waiting(t, c.queue)) != 2 {
				t.Error("the file was changed, or a request is lost")
			}
			if entries, _ := os.ReadDir(filepath.Dir(paths[0])); len(entries) != 4 {
				t.Errorf("left %v", entries)
			}
		})
	}
}

type fullLedger struct{ *register.Register }

func (fullLedger) Append(context.Context, register.Entry) (register.Entry, error) {
	return register.Entry{}, errFull
}

func TestFetch_cancel(t *testing.T) {
	c := newConnected(t)
	c.sealedAway(t, "a", "b")
	ctx, cancel := context.WithCancel(context.Background())
	c.centre.verify = func(int) error { cancel(); return fault(center.KindSlow) }
	if _, err := c.receipts().Fetch(ctx, nil); !errors.Is(err, context.Canceled) || len(c.centre.order) != 1 || len(waiting(t, c.queue)) != 2 {
		t.Errorf("%v, asked %v", err, c.centre.order)
	}
}

// TestFetch_changedFile: a receipt for a seal that is invalid here is not asked for.
func TestFetch_changedFile(t *testing.T) {
	c := newConnected(t)
	path := c.sealedAway(t, "a")[0]
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	b[len("%PDF-1.7\n%")] ^= 1
	write(t, path, string(b))
	if _, err := c.fetch(t, c.receipts(), nil, ReceiptFailed); explain.Error(err).Key != "center.seal_invalid" || len(c.centre.order) != 0 {
		t.Errorf("%v, asked %v", err, c.centre.order)
	}
}

// TestFetch_queueFaults: one at a time, and an item that cannot be read is told beside those that can.
func TestFetch_queueFaults(t *testing.T) {
	c := newConnected(t)
	c.sealedAway(t, "a")
	release, held, err := c.queue.Lock()
	if err != nil || !held {
		t.Fatal(err)
	}
	if _, err := c.receipts().Fetch(context.Background(), nil); explain.Error(err).Key != "center.queue_busy" {
		t.Error(err)
	}
	release()
	write(t, filepath.Join(c.reg.Dir(), register.QueueName, "00000000-0000-4000-8000-000000000001.json"), "{")
	if _, err := c.fetch(t, c.receipts(), nil, ReceiptFailed, ReceiptEmbedded); explain.Error(err).Key != "center.queue_item" {
		t.Error(err)
	}
}

// TestFetch_namedFileOfNoQueue: of another computer, or sealed before there was a centre; what the register knows of it gets its record.
func TestFetch_namedFileOfNoQueue(t *testing.T) {
	c := newConnected(t)
	path := c.sealedAway(t, "a")[0]
	if err := c.queue.Done(waiting(t, c.queue)[0].RequestID); err != nil {
		t.Fatal(err)
	}
	c.fetch(t, c.receipts(), []string{path, path + ".gone"}, ReceiptEmbedded, ReceiptFailed)
	c.proven(t, path)
	uses, _, err := c.reg.Uses(context.Background())
	if err != nil || uses[0].Receipt[:2] != "R-" {
		t.Errorf("%+v, %v", uses, err)
	}
	other := newConnected(t).sealedAway(t, "b")[0]
	alone := &Receipts{Centre: c.centre, Now: c.clock}
	if _, err := c.fetch(t, alone, []string{other}, ReceiptEmbedded); err != nil {
		t.Error(err)
	}
}

var _ Waiting = (*queue.Queue)(nil)
var _ Ledger = (*register.Register)(nil)
