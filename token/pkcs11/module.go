//go:build cgo

package pkcs11

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"time"

	p11 "github.com/miekg/pkcs11"

	"sealdesk/token"
)

// module is one library of this process. PKCS#11 keeps its state per process, so all Providers of a library share the module: it is
// initialised by the first and finalised by the last.
type module struct {
	path  string
	owner *owner

	life sync.Mutex // guards refs, initialising and finalising
	refs int

	// What follows belongs to the owner's goroutine.
	ctx        *p11.Ctx
	raw        *raw
	foreign    bool // someone else in the process initialised the library, and will finalise it
	about      p11.Info
	slots      map[uint]*slot
	insertions uint64
}

// modules are all libraries that this process ever loaded, by resolved path.
var modules = struct {
	sync.Mutex
	byPath map[string]*module
}{byPath: map[string]*module{}}

// acquire gives the initialised module of a library, to be given back by release.
func acquire(path string, flags Quirk, limit time.Duration) (*module, error) {
	if err := checkModule(path); err != nil {
		return nil, err
	}
	m := moduleAt(path)
	m.life.Lock()
	defer m.life.Unlock()
	if m.refs == 0 {
		m.owner.keep(true)
		if _, err := do(context.Background(), m.owner, false, limit, func(t *task) (struct{}, error) {
			return struct{}{}, m.start(t, flags, limit)
		}); err != nil {
			m.owner.keep(false)
			return nil, startError(path, err)
		}
	}
	m.refs++
	return m, nil
}

func moduleAt(path string) *module {
	resolved, err := filepath.EvalSymlinks(path)
	if err != nil {
		resolved = filepath.Clean(path)
	}
	modules.Lock()
	defer modules.Unlock()
	m := modules.byPath[resolved]
	if m == nil {
		m = &module{path: path, owner: newOwner()}
		modules.byPath[resolved] = m
	}
	return m
}

func startError(path string, err error) error {
	var m *token.ModuleError
	if errors.As(err, &m) {
		return err
	}
	return &token.ModuleError{Path: path, Reason: token.ReasonInitialise, Err: err}
}

// start loads the library once and initialises it. A library that refuses CKF_OS_LOCKING_OK is asked again without: one thread is
// all that ever calls it.
func (m *module) start(t *task, flags Quirk, limit time.Duration) error {
	if err := t.enter(limit); err != nil {
		return err
	}
	if m.ctx == nil {
		r, err := load(m.path)
		if err != nil {
			return err
		}
		ctx := p11.New(m.path)
		if ctx == nil {
			return &token.ModuleError{Path: m.path, Reason: token.ReasonLoad}
		}
		m.raw, m.ctx = r, ctx
	}
	l := m.library(t, limit)
	first := uint(p11.CKF_OS_LOCKING_OK)
	if flags&NoOSLocking != 0 {
		first = 0
	}
	err := l.initialize(first)
	if first != 0 && hasCode(err, ckrCantLock, ckrArgumentsBad, ckrNeedThreads) {
		err = l.initialize(0)
	}
	m.foreign = hasCode(err, ckrAlreadyInitialized)
	if err != nil && !m.foreign {
		return err
	}
	if t.left.Load() {
		return errors.Join(token.ErrTimeout, m.stop(l))
	}
	m.slots = map[uint]*slot{}
	m.about, err = l.info()
	return err
}

// release gives the module back; the last one closes all sessions and finalises.
func (m *module) release(limit time.Duration) error {
	m.life.Lock()
	defer m.life.Unlock()
	if m.refs--; m.refs > 0 {
		return nil
	}
	defer m.owner.keep(false)
	_, err := do(context.Background(), m.owner, false, limit, func(t *task) (struct{}, error) {
		return struct{}{}, m.stop(m.library(t, limit))
	})
	return err
}

func (m *module) stop(l *library) error {
	for _, s := range m.slots {
		m.bury(l, s)
	}
	if m.foreign {
		return nil
	}
	return l.finalize()
}

// library lends the calls to one task.
func (m *module) library(t *task, limit time.Duration) *library {
	return &library{t: t, ctx: m.ctx, raw: m.raw, limit: limit}
}

// hasCode reports whether a call answered one of the codes.
func hasCode(err error, list ...code) bool {
	var op *token.OpError
	if !errors.As(err, &op) {
		return false
	}
	for _, c := range list {
		if op.Code == uint32(c) {
			return true
		}
	}
	return false
}
