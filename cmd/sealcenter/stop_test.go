package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log/slog"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"sealdesk/cmd/sealcenter/internal/authority"
	"sealdesk/cmd/sealcenter/internal/centretest"
	"sealdesk/cmd/sealcenter/internal/server"
)

// TestStop_underLoad: asked to end under load, the program answers what is under way, and ends with 0.
func TestStop_underLoad(t *testing.T) {
	o := newOffice(t, "")
	p := o.serve(t)
	receipts, _ := o.load(t, p, 8, 16, func() { _ = p.cmd.Process.Signal(syscall.SIGTERM) })
	select {
	case err := <-p.done:
		if err != nil {
			t.Fatalf("%v\n%s", err, p.stderr)
		}
	case <-time.After(2 * time.Minute):
		t.Fatal("serve does not stop")
	}
	store := centretest.Store(t, o.target())
	for id := range receipts {
		if _, err := store.Verification(t.Context(), id); err != nil {
			t.Error(err)
		}
	}
	if len(receipts) < 16 {
		t.Errorf("only %d requests were answered", len(receipts))
	}
}

// TestStop_cutsOff: a request that does not come to its end within the patience is cut off, which is no failure of the program.
func TestStop_cutsOff(t *testing.T) {
	o := newOffice(t, "")
	a := &app{ctx: t.Context(), cli: &cli{Dir: filepath.Join(o.dir, "centre"), DB: o.target()}}
	x, err := a.open()
	if err != nil {
		t.Fatal(err)
	}
	defer x.close()
	key, err := x.Authority.Entity(authority.Centre)
	if err != nil {
		t.Fatal(err)
	}
	l, err := (&serveCmd{Listen: "127.0.0.1:0"}).listen(x)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ended := make(chan error, 1)
	go func() {
		ended <- l.serve(ctx, server.New(server.Options{Desk: x.Desk, Key: key}), slog.New(slog.DiscardHandler), 100*time.Millisecond)
	}()
	own, err := tls.LoadX509KeyPair(filepath.Join(o.dir, "tls", "client.crt"), filepath.Join(o.dir, "tls", "client.key"))
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(readFile(t, filepath.Join(o.dir, "tls", "ca.crt")))
	conn, err := tls.Dial("tcp", l.tls.Addr().String(), &tls.Config{RootCAs: roots, Certificates: []tls.Certificate{own}})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	// The server asks for the body, and so is at work on the request; the body never comes.
	fmt.Fprint(conn, "POST /v1/verifications HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n")
	if _, err := bufio.NewReader(conn).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
