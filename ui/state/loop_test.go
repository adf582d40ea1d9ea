package state

import (
	"context"
	"slices"
	"sync"
	"testing"
)

// poster is a goroutine that runs functions one after another, as the window's does.
type poster struct {
	queue chan func()
	done  sync.WaitGroup
}

func newPoster() *poster {
	p := &poster{queue: make(chan func(), 1000)}
	p.done.Go(func() {
		for f := range p.queue {
			f()
		}
	})
	return p
}

func (p *poster) post(f func()) { p.queue <- f }

func TestLoop(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	p := newPoster()
	var drawn []int
	finished := make(chan struct{})
	step := func(s int, e Event) (int, Cmd) {
		n := e.(int)
		if n == 0 {
			return s, func(ctx context.Context, send func(Event)) {
				for i := 1; i <= 100; i++ {
					send(i)
				}
				<-ctx.Done()
			}
		}
		return s + n, nil
	}
	l := NewLoop(ctx, 0, step, func(s int) {
		if drawn = append(drawn, s); s == 2*5050 {
			close(finished)
		}
	}, p.post)
	l.Dispatch(0)
	l.Dispatch(0)
	<-finished
	stop()
	l.Wait()
	l.Dispatch(1) // after the end nothing happens any more
	close(p.queue)
	p.done.Wait()
	if len(drawn) != 202 || !slices.IsSorted(drawn) || l.State() != 2*5050 {
		t.Errorf("drawn %d times, state %d", len(drawn), l.State())
	}
}

func TestBatch(t *testing.T) {
	if Batch() != nil || Batch(nil, nil) != nil {
		t.Error("nothing to do is not nil")
	}
	var mu sync.Mutex
	got := 0
	add := func(_ context.Context, send func(Event)) { send(1) }
	Batch(add, nil, add)(t.Context(), func(Event) { mu.Lock(); got++; mu.Unlock() })
	if got != 2 {
		t.Errorf("%d of 2 commands ran", got)
	}
}
