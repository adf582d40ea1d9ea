package main

import (
	"encoding/hex"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"sealdesk/pdfseal"
	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/ses"
	"sealdesk/token"
	"sealdesk/ui/form"
	"sealdesk/ui/job"
)

// noSealError is a file of --from without a seal that can be relied on.
type noSealError struct{ path string }

func (e *noSealError) Error() string { return "sealctl: no seal in " + e.path }

// Situation implements explain.Situation.
func (e *noSealError) Situation() (key string, data map[string]string) {
	return "form.no_seal", map[string]string{"Path": e.path}
}

// keySeals reads the seals of all keys that are plugged in, without a PIN.
func (c *formCmd) keySeals(a *app) ([]form.Seal, error) {
	p, err := a.provider(c.Module)
	if err != nil {
		return nil, err
	}
	defer p.Close()
	infos, err := p.Tokens(a.ctx)
	if err != nil {
		return nil, err
	}
	if len(infos) == 0 {
		return nil, token.ErrNoToken
	}
	var out []form.Seal
	for _, info := range infos {
		seals, err := sealsOf(a, p, info.ID)
		if err != nil {
			return nil, err
		}
		for _, s := range seals {
			f := sealForm(a, s.Seal)
			f.Key = info.Serial
			f.Certificate = a.cat.T("form.certificate", map[string]string{"Subject": s.Certificate.Subject, "Serial": s.Certificate.SerialHex})
			f.CertificatePeriod = a.period(s.Certificate.NotBefore, s.Certificate.NotAfter)
			out = append(out, f)
		}
	}
	return out, nil
}

func sealsOf(a *app, p token.Provider, id token.ID) ([]job.KeySeal, error) {
	t, err := p.Open(a.ctx, id)
	if err != nil {
		return nil, err
	}
	defer t.Close()
	return job.FindSeals(a.ctx, t)
}

// fileSeals reads the seals of the file of --from: seal data, or a sealed PDF, of which only seals that are not invalid count.
func (c *formCmd) fileSeals(a *app) ([]form.Seal, error) {
	if err := job.Regular(c.From); err != nil {
		return nil, err
	}
	f, err := os.Open(c.From)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	head := make([]byte, 5)
	if n, _ := f.ReadAt(head, 0); string(head[:n]) == "%PDF-" {
		return c.documentSeals(a)
	}
	raw, err := readSeal(f)
	if err != nil {
		return nil, err
	}
	s, err := ses.ParseSeal(raw)
	if err != nil {
		return nil, &kindError{c.From, errUnknown}
	}
	if err := s.VerifyValue(); err != nil {
		return nil, &noSealError{c.From}
	}
	return []form.Seal{sealForm(a, s)}, nil
}

// readSeal reads seal data of the size that a key can hold.
func readSeal(f *os.File) ([]byte, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if info.Size() > token.MaxObject {
		return nil, &kindError{f.Name(), errTooLarge}
	}
	raw := make([]byte, info.Size())
	_, err = f.ReadAt(raw, 0)
	return raw, err
}

func (c *formCmd) documentSeals(a *app) ([]form.Seal, error) {
	pool, err := a.verifiers(a.trustSource(""), a.now())
	if err != nil {
		return nil, err
	}
	defer pool.Close()
	rep, err := pool.Verify(a.ctx, c.From, nil)
	if err != nil {
		return nil, err
	}
	var out []form.Seal
	for _, s := range rep.Seals {
		if s.Verdict == pdfseal.VerdictInvalid || s.Seal.ID+s.Seal.Name == "" {
			continue
		}
		f := form.Seal{Name: s.Seal.Name, ID: s.Seal.ID, Maker: s.Seal.Maker, Size: a.millimetres(s.Seal.Picture.WidthMM, s.Seal.Picture.HeightMM),
			Certificate:       a.cat.T("form.certificate", map[string]string{"Subject": s.Signer.Subject, "Serial": s.Signer.Serial}),
			Period:            a.periodOf(s.Seal.ValidFrom, s.Seal.ValidTo),
			CertificatePeriod: a.periodOf(s.Signer.NotBefore, s.Signer.NotAfter)}
		if !slices.Contains(out, f) { // one seal may stand in a document several times
			out = append(out, f)
		}
	}
	if len(out) == 0 {
		return nil, &noSealError{c.From}
	}
	return out, nil
}

// document reads the document of --document.
func (c *formCmd) document(a *app) (form.Document, error) {
	if c.Document == "" {
		return form.Document{}, nil
	}
	if err := job.Regular(c.Document); err != nil {
		return form.Document{}, err
	}
	inv, err := pdfseal.InspectFile(a.ctx, c.Document, nil)
	if err != nil {
		return form.Document{}, err
	}
	d, err := digest(a.ctx, c.Document)
	if err != nil {
		return form.Document{}, err
	}
	defer d.Close()
	return form.Document{Name: line(filepath.Base(c.Document)), Pages: strconv.Itoa(inv.Pages), SM3: hex.EncodeToString(d.sum[:])}, nil
}

// sealForm is what the data of a seal say of it.
func sealForm(a *app, s *ses.Seal) form.Seal {
	f := form.Seal{Name: s.Name, ID: s.ID, Size: a.millimetres(s.Picture.WidthMM, s.Picture.HeightMM), Period: a.period(s.ValidFrom, s.ValidTo)}
	if maker, err := gm.ParseCertificate(s.MakerCert); err == nil {
		f.Maker = maker.Subject
	}
	return f
}

func (a *app) millimetres(w, h int) string {
	return a.cat.T("form.size", map[string]string{"W": strconv.Itoa(w), "H": strconv.Itoa(h)})
}

func (a *app) period(from, to time.Time) string {
	return a.cat.T("form.period", map[string]string{"From": day(from), "To": day(to)})
}

func (a *app) periodOf(from, to *time.Time) string {
	if from == nil || to == nil {
		return ""
	}
	return a.period(*from, *to)
}
