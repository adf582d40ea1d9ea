package trust

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"sealdesk/pdfseal/cms"
	"sealdesk/pdfseal/gm"
)

// fingerprintMark stands before a fingerprint in text.
const fingerprintMark = "sm3:"

// Fingerprint is how people and settings name a certificate: "sm3:" and the
// SM3 of its DER in 64 lower-case hexadecimal digits.
func Fingerprint(cert []byte) string {
	sum := gm.SM3(cert)
	return fingerprintMark + hex.EncodeToString(sum[:])
}

// ParseFingerprint reads a fingerprint as people type it: in any letter case,
// with or without the mark, groups divided by blanks or colons. Anything but 64
// hexadecimal digits is an error.
func ParseFingerprint(s string) (string, error) {
	text := strings.ToLower(strings.TrimSpace(s))
	text = strings.TrimPrefix(text, fingerprintMark)
	text = strings.NewReplacer(" ", "", ":", "").Replace(text)
	if _, err := parseSM3(text); err != nil {
		return "", fmt.Errorf("trust: fingerprint: %w", err)
	}
	return fingerprintMark + text, nil
}

// Pins say which roots are trusted. The zero value trusts none.
type Pins struct {
	Roots []string // fingerprints
	// AllowUnpinned accepts a bundle under any root where Roots is empty: for
	// a file that the user names and answers for. Store.Pinned tells.
	AllowUnpinned bool
}

// signed is what the signatures of a bundle say.
type signed struct {
	roots, by []string // fingerprints, sorted
	root      string
	pinned    bool
	manifest  string
}

// signer is one signature of a bundle.
type signer struct {
	content      []byte
	root, update *gm.Certificate
	at           time.Time
}

// readRoot reads a root: a self-signed CA with an SM2 key that may sign certificates.
func readRoot(b []byte) (*gm.Certificate, error) {
	c, err := gm.ParseCertificate(b)
	switch {
	case err != nil:
		return nil, err
	case !c.IsCA || !mayUse(c, gm.KeyUsageKeyCertSign):
		return nil, fmt.Errorf("%s is not a CA that may sign certificates", c.Subject)
	case len(c.UnknownCritical) > 0:
		return nil, errors.New(unknownCritical(c))
	case !bytes.Equal(c.RawIssuer, c.RawSubject):
		return nil, fmt.Errorf("%s is not self-signed", c.Subject)
	}
	if err := c.CheckSignatureFrom(c); err != nil {
		return nil, fmt.Errorf("%s is not self-signed: %w", c.Subject, err)
	}
	return c, nil
}

// readSigner verifies one SignedData of a bundle. It holds the update
// certificate and its root, nothing else, in the shape that cms.Sign writes.
func readSigner(der []byte) (*signer, error) {
	sd, err := cms.Parse(der)
	if err != nil {
		return nil, err
	}
	r, err := sd.VerifyOwn()
	if err != nil {
		return nil, err
	}
	if len(sd.Raw) != len(der) || len(sd.Certificates) != 2 || len(sd.CRLs) > 0 {
		return nil, fmt.Errorf("%d certificates and %d lists in the signature, not update certificate and root alone", len(sd.Certificates), len(sd.CRLs))
	}
	s := &signer{content: sd.Content, at: *r.SigningTime}
	if s.update, err = gm.ParseCertificate(r.SignerCert); err != nil {
		return nil, err
	}
	other := sd.Certificates[0]
	if bytes.Equal(other, r.SignerCert) {
		other = sd.Certificates[1]
	}
	if s.root, err = readRoot(other); err != nil {
		return nil, err
	}
	return s, s.checkUpdate()
}

// checkUpdate checks that the root issued the update certificate, that both
// were valid at the time of signing, and that it serves no other purpose.
func (s *signer) checkUpdate() error {
	c := s.update
	if !bytes.Equal(c.RawIssuer, s.root.RawSubject) {
		return fmt.Errorf("%s is not issued by %s", c.Subject, s.root.Subject)
	}
	if err := c.CheckSignatureFrom(s.root); err != nil {
		return fmt.Errorf("%s is not issued by %s: %w", c.Subject, s.root.Subject, err)
	}
	switch {
	case !c.CanSign() || len(c.ExtKeyUsage) > 0 || len(c.UnknownCritical) > 0:
		return fmt.Errorf("%s is not an update certificate: a CA, not for signing, or for another purpose", c.Subject)
	case s.at.Before(c.NotBefore) || s.at.After(c.NotAfter), s.at.Before(s.root.NotBefore) || s.at.After(s.root.NotAfter):
		return fmt.Errorf("%s or its root was not valid at the time of signing", c.Subject)
	}
	return nil
}

// judge decides by the pins whether the signatures are those of the centre:
// one stands under a pinned root, and one under a root of the bundle itself,
// so that a change of roots is signed by old and new.
func (s *signed) judge(roots []*gm.Certificate, signers []*signer, pins Pins) error {
	for _, r := range roots {
		s.roots = append(s.roots, Fingerprint(r.Raw))
	}
	slices.Sort(s.roots)
	for _, x := range signers {
		f := Fingerprint(x.root.Raw)
		if slices.Contains(s.by, f) {
			return refusal(ReasonFormat, "two signatures under one root")
		}
		s.by = append(s.by, f)
		if slices.Contains(pins.Roots, f) && !s.pinned {
			s.root, s.pinned = f, true
		}
	}
	slices.Sort(s.by)
	own := slices.IndexFunc(s.by, func(f string) bool { return slices.Contains(s.roots, f) })
	data := map[string]string{"Root": strings.Join(s.by, " ")}
	switch {
	case len(pins.Roots) == 0 && !pins.AllowUnpinned:
		return &Refusal{Reason: ReasonUnpinned, Data: data, Err: fmt.Errorf("no root is pinned; the bundle is signed under %s", shorts(s.by))}
	case len(pins.Roots) > 0 && !s.pinned:
		return &Refusal{Reason: ReasonForeign, Data: data, Err: fmt.Errorf("signed under %s, not under %s", shorts(s.by), shorts(pins.Roots))}
	case own < 0:
		return &Refusal{Reason: ReasonForeign, Data: data, Err: fmt.Errorf("signed under %s, but not under its own roots %s", shorts(s.by), shorts(s.roots))}
	case !s.pinned:
		s.root = s.by[own]
	}
	return nil
}

// shorts names fingerprints in logs, where long runs of digits do not belong (rule W9).
func shorts(fingerprints []string) string {
	var out []string
	for _, f := range fingerprints {
		if len(f) > 20 {
			f = f[:20] + "…"
		}
		out = append(out, f)
	}
	return strings.Join(out, ", ")
}
