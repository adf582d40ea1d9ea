package tlcp_test

import (
	"bytes"
	"context"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"

	"github.com/tjfoc/gmsm/gmtls"
	tjfoc "github.com/tjfoc/gmsm/x509"

	"sealdesk/pdfseal/gm/tlcp"
)

// pair loads certificate and key the way of the library.
func pair(t *testing.T, h holder) gmtls.Certificate {
	t.Helper()
	key, err := tlcp.EncodeKey(h.key)
	if err != nil {
		t.Fatal(err)
	}
	c, err := gmtls.GMX509KeyPairsSingle(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: h.der}), key)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (o *office) pool(t *testing.T) *tjfoc.CertPool {
	t.Helper()
	p := tjfoc.NewCertPool()
	if !p.AppendCertsFromPEM(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: o.root.der})) {
		t.Fatal("the library refuses the root")
	}
	return p
}

// TestClient_serverOfTheLibrary talks to the library's own server, with its
// own keys and its own check of the client's certificate.
func TestClient_serverOfTheLibrary(t *testing.T) {
	o := newOffice(t)
	for name, auth := range map[string]gmtls.ClientAuthType{"no client certificate": gmtls.NoClientCert, "client certificate": gmtls.RequireAnyClientCert} {
		t.Run(name, func(t *testing.T) {
			l, err := gmtls.Listen("tcp", "127.0.0.1:0", &gmtls.Config{GMSupport: gmtls.NewGMSupport(), Time: now, ClientAuth: auth, ClientCAs: o.pool(t),
				Certificates: []gmtls.Certificate{pair(t, o.sign), pair(t, o.encrypt)}})
			if err != nil {
				t.Fatal(err)
			}
			server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				b, _ := io.ReadAll(r.Body)
				fmt.Fprintf(w, "%s %d", r.URL.Path, len(b))
			})}
			go server.Serve(l)
			t.Cleanup(func() { server.Close() })
			conn, err := dial(t, l.Addr().String(), o.clientConfig(t))
			if err != nil {
				t.Fatal(err)
			}
			req, err := http.NewRequest(http.MethodPost, "http://centre.test/v1/x", bytes.NewReader(make([]byte, 100_000)))
			if err != nil {
				t.Fatal(err)
			}
			answer := roundTrip(t, conn, req)
			if answer != "/v1/x 100000" {
				t.Errorf("answer %q", answer)
			}
		})
	}
}

func roundTrip(t *testing.T, conn net.Conn, req *http.Request) string {
	t.Helper()
	transport := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) { return conn, nil }}
	defer transport.CloseIdleConnections()
	resp, err := transport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestServer_clientOfTheLibrary: the library's own client is served.
func TestServer_clientOfTheLibrary(t *testing.T) {
	o := newOffice(t)
	own := pair(t, o.client)
	conn, err := gmtls.Dial("tcp", echo(t, o.server(t)), &gmtls.Config{GMSupport: gmtls.NewGMSupport(), Time: now, RootCAs: o.pool(t), ServerName: "centre.test",
		GetClientCertificate: func(*gmtls.CertificateRequestInfo) (*gmtls.Certificate, error) { return &own, nil }})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte("印章")); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 6)
	if _, err := io.ReadFull(conn, b); err != nil || string(b) != "印章" {
		t.Fatalf("%q, %v", b, err)
	}
}

// TestServer_http serves over net/http and names the client.
func TestServer_http(t *testing.T) {
	o := newOffice(t)
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l, err := tlcp.NewListener(inner, o.server(t))
	if err != nil {
		t.Fatal(err)
	}
	type key struct{}
	server := &http.Server{
		ConnContext: func(ctx context.Context, c net.Conn) context.Context { return context.WithValue(ctx, key{}, c) },
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, r.Context().Value(key{}).(*tlcp.Conn).PeerPath()[0].SubjectCN)
		}),
	}
	go server.Serve(l)
	t.Cleanup(func() { server.Close() })
	conn, err := dial(t, inner.Addr().String(), o.clientConfig(t))
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequest(http.MethodGet, "http://centre.test/", nil)
	if err != nil {
		t.Fatal(err)
	}
	if who := roundTrip(t, conn, req); who != "client" {
		t.Errorf("client %q", who)
	}
}
