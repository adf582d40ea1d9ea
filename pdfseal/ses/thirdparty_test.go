package ses

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"testing"
	"time"

	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/internal/der"
)

func utc(t *testing.T, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.DateTime, s)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// foreignSeal is what the README of the shared seals says of one.
type foreignSeal struct {
	file      string
	version   Version
	kind      int
	name      string
	from, to  string
	timestamp []byte
}

var foreignSeals = []foreignSeal{
	{"UserV1.esl", V1, 1, "OFDRW测试用印章", "2020-04-22 02:18:07", "2022-04-22 02:18:07", nil},
	{"UserV4.esl", V4, 3, "OFD R&W 测试用印章", "2020-04-22 02:09:00", "2022-04-22 02:09:00", nil},
	{"UserV5.esl", V5, 3, "OFD R&W V5测试用印章", "2026-04-24 08:53:23", "2028-04-24 08:53:23", nil},
	{"UserV5_ts.esl", V5, 3, "OFD R&W V5测试用印章", "2026-04-24 08:53:22", "2028-04-24 08:53:22", []byte{1, 2, 3}},
}

func TestForeignSeals(t *testing.T) {
	for _, want := range foreignSeals {
		t.Run(want.file, func(t *testing.T) {
			b := shared(t, want.file)
			s, err := ParseSeal(b)
			if err != nil {
				t.Fatal(err)
			}
			if s.Version != want.version || s.HeaderVersion != int(want.version) || s.Kind != want.kind || s.Name != want.name {
				t.Errorf("version %d, header %d, kind %d, name %q", s.Version, s.HeaderVersion, s.Kind, s.Name)
			}
			if !s.ValidFrom.Equal(utc(t, want.from)) || !s.ValidTo.Equal(utc(t, want.to)) {
				t.Errorf("valid %v to %v", s.ValidFrom, s.ValidTo)
			}
			if !bytes.Equal(s.Raw, b) || !bytes.Equal(s.Timestamp, want.timestamp) || len(s.Notes) != 0 || s.Ext != nil {
				t.Errorf("raw %d of %d bytes, timestamp %x, notes %q, extensions %v", len(s.Raw), len(b), s.Timestamp, s.Notes, s.Ext)
			}
			format, w, h, err := s.Picture.Sniff()
			if format != "png" || w != 400 || h != 400 || err != nil || s.Picture.WidthMM != 40 || s.Picture.HeightMM != 40 {
				t.Errorf("picture %s %d×%d px, %d×%d mm, %v", format, w, h, s.Picture.WidthMM, s.Picture.HeightMM, err)
			}
			if img, err := s.Picture.Decode(); err != nil || img.Bounds().Dx() != 400 {
				t.Errorf("decode: %v", err)
			}
			if err := s.VerifyValue(); err != nil {
				t.Error(err)
			}
			if got := rebuildSeal(s); !bytes.Equal(got, b) {
				t.Error("written again, the seal has other bytes")
			}
		})
	}
}

// TestForeignSeals_signedBytes: the value holds over the bytes of the
// seal's own version and over no others.
func TestForeignSeals_signedBytes(t *testing.T) {
	for _, f := range foreignSeals {
		t.Run(f.file, func(t *testing.T) {
			s, err := ParseSeal(shared(t, f.file))
			if err != nil {
				t.Fatal(err)
			}
			cert, err := gm.ParseCertificate(s.MakerCert)
			if err != nil {
				t.Fatal(err)
			}
			candidates := map[string][]byte{
				"info":                    s.InfoRaw,
				"SEQUENCE{info,cert,alg}": der.Sequence(s.InfoRaw, s.certRaw, s.algRaw),
				"info‖cert‖alg":           bytes.Join([][]byte{s.InfoRaw, s.certRaw, s.algRaw}, nil),
				"content of info":         s.InfoRaw[4:],
				"SEQUENCE{info,cert}":     der.Sequence(s.InfoRaw, s.certRaw),
				"seal":                    s.Raw,
			}
			right := "info"
			if s.Version == V1 {
				right = "SEQUENCE{info,cert,alg}"
			}
			for name, m := range candidates {
				err := cert.Public.Verify(m, s.Value)
				if name == right && (err != nil || !opensslAccepts(t, s.MakerCert, m, s.Value)) {
					t.Errorf("%s: refused: %v", name, err)
				}
				if name != right && !errors.Is(err, gm.ErrSignature) {
					t.Errorf("%s: %v; want gm.ErrSignature", name, err)
				}
			}
		})
	}
}

func TestForeignSignatures(t *testing.T) {
	for _, want := range []struct {
		file, seal, sealID, time string
		version                  Version
	}{
		{"SignedValueV4.dat", "UserV4.esl", "51f044b76510434e9bc67a1185c2fba5", "2020-10-12 11:14:03", V4},
		{"SignedValueV5.dat", "", "309093c121454e56955f3be47ff728a3", "2026-04-24 08:53:26", V5},
	} {
		t.Run(want.file, func(t *testing.T) {
			b := shared(t, want.file)
			s, err := ParseSignature(b)
			if err != nil {
				t.Fatal(err)
			}
			if s.Version != want.version || s.TBSVersion != int(want.version) || s.Seal.ID != want.sealID || !s.Time.Equal(utc(t, want.time)) {
				t.Errorf("version %d, %d, seal %s, time %v", s.Version, s.TBSVersion, s.Seal.ID, s.Time)
			}
			if want.seal != "" && !bytes.Equal(s.Seal.Raw, shared(t, want.seal)) {
				t.Errorf("the seal inside differs from %s", want.seal)
			}
			if hash, ok := s.Hash(); !ok || hash != ([32]byte{}) || hash == gm.SM3(nil) {
				t.Errorf("dataHash %x, %v; want 32 zero bytes", hash, ok)
			}
			if s.PropertyInfo != "/Doc_0/Signs/Sign_0/Signature.xml" || s.Timestamp != nil || s.Ext != nil || len(s.Notes)+len(s.Seal.Notes) != 0 {
				t.Errorf("propertyInfo %q, timestamp %x, notes %q %q", s.PropertyInfo, s.Timestamp, s.Notes, s.Seal.Notes)
			}
			if err := s.VerifyValue(); err != nil || !opensslAccepts(t, s.SignerCert, s.TBSRaw, s.Value) {
				t.Errorf("signature value: %v", err)
			}
			if err := s.Seal.VerifyValue(); err != nil {
				t.Error(err)
			}
			if listed, usable := s.Seal.Lists(s.SignerCert); !listed || !usable {
				t.Errorf("signatory listed %v, usable %v", listed, usable)
			}
			if listed, _ := s.Seal.Lists(s.Seal.MakerCert); listed {
				t.Error("the maker is listed as a signatory")
			}
			if got := rebuildSignature(s); !bytes.Equal(got, b) {
				t.Error("written again, the signature has other bytes")
			}
		})
	}
}

// TestForeignFiles_areThoseOfTheREADME guards the meaning of the two tests above.
func TestForeignFiles_areThoseOfTheREADME(t *testing.T) {
	for file, prefix := range map[string]string{
		"UserV1.esl": "305df82d82b0", "UserV4.esl": "b73dd33ec01c", "UserV5.esl": "675d471ac56d", "UserV5_ts.esl": "152c7a1c242b",
		"SignedValueV4.dat": "cab69f8e4b27", "SignedValueV5.dat": "917eeeeadf7b",
	} {
		sum := sha256.Sum256(shared(t, file))
		if got := hex.EncodeToString(sum[:6]); got != prefix {
			t.Errorf("%s: %s, want %s", file, got, prefix)
		}
	}
}
