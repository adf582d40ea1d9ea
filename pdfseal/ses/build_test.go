package ses

import (
	"bytes"
	"crypto/rand"
	"errors"
	"math/big"
	"testing"
	"time"

	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/internal/der"
)

func TestBuildSeal_readsBack(t *testing.T) {
	for _, v := range []Version{V1, V4, V5} {
		t.Run(v.String(), func(t *testing.T) {
			info := sealInfo(v)
			info.Created = date(2025).Add(123 * time.Millisecond).In(chinaTime)
			info.Ext = []ExtData{{ID: oidExt, Critical: true, Value: []byte("名")}, {ID: AlgorithmSM2, Value: nil}}
			s := buildSeal(t, info)
			if s.Version != v || s.HeaderVersion != int(v) || s.Vendor != info.Vendor || s.ID != info.ID || s.Kind != info.Kind || s.Name != info.Name {
				t.Errorf("read as %+v", s)
			}
			if !s.Created.Equal(date(2025)) || !s.ValidFrom.Equal(info.ValidFrom) || !s.ValidTo.Equal(info.ValidTo) {
				t.Errorf("times %v, %v, %v", s.Created, s.ValidFrom, s.ValidTo)
			}
			p := s.Picture
			if p.Type != "PNG" || !bytes.Equal(p.Data, info.Picture.Data) || p.WidthMM != 42 || p.HeightMM != 40 {
				t.Errorf("picture %s, %d bytes, %d×%d mm", p.Type, len(p.Data), p.WidthMM, p.HeightMM)
			}
			if len(s.Ext) != 2 || !s.Ext[0].Critical || s.Ext[1].Critical || string(s.Ext[0].Value) != "名" || len(s.Notes) != 0 {
				t.Errorf("extensions %v, notes %q", s.Ext, s.Notes)
			}
			if err := s.VerifyValue(); err != nil {
				t.Error(err)
			}
			if got := rebuildSeal(s); !bytes.Equal(got, s.Raw) {
				t.Error("written again, the seal has other bytes")
			}
			if listed, usable := s.Lists(signatory().cert); !listed || !usable {
				t.Errorf("listed %v, usable %v", listed, usable)
			}
			if listed, _ := s.Lists(other().cert); listed {
				t.Error("a stranger is listed")
			}
			if listed, _ := s.Lists(nil); listed {
				t.Error("no certificate is listed")
			}
		})
	}
}

// TestLists_sameKey: another certificate of the same key is not listed (E2).
func TestLists_sameKey(t *testing.T) {
	twin, err := gm.CreateCertificate(gm.CertificateTemplate{
		CommonName: "twin", Serial: big.NewInt(99), NotBefore: date(2024), NotAfter: date(2034), KeyUsage: gm.KeyUsageDigitalSignature,
	}, signatory().key.Public(), nil, signatory().key)
	if err != nil {
		t.Fatal(err)
	}
	for _, digests := range []bool{false, true} {
		info := sealInfo(V4)
		info.DigestList = digests
		info.Certs = append(info.Certs, other().cert)
		s := buildSeal(t, info)
		if listed, usable := s.Lists(twin); listed || !usable {
			t.Errorf("digests %v: twin listed %v, usable %v", digests, listed, usable)
		}
		for _, c := range info.Certs {
			if listed, _ := s.Lists(c); !listed {
				t.Errorf("digests %v: signatory is not listed", digests)
			}
		}
		if digests && (s.CertListType != ListDigests || len(s.Certs) != 0 || len(s.CertDigests) != 2) {
			t.Errorf("list type %d, %d certificates", s.CertListType, len(s.Certs))
		}
	}
}

func TestBuildSignature_readsBack(t *testing.T) {
	for _, v := range []Version{V1, V4, V5} {
		t.Run(v.String(), func(t *testing.T) {
			seal := buildSeal(t, sealInfo(v))
			tbs := tbsOf(t, seal)
			if !bytes.Contains(tbs, seal.Raw) {
				t.Fatal("TBS_Sign does not hold the seal byte for byte")
			}
			s := buildSignature(t, seal)
			hash, ok := s.Hash()
			if !ok || hash != gm.SM3([]byte("protected")) || s.PropertyInfo != "ByteRange[0 10 20 30]" || !s.Time.Equal(date(2026)) {
				t.Errorf("hash %x, propertyInfo %q, time %v", hash, s.PropertyInfo, s.Time)
			}
			if !bytes.Equal(s.TBSRaw, tbs) || !bytes.Equal(s.Seal.Raw, seal.Raw) || s.TBSVersion != int(v) || len(s.Notes) != 0 {
				t.Errorf("read as %+v", s)
			}
			if err := s.VerifyValue(); err != nil {
				t.Error(err)
			}
			if v != V1 && !bytes.Equal(rebuildSignature(s), s.Raw) {
				t.Error("written again, the signature has other bytes")
			}
		})
	}
}

