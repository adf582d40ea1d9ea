package center

import (
	"context"
	"errors"
	"net/http"
	"time"
)

// limited runs one operation within the client's time limit.
func (c *Client) limited(ctx context.Context, run func(context.Context) error) error {
	ctx, cancel := context.WithTimeoutCause(ctx, c.timeout, errLimit)
	defer cancel()
	if err := run(ctx); err != nil {
		return c.explained(ctx, err)
	}
	return nil
}

// explained looks closer at a certificate that is not valid now: which of the
// two clocks is wrong? The centre is asked once more, with the certificate
// judged in the middle of its life, and nothing but the time of its answer is
// taken. Where that is within the certificate's life and far from this
// computer's time, the clock is the cause.
func (c *Client) explained(ctx context.Context, err error) error {
	var e *Error
	if !errors.As(err, &e) || e.Kind != KindExpired && e.Kind != KindNotYetValid {
		return err
	}
	theirs, second := c.timeAt(ctx, e.NotBefore.Add(e.NotAfter.Sub(e.NotBefore)/2))
	var other *Error
	switch {
	case errors.As(second, &other) && (other.Kind == KindAuthority || other.Kind == KindName || other.Kind == KindPin):
		return other
	case second != nil || theirs.Before(e.NotBefore) || theirs.After(e.NotAfter):
		return err
	}
	if skew := theirs.Sub(c.now()); skew.Abs() > maxSkew {
		return &Error{Kind: KindClock, Host: e.Host, Skew: skew, NotBefore: e.NotBefore, NotAfter: e.NotAfter, Err: e}
	}
	return err
}

// timeAt asks the centre for its time while judging its certificate as of at.
func (c *Client) timeAt(ctx context.Context, at time.Time) (time.Time, error) {
	d := &dialer{host: c.dialer.host, proxy: c.dialer.proxy, own: c.dialer.own, tls: c.dialer.tls, tlcp: c.dialer.tlcp, pins: c.dialer.pins, base: c.dialer.base,
		now: func() time.Time { return at }}
	one := &Client{url: c.url, dialer: d, transport: transport(d), timeout: c.timeout, now: c.now, log: c.log}
	defer one.transport.CloseIdleConnections()
	var theirs time.Time
	err := one.once(ctx, health, func(a answer) (err error) {
		theirs, err = http.ParseTime(a.Header.Get("Date"))
		return err
	})
	return theirs, err
}

var health = call{method: http.MethodGet, path: "/healthz", accept: []int{http.StatusOK}}

// Health is what a centre that can be reached shows of itself.
type Health struct {
	Host string
	Peer
	Time time.Duration // of asking
	Skew time.Duration // centre's clock minus this computer's
}

// Probe asks whether the centre is there. Errors are *Error.
func (c *Client) Probe(ctx context.Context) (*Health, error) {
	h := &Health{Host: c.Host()}
	err := c.limited(ctx, func(ctx context.Context) error {
		start := time.Now()
		return c.once(ctx, health, func(a answer) error {
			h.Time, h.Skew = time.Since(start), a.skew
			b, err := c.read(a, jsonType, maxProblem)
			if err != nil {
				return err
			}
			f := readFields(b)
			f.word("status", "ok")
			return f.done()
		})
	})
	if err != nil {
		return nil, err
	}
	if p := c.dialer.last.Load(); p != nil {
		h.Peer = *p
	}
	if h.Skew.Abs() > maxSkew {
		return h, &Error{Kind: KindClock, Host: c.Host(), Skew: h.Skew}
	}
	return h, nil
}
