package desk

import (
	"context"

	"sealdesk/ui/state"
)

// ProbeCenter implements state.Work. It takes no longer than the settings allow for one answer.
func (d *Desk) ProbeCenter(ctx context.Context) state.Center {
	c := d.config().Center
	if !c.Configured() {
		return state.Center{Phase: state.CenterUnset}
	}
	client, err := c.Open(d.Now, d.Log)
	if err != nil {
		return state.Center{Phase: state.CenterAway, Err: err}
	}
	defer client.Close()
	out := state.Center{Phase: state.CenterConnected, Host: client.Host()}
	if _, err := client.Probe(ctx); err != nil {
		out.Phase, out.Err = state.CenterAway, err
	}
	return out
}

// lookCenter tells whether the centre answers.
func (d *Desk) lookCenter(ctx context.Context) []state.Finding {
	switch c := d.ProbeCenter(ctx); c.Phase {
	case state.CenterUnset:
		return []state.Finding{note("gui.diag.no_center")}
	case state.CenterConnected:
		return []state.Finding{good("gui.diag.center", "Path", c.Host)}
	default:
		return []state.Finding{bad(c.Err, "gui.diag.center_bad", "Path", d.config().Center.URL)}
	}
}

// lookRegister tells whether the register of seal use hangs together.
func (d *Desk) lookRegister(ctx context.Context) []state.Finding {
	c, err := d.ReadRegister(ctx)
	switch {
	case err != nil:
		return []state.Finding{bad(err, "gui.diag.register_unread", "Path", d.config().Register)}
	case (state.Register{Content: c}).Damaged():
		return []state.Finding{bad(nil, "gui.diag.register_bad", "Path", d.config().Register)}
	}
	return []state.Finding{good("gui.diag.register", "Path", d.config().Register)}
}
