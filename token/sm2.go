package token

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// SM2Job is one signature to be made: the message and what follows from the certificate's public key. A driver feeds M, E or Z‖M
// to the key, whichever the key takes, and has each answer checked by Accept.
type SM2Job struct {
	M     []byte
	Z, E  [32]byte // ZA, and e = SM3(Z‖M)
	Point []byte   // the certificate's public key, 04‖X‖Y

	Failed func(name string, err error) // nil, or told of every attempt that gave nothing

	crypto Crypto
}

// NewSM2Job reads the certificate: ErrNoSM2 if its key is not on the SM2 curve, ErrNoKey if it may not sign or cannot be read.
func NewSM2Job(c Crypto, cert, m []byte) (*SM2Job, error) {
	info, err := c.Certificate(cert)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrNoKey, err)
	case !info.SM2 || info.PublicPoint == nil:
		return nil, fmt.Errorf("%w: the certificate holds no SM2 key", ErrNoSM2)
	case !info.Signing:
		return nil, fmt.Errorf("%w: the certificate is not for signing", ErrNoKey)
	}
	z, err := c.Z(info.PublicPoint)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoSM2, err)
	}
	return &SM2Job{M: m, Z: z, E: c.SM3(z[:], m), Point: info.PublicPoint, crypto: c}, nil
}

// ZM returns Z‖M, the input for a key that hashes without adding Z.
func (j *SM2Job) ZM() []byte { return slices.Concat(j.Z[:], j.M) }

// Accept recognises the form of what a key answered, verifies it with the certificate and returns strict DER. ErrBadSignature if no
// reading of it verifies.
func (j *SM2Job) Accept(answer []byte) ([]byte, error) {
	readings := ReadSignature(answer)
	if len(readings) == 0 {
		return nil, fmt.Errorf("%w: %d bytes are neither r‖s nor SEQUENCE { r, s } within 1…n-1", ErrBadSignature, len(answer))
	}
	for _, der := range readings {
		if j.crypto.VerifySM2(j.Point, j.E, der) {
			return der, nil
		}
	}
	return nil, fmt.Errorf("%w: it does not verify with the certificate", ErrBadSignature)
}

// Run makes up to n attempts and returns the first signature that verifies, with the number of the attempt. ask(i) lets the key
// sign in its i-th way. An attempt that is ErrUnsupported or gives a bad signature is followed by the next; any other error (PIN,
// removal, cancel, general fault) ends the run. With none left the error is ErrBadSignature and tells each result under its name.
func (j *SM2Job) Run(ctx context.Context, n int, name func(i int) string, ask func(ctx context.Context, i int) ([]byte, error)) (der []byte, used int, err error) {
	var results []string
	bad := false
	for i := range n {
		if err := ctx.Err(); err != nil {
			return nil, 0, err
		}
		answer, err := ask(ctx, i)
		asked := err == nil
		if asked {
			der, err = j.Accept(answer)
		}
		if err == nil {
			return der, i, nil
		}
		if j.Failed != nil {
			j.Failed(name(i), err)
		}
		if !asked && !errors.Is(err, ErrUnsupported) {
			return nil, 0, err
		}
		bad = bad || asked
		results = append(results, name(i)+": "+strings.TrimPrefix(err.Error(), ErrBadSignature.Error()+": "))
	}
	if !bad {
		return nil, 0, fmt.Errorf("%w (%s)", ErrNoSM2, strings.Join(results, "; "))
	}
	return nil, 0, fmt.Errorf("%w (%s)", ErrBadSignature, strings.Join(results, "; "))
}

// order is n, the order of the SM2 group (GB/T 32918.5).
var order = [32]byte{
	0xFF, 0xFF, 0xFF, 0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
	0x72, 0x03, 0xDF, 0x6B, 0x21, 0xC6, 0x05, 0x2B, 0x53, 0xBB, 0xF4, 0x09, 0x39, 0xD5, 0x41, 0x23,
}

// ReadSignature gives every reading of what a key answered as a signature, each as strict DER SEQUENCE { r, s } with 1 ≤ r, s < n:
// 64 bytes r‖s, or DER read leniently: INTEGERs without their sign byte or with needless zeros, and zero bytes at the end, all of
// which keys are known to give. Nothing else is repaired.
func ReadSignature(b []byte) [][]byte {
	var out [][]byte
	if len(b) == 64 {
		if der := encode(b[:32], b[32:]); der != nil {
			out = append(out, der)
		}
	}
	if r, s, ok := lenient(b); ok {
		if der := encode(r, s); der != nil && !slices.ContainsFunc(out, func(o []byte) bool { return bytes.Equal(o, der) }) {
			out = append(out, der)
		}
	}
	return out
}

// encode gives strict DER, or nil if r or s is out of range.
func encode(r, s []byte) []byte {
	var content []byte
	for _, v := range [][]byte{r, s} {
		v = bytes.TrimLeft(v, "\x00")
		if len(v) == 0 || len(v) > 32 {
			return nil
		}
		var full [32]byte
		copy(full[32-len(v):], v)
		if bytes.Compare(full[:], order[:]) >= 0 {
			return nil
		}
		if v[0] >= 0x80 {
			v = append([]byte{0}, v...)
		}
		content = append(append(content, 0x02, byte(len(v))), v...)
	}
	return append([]byte{0x30, byte(len(content))}, content...) // at most 72 bytes: short form
}

// lenient reads SEQUENCE { INTEGER, INTEGER } with unsigned integers.
func lenient(b []byte) (r, s []byte, ok bool) {
	content, rest, ok := element(b, 0x30)
	if !ok || len(bytes.TrimLeft(rest, "\x00")) > 0 {
		return nil, nil, false
	}
	if r, content, ok = element(content, 0x02); !ok {
		return nil, nil, false
	}
	s, content, ok = element(content, 0x02)
	return r, s, ok && len(content) == 0
}

// element splits off one element with a length of up to 255 bytes.
func element(b []byte, tag byte) (content, rest []byte, ok bool) {
	if len(b) < 2 || b[0] != tag {
		return nil, nil, false
	}
	n, b := int(b[1]), b[2:]
	if n == 0x81 && len(b) > 0 {
		n, b = int(b[0]), b[1:]
	} else if n >= 0x80 {
		return nil, nil, false
	}
	if n > len(b) {
		return nil, nil, false
	}
	return b[:n], b[n:], true
}
