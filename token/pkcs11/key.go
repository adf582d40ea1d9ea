//go:build cgo

package pkcs11

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"sync"

	p11 "github.com/miekg/pkcs11"

	"sealdesk/token"
)

// usbKey is an open key.
type usbKey struct {
	p    *Provider
	slot *slot

	mu     sync.Mutex
	closed bool
	logged bool          // this usbKey logged in, so it logs out
	ask    token.PINFunc // of the log-in, for keys that want the PIN again for each signature
	certs  []token.Certificate
}

// onKey does f on the owner, if the key is open and still there, and finds out about removal when f fails.
func onKey[T any](ctx context.Context, k *usbKey, f func(*library) (T, error)) (T, error) {
	var zero T
	k.mu.Lock()
	closed := k.closed
	k.mu.Unlock()
	if closed {
		return zero, fmt.Errorf("pkcs11: %w", token.ErrClosed)
	}
	return run(ctx, k.p, false, func(l *library) (T, error) {
		if k.slot.gone {
			return zero, fmt.Errorf("pkcs11: %w", token.ErrRemoved)
		}
		v, err := f(l)
		return v, k.p.m.judge(l, k.slot, err)
	})
}

// Info implements token.Token.
func (k *usbKey) Info(ctx context.Context) (token.Info, error) {
	return onKey(ctx, k, func(l *library) (token.Info, error) {
		if err := k.p.m.refresh(l, k.slot); err != nil {
			return token.Info{}, err
		}
		return k.p.describe(k.slot), nil
	})
}

// Certificates implements token.Token.
func (k *usbKey) Certificates(ctx context.Context) ([]token.Certificate, error) {
	type listing struct {
		stored []storedCertificate
		paired []bool
	}
	list, err := onKey(ctx, k, func(l *library) (listing, error) {
		stored, err := l.certificates(k.slot.session)
		if err != nil {
			return listing{}, err
		}
		paired, err := k.pairs(l, stored)
		return listing{stored, paired}, err
	})
	if err != nil {
		return nil, err
	}
	out := make([]token.Certificate, 0, len(list.stored))
	for i, c := range list.stored {
		out = append(out, k.p.certificate(c, list.paired[i]))
	}
	k.mu.Lock()
	k.certs = slices.Clone(out)
	k.mu.Unlock()
	return out, nil
}

func (p *Provider) certificate(c storedCertificate, paired bool) token.Certificate {
	out := token.Certificate{DER: c.der, KeyID: c.id, HasPrivateKey: paired}
	info, err := p.o.Crypto.Certificate(c.der)
	if err != nil {
		out.Subject = c.label
		out.Defects = []string{"unreadable: " + err.Error()}
		return out
	}
	out.Subject, out.SerialHex, out.NotBefore, out.NotAfter = info.Subject, info.SerialHex, info.NotBefore, info.NotAfter
	out.Signing, out.SM2, out.Defects = info.Signing, info.SM2, info.Defects
	return out
}

// pairs tells for each certificate whether a private key belongs to it. Before log-in a key that shows no private key at all is
// believed to have them.
func (k *usbKey) pairs(l *library, certs []storedCertificate) ([]bool, error) {
	hidden, err := k.hidesKeys(l)
	if err != nil {
		return nil, err
	}
	out := make([]bool, len(certs))
	for i, c := range certs {
		if len(c.id) == 0 {
			continue
		}
		keys, err := l.find(k.slot.session, p11.CKO_PRIVATE_KEY, c.id)
		if err != nil {
			return nil, err
		}
		out[i] = len(keys) > 0 || hidden
	}
	return out, nil
}

// hidesKeys reports whether private keys are invisible because nobody is logged in.
func (k *usbKey) hidesKeys(l *library) (bool, error) {
	logged, err := l.loggedIn(k.slot)
	if err != nil || logged {
		return false, err
	}
	all, err := l.find(k.slot.session, p11.CKO_PRIVATE_KEY, nil)
	return len(all) == 0, err
}

// Objects implements token.Token.
func (k *usbKey) Objects(ctx context.Context) ([]token.Object, error) {
	return onKey(ctx, k, func(l *library) ([]token.Object, error) {
		return l.dataObjects(k.slot.session, func(label string, size int) {
			k.p.log.Warn("data object is too large", "label", label, "size", size)
		})
	})
}

// keyID gives the CKA_ID that pairs a certificate of the key with its private key.
func (k *usbKey) keyID(ctx context.Context, cert []byte) ([]byte, error) {
	k.mu.Lock()
	certs := k.certs
	k.mu.Unlock()
	at := indexOf(certs, cert)
	if at < 0 {
		var err error
		if certs, err = k.Certificates(ctx); err != nil {
			return nil, err
		}
		if at = indexOf(certs, cert); at < 0 {
			return nil, fmt.Errorf("pkcs11: %w: the certificate is not on this UsbKey", token.ErrNoKey)
		}
	}
	id := certs[at].KeyID
	for _, c := range certs {
		if bytes.Equal(c.DER, cert) && !bytes.Equal(c.KeyID, id) {
			return nil, fmt.Errorf("pkcs11: %w: the certificate is stored under two identifiers", token.ErrAmbiguousKey)
		}
	}
	if len(id) == 0 {
		return nil, fmt.Errorf("pkcs11: %w: the certificate has no CKA_ID", token.ErrNoKey)
	}
	return id, nil
}

func indexOf(certs []token.Certificate, der []byte) int {
	return slices.IndexFunc(certs, func(c token.Certificate) bool { return bytes.Equal(c.DER, der) })
}

// Close implements token.Token.
func (k *usbKey) Close() error {
	k.mu.Lock()
	closed := k.closed
	k.mu.Unlock()
	if closed {
		return nil
	}
	err := k.Logout(context.Background())
	k.mu.Lock()
	k.closed = true
	k.mu.Unlock()
	k.p.mu.Lock()
	delete(k.p.keys, k)
	k.p.mu.Unlock()
	return err
}
