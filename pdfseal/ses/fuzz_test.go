package ses

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"sealdesk/pdfseal/internal/der"
)

// rebuildSeal writes a seal again from its fields. Where reading left no
// note, the bytes are those read.
func rebuildSeal(s *Seal) []byte {
	return encodeSeal(s.Version, s.encodeInfo(), s.MakerCert, s.Algorithm, s.Value, s.Timestamp)
}

// rebuildSignature does the same with a V4 or V5 seal signature.
func rebuildSignature(s *Signature) []byte {
	t := tbsSign{version: s.TBSVersion, seal: rebuildSeal(s.Seal), at: s.Time, hash: s.DataHash, propertyInfo: s.PropertyInfo, ext: s.Ext}
	parts := [][]byte{t.encode(), der.Octets(s.SignerCert), der.OID(s.Algorithm), der.Bits(s.Value)}
	if s.Timestamp != nil {
		parts = append(parts, der.Explicit(0, der.Bits(s.Timestamp)))
	}
	return der.Sequence(parts...)
}

// FuzzSES: no panic; Raw is a prefix of the input; what needs no note has one
// encoding only, which is the one written.
func FuzzSES(f *testing.F) {
	for _, v := range []Version{V1, V4, V5} {
		seal := buildSeal(f, sealInfo(v))
		f.Add(seal.Raw)
		f.Add(append(buildSignature(f, seal).Raw, 0, 0))
	}
	digests := sealInfo(V4)
	digests.DigestList = true
	digests.Ext = []ExtData{{ID: []int{1, 2, 3}, Critical: true, Value: []byte("x")}}
	f.Add(buildSeal(f, digests).Raw)
	for _, d := range sampleDrafts(f) {
		f.Add(d)
	}
	dir := filepath.Join("..", "..", "..", "shared", "testdata", "seals")
	for _, name := range []string{"UserV1.esl", "UserV5_ts.esl", "SignedValueV4.dat", "SignedValueV5.dat"} {
		if b, err := os.ReadFile(filepath.Join(dir, name)); err == nil {
			f.Add(b)
		}
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		if s, err := ParseSeal(in); err == nil {
			checkSeal(t, in, s)
		}
		s, err := ParseSignature(in)
		if err != nil {
			return
		}
		if !bytes.HasPrefix(in, s.Raw) || !bytes.Contains(s.Raw, s.TBSRaw) {
			t.Fatal("Raw or TBSRaw is not part of the input")
		}
		checkSeal(t, s.Seal.Raw, s.Seal)
		_ = s.VerifyValue()
		s.Hash()
		if len(s.Notes)+len(s.Seal.Notes) == 0 && s.Version != V1 && !bytes.Equal(rebuildSignature(s), in) {
			t.Fatal("written again, the signature has other bytes")
		}
	})
}

func checkSeal(t *testing.T, in []byte, s *Seal) {
	if !bytes.HasPrefix(in, s.Raw) || !bytes.Contains(s.Raw, s.InfoRaw) {
		t.Fatal("Raw or InfoRaw is not part of the input")
	}
	_ = s.VerifyValue()
	s.Lists(s.MakerCert)
	if len(s.Notes) == 0 && !bytes.Equal(rebuildSeal(s), in) {
		t.Fatal("written again, the seal has other bytes")
	}
}
