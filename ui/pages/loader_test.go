package pages

import (
	"context"
	"errors"
	"image"
	"slices"
	"sync"
	"testing"
	"time"
)

// slow is a document whose pages are drawn one by one when the test lets it.
type slow struct {
	mu    sync.Mutex
	drawn []int
	gate  chan struct{}
}

func (s *slow) Page(ctx context.Context, n int, ppm float64) (*image.RGBA, Size, error) {
	if s.gate != nil {
		select {
		case <-s.gate:
		case <-ctx.Done():
			return nil, Size{}, ctx.Err()
		}
	}
	s.mu.Lock()
	s.drawn = append(s.drawn, n)
	s.mu.Unlock()
	if n == 99 {
		return nil, Size{}, errors.New("broken")
	}
	return image.NewRGBA(image.Rect(0, 0, int(ppm*100), int(ppm*100))), Size{100, 100}, nil
}

func TestLoader_latestFirstAndOnlyAFew(t *testing.T) {
	s := &slow{gate: make(chan struct{})}
	done := make(chan int, 100)
	l := NewLoader(func(f func()) { f() }, 2)
	defer l.Close()
	for n := 1; n <= 50; n++ {
		l.Want(Wanted{s, n, 1}, func(p *Picture) { done <- n })
	}
	close(s.gate)
	idle(t, l)
	close(done)
	var got []int
	for n := range done {
		got = append(got, n)
	}
	if len(got) < 2 || !slices.Equal(got[len(got)-2:], []int{50, 49}) {
		t.Errorf("drawn %v: the latest wishes do not come first", got)
	}
	if len(s.drawn) > 3 {
		t.Errorf("%d pages were drawn although only two are wanted", len(s.drawn))
	}
}

func TestLoader_bounded(t *testing.T) {
	s := &slow{}
	var wait sync.WaitGroup
	l := NewLoader(func(f func()) { f() }, 100)
	defer l.Close()
	for n := 1; n <= 60; n++ { // 4 MB each
		wait.Add(1)
		l.Want(Wanted{s, n, 10.24}, func(*Picture) { wait.Done() })
		wait.Wait()
		if l.bytes > cacheBytes {
			t.Fatalf("%d bytes are kept after page %d", l.bytes, n)
		}
	}
	if l.Find(Wanted{s, 60, 10.24}) == nil || l.Find(Wanted{s, 1, 10.24}) != nil {
		t.Error("not the newest pictures are kept")
	}
	if p := l.Any(s, 60); p == nil || p.PPM != 10.24 {
		t.Errorf("any picture of page 60: %v", p)
	}
}

func TestLoader_failureIsAnAnswer(t *testing.T) {
	l := NewLoader(func(f func()) { f() }, 2)
	defer l.Close()
	got := make(chan *Picture, 1)
	l.Want(Wanted{&slow{}, 99, 1}, func(p *Picture) { got <- p })
	if p := <-got; p.Err == nil || p.Image != nil {
		t.Errorf("%+v", p)
	}
}

func TestLoader_closeEndsWhatIsDrawn(t *testing.T) {
	s := &slow{gate: make(chan struct{})}
	l := NewLoader(func(f func()) { f() }, 2)
	l.Want(Wanted{s, 1, 1}, func(*Picture) { t.Error("a picture after the end") })
	l.Close()
	idle(t, l)
}

// idle waits until the loader's goroutine has ended.
func idle(t *testing.T, l *Loader) {
	t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(time.Millisecond) {
		l.mu.Lock()
		running := l.running
		l.mu.Unlock()
		if !running {
			return
		}
	}
	t.Fatal("the loader goes on")
}
