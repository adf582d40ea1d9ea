// Package state is what the windows show and how it changes: values with a phase, events in the past tense, and pure steps from one
// value to the next. It knows no toolkit. What takes time is a Cmd, which runs beside and answers with events.
package state

import (
	"context"
	"sync"
)

// Event is something that has happened: a click, a key that was pulled, a file that was read.
type Event any

// Cmd is work beside the window. It sends what it finds and ends when ctx does.
type Cmd func(ctx context.Context, send func(Event))

// Loop holds one state and applies events to it one after another, in the goroutine of post.
type Loop[S any] struct {
	ctx    context.Context
	step   func(S, Event) (S, Cmd)
	render func(S)
	post   func(func())
	state  S
	work   sync.WaitGroup
}

// NewLoop makes a loop. post runs functions one after another, always in the same goroutine; step and render are only called there.
// The commands end with ctx.
func NewLoop[S any](ctx context.Context, initial S, step func(S, Event) (S, Cmd), render func(S), post func(func())) *Loop[S] {
	return &Loop[S]{ctx: ctx, step: step, render: render, post: post, state: initial}
}

// Dispatch applies an event later, in the goroutine of post. It may be called from anywhere.
func (l *Loop[S]) Dispatch(e Event) {
	l.post(func() {
		if l.ctx.Err() != nil {
			return
		}
		var cmd Cmd
		l.state, cmd = l.step(l.state, e)
		l.Start(cmd)
		l.render(l.state)
	})
}

// Start runs a command beside; nil does nothing. It is called in the goroutine of post, or before it runs.
func (l *Loop[S]) Start(cmd Cmd) {
	if cmd == nil || l.ctx.Err() != nil {
		return
	}
	l.work.Go(func() { cmd(l.ctx, l.Dispatch) })
}

// State returns the present state. It is called in the goroutine of post.
func (l *Loop[S]) State() S { return l.state }

// Wait waits until all commands have ended, which they do when ctx has.
func (l *Loop[S]) Wait() { l.work.Wait() }

// Batch runs several commands side by side.
func Batch(cmds ...Cmd) Cmd {
	var real []Cmd
	for _, c := range cmds {
		if c != nil {
			real = append(real, c)
		}
	}
	switch len(real) {
	case 0:
		return nil
	case 1:
		return real[0]
	}
	return func(ctx context.Context, send func(Event)) {
		var all sync.WaitGroup
		for _, c := range real {
			all.Go(func() { c(ctx, send) })
		}
		all.Wait()
	}
}
