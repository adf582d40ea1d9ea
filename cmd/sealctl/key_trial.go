package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"sealdesk/token"
	"sealdesk/token/pkcs11"
	"sealdesk/ui/config"
)

// trial is one way of signing and what came of it.
type trial struct {
	Way    string `json:"way"`
	Result string `json:"result"` // "signed", "not_offered", "failed"
	Detail string `json:"detail"`
}

// trialMessage is what is signed: it can never be taken for a TBS_Sign, which is a DER SEQUENCE.
var trialMessage = []byte("sealdesk key doctor: test signature, of no effect")

// way is one entry of a profile.
type way struct {
	profile config.Profile
	name    string
}

// try signs the test message in every way. The PIN is read once; it is sent again only after the key has accepted it, and the
// first refusal ends everything.
func (c *keyDoctorCmd) try(a *app, info token.Info) ([]trial, error) {
	var pin []byte
	defer func() { clear(pin) }()
	ask := a.asker(c.pinFlags)
	once := func(ctx context.Context, r token.PINRequest) (token.PIN, error) {
		if pin != nil {
			return token.NewPIN(bytes.Clone(pin)), nil
		}
		p, err := ask(ctx, r)
		if err == nil {
			pin = bytes.Clone(p.Bytes())
		}
		return p, err
	}
	out := []trial{}
	for _, w := range ways(a.cfg.Key.Profiles) {
		t := trial{Way: w.name, Result: "signed"}
		err := c.tryOne(a, w.profile, info, once)
		switch {
		case err == nil:
		case errors.Is(err, token.ErrNoSM2):
			t.Result = "not_offered"
		default:
			t.Result, t.Detail = "failed", err.Error()
		}
		out = append(out, t)
		if fatal(err) {
			return out, err
		}
	}
	return out, nil
}

// fatal tells whether an error makes further trials pointless or harmful.
func fatal(err error) bool {
	var pin *token.PINError
	var login loginError
	return errors.As(err, &login) || errors.As(err, &pin) || errors.Is(err, token.ErrPINCancelled) || errors.Is(err, token.ErrRemoved) ||
		errors.Is(err, token.ErrNoToken) || errors.Is(err, context.Canceled)
}

// loginError is a log-in that failed, whatever the key calls it: some count a wrong PIN under a code of their own, so it is not sent again.
type loginError struct{ error }

// Unwrap gives the cause.
func (e loginError) Unwrap() error { return e.error }

// tryOne signs with every signing certificate of the key in one way only.
func (c *keyDoctorCmd) tryOne(a *app, only config.Profile, info token.Info, ask token.PINFunc) error {
	k := a.cfg.Key
	k.Profiles = []config.Profile{only}
	if c.Module != "" {
		k.Module = c.Module
	}
	p, err := a.openKeys(k, a.log)
	if err != nil {
		return err
	}
	defer p.Close()
	t, err := p.Open(a.ctx, info.ID)
	if err != nil {
		return err
	}
	defer t.Close()
	certs, err := t.Certificates(a.ctx)
	if err != nil {
		return err
	}
	tried := false
	for _, cert := range certs {
		if !cert.Signing || !cert.SM2 || !cert.HasPrivateKey {
			continue
		}
		tried = true
		if err := a.signOnce(t, cert.DER, ask); err != nil {
			return err
		}
	}
	if !tried {
		return token.ErrNoKey
	}
	return nil
}

func (a *app) signOnce(t token.Token, cert []byte, ask token.PINFunc) error {
	if err := t.CheckSM2(a.ctx, cert); err != nil {
		return err
	}
	if err := t.Login(a.ctx, ask); err != nil {
		return loginError{err}
	}
	s, err := t.Signer(a.ctx, cert)
	if err != nil {
		return err
	}
	_, err = s.SignSM2(a.ctx, trialMessage)
	return errors.Join(err, t.Logout(a.ctx))
}

// ways lists every way of signing of the configured profiles and of the built-in table once.
func ways(configured []config.Profile) []way {
	var out []way
	seen := map[string]bool{}
	add := func(profile string, s config.Sign) {
		name := fmt.Sprintf("0x%08X %s", s.Mechanism, s.In)
		if s.UserID {
			name += " user-id"
		}
		if seen[name] {
			return
		}
		seen[name] = true
		out = append(out, way{config.Profile{Name: "trial", Sign: []config.Sign{s}}, profile + ": " + name})
	}
	for _, p := range configured {
		for _, s := range p.Sign {
			add(p.Name, s)
		}
	}
	in := map[pkcs11.InKind]string{pkcs11.InDigest: "digest", pkcs11.InMsgZ: "message", pkcs11.InMsgNoZ: "z-message"}
	for _, p := range pkcs11.Profiles() {
		for _, s := range p.Sign {
			add(p.Name, config.Sign{Mechanism: int64(s.Mech), In: in[s.In], UserID: s.Param != nil})
		}
	}
	return out
}
