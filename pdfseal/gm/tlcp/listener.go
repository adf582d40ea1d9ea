package tlcp

import (
	"crypto/rand"
	"net"

	"github.com/tjfoc/gmsm/gmtls"
)

type listener struct {
	net.Listener
	config  ServerConfig
	library *gmtls.Config
}

// NewListener answers a listener whose connections, of type *Conn, make their
// handshake at the first Read or Write, so that a slow client holds up nobody.
func NewListener(inner net.Listener, c ServerConfig) (net.Listener, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	if c.HandshakeTimeout == 0 {
		c.HandshakeTimeout = handshakeTimeout
	}
	auth := gmtls.RequireAnyClientCert // the guard judges it
	if c.Anonymous {
		auth = gmtls.NoClientCert
	}
	chain := append([][]byte{c.EncryptionCertificate}, c.Intermediates...)
	return &listener{inner, c, &gmtls.Config{
		GMSupport: gmtls.NewGMSupport(), CipherSuites: []uint16{suite}, MinVersion: version, MaxVersion: version, Rand: rand.Reader, Time: c.Now,
		SessionTicketsDisabled: true, ClientAuth: auth,
		Certificates: []gmtls.Certificate{
			{Certificate: [][]byte{c.SigningCertificate}, PrivateKey: signer{c.SigningKey}},
			{Certificate: chain, PrivateKey: decrypter{c.EncryptionKey}},
		},
	}}, nil
}

// Accept waits for the next connection.
func (l *listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return newServer(c, &l.config, l.library), nil
}
