//go:build cgo

package pkcs11

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"sealdesk/token"
)

// owner runs everything that touches one library on one goroutine bound to one system thread, in the order of arrival: vendor
// libraries keep state per thread and per process. It has a thread only while there is something to do or the library is in use.
type owner struct {
	mu      sync.Mutex
	queue   []*task
	wake    *sync.Cond
	running bool
	hold    bool // keep the thread although the queue is empty
	now     *task
}

// task is one piece of work. A task makes many calls; the deadline is that of each call.
type task struct {
	ctx      context.Context
	run      func(*task)
	started  chan struct{}
	done     chan struct{}
	limit    atomic.Int64 // of the call in progress, ns
	since    atomic.Int64 // start of the call in progress, ns since the epoch of base; 0 before the first
	left     atomic.Bool  // nobody waits for the result any more
	question bool         // a poll: does not count as an operation
	undoing  bool         // cleaning up: goes on although nobody waits
}

// base makes time stamps monotonic.
var base = time.Now()

func newOwner() *owner {
	o := &owner{}
	o.wake = sync.NewCond(&o.mu)
	return o
}

// enter is called before each call into the library. It fails if nobody wants the result.
func (t *task) enter(limit time.Duration) error {
	if err := t.ctx.Err(); err != nil && !t.undoing {
		return err
	}
	t.limit.Store(int64(limit))
	t.since.Store(int64(time.Since(base)))
	return nil
}

// overdue gives how long the call in progress may still take; negative: it is too late.
func (t *task) overdue() time.Duration {
	return time.Duration(t.since.Load()+t.limit.Load()) - time.Since(base)
}

// keep says whether the thread stays while the queue is empty.
func (o *owner) keep(hold bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.hold = hold
	o.wake.Broadcast()
}

func (o *owner) enqueue(t *task) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.queue = append(o.queue, t)
	if !o.running {
		o.running = true
		go o.work()
	}
	o.wake.Broadcast()
}

func (o *owner) work() {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for t := o.next(); t != nil; t = o.next() {
		close(t.started)
		t.run(t)
		close(t.done)
	}
}

// next waits for a task; nil ends the thread.
func (o *owner) next() *task {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.now = nil
	for len(o.queue) == 0 {
		if !o.hold {
			o.running = false
			return nil
		}
		o.wake.Wait()
	}
	o.now, o.queue = o.queue[0], o.queue[1:]
	return o.now
}

// busy reports whether an operation runs or waits.
func (o *owner) busy() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, t := range o.queue {
		if !t.question {
			return true
		}
	}
	return o.now != nil && !o.now.question
}

// stuck reports whether the call in progress is past its deadline.
func (o *owner) stuck() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.now != nil && o.now.since.Load() != 0 && o.now.overdue() < 0
}

// do runs f on the owner and waits for it, unless ctx has ended already.
func do[T any](ctx context.Context, o *owner, question bool, limit time.Duration, f func(*task) (T, error)) (T, error) {
	if err := ctx.Err(); err != nil {
		var zero T
		return zero, err
	}
	return always(ctx, o, question, limit, f)
}

// always runs f on the owner and waits for it. If ctx ends or a call takes longer than its limit, it returns at once and f goes on
// without anyone listening: it must touch nothing but what belongs to the owner, and may ask task.left to undo what it did. f is
// called in any case, so that it can clear secrets; enter tells it that nobody waits.
func always[T any](ctx context.Context, o *owner, question bool, limit time.Duration, f func(*task) (T, error)) (T, error) {
	var zero T
	type result struct {
		value T
		err   error
	}
	r := &result{}
	t := &task{ctx: ctx, started: make(chan struct{}), done: make(chan struct{}), question: question}
	t.limit.Store(int64(limit))
	t.run = func(t *task) { r.value, r.err = f(t) }
	o.enqueue(t)
	if err := o.wait(t, limit); err != nil {
		t.left.Store(true)
		return zero, err
	}
	return r.value, r.err
}

// wait waits for the end of t. Time spent in the queue counts only while the task in front is stuck.
func (o *owner) wait(t *task, limit time.Duration) error {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	for {
		select {
		case <-t.done:
			return nil
		default:
		}
		select {
		case <-t.done:
			return nil
		case <-t.ctx.Done():
			return t.ctx.Err()
		case <-timer.C:
		}
		next := limit
		select {
		case <-t.started:
			if t.since.Load() != 0 {
				next = t.overdue()
			}
		default:
			if o.stuck() {
				next = -1
			}
		}
		if next < 0 {
			return fmt.Errorf("pkcs11: %w", token.ErrTimeout)
		}
		timer.Reset(next + time.Millisecond)
	}
}
