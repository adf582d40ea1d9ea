package center_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sealdesk/pdfseal/center"
	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/gm/tlcp"
)

// honest is a centre that answers everything.
func honest(t testing.TB, o *office) http.Handler {
	m := http.NewServeMux()
	m.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { sendJSON(w, map[string]string{"status": "ok"}) })
	m.HandleFunc("GET /v1/seals/{id}/status", func(w http.ResponseWriter, r *http.Request) {
		if r.PathValue("id") != "15042900000001" || len(r.URL.Query().Get("sealSM3")) != 64 || len(r.URL.Query().Get("signerSM3")) != 64 {
			sendProblem(w, http.StatusNotFound, "seal_unknown")
			return
		}
		sendJSON(w, honestStatus())
	})
	m.HandleFunc("POST /v1/verifications", func(w http.ResponseWriter, r *http.Request) {
		var in struct {
			RequestID, DataHash string
			Signature           []byte
		}
		d := json.NewDecoder(r.Body)
		d.DisallowUnknownFields()
		if err := d.Decode(&in); err != nil || in.RequestID != requestID || in.DataHash != digest([]byte("a")) {
			sendProblem(w, http.StatusBadRequest, "bad")
			return
		}
		sendJSON(w, o.answer(t, in.Signature, nil))
	})
	m.HandleFunc("GET /v1/bundles/latest", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"7"`)
		if r.Header.Get("If-None-Match") == `"7"` {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		w.Header().Set("Content-Type", "application/octet-stream")
		io.WriteString(w, strings.Repeat("bundle ", 100_000))
	})
	m.HandleFunc("POST /v1/register/checkpoints", func(w http.ResponseWriter, r *http.Request) {
		var in struct{ Checkpoint []byte }
		if json.NewDecoder(r.Body).Decode(&in) != nil || string(in.Checkpoint) != "signed" {
			sendProblem(w, http.StatusConflict, "fork")
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusCreated)
		_ = json.NewEncoder(w).Encode(map[string]any{"register": digest([]byte("r")), "size": 3})
	})
	return m
}

// everything uses each operation once against an honest centre.
func everything(t *testing.T, c *center.Client, o *office) {
	t.Helper()
	ctx := t.Context()
	s, err := c.Status(ctx, "15042900000001", digest([]byte("seal")), digest([]byte("cert")))
	if err != nil || s.Status != "in-force" || s.SignerStatus != "good" || s.Bundle != 7 || s.Since.Year() != 2026 {
		t.Fatalf("status: %+v, %v", s, err)
	}
	if _, err := c.Status(ctx, "../x y?", digest(nil), digest(nil)); kindOf(err) != center.KindUnknownSeal {
		t.Errorf("unknown seal: %v", err)
	}
	a, err := c.Verify(ctx, o.request())
	if err != nil || a.Verdict != "valid" || a.Signed.ID != "R-1" || len(a.Certificates) != 1 || a.Bundle != 7 {
		t.Fatalf("verify: %+v, %v", a, err)
	}
	var b bytes.Buffer
	if n, changed, err := c.Bundle(ctx, &b, 6); err != nil || n != 7 || !changed || b.Len() != 700_000 {
		t.Errorf("bundle: %d %v %d bytes, %v", n, changed, b.Len(), err)
	}
	if n, changed, err := c.Bundle(ctx, io.Discard, 7); err != nil || n != 7 || changed {
		t.Errorf("same bundle: %d %v, %v", n, changed, err)
	}
	if err := c.Checkpoint(ctx, []byte("signed")); err != nil {
		t.Errorf("checkpoint: %v", err)
	}
	if err := c.Checkpoint(ctx, []byte("other")); kindOf(err) != center.KindConflict {
		t.Errorf("fork: %v", err)
	}
	h, err := c.Probe(ctx)
	if err != nil || h.Subject == "" || h.NotAfter.IsZero() || h.Protocol == "" {
		t.Errorf("probe: %+v, %v", h, err)
	}
}

func TestClient_TLS(t *testing.T) {
	noLeak(t)
	o := newOffice(t)
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		t.Run(tls.VersionName(version), func(t *testing.T) {
			var client *pair
			s := newSite(t, nil, honest(t, o), func(s *httptest.Server) {
				ca := newCA(t)
				client = issue(t, ca, func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} })
				s.TLS.ClientCAs = x509.NewCertPool()
				s.TLS.ClientCAs.AddCert(ca.leaf)
				s.TLS.ClientAuth, s.TLS.MaxVersion = tls.RequireAndVerifyClientCert, version
			})
			s.options.Certificate, s.options.Key = client.cert, client.key
			everything(t, open(t, s.options), o)
			s.options.Certificate, s.options.Key = nil, nil
			if _, err := open(t, s.options).Status(t.Context(), "1", zero, zero); kindOf(err) != center.KindClientCertificate {
				t.Errorf("without certificate: %v", err)
			}
			stranger := newCA(t)
			s.options.Certificate, s.options.Key = stranger.cert, stranger.key
			if _, err := open(t, s.options).Status(t.Context(), "1", zero, zero); kindOf(err) != center.KindClientCertificate {
				t.Errorf("with the certificate of another authority: %v", err)
			}
		})
	}
}

// tlcpSite is an honest centre over TLCP with a client certificate.
func tlcpSite(t *testing.T, h http.Handler, change func(*tlcp.ServerConfig)) center.Options {
	t.Helper()
	now := time.Now()
	make := func(name string, by []byte, byKey *gm.PrivateKey, tpl gm.CertificateTemplate) (*gm.PrivateKey, []byte) {
		key, err := gm.GenerateKey(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		tpl.CommonName, tpl.NotBefore, tpl.NotAfter = name, now.Add(-time.Hour), now.AddDate(1, 0, 0)
		var issuer *gm.Certificate
		if by == nil {
			byKey = key
		} else if issuer, err = gm.ParseCertificate(by); err != nil {
			t.Fatal(err)
		}
		der, err := gm.CreateCertificate(tpl, key.Public(), issuer, byKey)
		if err != nil {
			t.Fatal(err)
		}
		return key, der
	}
	names := []gm.Extension{tlcp.Names("127.0.0.1")}
	rootKey, root := make("root", nil, nil, gm.CertificateTemplate{IsCA: true, KeyUsage: gm.KeyUsageKeyCertSign})
	signKey, sign := make("centre", root, rootKey, gm.CertificateTemplate{KeyUsage: gm.KeyUsageDigitalSignature, Extensions: names})
	cryptKey, crypt := make("centre", root, rootKey, gm.CertificateTemplate{KeyUsage: gm.KeyUsageKeyEncipherment, Extensions: names})
	ownKey, own := make("client", root, rootKey, gm.CertificateTemplate{KeyUsage: gm.KeyUsageDigitalSignature})
	ca, err := gm.ParseCertificate(root)
	if err != nil {
		t.Fatal(err)
	}
	config := tlcp.ServerConfig{SigningCertificate: sign, EncryptionCertificate: crypt, SigningKey: signKey, EncryptionKey: cryptKey, ClientRoots: []*gm.Certificate{ca}}
	if change != nil {
		change(&config)
	}
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l, err := tlcp.NewListener(inner, config)
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: h}
	go server.Serve(l)
	t.Cleanup(func() { server.Close() })
	key, err := tlcp.EncodeKey(ownKey)
	if err != nil {
		t.Fatal(err)
	}
	text := func(der []byte) []byte { return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}) }
	return center.Options{URL: "https://" + inner.Addr().String(), CA: text(root), Certificate: text(own), Key: key, Transport: center.TransportTLCP, Timeout: patience}
}

func TestClient_TLCP(t *testing.T) {
	noLeak(t)
	o := newOffice(t)
	options := tlcpSite(t, honest(t, o), nil)
	everything(t, open(t, options), o)
	later := options
	later.Now = func() time.Time { return time.Now().AddDate(2, 0, 0) }
	if _, err := open(t, later).Status(t.Context(), "1", zero, zero); kindOf(err) != center.KindClock {
		t.Errorf("two years ahead: %v", err)
	}
	other := options
	other.CA = tlcpSite(t, honest(t, o), nil).CA
	if _, err := open(t, other).Status(t.Context(), "1", zero, zero); kindOf(err) != center.KindAuthority {
		t.Errorf("other root: %v", err)
	}
	name := options
	name.URL = strings.Replace(options.URL, "127.0.0.1", "localhost", 1)
	if _, err := open(t, name).Status(t.Context(), "1", zero, zero); kindOf(err) != center.KindName {
		t.Errorf("other name: %v", err)
	}
	bare := options
	bare.Certificate, bare.Key = nil, nil
	if _, err := open(t, bare).Status(t.Context(), "1", zero, zero); kindOf(err) != center.KindClientCertificate {
		t.Errorf("without certificate: %v", err)
	}
}

func TestClient_pins(t *testing.T) {
	s := newSite(t, nil, honest(t, newOffice(t)), nil)
	for _, key := range [][]byte{s.ca.leaf.RawSubjectPublicKeyInfo, s.Certificate().RawSubjectPublicKeyInfo} {
		sum := sha256.Sum256(key)
		s.options.Pins = []string{"sha256:" + strings.Repeat("0", 64), "sha256:" + hex.EncodeToString(sum[:])}
		if _, err := open(t, s.options).Probe(t.Context()); err != nil {
			t.Error(err)
		}
	}
	s.options.Pins = s.options.Pins[:1]
	if _, err := open(t, s.options).Probe(t.Context()); kindOf(err) != center.KindPin {
		t.Errorf("got %v", err)
	}
}

func TestNew_refusedSettings(t *testing.T) {
	ca, client := newCA(t), newCA(t)
	good := center.Options{URL: "https://centre.test/base", CA: ca.cert}
	if _, err := center.New(good); err != nil {
		t.Fatal(err)
	}
	cases := map[string]func(*center.Options){
		"no address":      func(o *center.Options) { o.URL = "" },
		"http":            func(o *center.Options) { o.URL = "http://centre.test" },
		"user in address": func(o *center.Options) { o.URL = "https://a@centre.test" },
		"query":           func(o *center.Options) { o.URL = "https://centre.test/?a" },
		"no authority":    func(o *center.Options) { o.CA = nil },
		"CA is garbage":   func(o *center.Options) { o.CA = []byte("x") },
		"key missing":     func(o *center.Options) { o.Certificate = client.cert },
		"other key":       func(o *center.Options) { o.Certificate, o.Key = client.cert, ca.key },
		"pin":             func(o *center.Options) { o.Pins = []string{"sha256:12"} },
		"pin hash":        func(o *center.Options) { o.Pins = []string{"sha1:" + strings.Repeat("0", 64)} },
		"proxy":           func(o *center.Options) { o.Proxy = "socks5://p" },
		"proxy path":      func(o *center.Options) { o.Proxy = "http://p/x" },
		"transport":       func(o *center.Options) { o.Transport = "quic" },
		"timeout":         func(o *center.Options) { o.Timeout = -1 },
		"TLCP with ECDSA": func(o *center.Options) { o.Transport = center.TransportTLCP },
	}
	for name, change := range cases {
		o := good
		change(&o)
		if _, err := center.New(o); kindOf(err) != center.KindSettings {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// connectProxy tunnels to anywhere and counts.
func connectProxy(t *testing.T, want string, used *atomic.Int32) string {
	s := httptest.NewServer(handler(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodConnect || r.Header.Get("Proxy-Authorization") != want {
			w.WriteHeader(http.StatusProxyAuthRequired)
			return
		}
		used.Add(1)
		to, err := net.Dial("tcp", r.Host)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		defer to.Close()
		from, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			return
		}
		defer from.Close()
		fmt.Fprint(from, "HTTP/1.1 200 OK\r\n\r\n")
		go func() {
			_, _ = io.Copy(to, from)
			to.Close()
		}()
		_, _ = io.Copy(from, to)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func TestClient_proxy(t *testing.T) {
	noLeak(t)
	o := newOffice(t)
	var used atomic.Int32
	proxy := connectProxy(t, "Basic dTpw", &used)
	s := newSite(t, nil, honest(t, o), nil)
	for name, options := range map[string]center.Options{"TLS": s.options, "TLCP": tlcpSite(t, honest(t, o), nil)} {
		used.Store(0)
		options.Proxy = strings.Replace(proxy, "://", "://u:p@", 1)
		everything(t, open(t, options), o)
		if used.Load() == 0 {
			t.Errorf("%s: the proxy was not used", name)
		}
		options.Proxy = proxy
		if _, err := open(t, options).Probe(t.Context()); kindOf(err) != center.KindProxy {
			t.Errorf("%s, no password: %v", name, err)
		}
		options.Proxy = "http://127.0.0.1:1"
		if _, err := open(t, options).Probe(t.Context()); kindOf(err) != center.KindProxy {
			t.Errorf("%s, no proxy there: %v", name, err)
		}
	}
}

// TestClient_environmentIgnored: the environment names a proxy, and nobody asks it.
func TestClient_environmentIgnored(t *testing.T) {
	var used atomic.Int32
	proxy := connectProxy(t, "", &used)
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "https_proxy", "http_proxy", "all_proxy"} {
		t.Setenv(name, proxy)
	}
	t.Setenv("NO_PROXY", "")
	t.Setenv("SSL_CERT_FILE", "/nonexistent")
	s := newSite(t, nil, honest(t, newOffice(t)), nil)
	if _, err := open(t, s.options).Probe(t.Context()); err != nil {
		t.Fatal(err)
	}
	if used.Load() != 0 {
		t.Error("the proxy of the environment was asked")
	}
}

// TestClient_retries counts how often a centre is asked.
func TestClient_retries(t *testing.T) {
	o := newOffice(t)
	var bodies []string
	fault := func(w http.ResponseWriter) {}
	s := newSite(t, nil, handler(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		bodies = append(bodies, string(b))
		if len(bodies) < 3 {
			fault(w)
			return
		}
		sendJSON(w, o.answer(t, o.first, nil))
	}), nil)
	cases := map[string]struct {
		fault func(http.ResponseWriter)
		asked int
		kind  center.Kind
	}{
		"busy":    {func(w http.ResponseWriter) { sendProblem(w, 503, "busy") }, 3, ""},
		"gateway": {func(w http.ResponseWriter) { w.WriteHeader(502) }, 3, ""},
		"half": {func(w http.ResponseWriter) {
			w.Header().Set("Content-Length", "100")
			w.Header().Set("Content-Type", "application/json")
			io.WriteString(w, "{")
		}, 3, ""},
		"hung up": {func(http.ResponseWriter) { panic(http.ErrAbortHandler) }, 3, ""},
		"refused": {func(w http.ResponseWriter) { sendProblem(w, 400, "bad") }, 1, center.KindRefused},
		"garbage": {func(w http.ResponseWriter) { io.WriteString(w, "<html>") }, 1, center.KindGarbage},
		"fault":   {func(w http.ResponseWriter) { sendProblem(w, 500, "oops") }, 1, center.KindFault},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			bodies, fault = nil, c.fault
			_, err := open(t, s.options).Verify(t.Context(), o.request())
			if kindOf(err) != c.kind || len(bodies) != c.asked {
				t.Fatalf("asked %d times, %v", len(bodies), err)
			}
			if len(slices.Compact(bodies)) != 1 {
				t.Error("the repetitions differ")
			}
		})
	}
}

func TestVerify_refusedRequests(t *testing.T) {
	o := newOffice(t)
	c := open(t, center.Options{URL: "https://127.0.0.1:1", CA: newCA(t).cert})
	for name, change := range map[string]func(*center.Request){
		"no UUID":      func(r *center.Request) { r.RequestID = "1" },
		"no signature": func(r *center.Request) { r.Signature = nil },
		"padding":      func(r *center.Request) { r.Signature = append(slices.Clone(r.Signature), 0, 0) },
	} {
		r := o.request()
		change(&r)
		if _, err := c.Verify(context.Background(), r); err == nil || kindOf(err) != "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}
