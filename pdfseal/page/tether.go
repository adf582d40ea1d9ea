package page

import (
	"context"
	"sync"
	"sync/atomic"
)

// tether is the parent context of all instances of the pool. The pool derives an instance's context from it while the instance is
// made, and takes no other context; through AfterFunc, which the context package uses for foreign parents, the tether hangs that
// instance on the life of its document. The tether itself never ends.
type tether struct {
	context.Context // the background
	ended           atomic.Bool
	mu              sync.Mutex
	life            context.Context
}

// to sets the context that instances made from now on hang on; the background never ends.
func (t *tether) to(life context.Context) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.life = life
}

// Done makes WithCancel ask for AfterFunc, which it does only for a parent that can end.
func (t *tether) Done() <-chan struct{} { return never }

var never = make(chan struct{})

// Err is what WithCancel hands on to an instance whose life has ended; before any has, it is nil.
func (t *tether) Err() error {
	if t.ended.Load() {
		return context.Canceled
	}
	return nil
}

// AfterFunc arranges f to run when the document's life ends.
func (t *tether) AfterFunc(f func()) (stop func() bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return context.AfterFunc(t.life, func() {
		t.ended.Store(true)
		f()
	})
}
