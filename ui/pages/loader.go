// Package pages draws the pages of documents beside the window: the latest wish first, a bounded number of pictures kept.
package pages

import (
	"context"
	"image"
	"sync"
)

// Source makes pictures of the pages of one document. Two sources are equal if they show the same.
type Source interface {
	// Page draws a page (from 1) at a resolution and tells its size.
	Page(ctx context.Context, page int, pxPerMM float64) (*image.RGBA, Size, error)
}

// Size is the size of an upright visible page in millimetres.
type Size struct{ W, H float64 }

// Picture is a page that has been drawn.
type Picture struct {
	Image *image.RGBA // nil where Err is set
	Size  Size
	PPM   float64 // pixels to a millimetre
	Err   error
}

// Wanted names a picture.
type Wanted struct {
	Src  Source
	Page int
	PPM  float64
}

// cacheBytes bounds the pictures that a loader keeps.
const cacheBytes = 96 << 20

// Loader draws pages beside, the latest wish first, and keeps some of them. A goroutine runs only while there is something to draw.
type Loader struct {
	post func(func()) // runs in the goroutine of the window
	keep int          // wishes that may wait

	mu      sync.Mutex
	running bool
	wishes  []wish
	cache   map[Wanted]*Picture
	order   []Wanted // from the oldest use to the newest
	bytes   int
	ctx     context.Context
	stop    context.CancelFunc
}

type wish struct {
	Wanted
	done func(*Picture)
}

// NewLoader makes a loader. post runs functions in the goroutine of the window; keep is how many wishes may wait.
func NewLoader(post func(func()), keep int) *Loader {
	ctx, stop := context.WithCancel(context.Background())
	return &Loader{post: post, keep: keep, cache: map[Wanted]*Picture{}, ctx: ctx, stop: stop}
}

// Find answers a picture that is kept, or nil.
func (l *Loader) Find(w Wanted) *Picture {
	l.mu.Lock()
	defer l.mu.Unlock()
	p := l.cache[w]
	if p != nil {
		l.touch(w)
	}
	return p
}

// Any answers a picture of the page at whatever resolution, the finest that is kept, or nil.
func (l *Loader) Any(src Source, page int) *Picture {
	l.mu.Lock()
	defer l.mu.Unlock()
	var best *Picture
	for w, p := range l.cache {
		if w.Src == src && w.Page == page && p.Err == nil && (best == nil || p.PPM > best.PPM) {
			best = p
		}
	}
	return best
}

// Want asks for a picture. done is called in the goroutine of the window, unless newer wishes have pushed this one out.
func (l *Loader) Want(w Wanted, done func(*Picture)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, old := range l.wishes {
		if old.Wanted == w {
			l.wishes = append(l.wishes[:i:i], l.wishes[i+1:]...)
			break
		}
	}
	l.wishes = append(l.wishes, wish{w, done})
	if over := len(l.wishes) - l.keep; over > 0 {
		l.wishes = l.wishes[over:]
	}
	if !l.running {
		l.running = true
		go l.run()
	}
}

// Forget drops all wishes, and the pictures as well.
func (l *Loader) Forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.wishes, l.cache, l.order, l.bytes = nil, map[Wanted]*Picture{}, nil, 0
}

// Close ends the loader for good.
func (l *Loader) Close() {
	l.Forget()
	l.stop()
}

func (l *Loader) run() {
	for {
		l.mu.Lock()
		if len(l.wishes) == 0 || l.ctx.Err() != nil {
			l.running = false
			l.mu.Unlock()
			return
		}
		next := l.wishes[len(l.wishes)-1]
		l.wishes = l.wishes[:len(l.wishes)-1]
		p := l.cache[next.Wanted]
		l.mu.Unlock()
		if p == nil {
			img, size, err := next.Src.Page(l.ctx, next.Page, next.PPM)
			if l.ctx.Err() != nil {
				continue
			}
			p = &Picture{Image: img, Size: size, PPM: next.PPM, Err: err}
			l.store(next.Wanted, p)
		}
		l.post(func() { next.done(p) })
	}
}

func (p *Picture) bytes() int {
	if p.Image == nil {
		return 0
	}
	return len(p.Image.Pix)
}

// store keeps a picture and lets go of the oldest ones. The newest stays, however large.
func (l *Loader) store(w Wanted, p *Picture) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cache[w] = p
	l.bytes += p.bytes()
	l.touch(w)
	for l.bytes > cacheBytes && len(l.order) > 1 {
		old := l.order[0]
		l.order = l.order[1:]
		l.bytes -= l.cache[old].bytes()
		delete(l.cache, old)
	}
}

func (l *Loader) touch(w Wanted) {
	for i, o := range l.order {
		if o == w {
			l.order = append(l.order[:i], l.order[i+1:]...)
			break
		}
	}
	l.order = append(l.order, w)
}
