package center_test

import (
	"bufio"
	"context"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"sealdesk/pdfseal/center"
)

// silent is a server that accepts connections and says nothing.
func silent(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var open []net.Conn
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			open = append(open, c)
		}
	}()
	t.Cleanup(func() {
		l.Close()
		<-done
		for _, c := range open {
			c.Close()
		}
	})
	return l.Addr().String()
}

// plain is a server of the network that answers every connection with the bytes given.
func plain(t *testing.T, answer string) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = bufio.NewReader(c).ReadByte()
			_, _ = io.WriteString(c, answer)
			c.Close()
		}
	}()
	return l.Addr().String()
}

// stuck waits until the client is gone, which a server sees only after the request's body.
func stuck(r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	<-r.Context().Done()
}

// dribble sends a byte now and then.
func dribble(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	w.Header().Set("Content-Type", "application/json")
	for r.Context().Err() == nil {
		if _, err := io.WriteString(w, " "); err != nil {
			return
		}
		_ = http.NewResponseController(w).Flush()
		time.Sleep(20 * time.Millisecond)
	}
}

func TestFault_certificate(t *testing.T) {
	noLeak(t)
	o := newOffice(t)
	day := 24 * time.Hour
	period := func(from, until time.Duration) func(*pair) *pair {
		return func(ca *pair) *pair {
			return serverCert(t, ca, func(c *x509.Certificate) { c.NotBefore, c.NotAfter = time.Now().Add(from), time.Now().Add(until) })
		}
	}
	shift := func(d time.Duration) func() time.Time { return func() time.Time { return time.Now().Add(d) } }
	cases := map[string]struct {
		cert func(*pair) *pair
		now  func() time.Time
		kind center.Kind
	}{
		"other authority": {func(*pair) *pair { return serverCert(t, newCA(t), nil) }, nil, center.KindAuthority},
		"self-signed":     {func(*pair) *pair { return serverCert(t, nil, nil) }, nil, center.KindAuthority},
		"other name": {func(ca *pair) *pair {
			return serverCert(t, ca, func(c *x509.Certificate) { c.IPAddresses, c.DNSNames = nil, []string{"other.test"} })
		}, nil, center.KindName},
		"not for a server": {func(ca *pair) *pair {
			return serverCert(t, ca, func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} })
		}, nil, center.KindUsage},
		"expired":                     {period(-2*day, -time.Hour), nil, center.KindExpired},
		"not yet valid":               {period(time.Hour, day), nil, center.KindNotYetValid},
		"expired, other authority":    {func(*pair) *pair { return period(-2*day, -time.Hour)(newCA(t)) }, nil, center.KindAuthority},
		"clock a week ahead":          {nil, shift(7 * day), center.KindClock},
		"clock a day back":            {nil, shift(-day), center.KindClock},
		"clock a day ahead, in time":  {nil, shift(day), center.KindClock},
		"clock ten minutes back":      {nil, shift(-10 * time.Minute), center.KindClock},
		"clock a minute back is fine": {nil, shift(-time.Minute), ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, c.cert, honest(t, o), nil)
			s.options.Now = c.now
			_, err := open(t, s.options).Status(t.Context(), "15042900000001", digest(nil), digest(nil))
			if kindOf(err) != c.kind {
				t.Fatalf("got %v, want %s", err, c.kind)
			}
			var e *center.Error
			if errors.As(err, &e) && e.Kind == center.KindClock && (e.Skew > 0) != (c.now().Before(time.Now())) {
				t.Errorf("the clock is off by %v", e.Skew)
			}
		})
	}
}

// TestFault_clockLosesNothing: the answer to a verification is taken whatever this computer's clock says.
func TestFault_clockLosesNothing(t *testing.T) {
	o := newOffice(t)
	s := newSite(t, nil, honest(t, o), nil)
	s.options.Now = func() time.Time { return time.Now().Add(24 * time.Hour) }
	a, err := open(t, s.options).Verify(t.Context(), o.request())
	if err != nil || a.Skew > -23*time.Hour {
		t.Fatalf("%+v, %v", a, err)
	}
	if _, err := open(t, s.options).Probe(t.Context()); kindOf(err) != center.KindClock {
		t.Errorf("probe: %v", err)
	}
}

