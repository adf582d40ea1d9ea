package store

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// Mark begins the label and the manufacturer of every token; the module adds it where it is missing.
const Mark = "TRAINING KEY"

// MaxSlot is the highest slot number that the module looks at.
const MaxSlot = 15

// Limits of one object, as the module reads them.
const (
	MaxValue = 1 << 20  // bytes of CKA_VALUE
	MaxText  = 16 << 10 // bytes of any other attribute
)

// ErrExists: the slot has a token already.
var ErrExists = errors.New("softkey: the slot has a token already")

// TokenSpec describes a token to be made. The zero value is completed: label and serial number are
// invented, the profile is "sansec", six tries. Without PINs the token has none, and nobody can log in.
type TokenSpec struct {
	Label    string // up to 32 bytes with the mark in front; cut at a character
	Serial   string // up to 16 ASCII characters
	Model    string // up to 16 bytes; default "softkey"
	Firmware string // "major.minor"; default "1.0"
	Profile  string // see Profiles

	UserPIN, SOPIN string // 4 to 16 bytes, or empty
	MaxTries       int    // for both PINs; default 6
	Protected      bool   // PIN pad on the key: C_Login takes no PIN (CKF_PROTECTED_AUTHENTICATION_PATH)
}

const (
	pinMin = 4
	pinMax = 16
)

func (t *TokenSpec) complete() error {
	def := func(s *string, v string) {
		if *s == "" {
			*s = v
		}
	}
	var random [6]byte
	if _, err := rand.Read(random[:]); err != nil {
		return fmt.Errorf("softkey: serial number: %w", err)
	}
	def(&t.Serial, "SK"+strings.ToUpper(hex.EncodeToString(random[:])))
	def(&t.Model, "softkey")
	def(&t.Firmware, "1.0")
	def(&t.Profile, "sansec")
	if t.MaxTries == 0 {
		t.MaxTries = 6
	}
	return t.check()
}

func (t *TokenSpec) check() error {
	var major, minor uint8
	if _, err := fmt.Sscanf(t.Firmware, "%d.%d", &major, &minor); err != nil {
		return fmt.Errorf("softkey: firmware %q is not major.minor", t.Firmware)
	}
	for name, s := range map[string]string{"label": t.Label, "serial": t.Serial, "model": t.Model} {
		if strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == utf8.RuneError }) {
			return fmt.Errorf("softkey: %s %q has a control character or is not UTF-8", name, s)
		}
	}
	if len(t.Serial) > 16 || len(t.Model) > 16 {
		return errors.New("softkey: serial number and model have at most 16 bytes")
	}
	for _, pin := range []string{t.UserPIN, t.SOPIN} {
		if pin != "" && (len(pin) < pinMin || len(pin) > pinMax) {
			return fmt.Errorf("softkey: a PIN has %d to %d bytes", pinMin, pinMax)
		}
	}
	if t.MaxTries < 1 || t.MaxTries > 100 {
		return errors.New("softkey: tries allowed: 1 to 100")
	}
	return nil
}

// Init makes a token in slot (0 to MaxSlot) of the store at dir, which it creates if need be.
// The token is not plugged in: call Insert. ErrExists if the slot has one already.
func Init(dir string, slot int, t TokenSpec) error {
	if slot < 0 || slot > MaxSlot {
		return fmt.Errorf("softkey: slot %d: have 0 to %d", slot, MaxSlot)
	}
	if err := t.complete(); err != nil {
		return err
	}
	p, err := findProfile(t.Profile)
	if err != nil {
		return err
	}
	ini, err := tokenINI(t, p)
	if err != nil {
		return err
	}
	s := &Slot{dir: slotDir(dir, slot), profile: p}
	if _, err := os.Lstat(s.path("token.ini")); err == nil {
		return fmt.Errorf("%w: %s", ErrExists, s.dir)
	}
	if err := os.MkdirAll(s.path("obj"), 0o700); err != nil {
		return fmt.Errorf("softkey: %w", err)
	}
	pins := pins{
		user: secret{pin: []byte(t.UserPIN), left: t.MaxTries, max: t.MaxTries},
		so:   secret{pin: []byte(t.SOPIN), left: t.MaxTries, max: t.MaxTries},
	}
	if err := s.savePINs(pins); err != nil {
		return err
	}
	return writeFile(s.path("token.ini"), ini)
}

func slotDir(dir string, slot int) string { return filepath.Join(dir, fmt.Sprintf("slot%d", slot)) }

// tokenINI writes the whole profile out, so that the module needs no table of vendors.
func tokenINI(t TokenSpec, p profile) ([]byte, error) {
	label, err := tokenLabel(t.Label, p.gbk)
	if err != nil {
		return nil, err
	}
	var b strings.Builder
	line := func(key, format string, args ...any) { fmt.Fprintf(&b, key+" = "+format+"\n", args...) }
	b.WriteString("# The training UsbKey of sealdesk. Never a secure key.\n")
	if p.gbk {
		line("label-hex", "%x", label)
	} else {
		line("label", "%s", label)
	}
	line("manufacturer", "%s %s", Mark, p.manufacturer)
	line("model", "%s", t.Model)
	line("serial", "%s", t.Serial)
	line("firmware", "%s", t.Firmware)
	line("pin-min", "%d", pinMin)
	line("pin-max", "%d", pinMax)
	line("protected", "%s", yesNo(t.Protected))
	line("initialized", "yes")
	line("profile", "%s", p.name)
	line("labels", "%s", map[bool]string{true: "gbk", false: "utf8"}[p.gbk])
	line("key-type", "%#x", p.keyType)
	line("key-gen", "%#x", p.keyGen)
	if p.digest != 0 {
		line("digest", "%#x", p.digest)
	}
	for _, f := range p.sign {
		line("sign", "%#x %s %s%s", f.mech, f.in, f.out, map[bool]string{true: " param"}[f.id])
	}
	line("ec-point", "%s", or(p.point, "der"))
	for _, f := range p.flags {
		line(f, "yes")
	}
	return []byte(b.String()), nil
}

// tokenLabel puts the mark in front and cuts at 32 bytes, between characters.
func tokenLabel(label string, gbk bool) ([]byte, error) {
	if !strings.HasPrefix(label, Mark) {
		label = strings.TrimSpace(Mark + " " + label)
	}
	for ; ; label = label[:len(label)-lastRune(label)] {
		b := []byte(label)
		if gbk {
			var err error
			if b, err = encodeGBK(label); err != nil {
				return nil, err
			}
		}
		if len(b) <= 32 {
			return b, nil
		}
	}
}

func lastRune(s string) int {
	_, n := utf8.DecodeLastRuneInString(s)
	return n
}

func encodeGBK(s string) ([]byte, error) {
	b, err := simplifiedchinese.GBK.NewEncoder().Bytes([]byte(s))
	if err != nil {
		return nil, fmt.Errorf("softkey: %q in GBK: %w", s, err)
	}
	return b, nil
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func or(s, def string) string {
	if s == "" {
		return def
	}
	return s
}
