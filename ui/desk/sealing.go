package desk

import (
	"context"
	"log/slog"
	"time"

	"sealdesk/pdfseal/trust"
	"sealdesk/ui/config"
	"sealdesk/ui/job"
	"sealdesk/ui/state"
)

// Seal implements state.Work.
func (d *Desk) Seal(ctx context.Context, o state.Order) ([]state.Outcome, error) {
	p, err := d.keys()
	if err != nil {
		return failed(o, err), err
	}
	var outcomes []state.Outcome
	var sealed error
	before := d.withTrust(func(s *trust.Store) error {
		c := d.config() // under the policy of this bundle
		sealer := &job.Sealer{Provider: p, Trust: s, Policy: job.Policy{WithoutTrust: c.Policy.SealWithoutTrust, Refuse: c.Policy.Refuse}, Filter: c.Seal.Filter,
			SubFilter: c.Seal.SubFilter, Text: d.Text, Now: d.Now, Log: d.Log, Narrow: map[string]job.Patterns{}}
		for _, k := range c.Key.Profiles {
			sealer.Narrow[k.Name] = job.Patterns{Label: k.SealLabel, Application: k.SealApp}
		}
		done, err := connect(sealer, c, d.Now, d.Log)
		if err != nil {
			return err
		}
		defer done()
		var list []job.Outcome
		order, err := d.order(o, c)
		if err != nil {
			return err
		}
		list, sealed = sealer.Seal(ctx, order)
		outcomes = outcomesOf(list)
		return nil
	})
	if before != nil {
		return failed(o, before), before
	}
	return outcomes, sealed
}

// connect gives a sealer the register of seal use and, where the settings name one, the centre with the queue of what it could not be
// asked.
func connect(s *job.Sealer, c config.Config, now func() time.Time, log *slog.Logger) (done func(), err error) {
	b, err := openBooks(c, now, log)
	if err != nil {
		return nil, err
	}
	s.Register = b.register
	if b.centre != nil {
		s.Outbox, s.Centre = b.queue, b.centre
	}
	return func() {
		if err := b.close(); err != nil {
			log.Warn("closing after sealing", "error", err)
		}
	}, nil
}

// failed files an error that came before any document.
func failed(o state.Order, err error) []state.Outcome {
	out := make([]state.Outcome, len(o.Documents))
	for i, doc := range o.Documents {
		out[i] = state.Outcome{In: doc.In}
	}
	if len(out) > 0 {
		out[0].Err = err
	}
	return out
}

func (d *Desk) order(o state.Order, c config.Config) (job.Order, error) {
	out := job.Order{SealID: o.SealID, Reason: o.Reason, Matter: o.Matter, Approver: o.Approver, PIN: o.PIN}
	taken, output := map[string]bool{}, outputOf(c, o.OutDir)
	for _, doc := range o.Documents {
		path := output.Name(doc.In, taken)
		taken[path] = true
		straddle, err := straddleOf(doc.Straddle)
		if err != nil {
			return out, err
		}
		out.Documents = append(out.Documents, job.Document{In: doc.In, Out: path, Place: job.Marked(doc.Marks), Straddle: straddle})
	}
	if o.Progress != nil {
		out.Progress = func(p job.Progress) {
			stage := map[job.Phase]state.Stage{job.PhaseGate: state.StageCheck, job.PhaseKey: state.StageKey, job.PhaseSealing: state.StageSeal, job.PhaseCentre: state.StageCentre}[p.Phase]
			o.Progress(state.Progress{Stage: stage, Document: p.Document, Done: p.Done, Total: p.Total})
		}
	}
	return out, nil
}

// outputOf says how sealed files are named, in a folder that was chosen for this order.
func outputOf(c config.Config, dir string) config.Output {
	if dir != "" {
		c.Output.Dir = dir
	}
	return c.Output
}

func outcomesOf(done []job.Outcome) []state.Outcome {
	out := make([]state.Outcome, len(done))
	for i, o := range done {
		out[i] = state.Outcome{In: o.In, Out: o.Out, Sealed: o.Status == job.Sealed, Started: o.Status != job.NotStarted, Findings: o.Findings, Record: o.Record,
			Receipt: o.Centre.Receipt, Queued: o.Centre.Queued, Away: o.Centre.Err, Err: o.Err}
		if o.Affixed != nil {
			out[i].Pages, out[i].Report = o.Affixed.Pages, o.Affixed.Report
		}
	}
	return out
}