// TestBuildTBS_foreignEncoding: a seal with a default written out, which an
// encoder would drop, goes in unchanged.
func TestBuildTBS_foreignEncoding(t *testing.T) {
	d := newSealDraft(V4)
	d.ext = extDatas(true)
	raw := d.bytes(t)
	seal, err := ParseSeal(append(bytes.Clone(raw), 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	s := buildSignature(t, seal)
	if !bytes.Equal(s.Seal.Raw, raw) {
		t.Error("the seal inside differs from the seal")
	}
	if err := s.Seal.VerifyValue(); err != nil {
		t.Error(err)
	}
}

func TestBuildSignature_writesDER(t *testing.T) {
	seal := buildSeal(t, sealInfo(V4))
	tbs := tbsOf(t, seal)
	value := sign(t, signatory(), tbs)
	b, err := BuildSignature(tbs, signatory().cert, raw(t, value))
	if err != nil {
		t.Fatal(err)
	}
	if s, err := ParseSignature(b); err != nil || !bytes.Equal(s.Value, value) {
		t.Errorf("value %x, want %x: %v", s.Value, value, err)
	}
}

func TestBuildSeal_refusals(t *testing.T) {
	for name, change := range map[string]func(i *SealInfo){
		"version 2":           func(i *SealInfo) { i.Version = 2 },
		"V1 digests":          func(i *SealInfo) { i.Version, i.DigestList = V1, true },
		"V1 year 2050":        func(i *SealInfo) { i.Version, i.ValidTo = V1, date(2050) },
		"vendor not ASCII":    func(i *SealInfo) { i.Vendor = "厂" },
		"no id":               func(i *SealInfo) { i.ID = "" },
		"no name":             func(i *SealInfo) { i.Name = "" },
		"name not UTF-8":      func(i *SealInfo) { i.Name = "\xff" },
		"no signatory":        func(i *SealInfo) { i.Certs = nil },
		"no picture":          func(i *SealInfo) { i.Picture.Data = nil },
		"no width":            func(i *SealInfo) { i.Picture.WidthMM = 0 },
		"validity turned":     func(i *SealInfo) { i.ValidTo = i.ValidFrom },
		"year 10000":          func(i *SealInfo) { i.ValidTo = date(10000) },
		"extension of no arc": func(i *SealInfo) { i.Ext = []ExtData{{}} },
		"extension 3.1":       func(i *SealInfo) { i.Ext = []ExtData{{ID: []int{3, 1}}} },
		"extension 1.40":      func(i *SealInfo) { i.Ext = []ExtData{{ID: []int{1, 40}}} },
		"more than 1 MiB":     func(i *SealInfo) { i.Picture.Data = make([]byte, der.MaxBytes) },
	} {
		t.Run(name, func(t *testing.T) {
			info := sealInfo(V4)
			change(&info)
			b, err := BuildSeal(info, maker().cert, func([]byte) ([]byte, error) {
				t.Error("the maker was asked to sign")
				return nil, errors.New("no")
			})
			if err == nil {
				t.Errorf("built %d bytes", len(b))
			}
		})
	}
}

func TestBuildSeal_signerFails(t *testing.T) {
	broken := errors.New("key is gone")
	if _, err := BuildSeal(sealInfo(V4), maker().cert, func([]byte) ([]byte, error) { return nil, broken }); !errors.Is(err, broken) {
		t.Errorf("signer's error: %v", err)
	}
	if _, err := BuildSeal(sealInfo(V4), maker().cert, func([]byte) ([]byte, error) { return []byte{0x30, 0}, nil }); err == nil {
		t.Error("a malformed value was written")
	}
}

func TestBuildSignature_refusals(t *testing.T) {
	v1, v4 := buildSeal(t, sealInfo(V1)), buildSeal(t, sealInfo(V4))
	hash := [32]byte{}
	if _, err := BuildTBS(v1, date(2026), hash, ""); err == nil {
		t.Error("BuildTBS took a V1 seal")
	}
	if _, err := BuildTBSV1(v4, date(2026), hash, "", signatory().cert); err == nil {
		t.Error("BuildTBSV1 took a V4 seal")
	}
	if _, err := BuildTBS(v4, date(2026), hash, "范围"); err == nil {
		t.Error("propertyInfo is not ASCII")
	}
	if _, err := BuildTBS(v4, date(-5), hash, ""); err == nil {
		t.Error("a year before 1 was written")
	}
	tbs := tbsOf(t, v1)
	value := sign(t, signatory(), tbs)
	if _, err := BuildSignature(tbs, other().cert, value); err == nil {
		t.Error("another certificate stands beside a V1 TBS_Sign")
	}
	for name, b := range map[string][]byte{"nothing": nil, "a seal": v4.Raw, "trailing byte": append(tbsOf(t, v4), 0)} {
		if _, err := BuildSignature(b, signatory().cert, value); err == nil {
			t.Errorf("%s was taken as TBS_Sign", name)
		}
	}
	if _, err := BuildSignature(tbsOf(t, v4), signatory().cert, make([]byte, 64)); err == nil {
		t.Error("a zero signature was written")
	}
	junk := make([]byte, 70)
	if _, err := rand.Read(junk); err != nil {
		t.Fatal(err)
	}
	if _, err := BuildSignature(tbsOf(t, v4), signatory().cert, junk); err == nil {
		t.Error("junk was written as a signature value")
	}
}
