package der

import (
	"bytes"
	"encoding/hex"
	"errors"
	"strings"
	"testing"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestParse_refusals(t *testing.T) {
	cases := map[string]string{
		"empty":                     "",
		"one byte":                  "30",
		"high tag number":           "1f 80 00",
		"indefinite":                "30 80 00 00",
		"length not minimal, short": "30 81 00",
		"length not minimal, 127":   "04 81 7f" + strings.Repeat("00", 127),
		"length with leading zero":  "04 82 00 80" + strings.Repeat("00", 128),
		"length of five octets":     "04 85 00 00 00 00 01 00",
		"length cut off":            "30 84",
		"length beyond the end":     "04 03 01 02",
		"length of 2 GiB":           "04 84 80 00 00 00",
		"constructed OCTET STRING":  "24 02 04 00",
		"primitive SEQUENCE":        "10 00",
		"primitive SET":             "11 00",
		"end of contents":           "00 00",
	}
	for name, in := range cases {
		t.Run(name, func(t *testing.T) {
			if v, _, err := Parse(unhex(t, in)); !errors.Is(err, ErrSyntax) {
				t.Errorf("Parse = %v, %v; want ErrSyntax", v, err)
			}
		})
	}
}

func TestParse_lengths(t *testing.T) {
	for _, n := range []int{0, 1, 0x7f, 0x80, 0xff, 0x100, 0xffff, 0x10000} {
		in := append(Octets(make([]byte, n)), 0xaa)
		v, rest, err := Parse(in)
		if err != nil || len(v.Content) != n || !bytes.Equal(v.Full, in[:len(in)-1]) || len(rest) != 1 {
			t.Errorf("length %d: content %d, rest %d, %v", n, len(v.Content), len(rest), err)
		}
		if _, err := ParseAll(in); !errors.Is(err, ErrSyntax) {
			t.Errorf("length %d: trailing byte: %v", n, err)
		}
	}
}

func TestChildren_bound(t *testing.T) {
	in, _ := ParseAll(Sequence(Int(1), Int(2), Int(3)))
	if c, err := in.Children(3); err != nil || len(c) != 3 {
		t.Errorf("Children(3) = %d, %v", len(c), err)
	}
	if _, err := in.Children(2); !errors.Is(err, ErrLimit) {
		t.Errorf("Children(2): %v; want ErrLimit", err)
	}
	if _, err := in.Sequence(4, 9); !errors.Is(err, ErrSyntax) {
		t.Errorf("Sequence(4, 9): %v; want ErrSyntax", err)
	}
	if _, err := in.Set(0, 9); !errors.Is(err, ErrSyntax) {
		t.Errorf("Set of a SEQUENCE: %v; want ErrSyntax", err)
	}
	leaf, _ := ParseAll(Int(1))
	if _, err := leaf.Children(9); !errors.Is(err, ErrSyntax) {
		t.Errorf("Children of INTEGER: %v; want ErrSyntax", err)
	}
}

// nested wraps NULL in n SEQUENCEs.
func nested(n int) []byte {
	b := Null()
	for range n {
		b = Sequence(b)
	}
	return b
}

func TestCheck_limits(t *testing.T) {
	if err := Check(nested(MaxDepth-1), MaxDepth, MaxElements); err != nil {
		t.Errorf("at the depth limit: %v", err)
	}
	if err := Check(nested(MaxDepth), MaxDepth, MaxElements); !errors.Is(err, ErrLimit) {
		t.Errorf("beyond the depth limit: %v", err)
	}
	flat := func(n int) []byte { return Sequence(bytes.Repeat(Null(), n)) }
	if err := Check(flat(99), 2, 100); err != nil {
		t.Errorf("at the element limit: %v", err)
	}
	if err := Check(flat(100), 2, 100); !errors.Is(err, ErrLimit) {
		t.Errorf("beyond the element limit: %v", err)
	}
	if err := Check(Null(), 0, 100); !errors.Is(err, ErrLimit) {
		t.Errorf("no depth: %v", err)
	}
	if err := Check(Sequence(Sequence(unhex(t, "30 80 00 00"))), 24, 100); !errors.Is(err, ErrSyntax) {
		t.Errorf("indefinite length inside: %v", err)
	}
}

// TestCheck_deepInput holds the input of five million nested headers that
// ends other parsers in a fatal stack overflow.
func TestCheck_deepInput(t *testing.T) {
	if err := Check(bytes.Repeat([]byte{0x30, 0x80}, 5_000_000), MaxDepth, MaxElements); !errors.Is(err, ErrSyntax) {
		t.Errorf("indefinite: %v", err)
	}
	var deep []byte
	for len(deep) < 30_000 {
		deep = append(appendLength([]byte{0x30}, len(deep)), deep...)
	}
	if err := Check(deep, MaxDepth, MaxElements); !errors.Is(err, ErrLimit) {
		t.Errorf("definite: %v", err)
	}
}

func TestContainer_limits(t *testing.T) {
	fill := func(n int) []byte { return Sequence(Octets(make([]byte, n-10))) }
	if b := fill(MaxBytes); len(b) != MaxBytes {
		t.Fatalf("fixture has %d bytes", len(b))
	}
	if _, _, err := Container(fill(MaxBytes)); err != nil {
		t.Errorf("at the size limit: %v", err)
	}
	if _, _, err := Container(fill(MaxBytes + 1)); !errors.Is(err, ErrLimit) {
		t.Errorf("beyond the size limit: %v", err)
	}
	v, padding, err := Container(append(Int(5), 0, 0, 0))
	if err != nil || len(v.Full) != 3 || len(padding) != 3 {
		t.Errorf("zero padding: %d, %d, %v", len(v.Full), len(padding), err)
	}
	if _, _, err := Container(append(Int(5), 0, 0, 1)); !errors.Is(err, ErrSyntax) {
		t.Errorf("padding with 01: %v", err)
	}
	v, padding, err = Trim(append(Int(5), 0, 7))
	if !errors.Is(err, ErrSyntax) || len(v.Full) != 3 || len(padding) != 2 {
		t.Errorf("Trim: %d, %d, %v", len(v.Full), len(padding), err)
	}
}
