package sealtest

import (
	"errors"
	"fmt"
	"time"

	"sealdesk/pdfseal/ses"
)

// SealSpec says what a practice seal looks like. The zero values of Type,
// PictureType, WidthMM, HeightMM and Version stand for 1, "PNG", 42, 42 and
// ses.V4; an empty Picture for SquarePicture(64).
type SealSpec struct {
	ID, Name           string
	Type               int
	Picture            []byte
	PictureType        string
	WidthMM, HeightMM  int
	ValidFrom, ValidTo time.Time
	CertListDigests    bool // list digests instead of certificates
	Version            ses.Version
}

// Vendor is the maker's mark in the header of practice seals.
const Vendor = "SEALDESK.PRACTICE"

// NewSeal makes a seal that the holders' signing certificates may use, signed by the maker.
func (p *PKI) NewSeal(s SealSpec, holders ...*Holder) ([]byte, error) {
	if len(holders) == 0 {
		return nil, errors.New("sealtest: seal without holder")
	}
	s.fill()
	info := ses.SealInfo{Version: s.Version, Vendor: Vendor, ID: s.ID, Kind: s.Type, Name: s.Name, DigestList: s.CertListDigests,
		Created: s.ValidFrom, ValidFrom: s.ValidFrom, ValidTo: s.ValidTo,
		Picture: ses.Picture{Type: s.PictureType, Data: s.Picture, WidthMM: s.WidthMM, HeightMM: s.HeightMM}}
	for _, h := range holders {
		info.Certs = append(info.Certs, h.SignCert)
	}
	out, err := ses.BuildSeal(info, p.MakerCert, p.MakerKey.Sign)
	if err != nil {
		return nil, fmt.Errorf("sealtest: %w", err)
	}
	return out, nil
}

func (s *SealSpec) fill() {
	if s.Type == 0 {
		s.Type = 1
	}
	if len(s.Picture) == 0 {
		s.Picture = SquarePicture(64)
	}
	if s.PictureType == "" {
		s.PictureType = "PNG"
	}
	if s.WidthMM == 0 && s.HeightMM == 0 {
		s.WidthMM, s.HeightMM = 42, 42
	}
	if s.Version == 0 {
		s.Version = ses.V4
	}
}
