package main

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"sealdesk/cmd/sealcenter/internal/server"
)

// stopTime is how long requests under way may take when the program is asked to stop.
const stopTime = 20 * time.Second

// listeners are what the endpoint is reached by.
type listeners struct {
	tls    net.Listener
	tlcp   net.Listener // nil: none
	config *tls.Config
}

func (c *serveCmd) listen(x *centre) (*listeners, error) {
	address := func(flag, setting string) string {
		if flag != "" {
			return flag
		}
		return setting
	}
	cfg, err := x.Authority.ServerTLS()
	if err != nil {
		return nil, err
	}
	l := &listeners{config: cfg}
	where := address(c.Listen, x.config.Serve.Listen)
	if l.tls, err = net.Listen("tcp", where); err != nil {
		return nil, situated("listen", "Address", where, "Detail", err.Error())
	}
	if where = address(c.TLCPListen, x.config.Serve.TLCPListen); where == "" {
		return l, nil
	}
	inner, err := net.Listen("tcp", where)
	if err != nil {
		return nil, errors.Join(situated("listen", "Address", where, "Detail", err.Error()), l.tls.Close())
	}
	if l.tlcp, err = x.Authority.ListenTLCP(inner); err != nil {
		return nil, errors.Join(err, inner.Close(), l.tls.Close())
	}
	return l, nil
}

func (l *listeners) tlcpAddress() string {
	if l.tlcp == nil {
		return ""
	}
	return l.tlcp.Addr().String()
}

func (l *listeners) close() error {
	err := l.tls.Close()
	if l.tlcp != nil {
		err = errors.Join(err, l.tlcp.Close())
	}
	return err
}

// serve answers until ctx ends, then lets what is under way come to its end, for so long.
func (l *listeners) serve(ctx context.Context, s *server.Server, log *slog.Logger, patience time.Duration) error {
	h := s.HTTP()
	h.TLSConfig = l.config
	failed := make(chan error, 2)
	var running sync.WaitGroup
	running.Go(func() { failed <- h.ServeTLS(l.tls, "", "") })
	if l.tlcp != nil {
		running.Go(func() { failed <- h.Serve(l.tlcp) })
	}
	var err error
	select {
	case err = <-failed:
	case <-ctx.Done():
		log.Info("stopping")
	}
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	switch e := h.Shutdown(stop); {
	case errors.Is(e, context.DeadlineExceeded): // nothing that was confirmed is lost by it
		log.Warn("requests were cut off")
		err = errors.Join(err, h.Close())
	case e != nil:
		err = errors.Join(err, e, h.Close())
	}
	running.Wait()
	if errors.Is(err, http.ErrServerClosed) {
		err = nil
	}
	log.Info("stopped")
	return errors.Join(err, s.Close())
}
