// Package server is the central verification endpoint over HTTP. Its contract
// is assets/openapi/center.yaml.
package server

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"

	"sealdesk/cmd/sealcenter/internal/authority"
	"sealdesk/cmd/sealcenter/internal/desk"
	"sealdesk/pdfseal/cms"
	"sealdesk/pdfseal/gm/tlcp"
)

// Limits of the endpoint. Zero values count as the defaults.
type Limits struct {
	Concurrent int     // requests at a time, and as many bundles; more are answered 503. Default 64
	PerSecond  float64 // of one client, on average; more are answered 429. Default 100
	Burst      int     // of one client at once. Default 200
}

func (l Limits) filled() Limits {
	if l.Concurrent <= 0 {
		l.Concurrent = 64
	}
	if l.PerSecond <= 0 {
		l.PerSecond = 100
	}
	if l.Burst <= 0 {
		l.Burst = 200
	}
	return l
}

// Options of New.
type Options struct {
	Desk   *desk.Desk
	Key    cms.Key // of the centre, for receipts
	Limits Limits
	Log    *slog.Logger // nil: none
}

// Server answers requests. It is safe for concurrent use.
type Server struct {
	o       Options
	bundle  bundles
	clients limiter
	slots   chan struct{} // of requests that are answered at once
	loads   chan struct{} // of bundles on their way, which slow lines draw out
	metrics *metrics
	handler http.Handler
}

// New makes the endpoint.
func New(o Options) *Server {
	o.Limits = o.Limits.filled()
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	s := &Server{o: o, slots: make(chan struct{}, o.Limits.Concurrent), loads: make(chan struct{}, o.Limits.Concurrent), metrics: newMetrics(),
		clients: limiter{rate: o.Limits.PerSecond, burst: float64(o.Limits.Burst)}, bundle: bundles{desk: o.Desk}}
	mux := http.NewServeMux()
	for _, route := range []struct {
		name, pattern string
		slots         chan struct{} // nil: without limit, and without a client certificate
		do            func(http.ResponseWriter, *http.Request) error
	}{
		{"verifications", "POST /v1/verifications", s.slots, s.verify},
		{"status", "GET /v1/seals/{id}/status", s.slots, s.status},
		{"bundle", "GET /v1/bundles/latest", s.loads, s.latest},
		{"checkpoints", "POST /v1/register/checkpoints", s.slots, s.checkpoint},
		{"healthz", "GET /healthz", nil, s.health},
		{"metrics", "GET /metrics", s.slots, s.figures},
	} {
		mux.Handle(route.pattern, s.wrap(route.name, route.slots, route.do))
	}
	s.handler = unrouted(mux)
	return s
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Close lets the open bundle go, after the last request.
func (s *Server) Close() error { return s.bundle.close() }

// Times of a connection. A bundle may take longer; its handler says so.
const (
	headerTime = 5 * time.Second
	readTime   = 20 * time.Second
	writeTime  = 40 * time.Second
	idleTime   = 2 * time.Minute
	bundleTime = 15 * time.Minute
)

// connection is the key of a request's network connection in its context.
type connection struct{}

// HTTP is the http.Server around the endpoint, with its limits of time and size.
func (s *Server) HTTP() *http.Server {
	return &http.Server{Handler: s, ReadHeaderTimeout: headerTime, ReadTimeout: readTime, WriteTimeout: writeTime, IdleTimeout: idleTime,
		MaxHeaderBytes: 16 << 10, ErrorLog: slog.NewLogLogger(s.o.Log.Handler(), slog.LevelDebug),
		ConnContext: func(ctx context.Context, c net.Conn) context.Context { return context.WithValue(ctx, connection{}, c) }}
}

// peer is the fingerprint of the client's certificate; empty without one.
func peer(r *http.Request) string {
	if r.TLS != nil && len(r.TLS.PeerCertificates) > 0 {
		return authority.ClientFingerprint(r.TLS.PeerCertificates[0].Raw)
	}
	if c, ok := r.Context().Value(connection{}).(*tlcp.Conn); ok {
		if path := c.PeerPath(); len(path) > 0 {
			return authority.ClientFingerprint(path[0].Raw)
		}
	}
	return ""
}

// unrouted answers unknown paths and methods as problems too.
func unrouted(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, pattern := mux.Handler(r); pattern != "" {
			mux.ServeHTTP(w, r)
			return
		}
		for _, m := range []string{http.MethodGet, http.MethodPost} {
			other := r.Clone(r.Context())
			other.Method = m
			if _, pattern := mux.Handler(other); pattern != "" && m != r.Method {
				w.Header().Set("Allow", m)
				newProblem(http.StatusMethodNotAllowed, "method_not_allowed", "the path exists, the method does not").write(w)
				return
			}
		}
		newProblem(http.StatusNotFound, "not_found", "no such path").write(w)
	})
}

// health says whether the registry answers.
func (s *Server) health(w http.ResponseWriter, r *http.Request) error {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	if err := s.o.Desk.Store.Ping(ctx); err != nil {
		return errors.Join(errStore, err)
	}
	return writeJSON(w, http.StatusOK, map[string]string{"status": "ok"})
}
