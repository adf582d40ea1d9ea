package pdfseal

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"sealdesk/pdfseal/cms"
	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/ses"
)

// ours tells whether the signature dictionary is of our own making; then our own conventions bind it (rules E4, E5, I5).
func (c *candidate) ours() bool { return c.dict["Filter"] == types.Name(DefaultFilter) }

// checkContainer reads /Contents by its content, never by /SubFilter, and applies rules C and E1–E4 (standards.md §2.2).
func (c *candidate) checkContainer(ctx context.Context, src Source, o VerifyOptions) error {
	c.rep.Reason = textValue(c.dict["Reason"])
	if cms.IsCMS(c.der) {
		return c.checkCMS(ctx, src)
	}
	s, err := ses.ParseSignature(c.der)
	if err != nil {
		c.fail("E8", ReasonContainer, err.Error(), nil)
		return nil
	}
	c.parsed = s
	c.pass("E8", fmt.Sprintf("SES_Signature version %d", s.Version))
	c.describe(s)
	c.checkValues(s)
	if !c.closed {
		c.checkSealTimestamp(s.Seal, o)
		c.checkTrust(s, o)
	}
	return nil
}

// describe fills the summaries from the container, as claimed.
func (c *candidate) describe(s *ses.Signature) {
	c.rep.Standard = map[ses.Version]string{ses.V1: "GM/T 0031-2014", ses.V4: "GB/T 38540-2020", ses.V5: "GM/T 0031-2025"}[s.Version]
	c.rep.Seal = SealSummary{ID: printable(s.Seal.ID, 64), Name: printable(s.Seal.Name, 100), ValidFrom: timePtr(s.Seal.ValidFrom), ValidTo: timePtr(s.Seal.ValidTo),
		Picture: PictureSummary{Type: printable(s.Seal.Picture.Type, 16), WidthMM: s.Seal.Picture.WidthMM, HeightMM: s.Seal.Picture.HeightMM}}
	if m, err := gm.ParseCertificate(s.Seal.MakerCert); err == nil {
		c.rep.Seal.Maker = m.Subject
	}
	c.rep.Time = TimeSummary{Value: timePtr(s.Time), Source: TimeClaimed}
	c.describeSigner(s.SignerCert)
}

func (c *candidate) describeSigner(der []byte) {
	if cert, err := gm.ParseCertificate(der); err == nil {
		c.rep.Signer = SignerSummary{Subject: cert.Subject, Serial: cert.SerialHex, NotBefore: timePtr(cert.NotBefore), NotAfter: timePtr(cert.NotAfter)}
	}
}

