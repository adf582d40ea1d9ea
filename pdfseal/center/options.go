package center

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"strings"
	"time"

	"sealdesk/pdfseal/gm/tlcp"
)

// The transports.
const (
	TransportTLS  = "tls"  // TLS 1.2 or 1.3
	TransportTLCP = "tlcp" // GB/T 38636-2020
)

// DefaultTimeout is the limit of one operation where the options name none.
const DefaultTimeout = 20 * time.Second

const pinPrefix = "sha256:"

// Options say which centre is asked, and how. URL and CA are required.
type Options struct {
	URL         string           // https://host[:port][/path]
	CA          []byte           // PEM: the authorities of the centre's server certificate
	Pins        []string         // "sha256:" and 64 hex digits: SubjectPublicKeyInfo of a certificate of the server's path; empty: CA decides
	Certificate []byte           // PEM: this computer's certificate, then what leads to its root; empty: none
	Key         []byte           // PEM: its private key
	Proxy       string           // http://[user:password@]host:port; empty: none. The environment is never asked
	Transport   string           // TransportTLS (also where empty) or TransportTLCP
	Timeout     time.Duration    // of one operation, retries included; 0: DefaultTimeout. Of a bundle: without a byte
	Now         func() time.Time // nil: time.Now
	Log         *slog.Logger     // nil: nothing is logged
}

// settings is an error of the options.
func settings(field, format string, args ...any) error {
	return &Error{Kind: KindSettings, Stage: field, Err: fmt.Errorf(format, args...)}
}

func parseURL(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	switch {
	case err != nil:
		return nil, settings("url", "%w", err)
	case u.Scheme != "https" || u.Hostname() == "":
		return nil, settings("url", "%.200q is no address of the form https://host", s)
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return nil, settings("url", "%.200q has more than host and path", s)
	}
	return u, nil
}

func parseProxy(s string) (*url.URL, error) {
	if s == "" {
		return nil, nil
	}
	u, err := url.Parse(s)
	if err != nil {
		return nil, settings("proxy", "%w", err)
	}
	if u.Scheme != "http" || u.Hostname() == "" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
		return nil, settings("proxy", "%.200q is no address of the form http://host:port", u.Redacted())
	}
	return u, nil
}

func parsePins(pins []string) ([][32]byte, error) {
	var out [][32]byte
	for _, p := range pins {
		b, err := hex.DecodeString(strings.TrimPrefix(p, pinPrefix))
		if err != nil || len(b) != 32 || !strings.HasPrefix(p, pinPrefix) {
			return nil, settings("pins", "%.100q is not %q and 64 hexadecimal digits", p, pinPrefix)
		}
		out = append(out, [32]byte(b))
	}
	return out, nil
}

// CheckURL says what is wrong with an address of a centre, for settings that are checked before they are used: nil, or an
// *Error of KindSettings.
func CheckURL(s string) error { _, err := parseURL(s); return err }

// CheckProxy does so for a proxy.
func CheckProxy(s string) error { _, err := parseProxy(s); return err }

// CheckPins does so for pins.
func CheckPins(pins []string) error { _, err := parsePins(pins); return err }

// withPort is host:port of an address.
func withPort(u *url.URL, port string) string {
	if p := u.Port(); p != "" {
		port = p
	}
	return net.JoinHostPort(u.Hostname(), port)
}

func (o Options) tls(host string) (*tls.Config, *tls.Certificate, error) {
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(o.CA) {
		return nil, nil, settings("ca", "no certificate in it")
	}
	c := &tls.Config{RootCAs: pool, ServerName: host, MinVersion: tls.VersionTLS12}
	if len(o.Certificate) == 0 && len(o.Key) == 0 {
		return c, nil, nil
	}
	own, err := tls.X509KeyPair(o.Certificate, o.Key)
	if err != nil {
		return nil, nil, settings("certificate", "%w", err)
	}
	return c, &own, nil
}

func (o Options) tlcp(host string) (*tlcp.ClientConfig, error) {
	roots, err := tlcp.ParseCertificates(o.CA)
	if err != nil {
		return nil, settings("ca", "%w", err)
	}
	c := &tlcp.ClientConfig{Roots: roots, Name: host}
	if len(o.Certificate) == 0 && len(o.Key) == 0 {
		return c, nil
	}
	chain, err := tlcp.ParseCertificates(o.Certificate)
	if err != nil {
		return nil, settings("certificate", "%w", err)
	}
	if c.Key, err = tlcp.ParseKey(o.Key); err != nil {
		return nil, settings("key", "%w", err)
	}
	if chain[0].Public != c.Key.Public() {
		return nil, settings("key", "%w", errors.New("it is not that of the certificate"))
	}
	for _, cert := range chain {
		c.Certificates = append(c.Certificates, cert.Raw)
	}
	return c, nil
}
