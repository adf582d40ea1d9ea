package token

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"
)

// The intervals of a Poller (usbkey.md, §5.2).
const (
	PollEvery   = time.Second            // as a rule
	PollWaiting = 500 * time.Millisecond // while a dialog waits for a key
	PollIdle    = 5 * time.Second        // after idleAfter without any change
	idleAfter   = 2 * time.Minute
)

type waitingKey struct{}

// Waiting marks a context whose watch serves a dialog that waits for a key: it polls faster and never slows down.
func Waiting(ctx context.Context) context.Context { return context.WithValue(ctx, waitingKey{}, true) }

// Poller watches keys by asking for the list again and again, since the events of driver libraries cannot be relied on.
type Poller struct {
	List func(ctx context.Context) ([]Info, error)
	Busy func() bool // nil, or reports that an operation runs: nothing is asked then, as some keys stall
}

// Watch polls until ctx ends, then closes the channel. It asks for the first list, also while an operation runs, before it returns.
func (p Poller) Watch(ctx context.Context) <-chan Event {
	events := make(chan Event)
	w := watch{p: p, ctx: ctx, events: events, quiet: time.Now()}
	list, err := p.List(ctx)
	go func() {
		defer close(events)
		for ok := w.take(list, err); ok && w.pause(); ok = w.poll() {
		}
	}()
	return events
}

// watch is one running Watch.
type watch struct {
	p      Poller
	ctx    context.Context
	events chan<- Event
	known  map[place]Info
	failed bool
	quiet  time.Time // since when nothing happened
}

// place tells apart two keys that answer to one ID, and two insertions of one key.
type place struct {
	id        ID
	slot      uint
	insertion uint64
}

// poll asks once and reports the difference; false when the watch has ended.
func (w *watch) poll() bool {
	if w.p.Busy != nil && w.p.Busy() {
		w.quiet = time.Now()
		return true
	}
	return w.take(w.p.List(w.ctx))
}

// take reports how an answer differs from the one before; false when the watch has ended.
func (w *watch) take(list []Info, err error) bool {
	if w.ctx.Err() != nil {
		return false
	}
	if err != nil {
		if w.failed {
			return true
		}
		w.failed = true
		return w.send(Event{Kind: Failed, Err: err})
	}
	w.failed = false
	return w.compare(list)
}

// compare sends removals first, so that another key in the same slot reads as one going and one coming.
func (w *watch) compare(list []Info) bool {
	now := make(map[place]Info, len(list))
	for _, i := range list {
		now[place{i.ID, i.Slot, i.Insertion}] = i
	}
	for _, k := range sorted(w.known) {
		if _, still := now[k]; !still && !w.send(Event{Kind: Removed, Info: w.known[k]}) {
			return false
		}
	}
	for _, k := range sorted(now) {
		old, was := w.known[k]
		kind := Inserted
		if was {
			kind = Changed
		}
		if old != now[k] && !w.send(Event{Kind: kind, Info: now[k]}) {
			return false
		}
	}
	w.known = now
	return true
}

func sorted(m map[place]Info) []place {
	return slices.SortedFunc(maps.Keys(m), func(a, b place) int {
		return cmp.Or(cmp.Compare(a.slot, b.slot), cmp.Compare(a.id, b.id), cmp.Compare(a.insertion, b.insertion))
	})
}

func (w *watch) send(e Event) bool {
	w.quiet = time.Now()
	select {
	case w.events <- e:
		return true
	case <-w.ctx.Done():
		return false
	}
}

// pause waits until the next poll; false when the watch has ended.
func (w *watch) pause() bool {
	t := time.NewTimer(w.interval())
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-w.ctx.Done():
		return false
	}
}

func (w *watch) interval() time.Duration {
	switch {
	case w.ctx.Value(waitingKey{}) != nil:
		return PollWaiting
	case time.Since(w.quiet) >= idleAfter:
		return PollIdle
	default:
		return PollEvery
	}
}
