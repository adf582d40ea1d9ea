package desk

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"os"

	"sealdesk/cmd/sealcenter/internal/authority"
	"sealdesk/cmd/sealcenter/internal/registry"
	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/trust"
)

// open reads a bundle under the trust roots of the centre. The store, or the error, closes f.
func (d *Desk) open(f *os.File) (*trust.Store, error) {
	roots, err := d.Authority.TrustRoots()
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	var pins trust.Pins
	for _, r := range roots {
		pins.Roots = append(pins.Roots, trust.Fingerprint(r.Raw))
	}
	return trust.OpenFile(f, pins)
}

// RootFingerprint is what clients pin: "sm3:" and the SM3 of the trust root.
func (d *Desk) RootFingerprint() (string, error) {
	root, err := d.Authority.Certificate(authority.UpdateRoot)
	if err != nil {
		return "", err
	}
	return trust.Fingerprint(root.Raw), nil
}

// RotateRoot makes a new trust root. The next bundles are signed under the old and the new one.
func (d *Desk) RotateRoot(ctx context.Context, o registry.Order) (fingerprint string, err error) {
	if err := checkOrder(o); err != nil {
		return "", err
	}
	err = d.Store.Update(ctx, func(c *registry.Change) error {
		if err := d.Authority.RotateRoot(authority.Spec{Name: d.Centre.Name, Now: d.now()}); err != nil {
			return err
		}
		if fingerprint, err = d.RootFingerprint(); err != nil {
			return err
		}
		_, err := c.Record(registry.Event{Time: d.now(), Order: o, Action: registry.ActionRoot, Detail: detail("root", fingerprint)})
		return err
	})
	return fingerprint, err
}

// AddAnchor lets the bundles name an authority of others, with its revocation
// lists: the certification service of the custodians, a timestamp authority.
func (d *Desk) AddAnchor(ctx context.Context, o registry.Order, purpose trust.Purpose, intermediate bool, cert []byte, crls [][]byte) (*gm.Certificate, error) {
	if err := checkOrder(o); err != nil {
		return nil, err
	}
	c, lists, err := readAnchor(purpose, intermediate, cert, crls)
	if err != nil {
		return nil, refuse("anchor", "Detail", err.Error())
	}
	err = d.Store.Update(ctx, func(ch *registry.Change) error {
		event, err := ch.Record(registry.Event{Time: d.now(), Order: o, Action: registry.ActionAnchor, Detail: detail("purpose", string(purpose), "subject", c.Subject)})
		if err != nil {
			return err
		}
		err = ch.AddAnchor(event, registry.Anchor{SM3: fingerprint(c), Purpose: purpose, Intermediate: intermediate, DER: c.Raw})
		if errors.Is(err, registry.ErrConflict) && len(lists) > 0 {
			err = nil // a new list of a known authority
		} else if errors.Is(err, registry.ErrConflict) {
			return refuse("anchor_known", "Subject", c.Subject)
		}
		for _, l := range lists {
			digest := gm.SM3(l.Raw)
			err = errors.Join(err, ch.AddCRL(event, hex.EncodeToString(digest[:]), l.Raw))
		}
		return err
	})
	return c, err
}

func readAnchor(purpose trust.Purpose, intermediate bool, cert []byte, crls [][]byte) (*gm.Certificate, []*gm.CRL, error) {
	der, _ := authority.Unwrap(cert)
	c, err := gm.ParseCertificate(der)
	if err != nil {
		return nil, nil, err
	}
	pinned := purpose == trust.PurposeTimestamp && !intermediate
	if !c.IsSM2 || !c.IsCA && !pinned {
		return nil, nil, fmt.Errorf("%s is not the certificate of an SM2 authority", c.Subject)
	}
	var lists []*gm.CRL
	for _, b := range crls {
		der, _ := authority.Unwrap(b)
		l, err := gm.ParseCRL(der)
		if err == nil {
			err = l.CheckSignatureFrom(c)
		}
		if err == nil && (l.Delta || l.Partial) {
			err = errors.New("not a complete revocation list")
		}
		if err != nil {
			return nil, nil, err
		}
		lists = append(lists, l)
	}
	return c, lists, nil
}

// AddClient makes a certificate with which a program may ask the endpoint.
func (d *Desk) AddClient(ctx context.Context, o registry.Order, name, transport string) (authority.ClientFiles, error) {
	if err := checkOrder(o); err != nil {
		return authority.ClientFiles{}, err
	}
	if !plain(name) {
		return authority.ClientFiles{}, refuse("unit", "Field", "--name")
	}
	make := d.Authority.NewClient
	if transport == "tlcp" {
		make = d.Authority.NewTLCPClient
	}
	files, err := make(name, d.now())
	if err != nil {
		return files, err
	}
	return files, d.Store.Update(ctx, func(c *registry.Change) error {
		event, err := c.Record(registry.Event{Time: d.now(), Order: o, Action: registry.ActionClient, Detail: detail("name", name, "fingerprint", files.Fingerprint)})
		if err != nil {
			return err
		}
		return c.AddClient(event, registry.Client{Fingerprint: files.Fingerprint, Name: name, Transport: transport, NotAfter: files.NotAfter})
	})
}

// DisableClients lets all clients of a name, or the one with a fingerprint, ask no longer.
func (d *Desk) DisableClients(ctx context.Context, o registry.Order, name string) (n int, err error) {
	if err := checkOrder(o); err != nil {
		return 0, err
	}
	all, err := d.Store.Clients(ctx)
	if err != nil {
		return 0, err
	}
	var chosen []registry.Client
	known := false
	for _, c := range all {
		if c.Name == name || c.Fingerprint == name {
			if known = true; !c.Disabled {
				chosen = append(chosen, c)
			}
		}
	}
	switch {
	case !known:
		return 0, refuse("client_unknown", "Name", name)
	case len(chosen) == 0:
		return 0, refuse("client_disabled", "Name", name)
	}
	return len(chosen), d.Store.Update(ctx, func(c *registry.Change) error {
		for _, x := range chosen {
			event, err := c.Record(registry.Event{Time: d.now(), Order: o, Action: registry.ActionDisable, Detail: detail("name", x.Name, "fingerprint", x.Fingerprint)})
			if err != nil {
				return err
			}
			if err := c.DisableClient(event, x.Fingerprint); err != nil {
				return err
			}
		}
		return nil
	})
}
