package ses

import (
	"bytes"
	"testing"

	"sealdesk/pdfseal/internal/der"
)

func TestAddTimestamp(t *testing.T) {
	token := der.Sequence(der.Int(1))
	for _, v := range []Version{V4, V5} {
		s := buildSignature(t, buildSeal(t, sealInfo(v)))
		b, err := AddTimestamp(s.Raw, token)
		if err != nil {
			t.Fatal(err)
		}
		got, err := ParseSignature(b)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got.Timestamp, token) || !bytes.Equal(got.TBSRaw, s.TBSRaw) || !bytes.Equal(got.Value, s.Value) || len(got.Notes) != len(s.Notes) {
			t.Errorf("%v: %+v", v, got)
		}
		if err := got.VerifyValue(); err != nil {
			t.Errorf("%v: %v", v, err)
		}
		if _, err := AddTimestamp(b, token); err == nil {
			t.Errorf("%v: a second timestamp is written", v)
		}
		if _, err := AddTimestamp(append(bytes.Clone(s.Raw), 0), token); err == nil {
			t.Errorf("%v: padding is lost", v)
		}
	}
	if _, err := AddTimestamp(buildSignature(t, buildSeal(t, sealInfo(V1))).Raw, token); err == nil {
		t.Error("a V1 signature has no place for a timestamp")
	}
	if _, err := AddTimestamp([]byte{0x30, 0}, token); err == nil {
		t.Error("not a seal signature")
	}
}
