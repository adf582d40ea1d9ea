package training

import (
	"context"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"sealdesk/cmd/softkey/store"
	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/sealtest"
	"sealdesk/pdfseal/ses"
	"sealdesk/pdfseal/trust"
)

// validYears is how long certificates and seals of the office are good: longer than real ones, so that an office can be kept.
const validYears = 9

// CKA_ID of the two key pairs of a UsbKey.
var (
	signingID    = []byte{1}
	encryptionID = []byte{2}
)

// makeKeys makes the custodians' certificates, the seals and the UsbKeys, or finds them as they were.
func makeKeys(_ context.Context, o *Office, s *state, pki *sealtest.PKI) error {
	from := s.Made.Add(-24 * time.Hour)
	for slot, u := range practiceUnits {
		h, err := pki.NewHolder(u.name, u.custodian, from, from.AddDate(validYears, 0, 0))
		if err != nil {
			return fmt.Errorf("training: %w", err)
		}
		file := filepath.Join(o.Dir, "seals", u.name+".esl")
		picture := filepath.Join(o.Dir, "seals", u.name+".png")
		seal, err := u.seal(pki, h, file, from)
		if err != nil {
			return err
		}
		if err := keepFile(file, seal.Raw, 0o600); err != nil {
			return err
		}
		if err := keepFile(picture, seal.Picture.Data, 0o600); err != nil {
			return err
		}
		if err := u.provision(o, s, slot, h, seal.Raw); err != nil {
			return err
		}
		o.Seals = append(o.Seals, Seal{ID: u.sealID, Name: u.name, Slot: slot, WidthMM: u.design.Diameter, HeightMM: u.design.Diameter,
			File: file, Picture: picture})
	}
	return nil
}

// seal answers the unit's seal: the one in file if it is still this office's, else a new one, which has the same bytes.
func (u unit) seal(pki *sealtest.PKI, h *sealtest.Holder, file string, from time.Time) (*ses.Seal, error) {
	if raw, err := os.ReadFile(file); err == nil {
		if old, err := ses.ParseSeal(raw); err == nil && old.ID == u.sealID && old.Name == u.name && old.VerifyValue() == nil &&
			string(old.MakerCert) == string(pki.MakerCert) {
			if listed, usable := old.Lists(h.SignCert); listed && usable {
				return old, nil
			}
		}
	}
	picture, err := pictureOf(u.design)
	if err != nil {
		return nil, err
	}
	raw, err := pki.NewSeal(sealtest.SealSpec{
		ID: u.sealID, Name: u.name, Picture: picture, PictureType: "PNG", WidthMM: u.design.Diameter, HeightMM: u.design.Diameter,
		ValidFrom: from, ValidTo: from.AddDate(validYears, 0, 0), Version: ses.V4,
	}, h)
	if err != nil {
		return nil, fmt.Errorf("training: %w", err)
	}
	seal, err := ses.ParseSeal(raw)
	if err != nil {
		return nil, fmt.Errorf("training: %w", err)
	}
	return seal, nil
}

// provision puts keys, certificates and seal on the unit's UsbKey unless that is done. One that was left half made is made again.
func (u unit) provision(o *Office, s *state, slot int, h *sealtest.Holder, seal []byte) error {
	if slices.Contains(s.Ready, slot) {
		key, err := store.Open(o.Store, slot)
		if err == nil {
			return plugIn(key, slot)
		}
	}
	if err := os.RemoveAll(filepath.Join(o.Store, fmt.Sprintf("slot%d", slot))); err != nil {
		return fmt.Errorf("training: %w", err)
	}
	spec := store.TokenSpec{Label: u.label, Serial: serial(s.Seed, slot), Profile: u.profile, UserPIN: PIN, SOPIN: "87654321"}
	if err := store.Init(o.Store, slot, spec); err != nil {
		return fmt.Errorf("training: %w", err)
	}
	key, err := store.Open(o.Store, slot)
	if err != nil {
		return fmt.Errorf("training: %w", err)
	}
	for _, add := range []func() error{
		func() error { return key.AddKey(signingID, h.SignKey.D(), "签名密钥") },
		func() error { return key.AddCertificate(signingID, h.SignCert, "签名证书") },
		func() error { return key.AddKey(encryptionID, h.EncKey.D(), "加密密钥") },
		func() error { return key.AddCertificate(encryptionID, h.EncCert, "加密证书") },
		func() error { return key.AddData("电子印章", "SES_Seal", seal, false) },
		func() error { return plugIn(key, slot) },
	} {
		if err := add(); err != nil {
			return fmt.Errorf("training: UsbKey %d: %w", slot, err)
		}
	}
	if !slices.Contains(s.Ready, slot) {
		s.Ready = append(s.Ready, slot)
	}
	return s.save()
}

// plugIn puts the first UsbKey into its port; the others wait in the drawer.
func plugIn(key *store.Slot, slot int) error {
	if slot != 0 || key.Present() {
		return nil
	}
	return key.Insert()
}

// serial is the serial number of a UsbKey.
func serial(seed string, slot int) string {
	sum := gm.SM3([]byte(seed), []byte{byte(slot)})
	return "SK" + strings.ToUpper(hex.EncodeToString(sum[:5]))
}

// renewAfter is the age in days at which the trust file gets a successor.
const renewAfter = 30

// makeTrust writes the trust file, unless a fresh one of this office is there.
func makeTrust(now time.Time) func(context.Context, *Office, *state, *sealtest.PKI) error {
	return func(_ context.Context, o *Office, s *state, pki *sealtest.PKI) error {
		number := 1
		if old, err := trust.Load(o.Trust); err == nil {
			root, err := gm.ParseCertificate(pki.MakerCert)
			if err != nil {
				return fmt.Errorf("training: %w", err)
			}
			ours := old.Chain(root, trust.PurposeMaker).Status == trust.ChainTrusted
			if age := old.AgeDays(now); ours && age >= 0 && age < renewAfter && !old.Issued().After(now) {
				return nil
			}
			number = old.Number() + 1
		}
		spec := sealtest.TrustSpec{Number: number}
		for _, u := range practiceUnits {
			spec.Seals = append(spec.Seals, trust.SealStatus{ID: u.sealID, Status: trust.StatusInForce, Since: s.Made})
		}
		file, err := pki.Trust(now, spec)
		if err != nil {
			return fmt.Errorf("training: %w", err)
		}
		raw, err := file.Marshal()
		if err != nil {
			return fmt.Errorf("training: %w", err)
		}
		return keepFile(o.Trust, raw, 0o600)
	}
}
