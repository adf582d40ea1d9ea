package gm

import (
	"fmt"
	"io"
	"log/slog"
	"math/big"

	emmansun "github.com/emmansun/gmsm/sm2"
)

// PrivateKey signs in memory: for issuing, training and tests. The keys of
// custodians never leave their UsbKey. Printing or logging it gives "[redacted]".
type PrivateKey struct {
	d   [32]byte
	key *emmansun.PrivateKey
	pub PublicKey
}

// GenerateKey makes a key from rand, which should be crypto/rand.Reader
// outside tests. The same bytes give the same key.
func GenerateKey(rand io.Reader) (*PrivateKey, error) {
	for {
		var d [32]byte
		if _, err := io.ReadFull(rand, d[:]); err != nil {
			return nil, fmt.Errorf("gm: generate key: %w", err)
		}
		if k, err := NewPrivateKey(d); err == nil {
			return k, nil
		}
	}
}

// NewPrivateKey takes the number d, big-endian. It must be in 1 … n−2
// (GB/T 32918.1-2016, 6.1).
func NewPrivateKey(d [32]byte) (*PrivateKey, error) {
	n := new(big.Int).SetBytes(d[:])
	if n.Sign() == 0 || n.Cmp(new(big.Int).Sub(curve.n, big.NewInt(1))) >= 0 {
		return nil, malformed("private key", "number is not in 1 … n-2")
	}
	key, err := emmansun.NewPrivateKey(d[:])
	if err != nil {
		return nil, inField("private key", err)
	}
	point, err := key.ECDH()
	if err != nil {
		return nil, inField("private key", err)
	}
	pub, err := ParsePoint(point.PublicKey().Bytes())
	if err != nil {
		return nil, err
	}
	return &PrivateKey{d: d, key: key, pub: pub}, nil
}

// Public is the key that verifies.
func (k *PrivateKey) Public() PublicKey { return k.pub }

// D is the secret number, big-endian: for provisioning a training UsbKey.
func (k *PrivateKey) D() [32]byte { return k.d }

// Sign signs e = SM3(Z‖m) and answers strict DER.
func (k *PrivateKey) Sign(m []byte) ([]byte, error) { return k.SignDigest(k.pub.Digest(m)) }

// SignDigest signs the number e and answers strict DER. The same key and e
// give the same value (the nonce is derived as in RFC 6979, with SM3). The
// value has been verified with the public key before it is answered.
func (k *PrivateKey) SignDigest(e [32]byte) ([]byte, error) {
	sig, err := emmansun.SignDeterministic(k.key, e[:], nil)
	if err != nil {
		return nil, fmt.Errorf("gm: sign: %w", err)
	}
	if err := k.pub.VerifyDigest(e, sig); err != nil {
		return nil, fmt.Errorf("gm: own signature: %w", err)
	}
	return sig, nil
}

const hidden = "[redacted]"

// Format prints "[redacted]" for every verb.
func (k *PrivateKey) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, hidden) }

// LogValue logs "[redacted]".
func (k *PrivateKey) LogValue() slog.Value { return slog.StringValue(hidden) }

// MarshalJSON writes "[redacted]".
func (k *PrivateKey) MarshalJSON() ([]byte, error) { return []byte(`"` + hidden + `"`), nil }
