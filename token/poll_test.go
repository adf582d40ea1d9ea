package token

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// stage is a list of keys that the test sets.
type stage struct {
	mu    sync.Mutex
	list  []Info
	err   error
	busy  bool
	calls []time.Time
}

func (s *stage) poller() Poller {
	return Poller{
		List: func(context.Context) ([]Info, error) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.calls = append(s.calls, time.Now())
			return slices.Clone(s.list), s.err
		},
		Busy: func() bool {
			s.mu.Lock()
			defer s.mu.Unlock()
			return s.busy
		},
	}
}

// set changes the stage.
func (s *stage) set(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
}

// asked gives the times at which the list was asked for.
func (s *stage) asked() []time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.calls)
}

// after lets time pass and collects the events.
func after(d time.Duration, events <-chan Event) []string {
	var out []string
	end := time.After(d)
	for {
		select {
		case e := <-events:
			out = append(out, fmt.Sprintf("%s %s", e.Kind, e.Info.ID))
		case <-end:
			return out
		}
	}
}

func TestPoller_events(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		a, b := Info{ID: "a", Slot: 0, Insertion: 1}, Info{ID: "b", Slot: 0, Insertion: 2}
		s := &stage{list: []Info{a}}
		events := s.poller().Watch(ctx)
		step := func(what string, want ...string) {
			t.Helper()
			if got := after(1500*time.Millisecond, events); !slices.Equal(got, want) {
				t.Errorf("%s: got %q, want %q", what, got, want)
			}
		}
		step("present at the start", "inserted a")
		step("nothing happens")
		s.set(func() { s.list = []Info{b} })
		step("another key in the slot", "removed a", "inserted b")
		s.set(func() { s.list = []Info{{ID: "b", Slot: 0, Insertion: 3}} })
		step("pulled and put back between two looks", "removed b", "inserted b")
		s.set(func() { s.list[0].PIN.Low = true })
		step("another PIN state", "changed b")
		s.set(func() { s.err = errors.New("broken") })
		step("the driver fails", "failed ")
		step("and goes on failing")
		s.set(func() { s.err = nil })
		s.set(func() { s.list = append(s.list, Info{ID: "b", Slot: 1, Insertion: 4}) })
		step("a twin", "inserted b")
		s.set(func() { s.list = nil })
		step("all gone", "removed b", "removed b")
		s.set(func() { s.list = []Info{a} })
		s.set(func() { s.busy = true })
		asked := len(s.asked())
		step("busy")
		if len(s.asked()) != asked {
			t.Error("asked while an operation runs")
		}
		s.set(func() { s.busy = false })
		step("free again", "inserted a")
		cancel()
		if got, open := <-events; open {
			t.Errorf("got %v after the end", got)
		}
	})
}

func TestPoller_intervals(t *testing.T) {
	for name, c := range map[string]struct {
		ctx   func(context.Context) context.Context
		first time.Duration
		later time.Duration
	}{
		"as a rule":           {func(c context.Context) context.Context { return c }, PollEvery, PollIdle},
		"a dialog is waiting": {Waiting, PollWaiting, PollWaiting},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(c.ctx(t.Context()))
				s := &stage{}
				events := s.poller().Watch(ctx)
				after(10*time.Second, events)
				calls := s.asked()
				if got := calls[2].Sub(calls[1]); got != c.first {
					t.Errorf("every %v at first, want %v", got, c.first)
				}
				after(5*time.Minute, events)
				calls = s.asked()
				last := len(calls) - 1
				if got := calls[last].Sub(calls[last-1]); got != c.later {
					t.Errorf("every %v later, want %v", got, c.later)
				}
				s.set(func() { s.list = []Info{{ID: "a"}} })
				after(10*time.Second, events)
				calls = s.asked()
				last = len(calls) - 1
				if got := calls[last].Sub(calls[last-1]); got != c.first {
					t.Errorf("every %v after a change, want %v", got, c.first)
				}
				cancel()
				for range events {
				}
			})
		})
	}
}

// A key that is pulled after Watch has returned, before the watch asks again, was known to it: whoever read the key in between would
// otherwise go on showing it.
func TestPoller_pulledRightAfterTheStart(t *testing.T) {
	for name, busy := range map[string]bool{"nothing runs": false, "while an operation runs": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				s := &stage{list: []Info{{ID: "a"}}, busy: busy}
				events := s.poller().Watch(ctx)
				s.set(func() { s.list, s.busy = nil, false })
				if got, want := after(3*time.Second, events), []string{"inserted a", "removed a"}; !slices.Equal(got, want) {
					t.Errorf("got %q, want %q", got, want)
				}
				cancel()
				synctest.Wait()
			})
		})
	}
}

// A receiver that does not listen must not keep the watch from ending.
func TestPoller_nobodyListens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		events := (&stage{list: []Info{{ID: "a"}}}).poller().Watch(ctx)
		time.Sleep(time.Minute)
		cancel()
		synctest.Wait()
		for range events {
		}
	})
}

func TestEventKind(t *testing.T) {
	seen := map[string]bool{}
	for _, k := range []EventKind{0, Inserted, Removed, Changed, Failed} {
		if seen[k.String()] {
			t.Errorf("%d and another are %q", k, k)
		}
		seen[k.String()] = true
	}
}
