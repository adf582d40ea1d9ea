package tlcp

import (
	"crypto"
	"encoding/pem"
	"errors"
	"fmt"
	"io"

	"github.com/emmansun/gmsm/sm2"
	"github.com/emmansun/gmsm/smx509"

	"sealdesk/pdfseal/gm"
)

// maxPEM bounds the text of certificates and keys.
const maxPEM = 1 << 20

// ParseCertificates reads the SM2 certificates of a PEM text in their order;
// other blocks are passed over. None at all is an error.
func ParseCertificates(text []byte) ([]*gm.Certificate, error) {
	if len(text) > maxPEM {
		return nil, fmt.Errorf("tlcp: more than %d bytes of certificates", maxPEM)
	}
	var out []*gm.Certificate
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != "CERTIFICATE" {
			continue
		}
		c, err := gm.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("tlcp: certificate %d: %w", len(out)+1, err)
		}
		if !c.IsSM2 {
			return nil, fmt.Errorf("tlcp: certificate %d: %w", len(out)+1, gm.ErrUnsupported)
		}
		out = append(out, c)
	}
	if len(out) == 0 {
		return nil, errors.New("tlcp: no certificate in the PEM text")
	}
	return out, nil
}

// ParseKey reads the first SM2 private key of a PEM text, PKCS#8 or SEC 1, not encrypted.
func ParseKey(text []byte) (*gm.PrivateKey, error) {
	if len(text) > maxPEM {
		return nil, fmt.Errorf("tlcp: more than %d bytes of keys", maxPEM)
	}
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		switch block.Type {
		case "PRIVATE KEY":
			return fromLibrary(smx509.ParsePKCS8PrivateKey(block.Bytes))
		case "EC PRIVATE KEY":
			return fromLibrary(smx509.ParseTypedECPrivateKey(block.Bytes))
		}
	}
	return nil, errors.New("tlcp: no plain private key in the PEM text")
}

func fromLibrary(key any, err error) (*gm.PrivateKey, error) {
	if err != nil {
		return nil, fmt.Errorf("tlcp: private key: %w", err)
	}
	k, ok := key.(*sm2.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("tlcp: private key: %w", gm.ErrUnsupported)
	}
	var d [32]byte
	k.D.FillBytes(d[:])
	return gm.NewPrivateKey(d)
}

// EncodeKey writes a key as PKCS#8 in PEM, not encrypted: for files that only their owner may read.
func EncodeKey(key *gm.PrivateKey) ([]byte, error) {
	k, err := toLibrary(key)
	if err != nil {
		return nil, err
	}
	b, err := smx509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		return nil, fmt.Errorf("tlcp: private key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: b}), nil
}

func toLibrary(key *gm.PrivateKey) (*sm2.PrivateKey, error) {
	d := key.D()
	k, err := sm2.NewPrivateKey(d[:])
	if err != nil {
		return nil, fmt.Errorf("tlcp: private key: %w", err)
	}
	return k, nil
}

// signer hands the signing key to the protocol library, which passes the
// message itself where the interface speaks of a digest.
type signer struct{ key *gm.PrivateKey }

// Public is the point of the key; the library does not look at it.
func (s signer) Public() crypto.PublicKey { return s.key.Public() }

// Sign signs the message.
func (s signer) Sign(_ io.Reader, message []byte, _ crypto.SignerOpts) ([]byte, error) {
	return s.key.Sign(message)
}

// decrypter hands the encryption key to the protocol library. The second
// library decrypts: it refuses points that are off the curve.
type decrypter struct{ key *gm.PrivateKey }

// Public is the point of the key; the library does not look at it.
func (d decrypter) Public() crypto.PublicKey { return d.key.Public() }

// Decrypt takes C1‖C3‖C2 with the uncompressed point C1 (GB/T 32918.4-2016, 6).
func (d decrypter) Decrypt(_ io.Reader, cipher []byte, _ crypto.DecrypterOpts) ([]byte, error) {
	k, err := toLibrary(d.key)
	if err != nil {
		return nil, err
	}
	return sm2.Decrypt(k, cipher)
}
