//go:build cgo

package pkcs11

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	p11 "github.com/miekg/pkcs11"

	"sealdesk/token"
)

// CheckSM2 implements token.Token.
func (k *usbKey) CheckSM2(ctx context.Context, cert []byte) error {
	_, err := k.prepare(ctx, cert)
	return err
}

// prepared is what must be known before a signature is asked for.
type prepared struct {
	id     []byte
	choice choice
	logged bool // or no log-in is needed
}

// prepare pairs certificate and private key and chooses the ways of signing.
func (k *usbKey) prepare(ctx context.Context, cert []byte) (prepared, error) {
	if _, err := token.NewSM2Job(k.p.o.Crypto, cert, nil); err != nil {
		return prepared{}, err
	}
	id, err := k.keyID(ctx, cert)
	if err != nil {
		return prepared{}, err
	}
	return onKey(ctx, k, func(l *library) (prepared, error) {
		logged, err := l.loggedIn(k.slot)
		if err != nil {
			return prepared{}, err
		}
		sub := k.slot.subject
		types, err := k.keyTypes(l, id)
		if err != nil {
			return prepared{}, err
		}
		if len(types) > 0 {
			sub.keyTypes = types
		}
		c, ok := choose(sub, k.p.o.Profiles)
		if !ok || len(c.ways) == 0 {
			return prepared{}, noMechanism(c, ok, sub)
		}
		free := k.slot.token.Flags&p11.CKF_LOGIN_REQUIRED == 0
		return prepared{id: id, choice: c, logged: logged || free}, nil
	})
}

func noMechanism(c choice, fits bool, s subject) error {
	if !fits {
		return fmt.Errorf("pkcs11: %w (no profile for %s, model %q, key types %#x)", token.ErrNoSM2, s.lib, s.model, s.keyTypes)
	}
	return fmt.Errorf("pkcs11: %w (profile %s: none of its mechanisms is offered)", token.ErrNoSM2, c.Name)
}

// keyTypes gives the type of the private key of an identifier, from the public key where the private one hides before log-in.
// Two private keys are refused: neither is picked.
func (k *usbKey) keyTypes(l *library, id []byte) ([]uint, error) {
	keys, err := l.privateKeys(k.slot.session, id)
	if err != nil {
		return nil, err
	}
	switch len(keys) {
	case 0:
		hidden, err := k.hidesKeys(l)
		if err != nil {
			return nil, err
		}
		if !hidden {
			return nil, fmt.Errorf("pkcs11: %w: no private key has the CKA_ID of the certificate", token.ErrNoKey)
		}
		return k.publicTypes(l, id)
	case 1:
		if !keys[0].typed {
			return nil, nil
		}
		return []uint{keys[0].keyType}, nil
	default:
		return nil, fmt.Errorf("pkcs11: %w: %d private keys have the CKA_ID of the certificate", token.ErrAmbiguousKey, len(keys))
	}
}

func (k *usbKey) publicTypes(l *library, id []byte) ([]uint, error) {
	handles, err := l.find(k.slot.session, p11.CKO_PUBLIC_KEY, id)
	if err != nil {
		return nil, err
	}
	var types []uint
	for _, h := range handles {
		t, ok, err := l.number(k.slot.session, h, p11.CKA_KEY_TYPE)
		if err != nil {
			return nil, err
		}
		if ok && !slices.Contains(types, t) {
			types = append(types, t)
		}
	}
	return types, nil
}

// Signer implements token.Token.
func (k *usbKey) Signer(ctx context.Context, cert []byte) (token.Signer, error) {
	p, err := k.prepare(ctx, cert)
	if err != nil {
		return nil, err
	}
	if !p.logged {
		return nil, fmt.Errorf("pkcs11: %w", token.ErrNotLoggedIn)
	}
	return &signer{k: k, cert: slices.Clone(cert), prepared: p}, nil
}

// signer makes signatures with one private key.
type signer struct {
	k    *usbKey
	cert []byte
	prepared
}

// Certificate implements token.Signer.
func (s *signer) Certificate() []byte { return slices.Clone(s.cert) }

// SignSM2 implements token.Signer (usbkey.md, §4).
func (s *signer) SignSM2(ctx context.Context, m []byte) ([]byte, error) {
	s.k.p.operations.Add(1)
	defer s.k.p.operations.Add(-1)
	job, err := token.NewSM2Job(s.k.p.o.Crypto, s.cert, m)
	if err != nil {
		return nil, err
	}
	ways := remembered.first(s.k.slot.model, s.choice.ways)
	job.Failed = func(way string, err error) { s.k.p.log.Warn("signing attempt", "way", way, "error", err) }
	der, used, err := job.Run(ctx, len(ways), func(i int) string { return s.choice.Name + " " + ways[i].String() },
		func(ctx context.Context, i int) ([]byte, error) {
			return s.attempt(ctx, ways[i], input(ways[i], job), i+1)
		})
	if err != nil {
		return nil, err
	}
	remembered.set(s.k.slot.model, ways[used])
	return der, nil
}

