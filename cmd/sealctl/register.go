package main

import (
	"bytes"
	"errors"
	"os"
	"strconv"

	"sealdesk/cmd/internal/cmdline"
	"sealdesk/pdfseal"
	"sealdesk/pdfseal/cms"
	"sealdesk/pdfseal/register"
	"sealdesk/ui/explain"
	"sealdesk/ui/job"
)

// registerCmd is `sealctl register`.
type registerCmd struct {
	List   registerListCmd   `cmd:"" help:"${help_register_list}"`
	Check  registerCheckCmd  `cmd:"" help:"${help_register_check}"`
	Export registerExportCmd `cmd:"" help:"${help_register_export}"`
}

// registerListCmd is `sealctl register list`.
type registerListCmd struct {
	All  bool `help:"${flag_register_all}"`
	JSON bool `name:"json" help:"${flag_json}"`
}

// registerCheckCmd is `sealctl register check`.
type registerCheckCmd struct {
	Checkpoint []string `placeholder:"FILE" help:"${flag_checkpoint}"`
	Trust      string   `placeholder:"FILE" help:"${flag_trust}"`
	JSON       bool     `name:"json" help:"${flag_json}"`
}

// registerExportCmd is `sealctl register export`.
type registerExportCmd struct {
	Output string `short:"o" placeholder:"FILE.csv" help:"${flag_register_output}"`
}

// unsetError says that no settings name a folder for the register.
type unsetError struct{}

func (unsetError) Error() string { return "sealctl: no folder for the register" }

// Situation implements explain.Situation.
func (unsetError) Situation() (key string, data map[string]string) { return "register.unset", nil }

// register opens the register of the settings. The caller closes it.
func (a *app) register(o register.Options) (*register.Register, error) {
	if a.cfg.Register == "" {
		return nil, unsetError{}
	}
	o.Now = a.now
	return register.Open(a.cfg.Register, o)
}

// Run lists the uses of seals, or with --all every record.
func (c *registerListCmd) Run(a *app) error {
	r, err := a.register(register.Options{ReadOnly: true})
	if err != nil {
		return err
	}
	defer r.Close()
	if c.All {
		return c.records(a, r)
	}
	uses, damaged, err := r.Uses(a.ctx)
	if err != nil {
		return err
	}
	for _, u := range uses {
		if c.JSON {
			a.writeJSON(u)
			continue
		}
		a.printUse(u)
	}
	if !c.JSON {
		a.say("register.count", "N", strconv.Itoa(len(uses)))
	}
	return a.broken(r, damaged)
}

// records prints every record as it stands.
func (c *registerListCmd) records(a *app, r *register.Register) error {
	damaged := 0
	for e, err := range r.Entries(a.ctx) {
		switch {
		case errors.Is(err, register.ErrBroken):
			damaged++
		case err != nil:
			return err
		case c.JSON:
			a.writeJSON(struct {
				register.Entry
				SM3 string `json:"sm3"`
			}{e, e.SM3})
		default:
			ref := ""
			if e.Ref > 0 {
				ref = strconv.FormatInt(e.Ref, 10)
			}
			a.say("register.record", "Seq", strconv.FormatInt(e.Seq, 10), "Time", clock(&e.Time), "Kind", a.text("register.kind."+string(e.Kind)),
				"Ref", ref, "File", e.File)
		}
	}
	return a.broken(r, damaged)
}

// broken says that what was listed is not to be relied on.
func (a *app) broken(r *register.Register, damaged int) error {
	if damaged == 0 && r.Broken() == nil {
		return nil
	}
	a.note("register.listed_broken", "N", strconv.Itoa(damaged))
	return exitCode(explain.ExitInvalid)
}

