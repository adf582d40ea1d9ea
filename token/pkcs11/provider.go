//go:build cgo

package pkcs11

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	p11 "github.com/miekg/pkcs11"

	"sealdesk/token"
)

// defaultDeadline bounds one call into the library.
const defaultDeadline = 30 * time.Second

// Provider reaches the UsbKeys of one PKCS#11 library. It is also a token.Watcher.
type Provider struct {
	o   Options
	m   *module
	log *slog.Logger

	operations atomic.Int32 // signatures in progress

	mu     sync.Mutex
	closed bool
	keys   map[*usbKey]bool
	ctx    context.Context // ends with Close
	cancel context.CancelFunc
}

var (
	_ token.Provider = (*Provider)(nil)
	_ token.Watcher  = (*Provider)(nil)
	_ token.Token    = (*usbKey)(nil)
)

// Open loads and initialises a library. A library that cannot be used is a *token.ModuleError with the reason.
func Open(o Options) (*Provider, error) {
	if o.Crypto == nil {
		return nil, errors.New("pkcs11: Options.Crypto is missing")
	}
	if o.Deadline <= 0 {
		o.Deadline = defaultDeadline
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	m, err := acquire(o.Module, startFlags(o), o.Deadline)
	if err != nil {
		return nil, err
	}
	p := &Provider{o: o, m: m, log: o.Log.With("module", moduleName(o.Module)), keys: map[*usbKey]bool{}}
	p.ctx, p.cancel = context.WithCancel(context.Background())
	return p, nil
}

// startFlags collects the oddities that matter before a key is seen: those of profiles that name the library.
func startFlags(o Options) Quirk {
	var flags Quirk
	for _, c := range o.Profiles {
		if c = inherit(c); len(c.Lib) > 0 && hit(c.Lib, moduleName(o.Module)) {
			flags |= c.Flags
		}
	}
	return flags
}

// run does f on the owner of the library.
func run[T any](ctx context.Context, p *Provider, question bool, f func(*library) (T, error)) (T, error) {
	p.mu.Lock()
	closed := p.closed
	p.mu.Unlock()
	if closed {
		var zero T
		return zero, fmt.Errorf("pkcs11: %w", token.ErrClosed)
	}
	return do(ctx, p.m.owner, question, p.o.Deadline, func(t *task) (T, error) { return f(p.m.library(t, p.o.Deadline)) })
}

// Tokens lists the keys that are plugged in, in the library's order. Blank tokens that were never initialised are left out.
func (p *Provider) Tokens(ctx context.Context) ([]token.Info, error) {
	return run(ctx, p, true, func(l *library) ([]token.Info, error) {
		found, err := p.m.scan(l)
		infos := make([]token.Info, 0, len(found))
		for _, s := range found {
			infos = append(infos, p.describe(s))
		}
		return infos, err
	})
}

// Open opens a key that is plugged in.
func (p *Provider) Open(ctx context.Context, id token.ID) (token.Token, error) {
	s, err := run(ctx, p, false, func(l *library) (*slot, error) { return p.find(l, id) })
	if err != nil {
		return nil, err
	}
	k := &usbKey{p: p, slot: s}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, fmt.Errorf("pkcs11: %w", token.ErrClosed)
	}
	p.keys[k] = true
	return k, nil
}

// find gives the one key called id.
func (p *Provider) find(l *library, id token.ID) (*slot, error) {
	found, err := p.m.scan(l)
	if err != nil {
		return nil, err
	}
	found = slices.DeleteFunc(found, func(s *slot) bool { return s.id != id })
	switch len(found) {
	case 0:
		return nil, fmt.Errorf("pkcs11: %s: %w", id, token.ErrNoToken)
	case 1:
		return found[0], nil
	default:
		return nil, fmt.Errorf("pkcs11: %s: %w", id, token.ErrAmbiguousKey)
	}
}

// Watch polls; see token.Poller and token.Waiting. After the first list nothing is asked while a key signs or a PIN is on its way.
func (p *Provider) Watch(ctx context.Context) (<-chan token.Event, error) {
	p.mu.Lock()
	closed := p.closed
	p.mu.Unlock()
	if closed {
		return nil, fmt.Errorf("pkcs11: %w", token.ErrClosed)
	}
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(p.ctx, cancel)
	context.AfterFunc(ctx, func() { stop() }) // the Provider keeps nothing of a watch that has ended
	return token.Poller{List: p.Tokens, Busy: p.busy}.Watch(ctx), nil
}

func (p *Provider) busy() bool { return p.operations.Load() > 0 || p.m.owner.busy() }

// Close logs out, closes the keys that are still open and lets go of the library. Closing twice is no error.
func (p *Provider) Close() error {
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return nil
	}
	keys := slices.Collect(maps.Keys(p.keys))
	p.mu.Unlock()
	var faults []error
	for _, k := range keys {
		faults = append(faults, k.Close())
	}
	p.mu.Lock()
	again := p.closed
	p.closed = true
	p.mu.Unlock()
	if again {
		return nil
	}
	p.cancel()
	return errors.Join(append(faults, p.m.release(p.o.Deadline))...)
}

// training is what training keys call themselves.
const training = "TRAINING KEY"

// describe puts a key into the terms of package token.
func (p *Provider) describe(s *slot) token.Info {
	t, flags := s.token, s.token.Flags
	i := token.Info{
		ID: s.id, Slot: s.number, Insertion: s.insertion, Module: moduleName(p.m.path),
		Label: text([]byte(t.Label)), Manufacturer: text([]byte(t.ManufacturerID)), Model: text([]byte(t.Model)),
		Serial: text([]byte(t.SerialNumber)), Firmware: firmware(t),
		PIN: token.PINState{
			Low: flags&p11.CKF_USER_PIN_COUNT_LOW != 0, FinalTry: flags&p11.CKF_USER_PIN_FINAL_TRY != 0,
			Locked: flags&p11.CKF_USER_PIN_LOCKED != 0, ToBeChanged: flags&p11.CKF_USER_PIN_TO_BE_CHANGED != 0,
			Uninitialised: flags&p11.CKF_USER_PIN_INITIALIZED == 0,
		},
		ProtectedPath: flags&p11.CKF_PROTECTED_AUTHENTICATION_PATH != 0,
		PINMin:        limit(t.MinPinLen), PINMax: limit(t.MaxPinLen),
	}
	i.Training = strings.Contains(i.Label, training) || strings.Contains(i.Manufacturer, training)
	if c, ok := choose(s.subject, p.o.Profiles); ok {
		i.Profile = c.Name
	}
	return i
}

// limit reads a PIN length; what cannot be one is unknown.
func limit(n uint) int {
	if n > 255 {
		return 0
	}
	return int(n)
}
