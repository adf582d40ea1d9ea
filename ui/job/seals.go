package job

import (
	"bytes"
	"context"
	"log/slog"
	"path"
	"slices"

	"sealdesk/pdfseal/ses"
	"sealdesk/token"
)

// KeySeal is a seal found on a UsbKey together with the certificate on the same key that may use it.
type KeySeal struct {
	Seal        *ses.Seal
	Certificate token.Certificate
	Private     bool // readable only after log-in
}

// maxObject bounds the size of a data object that is tried as a seal.
const maxObject = 256 << 10

// FindSeals reads the seals of a key by their content, not by their names (usbkey.md, §1): every data object that is a readable
// SESeal whose signer list contains a signing certificate of the key. Before log-in, private objects are not seen. Seals that are
// readable but list no certificate of the key are left out.
func FindSeals(ctx context.Context, t token.Token) ([]KeySeal, error) {
	found, err := search(ctx, t, nil, nil)
	if err != nil {
		return nil, err
	}
	return found.seals, nil
}

// inventory is what search found on one key.
type inventory struct {
	seals    []KeySeal
	unlisted []*ses.Seal // readable seals that no certificate of the key may use
	signing  int         // signing certificates with a private key
}

// Patterns narrows the search on keys of one profile; shell patterns of path.Match, empty lists narrow nothing.
type Patterns struct{ Label, Application []string }

func search(ctx context.Context, t token.Token, narrow *Patterns, log *slog.Logger) (inventory, error) {
	var inv inventory
	certs, err := t.Certificates(ctx)
	if err != nil {
		return inv, err
	}
	certs = slices.DeleteFunc(slices.Clone(certs), func(c token.Certificate) bool { return !c.Signing || !c.SM2 || !c.HasPrivateKey })
	inv.signing = len(certs)
	objects, err := t.Objects(ctx)
	if err != nil {
		return inv, err
	}
	for _, o := range objects {
		if len(o.Value) > maxObject || !narrow.allows(o) {
			continue
		}
		seal, err := ses.ParseSeal(o.Value)
		if err != nil {
			if log != nil {
				log.Info("data object is no seal", "size", len(o.Value), "error", err)
			}
			continue
		}
		inv.add(seal, certs, o.Private)
	}
	return inv, nil
}

// add files one seal; the same seal stored twice on a key counts once.
func (inv *inventory) add(seal *ses.Seal, certs []token.Certificate, private bool) {
	for _, c := range certs {
		if listed, usable := seal.Lists(c.DER); !listed || !usable {
			continue
		}
		if !slices.ContainsFunc(inv.seals, func(k KeySeal) bool {
			return bytes.Equal(k.Seal.Raw, seal.Raw) && bytes.Equal(k.Certificate.DER, c.DER)
		}) {
			inv.seals = append(inv.seals, KeySeal{Seal: seal, Certificate: c, Private: private})
		}
		return
	}
	inv.unlisted = append(inv.unlisted, seal)
}

func (p *Patterns) allows(o token.Object) bool {
	return p == nil || matchAny(p.Label, o.Label) && matchAny(p.Application, o.Application)
}

func matchAny(patterns []string, s string) bool {
	if len(patterns) == 0 {
		return true
	}
	return slices.ContainsFunc(patterns, func(p string) bool {
		ok, err := path.Match(p, s)
		return ok && err == nil
	})
}
