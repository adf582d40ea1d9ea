package main

import (
	"fmt"
	"strings"
	"time"

	"sealdesk/token"
	"sealdesk/ui/job"
)

// keyCmd is `sealctl key`.
type keyCmd struct {
	List   keyListCmd   `cmd:"" help:"${help_key_list}"`
	Info   keyInfoCmd   `cmd:"" help:"${help_key_info}"`
	Doctor keyDoctorCmd `cmd:"" help:"${help_key_doctor}"`
}

// keyFlags are common to the commands below key.
type keyFlags struct {
	Module string `placeholder:"FILE" help:"${flag_module}"`
	JSON   bool   `name:"json" help:"${flag_json}"`
}

type keyListCmd struct {
	keyFlags `embed:""`
}

type keyInfoCmd struct {
	keyFlags `embed:""`
}

// keyReport is one key in JSON.
type keyReport struct {
	ID            token.ID         `json:"id"`
	Label         string           `json:"label"`
	Serial        string           `json:"serial"`
	Manufacturer  string           `json:"manufacturer"`
	Model         string           `json:"model"`
	Firmware      string           `json:"firmware"`
	Module        string           `json:"module"`
	Profile       string           `json:"profile"`
	Training      bool             `json:"training"`
	ProtectedPath bool             `json:"protectedPath"`
	PIN           pinReport        `json:"pin"`
	State         string           `json:"state"`
	Seals         []keySealReport  `json:"seals"`
	Certificates  []keyCertificate `json:"certificates"`
	Error         *failure         `json:"error,omitempty"`
}

// pinReport holds what the key says of its PIN. PKCS#11 gives no number of tries, so none is shown.
type pinReport struct {
	Low           bool `json:"low"`
	FinalTry      bool `json:"finalTry"`
	Locked        bool `json:"locked"`
	ToBeChanged   bool `json:"toBeChanged"`
	Uninitialised bool `json:"uninitialised"`
	Min           int  `json:"min"`
	Max           int  `json:"max"`
}

type keySealReport struct {
	ID          string    `json:"id"`
	Name        string    `json:"name"`
	Standard    string    `json:"standard"`
	ValidFrom   time.Time `json:"validFrom"`
	ValidTo     time.Time `json:"validTo"`
	WidthMM     int       `json:"widthMM"`
	HeightMM    int       `json:"heightMM"`
	Certificate string    `json:"certificate"` // serial of the certificate on the key that may use the seal
	Size        int       `json:"size"`
}

type keyCertificate struct {
	Subject   string    `json:"subject"`
	Serial    string    `json:"serial"`
	NotBefore time.Time `json:"notBefore"`
	NotAfter  time.Time `json:"notAfter"`
	Use       string    `json:"use"` // "signing" or "encryption"
	SM2       bool      `json:"sm2"`
	HasKey    bool      `json:"hasPrivateKey"`
	Defects   []string  `json:"defects"`
}

// keyState names the most urgent state of a key (users.md, §8).
func keyState(k keyReport) string {
	switch {
	case k.Error != nil:
		return "unreadable"
	case k.PIN.Locked:
		return "pin_locked"
	case k.PIN.FinalTry:
		return "pin_final_try"
	case k.PIN.Uninitialised:
		return "pin_uninitialised"
	case k.PIN.ToBeChanged:
		return "pin_to_be_changed"
	case k.PIN.Low:
		return "pin_low"
	case len(k.Seals) == 0:
		return "no_seal"
	default:
		return "ready"
	}
}

// Run lists the keys, one paragraph each.
func (c *keyListCmd) Run(a *app) error { return a.showKeys(c.keyFlags, false) }

// Run shows everything that the keys say without a PIN.
func (c *keyInfoCmd) Run(a *app) error { return a.showKeys(c.keyFlags, true) }

func (a *app) showKeys(f keyFlags, all bool) error {
	p, err := a.provider(f.Module)
	if err != nil {
		return err
	}
	defer p.Close()
	keys, err := a.readKeys(p)
	if err != nil {
		return err
	}
	if len(keys) == 0 {
		return token.ErrNoToken
	}
	if f.JSON {
		a.writeJSON(map[string]any{"keys": keys})
		return nil
	}
	for _, k := range keys {
		a.printKey(k, all)
	}
	return nil
}

