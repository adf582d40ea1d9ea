package main

import (
	"bytes"
	"testing"
	"time"
)

// TestProgress: short work shows nothing, long work its last step, also where no other step follows, and a result stands on a clear line.
func TestProgress(t *testing.T) {
	var w bytes.Buffer
	p := &progress{w: &w, start: time.Now().Add(time.Hour)} // too early for all that follows
	p.show("reading", 1, 2)
	p.show("waiting for the key", 0, 0)
	if w.Len() > 0 || p.timer == nil {
		t.Fatalf("shown too early: %q", w.String())
	}
	p.due() // as the timer does
	if got := w.String(); got != "\r\x1b[Kwaiting for the key" {
		t.Errorf("%q", got)
	}
	w.Reset()
	p.clear()
	if got := w.String(); got != "\r\x1b[K" {
		t.Errorf("clear: %q", got)
	}
	w.Reset()
	p.show("sealing", 1, 4)
	p.clear()
	p.due()
	if w.Len() > 0 {
		t.Errorf("shown after the end: %q", w.String())
	}
	p.start, p.last = time.Time{}, time.Time{}
	p.show("sealing", 3, 4)
	if got := w.String(); got != "\r\x1b[Ksealing  75 %" {
		t.Errorf("%q", got)
	}
	new(progress).show("no terminal", 0, 0)
}

// TestProgress_timer: the timer itself shows a step that nothing follows.
func TestProgress_timer(t *testing.T) {
	w := make(signalWriter)
	p := &progress{w: w, start: time.Now()}
	go p.show("waiting for the key", 0, 0)
	if got := <-w; got != "\r\x1b[Kwaiting for the key" {
		t.Errorf("%q", got)
	}
}

// signalWriter hands on each piece that is written.
type signalWriter chan string

func (w signalWriter) Write(b []byte) (int, error) {
	w <- string(b)
	return len(b), nil
}
