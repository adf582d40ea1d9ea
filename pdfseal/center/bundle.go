package center

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Limits of a bundle.
const (
	maxBundle   = 512 << 20 // bytes
	bundleLimit = 30 * time.Minute
)

// Bundle asks for the latest trust bundle. Where its number is have, nothing
// is written and changed is false; otherwise the bundle goes to w as it comes,
// so that w may hold a part of one after an error. Nothing in it has been
// checked: that is for package trust/keeper. The time limit of the options
// counts anew with every byte; the whole may take half an hour. Errors are
// *Error, and that of w.
func (c *Client) Bundle(ctx context.Context, w io.Writer, have int) (n int, changed bool, err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, bundleLimit, errLimit)
	defer cancel()
	ctx, stalled := context.WithCancelCause(ctx)
	defer stalled(nil)
	watch := time.AfterFunc(c.timeout, func() { stalled(errLimit) })
	defer watch.Stop()
	q := call{method: http.MethodGet, path: "/v1/bundles/latest", accept: []int{http.StatusOK, http.StatusNotModified}}
	if have > 0 {
		q.header = map[string]string{"If-None-Match": strconv.Quote(strconv.Itoa(have))}
	}
	var written int64
	err = c.retry(ctx, q, func(a answer) (err error) {
		if n, err = bundleNumber(a); err != nil {
			return err
		}
		if changed = a.StatusCode == http.StatusOK; !changed {
			if have == 0 {
				return errors.New("no bundle, although none is had")
			}
			return nil
		}
		written, err = c.copyBundle(w, a, func() { watch.Reset(c.timeout) })
		if written > 0 && err != nil {
			return &partial{c.failed(ctx, "body", err)} // w has a part of it: not again
		}
		return err
	})
	if p := (*partial)(nil); errors.As(err, &p) {
		err = p.err
	}
	if err != nil {
		return 0, false, c.explained(ctx, err)
	}
	return n, changed, nil
}

// partial keeps an error from being retried or sorted again.
type partial struct{ err error }

func (p *partial) Error() string { return p.err.Error() }

func bundleNumber(a answer) (int, error) {
	tag := strings.Trim(a.Header.Get("ETag"), `"`)
	n, err := strconv.Atoi(tag)
	if err != nil || n < 1 {
		return 0, fmt.Errorf("the bundle has no number: %s", printable(strconv.Quote(tag)))
	}
	return n, nil
}

func (c *Client) copyBundle(w io.Writer, a answer, alive func()) (int64, error) {
	if is := a.Header.Get("Content-Type"); is != "application/octet-stream" {
		return 0, fmt.Errorf("content type %s", printable(strconv.Quote(is)))
	}
	if err := c.framed(a, maxBundle); err != nil {
		return 0, err
	}
	var written int64
	buf := make([]byte, 64<<10)
	for {
		n, err := a.Body.Read(buf)
		if n > 0 {
			alive()
			if written += int64(n); written > maxBundle {
				return written, &Error{Kind: KindTooLarge, Host: c.Host()}
			}
			if _, err := w.Write(buf[:n]); err != nil {
				return written, &localError{err}
			}
		}
		if errors.Is(err, io.EOF) {
			return written, nil
		}
		if err != nil {
			return written, err
		}
	}
}

// localError is a fault of this side, such as a full disk.
type localError struct{ err error }

func (e *localError) Error() string { return e.err.Error() }

func (e *localError) Unwrap() error { return e.err }

// Checkpoint hands a signed checkpoint of the register of seal use to the
// centre. The same one may be sent any number of times. Errors are *Error, of
// KindConflict where the centre holds another register under the same key.
func (c *Client) Checkpoint(ctx context.Context, der []byte) error {
	body, err := json.Marshal(struct {
		Checkpoint []byte `json:"checkpoint"`
	}{der})
	if err != nil {
		return fmt.Errorf("center: %w", err)
	}
	q := call{method: http.MethodPost, path: "/v1/register/checkpoints", body: body, accept: []int{http.StatusCreated}}
	return c.limited(ctx, func(ctx context.Context) error {
		return c.retry(ctx, q, func(a answer) error {
			b, err := c.read(a, jsonType, maxProblem)
			if err != nil {
				return err
			}
			f := readFields(b)
			f.text("register")
			f.number("size")
			return f.done()
		})
	})
}
