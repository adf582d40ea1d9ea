package desk

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"sealdesk/pdfseal/register"
	"sealdesk/pdfseal/register/queue"
	"sealdesk/pdfseal/trust"
	"sealdesk/ui/job"
	"sealdesk/ui/state"
)

// FetchReceipts implements state.Work. It does what `sealctl receipt` does.
func (d *Desk) FetchReceipts(ctx context.Context) (out state.Fetched, err error) {
	before := d.withTrust(func(s *trust.Store) error {
		out, err = d.fetchReceipts(ctx, s)
		return nil
	})
	if before != nil {
		return out, before
	}
	return out, err
}

func (d *Desk) fetchReceipts(ctx context.Context, s *trust.Store) (out state.Fetched, err error) {
	c := d.config()
	switch _, err := os.Stat(c.Register); {
	case c.Register == "":
		return out, &job.Error{Key: "register.unset"}
	case !c.Center.Configured():
		return out, &job.Error{Key: "center.unset"}
	case errors.Is(err, fs.ErrNotExist):
		return out, nil // nothing was sealed here yet
	}
	reg, err := register.Open(c.Register, register.Options{Now: d.Now})
	if err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, reg.Close()) }()
	q, err := queue.Open(filepath.Join(c.Register, register.QueueName), d.Now)
	if err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, q.Close()) }()
	client, err := c.Center.Open(d.Now, d.Log)
	if err != nil {
		return out, err
	}
	defer client.Close()
	list, err := (&job.Receipts{Centre: client, Queue: q, Register: reg, Trust: s, Now: d.Now, Log: d.Log}).Fetch(ctx, nil)
	for _, o := range list {
		switch o.Status {
		case job.ReceiptEmbedded, job.ReceiptPresent:
			out.Embedded++
		default:
			out.Left++
		}
	}
	return out, err
}
