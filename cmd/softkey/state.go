package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"sealdesk/cmd/softkey/store"
)

type insertCmd struct{}

func (insertCmd) Run(to *common) error { return with(to, (*store.Slot).Insert) }

type removeCmd struct{}

func (removeCmd) Run(to *common) error { return with(to, (*store.Slot).Remove) }

type unlockCmd struct{}

func (unlockCmd) Run(to *common) error { return with(to, (*store.Slot).Unlock) }

type setTriesCmd struct {
	Left int `arg:"" help:"Tries left; 0 is locked, 1 the final try."`
}

func (c *setTriesCmd) Run(to *common) error {
	return with(to, func(s *store.Slot) error { return s.SetTries(c.Left) })
}

type faultCmd struct {
	Name string   `arg:"" optional:"" help:"Fault, or point:fault: ${faults}. Points: sign (default), sign-init, login, find, read, cert, open, info, slots."`
	Arg  []string `arg:"" optional:"" help:"Argument, then xN for N times or x* for ever."`

	Clear bool `help:"Forget all faults."`
}

func (c *faultCmd) Run(to *common) error {
	return with(to, func(s *store.Slot) error {
		if c.Clear {
			if err := s.ClearFaults(); err != nil || c.Name == "" {
				return err
			}
		}
		return s.Fault(c.Name, strings.Join(c.Arg, " "))
	})
}

func with(to *common, do func(*store.Slot) error) error {
	s, err := to.open()
	if err != nil {
		return err
	}
	return do(s)
}

type showCmd struct {
	JSON bool `name:"json" help:"One JSON object a line and slot."`
}

func (c *showCmd) Run(to *common, stdout io.Writer) error {
	slots, err := store.Slots(to.Dir)
	if err != nil {
		return err
	}
	for _, n := range slots {
		s, err := store.Open(to.Dir, n)
		if err != nil {
			return err
		}
		d, err := s.Describe()
		if err != nil {
			return err
		}
		if c.JSON {
			err = json.NewEncoder(stdout).Encode(d)
		} else {
			_, err = io.WriteString(stdout, text(d))
		}
		if err != nil {
			return fmt.Errorf("softkey: %w", err)
		}
	}
	return nil
}

func text(d store.Description) string {
	var b strings.Builder
	in := "removed"
	if d.Present {
		in = "inserted"
	}
	fmt.Fprintf(&b, "slot %d: %s, %s, serial %s, profile %s, %d of %d tries left\n",
		d.Slot, in, d.Label, d.Serial, d.Profile, d.TriesLeft, d.MaxTries)
	for _, o := range d.Objects {
		fmt.Fprintf(&b, "  %02d %-11s %q", o.Number, o.Class, o.Label)
		if o.ID != "" {
			fmt.Fprintf(&b, " id %s", o.ID)
		}
		if o.Size > 0 {
			fmt.Fprintf(&b, " %d bytes", o.Size)
		}
		if o.Private {
			b.WriteString(" private")
		}
		b.WriteByte('\n')
	}
	for _, f := range d.Faults {
		fmt.Fprintf(&b, "  fault %s\n", f)
	}
	return b.String()
}
