package cms

import (
	"bytes"
	"crypto/subtle"
	"errors"
	"time"

	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/internal/der"
)

// Notes of a Result that callers act upon.
const (
	// NoteNoZ: the signature is over the plain digest, without the signer's Z
	// (variant E); such a signature is never simply valid.
	NoteNoZ = "NON_STANDARD_NO_Z"
	// NoteNotBound: no signed attribute binds the certificate (rule C6).
	NoteNotBound = "not bound"
	// NoteDetachedPlain: the protected bytes themselves were signed, without
	// attributes and without a copy of them inside.
	NoteDetachedPlain = "detached, without attributes"
)

// Result says what a correct container is.
type Result struct {
	Variant     string // "A", "B", "B'", "C", "D" or "E"
	SignerCert  []byte
	SigningTime *time.Time // claimed; nil = absent
	Notes       []string   // those of SignedData, then the Note constants
}

// Verify checks the container against the protected bytes (rules C3 to C7).
// digest is SM3 of the protected bytes; content answers the bytes themselves
// and is called only for a signature without attributes and without embedded
// content; it may be nil. Errors are *Error.
func (s *SignedData) Verify(digest [32]byte, content func() ([]byte, error)) (*Result, error) {
	r, key, err := s.begin(oidData)
	if err != nil {
		return nil, err
	}
	if err := s.checkContent(digest); err != nil {
		return nil, err
	}
	switch {
	case s.Signer.Attributes != nil:
		err = s.verifyAttributes(r, key, digest)
	case s.Content != nil:
		err = s.verifyContent(r, key)
	default:
		err = s.verifyDetached(r, key, digest, content)
	}
	if err != nil {
		return nil, err
	}
	return r, nil
}

// begin applies rules C3 and C6: it answers the key of the signer and a
// result that names the certificate.
func (s *SignedData) begin(contentType oid) (*Result, gm.PublicKey, error) {
	if err := s.checkAlgorithms(contentType); err != nil {
		return nil, gm.PublicKey{}, err
	}
	signer, bound, err := s.signerCertificate()
	if err != nil {
		return nil, gm.PublicKey{}, err
	}
	cert, err := gm.ParseCertificate(signer)
	if err != nil {
		return nil, gm.PublicKey{}, &Error{Rule: "C6", Msg: "signer's certificate", Err: err}
	}
	if !cert.IsSM2 {
		return nil, gm.PublicKey{}, &Error{Rule: "C3", Msg: "the signer's key is not SM2", Err: ErrUnsupported}
	}
	r := &Result{SignerCert: signer, Notes: append([]string(nil), s.Notes...)}
	if !bound {
		r.Notes = append(r.Notes, NoteNotBound)
	}
	return r, cert.Public, nil
}

// checkAlgorithms keeps the closed lists of rule C3 and asks for the content
// type given; data is the only one of a signature over a document.
func (s *SignedData) checkAlgorithms(contentType oid) error {
	unsupported := func(what string, o oid) error {
		return &Error{Rule: "C3", Msg: what + " " + o.String(), Err: ErrUnsupported}
	}
	if i := s.Signer; !isSM3(i.Digest.OID) || !i.Digest.plain {
		return unsupported("digest algorithm", i.Digest.OID)
	} else if !isSM2(i.Signature.OID) || !i.Signature.plain {
		return unsupported("signature algorithm", i.Signature.OID)
	}
	for _, d := range s.digests {
		if !isSM3(d.OID) || !d.plain {
			return unsupported("digestAlgorithms names", d.OID)
		}
	}
	if !sameType(s.ContentType, contentType) {
		return unsupported("content type", s.ContentType)
	}
	return nil
}

// checkContent binds embedded content to the protected bytes (rule C5): it is
// their digest, or has their digest.
func (s *SignedData) checkContent(digest [32]byte) error {
	if s.Content == nil {
		return nil
	}
	if len(s.Content) == len(digest) && equal(s.Content, digest[:]) {
		return nil
	}
	if h := gm.SM3(s.Content); !equal(h[:], digest[:]) {
		return broken("C5", "embedded content is neither the digest of the protected bytes nor these bytes")
	}
	return nil
}

func equal(a, b []byte) bool { return subtle.ConstantTimeCompare(a, b) == 1 }

