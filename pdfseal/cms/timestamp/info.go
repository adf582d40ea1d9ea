package timestamp

import (
	"fmt"
	"time"

	"sealdesk/pdfseal/internal/der"
)

// maxSerial is the length of a serial number in bits (RFC 3161, 2.4.2).
const maxSerial = 160

// parseInfo reads TSTInfo (RFC 3161, 2.4.2).
func (t *Token) parseInfo(b []byte) error {
	v, err := der.ParseAll(b)
	if err != nil {
		return malformed("TSTInfo: %w", err)
	}
	if err := der.Check(b, der.MaxDepth, der.MaxElements); err != nil {
		return malformed("TSTInfo: %w", err)
	}
	c, err := v.Sequence(5, 10)
	if err != nil {
		return malformed("TSTInfo: %w", err)
	}
	if version, err := c[0].Int(); err != nil || version != 1 {
		return malformed("TSTInfo.version is not 1")
	}
	if t.Policy, err = c[1].OID(); err != nil {
		return malformed("TSTInfo.policy: %w", err)
	}
	if err := t.parseImprint(c[2]); err != nil {
		return err
	}
	if t.Serial, err = c[3].Big(); err != nil {
		return malformed("TSTInfo.serialNumber: %w", err)
	}
	if t.Serial.Sign() < 0 || t.Serial.BitLen() > maxSerial {
		return malformed("TSTInfo.serialNumber is negative or longer than %d bits", maxSerial)
	}
	if !c[4].Is(der.TagGeneralizedTime) {
		return malformed("TSTInfo.genTime is %s", c[4])
	}
	if t.Time, err = c[4].Time(); err != nil {
		return malformed("TSTInfo.genTime: %w", err)
	}
	return t.parseOptional(c[5:])
}

func (t *Token) parseImprint(v der.Value) error {
	c, err := v.Sequence(2, 2)
	if err != nil {
		return malformed("TSTInfo.messageImprint: %w", err)
	}
	alg, err := c[0].Sequence(1, 2)
	if err != nil {
		return malformed("TSTInfo.messageImprint: %w", err)
	}
	o, err := alg[0].OID()
	if err != nil {
		return malformed("TSTInfo.messageImprint: %w", err)
	}
	if !o.Equal(oidSM3) && !o.Equal(oidSM3NoKey) {
		return fmt.Errorf("%w: imprint by %v", ErrUnsupported, o)
	}
	if len(alg) == 2 && (!alg[1].Is(der.TagNull) || len(alg[1].Content) != 0) {
		return fmt.Errorf("%w: imprint algorithm with parameters", ErrUnsupported)
	}
	hash, err := c[1].Octets()
	if err != nil || len(hash) != len(t.Imprint) {
		return malformed("TSTInfo.messageImprint is not an SM3 digest")
	}
	t.Imprint = [32]byte(hash)
	return nil
}

// parseOptional reads what may follow genTime, in its order.
func (t *Token) parseOptional(c []der.Value) error {
	take := func(is bool) bool {
		if is {
			c = c[1:]
		}
		return is
	}
	first := func() der.Value {
		if len(c) == 0 {
			return der.Value{Class: -1}
		}
		return c[0]
	}
	if v := first(); take(v.Is(der.TagSequence)) {
		if err := t.parseAccuracy(v); err != nil {
			return err
		}
	}
	if v := first(); take(v.Is(der.TagBoolean)) {
		var err error
		if t.Ordering, err = v.Bool(); err != nil {
			return malformed("TSTInfo.ordering: %w", err)
		}
		if !t.Ordering {
			t.Notes = append(t.Notes, "TSTInfo.ordering: FALSE is spelled out")
		}
	}
	if v := first(); take(v.Is(der.TagInteger)) {
		var err error
		if t.Nonce, err = v.Big(); err != nil {
			return malformed("TSTInfo.nonce: %w", err)
		}
	}
	if v := first(); take(v.IsContext(0)) {
		name, err := v.Explicit(0)
		if err != nil {
			return malformed("TSTInfo.tsa: %w", err)
		}
		if name.IsContext(4) && name.Constructed {
			t.name = name.Content
		}
	}
	if v := first(); take(v.IsContext(1)) {
		if err := checkExtensions(v); err != nil {
			return err
		}
	}
	if len(c) > 0 {
		return malformed("TSTInfo: unexpected %s", c[0])
	}
	return nil
}

// parseAccuracy reads seconds, milliseconds and microseconds, each optional.
func (t *Token) parseAccuracy(v der.Value) error {
	c, err := v.Sequence(0, 3)
	if err != nil {
		return malformed("TSTInfo.accuracy: %w", err)
	}
	for _, part := range []struct {
		is       func(der.Value) bool
		unit     time.Duration
		min, max int
	}{
		{func(v der.Value) bool { return v.Is(der.TagInteger) }, time.Second, 0, 1 << 30},
		{func(v der.Value) bool { return v.IsContext(0) && !v.Constructed }, time.Millisecond, 1, 999},
		{func(v der.Value) bool { return v.IsContext(1) && !v.Constructed }, time.Microsecond, 1, 999},
	} {
		if len(c) == 0 || !part.is(c[0]) {
			continue
		}
		n, err := der.Value{Tag: der.TagInteger, Content: c[0].Content}.Int()
		if err != nil || n < part.min || n > part.max {
			return malformed("TSTInfo.accuracy: not a number of %v", part.unit)
		}
		t.Accuracy += time.Duration(n) * part.unit
		c = c[1:]
	}
	if len(c) > 0 {
		return malformed("TSTInfo.accuracy: unexpected %s", c[0])
	}
	return nil
}

// checkExtensions refuses critical extensions: none is known.
func checkExtensions(v der.Value) error {
	list, err := v.Children(16)
	if err != nil {
		return malformed("TSTInfo.extensions: %w", err)
	}
	if len(list) == 0 {
		return malformed("TSTInfo.extensions is empty")
	}
	for _, x := range list {
		c, err := x.Sequence(2, 3)
		if err != nil {
			return malformed("TSTInfo.extensions: %w", err)
		}
		id, err := c[0].OID()
		if err != nil {
			return malformed("TSTInfo.extensions: %w", err)
		}
		if len(c) == 3 {
			critical, err := c[1].Bool()
			if err != nil {
				return malformed("TSTInfo.extensions: %w", err)
			}
			if critical {
				return fmt.Errorf("%w: critical extension %v", ErrUnsupported, id)
			}
		}
		if _, err := c[len(c)-1].Octets(); err != nil {
			return malformed("TSTInfo.extensions: %w", err)
		}
	}
	return nil
}
