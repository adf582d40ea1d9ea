package ses

import (
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"sealdesk/pdfseal/gm"
)

// SealInfo says what a new seal holds. Vendor, ID and Picture.Type must be
// ASCII. Times are written in UTC, cut to the second.
type SealInfo struct {
	Version    Version // zero value: V4
	Vendor, ID string
	Kind       int
	Name       string
	Certs      [][]byte // DER certificates of those who may use the seal; at least one
	DigestList bool     // list SM3 digests instead of the certificates (not in V1)

	Created, ValidFrom, ValidTo time.Time
	Picture                     Picture
	Ext                         []ExtData
}

// BuildSeal writes a seal in strict DER (GB/T 38540-2020, or the V1 and V5
// forms of GM/T 0031) and answers its bytes. sign gets the bytes that the
// maker signs and answers an SM2 signature value; it is written as DER. The
// result has been read back. Errors: wishes that the structure cannot hold, a
// value that is no SM2 signature, and what sign answers.
func BuildSeal(info SealInfo, makerCert []byte, sign func(m []byte) ([]byte, error)) ([]byte, error) {
	s, err := info.seal()
	if err != nil {
		return nil, fmt.Errorf("ses: build seal: %w", err)
	}
	s.InfoRaw = s.encodeInfo()
	unsigned := encodeSeal(s.Version, s.InfoRaw, makerCert, AlgorithmSM2, nil, nil)
	draft, err := ParseSeal(unsigned)
	if err != nil {
		return nil, fmt.Errorf("ses: build seal: %w", err)
	}
	value, err := sign(draft.SignedBytes())
	if err != nil {
		return nil, fmt.Errorf("ses: build seal: sign: %w", err)
	}
	sig, _, err := gm.ParseSignature(value)
	if err != nil {
		return nil, fmt.Errorf("ses: build seal: signature value: %w", err)
	}
	out := encodeSeal(s.Version, s.InfoRaw, makerCert, AlgorithmSM2, sig.DER(), nil)
	if _, err := ParseSeal(out); err != nil {
		return nil, fmt.Errorf("ses: build seal: %w", err)
	}
	return out, nil
}

// seal checks the wishes and turns them into the fields of a seal.
func (i SealInfo) seal() (*Seal, error) {
	if i.Version == 0 {
		i.Version = V4
	}
	s := &Seal{
		Version: i.Version, HeaderVersion: int(i.Version), Vendor: i.Vendor, ID: i.ID, Kind: i.Kind, Name: i.Name,
		CertListType: ListCertificates, Picture: i.Picture, Created: second(i.Created), ValidFrom: second(i.ValidFrom),
		ValidTo: second(i.ValidTo),
	}
	if len(i.Ext) > 0 {
		s.Ext = i.Ext
	}
	if err := i.check(); err != nil {
		return nil, err
	}
	if !i.DigestList {
		s.Certs = i.Certs
		return s, nil
	}
	s.CertListType = ListDigests
	for _, c := range i.Certs {
		digest := gm.SM3(c)
		s.CertDigests = append(s.CertDigests, CertDigest{Type: "SM3", Value: digest[:]})
	}
	return s, nil
}

func (i SealInfo) check() error {
	switch {
	case i.Version != V1 && i.Version != V4 && i.Version != V5:
		return fmt.Errorf("no structure of version %d", i.Version)
	case i.Version == V1 && i.DigestList:
		return errors.New("a V1 seal cannot list digests")
	case !ascii(i.Vendor) || !ascii(i.ID) || !ascii(i.Picture.Type):
		return errors.New("vendor, id and picture type must be ASCII")
	case i.ID == "" || i.Name == "" || !utf8.ValidString(i.Name):
		return errors.New("id or name is missing or not UTF-8")
	case len(i.Certs) == 0 || len(i.Certs) > maxListed:
		return fmt.Errorf("%d certificates in the signer list", len(i.Certs))
	case len(i.Picture.Data) == 0 || i.Picture.WidthMM <= 0 || i.Picture.HeightMM <= 0:
		return errors.New("no picture, or one without size")
	case !i.ValidFrom.Before(i.ValidTo):
		return errors.New("validity ends before it begins")
	}
	for _, e := range i.Ext {
		if err := e.check(); err != nil {
			return err
		}
	}
	for _, t := range []time.Time{i.Created, i.ValidFrom, i.ValidTo} {
		if err := i.Version.checkTime(t); err != nil {
			return err
		}
	}
	return nil
}

func (e ExtData) check() error {
	bad := len(e.ID) < 2 || e.ID[0] > 2 || e.ID[0] < 2 && e.ID[1] > 39
	for _, arc := range e.ID {
		bad = bad || arc < 0
	}
	if bad {
		return fmt.Errorf("extension identifier %v", e.ID)
	}
	return nil
}

// checkTime refuses a time that the version's time type cannot hold.
func (v Version) checkTime(t time.Time) error {
	year := t.UTC().Year()
	if v == V1 && (year < 1950 || year > 2049) || year < 1 || year > 9999 {
		return fmt.Errorf("year %d cannot be written", year)
	}
	return nil
}

func second(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
