package server

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/uuid"

	"sealdesk/cmd/sealcenter/internal/authority"
	"sealdesk/cmd/sealcenter/internal/centretest"
	"sealdesk/pdfseal/cms"
	"sealdesk/pdfseal/gm"
)

// bench is an endpoint on loopback with a seal, and clients of every kind.
type bench struct {
	*centretest.Centre
	custodian *centretest.Custodian
	endpoint  *httptest.Server
	server    *Server
	key       *switchKey

	good, disabled, unknown, none *http.Client
}

// switchKey is the centre's key, which a test can break.
type switchKey struct {
	cms.Key
	broken error
}

func (k *switchKey) Certificate() []byte {
	if k.broken != nil {
		return nil
	}
	return k.Key.Certificate()
}

// newBench makes the endpoint; without a bundle where that is asked for.
func newBench(t *testing.T, target string, l Limits, withBundle bool) *bench {
	t.Helper()
	b := &bench{Centre: centretest.New(t, target)}
	b.custodian = b.Issue(t, nil)
	if withBundle {
		b.Bundle(t)
	}
	entity, err := b.Authority.Entity(authority.Centre)
	if err != nil {
		t.Fatal(err)
	}
	b.key = &switchKey{Key: entity}
	b.server = New(Options{Desk: b.Desk, Key: b.key, Limits: l})
	b.endpoint = httptest.NewUnstartedServer(nil)
	b.endpoint.Config = b.server.HTTP()
	if b.endpoint.TLS, err = b.Authority.ServerTLS(); err != nil {
		t.Fatal(err)
	}
	b.endpoint.StartTLS()
	t.Cleanup(func() {
		b.endpoint.Close()
		if err := b.server.Close(); err != nil {
			t.Error(err)
		}
	})
	stranger, err := b.Authority.NewClient("无名", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	disabled := b.Client(t, "停用单位")
	if _, err := b.DisableClients(t.Context(), centretest.Order, "停用单位"); err != nil {
		t.Fatal(err)
	}
	b.good, b.disabled, b.unknown = b.client(t, b.Client(t, "测试局")), b.client(t, disabled), b.client(t, stranger)
	b.none = b.client(t, authority.ClientFiles{})
	return b
}

// client is an HTTP client that pins the centre's authority and shows a certificate.
func (b *bench) client(t *testing.T, f authority.ClientFiles) *http.Client {
	t.Helper()
	ca, err := b.Authority.TLSAuthority()
	if err != nil {
		t.Fatal(err)
	}
	cfg := &tls.Config{RootCAs: x509.NewCertPool(), MinVersion: tls.VersionTLS12}
	cfg.RootCAs.AppendCertsFromPEM(ca)
	if f.Certificate != nil {
		pair, err := tls.X509KeyPair(f.Certificate, f.Key)
		if err != nil {
			t.Fatal(err)
		}
		cfg.Certificates = []tls.Certificate{pair}
	}
	tr := &http.Transport{TLSClientConfig: cfg, MaxIdleConnsPerHost: 40}
	t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr, Timeout: 20 * time.Second}
}

func verification(id string, hash [32]byte, sig []byte) string {
	b, err := json.Marshal(map[string]string{"requestId": id, "dataHash": hex.EncodeToString(hash[:]), "signature": base64.StdEncoding.EncodeToString(sig)})
	if err != nil {
		panic(err) // texts can always be written
	}
	return string(b)
}

func newID() string { return uuid.NewString() }

// request makes a request with a body, JSON unless it is empty.
func (b *bench) request(t *testing.T, method, path, body string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, b.endpoint.URL+path, bytes.NewReader([]byte(body)))
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	return r
}

// ask sends a verification and answers status and content.
func (b *bench) ask(t *testing.T, body string) (int, answer, problem) {
	t.Helper()
	resp, err := b.good.Do(b.request(t, http.MethodPost, "/v1/verifications", body))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	var a answer
	var p problem
	if resp.StatusCode == http.StatusOK {
		err = json.Unmarshal(raw, &a)
	} else {
		err = json.Unmarshal(raw, &p)
	}
	if err != nil {
		t.Fatalf("%d: %s", resp.StatusCode, raw)
	}
	return resp.StatusCode, a, p
}

var document = gm.SM3([]byte("a document"))
