package desk

import (
	"context"

	"sealdesk/pdfseal/trust"
	"sealdesk/pdfseal/trust/keeper"
	"sealdesk/ui/job"
	"sealdesk/ui/state"
)

// TrustState implements state.Work.
func (d *Desk) TrustState(context.Context) state.TrustState {
	var out state.TrustState
	err := d.withTrust(func(s *trust.Store) error {
		if s != nil {
			out = state.TrustState{Path: s.Path(), Name: s.Name(), Number: s.Number(), Issued: s.Issued(), Expires: s.Expires(), AgeDays: s.AgeDays(d.Now())}
		}
		return nil
	})
	if err != nil {
		out.Err = err
		out.Path = d.config().Trust
	}
	return out
}

// ImportTrust implements state.Work.
func (d *Desk) ImportTrust(ctx context.Context, path string) (state.TrustState, error) {
	if err := job.Regular(path); err != nil {
		return state.TrustState{}, err
	}
	t := d.config().TrustBundle
	k, err := keeper.Open(t.Dir, keeper.Options{Root: t.Root})
	if err != nil {
		return state.TrustState{}, err
	}
	done, err := k.Import(ctx, path, keeper.ImportOptions{Now: d.Now()})
	if err != nil {
		return state.TrustState{}, &job.TrustError{Path: path, Err: err}
	}
	d.Log.Info("trust bundle imported", "number", done.Number, "former", done.Former)
	d.mu.Lock()
	d.dropPool()
	d.mu.Unlock()
	return d.TrustState(ctx), nil
}
