package main

import (
	"strings"
	"time"

	"sealdesk/cmd/internal/cmdline"
	"sealdesk/cmd/sealcenter/internal/desk"
)

// suspendCmd is `sealcenter suspend`.
type suspendCmd struct {
	order
	ID string `arg:"" help:"seal"`
}

// Run implements the command.
func (c *suspendCmd) Run(a *app) error {
	return a.with(func(x *centre) error {
		done, err := x.Suspend(a.ctx, c.order.order(), c.ID)
		return a.changed(done, err)
	})
}

// resumeCmd is `sealcenter resume`.
type resumeCmd struct {
	order
	ID string `arg:"" help:"seal"`
}

// Run implements the command.
func (c *resumeCmd) Run(a *app) error {
	return a.with(func(x *centre) error {
		done, err := x.Resume(a.ctx, c.order.order(), c.ID)
		return a.changed(done, err)
	})
}

// cancelCmd is `sealcenter cancel`.
type cancelCmd struct {
	order
	ID         string `arg:"" help:"seal"`
	HandedBack string `placeholder:"TEXT" help:"handed_back"`
}

// Run implements the command.
func (c *cancelCmd) Run(a *app) error {
	return a.with(func(x *centre) error {
		done, err := x.Cancel(a.ctx, c.order.order(), c.ID, c.HandedBack)
		return a.changed(done, err)
	})
}

// reportLostCmd is `sealcenter report-lost`.
type reportLostCmd struct {
	order
	ID    string `arg:"" help:"seal"`
	Since string `placeholder:"TIME" help:"since"`
}

// Run implements the command.
func (c *reportLostCmd) Run(a *app) error {
	var since time.Time
	if c.Since != "" {
		var err error
		if since, err = cmdline.Time("--since", c.Since); err != nil {
			return err
		}
	}
	return a.with(func(x *centre) error {
		done, err := x.ReportLost(a.ctx, c.order.order(), c.ID, since)
		return a.changed(done, err)
	})
}

// replaceCmd is `sealcenter replace`.
type replaceCmd struct {
	sealFlags
	Old        string `arg:"" help:"old_seal"`
	HandedBack string `placeholder:"TEXT" help:"handed_back"`
}

// Run implements the command.
func (c *replaceCmd) Run(a *app) error {
	r, err := c.request()
	if err != nil {
		return err
	}
	if err := checkOutputs(c.Out, c.CertificateOut); err != nil {
		return err
	}
	return a.with(func(x *centre) error {
		out, old, err := x.Replace(a.ctx, c.order.order(), c.Old, c.HandedBack, r)
		if err != nil {
			return err
		}
		a.tellChange(old)
		return a.handOut(out, &c.sealFlags)
	})
}

// change is the result of a change of state.
type change struct {
	ID      string   `json:"id"`
	Status  string   `json:"status"`
	Since   string   `json:"since"`
	Revoked string   `json:"revokedCertificate,omitempty"`
	SameKey []string `json:"sameKey,omitempty"`
}

// changed tells what a change of state did.
func (a *app) changed(c *desk.Changed, err error) error {
	if err != nil {
		return err
	}
	a.tellChange(c)
	a.say("sealcenter.publish")
	return a.result(change{ID: c.ID, Status: string(c.Status), Since: c.Since.Format(time.RFC3339Nano), Revoked: c.Revoked, SameKey: c.SameKey})
}

func (a *app) tellChange(c *desk.Changed) {
	a.say("sealcenter.changed", "ID", c.ID, "Status", a.cat.T("status."+string(c.Status), nil), "Since", clock(c.Since))
	if c.Revoked != "" {
		a.say("sealcenter.changed.revoked", "SM3", c.Revoked[:16])
	}
	if c.ForeignCert {
		a.say("sealcenter.changed.foreign")
	}
	if len(c.SameKey) > 0 {
		a.say("sealcenter.changed.same_key", "IDs", strings.Join(c.SameKey, "、"))
	}
}
