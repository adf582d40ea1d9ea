// Package der walks strict DER (ITU-T X.690) without recursion on the input
// and without copying. It accepts definite, minimal lengths and low tag
// numbers only, so that every value has exactly one encoding; everything else
// is refused. It knows nothing of what the values mean.
package der

import (
	"errors"
	"fmt"
)

// Budgets of rule R1 that every signed container keeps.
const (
	MaxBytes    = 1 << 20 // bytes of one container
	MaxDepth    = 24      // nesting of constructed values
	MaxElements = 1 << 16 // values in one container, at all depths
)

// ErrSyntax is wrapped by every refusal that concerns the encoding.
var ErrSyntax = errors.New("der: not strict DER")

// ErrLimit is wrapped by every refusal that concerns a budget of rule R1.
var ErrLimit = errors.New("der: limit exceeded")

// Tag classes.
const (
	ClassUniversal   = 0
	ClassApplication = 1
	ClassContext     = 2
	ClassPrivate     = 3
)

// Universal tag numbers that the structures of this program use.
const (
	TagBoolean         = 1
	TagInteger         = 2
	TagBitString       = 3
	TagOctetString     = 4
	TagNull            = 5
	TagOID             = 6
	TagUTF8String      = 12
	TagSequence        = 16
	TagSet             = 17
	TagPrintableString = 19
	TagIA5String       = 22
	TagUTCTime         = 23
	TagGeneralizedTime = 24
)

// Value is one tag-length-value of the input. Full and Content are slices of
// the input and must not be written to.
type Value struct {
	Class, Tag  int
	Constructed bool
	Full        []byte // the complete TLV as received
	Content     []byte
}

// Is reports whether v has the universal tag given.
func (v Value) Is(tag int) bool { return v.Class == ClassUniversal && v.Tag == tag }

// IsContext reports whether v has the context-specific tag number given.
func (v Value) IsContext(n int) bool { return v.Class == ClassContext && v.Tag == n }

// String names the tag of v in messages.
func (v Value) String() string {
	if v.Class == ClassUniversal {
		return fmt.Sprintf("universal tag %d", v.Tag)
	}
	return fmt.Sprintf("class %d tag %d", v.Class, v.Tag)
}

func syntax(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrSyntax, fmt.Sprintf(format, args...))
}

// Parse reads the first value of b and returns what follows it. It checks the
// header of this one value: low tag number, definite minimal length, content
// within b, and the primitive or constructed form that DER asks of universal
// types. The values inside a constructed value are not looked at.
func Parse(b []byte) (v Value, rest []byte, err error) {
	if len(b) < 2 {
		return Value{}, nil, syntax("%d bytes are too few for a value", len(b))
	}
	v = Value{Class: int(b[0] >> 6), Tag: int(b[0] & 0x1f), Constructed: b[0]&0x20 != 0}
	if v.Tag == 0x1f {
		return Value{}, nil, syntax("high tag number")
	}
	if err := v.checkForm(); err != nil {
		return Value{}, nil, err
	}
	head, n, err := parseLength(b)
	if err != nil {
		return Value{}, nil, err
	}
	if n > len(b)-head {
		return Value{}, nil, syntax("length %d exceeds the %d bytes present", n, len(b)-head)
	}
	v.Full, v.Content = b[:head+n:head+n], b[head:head+n:head+n]
	return v, b[head+n:], nil
}

// parseLength answers the size of tag and length octets, and the length. It
// may be called with at least two bytes.
func parseLength(b []byte) (head, n int, err error) {
	first := b[1]
	if first < 0x80 {
		return 2, int(first), nil
	}
	count := int(first & 0x7f)
	switch {
	case count == 0:
		return 0, 0, syntax("indefinite length")
	case count > 4:
		return 0, 0, syntax("length of %d octets", count)
	case len(b) < 2+count:
		return 0, 0, syntax("length is cut off")
	}
	var long uint64
	for _, c := range b[2 : 2+count] {
		long = long<<8 | uint64(c)
	}
	if long < 0x80 || b[2] == 0 {
		return 0, 0, syntax("length is not minimal")
	}
	if long > 1<<31-1 {
		return 0, 0, syntax("length %d is too large", long)
	}
	return 2 + count, int(long), nil
}

