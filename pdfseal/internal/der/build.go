package der

import (
	"encoding/asn1"
	"math/big"
	"time"
)

// TLV encodes a value with the identifier octet given (0x30 SEQUENCE, 0xA0
// [0] constructed, …) and the concatenated parts as its content.
func TLV(identifier byte, parts ...[]byte) []byte {
	n := 0
	for _, p := range parts {
		n += len(p)
	}
	out := make([]byte, 0, n+6)
	out = append(out, identifier)
	out = appendLength(out, n)
	for _, p := range parts {
		out = append(out, p...)
	}
	return out
}

func appendLength(out []byte, n int) []byte {
	if n < 0x80 {
		return append(out, byte(n))
	}
	count := 0
	for m := n; m > 0; m >>= 8 {
		count++
	}
	out = append(out, 0x80|byte(count))
	for i := count - 1; i >= 0; i-- {
		out = append(out, byte(n>>(8*i)))
	}
	return out
}

// Sequence encodes a SEQUENCE of complete values.
func Sequence(parts ...[]byte) []byte { return TLV(0x30, parts...) }

// Set encodes a SET of complete values in the order given.
func Set(parts ...[]byte) []byte { return TLV(0x31, parts...) }

// Explicit wraps a complete value in the context tag n (0 to 30).
func Explicit(n int, value []byte) []byte { return TLV(0xa0|byte(n), value) }

// Octets encodes an OCTET STRING.
func Octets(b []byte) []byte { return TLV(TagOctetString, b) }

// Bits encodes a BIT STRING of whole octets.
func Bits(b []byte) []byte { return TLV(TagBitString, []byte{0}, b) }

// Null encodes NULL.
func Null() []byte { return []byte{TagNull, 0} }

// Bool encodes a BOOLEAN.
func Bool(v bool) []byte {
	if v {
		return []byte{TagBoolean, 1, 0xff}
	}
	return []byte{TagBoolean, 1, 0}
}

// Int encodes an INTEGER.
func Int(n int) []byte { return Big(big.NewInt(int64(n))) }

// Big encodes an INTEGER.
func Big(n *big.Int) []byte {
	if n.Sign() >= 0 {
		b := n.Bytes()
		if len(b) == 0 || b[0] >= 0x80 {
			b = append([]byte{0}, b...)
		}
		return TLV(TagInteger, b)
	}
	size := new(big.Int).Not(n).BitLen()/8 + 1 // the sign bit needs room
	b := new(big.Int).Add(n, new(big.Int).Lsh(big.NewInt(1), uint(8*size))).Bytes()
	return TLV(TagInteger, b)
}

// OID encodes an OBJECT IDENTIFIER of at least two arcs, none negative.
func OID(oid asn1.ObjectIdentifier) []byte {
	var content []byte
	for i, arc := range oid {
		switch i {
		case 0:
			continue
		case 1:
			arc += 40 * oid[0]
		}
		content = appendBase128(content, arc)
	}
	return TLV(TagOID, content)
}

func appendBase128(out []byte, n int) []byte {
	count := 1
	for m := n >> 7; m > 0; m >>= 7 {
		count++
	}
	for i := count - 1; i >= 0; i-- {
		b := byte(n>>(7*i)) & 0x7f
		if i > 0 {
			b |= 0x80
		}
		out = append(out, b)
	}
	return out
}

// Text encodes a string under the universal string type given. The caller
// answers for the alphabet of the type.
func Text(tag int, s string) []byte { return TLV(byte(tag), []byte(s)) }

// GeneralizedTime encodes t in UTC, with a fraction only where t has one.
func GeneralizedTime(t time.Time) []byte {
	return TLV(TagGeneralizedTime, encodeTime(TagGeneralizedTime, t))
}

// UTCTime encodes t in UTC to the second. Years outside 1950 to 2049 come out
// as another century.
func UTCTime(t time.Time) []byte { return TLV(TagUTCTime, encodeTime(TagUTCTime, t)) }

func encodeTime(tag int, t time.Time) []byte {
	if tag == TagUTCTime {
		return []byte(t.UTC().Format("060102150405Z"))
	}
	return []byte(t.UTC().Format("20060102150405.999999999Z"))
}