func input(w SM2Sign, j *token.SM2Job) []byte {
	switch w.In {
	case InMsgZ:
		return j.M
	case InMsgNoZ:
		return j.ZM()
	default:
		return j.E[:]
	}
}

// attempt asks the key once.
func (s *signer) attempt(ctx context.Context, w SM2Sign, data []byte, number int) ([]byte, error) {
	data = slices.Clone(data) // the library may read it after the caller has stopped waiting
	type begun struct {
		answer []byte
		always bool
	}
	b, err := onKey(ctx, s.k, func(l *library) (begun, error) {
		key, err := s.key(l)
		if err != nil {
			return begun{}, err
		}
		if err := s.begin(l, w, key.handle); err != nil || key.always {
			return begun{always: key.always}, err
		}
		answer, err := l.sign(s.k.slot.session, data)
		return begun{answer: answer}, err
	})
	if err != nil || !b.always {
		return b.answer, err
	}
	return s.withPIN(ctx, data, number)
}

// key finds the private key anew for each signature: handles do not outlive what may happen to a key.
func (s *signer) key(l *library) (privateKey, error) {
	keys, err := l.privateKeys(s.k.slot.session, s.id)
	switch {
	case err != nil:
		return privateKey{}, err
	case len(keys) == 1:
		return keys[0], nil
	case len(keys) > 1:
		return privateKey{}, fmt.Errorf("pkcs11: %w", token.ErrAmbiguousKey)
	}
	if logged, err := l.loggedIn(s.k.slot); err == nil && !logged {
		return privateKey{}, fmt.Errorf("pkcs11: %w", token.ErrNotLoggedIn)
	}
	return privateKey{}, fmt.Errorf("pkcs11: %w", token.ErrNoKey)
}

// begin starts the signature. An operation left over from an attempt that nobody waited for goes away with its session.
func (s *signer) begin(l *library, w SM2Sign, key p11.ObjectHandle) error {
	err := l.signInit(s.k.slot.session, w, key)
	if !hasCode(err, ckrOperationActive) {
		return err
	}
	if err := s.k.slot.renew(l); err != nil {
		return err
	}
	again, err := s.key(l)
	if err != nil {
		return err
	}
	return l.signInit(s.k.slot.session, w, again.handle)
}

// renew replaces the session. The new one is opened before the old one is closed, since closing the last one logs out.
func (s *slot) renew(l *library) error {
	fresh, err := l.openSession(s.number)
	if err != nil {
		return err
	}
	old := s.session
	s.session = fresh
	return l.closeSession(old)
}

// withPIN ends a signature that the key wants a PIN of its own for (CKA_ALWAYS_AUTHENTICATE).
func (s *signer) withPIN(ctx context.Context, data []byte, number int) ([]byte, error) {
	s.k.mu.Lock()
	ask := s.k.ask
	s.k.mu.Unlock()
	d := &contextDevice{usbKey: s.k, data: data}
	err := token.LogIn(ctx, d, ask, token.PINRequest{EachSignature: true, Attempt: number})
	if err == nil {
		return d.answer, nil
	}
	if !errors.Is(err, token.ErrRemoved) && !d.ended {
		_, undo := onKey(context.WithoutCancel(ctx), s.k, func(l *library) (struct{}, error) { return struct{}{}, s.k.slot.renew(l) })
		if undo != nil {
			s.k.p.log.Warn("session could not be renewed", "error", undo)
		}
	}
	return nil, err
}

// contextDevice sends the PIN for one signature and takes the signature.
type contextDevice struct {
	*usbKey
	data, answer []byte
	ended        bool // the operation is over
}

// SendPIN implements token.PINDevice.
func (d *contextDevice) SendPIN(ctx context.Context, secret []byte) error {
	answer := make(chan []byte, 1)
	data := d.data
	err := d.send(ctx, secret, func(l *library, mine []byte, limit time.Duration) error {
		if err := l.login(d.slot.session, p11.CKU_CONTEXT_SPECIFIC, mine, limit); err != nil {
			return err
		}
		b, err := l.sign(d.slot.session, data)
		answer <- b
		return err
	})
	select {
	case d.answer = <-answer:
		d.ended = true
	default:
	}
	return err
}