func (a *app) printUse(u register.Use) {
	matter := "—"
	if u.Matter != "" {
		matter = explain.Matter(a.cat, u.Matter)
	}
	a.say("register.use", "Seq", strconv.FormatInt(u.Seq, 10), "Time", clock(&u.Time), "Outcome", a.text("register.kind."+string(u.Outcome)),
		"Seal", orDash(u.SealName), "File", u.File, "Pages", orDash(u.Pages(a.text("list.separator"))), "Matter", matter, "Approver", orDash(u.Approver))
	if text := explain.Failure(a.cat, u); text != "" {
		a.say("register.why", "Text", text)
	}
}

func orDash(s string) string {
	if s == "" {
		return "—"
	}
	return s
}

// Run checks the register: exit 0 where it hangs together, 3 where it does not.
func (c *registerCheckCmd) Run(a *app) error {
	o := register.CheckOptions{}
	for _, path := range c.Checkpoint {
		der, err := readSmall(path)
		if err != nil {
			return err
		}
		if _, err := cms.Parse(der); err != nil { // a wrong file says nothing about the register
			return cmdline.Usage("checkpoint", "Value", path, "N", strconv.Itoa(maxCheckpointFile))
		}
		o.Checkpoints = append(o.Checkpoints, der)
	}
	store, err := a.trustStore(c.Trust)
	if err != nil && c.Trust != "" {
		return err
	}
	if err == nil && store != nil {
		o.Trusted = job.CheckpointSigner(store)
	}
	r, err := a.register(register.Options{ReadOnly: true})
	if err != nil {
		return err
	}
	defer r.Close()
	rep, err := r.Check(a.ctx, o)
	if err != nil {
		return err
	}
	if c.JSON {
		a.writeJSON(rep)
	} else {
		a.printCheck(rep)
		if rep.Protected > 0 && o.Trusted == nil {
			a.say("register.unjudged")
		}
	}
	if rep.Damaged() {
		return exitCode(explain.ExitInvalid)
	}
	return nil
}

// maxCheckpointFile bounds a checkpoint that is named on the command line.
const maxCheckpointFile = 64 << 10

func readSmall(path string) ([]byte, error) {
	st, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !st.Mode().IsRegular() || st.Size() > maxCheckpointFile {
		return nil, cmdline.Usage("checkpoint", "Value", path, "N", strconv.Itoa(maxCheckpointFile))
	}
	return os.ReadFile(path)
}

func (a *app) printCheck(rep *register.Report) {
	for _, f := range rep.Findings {
		level := "note"
		if f.Damage {
			level = "damage"
		}
		a.say("register.finding."+level, "Text", explain.RegisterFinding(a.cat, f))
	}
	n := strconv.FormatInt(rep.Records, 10)
	switch {
	case rep.Damaged():
		a.say("register.damaged", "N", n)
	case rep.Records == 0:
		a.say("register.empty")
	default:
		a.say("register.whole", "N", n, "Time", clock(&rep.Last))
	}
	if rep.Protected > 0 {
		a.say("register.protected", "N", strconv.FormatInt(rep.Protected, 10), "Time", clock(&rep.Signed))
	}
}

// Run writes the uses as CSV to standard output or into a new file.
func (c *registerExportCmd) Run(a *app) error {
	r, err := a.register(register.Options{ReadOnly: true})
	if err != nil {
		return err
	}
	defer r.Close()
	uses, damaged, err := r.Uses(a.ctx)
	if err != nil {
		return err
	}
	o := explain.RegisterCSV(a.cat, zone)
	if c.Output == "" {
		if err := register.WriteCSV(a.stdout, uses, o); err != nil {
			return err
		}
		return a.broken(r, damaged)
	}
	if err := exportFile(c.Output, uses, o); err != nil {
		return err
	}
	a.say("register.exported", "N", strconv.Itoa(len(uses)), "Path", c.Output)
	return a.broken(r, damaged)
}

// exportFile writes a new file whole or not at all; nothing is overwritten.
func exportFile(path string, uses []register.Use, o register.CSVOptions) error {
	var b bytes.Buffer
	if err := register.WriteCSV(&b, uses, o); err != nil {
		return err
	}
	return pdfseal.WriteNewFile(path, b.Bytes())
}
