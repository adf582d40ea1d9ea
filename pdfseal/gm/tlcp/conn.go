package tlcp

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"github.com/tjfoc/gmsm/gmtls"

	"sealdesk/pdfseal/gm"
)

// handshakeTimeout is how long a handshake of a server may take where nothing else is said.
const handshakeTimeout = 10 * time.Second

// closeTimeout bounds the farewell to a peer that no longer reads.
const closeTimeout = time.Second

// farewell is how long a server that has refused a client still listens.
const farewell = 200 * time.Millisecond

// Conn is a connection over TLCP. Its methods may be called as those of any
// net.Conn. A panic of the library closes it and is answered as *ProtocolError.
type Conn struct {
	net.Conn // the network below; Read, Write and Close go through the library
	library  *gmtls.Conn
	guard    *guard
	limit    time.Duration // of a server's handshake

	once sync.Once
	err  error // of the handshake
}

// Client makes the handshake on conn and closes conn where it fails. The
// context bounds the handshake, not the connection. Errors are those of the
// context, *CertificateError, *AlertError and *ProtocolError.
func Client(ctx context.Context, conn net.Conn, c ClientConfig) (*Conn, error) {
	if err := c.check(); err != nil {
		conn.Close()
		return nil, err
	}
	g := &guard{Conn: conn, dialogue: &dialogue{order: fromServer, last: nothing, isClient: true, roots: c.Roots, name: c.Name,
		now: clock(c.Now), transcript: gm.NewSM3()}}
	own := &gmtls.Certificate{Certificate: c.Certificates}
	if c.Key != nil {
		own.PrivateKey = signer{c.Key}
	}
	out := &Conn{Conn: conn, guard: g, library: gmtls.Client(g, &gmtls.Config{
		GMSupport: gmtls.NewGMSupport(), CipherSuites: []uint16{suite}, MinVersion: version, MaxVersion: version, Rand: rand.Reader, Time: c.Now,
		SessionTicketsDisabled: true, Renegotiation: gmtls.RenegotiateNever,
		InsecureSkipVerify:   true, // the guard has judged the certificates; the library knows no intermediates
		GetClientCertificate: func(*gmtls.CertificateRequestInfo) (*gmtls.Certificate, error) { return own, nil },
	})}
	if err := out.Handshake(ctx); err != nil {
		return nil, err
	}
	return out, nil
}

func newServer(conn net.Conn, c *ServerConfig, library *gmtls.Config) *Conn {
	order := fromClient
	if c.Anonymous {
		order = fromAnonymous
	}
	g := &guard{Conn: conn, dialogue: &dialogue{order: order, last: nothing, roots: c.ClientRoots, now: clock(c.Now), transcript: gm.NewSM3()}}
	return &Conn{Conn: conn, guard: g, library: gmtls.Server(g, library), limit: c.HandshakeTimeout}
}

// Handshake runs the handshake once; Read and Write of a server do it by
// themselves, within its time limit. After an error the connection is closed.
func (c *Conn) Handshake(ctx context.Context) error {
	c.once.Do(func() {
		stop := context.AfterFunc(ctx, func() { c.Conn.Close() })
		c.err = c.protected(c.library.Handshake)
		if !stop() {
			c.err = context.Cause(ctx)
		}
		if c.err != nil {
			c.leave()
		}
		c.guard.done.Store(true)
		c.guard.dialogue.transcript = nil
	})
	return c.err
}

// leave closes the connection after a failed handshake. A server waits a
// moment for what the client has sent already: closing before it is read
// would take the alert away from the client.
func (c *Conn) leave() {
	defer c.Conn.Close()
	half, ok := c.Conn.(interface{ CloseWrite() error })
	if c.guard.dialogue.isClient || !ok || half.CloseWrite() != nil {
		return
	}
	_ = c.Conn.SetReadDeadline(time.Now().Add(farewell))
	_, _ = io.Copy(io.Discard, io.LimitReader(c.Conn, maxBytes))
}

func (c *Conn) ready() error {
	if c.guard.done.Load() {
		return c.err
	}
	ctx, cancel := context.WithTimeoutCause(context.Background(), c.limit, errSlow)
	defer cancel()
	return c.Handshake(ctx)
}

var errSlow = &ProtocolError{Err: errors.New("the handshake takes too long")}

// protected turns what leaves the library as a panic into an error.
func (c *Conn) protected(call func() error) (err error) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case *halt:
			err = p.err
		default:
			c.Conn.Close()
			err = c.guard.dialogue.fail(fmt.Errorf("the library panics: %v", p))
		}
	}()
	return call()
}

// Read reads what the peer sent. An end without a farewell is
// io.ErrUnexpectedEOF only to whoever knows how much must come: the library
// answers io.EOF.
func (c *Conn) Read(b []byte) (n int, err error) {
	if err := c.ready(); err != nil {
		return 0, err
	}
	err = c.protected(func() (err error) { n, err = c.library.Read(b); return err })
	return n, err
}

// Write sends b.
func (c *Conn) Write(b []byte) (n int, err error) {
	if err := c.ready(); err != nil {
		return 0, err
	}
	err = c.protected(func() (err error) { n, err = c.library.Write(b); return err })
	return n, err
}

// Close says farewell, for at most a second, and closes the network connection.
func (c *Conn) Close() error {
	if !c.guard.done.Load() || c.err != nil {
		return c.Conn.Close()
	}
	_ = c.Conn.SetWriteDeadline(time.Now().Add(closeTimeout))
	if err := c.protected(c.library.Close); err != nil && !errors.Is(err, io.EOF) {
		return c.Conn.Close()
	}
	return nil
}

// PeerPath is the path of the peer's signing certificate, leaf first, root
// last; nil before the handshake and for an anonymous client.
func (c *Conn) PeerPath() []*gm.Certificate {
	if !c.guard.done.Load() || c.err != nil {
		return nil
	}
	return c.guard.dialogue.path
}
