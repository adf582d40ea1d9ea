package cms

import (
	"bytes"
	"fmt"
	"math/big"
	"time"

	"sealdesk/pdfseal/internal/der"
)

// SignerInfo is the one signer of a SignedData. Either Issuer and Serial, or
// SubjectKeyID, name the certificate.
type SignerInfo struct {
	Issuer       []byte // complete DER of the issuer's name
	Serial       *big.Int
	SubjectKeyID []byte

	Digest    Algorithm
	Signature Algorithm

	Attributes []Attribute // signed; nil = absent
	Unsigned   []Attribute // proves nothing
	Value      []byte      // signature value: DER {r,s} or 64 bytes

	attrs []byte // content octets of the signed attributes
}

// Attribute is an attribute with its values as complete DER.
type Attribute struct {
	Type   oid
	Values [][]byte
}

// TimestampToken answers the DER of the one timestamp token among the
// unsigned attributes, unread; nil where there is none or more than one.
func (s *SignerInfo) TimestampToken() []byte {
	var found []byte
	for _, a := range s.Unsigned {
		if !a.Type.Equal(oidTimestampToken) {
			continue
		}
		if found != nil || len(a.Values) != 1 {
			return nil
		}
		found = a.Values[0]
	}
	return found
}

func (s *SignedData) parseSigner(v der.Value) error {
	c, err := v.Sequence(5, 7)
	if err != nil {
		return malformed("SignerInfo", err)
	}
	version, err := c[0].Int()
	if err != nil || version != 1 && version != 3 {
		return malformed("SignerInfo.version", err)
	}
	i := &s.Signer
	if err := i.parseID(c[1]); err != nil {
		return malformed("SignerInfo.sid", err)
	}
	if (version == 3) != (i.SubjectKeyID != nil) {
		s.note("SignerInfo.version is %d", version)
	}
	if i.Digest, err = parseAlgorithm(c[2]); err != nil {
		return malformed("SignerInfo.digestAlgorithm", err)
	}
	rest := c[3:]
	if rest[0].IsContext(0) {
		if i.Attributes, err = parseAttributes(rest[0]); err != nil {
			return malformed("SignerInfo.authenticatedAttributes", err)
		}
		i.attrs, rest = rest[0].Content, rest[1:]
		if !inOrder(c[3]) {
			s.note("signed attributes are not in DER order; hashed as received")
		}
	}
	if len(rest) < 2 || len(rest) > 3 {
		return malformed("SignerInfo: unexpected elements", nil)
	}
	if i.Signature, err = parseAlgorithm(rest[0]); err != nil {
		return malformed("SignerInfo.digestEncryptionAlgorithm", err)
	}
	if i.Value, err = rest[1].Octets(); err != nil {
		return malformed("SignerInfo.encryptedDigest", err)
	}
	if len(rest) == 3 {
		return s.parseUnsigned(rest[2])
	}
	return nil
}

func (s *SignedData) parseUnsigned(v der.Value) error {
	if !v.IsContext(1) {
		return malformed(fmt.Sprintf("SignerInfo.unauthenticatedAttributes: %s", v), nil)
	}
	var err error
	if s.Signer.Unsigned, err = parseAttributes(v); err != nil {
		return malformed("SignerInfo.unauthenticatedAttributes", err)
	}
	for _, a := range s.Signer.Unsigned {
		s.note("unsigned attribute %v", a.Type)
	}
	return nil
}

// parseID reads IssuerAndSerialNumber or [0] IMPLICIT SubjectKeyIdentifier.
func (i *SignerInfo) parseID(v der.Value) error {
	if v.IsContext(0) && !v.Constructed {
		if len(v.Content) == 0 {
			return fmt.Errorf("empty key identifier")
		}
		i.SubjectKeyID = v.Content
		return nil
	}
	c, err := v.Sequence(2, 2)
	if err != nil {
		return err
	}
	if !c[0].Is(der.TagSequence) {
		return fmt.Errorf("issuer is %s", c[0])
	}
	i.Issuer = c[0].Full
	i.Serial, err = c[1].Big()
	return err
}

// parseAttributes reads [n] IMPLICIT SET OF Attribute, which may not be empty.
func parseAttributes(v der.Value) ([]Attribute, error) {
	list, err := v.Children(maxAttributes)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("no attributes")
	}
	var out []Attribute
	for _, c := range list {
		pair, err := c.Sequence(2, 2)
		if err != nil {
			return nil, err
		}
		a := Attribute{}
		if a.Type, err = pair[0].OID(); err != nil {
			return nil, err
		}
		values, err := pair[1].Set(0, maxAttributes)
		if err != nil {
			return nil, err
		}
		for _, value := range values {
			a.Values = append(a.Values, value.Full)
		}
		out = append(out, a)
	}
	return out, nil
}

// inOrder reports whether the elements of v stand in the order of DER.
func inOrder(v der.Value) bool {
	list, err := v.Children(maxAttributes)
	for n := 1; n < len(list); n++ {
		if bytes.Compare(list[n-1].Full, list[n].Full) > 0 {
			return false
		}
	}
	return err == nil
}

// attribute answers the value of the signed attribute of type o. It must
// occur once with one value (rule C4); absent is nil without error.
func (i *SignerInfo) attribute(o oid, name string) (*der.Value, error) {
	var found *der.Value
	for _, a := range i.Attributes {
		if !a.Type.Equal(o) {
			continue
		}
		if found != nil || len(a.Values) != 1 {
			return nil, broken("C4", "attribute %s is not there exactly once with one value", name)
		}
		v, err := der.ParseAll(a.Values[0])
		if err != nil {
			return nil, malformed(name, err)
		}
		found = &v
	}
	return found, nil
}

// signingTime reads the signer's claim of the time.
func (i *SignerInfo) signingTime() (*time.Time, error) {
	v, err := i.attribute(oidSigningTime, "signingTime")
	if v == nil || err != nil {
		return nil, err
	}
	t, err := v.Time()
	if err != nil {
		return nil, malformed("signingTime", err)
	}
	return &t, nil
}
