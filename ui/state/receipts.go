package state

import (
	"context"

	"sealdesk/pdfseal/register"
)

// Fetching is how it stands with the receipts of what was sealed without the centre.
type Fetching struct {
	Running bool
	Ended   bool
	Fetched Fetched
	Err     error // the first one
}

// Fetched counts what became of the files that waited for the centre.
type Fetched struct {
	Embedded int // have their receipt now
	Left     int // are still without one
}

// The events of fetching receipts.
type (
	// ReceiptsWanted asks the centre about everything that waits.
	ReceiptsWanted struct{}
	// ReceiptsFetched answers.
	ReceiptsFetched struct {
		Fetched Fetched
		Err     error
	}
)

func (ReceiptsWanted) register()  {}
func (ReceiptsFetched) register() {}

// Queued counts the uses whose files wait for a receipt of the centre.
func (r Register) Queued() int {
	n := 0
	for _, u := range r.Content.Uses {
		if u.Outcome == register.KindDone && u.Receipt == register.ReceiptQueued {
			n++
		}
	}
	return n
}

func (m Machine) receipts(d Desk, e Event) (Desk, Cmd) {
	f := &d.Register.Fetching
	switch e := e.(type) {
	case ReceiptsWanted:
		if f.Running || d.Sealing.Phase.Busy() {
			return d, nil
		}
		*f = Fetching{Running: true}
		return d, func(ctx context.Context, send func(Event)) {
			got, err := m.Work.FetchReceipts(ctx)
			send(ReceiptsFetched{Fetched: got, Err: err})
		}
	case ReceiptsFetched:
		*f = Fetching{Ended: true, Fetched: e.Fetched, Err: e.Err}
		next, again := m.readRegister(d)
		return next, Batch(again, func(ctx context.Context, send func(Event)) { send(CenterProbed{m.Work.ProbeCenter(ctx)}) })
	}
	return d, nil
}
