package der

import (
	"encoding/asn1"
	"fmt"
	"math/big"
	"time"
	"unicode/utf8"
)

func (v Value) want(tag int, name string) error {
	if !v.Is(tag) {
		return syntax("%s where %s is expected", v, name)
	}
	return nil
}

// Sequence reads the elements of a SEQUENCE that has min to max of them.
func (v Value) Sequence(min, max int) ([]Value, error) {
	if err := v.want(TagSequence, "SEQUENCE"); err != nil {
		return nil, err
	}
	return v.counted(min, max)
}

// Set reads the elements of a SET that has min to max of them. Their order is
// not checked.
func (v Value) Set(min, max int) ([]Value, error) {
	if err := v.want(TagSet, "SET"); err != nil {
		return nil, err
	}
	return v.counted(min, max)
}

func (v Value) counted(min, max int) ([]Value, error) {
	c, err := v.Children(max)
	if err != nil {
		return nil, err
	}
	if len(c) < min {
		return nil, syntax("%d elements where %d are expected", len(c), min)
	}
	return c, nil
}

// Explicit reads the one value inside the context tag n.
func (v Value) Explicit(n int) (Value, error) {
	if !v.IsContext(n) || !v.Constructed {
		return Value{}, syntax("%s where [%d] EXPLICIT is expected", v, n)
	}
	return ParseAll(v.Content)
}

// Big reads a minimal INTEGER of at most 64 content bytes.
func (v Value) Big() (*big.Int, error) {
	if err := v.want(TagInteger, "INTEGER"); err != nil {
		return nil, err
	}
	c := v.Content
	switch {
	case len(c) == 0:
		return nil, syntax("empty INTEGER")
	case len(c) > 64:
		return nil, fmt.Errorf("%w: INTEGER of %d bytes", ErrLimit, len(c))
	case len(c) > 1 && (c[0] == 0 && c[1] < 0x80 || c[0] == 0xff && c[1] >= 0x80):
		return nil, syntax("INTEGER is not minimal")
	}
	n := new(big.Int).SetBytes(c)
	if c[0] >= 0x80 {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(c))))
	}
	return n, nil
}

// Int reads a minimal INTEGER that fits 32 bits.
func (v Value) Int() (int, error) {
	n, err := v.Big()
	if err != nil {
		return 0, err
	}
	if !n.IsInt64() || int64(int32(n.Int64())) != n.Int64() {
		return 0, syntax("INTEGER does not fit 32 bits")
	}
	return int(n.Int64()), nil
}

// Bool reads a BOOLEAN, 00 or FF.
func (v Value) Bool() (bool, error) {
	if err := v.want(TagBoolean, "BOOLEAN"); err != nil {
		return false, err
	}
	if len(v.Content) != 1 || v.Content[0] != 0 && v.Content[0] != 0xff {
		return false, syntax("BOOLEAN is neither 00 nor FF")
	}
	return v.Content[0] == 0xff, nil
}

// Octets reads an OCTET STRING.
func (v Value) Octets() ([]byte, error) {
	if err := v.want(TagOctetString, "OCTET STRING"); err != nil {
		return nil, err
	}
	return v.Content, nil
}

// Bits reads a BIT STRING of whole octets: unused bits are refused. The
// octet that counts them is not part of the answer.
func (v Value) Bits() ([]byte, error) {
	if err := v.want(TagBitString, "BIT STRING"); err != nil {
		return nil, err
	}
	if len(v.Content) == 0 {
		return nil, syntax("empty BIT STRING")
	}
	if v.Content[0] != 0 {
		return nil, syntax("BIT STRING with %d unused bits", v.Content[0])
	}
	return v.Content[1:], nil
}

// OID reads an OBJECT IDENTIFIER of minimal arcs below 2^55: every arc in use
// except those made from UUIDs.
func (v Value) OID() (asn1.ObjectIdentifier, error) {
	if err := v.want(TagOID, "OBJECT IDENTIFIER"); err != nil {
		return nil, err
	}
	c := v.Content
	if len(c) == 0 || len(c) > 128 || c[len(c)-1] >= 0x80 {
		return nil, syntax("OBJECT IDENTIFIER of %d bytes is malformed", len(c))
	}
	var out asn1.ObjectIdentifier
	arc, start := int64(0), true
	for _, b := range c {
		if start && b == 0x80 {
			return nil, syntax("OBJECT IDENTIFIER arc is not minimal")
		}
		if arc >= 1<<48 {
			return nil, syntax("OBJECT IDENTIFIER arc is too large")
		}
		arc, start = arc<<7|int64(b&0x7f), b < 0x80
		if !start {
			continue
		}
		if len(out) == 0 {
			first := min(arc/40, 2)
			out, arc = append(out, int(first)), arc-40*first
		}
		if int64(int(arc)) != arc {
			return nil, syntax("OBJECT IDENTIFIER arc is too large")
		}
		out, arc = append(out, int(arc)), 0
	}
	return out, nil
}

// Text reads a string of the universal type given. ascii tells whether all
// its bytes are below 0x80; text that is not valid UTF-8 is refused.
func (v Value) Text(tag int) (s string, ascii bool, err error) {
	if !v.Is(tag) {
		return "", false, syntax("%s where string type %d is expected", v, tag)
	}
	if len(v.Content) > 1<<16 {
		return "", false, fmt.Errorf("%w: string of %d bytes", ErrLimit, len(v.Content))
	}
	if !utf8.Valid(v.Content) {
		return "", false, syntax("string is not UTF-8")
	}
	ascii = true
	for _, b := range v.Content {
		ascii = ascii && b < 0x80
	}
	return string(v.Content), ascii, nil
}

// Time reads a UTCTime (YYMMDDhhmmssZ, 1950 to 2049) or a GeneralizedTime
// (YYYYMMDDhhmmss[.f]Z, no trailing zero in the fraction). Other zones and
// missing seconds are not DER and are refused.
func (v Value) Time() (time.Time, error) {
	s := string(v.Content)
	var layout string
	switch {
	case v.Is(TagUTCTime):
		layout = "060102150405Z"
	case v.Is(TagGeneralizedTime):
		layout = "20060102150405Z"
	default:
		return time.Time{}, syntax("%s where a time is expected", v)
	}
	if len(s) > 32 {
		return time.Time{}, syntax("time of %d bytes", len(s))
	}
	t, err := time.ParseInLocation(layout, s, time.UTC) // takes a fraction after the seconds, too
	if err != nil {
		return time.Time{}, syntax("time %q", s)
	}
	if v.Is(TagUTCTime) && t.Year() >= 2050 {
		t = t.AddDate(-100, 0, 0)
	}
	if back := encodeTime(v.Tag, t); string(back) != s {
		return time.Time{}, syntax("time %q", s)
	}
	return t, nil
}