// checkForm refuses constructed strings (BER) and primitive sequences.
func (v Value) checkForm() error {
	if v.Class != ClassUniversal {
		return nil
	}
	if v.Tag == 0 {
		return syntax("end-of-contents tag")
	}
	// EXTERNAL (8) and EMBEDDED PDV (11) are constructed as well; none of the
	// structures read here has them.
	constructed := v.Tag == TagSequence || v.Tag == TagSet || v.Tag == 8 || v.Tag == 11
	if constructed != v.Constructed {
		return syntax("%s in the wrong form", v)
	}
	return nil
}

// ParseAll reads the one value that b holds; bytes after it are refused.
func ParseAll(b []byte) (Value, error) {
	v, rest, err := Parse(b)
	if err != nil {
		return Value{}, err
	}
	if len(rest) != 0 {
		return Value{}, syntax("%d bytes after the value", len(rest))
	}
	return v, nil
}

// Children reads the values inside a constructed value, max at most.
func (v Value) Children(max int) ([]Value, error) {
	if !v.Constructed {
		return nil, syntax("%s has no elements", v)
	}
	var out []Value
	for rest := v.Content; len(rest) > 0; {
		if len(out) == max {
			return nil, fmt.Errorf("%w: more than %d elements", ErrLimit, max)
		}
		var c Value
		var err error
		if c, rest, err = Parse(rest); err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

// Check walks the whole tree of the one value that b holds, without looking
// into primitive values. The outermost value has depth 1.
func Check(b []byte, maxDepth, maxElements int) error {
	if maxDepth < 1 {
		return fmt.Errorf("%w: no depth allowed", ErrLimit)
	}
	v, err := ParseAll(b)
	if err != nil {
		return err
	}
	var open [][]byte // what is left of each open constructed value
	count := 1
	if v.Constructed {
		open = append(open, v.Content)
	}
	for len(open) > 0 {
		top := len(open) - 1
		if len(open[top]) == 0 {
			open = open[:top]
			continue
		}
		if v, open[top], err = Parse(open[top]); err != nil {
			return err
		}
		if count++; count > maxElements {
			return fmt.Errorf("%w: more than %d values", ErrLimit, maxElements)
		}
		if len(open)+1 > maxDepth {
			return fmt.Errorf("%w: nested deeper than %d", ErrLimit, maxDepth)
		}
		if v.Constructed {
			open = append(open, v.Content)
		}
	}
	return nil
}

// Container reads the one value of a signed container and checks its whole
// tree against the budgets of rule R1. Zero bytes after the value, the
// padding of a PDF /Contents string, are tolerated and returned; any other
// byte there is refused (rule B5).
func Container(b []byte) (v Value, padding []byte, err error) {
	v, padding, err = Trim(b)
	if err != nil {
		return Value{}, nil, err
	}
	if len(v.Full) > MaxBytes {
		return Value{}, nil, fmt.Errorf("%w: %d bytes, more than %d", ErrLimit, len(v.Full), MaxBytes)
	}
	if err := Check(v.Full, MaxDepth, MaxElements); err != nil {
		return Value{}, nil, err
	}
	return v, padding, nil
}

// Trim cuts b at the end of its first value. Value and padding are also
// answered together with the error that reports a padding byte other than 0.
func Trim(b []byte) (v Value, padding []byte, err error) {
	v, padding, err = Parse(b)
	if err != nil {
		return Value{}, nil, err
	}
	for i, c := range padding {
		if c != 0 {
			return v, padding, syntax("byte %#02x at %d after the value", c, i)
		}
	}
	return v, padding, nil
}
