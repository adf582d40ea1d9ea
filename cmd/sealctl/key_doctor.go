package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"sealdesk/token"
	"sealdesk/token/pkcs11"
)

type keyDoctorCmd struct {
	keyFlags `embed:""`
	Key      string `placeholder:"SERIAL" help:"${flag_key}"`
	pinFlags `embed:""`
}

// diagnoser is a provider that can examine a key; the PKCS#11 driver is one.
type diagnoser interface {
	Doctor(ctx context.Context, id token.ID) (pkcs11.Diagnosis, error)
}

// Run examines every key without a PIN, or the chosen key with one: then a test message is signed in every way that any profile
// knows and the key offers. Each answer is verified with the certificate.
func (c *keyDoctorCmd) Run(a *app) error {
	p, err := a.provider(c.Module)
	if err != nil {
		return err
	}
	report, err := c.diagnose(a, p)
	if cerr := p.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return err
	}
	var trials []trial
	var trialErr error
	if c.PinStdin || c.FinalTry {
		trials, trialErr = c.try(a, report[0].Token)
	}
	if c.JSON {
		out := map[string]any{"keys": report}
		if trials != nil {
			out["trials"] = trials
		}
		a.writeJSON(out)
	} else {
		for _, d := range report {
			a.printDiagnosis(d)
		}
		for _, t := range trials {
			a.say("doctor.trial", "Way", t.Way, "Result", a.text("trial."+t.Result), "Detail", t.Detail)
		}
	}
	return trialErr
}

// diagnose examines the keys that are plugged in, or the one called by its serial number.
func (c *keyDoctorCmd) diagnose(a *app, p token.Provider) ([]pkcs11.Diagnosis, error) {
	infos, err := p.Tokens(a.ctx)
	if err != nil {
		return nil, err
	}
	if infos, err = c.pick(infos); err != nil {
		return nil, err
	}
	d, ok := unwrap(p).(diagnoser)
	if !ok {
		return nil, token.ErrUnsupported
	}
	var out []pkcs11.Diagnosis
	for _, info := range infos {
		one, err := d.Doctor(a.ctx, info.ID)
		if err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, nil
}

// pick applies --key. With a PIN there must be exactly one key: a PIN is never tried on several.
func (c *keyDoctorCmd) pick(infos []token.Info) ([]token.Info, error) {
	if len(infos) == 0 {
		return nil, token.ErrNoToken
	}
	if c.Key != "" {
		infos = slices.DeleteFunc(slices.Clone(infos), func(i token.Info) bool { return i.Serial != c.Key })
		if len(infos) == 0 {
			return nil, &keyError{"job.key_unknown", map[string]string{"Key": c.Key}}
		}
	}
	if (c.PinStdin || c.FinalTry) && len(infos) > 1 {
		var list []string
		for _, i := range infos {
			list = append(list, i.Serial+"  "+i.Label)
		}
		return nil, &keyError{"job.key_ambiguous", map[string]string{"List": strings.Join(list, "\n")}}
	}
	return infos, nil
}

// keyError is a choice of key that cannot be carried out.
type keyError struct {
	key  string
	data map[string]string
}

func (e *keyError) Error() string { return "sealctl: " + e.key }

// Situation implements explain.Situation.
func (e *keyError) Situation() (key string, data map[string]string) { return e.key, e.data }

func (a *app) printDiagnosis(d pkcs11.Diagnosis) {
	a.say("doctor.key", "Label", d.Token.Label, "Serial", d.Token.Serial)
	a.say("doctor.driver", "Path", d.Module, "Manufacturer", d.Library.Manufacturer, "Description", d.Library.Description,
		"Version", d.Library.Version, "Cryptoki", d.Library.Cryptoki)
	a.say("doctor.flags", "Text", strings.Join(d.Flags, " "))
	for _, m := range d.Mechanisms {
		a.say("doctor.mechanism", "Number", m.Number, "Flags", m.Flags, "Min", fmt.Sprint(m.MinSize), "Max", fmt.Sprint(m.MaxSize))
	}
	a.say("doctor.profile", "Name", d.Profile, "Sure", a.yesNo(d.MayMakeSM2))
	for _, l := range []struct {
		key  string
		list []string
	}{{"doctor.way", d.Ways}, {"doctor.public_key", d.PublicMatch}, {"doctor.problem", d.Problems}} {
		for _, text := range l.list {
			a.say(l.key, "Text", text)
		}
	}
	for _, o := range d.Objects {
		a.say("doctor.attribute", "Object", fmt.Sprint(o.Object), "Name", o.Name, "Value", o.Value, "Size", fmt.Sprint(o.Size))
	}
}
