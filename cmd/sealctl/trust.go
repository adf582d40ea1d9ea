package main

import (
	"strconv"
	"strings"
	"time"

	"sealdesk/cmd/internal/cmdline"
	"sealdesk/pdfseal/trust"
	"sealdesk/pdfseal/trust/keeper"
	"sealdesk/ui/job"
)

// trustCmd is `sealctl trust`.
type trustCmd struct {
	Import trustImportCmd `cmd:"" help:"${help_trust_import}"`
	Update trustUpdateCmd `cmd:"" help:"${help_trust_update}"`
	Show   trustShowCmd   `cmd:"" help:"${help_trust_show}"`
}

// trustImportCmd is `sealctl trust import FILE`.
type trustImportCmd struct {
	File string `arg:"" name:"file" help:"${flag_trust_file}"`
	Root string `placeholder:"FINGERPRINT" help:"${flag_trust_root}"`
	JSON bool   `name:"json" help:"${flag_json}"`
}

// importReport is the JSON of an import.
type importReport struct {
	Number      int       `json:"number"`
	Former      int       `json:"former"` // 0: none
	Unchanged   bool      `json:"unchanged"`
	RootChanged bool      `json:"rootChanged"`
	Gap         bool      `json:"gap"`
	Roots       []string  `json:"roots"`
	Expires     time.Time `json:"expires"`
}

// Run imports a bundle: exit 0 where it is in use from now on, 13 where a rule refuses it, 20 where it cannot be read.
func (c *trustImportCmd) Run(a *app) error {
	if err := job.Regular(c.File); err != nil {
		return err
	}
	k, root, err := a.keeper(c.Root)
	if err != nil {
		return err
	}
	done, err := k.Import(a.ctx, c.File, keeper.ImportOptions{Root: root, Now: a.now()})
	if err != nil {
		return &job.TrustError{Path: c.File, Err: err}
	}
	return a.imported(k, done, c.JSON, "trust.import.unchanged")
}

// keeper opens the folder of imported bundles and reads the root that --root states.
func (a *app) keeper(stated string) (k *keeper.Keeper, root string, err error) {
	if k, err = keeper.Open(a.cfg.TrustBundle.Dir, keeper.Options{Root: a.cfg.TrustBundle.Root}); err != nil || stated == "" {
		return k, "", err
	}
	if root, err = trust.ParseFingerprint(stated); err != nil {
		return nil, "", cmdline.Usage("root", "Value", stated)
	}
	return k, root, nil
}

// imported tells what an import did; unchanged is the sentence for nothing.
func (a *app) imported(k *keeper.Keeper, done keeper.Imported, asJSON bool, unchanged string) error {
	a.log.Info("trust bundle imported", "number", done.Number, "former", done.Former, "unchanged", done.Unchanged, "root_changed", done.RootChanged)
	s, err := k.Current(a.now())
	if err != nil {
		return &job.TrustError{Path: k.Dir(), Err: err}
	}
	defer s.Close()
	if asJSON {
		a.writeJSON(importReport{done.Number, done.Former, done.Unchanged, done.RootChanged, done.Gap, done.Roots, s.Expires().UTC()})
		return nil
	}
	a.printImported(done, s, unchanged)
	return nil
}

// trustUpdateCmd is `sealctl trust update`.
type trustUpdateCmd struct {
	Root string `placeholder:"FINGERPRINT" help:"${flag_trust_root}"`
	JSON bool   `name:"json" help:"${flag_json}"`
}

// Run fetches the centre's latest bundle: exit 0 where it is in use from now on, or was; 14 where the centre does not give it; else as import.
func (c *trustUpdateCmd) Run(a *app) error {
	k, root, err := a.keeper(c.Root)
	if err != nil {
		return err
	}
	client, err := a.centre()
	if err != nil {
		return err
	}
	defer client.Close()
	done, err := job.UpdateTrust(a.ctx, client, k, root, a.now())
	if err != nil {
		return err
	}
	return a.imported(k, done, c.JSON, "trust.update.current")
}

func (a *app) printImported(done keeper.Imported, s *trust.Store, unchanged string) {
	number, former := strconv.Itoa(done.Number), strconv.Itoa(done.Former)
	switch {
	case done.Unchanged:
		a.say(unchanged, "Number", number)
	case done.Former == 0:
		a.say("trust.import.first", "Number", number)
	default:
		a.say("trust.import.done", "Number", number, "Former", former)
	}
	if done.RootChanged {
		a.say("trust.import.root", "Roots", grouped(done.Roots))
	}
	if done.Gap {
		a.say("trust.import.gap")
	}
	a.say("trust.expires", "Issued", day(s.Issued()), "Expires", day(s.Expires()), "Age", strconv.Itoa(s.AgeDays(a.now())))
}

// grouped writes fingerprints in groups of four digits, for comparing by eye.
func grouped(fingerprints []string) string {
	var out []string
	for _, f := range fingerprints {
		digits := strings.TrimPrefix(f, "sm3:")
		var groups []string
		for len(digits) > 4 {
			groups, digits = append(groups, digits[:4]), digits[4:]
		}
		out = append(out, strings.Join(append(groups, digits), " "))
	}
	return strings.Join(out, "; ")
}

// trustShowCmd is `sealctl trust show [FILE]`.
type trustShowCmd struct {
	File string `arg:"" optional:"" name:"file" help:"${flag_trust_file}"`
	JSON bool   `name:"json" help:"${flag_json}"`
}

// noTrustError: there is no bundle to show.
type noTrustError struct{}

func (noTrustError) Error() string { return "sealctl: no trust bundle" }

// Situation implements explain.Situation.
func (noTrustError) Situation() (key string, data map[string]string) { return "trust.none", nil }

// Run shows the named bundle, or the one in use.
func (c *trustShowCmd) Run(a *app) error {
	if c.File != "" {
		if err := job.Regular(c.File); err != nil {
			return err
		}
	}
	s, err := a.trustStore(c.File)
	if err != nil {
		return err
	}
	if s == nil {
		return noTrustError{}
	}
	defer s.Close()
	if c.JSON {
		fields := bundleFields(s, a.now())
		fields["path"] = s.Path()
		a.writeJSON(fields)
		return nil
	}
	a.printBundle(s)
	return nil
}
