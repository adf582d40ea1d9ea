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
	text  string // not shown yet
	timer *time.Timer
	shown bool
}

// newProgress returns a progress for w if w is a terminal.
func newProgress(w io.Writer) *progress {
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		return &progress{w: w, start: time.Now()}
	}
	return &progress{}
}

// show replaces the line by text and, where total is known, a percentage; while it is too early for that, when the time has come, so that
// one long step, such as waiting for a key, is seen as well.
func (p *progress) show(text string, done, total int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.w == nil {
		return
	}
	if total > 0 {
		text += fmt.Sprintf(" %3d %%", done*100/total)
	}
	p.text = text
	wait := max(progressDelay-time.Since(p.start), progressEvery-time.Since(p.last))
	switch {
	case wait <= 0:
		p.print()
	case p.timer == nil:
		p.timer = time.AfterFunc(wait, p.due)
	}
}

// due shows what was too early.
func (p *progress) due() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.timer != nil && p.text != "" {
		p.print()
	}
}

// print writes the line; the caller holds the lock.
func (p *progress) print() {
	p.stop()
	fmt.Fprint(p.w, "\r\x1b[K"+p.text)
	p.last, p.shown, p.text = time.Now(), true, ""
}

func (p *progress) stop() {
	if p.timer != nil {
		p.timer.Stop()
		p.timer = nil
	}
}

// clear removes the line, so that a question or a result can take its place.
func (p *progress) clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stop()
	p.text = ""
	if p.shown {
		fmt.Fprint(p.w, "\r\x1b[K")
		p.shown = false
	}
}
