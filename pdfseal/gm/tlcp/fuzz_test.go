package tlcp_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"testing"
	"time"

	"sealdesk/pdfseal/gm/tlcp"
)

// scripted is a peer whose every byte is known beforehand.
type scripted struct {
	in  *bytes.Reader
	out bytes.Buffer
}

func (s *scripted) Read(b []byte) (int, error)     { return s.in.Read(b) }
func (s *scripted) Write(b []byte) (int, error)    { return s.out.Write(b) }
func (*scripted) Close() error                     { return nil }
func (*scripted) LocalAddr() net.Addr              { return &net.TCPAddr{} }
func (*scripted) RemoteAddr() net.Addr             { return &net.TCPAddr{} }
func (*scripted) SetDeadline(time.Time) error      { return nil }
func (*scripted) SetReadDeadline(time.Time) error  { return nil }
func (*scripted) SetWriteDeadline(time.Time) error { return nil }

// recorded is what each side of an honest handshake says.
func recorded(f *testing.F, o *office) (server, client []byte) {
	a, b := net.Pipe()
	var fromServer, fromClient bytes.Buffer
	l, err := tlcp.NewListener(&one{conn: tee{b, &fromServer}}, o.server(f))
	if err != nil {
		f.Fatal(err)
	}
	s, err := l.Accept()
	if err != nil {
		f.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- s.(*tlcp.Conn).Handshake(context.Background()) }()
	if _, err := tlcp.Client(f.Context(), tee{a, &fromClient}, o.clientConfig(f)); err != nil {
		f.Fatal(err)
	}
	if err := <-done; err != nil {
		f.Fatal(err)
	}
	return fromServer.Bytes(), fromClient.Bytes()
}

type tee struct {
	net.Conn
	copy io.Writer
}

func (t tee) Write(b []byte) (int, error) {
	_, _ = t.copy.Write(b)
	return t.Conn.Write(b)
}

type one struct {
	net.Listener
	conn net.Conn
}

func (o *one) Accept() (net.Conn, error) { return o.conn, nil }

// FuzzHandshake plays any bytes to a client and to a server: neither accepts
// them, panics, or prints, and the error is one of this package.
func FuzzHandshake(f *testing.F) {
	o := newOffice(f)
	server, client := recorded(f, o)
	f.Add(server)
	f.Add(client)
	f.Add([]byte{})
	f.Add([]byte("HTTP/1.1 400 Bad Request\r\n\r\n"))
	f.Add([]byte{22, 1, 1, 0, 4, 14, 0, 0, 0})
	f.Add([]byte{21, 1, 1, 0, 2, 2, 42})
	f.Add(append(bytes.Clone(server[:100]), 21, 1, 1, 0, 2, 2, 40))
	config, own := o.server(f), o.clientConfig(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, err := tlcp.Client(t.Context(), &scripted{in: bytes.NewReader(b)}, own); !typed(err) {
			t.Fatalf("client: %v", err)
		}
		l, err := tlcp.NewListener(&one{conn: &scripted{in: bytes.NewReader(b)}}, config)
		if err != nil {
			t.Fatal(err)
		}
		s, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		if err := s.(*tlcp.Conn).Handshake(t.Context()); !typed(err) {
			t.Fatalf("server: %v", err)
		}
	})
}

// FuzzPEM reads any text as certificates and key.
func FuzzPEM(f *testing.F) {
	key, err := tlcp.EncodeKey(newOffice(f).sign.key)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(key)
	f.Add([]byte("-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		if k, err := tlcp.ParseKey(text); (k == nil) == (err == nil) {
			t.Fatalf("%v, %v", k, err)
		}
		if c, err := tlcp.ParseCertificates(text); (len(c) == 0) == (err == nil) {
			t.Fatalf("%d, %v", len(c), err)
		}
	})
}
