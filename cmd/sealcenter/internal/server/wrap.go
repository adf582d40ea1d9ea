package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"sync"
	"time"

	"sealdesk/cmd/sealcenter/internal/registry"
)

// errStore marks a failure of the registry.
var errStore = errors.New("server: the registry does not answer")

// who is the key of the client's name in a request's context.
type who struct{}

func clientName(r *http.Request) string {
	name, _ := r.Context().Value(who{}).(string)
	return name
}

// wrap puts what all operations share around one: the client's certificate,
// limits, answers to failures, figures and the log.
func (s *Server) wrap(name string, slots chan struct{}, do func(http.ResponseWriter, *http.Request) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		out := &recorder{ResponseWriter: w}
		defer func() {
			if p := recover(); p != nil && p != http.ErrAbortHandler {
				s.o.Log.Error("panic", "operation", name, "value", fmt.Sprint(p), "stack", string(debug.Stack()))
				s.fail(out, name, fmt.Errorf("panic: %v", p))
			}
			s.metrics.done(name, out.status, time.Since(start))
			s.o.Log.Info("request", "operation", name, "status", out.status, "client", out.client, "took", time.Since(start).Round(time.Microsecond))
		}()
		if err := s.guarded(out, r, slots, do); err != nil {
			s.fail(out, name, err)
		}
	})
}

// guarded admits a request and runs it. Without slots it is open to all.
func (s *Server) guarded(w *recorder, r *http.Request, slots chan struct{}, do func(http.ResponseWriter, *http.Request) error) error {
	if slots == nil {
		return do(w, r)
	}
	select {
	case slots <- struct{}{}:
		defer func() { <-slots }()
	default:
		p := newProblem(http.StatusServiceUnavailable, "busy", "too many requests at a time")
		p.retry = 1
		return p
	}
	c, err := s.admit(r)
	if err != nil {
		return err
	}
	w.client = c.Fingerprint[:16]
	if !s.clients.allow(c.Fingerprint, time.Now()) {
		p := newProblem(http.StatusTooManyRequests, "rate_limited", "too many requests of this client")
		p.retry = 1
		return p
	}
	return do(w, r.WithContext(context.WithValue(r.Context(), who{}, c.Name)))
}

// admit finds the client that a request comes from.
func (s *Server) admit(r *http.Request) (registry.Client, error) {
	fingerprint := peer(r)
	if fingerprint == "" {
		return registry.Client{}, newProblem(http.StatusUnauthorized, "client_certificate_missing", "this endpoint asks for a client certificate")
	}
	c, err := s.o.Desk.Store.Client(r.Context(), fingerprint)
	switch {
	case errors.Is(err, registry.ErrNotFound):
		return c, newProblem(http.StatusForbidden, "client_unknown", "the registry does not know this client certificate")
	case err != nil:
		return c, errors.Join(errStore, err)
	case c.Disabled:
		return c, newProblem(http.StatusForbidden, "client_disabled", "this client certificate has been disabled")
	}
	return c, nil
}

// fail answers what went wrong, unless an answer is on its way already.
func (s *Server) fail(w *recorder, name string, err error) {
	if w.status != 0 {
		s.o.Log.Error("failed while answering", "operation", name, "error", err)
		return
	}
	var p *problem
	switch {
	case errors.As(err, &p):
	case errors.Is(err, context.Canceled):
		p = unavailable("the request was given up")
	case errors.Is(err, errStore):
		s.o.Log.Error("registry", "operation", name, "error", err)
		p = unavailable("the registry does not answer; nothing was recorded that is not confirmed")
	default:
		s.o.Log.Error("internal", "operation", name, "error", err)
		p = newProblem(http.StatusInternalServerError, "internal", "an internal fault")
	}
	p.write(w)
}

func unavailable(detail string) *problem {
	p := newProblem(http.StatusServiceUnavailable, "store_unavailable", detail)
	p.retry = 5
	return p
}

// recorder remembers the status of an answer.
type recorder struct {
	http.ResponseWriter
	status int
	client string
}

// WriteHeader implements http.ResponseWriter.
func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

// Write implements io.Writer.
func (r *recorder) Write(b []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	return r.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the connection.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// limiter is a token bucket for each client.
type limiter struct {
	rate, burst float64

	mu      sync.Mutex
	buckets map[string]bucket
}

type bucket struct {
	left float64
	at   time.Time
}

// maxBuckets bounds the memory of the limiter; full buckets are forgotten first.
const maxBuckets = 10_000

func (l *limiter) allow(client string, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.buckets == nil {
		l.buckets = map[string]bucket{}
	}
	b, known := l.buckets[client]
	if !known {
		if len(l.buckets) >= maxBuckets {
			l.forget(now)
		}
		b = bucket{left: l.burst, at: now}
	}
	b.left, b.at = min(l.burst, b.left+l.rate*max(0, now.Sub(b.at).Seconds())), now
	ok := b.left >= 1
	if ok {
		b.left--
	}
	l.buckets[client] = b
	return ok
}

func (l *limiter) forget(now time.Time) {
	for k, b := range l.buckets {
		if b.left+l.rate*now.Sub(b.at).Seconds() >= l.burst {
			delete(l.buckets, k)
		}
	}
}
