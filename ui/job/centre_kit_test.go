package job

import (
	"context"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"sealdesk/pdfseal/center"
	"sealdesk/pdfseal/center/receipt"
	"sealdesk/pdfseal/register"
	"sealdesk/pdfseal/register/queue"
	"sealdesk/pdfseal/sealtest"
	"sealdesk/pdfseal/ses"
)

// fakeCentre stands for the endpoint, so that its faults can be had at will. Unless a hook says otherwise, everything is in order.
type fakeCentre struct {
	office *office
	signer *sealtest.Service

	status     func() (*center.Status, error)
	verify     func(n int) error // before the n-th verification, from 1
	lost       func(n int) error // after it was recorded: the answer does not arrive
	change     func(n int, r *receipt.Receipt)
	checkpoint error

	asked       int // for a status
	records     map[string][]byte
	order       []string // request identifiers in the order in which they came, repetitions too
	checkpoints [][]byte
}

func newFakeCentre(o *office) *fakeCentre {
	return &fakeCentre{office: o, signer: o.pki.Centre, records: map[string][]byte{}}
}

func (f *fakeCentre) Status(ctx context.Context, _, _, _ string) (*center.Status, error) {
	f.asked++
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if f.status != nil {
		return f.status()
	}
	return &center.Status{Status: receipt.SealInForce, SignerStatus: receipt.CertificateGood}, nil
}

func (f *fakeCentre) Verify(ctx context.Context, r center.Request) (*center.Answer, error) {
	f.order = append(f.order, r.RequestID)
	n := len(f.order)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if f.verify != nil {
		if err := f.verify(n); err != nil {
			return nil, err
		}
	}
	der, ok := f.records[r.RequestID]
	if !ok {
		sig, err := ses.ParseSignature(r.Signature)
		if err != nil {
			return nil, err
		}
		der, err = f.office.pki.Receipt(f.signer, sig, f.office.now, func(rec *receipt.Receipt) {
			rec.ID, rec.RequestID = "R-"+r.RequestID[:8], r.RequestID
			if f.change != nil {
				f.change(n, rec)
			}
		})
		if err != nil {
			return nil, err
		}
		f.records[r.RequestID] = der
	}
	if f.lost != nil {
		if err := f.lost(n); err != nil {
			return nil, err
		}
	}
	signed, err := receipt.Parse(der)
	if err != nil {
		return nil, err
	}
	return &center.Answer{Verdict: signed.Verdict, Reasons: signed.Reasons, Receipt: der, Certificates: [][]byte{f.office.pki.CentreCACert}, Signed: signed}, nil
}

func (f *fakeCentre) Checkpoint(ctx context.Context, der []byte) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	f.checkpoints = append(f.checkpoints, der)
	return f.checkpoint
}

func fault(k center.Kind) error { return &center.Error{Kind: k, Host: "centre.example:443"} }

// awayKinds are the situations in which the centre is only away; all others are reasons not to rely on it.
var awayKinds = []center.Kind{center.KindUnreachable, center.KindProxy, center.KindSlow, center.KindHalf, center.KindBusy, center.KindFault}

func wrongKinds() []center.Kind {
	return slices.DeleteFunc(center.Kinds(), func(k center.Kind) bool { return slices.Contains(awayKinds, k) })
}

// connected is an office whose sealer has a register, a queue and a centre.
type connected struct {
	*office
	*Sealer
	centre *fakeCentre
	reg    *register.Register
	queue  *queue.Queue
}

func newConnected(t *testing.T) *connected {
	t.Helper()
	c := &connected{office: newOffice(t)}
	c.Sealer, c.reg = c.registered(t)
	c.queue = openQueue(t, filepath.Join(c.reg.Dir(), register.QueueName), c.clock)
	c.centre = newFakeCentre(c.office)
	c.Centre, c.Outbox = c.centre, c.queue
	return c
}

func openQueue(t testing.TB, dir string, now func() time.Time) *queue.Queue {
	t.Helper()
	q, err := queue.Open(dir, now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { q.Close() })
	return q
}

func waiting(t testing.TB, q *queue.Queue) []queue.Item {
	t.Helper()
	list, err := q.List()
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// receipts fetches what waits, with the centre of the office.
func (c *connected) receipts() *Receipts {
	return &Receipts{Centre: c.centre, Queue: c.queue, Register: c.reg, Trust: c.Sealer.Trust, Now: c.clock}
}
