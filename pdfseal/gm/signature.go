package gm

import (
	"math/big"

	"sealdesk/pdfseal/internal/der"
)

// Signature is an SM2 signature value, both numbers big-endian.
type Signature struct{ R, S [32]byte }

// Form tells how a signature value was encoded.
type Form int

// The two encodings that occur (standards: GM/T 0009-2012, 7.3; some products write the second).
const (
	FormDER Form = iota // SEQUENCE { r INTEGER, s INTEGER }
	FormRaw             // r‖s, 64 bytes
)

// String names the form.
func (f Form) String() string {
	if f == FormRaw {
		return "raw"
	}
	return "DER"
}

// ParseSignature reads a signature value: a strict DER SEQUENCE of two
// INTEGERs with nothing after or inside it, or exactly 64 raw bytes. Numbers
// outside 1 … n−1 and r+s = n are refused (rule C7). Errors are *FormatError.
func ParseSignature(b []byte) (Signature, Form, error) {
	r, s, err := parseSignatureDER(b)
	form := FormDER
	if err != nil && len(b) == 64 {
		r, s, err, form = new(big.Int).SetBytes(b[:32]), new(big.Int).SetBytes(b[32:]), nil, FormRaw
	}
	if err != nil {
		return Signature{}, FormDER, inField("signature value", err)
	}
	if !inRange(r) || !inRange(s) {
		return Signature{}, form, malformed("signature value", "r or s is not in 1 … n-1")
	}
	if new(big.Int).Add(r, s).Cmp(curve.n) == 0 {
		return Signature{}, form, malformed("signature value", "r + s = n")
	}
	var out Signature
	r.FillBytes(out.R[:])
	s.FillBytes(out.S[:])
	return out, form, nil
}

func parseSignatureDER(b []byte) (r, s *big.Int, err error) {
	v, err := der.ParseAll(b)
	if err != nil {
		return nil, nil, err
	}
	c, err := v.Sequence(2, 2)
	if err != nil {
		return nil, nil, err
	}
	if r, err = c[0].Big(); err != nil {
		return nil, nil, err
	}
	s, err = c[1].Big()
	return r, s, err
}

func inRange(n *big.Int) bool { return n.Sign() > 0 && n.Cmp(curve.n) < 0 }

// DER is the strict DER form SEQUENCE { r, s }.
func (s Signature) DER() []byte {
	r, t := s.numbers()
	return der.Sequence(der.Big(r), der.Big(t))
}

// Raw is the form r‖s, 64 bytes.
func (s Signature) Raw() []byte { return append(append(make([]byte, 0, 64), s.R[:]...), s.S[:]...) }

func (s Signature) numbers() (r, t *big.Int) {
	return new(big.Int).SetBytes(s.R[:]), new(big.Int).SetBytes(s.S[:])
}
