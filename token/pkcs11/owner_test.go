//go:build cgo

package pkcs11

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"sealdesk/token"
)

func TestOwner_order(t *testing.T) {
	o := newOwner()
	var got []int
	release := make(chan struct{})
	first := make(chan struct{})
	go func() {
		_, _ = do(t.Context(), o, false, time.Minute, func(*task) (int, error) { <-release; return 0, nil })
		close(first)
	}()
	for !o.busy() {
		time.Sleep(time.Millisecond)
	}
	results := make(chan int, 3)
	for i := range 3 {
		go func() {
			v, err := do(t.Context(), o, false, time.Minute, func(*task) (int, error) { got = append(got, i); return i, nil })
			if err != nil {
				t.Error(err)
			}
			results <- v
		}()
		for o.queued() != i+1 {
			time.Sleep(time.Millisecond)
		}
	}
	close(release)
	<-first
	for range 3 {
		<-results
	}
	if !slices.Equal(got, []int{0, 1, 2}) {
		t.Errorf("ran in the order %v", got)
	}
	if o.busy() {
		t.Error("busy although nothing is left")
	}
}

func (o *owner) queued() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.queue)
}

func TestOwner_deadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // in its own time, which a busy machine does not stretch
		o := newOwner()
		release := make(chan struct{})
		var left bool
		ended := make(chan struct{})
		_, err := do(t.Context(), o, false, 20*time.Millisecond, func(t *task) (int, error) {
			defer close(ended)
			_ = t.enter(20 * time.Millisecond)
			<-release
			left = t.left.Load()
			return 1, nil
		})
		if !errors.Is(err, token.ErrTimeout) {
			t.Errorf("got %v", err)
		}
		ran := make(chan struct{})
		_, err = do(t.Context(), o, false, 20*time.Millisecond, func(t *task) (int, error) {
			defer close(ran)
			return 0, t.enter(time.Second)
		})
		if !errors.Is(err, token.ErrTimeout) {
			t.Errorf("behind a call that hangs: %v", err)
		}
		close(release)
		<-ended
		<-ran
		if !left {
			t.Error("the task was not told that nobody waits")
		}
		// Each call has its own deadline: a task of many calls may take longer.
		if _, err := do(t.Context(), o, false, time.Second, func(t *task) (int, error) {
			for range 5 {
				if err := t.enter(time.Second); err != nil {
					return 0, err
				}
				time.Sleep(250 * time.Millisecond)
			}
			return 1, nil
		}); err != nil {
			t.Errorf("five quick calls: %v", err)
		}
	})
}

func TestOwner_cancel(t *testing.T) {
	o := newOwner()
	ctx, cancel := context.WithCancel(t.Context())
	release, stopped := make(chan struct{}), make(chan error, 1)
	_, err := do(ctx, o, false, time.Minute, func(t *task) (int, error) {
		cancel()
		<-release
		stopped <- t.enter(time.Second)
		t.undoing = true
		return 0, t.enter(time.Second)
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	close(release)
	if err := <-stopped; !errors.Is(err, context.Canceled) {
		t.Errorf("the next call was made: %v", err)
	}
	if _, err := do(ctx, o, false, time.Minute, func(*task) (int, error) { t.Error("ran"); return 0, nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	cleared := make(chan error, 1)
	if _, err := always(ctx, o, false, time.Minute, func(t *task) (int, error) {
		err := t.enter(time.Second)
		cleared <- err
		return 0, err
	}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if err := <-cleared; !errors.Is(err, context.Canceled) { // waits for ever where secrets are not cleared
		t.Errorf("a call was made: %v", err)
	}
}

func TestMemory(t *testing.T) {
	m := &memory{ways: map[model]SM2Sign{}}
	ways := []SM2Sign{{Mech: 1}, {Mech: 2}, {Mech: 2, In: InMsgNoZ}}
	k := model{lib: "x"}
	if got := m.first(k, ways); got[0].Mech != 1 {
		t.Errorf("got %v", got)
	}
	m.set(k, ways[2])
	got := m.first(k, ways)
	if len(got) != 3 || got[0].In != InMsgNoZ || got[1].Mech != 1 || got[2].Mech != 2 || ways[0].Mech != 1 {
		t.Errorf("got %v", got)
	}
	if got := m.first(model{lib: "y"}, ways); got[0].Mech != 1 {
		t.Errorf("another model: %v", got)
	}
	if got := m.first(k, ways[:2]); got[0].Mech != 1 {
		t.Errorf("no longer offered: %v", got)
	}
}
