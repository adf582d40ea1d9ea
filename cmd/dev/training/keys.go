package training

import (
	"context"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"sealdesk/cmd/softkey/store"
	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/sealtest"
	"sealdesk/pdfseal/ses"
)

// validYears is how long certificates and seals of the office are good: longer than real ones, so that an office can be kept.
const validYears = 9

// sealsBefore is how long before the office was made its certificates and seals came into force.
const sealsBefore = 24 * time.Hour

// CKA_ID of the two key pairs of a UsbKey.
var (
	signingID    = []byte{1}
	encryptionID = []byte{2}
)

// holders gives for each unit the two key pairs of its UsbKey, which follow from the seed. The encryption certificate is that of a
// practice authority of its own, which nobody trusts and sealing does not use; it stands on the UsbKey because real ones have one, and a
// program must not mistake it. The signing certificate comes from the centre with the seal.
func (s *state) holders() ([]*sealtest.Holder, error) {
	pki, err := sealtest.NewSeededPKI(s.Made, s.Seed)
	if err != nil {
		return nil, fmt.Errorf("training: %w", err)
	}
	from := s.Made.Add(-sealsBefore)
	var all []*sealtest.Holder
	for _, u := range practiceUnits {
		h, err := pki.NewHolder(u.name, u.custodian, from, from.AddDate(validYears, 0, 0))
		if err != nil {
			return nil, fmt.Errorf("training: %w", err)
		}
		h.SignCert = nil
		all = append(all, h)
	}
	return all, nil
}

// makeKeys makes the custodians' UsbKeys and has the centre issue certificates and seals, or finds them as they were.
func (w *work) makeKeys(ctx context.Context) error {
	holders, err := w.state.holders()
	if err != nil {
		return err
	}
	for slot, u := range practiceUnits {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("training: %w", err)
		}
		h := holders[slot]
		s := Seal{ID: u.sealID, Name: u.name, Slot: slot, WidthMM: u.design.Diameter, HeightMM: u.design.Diameter,
			File: w.sealFile(u, ".esl"), Certificate: w.sealFile(u, ".crt"), Picture: w.sealFile(u, ".png")}
		seal, err := w.seal(ctx, u, s, h)
		if err != nil {
			return err
		}
		if err := keepFile(s.Picture, seal.Picture.Data, 0o600); err != nil {
			return err
		}
		if err := u.provision(w.Office, w.state, slot, h, seal.Raw); err != nil {
			return err
		}
		w.Seals = append(w.Seals, s)
	}
	return nil
}

func (o *Office) sealFile(u unit, ext string) string {
	return filepath.Join(o.Dir, "seals", u.name+ext)
}

// seal answers the unit's seal, and sets the holder's signing certificate: those that the centre has issued, else new ones.
func (w *work) seal(ctx context.Context, u unit, s Seal, h *sealtest.Holder) (*ses.Seal, error) {
	var issued struct{ SM3, SignerSM3 string }
	err := w.Centre.Run(ctx, &issued, "show", s.ID)
	if refused(err, "seal_unknown") {
		if err = w.issue(ctx, u, s, h); err == nil {
			err = w.Centre.Run(ctx, &issued, "show", s.ID)
		}
	}
	if err != nil {
		return nil, err
	}
	raw, cert := readSeal(s)
	if sm3(raw) != issued.SM3 || sm3(cert) != issued.SignerSM3 {
		if err := clearFiles(s.File, s.Certificate); err != nil {
			return nil, err
		}
		if err := w.Centre.Run(ctx, &struct{}{}, "show", s.ID, "--out", s.File, "--certificate-out", s.Certificate); err != nil {
			return nil, err
		}
		raw, cert = readSeal(s)
	}
	seal, err := ses.ParseSeal(raw)
	if err != nil {
		return nil, fmt.Errorf("training: %w", err)
	}
	c, err := gm.ParseCertificate(cert)
	if err == nil && c.Public != h.SignKey.Public() {
		err = errors.New("issued for another UsbKey")
	}
	if err != nil {
		return nil, fmt.Errorf("training: %s: %w", s.Certificate, err)
	}
	h.SignCert = cert
	return seal, nil
}

// issue has the centre issue a seal for the public key of the UsbKey.
func (w *work) issue(ctx context.Context, u unit, s Seal, h *sealtest.Holder) error {
	picture, err := pictureOf(u.design)
	if err != nil {
		return err
	}
	if err := keepFile(s.Picture, picture, 0o600); err != nil {
		return err
	}
	public := w.sealFile(u, ".pub")
	if err := keepFile(public, h.SignKey.Public().Point(), 0o600); err != nil {
		return err
	}
	defer func() { _ = os.Remove(public) }() // the certificate has it, too
	if err := clearFiles(s.File, s.Certificate); err != nil {
		return err
	}
	from := w.state.Made.Add(-sealsBefore)
	return w.Centre.Order(ctx, &struct{}{}, "制发练习印章", "issue", "--id", s.ID, "--department", practiceDivision, "--division", practiceDivision,
		"--unit", u.name, "--kind", "department", "--custodian", u.custodian, "--public-key", public, "--picture", s.Picture, "--width", strconv.Itoa(s.WidthMM),
		"--valid-from", from.Format(time.RFC3339), "--valid-to", from.AddDate(validYears, 0, 0).Format(time.RFC3339),
		"--out", s.File, "--certificate-out", s.Certificate)
}

// readSeal reads a seal and the custodian's certificate, both DER; nil for one that is not there.
func readSeal(s Seal) (raw, cert []byte) {
	raw, err := os.ReadFile(s.File)
	if err != nil {
		raw = nil
	}
	text, err := os.ReadFile(s.Certificate)
	if block, _ := pem.Decode(text); err == nil && block != nil {
		cert = block.Bytes
	}
	return raw, cert
}

func sm3(b []byte) string {
	sum := gm.SM3(b)
	return hex.EncodeToString(sum[:])
}

// clearFiles removes files that sealcenter is about to make: it writes over nothing.
func clearFiles(paths ...string) error {
	for _, p := range paths {
		if err := os.Remove(p); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("training: %w", err)
		}
	}
	return nil
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
