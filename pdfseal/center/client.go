package center

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"time"
)

// Client asks one centre. It may be used by several goroutines at once. Close
// it when it is no longer needed.
type Client struct {
	url       *url.URL
	dialer    *dialer
	transport *http.Transport
	timeout   time.Duration
	now       func() time.Time
	log       *slog.Logger
	stop      context.CancelFunc
}

// maxHeader bounds the header of an answer.
const maxHeader = 64 << 10

// New checks the options and makes a client; it connects to nobody. Errors are *Error of KindSettings.
func New(o Options) (*Client, error) {
	u, err := parseURL(o.URL)
	if err != nil {
		return nil, err
	}
	c := &Client{url: u, timeout: o.Timeout, now: o.Now, log: o.Log}
	if c.timeout == 0 {
		c.timeout = DefaultTimeout
	}
	if c.timeout < 0 {
		return nil, settings("timeout", "%v is negative", c.timeout)
	}
	if c.now == nil {
		c.now = time.Now
	}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	if c.dialer, err = o.dialer(u, c.now); err != nil {
		return nil, err
	}
	c.dialer.base, c.stop = context.WithCancel(context.Background())
	c.transport = transport(c.dialer)
	return c, nil
}

func (o Options) dialer(u *url.URL, now func() time.Time) (d *dialer, err error) {
	d = &dialer{host: withPort(u, "443"), now: now}
	if d.proxy, err = parseProxy(o.Proxy); err != nil {
		return nil, err
	}
	if d.pins, err = parsePins(o.Pins); err != nil {
		return nil, err
	}
	switch o.Transport {
	case "", TransportTLS:
		d.tls, d.own, err = o.tls(u.Hostname())
	case TransportTLCP:
		d.tlcp, err = o.tlcp(u.Hostname())
	default:
		err = settings("transport", "%.40q is neither %s nor %s", o.Transport, TransportTLS, TransportTLCP)
	}
	return d, err
}

type requestContext struct{}

// transport speaks HTTP/1.1 over the dialer's connections, without proxy,
// compression or cookies of its own.
func transport(d *dialer) *http.Transport {
	return &http.Transport{
		DialTLSContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			if own, ok := ctx.Value(requestContext{}).(context.Context); ok {
				ctx = own // net/http hands over a context that outlives the request
			}
			return d.dial(ctx)
		},
		DisableCompression: true, MaxResponseHeaderBytes: maxHeader, MaxIdleConns: 2, IdleConnTimeout: 30 * time.Second,
	}
}

// Close ends all connections that are not in use, and all that are being made.
func (c *Client) Close() {
	c.stop()
	c.transport.CloseIdleConnections()
}

// Host is host:port of the centre.
func (c *Client) Host() string { return c.dialer.host }

var errLimit = errors.New("time limit reached")
