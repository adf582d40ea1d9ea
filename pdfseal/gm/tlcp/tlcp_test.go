package tlcp_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"runtime"
	"testing"
	"time"

	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/gm/tlcp"
)

func TestClient_bothSidesCertified(t *testing.T) {
	o := newOffice(t)
	conn, err := dial(t, echo(t, o.server(t)), o.clientConfig(t))
	if err != nil {
		t.Fatal(err)
	}
	if p := conn.PeerPath(); len(p) != 2 || p[0].SubjectCN != "server" {
		t.Errorf("path: %v", p)
	}
	sent := bytes.Repeat([]byte("公章"), 100_000)
	go conn.Write(sent)
	got := make([]byte, len(sent))
	if _, err := io.ReadFull(conn, got); err != nil || !bytes.Equal(got, sent) {
		t.Fatalf("%v, same bytes: %v", err, bytes.Equal(got, sent))
	}
	if err := conn.Close(); err != nil {
		t.Error(err)
	}
}

func TestClient_intermediate(t *testing.T) {
	o := newOffice(t)
	zero := 0
	ca := issue(t, &o.root, gm.CertificateTemplate{CommonName: "sub", IsCA: true, PathLen: &zero, KeyUsage: caUse})
	o.sign = issue(t, &ca, gm.CertificateTemplate{CommonName: "server", KeyUsage: signUse, Extensions: names("centre.test")})
	o.encrypt = issue(t, &ca, gm.CertificateTemplate{CommonName: "server", KeyUsage: encryptUse, Extensions: names("*.test")})
	o.client = issue(t, &ca, gm.CertificateTemplate{CommonName: "client", KeyUsage: signUse})
	s, c := o.server(t), o.clientConfig(t)
	s.Intermediates, c.Certificates = [][]byte{ca.der}, [][]byte{o.client.der, ca.der}
	conn, err := dial(t, echo(t, s), c)
	if err != nil {
		t.Fatal(err)
	}
	if len(conn.PeerPath()) != 3 {
		t.Errorf("path of %d", len(conn.PeerPath()))
	}
}

func TestClient_anonymous(t *testing.T) {
	o := newOffice(t)
	s, c := o.server(t), o.clientConfig(t)
	s.ClientRoots, s.Anonymous = nil, true
	c.Certificates, c.Key = nil, nil
	if _, err := dial(t, echo(t, s), c); err != nil {
		t.Fatal(err)
	}
}

func TestClient_serverCertificateRefused(t *testing.T) {
	o, other := newOffice(t), newOffice(t)
	server := func(tpl gm.CertificateTemplate, use gm.KeyUsage) holder {
		tpl.CommonName, tpl.KeyUsage = "server", use
		if tpl.Extensions == nil {
			tpl.Extensions = names("centre.test")
		}
		return issue(t, &o.root, tpl)
	}
	past := gm.CertificateTemplate{NotBefore: testTime.AddDate(-1, 0, 0), NotAfter: testTime.Add(-time.Hour)}
	future := gm.CertificateTemplate{NotBefore: testTime.Add(time.Hour), NotAfter: testTime.AddDate(1, 0, 0)}
	elsewhere := gm.CertificateTemplate{Extensions: names("other.test")}
	noName := gm.CertificateTemplate{Extensions: []gm.Extension{}}
	cases := map[string]struct {
		sign, encrypt holder
		reason        tlcp.Reason
	}{
		"other root":             {other.sign, other.encrypt, tlcp.ReasonUnknownAuthority},
		"encryption other root":  {o.sign, other.encrypt, tlcp.ReasonUnknownAuthority},
		"expired":                {server(past, signUse), o.encrypt, tlcp.ReasonExpired},
		"encryption expired":     {o.sign, server(past, encryptUse), tlcp.ReasonExpired},
		"not yet valid":          {server(future, signUse), o.encrypt, tlcp.ReasonNotYetValid},
		"other name":             {server(elsewhere, signUse), o.encrypt, tlcp.ReasonName},
		"encryption other name":  {o.sign, server(elsewhere, encryptUse), tlcp.ReasonName},
		"no name":                {server(noName, signUse), o.encrypt, tlcp.ReasonName},
		"signing key encrypts":   {server(gm.CertificateTemplate{}, encryptUse), o.encrypt, tlcp.ReasonUsage},
		"encryption key signs":   {o.sign, server(gm.CertificateTemplate{}, signUse), tlcp.ReasonUsage},
		"authority as server":    {o.root, o.encrypt, tlcp.ReasonUsage},
		"issued by a non-CA":     {issue(t, &o.client, gm.CertificateTemplate{CommonName: "server", KeyUsage: signUse, Extensions: names("centre.test")}), o.encrypt, tlcp.ReasonUnknownAuthority},
		"for client use by name": {server(gm.CertificateTemplate{ExtKeyUsage: []oid{{1, 3, 6, 1, 5, 5, 7, 3, 2}}}, signUse), o.encrypt, tlcp.ReasonUsage},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			s := o.server(t)
			s.SigningCertificate, s.SigningKey, s.EncryptionCertificate, s.EncryptionKey = c.sign.der, c.sign.key, c.encrypt.der, c.encrypt.key
			_, err := dial(t, echo(t, s), o.clientConfig(t))
			var e *tlcp.CertificateError
			if !errors.As(err, &e) || e.Reason != c.reason {
				t.Fatalf("got %v, want %s", err, c.reason)
			}
		})
	}
}