func TestFault_connection(t *testing.T) {
	noLeak(t)
	ca := newCA(t)
	cases := map[string]struct {
		url  string
		kind center.Kind
	}{
		"nobody listens":  {"https://127.0.0.1:1", center.KindUnreachable},
		"unknown name":    {"https://no-such-host.invalid", center.KindUnreachable},
		"plain HTTP":      {"https://" + plain(t, "HTTP/1.1 400 Bad Request\r\n\r\n"), center.KindProtocol},
		"hangs up":        {"https://" + plain(t, ""), center.KindHalf},
		"says nothing":    {"https://" + silent(t), center.KindSlow},
		"handshake alert": {"https://" + plain(t, "\x15\x03\x01\x00\x02\x02\x28"), center.KindProtocol},
	}
	for name, c := range cases {
		for _, transport := range []string{center.TransportTLS, center.TransportTLCP} {
			t.Run(name+" "+transport, func(t *testing.T) {
				t.Parallel()
				options := center.Options{CA: ca.cert}
				if transport == center.TransportTLCP {
					options = tlcpSite(t, http.NotFoundHandler(), nil)
				}
				options.URL, options.Timeout = c.url, patience
				if c.kind == center.KindSlow {
					options.Timeout = 1500 * time.Millisecond
				}
				start := time.Now()
				_, err := open(t, options).Status(t.Context(), "1", zero, zero)
				if kindOf(err) != c.kind {
					t.Errorf("got %v, want %s", err, c.kind)
				}
				if d := time.Since(start); d > time.Minute {
					t.Errorf("took %v", d)
				}
			})
		}
	}
}

// TestCancel: wherever the client waits, cancelling ends it at once.
func TestCancel(t *testing.T) {
	noLeak(t)
	o := newOffice(t)
	ca := newCA(t)
	hang := newSite(t, nil, handler(func(_ http.ResponseWriter, r *http.Request) { stuck(r) }), nil)
	drip := newSite(t, nil, handler(dribble), nil)
	busy := newSite(t, nil, handler(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "5")
		sendProblem(w, 503, "busy")
	}), nil)
	overTLCP := tlcpSite(t, handler(func(_ http.ResponseWriter, r *http.Request) { stuck(r) }), nil)
	mute := overTLCP
	mute.URL = "https://" + silent(t)
	cases := map[string]center.Options{
		"handshake":      {URL: "https://" + silent(t), CA: ca.cert},
		"TLCP handshake": mute,
		"proxy":          {URL: "https://centre.test", CA: ca.cert, Proxy: "http://" + silent(t)},
		"headers":        hang.options,
		"TLCP headers":   overTLCP,
		"body":           drip.options,
		"between tries":  busy.options,
	}
	for name, options := range cases {
		t.Run(name, func(t *testing.T) {
			options.Timeout = patience
			c := open(t, options)
			for what, run := range map[string]func(context.Context) error{
				"status": func(ctx context.Context) error { _, err := c.Status(ctx, "1", zero, zero); return err },
				"verify": func(ctx context.Context) error { _, err := c.Verify(ctx, o.request()); return err },
				"bundle": func(ctx context.Context) error { _, _, err := c.Bundle(ctx, io.Discard, 0); return err },
			} {
				if name == "body" && what == "bundle" {
					continue // refused for its content type before the body
				}
				ctx, cancel := context.WithCancel(t.Context())
				var at time.Time
				timer := time.AfterFunc(150*time.Millisecond, func() { at = time.Now(); cancel() })
				err := run(ctx)
				late := time.Since(at)
				timer.Stop()
				cancel()
				if !errors.Is(err, context.Canceled) {
					t.Fatalf("%s: %v", what, err)
				}
				t.Logf("%s: %v after the cancel", what, late) // the goal is 100 ms
				if late > patience/2 {
					t.Errorf("%s: %v after the cancel", what, late)
				}
			}
		})
	}
}

func TestError_situations(t *testing.T) {
	seen := map[string]bool{}
	for _, k := range center.Kinds() {
		key, data := (&center.Error{Kind: k, Host: "h", Skew: -25 * time.Hour}).Situation()
		if !strings.HasPrefix(key, "center.") || seen[key] || data["Host"] != "h" || data["Offset"] != "-25:00" {
			t.Errorf("%s: %s %v", k, key, data)
		}
		seen[key] = true
	}
	if len(seen) < 20 {
		t.Errorf("only %d situations", len(seen))
	}
}
