package der

import (
	"bytes"
	"encoding/asn1"
	"errors"
	"math"
	"math/big"
	"testing"
	"time"
)

func one(t testing.TB, b []byte) Value {
	t.Helper()
	v, err := ParseAll(b)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestInt(t *testing.T) {
	for _, n := range []int{0, 1, -1, 127, 128, -128, -129, 255, 256, math.MaxInt32, math.MinInt32} {
		b := Int(n)
		std, err := asn1.Marshal(n)
		if err != nil || !bytes.Equal(b, std) {
			t.Errorf("Int(%d) = %x, encoding/asn1 says %x", n, b, std)
		}
		if got, err := one(t, b).Int(); err != nil || got != n {
			t.Errorf("%d reads as %d, %v", n, got, err)
		}
	}
	for _, in := range []string{"02 00", "02 02 00 7f", "02 02 ff 80", "02 05 01 00 00 00 00", "02 04 80 00 00 00 ", "04 01 00"} {
		v := one(t, unhex(t, in))
		if n, err := v.Int(); (err == nil) != (in == "02 04 80 00 00 00 ") {
			t.Errorf("%s reads as %d, %v", in, n, err)
		}
	}
	big65 := new(big.Int).Lsh(big.NewInt(1), 8*64)
	if _, err := one(t, Big(big65)).Big(); !errors.Is(err, ErrLimit) {
		t.Errorf("INTEGER of 65 bytes: %v", err)
	}
}

func TestOID(t *testing.T) {
	for _, o := range []asn1.ObjectIdentifier{
		{1, 2}, {2, 999, 3}, {0, 39}, {1, 2, 156, 10197, 1, 501}, {2, 16, 840, 1, 101, 3, 4, 2, 1}, {1, 2, 840, 113549, 1, 9, 16, 2, 47},
	} {
		b := OID(o)
		std, err := asn1.Marshal(o)
		if err != nil || !bytes.Equal(b, std) {
			t.Errorf("OID(%v) = %x, encoding/asn1 says %x", o, b, std)
		}
		if got, err := one(t, b).OID(); err != nil || !got.Equal(o) {
			t.Errorf("%v reads as %v, %v", o, got, err)
		}
	}
	for _, in := range []string{"06 00", "06 02 2a 80", "06 03 2a 80 01", "06 01 80", "06 0a 2a ff ff ff ff ff ff ff ff 7f", "05 00"} {
		if o, err := one(t, unhex(t, in)).OID(); !errors.Is(err, ErrSyntax) {
			t.Errorf("%s reads as %v, %v", in, o, err)
		}
	}
}

func TestBool_Bits_Octets(t *testing.T) {
	for _, in := range []string{"01 01 01", "01 00", "01 02 ff ff", "02 01 00"} {
		if _, err := one(t, unhex(t, in)).Bool(); !errors.Is(err, ErrSyntax) {
			t.Errorf("BOOLEAN %s: %v", in, err)
		}
	}
	for _, want := range []bool{true, false} {
		if got, err := one(t, Bool(want)).Bool(); err != nil || got != want {
			t.Errorf("Bool(%v) reads as %v, %v", want, got, err)
		}
	}
	for _, in := range []string{"03 00", "03 02 01 80", "03 02 08 80", "04 01 00"} {
		if _, err := one(t, unhex(t, in)).Bits(); !errors.Is(err, ErrSyntax) {
			t.Errorf("BIT STRING %s: %v", in, err)
		}
	}
	if b, err := one(t, Bits([]byte{1, 2})).Bits(); err != nil || !bytes.Equal(b, []byte{1, 2}) {
		t.Errorf("Bits: %x, %v", b, err)
	}
	if _, err := one(t, Bits(nil)).Octets(); !errors.Is(err, ErrSyntax) {
		t.Errorf("Octets of a BIT STRING: %v", err)
	}
}

func TestText(t *testing.T) {
	if s, ascii, err := one(t, Text(TagIA5String, "ES")).Text(TagIA5String); s != "ES" || !ascii || err != nil {
		t.Errorf("ES: %q %v %v", s, ascii, err)
	}
	if s, ascii, err := one(t, Text(TagIA5String, "章")).Text(TagIA5String); s != "章" || ascii || err != nil {
		t.Errorf("章: %q %v %v", s, ascii, err)
	}
	if _, _, err := one(t, Text(TagIA5String, "\xd5\xc2")).Text(TagIA5String); !errors.Is(err, ErrSyntax) {
		t.Errorf("GBK: %v", err)
	}
	if _, _, err := one(t, Text(TagUTF8String, "x")).Text(TagIA5String); !errors.Is(err, ErrSyntax) {
		t.Errorf("other string type: %v", err)
	}
	long := Text(TagIA5String, string(make([]byte, 1<<16+1)))
	if _, _, err := one(t, long).Text(TagIA5String); !errors.Is(err, ErrLimit) {
		t.Errorf("long string: %v", err)
	}
}

func TestTime(t *testing.T) {
	at := time.Date(2020, 10, 12, 11, 14, 3, 0, time.UTC)
	for _, b := range [][]byte{GeneralizedTime(at), UTCTime(at), GeneralizedTime(at.In(time.FixedZone("", 8*3600)))} {
		if got, err := one(t, b).Time(); err != nil || !got.Equal(at) {
			t.Errorf("%x reads as %v, %v", b, got, err)
		}
	}
	if got, err := one(t, Text(TagUTCTime, "500101000000Z")).Time(); err != nil || got.Year() != 1950 {
		t.Errorf("year 50: %v, %v", got, err)
	}
	if got, err := one(t, Text(TagUTCTime, "491231235959Z")).Time(); err != nil || got.Year() != 2049 {
		t.Errorf("year 49: %v, %v", got, err)
	}
	half := Text(TagGeneralizedTime, "20201012111403.5Z")
	if got, err := one(t, half).Time(); err != nil || !got.Equal(at.Add(time.Second/2)) || !bytes.Equal(GeneralizedTime(got), half) {
		t.Errorf("fraction: %v, %v", got, err)
	}
	for tag, list := range map[int][]string{
		TagGeneralizedTime: {"", "20201012111403", "202010121114Z", "20201012111403.50Z", "20201012111403,5Z", "20201012111403.Z",
			"20201012111403+0800", "20201312111403Z", "20200230111403Z", "20201012111460Z", "20201012111403z", "201012111403Z",
			"20201012111403.1234567891Z", "20201012111403.12345678901234567890Z"},
		TagUTCTime: {"", "201012111403", "2010121114Z", "201012111403.5Z", "201012111403+0800", "20201012111403Z"},
		TagInteger: {"\x01"},
	} {
		for _, s := range list {
			if got, err := one(t, Text(tag, s)).Time(); !errors.Is(err, ErrSyntax) {
				t.Errorf("tag %d %q reads as %v, %v", tag, s, got, err)
			}
		}
	}
}

func TestExplicit(t *testing.T) {
	inner, err := one(t, Explicit(0, Int(7))).Explicit(0)
	if n, _ := inner.Int(); err != nil || n != 7 {
		t.Errorf("Explicit: %v, %v", inner, err)
	}
	for name, b := range map[string][]byte{
		"other number": Explicit(1, Int(7)), "two values": TLV(0xa0, Int(7), Int(8)), "empty": TLV(0xa0), "primitive": TLV(0x80, Int(7)),
	} {
		if _, err := one(t, b).Explicit(0); !errors.Is(err, ErrSyntax) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
