package desk

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"time"

	"sealdesk/pdfseal"
	"sealdesk/pdfseal/register"
	"sealdesk/pdfseal/trust"
	"sealdesk/ui/explain"
	"sealdesk/ui/job"
	"sealdesk/ui/state"
)

// legalTime is the time of China, in which the register is exported.
var legalTime = time.FixedZone("CST", 8*3600)

// withRegister calls f with the register, opened for reading. There is none before the first use: then f is not called.
func (d *Desk) withRegister(f func(*register.Register) error) error {
	dir := d.config().Register
	if dir == "" {
		return &job.Error{Key: "register.unset"}
	}
	r, err := register.Open(dir, register.Options{Now: d.Now, ReadOnly: true})
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	}
	return errors.Join(f(r), r.Close())
}

// ReadRegister implements state.Work.
func (d *Desk) ReadRegister(ctx context.Context) (state.RegisterContent, error) {
	out := state.RegisterContent{Report: &register.Report{}}
	cat := d.Catalogue()
	err := d.withRegister(func(r *register.Register) error {
		uses, unreadable, err := r.Uses(ctx)
		if err != nil {
			return err
		}
		out.Unreadable = unreadable
		for _, u := range uses {
			words := cat.T("register.kind."+string(u.Outcome), nil) + "\n" + explain.Matter(cat, u.Matter) + "\n" + explain.Failure(cat, u)
			out.Uses = append(out.Uses, state.Use{Use: u, Words: words})
		}
		out.Report, err = d.checkRegister(ctx, r)
		return err
	})
	return out, err
}

// checkRegister walks the chain of the register. Without a trust bundle the signers of its checkpoints are not judged.
func (d *Desk) checkRegister(ctx context.Context, r *register.Register) (rep *register.Report, err error) {
	judge := func(s *trust.Store) error {
		var o register.CheckOptions
		if s != nil {
			o.Trusted = job.CheckpointSigner(s)
		}
		rep, err = r.Check(ctx, o)
		return nil
	}
	if d.withTrust(judge) != nil { // the key strip says what is wrong with the bundle
		rep, err = r.Check(ctx, register.CheckOptions{})
	}
	return rep, err
}

// ExportRegister implements state.Work.
func (d *Desk) ExportRegister(ctx context.Context, path string) error {
	cat := d.Catalogue()
	var uses []register.Use
	err := d.withRegister(func(r *register.Register) (err error) {
		uses, _, err = r.Uses(ctx)
		return err
	})
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := register.WriteCSV(&b, uses, explain.RegisterCSV(cat, legalTime)); err != nil {
		return err
	}
	return pdfseal.WriteNewFile(path, b.Bytes())
}