func timePtr(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

// checkValues applies rules E3, E4, E8, C7, E1 and E2. The digest comes first: it is the cheapest and the commonest.
func (c *candidate) checkValues(s *ses.Signature) {
	if h, ok := s.Hash(); !ok || h != c.digest {
		c.fail("E3", ReasonHashMismatch, fmt.Sprintf("stated %x, computed %x", s.DataHash, c.digest), nil)
		return
	}
	c.pass("E3", fmt.Sprintf("SM3 %x", c.digest))
	if c.checkPropertyInfo(s.PropertyInfo); c.closed {
		return
	}
	if c.checkForm(s); c.closed {
		return
	}
	for _, v := range []struct {
		id, key string
		err     error
	}{{"C7", ReasonSigValue, s.VerifyValue()}, {"E1", ReasonSealSig, s.Seal.VerifyValue()}} {
		switch {
		case errors.Is(v.err, ses.ErrUnsupported):
			c.unsure("E8", ReasonUnsupported, v.err.Error(), map[string]string{"detail": "algorithm"})
			return
		case v.err != nil:
			c.fail(v.id, v.key, v.err.Error(), nil)
			return
		}
		c.pass(v.id, "SM2 signature value agreed by two libraries")
	}
	switch listed, usable := s.Seal.Lists(s.SignerCert); {
	case !usable:
		c.unsure("E2", ReasonSignerList, "seal has no usable signer list", nil)
	case !listed:
		c.fail("E2", ReasonCertNotInSeal, "signer certificate is not in the seal's list", nil)
	default:
		c.pass("E2", "signer certificate is in the seal's list")
	}
}

// checkForm holds our own files to the one form that we write of what the seal signature itself does not cover: the value in DER, and the
// one name of the algorithm. Files of others may have the other forms of rules C3 and C7.
func (c *candidate) checkForm(s *ses.Signature) {
	if !c.ours() {
		return
	}
	if _, form, err := gm.ParseSignature(s.Value); err == nil && form != gm.FormDER {
		c.fail("C7", ReasonSigValue, "value is not in DER", nil)
	} else if !s.Algorithm.Equal(ses.AlgorithmSM2) && s.VerifyValue() == nil {
		c.fail("E8", ReasonContainer, "algorithm has another name than we write", nil)
	}
}

// checkPropertyInfo applies rule E4.
func (c *candidate) checkPropertyInfo(text string) {
	want := rangeText(c.br)
	switch {
	case text == want:
		c.pass("E4", text)
	case c.ours():
		c.fail("E4", ReasonRangeText, fmt.Sprintf("propertyInfo %q, want %q", printable(text, 80), want), nil)
	case strings.HasPrefix(text, "ByteRange["):
		c.unsure("E4", ReasonRangeNamed, fmt.Sprintf("propertyInfo %q", printable(text, 80)), nil)
	default:
		c.skip("E4", fmt.Sprintf("free text %q", printable(text, 80)))
	}
}

// checkCMS judges a GM/T 0010 or PKCS#7 container. It holds a signature but no seal, so it is indeterminate at best.
func (c *candidate) checkCMS(ctx context.Context, src Source) error {
	c.rep.Standard = "GM/T 0010-2012"
	sd, err := cms.Parse(c.der)
	if err != nil {
		c.cmsError(err)
		return nil
	}
	res, err := sd.Verify(c.digest, func() ([]byte, error) { return c.protected(ctx, src) })
	if err != nil {
		c.cmsError(err)
		return nil
	}
	c.pass("C7", "variant "+res.Variant)
	c.describeSigner(res.SignerCert)
	if res.SigningTime != nil {
		c.rep.Time = TimeSummary{Value: timePtr(*res.SigningTime), Source: TimeClaimed}
	}
	for _, n := range res.Notes {
		if strings.Contains(n, ReasonNoZ) {
			c.unsure("C5", ReasonNoZ, n, nil)
			continue
		}
		c.notice("C6", ReasonNotBound, n, nil)
	}
	c.unsure("E8", ReasonNotASeal, "container holds no electronic seal", nil)
	return nil
}

// cmsError tells what this verifier does not know (another algorithm) from what is wrong.
func (c *candidate) cmsError(err error) {
	var e *cms.Error
	if errors.As(err, &e) && e.Rule == "C3" {
		c.unsure("C3", ReasonUnsupported, e.Msg, map[string]string{"detail": "algorithm"})
		return
	}
	rule, key := "C1", ReasonContainer
	if e != nil {
		rule = e.Rule
	}
	switch rule {
	case "C4", "C5":
		key = ReasonHashMismatch
	case "C7":
		key = ReasonSigValue
	}
	c.fail(rule, key, err.Error(), nil)
}

// maxProtected bounds the protected bytes of a container variant that signs them directly (variant C).
const maxProtected = 64 << 20

// protected returns the bytes of the ByteRange.
func (c *candidate) protected(ctx context.Context, src Source) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if c.br[1]+c.br[3] > maxProtected {
		return nil, &SyntaxError{Rule: "R1", Msg: "protected bytes too long for this container", Err: ErrLimit}
	}
	out := make([]byte, c.br[1]+c.br[3])
	for _, part := range []struct {
		dst []byte
		off int64
	}{{out[:c.br[1]], 0}, {out[c.br[1]:], c.br[2]}} {
		if err := readFull(src, part.dst, part.off); err != nil {
			return nil, err
		}
	}
	return out, nil
}