// readKeys reads every key without a PIN. A key that cannot be read is listed with its error.
func (a *app) readKeys(p token.Provider) ([]keyReport, error) {
	infos, err := p.Tokens(a.ctx)
	if err != nil {
		return nil, err
	}
	out := make([]keyReport, 0, len(infos))
	for _, info := range infos {
		k := newKeyReport(info)
		if err := a.readKey(p, &k); err != nil {
			if a.ctx.Err() != nil {
				return nil, a.ctx.Err()
			}
			k.Error = a.failure(err)
		}
		k.State = keyState(k)
		out = append(out, k)
	}
	return out, nil
}

func newKeyReport(i token.Info) keyReport {
	return keyReport{ID: i.ID, Label: i.Label, Serial: i.Serial, Manufacturer: i.Manufacturer, Model: i.Model, Firmware: i.Firmware,
		Module: i.Module, Profile: i.Profile, Training: i.Training, ProtectedPath: i.ProtectedPath,
		PIN: pinReport{Low: i.PIN.Low, FinalTry: i.PIN.FinalTry, Locked: i.PIN.Locked, ToBeChanged: i.PIN.ToBeChanged,
			Uninitialised: i.PIN.Uninitialised, Min: i.PINMin, Max: i.PINMax},
		Seals: []keySealReport{}, Certificates: []keyCertificate{}}
}

func (a *app) readKey(p token.Provider, k *keyReport) error {
	t, err := p.Open(a.ctx, k.ID)
	if err != nil {
		return err
	}
	defer t.Close()
	certs, err := t.Certificates(a.ctx)
	if err != nil {
		return err
	}
	for _, c := range certs {
		use := "encryption"
		if c.Signing {
			use = "signing"
		}
		k.Certificates = append(k.Certificates, keyCertificate{Subject: c.Subject, Serial: c.SerialHex, NotBefore: c.NotBefore.UTC(),
			NotAfter: c.NotAfter.UTC(), Use: use, SM2: c.SM2, HasKey: c.HasPrivateKey, Defects: notes(c.Defects)})
	}
	seals, err := job.FindSeals(a.ctx, t)
	for _, s := range seals {
		k.Seals = append(k.Seals, keySealReport{ID: s.Seal.ID, Name: s.Seal.Name, Standard: s.Seal.Version.String(),
			ValidFrom: s.Seal.ValidFrom.UTC(), ValidTo: s.Seal.ValidTo.UTC(), WidthMM: s.Seal.Picture.WidthMM, HeightMM: s.Seal.Picture.HeightMM,
			Certificate: s.Certificate.SerialHex, Size: len(s.Seal.Raw)})
	}
	return err
}

func (a *app) printKey(k keyReport, all bool) {
	a.say("key.head", "Label", k.Label, "Serial", k.Serial, "State", a.text("state."+k.State))
	if k.Training {
		a.say("key.training")
	}
	for _, s := range k.Seals {
		a.say("key.seal", "ID", s.ID, "Name", s.Name, "From", day(s.ValidFrom), "To", day(s.ValidTo),
			"Size", fmt.Sprintf("%d×%d", s.WidthMM, s.HeightMM))
	}
	if k.Error != nil {
		fmt.Fprintln(a.stdout, "  "+clean(strings.ReplaceAll(k.Error.Texts.String(), "\n", "\n  ")))
	}
	if !all {
		return
	}
	a.say("key.device", "ID", string(k.ID), "Manufacturer", k.Manufacturer, "Model", k.Model, "Firmware", k.Firmware, "Module", k.Module, "Profile", k.Profile)
	a.say("key.pin_rule", "Min", fmt.Sprint(k.PIN.Min), "Max", fmt.Sprint(k.PIN.Max))
	for _, c := range k.Certificates {
		a.say("key.certificate", "Use", a.text("use."+c.Use), "Subject", c.Subject, "Serial", c.Serial, "From", day(c.NotBefore), "To", day(c.NotAfter))
		for _, d := range c.Defects {
			a.say("key.defect", "Text", d)
		}
	}
}
