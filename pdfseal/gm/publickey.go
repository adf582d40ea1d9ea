package gm

import "math/big"

// UserID is the signer identifier that enters Z where nothing else is agreed
// (GM/T 0009-2012, clause 10). It is the only one that this package uses.
const UserID = "1234567812345678"

// PublicKey is a point of the SM2 curve, coordinates big-endian. Keys are
// comparable with ==. Constructors check the point, and so does every
// verification: the zero value verifies nothing.
type PublicKey struct{ X, Y [32]byte }

// ParsePoint reads an uncompressed point 04‖X‖Y of 65 bytes. Compressed and
// hybrid forms, coordinates not below p and points off the curve give a
// *FormatError.
func ParsePoint(b []byte) (PublicKey, error) {
	var k PublicKey
	if len(b) != 65 || b[0] != 4 {
		return PublicKey{}, malformed("public key", "not an uncompressed point of 65 bytes")
	}
	copy(k.X[:], b[1:33])
	copy(k.Y[:], b[33:])
	if err := k.check(); err != nil {
		return PublicKey{}, err
	}
	return k, nil
}

func (k PublicKey) check() error {
	x, y := k.numbers()
	return inField("public key", onCurve(x, y))
}

func (k PublicKey) numbers() (x, y *big.Int) {
	return new(big.Int).SetBytes(k.X[:]), new(big.Int).SetBytes(k.Y[:])
}

// Point is the uncompressed form 04‖X‖Y, 65 bytes.
func (k PublicKey) Point() []byte {
	out := make([]byte, 0, 65)
	out = append(out, 4)
	out = append(out, k.X[:]...)
	return append(out, k.Y[:]...)
}

// Z is the digest of UserID, curve and key that precedes every message
// (GB/T 32918.2-2016, 5.5).
func (k PublicKey) Z() [32]byte {
	const bits = len(UserID) * 8
	h := NewSM3()
	h.Write([]byte{byte(bits >> 8), byte(bits & 0xff)})
	h.Write([]byte(UserID))
	for _, n := range []*big.Int{curve.a, curve.b, curve.gx, curve.gy} {
		h.Write(n.FillBytes(make([]byte, 32)))
	}
	h.Write(k.X[:])
	h.Write(k.Y[:])
	var out [32]byte
	h.Sum(out[:0])
	return out
}

// Digest is e = SM3(Z‖m), the number that an SM2 signature signs.
func (k PublicKey) Digest(m []byte) [32]byte {
	z := k.Z()
	return SM3(z[:], m)
}
