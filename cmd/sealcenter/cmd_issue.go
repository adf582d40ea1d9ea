package main

import (
	"fmt"
	"time"

	"sealdesk/cmd/internal/cmdline"
	"sealdesk/cmd/sealcenter/internal/authority"
	"sealdesk/cmd/sealcenter/internal/desk"
	"sealdesk/pdfseal/ses"
)

// sealFlags say which seal is wanted.
type sealFlags struct {
	order

	Department string `placeholder:"CODE" help:"department"`
	Unit       string `required:"" placeholder:"NAME" help:"unit"`
	Division   string `required:"" placeholder:"CODE" help:"division"`
	Kind       string `enum:"government,department,township" default:"department" help:"kind"`
	SealName   string `placeholder:"NAME" help:"seal_name"`
	ID         string `placeholder:"ID" help:"id"`
	Type       int    `default:"1" help:"type"`

	Custodian   string `required:"" placeholder:"NAME" help:"custodian"`
	PublicKey   string `type:"existingfile" xor:"key" required:"" placeholder:"FILE" help:"public_key"`
	Certificate string `type:"existingfile" xor:"key" required:"" placeholder:"FILE" help:"certificate"`

	Picture string `required:"" type:"existingfile" placeholder:"FILE" help:"picture"`
	Width   int    `required:"" placeholder:"MM" help:"width"`
	Height  int    `placeholder:"MM" help:"height"`

	ValidFrom string `placeholder:"DATE" help:"valid_from"`
	ValidTo   string `placeholder:"DATE" help:"valid_to"`

	Out            string `placeholder:"FILE" type:"path" help:"seal_out"`
	CertificateOut string `placeholder:"FILE" type:"path" help:"certificate_out"`
}

// sealYears is how long a seal is valid where nothing is said.
const sealYears = 5

// request reads the files and times of the flags.
func (f *sealFlags) request() (desk.Request, error) {
	r := desk.Request{Department: f.Department, ID: f.ID, Unit: f.Unit, Division: f.Division, Kind: desk.UnitKind(f.Kind), Name: f.SealName, Type: f.Type, Custodian: f.Custodian}
	for path, to := range map[string]*[]byte{f.PublicKey: &r.PublicKey, f.Certificate: &r.Cert, f.Picture: &r.Picture.Data} {
		if path == "" {
			continue
		}
		var err error
		if *to, err = readInput(path); err != nil {
			return r, err
		}
	}
	r.Picture.WidthMM, r.Picture.HeightMM = f.Width, f.Height
	if f.Height == 0 {
		r.Picture.HeightMM = f.Width
	}
	r.Picture.Type = pictureType(r.Picture)
	today := time.Now().In(desk.Zone)
	r.ValidFrom = time.Date(today.Year(), today.Month(), today.Day(), 0, 0, 0, 0, desk.Zone)
	var err error
	if f.ValidFrom != "" {
		if r.ValidFrom, err = cmdline.Time("--valid-from", f.ValidFrom); err != nil {
			return r, err
		}
	}
	r.ValidTo = r.ValidFrom.AddDate(sealYears, 0, 0)
	if f.ValidTo != "" {
		r.ValidTo, err = cmdline.Time("--valid-to", f.ValidTo)
	}
	return r, err
}

// pictureType names the format of a picture as seals do; empty for an unknown one.
func pictureType(p ses.Picture) string {
	for _, t := range []string{"PNG", "JPG", "GIF", "BMP"} {
		p.Type = t
		if _, _, _, err := p.Sniff(); err == nil {
			return t
		}
	}
	return ""
}

// issueCmd is `sealcenter issue`.
type issueCmd struct{ sealFlags }

// issued is the result of issue and replace.
type issued struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	SM3         string `json:"sm3"`
	Department  string `json:"department"`
	ValidFrom   string `json:"validFrom"`
	ValidTo     string `json:"validTo"`
	File        string `json:"file"`
	Certificate string `json:"certificate"`
	Replaces    string `json:"replaces,omitempty"`
}

// Run implements the command.
func (c *issueCmd) Run(a *app) error {
	r, err := c.request()
	if err != nil {
		return err
	}
	if err := checkOutputs(c.Out, c.CertificateOut); err != nil {
		return err
	}
	return a.with(func(x *centre) error {
		out, err := x.Issue(a.ctx, c.order.order(), r)
		if err != nil {
			return err
		}
		return a.handOut(out, &c.sealFlags)
	})
}

// handOut writes seal and certificate, which are recorded already, and tells.
func (a *app) handOut(out *desk.Issued, f *sealFlags) error {
	if f.Out == "" {
		f.Out = out.Seal.ID + ".esl"
	}
	if f.CertificateOut == "" && out.NewCert {
		f.CertificateOut = out.Seal.ID + ".crt"
	}
	if err := writeOutput(f.Out, out.Seal.DER, 0o644); err != nil {
		a.notWritten(out.Seal.ID)
		return err
	}
	if f.CertificateOut != "" {
		if err := writeOutput(f.CertificateOut, authority.EncodeCertificate(out.Certificate), 0o644); err != nil {
			a.notWritten(out.Seal.ID)
			return err
		}
	}
	a.say("sealcenter.issue.done", "ID", out.Seal.ID, "Name", out.Seal.Name, "Department", out.Department, "File", f.Out,
		"From", clock(out.Seal.ValidFrom), "To", clock(out.Seal.ValidTo))
	if f.CertificateOut != "" {
		a.say("sealcenter.issue.certificate", "File", f.CertificateOut)
	}
	if want, exact := diameter(f); f.Width > want || exact && f.Width != want {
		a.say("sealcenter.issue.size", "Width", fmt.Sprint(f.Width), "Want", fmt.Sprint(want))
	}
	a.say("sealcenter.publish")
	return a.result(issued{ID: out.Seal.ID, Name: out.Seal.Name, SM3: out.Seal.SM3, Department: out.Department, ValidFrom: out.Seal.ValidFrom.UTC().Format(time.RFC3339),
		ValidTo: out.Seal.ValidTo.UTC().Format(time.RFC3339), File: f.Out, Certificate: f.CertificateOut, Replaces: out.Seal.Replaces})
}

// notWritten tells where to get files of a seal that has been issued all the same.
func (a *app) notWritten(id string) {
	fmt.Fprintln(a.stderr, a.text("sealcenter.issue.not_written", "ID", id))
}

// diameter is that of a unit's seal in millimetres by 国发〔1999〕25号, and
// whether it must be exactly that or may be less. Seals that differ get a note.
func diameter(f *sealFlags) (mm int, exact bool) {
	switch desk.UnitKind(f.Kind) {
	case desk.Government:
		return 45, true
	case desk.Township:
		return 42, true
	}
	return 45, false
}
