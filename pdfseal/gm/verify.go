package gm

import (
	"fmt"

	emmansun "github.com/emmansun/gmsm/sm2"
	tjfoc "github.com/tjfoc/gmsm/sm2"
)

// Verify checks the signature value sig, in either form, over the message m
// with e = SM3(Z‖m) and the default signer identifier. It answers nil only
// where both libraries accept it, ErrSignature for a wrong value, and a
// *FormatError for a malformed value or key.
func (k PublicKey) Verify(m, sig []byte) error { return k.VerifyDigest(k.Digest(m), sig) }

// VerifyDigest is Verify for the number e itself. With e = SM3(m), without Z,
// it checks the non-standard variant E of CMS signatures; the caller must say
// so in its answer.
func (k PublicKey) VerifyDigest(e [32]byte, sig []byte) error {
	s, _, err := ParseSignature(sig)
	if err != nil {
		return err
	}
	if err := k.check(); err != nil {
		return err
	}
	value := accepted{k, e, s}
	if _, known := acceptedValues.get(value); known {
		return nil
	}
	first, second := k.acceptsFirst(e, s), k.acceptsSecond(e, s)
	switch {
	case first && second:
		acceptedValues.put(value, struct{}{})
		return nil
	case first != second:
		return fmt.Errorf("%w: the two libraries disagree", ErrSignature)
	}
	return ErrSignature
}

// acceptsFirst asks github.com/tjfoc/gmsm. Key and value have been checked.
func (k PublicKey) acceptsFirst(e [32]byte, sig Signature) bool {
	x, y := k.numbers()
	r, s := sig.numbers()
	return tjfoc.Verify(&tjfoc.PublicKey{Curve: tjfoc.P256Sm2(), X: x, Y: y}, e[:], r, s)
}

// acceptsSecond asks github.com/emmansun/gmsm. Key and value have been checked.
func (k PublicKey) acceptsSecond(e [32]byte, sig Signature) bool {
	key, err := emmansun.ParseUncompressedPublicKey(k.Point())
	return err == nil && emmansun.VerifyASN1(key, e[:], sig.DER())
}
