package desk

import (
	"context"
	"errors"
	"strings"
	"time"

	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/trust"
	"sealdesk/token"
	"sealdesk/ui/job"
	"sealdesk/ui/state"
)

// retry is how long the watch waits before it asks a driver anew that has failed.
const retry = 3 * time.Second

// WatchKeys implements state.Work.
func (d *Desk) WatchKeys(ctx context.Context, send func(state.KeysRead)) {
	for ctx.Err() == nil {
		d.mu.Lock()
		changed := d.module
		d.mu.Unlock()
		again := d.watch(ctx, changed, send)
		if !again {
			select {
			case <-ctx.Done():
			case <-changed:
			}
			continue
		}
		select {
		case <-ctx.Done():
		case <-changed:
		case <-time.After(retry):
		}
	}
}

// RecheckKeys implements state.Work.
func (d *Desk) RecheckKeys(context.Context) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.dropKeys()
}

// watch follows one driver until ctx ends, another driver is chosen, or it fails. It answers whether trying anew makes sense.
func (d *Desk) watch(ctx context.Context, changed <-chan struct{}, send func(state.KeysRead)) (again bool) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	p, err := d.keys()
	if err != nil {
		send(state.KeysRead{Err: err})
		return refusesToStart(err)
	}
	w, ok := p.(token.Watcher)
	if !ok {
		send(d.readKeys(ctx, p))
		return false
	}
	events, err := w.Watch(ctx)
	if err != nil {
		send(state.KeysRead{Err: err})
		return true
	}
	send(d.readKeys(ctx, p))
	for {
		select {
		case e, open := <-events:
			switch {
			case !open:
				return true
			case e.Kind == token.Failed:
				send(state.KeysRead{Err: e.Err})
			default:
				send(d.readKeys(ctx, p))
			}
		case <-changed:
			return true
		case <-ctx.Done():
			return false
		}
	}
}

// readKeys reads everything that the keys say without a PIN.
func (d *Desk) readKeys(ctx context.Context, p token.Provider) state.KeysRead {
	infos, err := p.Tokens(ctx)
	if err != nil {
		return state.KeysRead{Err: err}
	}
	out := state.KeysRead{}
	err = d.withTrust(func(s *trust.Store) error {
		out.Keys = d.each(ctx, p, infos, s)
		return nil
	})
	if err != nil { // a bundle that cannot be used is shown where it belongs
		out.Keys = d.each(ctx, p, infos, nil)
	}
	return out
}

func (d *Desk) each(ctx context.Context, p token.Provider, infos []token.Info, s *trust.Store) []state.Key {
	keys := make([]state.Key, 0, len(infos))
	for _, info := range infos {
		k := state.Key{Info: info}
		if k.Err = d.readKey(ctx, p, &k, s); errors.Is(k.Err, token.ErrRemoved) || errors.Is(k.Err, token.ErrNoToken) {
			continue // gone in the meantime; the watch will say so
		}
		keys = append(keys, k)
	}
	return keys
}

func (d *Desk) readKey(ctx context.Context, p token.Provider, k *state.Key, s *trust.Store) error {
	t, err := p.Open(ctx, k.ID)
	if err != nil {
		return err
	}
	defer t.Close()
	if k.Certificates, err = t.Certificates(ctx); err != nil {
		return err
	}
	seals, err := job.FindSeals(ctx, t)
	for _, found := range seals {
		k.Seals = append(k.Seals, d.seal(found, s))
	}
	return err
}

// holder names the person that a certificate was issued to: its common name, unless that is the name of the unit on the seal and a
// part of the unit is named as well, which then is the custodian.
func holder(c *gm.Certificate, seal string) string {
	if c.SubjectCN != seal {
		return c.SubjectCN
	}
	for _, part := range strings.Split(c.Subject, ", ") {
		if name, ok := strings.CutPrefix(part, "OU="); ok {
			return name
		}
	}
	return c.SubjectCN
}

// seal describes a seal of a key; the trust bundle says whether it is in force.
func (d *Desk) seal(k job.KeySeal, s *trust.Store) state.Seal {
	out := state.Seal{ID: k.Seal.ID, Name: k.Seal.Name, Width: float64(k.Seal.Picture.WidthMM), Height: float64(k.Seal.Picture.HeightMM),
		ValidFrom: k.Seal.ValidFrom, ValidTo: k.Seal.ValidTo, CertNotAfter: k.Certificate.NotAfter, Holder: k.Certificate.Subject}
	if c, err := gm.ParseCertificate(k.Certificate.DER); err == nil {
		out.Holder = holder(c, k.Seal.Name)
	}
	if img, err := k.Seal.Picture.Decode(); err == nil {
		out.Picture = img
	} else {
		d.Log.Warn("seal picture cannot be read", "error", err)
	}
	if s == nil || !s.HasSealStatus() {
		return out
	}
	status, listed, err := s.StatusAt(k.Seal.ID, d.Now())
	switch {
	case err != nil:
		d.Log.Warn("seal status cannot be read", "error", err)
	case listed:
		out.Status = string(status.Status)
	default:
		out.Status = "unlisted"
	}
	return out
}
