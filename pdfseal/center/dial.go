package center

import (
	"bufio"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"sync/atomic"
	"time"

	"sealdesk/pdfseal/gm/tlcp"
)

// Limits of a connection.
const (
	connectLimit   = 10 * time.Second // connecting and handshake
	maxProxyAnswer = 16 << 10         // bytes
)

// Peer is what is known of the server after a handshake.
type Peer struct {
	Subject             string
	NotBefore, NotAfter time.Time
	Protocol            string // such as "TLS 1.3"
}

// dialer makes connections to the one host.
type dialer struct {
	host  string // host:port of the centre
	proxy *url.URL
	own   *tls.Certificate   // nil: none
	tls   *tls.Config        // one of the two
	tlcp  *tlcp.ClientConfig // is nil
	pins  [][32]byte
	now   func() time.Time

	base context.Context // ends with the client
	last atomic.Pointer[Peer]
}

// dial connects and makes the handshake. The request's own context bounds it
// too: net/http would let a connection be made to its end in the background.
func (d *dialer) dial(ctx context.Context) (net.Conn, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, connectLimit, errLimit)
	defer cancel()
	defer context.AfterFunc(d.base, cancel)()
	raw, err := d.connect(ctx)
	if err != nil {
		return nil, d.ended(ctx, err)
	}
	conn, peer, err := d.secure(ctx, raw)
	if err != nil {
		raw.Close()
		return nil, d.ended(ctx, err)
	}
	d.last.Store(&peer)
	return conn, nil
}

// ended prefers the end of the context over what it brought about.
func (d *dialer) ended(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		if errors.Is(cause, errLimit) || errors.Is(cause, context.DeadlineExceeded) {
			return &Error{Kind: KindSlow, Host: d.host, Stage: "connection", Err: errLimit}
		}
		return cause
	}
	return err
}

func (d *dialer) connect(ctx context.Context) (net.Conn, error) {
	var n net.Dialer
	if d.proxy == nil {
		raw, err := n.DialContext(ctx, "tcp", d.host)
		if err != nil {
			return nil, &Error{Kind: KindUnreachable, Host: d.host, Err: err}
		}
		return raw, nil
	}
	raw, err := n.DialContext(ctx, "tcp", withPort(d.proxy, "80"))
	if err != nil {
		return nil, &Error{Kind: KindProxy, Host: d.host, Err: err}
	}
	if err := d.tunnel(ctx, raw); err != nil {
		raw.Close()
		return nil, &Error{Kind: KindProxy, Host: d.host, Err: err}
	}
	return raw, nil
}

// tunnel asks the proxy for a connection to the centre (RFC 9110, 9.3.6).
func (d *dialer) tunnel(ctx context.Context, raw net.Conn) error {
	defer context.AfterFunc(ctx, func() { raw.Close() })()
	req := &http.Request{Method: http.MethodConnect, URL: &url.URL{Opaque: d.host}, Host: d.host, Header: http.Header{}}
	if u := d.proxy.User; u != nil {
		password, _ := u.Password()
		req.Header.Set("Proxy-Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(u.Username()+":"+password)))
	}
	if err := req.Write(raw); err != nil {
		return err
	}
	r := bufio.NewReader(io.LimitReader(raw, maxProxyAnswer))
	resp, err := http.ReadResponse(r, req)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("the proxy answers %s", printable(resp.Status))
	}
	if r.Buffered() > 0 {
		return errors.New("the proxy speaks before the centre does")
	}
	return nil
}