// TestServer_clientRefused looks at what the client is told: the server's own
// error goes to its log.
func TestServer_clientRefused(t *testing.T) {
	o, other := newOffice(t), newOffice(t)
	addr := echo(t, o.server(t))
	cases := map[string]holder{
		"none":       {},
		"other root": other.client,
		"expired":    issue(t, &o.root, gm.CertificateTemplate{CommonName: "client", KeyUsage: signUse, NotBefore: testTime.AddDate(-1, 0, 0), NotAfter: testTime.Add(-time.Hour)}),
		"not for it": issue(t, &o.root, gm.CertificateTemplate{CommonName: "client", KeyUsage: encryptUse}),
	}
	for name, h := range cases {
		t.Run(name, func(t *testing.T) {
			c := o.clientConfig(t)
			c.Certificates, c.Key = nil, nil
			if h.key != nil {
				c.Certificates, c.Key = [][]byte{h.der}, h.key
			}
			if _, err := dial(t, addr, c); err == nil {
				t.Fatal("the server admitted it")
			}
		})
	}
	if _, err := dial(t, addr, o.clientConfig(t)); err != nil {
		t.Fatalf("after the refusals an honest client is refused: %v", err)
	}
}

func TestConfig_refused(t *testing.T) {
	o := newOffice(t)
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer inner.Close()
	for name, change := range map[string]func(*tlcp.ServerConfig){
		"no key":         func(s *tlcp.ServerConfig) { s.EncryptionKey = nil },
		"swapped keys":   func(s *tlcp.ServerConfig) { s.SigningKey, s.EncryptionKey = s.EncryptionKey, s.SigningKey },
		"nobody named":   func(s *tlcp.ServerConfig) { s.ClientRoots = nil },
		"both":           func(s *tlcp.ServerConfig) { s.Anonymous = true },
		"no certificate": func(s *tlcp.ServerConfig) { s.SigningCertificate = nil },
	} {
		s := o.server(t)
		change(&s)
		if _, err := tlcp.NewListener(inner, s); err == nil {
			t.Errorf("server, %s: accepted", name)
		}
	}
	for name, change := range map[string]func(*tlcp.ClientConfig){
		"no root":   func(c *tlcp.ClientConfig) { c.Roots = nil },
		"no name":   func(c *tlcp.ClientConfig) { c.Name = "" },
		"no key":    func(c *tlcp.ClientConfig) { c.Key = nil },
		"other key": func(c *tlcp.ClientConfig) { c.Key = o.sign.key },
	} {
		c := o.clientConfig(t)
		change(&c)
		a, b := net.Pipe()
		if _, err := tlcp.Client(t.Context(), a, c); err == nil {
			t.Errorf("client, %s: accepted", name)
		}
		b.Close()
	}
}

func TestClient_cancelled(t *testing.T) {
	before := runtime.NumGoroutine()
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	raw, err := net.Dial("tcp", silent.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	start := time.Now()
	_, err = tlcp.Client(ctx, raw, newOffice(t).clientConfig(t))
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
	if d := time.Since(start); d > time.Minute {
		t.Errorf("cancelled after %v", d)
	}
	for end := time.Now().Add(time.Minute); runtime.NumGoroutine() > before; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d goroutines, %d before", runtime.NumGoroutine(), before)
		}
	}
}

// TestServer_slowClient: a client that says nothing is dropped at the limit.
func TestServer_slowClient(t *testing.T) {
	o := newOffice(t)
	s := o.server(t)
	s.HandshakeTimeout = 100 * time.Millisecond
	raw, err := net.Dial("tcp", echo(t, s))
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	_ = raw.SetReadDeadline(time.Now().Add(time.Minute))
	if _, err := raw.Read(make([]byte, 1)); !errors.Is(err, io.EOF) && !errors.Is(err, net.ErrClosed) {
		t.Errorf("got %v, want the end of the connection", err)
	}
}

func TestParseKey_ownAndForeign(t *testing.T) {
	o := newOffice(t)
	text, err := tlcp.EncodeKey(o.sign.key)
	if err != nil {
		t.Fatal(err)
	}
	k, err := tlcp.ParseKey(text)
	if err != nil || k.Public() != o.sign.key.Public() {
		t.Fatalf("%v, %v", k, err)
	}
	for name, text := range map[string]string{
		"empty": "", "certificate": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
		"garbage":   "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
		"encrypted": "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n",
	} {
		if _, err := tlcp.ParseKey([]byte(text)); err == nil {
			t.Errorf("%s: accepted", name)
		}
		if _, err := tlcp.ParseCertificates([]byte(text)); err == nil {
			t.Errorf("%s: accepted as certificates", name)
		}
	}
}
