package cms

import (
	"bytes"
	"testing"

	"sealdesk/pdfseal/internal/der"
)

// FuzzCMS: no panic; Raw is a prefix of the input with zero bytes behind it;
// what verifies for one document does not verify for another.
func FuzzCMS(f *testing.F) {
	for _, c := range variants {
		d := newDraft(f)
		c.change(f, d)
		f.Add(d.bytes(f))
		d.unsigned = der.TLV(0xa1, attr(oidTimestampToken, der.Sequence(der.Int(1))))
		f.Add(append(d.bytes(f), 0, 0))
	}
	f.Add([]byte{0x1f, 0x80})
	f.Add(bytes.Repeat([]byte{0x30, 0x80}, 1000))
	otherDigest := [32]byte{1}
	f.Fuzz(func(t *testing.T, in []byte) {
		s, err := Parse(in)
		if err != nil {
			return
		}
		if !bytes.HasPrefix(in, s.Raw) || len(bytes.Trim(in[len(s.Raw):], "\x00")) != 0 || !IsCMS(in) {
			t.Fatal("Raw is not what was read")
		}
		s.Signer.TimestampToken()
		if _, err := s.Verify(digest, readDocument); err != nil {
			return
		}
		if r, err := s.Verify(otherDigest, nil); err == nil {
			t.Fatalf("two documents verify, %q", r.Variant)
		}
	})
}
