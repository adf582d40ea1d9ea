package cms

import (
	"encoding/asn1"
	"fmt"

	"sealdesk/pdfseal/internal/der"
)

// Budgets of rule R1; size and depth are those of package der.
const (
	MaxCertificates = 16
	maxCRLs         = 16
	maxAttributes   = 32
)

// SignedData is a SignedData with one signer, as read. All byte slices are
// parts of Raw and must not be written to.
type SignedData struct {
	Raw          []byte // the whole ContentInfo, without padding
	GM           bool   // the outer type is that of GM/T 0010, not of PKCS#7
	ContentType  asn1.ObjectIdentifier
	Content      []byte   // nil = absent (detached)
	Certificates [][]byte // DER, in the order of the container; not signed
	CRLs         [][]byte // DER; not signed
	Signer       SignerInfo
	Notes        []string // oddities that are tolerated

	digests []Algorithm
}

// IsCMS reports whether b begins like a ContentInfo that holds SignedData of
// GM/T 0010 or PKCS#7. A seal signature of package ses does not.
func IsCMS(b []byte) bool {
	v, _, err := der.Parse(b)
	if err != nil || !v.Is(der.TagSequence) {
		return false
	}
	first, _, err := der.Parse(v.Content)
	if err != nil {
		return false
	}
	o, err := first.OID()
	return err == nil && (o.Equal(oidSignedDataGM) || o.Equal(oidSignedData))
}

// Parse reads a ContentInfo with SignedData: strict DER, nothing after it but
// zero bytes (rules C1, C2). Errors are *Error.
func Parse(b []byte) (*SignedData, error) {
	v, padding, err := der.Container(b)
	if err != nil {
		return nil, malformed("container", err)
	}
	c, err := v.Sequence(2, 2)
	if err != nil {
		return nil, malformed("ContentInfo", err)
	}
	outer, err := c[0].OID()
	if err != nil {
		return nil, malformed("ContentInfo.contentType", err)
	}
	if !outer.Equal(oidSignedDataGM) && !outer.Equal(oidSignedData) {
		return nil, malformed(fmt.Sprintf("ContentInfo.contentType %v is not SignedData", outer), nil)
	}
	body, err := c[1].Explicit(0)
	if err != nil {
		return nil, malformed("ContentInfo.content", err)
	}
	s := &SignedData{Raw: v.Full, GM: outer.Equal(oidSignedDataGM)}
	if len(padding) > 0 {
		s.note("followed by %d zero bytes", len(padding))
	}
	if err := s.parse(body); err != nil {
		return nil, err
	}
	return s, nil
}

func (s *SignedData) note(format string, args ...any) {
	s.Notes = append(s.Notes, fmt.Sprintf(format, args...))
}

func (s *SignedData) parse(v der.Value) error {
	c, err := v.Sequence(4, 6)
	if err != nil {
		return malformed("SignedData", err)
	}
	version, err := c[0].Int()
	if err != nil || version < 1 || version > 5 {
		return malformed("SignedData.version", err)
	}
	if err := s.parseDigests(c[1]); err != nil {
		return err
	}
	if err := s.parseContent(c[2]); err != nil {
		return err
	}
	if right := s.rightVersion(); version != right {
		s.note("SignedData.version is %d instead of %d", version, right)
	}
	rest := c[3:]
	if rest, s.Certificates, err = implicitSet(rest, 0, MaxCertificates); err != nil {
		return malformed("SignedData.certificates", err)
	}
	if rest, s.CRLs, err = implicitSet(rest, 1, maxCRLs); err != nil {
		return malformed("SignedData.crls", err)
	}
	if len(rest) != 1 {
		return malformed("SignedData: unexpected elements", nil)
	}
	return s.parseSigners(rest[0])
}

// rightVersion is 1, and 3 outside GM/T 0010 over what is no data (RFC 5652, 5.1).
func (s *SignedData) rightVersion() int {
	if s.GM || isData(s.ContentType) {
		return 1
	}
	return 3
}

func (s *SignedData) parseDigests(v der.Value) error {
	set, err := v.Set(1, 8)
	if err != nil {
		return malformed("SignedData.digestAlgorithms", err)
	}
	for _, c := range set {
		a, err := parseAlgorithm(c)
		if err != nil {
			return malformed("SignedData.digestAlgorithms", err)
		}
		s.digests = append(s.digests, a)
	}
	return nil
}

func (s *SignedData) parseContent(v der.Value) error {
	c, err := v.Sequence(1, 2)
	if err != nil {
		return malformed("SignedData.contentInfo", err)
	}
	if s.ContentType, err = c[0].OID(); err != nil {
		return malformed("SignedData.contentInfo.contentType", err)
	}
	if len(c) == 1 {
		return nil
	}
	inner, err := c[1].Explicit(0)
	if err != nil {
		return malformed("SignedData.contentInfo.content", err)
	}
	if s.Content, err = inner.Octets(); err != nil {
		return malformed("SignedData.contentInfo.content", err)
	}
	return nil
}

// implicitSet takes [n] IMPLICIT SET OF SEQUENCE off the front of list, if it
// stands there, and answers the rest and the complete elements.
func implicitSet(list []der.Value, n, max int) (rest []der.Value, out [][]byte, err error) {
	if len(list) == 0 || !list[0].IsContext(n) {
		return list, nil, nil
	}
	c, err := list[0].Children(max)
	if err != nil {
		return nil, nil, err
	}
	for _, v := range c {
		if !v.Is(der.TagSequence) {
			return nil, nil, fmt.Errorf("element is %s instead of SEQUENCE", v)
		}
		out = append(out, v.Full)
	}
	return list[1:], out, nil
}

// parseSigners reads the one SignerInfo (rule C2).
func (s *SignedData) parseSigners(v der.Value) error {
	set, err := v.Set(0, maxAttributes)
	if err != nil {
		return malformed("SignedData.signerInfos", err)
	}
	if len(set) != 1 {
		return broken("C2", "%d signers instead of one", len(set))
	}
	return s.parseSigner(set[0])
}
