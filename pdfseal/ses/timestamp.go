package ses

import (
	"bytes"
	"errors"
	"fmt"

	"sealdesk/pdfseal/internal/der"
)

// AddTimestamp puts a timestamp token over the signature value into a
// SES_Signature of V4 or V5 that has none yet (GB/T 38540-2020, signing steps
// b, 5 and 6). signature must be DER without padding, of which all is kept;
// whether the token is over its value is not looked at. The result has been
// read back; any other signature is an error.
func AddTimestamp(signature, token []byte) ([]byte, error) {
	s, err := ParseSignature(signature)
	if err != nil {
		return nil, fmt.Errorf("ses: add timestamp: %w", err)
	}
	if s.Version == V1 || s.Timestamp != nil || !bytes.Equal(s.Raw, signature) {
		return nil, errors.New("ses: add timestamp: a V1 signature, one that has a timestamp, or padding after it")
	}
	v, err := der.ParseAll(signature)
	if err != nil {
		return nil, fmt.Errorf("ses: add timestamp: %w", err)
	}
	out := der.Sequence(v.Content, der.Explicit(0, der.Bits(token)))
	if s, err = ParseSignature(out); err != nil {
		return nil, fmt.Errorf("ses: add timestamp: %w", err)
	}
	if !bytes.Equal(s.Timestamp, token) {
		return nil, errors.New("ses: add timestamp: it reads back otherwise")
	}
	return out, nil
}
