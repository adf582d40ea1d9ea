package der

import (
	"bytes"
	"encoding/asn1"
	"testing"
	"time"
)

// FuzzDER: what is accepted is a prefix of the input, has one encoding only,
// and is accepted by encoding/asn1 as well.
func FuzzDER(f *testing.F) {
	f.Add([]byte{0x1f, 0x80})
	f.Add([]byte{0x30, 0x84})
	f.Add(bytes.Repeat([]byte{0x30, 0x80}, 100))
	f.Add(append(nested(30), 0, 0))
	f.Add(Sequence(Int(-129), OID(asn1.ObjectIdentifier{1, 2, 156, 10197, 1, 501}), Bits([]byte{1}), Bool(true), Null()))
	f.Add(Set(Text(TagUTF8String, "章"), GeneralizedTime(time.Unix(0, 5e8)), UTCTime(time.Unix(0, 0)), Explicit(0, Octets([]byte("x")))))
	f.Fuzz(func(t *testing.T, in []byte) {
		v, padding, err := Container(in)
		if err != nil {
			return
		}
		if !bytes.HasPrefix(in, v.Full) || len(v.Full)+len(padding) != len(in) {
			t.Fatalf("value %d and padding %d of %d bytes", len(v.Full), len(padding), len(in))
		}
		var raw asn1.RawValue
		if rest, err := asn1.Unmarshal(v.Full, &raw); err != nil || len(rest) != 0 {
			t.Fatalf("encoding/asn1: %v, %d bytes left", err, len(rest))
		}
		if again := rebuild(t, v); !bytes.Equal(again, v.Full) {
			t.Fatalf("rebuilt %x, was %x", again, v.Full)
		}
	})
}

// rebuild encodes v from its parts, and each leaf from its meaning.
func rebuild(t *testing.T, v Value) []byte {
	id := byte(v.Class<<6 | v.Tag)
	if v.Constructed {
		c, err := v.Children(MaxElements)
		if err != nil {
			t.Fatal(err)
		}
		var parts [][]byte
		for _, child := range c {
			parts = append(parts, rebuild(t, child))
		}
		return TLV(id|0x20, parts...)
	}
	if n, err := v.Big(); err == nil {
		return Big(n)
	}
	if o, err := v.OID(); err == nil {
		return OID(o)
	}
	if b, err := v.Bool(); err == nil {
		return Bool(b)
	}
	if b, err := v.Bits(); err == nil {
		return Bits(b)
	}
	if at, err := v.Time(); err == nil {
		return TLV(id, encodeTime(v.Tag, at))
	}
	return TLV(id, v.Content)
}