// verifyAttributes checks a signature over attributes (rule C4; variants A, D).
func (s *SignedData) verifyAttributes(r *Result, key gm.PublicKey, digest [32]byte) error {
	i := &s.Signer
	if err := s.checkContentType(); err != nil {
		return err
	}
	md, err := i.attribute(oidMessageDigest, "messageDigest")
	if err != nil {
		return err
	}
	if md == nil {
		return broken("C4", "messageDigest is missing")
	}
	if s.Content != nil {
		digest = gm.SM3(s.Content)
	}
	if got, err := md.Octets(); err != nil {
		return malformed("messageDigest", err)
	} else if !equal(got, digest[:]) {
		return broken("C4", "messageDigest is not the digest of the protected bytes")
	}
	if r.SigningTime, err = i.signingTime(); err != nil {
		return err
	}
	if err := i.checkProtection(); err != nil {
		return err
	}
	if r.Variant = "D"; s.GM {
		r.Variant = "A"
	}
	return checkValue(key.Verify(der.Set(i.attrs), i.Value))
}

func (s *SignedData) checkContentType() error {
	v, err := s.Signer.attribute(oidContentType, "contentType")
	if err != nil {
		return err
	}
	if v == nil {
		return broken("C4", "contentType is missing")
	}
	o, err := v.OID()
	if err != nil {
		return malformed("contentType", err)
	}
	if !sameType(o, s.ContentType) {
		return broken("C4", "contentType %v, content is %v", o, s.ContentType)
	}
	return nil
}

// checkProtection compares CMSAlgorithmProtection (RFC 6211), if present,
// with the algorithms of the SignerInfo.
func (i *SignerInfo) checkProtection() error {
	v, err := i.attribute(oidAlgorithmProtection, "CMSAlgorithmProtection")
	if v == nil || err != nil {
		return err
	}
	c, err := v.Sequence(2, 2)
	if err != nil {
		return malformed("CMSAlgorithmProtection", err)
	}
	if !c[0].Is(der.TagSequence) || !bytes.Equal(c[0].Content, i.Digest.inner) ||
		!c[1].IsContext(1) || !bytes.Equal(c[1].Content, i.Signature.inner) {
		return broken("C4", "CMSAlgorithmProtection names other algorithms")
	}
	return nil
}

// verifyContent checks a signature over embedded content, which
// checkContent has bound (variants B, B', C).
func (s *SignedData) verifyContent(r *Result, key gm.PublicKey) error {
	if err := notAttributes(s.Content); err != nil {
		return err
	}
	_, form, err := gm.ParseSignature(s.Signer.Value)
	switch {
	case err != nil:
		return checkValue(err)
	case len(s.Content) != 32:
		r.Variant = "C"
	case form == gm.FormRaw:
		r.Variant = "B'"
	default:
		r.Variant = "B"
	}
	return checkValue(key.Verify(s.Content, s.Signer.Value))
}

// verifyDetached checks a signature without attributes and content: over the
// digest as e (variant E, which needs no content), else over the bytes (C).
func (s *SignedData) verifyDetached(r *Result, key gm.PublicKey, digest [32]byte, content func() ([]byte, error)) error {
	err := key.VerifyDigest(digest, s.Signer.Value)
	if err == nil {
		r.Variant = "E"
		r.Notes = append(r.Notes, NoteNoZ)
		return nil
	}
	if content == nil || !errors.Is(err, gm.ErrSignature) {
		return checkValue(err)
	}
	m, err := content()
	if err != nil {
		return &Error{Rule: "C5", Msg: "read the protected bytes", Err: err}
	}
	if err := notAttributes(m); err != nil {
		return err
	}
	if h := gm.SM3(m); !equal(h[:], digest[:]) {
		return broken("C5", "the protected bytes have changed since they were hashed")
	}
	r.Variant = "C"
	r.Notes = append(r.Notes, NoteDetachedPlain)
	return checkValue(key.Verify(m, s.Signer.Value))
}

// notAttributes refuses content that could be the signed attributes of
// another signature, replayed as content.
func notAttributes(m []byte) error {
	if v, err := der.ParseAll(m); err == nil && v.Is(der.TagSet) {
		return broken("C4", "content without attributes is itself a SET of attributes")
	}
	return nil
}

func checkValue(err error) error {
	if err == nil {
		return nil
	}
	return &Error{Rule: "C7", Msg: "signature value", Err: err}
}
