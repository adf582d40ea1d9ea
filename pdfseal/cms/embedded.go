package cms

import (
	"encoding/asn1"

	"sealdesk/pdfseal/gm"
)

// VerifyEmbedded checks a container whose embedded content of type data is
// itself what is signed: a receipt, a bundle, a checkpoint (rules C3 to C7,
// variants A, C and D). A content that is only a digest (variants B, B', 32
// bytes without attributes) and absent content are refused. Errors are *Error.
func (s *SignedData) VerifyEmbedded() (*Result, error) { return s.VerifyEmbeddedType(oidData) }

// VerifyEmbeddedType is VerifyEmbedded for content of another type, such as
// id-ct-TSTInfo. The data types of GM/T 0010 and PKCS#7 count as one.
func (s *SignedData) VerifyEmbeddedType(contentType asn1.ObjectIdentifier) (*Result, error) {
	r, key, err := s.begin(contentType)
	if err != nil {
		return nil, err
	}
	switch {
	case s.Content == nil:
		return nil, broken("C5", "the content is not embedded")
	case s.Signer.Attributes != nil:
		err = s.verifyAttributes(r, key, gm.SM3(s.Content))
	case len(s.Content) == 32:
		return nil, broken("C5", "the embedded content is a digest without signed attributes")
	default:
		err = s.verifyContent(r, key)
	}
	if err != nil {
		return nil, err
	}
	return r, nil
}

// VerifyOwn is VerifyEmbedded for what Sign writes and nothing else: the outer
// type of GM/T 0010, no oddity in the encoding, no padding, no unsigned
// attribute, and all four signed attributes of rule W6, so that time and
// certificate are signed. Errors are *Error; what is missing breaks rule C4
// or, where it is the bound certificate, C6.
func (s *SignedData) VerifyOwn() (*Result, error) {
	r, err := s.VerifyEmbedded()
	if err != nil {
		return nil, err
	}
	switch {
	case !s.GM:
		return nil, broken("C1", "the outer type is not that of GM/T 0010")
	case s.Signer.Attributes == nil:
		return nil, broken("C4", "there are no signed attributes")
	case r.SigningTime == nil:
		return nil, broken("C4", "signingTime is missing")
	case len(s.Notes) > 0:
		return nil, broken("C1", "%s", s.Notes[0])
	case len(r.Notes) > 0:
		return nil, broken("C6", "the signer's certificate is %s", r.Notes[0])
	}
	return r, nil
}
