package page

import (
	"context"
	"errors"
	"fmt"
	"strings"

	pdfium_errors "github.com/klippa-app/go-pdfium/errors"
)

// What can be wrong with a document or a request.
var (
	ErrNotPDF    = errors.New("page: pdfium cannot read the document")
	ErrEncrypted = errors.New("page: the document is encrypted")
	ErrNoPage    = errors.New("page: no such page")
	ErrTooLarge  = errors.New("page: too large")
	ErrTimeLimit = errors.New("page: time limit exceeded")
	ErrClosed    = errors.New("page: document closed")
	ErrBusy      = errors.New("page: too many documents in use")
	ErrFailed    = errors.New("page: pdfium gave up") // a fault of the document or of pdfium, or no memory left
)

// opening names the reason why pdfium refused to open a document.
func opening(err error) error {
	switch {
	case errors.Is(err, pdfium_errors.ErrPassword), errors.Is(err, pdfium_errors.ErrSecurity):
		return fmt.Errorf("%w: %w", ErrEncrypted, err)
	case errors.Is(err, pdfium_errors.ErrFormat), errors.Is(err, pdfium_errors.ErrFile), errors.Is(err, pdfium_errors.ErrUnknown):
		return fmt.Errorf("%w: %w", ErrNotPDF, err)
	}
	return fmt.Errorf("open: %w", err)
}

// reason chooses what to report of a failed call: the caller's cancellation, the time limit, the failed read, or the call itself.
func reason(caller, limited context.Context, read, err error) error {
	switch {
	case caller.Err() != nil:
		return fmt.Errorf("page: %w", context.Cause(caller))
	case limited.Err() != nil:
		return ErrTimeLimit
	case read != nil:
		return fmt.Errorf("page: read: %w", read)
	}
	for _, known := range []error{ErrNotPDF, ErrEncrypted, ErrBusy} {
		if errors.Is(err, known) {
			return err
		}
	}
	first, _, _ := strings.Cut(err.Error(), "\n") // the rest is a trace of WebAssembly calls
	return fmt.Errorf("%w: %s", ErrFailed, first)
}
