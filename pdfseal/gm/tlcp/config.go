package tlcp

import (
	"errors"
	"time"

	"sealdesk/pdfseal/gm"
)

// ClientConfig says whom a client believes and who it is.
type ClientConfig struct {
	Roots []*gm.Certificate // authorities of the server; at least one, the system's are never asked
	Name  string            // DNS name or IP address that both certificates of the server must be made out to

	Certificates [][]byte       // DER: signing certificate, then what leads to its root; empty: none is sent
	Key          *gm.PrivateKey // of the signing certificate

	Now func() time.Time // nil: time.Now
}

// ServerConfig says who a server is and whom it admits.
type ServerConfig struct {
	SigningCertificate    []byte // DER
	EncryptionCertificate []byte // DER
	Intermediates         [][]byte
	SigningKey            *gm.PrivateKey
	EncryptionKey         *gm.PrivateKey

	ClientRoots []*gm.Certificate // authorities of clients
	Anonymous   bool              // admit clients without asking for a certificate; then ClientRoots must be empty

	HandshakeTimeout time.Duration    // 0: 10 seconds
	Now              func() time.Time // nil: time.Now
}

func (c *ClientConfig) check() error {
	switch {
	case len(c.Roots) == 0:
		return errors.New("tlcp: no root certificate")
	case c.Name == "":
		return errors.New("tlcp: no server name")
	case (len(c.Certificates) == 0) != (c.Key == nil):
		return errors.New("tlcp: certificate and key belong together")
	case c.Key != nil:
		return belongs(c.Certificates[0], c.Key)
	}
	return nil
}

func (c *ServerConfig) check() error {
	switch {
	case c.SigningKey == nil || c.EncryptionKey == nil:
		return errors.New("tlcp: a server needs two keys")
	case c.Anonymous == (len(c.ClientRoots) > 0):
		return errors.New("tlcp: either authorities of clients or anonymous clients")
	}
	if err := belongs(c.SigningCertificate, c.SigningKey); err != nil {
		return err
	}
	return belongs(c.EncryptionCertificate, c.EncryptionKey)
}

func belongs(der []byte, key *gm.PrivateKey) error {
	c, err := gm.ParseCertificate(der)
	if err != nil {
		return err
	}
	if !c.IsSM2 || c.Public != key.Public() {
		return errors.New("tlcp: the key is not that of the certificate " + c.Subject)
	}
	return nil
}

func clock(now func() time.Time) func() time.Time {
	if now == nil {
		return time.Now
	}
	return now
}