func (d *dialer) secure(ctx context.Context, raw net.Conn) (net.Conn, Peer, error) {
	if d.tlcp != nil {
		return d.secureTLCP(ctx, raw)
	}
	c := d.tls.Clone()
	c.Time = d.now
	lacking := false // the server asks for a certificate, and there is none
	c.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
		// The centre's word on the certificate is wanted even where it asks for another authority's.
		if lacking = d.own == nil; lacking {
			return &tls.Certificate{}, nil
		}
		return d.own, nil
	}
	conn := tls.Client(raw, c)
	if err := conn.HandshakeContext(ctx); err != nil {
		return nil, Peer{}, d.refusedTLS(err, lacking)
	}
	state := conn.ConnectionState()
	leaf := state.PeerCertificates[0]
	for _, chain := range state.VerifiedChains {
		for _, cert := range chain {
			if d.pinned(cert.RawSubjectPublicKeyInfo) {
				return conn, Peer{leaf.Subject.String(), leaf.NotBefore, leaf.NotAfter, tls.VersionName(state.Version)}, nil
			}
		}
	}
	return nil, Peer{}, &Error{Kind: KindPin, Host: d.host}
}

func (d *dialer) secureTLCP(ctx context.Context, raw net.Conn) (net.Conn, Peer, error) {
	c := *d.tlcp
	c.Now = d.now
	conn, err := tlcp.Client(ctx, raw, c)
	if err != nil {
		return nil, Peer{}, d.refusedTLCP(err)
	}
	path := conn.PeerPath()
	for _, cert := range path {
		if d.pinned(cert.RawSPKI) {
			return conn, Peer{path[0].Subject, path[0].NotBefore, path[0].NotAfter, "TLCP 1.1"}, nil
		}
	}
	conn.Close()
	return nil, Peer{}, &Error{Kind: KindPin, Host: d.host}
}

func (d *dialer) pinned(spki []byte) bool {
	return len(d.pins) == 0 || slices.Contains(d.pins, sha256.Sum256(spki))
}

// refusedTLS sorts what a handshake can end with.
func (d *dialer) refusedTLS(err error, lacking bool) error {
	e := &Error{Kind: KindProtocol, Host: d.host, Err: err}
	var verification *tls.CertificateVerificationError
	var invalid x509.CertificateInvalidError
	switch {
	case !errors.As(err, &verification):
		if code := peerAlert(err); aboutCertificate(code) || lacking && code != 0 {
			e.Kind = KindClientCertificate
		} else if netFault(err) {
			e.Kind = KindHalf
		}
		return e
	case errors.As(err, new(x509.UnknownAuthorityError)):
		e.Kind = KindAuthority
	case errors.As(err, new(x509.HostnameError)):
		e.Kind = KindName
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return d.period(e, invalid.Cert.NotBefore, invalid.Cert.NotAfter)
	case errors.As(err, &invalid) && (invalid.Reason == x509.NotAuthorizedToSign || invalid.Reason == x509.TooManyIntermediates):
		e.Kind = KindAuthority
	default:
		e.Kind = KindUsage
	}
	if len(verification.UnverifiedCertificates) > 0 {
		leaf := verification.UnverifiedCertificates[0]
		e.NotBefore, e.NotAfter = leaf.NotBefore, leaf.NotAfter
	}
	return e
}

func (d *dialer) refusedTLCP(err error) error {
	e := &Error{Kind: KindProtocol, Host: d.host, Err: err}
	var c *tlcp.CertificateError
	var a *tlcp.AlertError
	switch {
	case errors.As(err, &a) && a.Remote && a.AboutCertificate():
		e.Kind = KindClientCertificate
	case !errors.As(err, &c):
		if netFault(err) {
			e.Kind = KindHalf
		}
	case c.Reason == tlcp.ReasonExpired || c.Reason == tlcp.ReasonNotYetValid:
		return d.period(e, c.Certificate.NotBefore, c.Certificate.NotAfter)
	case c.Reason == tlcp.ReasonUnknownAuthority:
		e.Kind = KindAuthority
	case c.Reason == tlcp.ReasonName:
		e.Kind = KindName
	default:
		e.Kind = KindUsage
	}
	return e
}

func (d *dialer) period(e *Error, from, until time.Time) *Error {
	e.Kind, e.NotBefore, e.NotAfter = KindExpired, from, until
	if d.now().Before(from) {
		e.Kind = KindNotYetValid
	}
	return e
}
