package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"golang.org/x/term"
)

const (
	progressDelay = 300 * time.Millisecond // short work shows nothing
	progressEvery = 100 * time.Millisecond
)

// progress shows one line on a terminal while work lasts. Its zero value shows nothing. It is safe for concurrent use.
type progress struct {
	mu    sync.Mutex
	w     io.Writer
	start time.Time
	last  time.Time
	shown bool
}

// newProgress returns a progress for w if w is a terminal.
func newProgress(w io.Writer) *progress {
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		return &progress{w: w, start: time.Now()}
	}
	return &progress{}
}

// show replaces the line by text and, where total is known, a percentage.
func (p *progress) show(text string, done, total int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	if p.w == nil || now.Sub(p.start) < progressDelay || now.Sub(p.last) < progressEvery {
		return
	}
	p.last, p.shown = now, true
	if total > 0 {
		text += fmt.Sprintf(" %3d %%", done*100/total)
	}
	fmt.Fprint(p.w, "\r\x1b[K"+text)
}

// clear removes the line, so that a question or a result can take its place.
func (p *progress) clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.shown {
		fmt.Fprint(p.w, "\r\x1b[K")
		p.shown = false
	}
}
