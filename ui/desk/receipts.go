package desk

import (
	"context"
	"errors"
	"io/fs"
	"os"

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
	b, err := openBooks(c, d.Now, d.Log)
	if err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, b.close()) }()
	list, err := (&job.Receipts{Centre: b.centre, Queue: b.queue, Register: b.register, Trust: s, Now: d.Now, Log: d.Log}).Fetch(ctx, nil)
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
