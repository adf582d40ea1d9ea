package main

import (
	"context"
	"sync"

	"sealdesk/token"
)

// provider is a token.Provider.
type provider = token.Provider

// lateProvider opens the module when it is first needed, so that a document that is refused is refused without any driver.
type lateProvider struct {
	open func() (provider, error)
	once sync.Once
	p    provider
	err  error
}

func (l *lateProvider) get() (provider, error) {
	l.once.Do(func() { l.p, l.err = l.open() })
	return l.p, l.err
}

// Tokens implements token.Provider.
func (l *lateProvider) Tokens(ctx context.Context) ([]token.Info, error) {
	p, err := l.get()
	if err != nil {
		return nil, err
	}
	return p.Tokens(ctx)
}

// Open implements token.Provider.
func (l *lateProvider) Open(ctx context.Context, id token.ID) (token.Token, error) {
	p, err := l.get()
	if err != nil {
		return nil, err
	}
	return p.Open(ctx, id)
}

// Close implements token.Provider.
func (l *lateProvider) Close() error {
	l.once.Do(func() {})
	if l.p == nil {
		return nil
	}
	return l.p.Close()
}

// clearing takes the progress line away before the PIN is asked.
func clearing(p *progress, ask token.PINFunc) token.PINFunc {
	return func(ctx context.Context, r token.PINRequest) (token.PIN, error) {
		p.clear()
		return ask(ctx, r)
	}
}

// unwrap answers the driver behind p.
func unwrap(p token.Provider) token.Provider {
	if l, ok := p.(*lateProvider); ok && l.p != nil {
		return l.p
	}
	return p
}
