//go:build !cgo

package pkcs11

import (
	"context"

	"sealdesk/token"
)

// Provider stands for the driver in a program that was built without cgo.
type Provider struct{}

// Open refuses with *token.ModuleError: loading a library needs cgo.
func Open(o Options) (*Provider, error) {
	if err := checkModule(o.Module); err != nil {
		return nil, err
	}
	return nil, errNoCgo(o.Module)
}

func errNoCgo(path string) error { return &token.ModuleError{Path: path, Reason: token.ReasonNoCgo} }

// Tokens refuses.
func (*Provider) Tokens(context.Context) ([]token.Info, error) { return nil, errNoCgo("") }

// Open refuses.
func (*Provider) Open(context.Context, token.ID) (token.Token, error) { return nil, errNoCgo("") }

// Watch refuses.
func (*Provider) Watch(context.Context) (<-chan token.Event, error) { return nil, errNoCgo("") }

// Doctor refuses.
func (*Provider) Doctor(context.Context, token.ID) (Diagnosis, error) {
	return Diagnosis{}, errNoCgo("")
}

// Close does nothing.
func (*Provider) Close() error { return nil }
