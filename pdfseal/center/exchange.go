package center

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"mime"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// Limits of answers, in bytes.
const (
	maxAnswer  = 16 << 20
	maxProblem = 64 << 10
)

// Retries.
const (
	attempts    = 3
	firstPause  = 150 * time.Millisecond
	maxPause    = 5 * time.Second // that the centre may ask for
	maxSkew     = 5 * time.Minute // between the clocks
	jsonType    = "application/json"
	problemType = "application/problem+json"
)

// call is one request, which can be sent several times.
type call struct {
	method, path string // path is escaped, below the address of the centre
	query        string
	body         []byte // JSON, nil for none
	header       map[string]string
	accept       []int // statuses of success
}

// answer is a success, whose body has not been read.
type answer struct {
	*http.Response
	skew time.Duration
}

// retry sends the call until it is answered, at most attempts times, and lets
// use read the answer.
func (c *Client) retry(ctx context.Context, q call, use func(answer) error) error {
	pause := firstPause
	for n := 1; ; n++ {
		start := time.Now()
		err := c.once(ctx, q, use)
		c.log.Debug("centre asked", "operation", q.method+" "+q.path, "attempt", n, "time", time.Since(start), "error", err)
		var e *Error
		if err == nil || n == attempts || !errors.As(err, &e) || !e.again() {
			return err
		}
		wait := max(pause+rand.N(pause/2), min(e.retryAfter, maxPause))
		pause *= 3
		select {
		case <-ctx.Done():
			return c.failed(ctx, e.Stage, err)
		case <-time.After(wait):
		}
	}
}

// once sends the call and hands an answer of success to use.
func (c *Client) once(ctx context.Context, q call, use func(answer) error) error {
	var stage atomic.Value
	stage.Store("connection")
	ctx = context.WithValue(ctx, requestContext{}, ctx)
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { stage.Store("answer") }})
	req, err := c.request(ctx, q)
	if err != nil {
		return err
	}
	resp, err := c.transport.RoundTrip(req)
	if err != nil {
		return c.failed(ctx, stage.Load().(string), err)
	}
	defer resp.Body.Close()
	a := answer{Response: resp, skew: c.skew(resp)}
	if err := c.status(q, a); err != nil {
		return c.failed(ctx, "body", err)
	}
	err = use(a)
	if err == nil {
		// A server that sees its client leave may end a half body in good form.
		err = context.Cause(ctx)
	}
	return c.failed(ctx, "body", err)
}

func (c *Client) request(ctx context.Context, q call) (*http.Request, error) {
	u := *c.url
	u.RawPath = strings.TrimSuffix(u.EscapedPath(), "/") + q.path
	path, err := url.PathUnescape(u.RawPath)
	if err != nil {
		return nil, settings("url", "%w", err)
	}
	u.Path, u.RawQuery = path, q.query
	req, err := http.NewRequestWithContext(ctx, q.method, u.String(), bytes.NewReader(q.body))
	if err != nil {
		return nil, settings("url", "%w", err)
	}
	req.Header.Set("Accept", jsonType+", "+problemType+", application/octet-stream")
	req.Header.Set("User-Agent", "sealdesk")
	if q.body != nil {
		req.Header.Set("Content-Type", jsonType)
	}
	for k, v := range q.header {
		req.Header.Set(k, v)
	}
	return req, nil
}

// failed sorts an error of the exchange: first the end of the context, then
// what is sorted already, then what the network did.
func (c *Client) failed(ctx context.Context, stage string, err error) error {
	if err == nil {
		return nil
	}
	if cause := context.Cause(ctx); cause != nil {
		if errors.Is(cause, errLimit) || errors.Is(cause, context.DeadlineExceeded) {
			return &Error{Kind: KindSlow, Host: c.Host(), Stage: stage, Err: errLimit}
		}
		return fmt.Errorf("center: %w", cause)
	}
	var e *Error
	var p *partial
	var local *localError
	switch {
	case errors.As(err, &e):
		return e
	case errors.As(err, &p):
		return p
	case errors.As(err, &local):
		return local.err
	case aboutCertificate(peerAlert(err)):
		return &Error{Kind: KindClientCertificate, Host: c.Host(), Err: err}
	case netFault(err):
		return &Error{Kind: KindHalf, Host: c.Host(), Err: err}
	}
	return &Error{Kind: KindGarbage, Host: c.Host(), Err: err}
}

// status turns every status but those of success into an error.
func (c *Client) status(q call, a answer) error {
	for _, ok := range q.accept {
		if a.StatusCode == ok {
			return nil
		}
	}
	e := &Error{Host: c.Host(), Status: a.StatusCode}
	if a.StatusCode >= 300 && a.StatusCode < 400 {
		e.Kind = KindRedirect
		return e
	}
	gateway := a.StatusCode == http.StatusBadGateway || a.StatusCode == http.StatusServiceUnavailable || a.StatusCode == http.StatusGatewayTimeout
	p, err := c.problem(a)
	switch {
	case err != nil && netFault(err):
		return err
	case gateway || err == nil && a.StatusCode == http.StatusTooManyRequests:
		e.Kind, e.retryAfter = KindBusy, retryAfter(a)
	case errors.As(err, new(*Error)):
		return err
	case err != nil:
		e.Kind, e.Err = KindGarbage, err
	default:
		e.Kind = kindOf(a.StatusCode)
	}
	e.Code, e.Title = p.Code, p.Title
	return e
}

func kindOf(status int) Kind {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return KindClientCertificate
	case http.StatusConflict:
		return KindConflict
	}
	if status >= 500 {
		return KindFault
	}
	return KindRefused
}

func retryAfter(a answer) time.Duration {
	n, err := strconv.ParseUint(a.Header.Get("Retry-After"), 10, 16)
	if err != nil {
		return 0
	}
	return time.Duration(n) * time.Second
}

// read takes a whole body of the media type, up to the limit.
func (c *Client) read(a answer, media string, limit int64) ([]byte, error) {
	if is, _, err := mime.ParseMediaType(a.Header.Get("Content-Type")); err != nil || is != media {
		return nil, fmt.Errorf("content type %s", printable(strconv.Quote(a.Header.Get("Content-Type"))))
	}
	if err := c.framed(a, limit); err != nil {
		return nil, err
	}
	b, err := io.ReadAll(io.LimitReader(a.Body, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(b)) > limit {
		return nil, &Error{Kind: KindTooLarge, Host: c.Host()}
	}
	return b, nil
}

// framed asks that the end of a body can be told from a cut connection.
func (c *Client) framed(a answer, limit int64) error {
	switch {
	case a.ContentLength > limit:
		return &Error{Kind: KindTooLarge, Host: c.Host()}
	case a.Header.Get("Content-Encoding") != "":
		return errors.New("the body is encoded")
	case a.ContentLength < 0 && len(a.TransferEncoding) == 0:
		return errors.New("the body has no length")
	}
	return nil
}

// skew is the centre's clock minus this computer's, 0 where it names no time.
func (c *Client) skew(resp *http.Response) time.Duration {
	t, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil {
		return 0
	}
	d := t.Sub(c.now())
	if d.Abs() < 2*time.Second { // the header has whole seconds
		return 0
	}
	return d
}
