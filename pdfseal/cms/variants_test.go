package cms

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/internal/der"
)

func TestVerify_variants(t *testing.T) {
	for _, c := range variants {
		t.Run(c.name, func(t *testing.T) {
			d := newDraft(t)
			c.change(t, d)
			b := d.bytes(t)
			if !IsCMS(b) {
				t.Error("not recognised")
			}
			s, err := Parse(b)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(s.Raw, b) || len(s.Certificates) != 1 || (s.Content == nil) != (d.content == nil) {
				t.Errorf("read as %+v", s)
			}
			r, err := s.Verify(digest, readDocument)
			if err != nil {
				t.Fatal(err)
			}
			want := slices.Clone(c.notes)
			if c.name != "A consistent, bound" {
				want = append([]string{NoteNotBound}, want...)
			}
			if c.name == "A" || c.name == "D" || c.name == "A consistent, bound" {
				if r.SigningTime == nil || !r.SigningTime.Equal(date(2026)) {
					t.Errorf("signing time %v", r.SigningTime)
				}
			}
			if r.Variant != c.want || !slices.Equal(ours(r.Notes), want) || !bytes.Equal(r.SignerCert, signer().cert) {
				t.Errorf("variant %q, notes %q; want %q, %q", r.Variant, r.Notes, c.want, want)
			}
		})
	}
}

// ours drops the notes about the order of attributes.
func ours(notes []string) []string {
	return slices.DeleteFunc(slices.Clone(notes), func(n string) bool { return n == "signed attributes are not in DER order; hashed as received" })
}

// TestVerify_otherDocument: no variant holds for other bytes, for another
// key's value, or with one byte of the container changed where it is signed.
func TestVerify_otherDocument(t *testing.T) {
	changed := append(bytes.Clone(document), '!')
	for _, c := range variants {
		t.Run(c.name, func(t *testing.T) {
			d := newDraft(t)
			c.change(t, d)
			s, err := Parse(d.bytes(t))
			if err != nil {
				t.Fatal(err)
			}
			if r, err := s.Verify(gm.SM3(changed), func() ([]byte, error) { return changed, nil }); err == nil {
				t.Errorf("another document is accepted as %q", r.Variant)
			}
			d.key = other().key
			wantError(t, d, "C7", gm.ErrSignature)
		})
	}
}

// wantError reads and verifies a draft, which must fail by the rule and, if
// cause is not nil, with that cause.
func wantError(t *testing.T, d *draft, rule string, cause error) {
	t.Helper()
	wantBytesError(t, d.bytes(t), rule, cause)
}

func wantBytesError(t *testing.T, b []byte, rule string, cause error) {
	t.Helper()
	s, err := Parse(b)
	var r *Result
	if err == nil {
		r, err = s.Verify(digest, readDocument)
	}
	var e *Error
	if !errors.As(err, &e) || e.Rule != rule || cause != nil && !errors.Is(err, cause) {
		t.Errorf("%+v, %v; want rule %s, %v", r, err, rule, cause)
	}
}

func TestVerify_withoutContent(t *testing.T) {
	d := newDraft(t)
	s, err := Parse(d.bytes(t))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Verify(digest, nil); !errors.Is(err, gm.ErrSignature) {
		t.Errorf("nil content: %v", err)
	}
	gone := errors.New("file is gone")
	if _, err := s.Verify(digest, func() ([]byte, error) { return nil, gone }); !errors.Is(err, gone) {
		t.Errorf("unreadable content: %v", err)
	}
	if _, err := s.Verify(digest, func() ([]byte, error) { return []byte("%PDF changed"), nil }); err == nil {
		t.Error("content other than the digest says is accepted")
	}
}

// TestVerify_readsContentOnlyWhenNeeded: a large document is not loaded for
// variants whose digest suffices.
func TestVerify_readsContentOnlyWhenNeeded(t *testing.T) {
	for _, c := range variants {
		if c.name == "detached without attributes" {
			continue
		}
		d := newDraft(t)
		c.change(t, d)
		s, err := Parse(d.bytes(t))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Verify(digest, func() ([]byte, error) { t.Errorf("%s: content is read", c.name); return document, nil }); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// TestVerify_attributesWithContent: embedded content beside attributes must
// itself be bound to the file; its digest in messageDigest proves nothing.
func TestVerify_attributesWithContent(t *testing.T) {
	of := func(content []byte) *draft {
		d := newDraft(t)
		hash := gm.SM3(content)
		d.content = der.Explicit(0, der.Octets(content))
		d.attrs = [][]byte{attr(oidContentType, der.OID(oidDataGM)), attr(oidMessageDigest, der.Octets(hash[:]))}
		return d
	}
	for name, content := range map[string][]byte{"digest": digest[:], "document": document} {
		s, err := Parse(of(content).bytes(t))
		if err != nil {
			t.Fatal(err)
		}
		if r, err := s.Verify(digest, readDocument); err != nil || r.Variant != "A" {
			t.Errorf("%s embedded: %+v, %v", name, r, err)
		}
	}
	wantError(t, of([]byte("something else")), "C5", nil)
	wantError(t, of(make([]byte, 32)), "C5", nil)
	wantError(t, of([]byte{}), "C5", nil)
}

// TestVerify_attributesReplayed: the signed attributes of another signature
// are no document.
func TestVerify_attributesReplayed(t *testing.T) {
	a := newDraft(t)
	a.withAttributes(oidDataGM)
	set := der.Set(a.attrs...)
	value := a.value(t)
	replay := newDraft(t)
	replay.sign = func([]byte) ([]byte, error) { return value, nil }
	for name, embedded := range map[string]bool{"embedded": true, "detached": false} {
		if embedded {
			replay.embed(set)
		} else {
			replay.content = nil
		}
		s, err := Parse(replay.bytes(t))
		if err != nil {
			t.Fatal(err)
		}
		var e *Error
		if r, err := s.Verify(gm.SM3(set), func() ([]byte, error) { return set, nil }); !errors.As(err, &e) || e.Rule != "C4" {
			t.Errorf("%s: %+v, %v; want rule C4", name, r, err)
		}
	}
}

func TestVerify_subjectKeyIdentifier(t *testing.T) {
	c, err := gm.ParseCertificate(signer().cert)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.SubjectKeyID) == 0 {
		t.Skip("the certificates made here carry no subject key identifier")
	}
	d := newDraft(t)
	d.embed(digest[:])
	d.version, d.signerVersion, d.sid = der.Int(3), der.Int(3), der.TLV(0x80, c.SubjectKeyID)
	s, err := Parse(d.bytes(t))
	if err != nil {
		t.Fatal(err)
	}
	if r, err := s.Verify(digest, nil); err != nil || r.Variant != "B" {
		t.Errorf("%+v, %v", r, err)
	}
	d.sid = der.TLV(0x80, []byte("unknown"))
	wantError(t, d, "C6", nil)
	d.sid = der.TLV(0x80)
	wantError(t, d, "C1", ErrFormat)
}

func TestUnsignedAttributes(t *testing.T) {
	d := newDraft(t)
	d.embed(digest[:])
	token := der.Sequence(der.Int(1))
	d.unsigned = der.TLV(0xa1, attr(oidTimestampToken, token))
	s, err := Parse(d.bytes(t))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(s.Signer.TimestampToken(), token) || len(s.Notes) != 1 {
		t.Errorf("token %x, notes %q", s.Signer.TimestampToken(), s.Notes)
	}
	if r, err := s.Verify(digest, nil); err != nil || len(r.Notes) != 2 {
		t.Errorf("%+v, %v", r, err)
	}
	d.unsigned = der.TLV(0xa1, attr(oidTimestampToken, token), attr(oidTimestampToken, token))
	if s, err := Parse(d.bytes(t)); err != nil || s.Signer.TimestampToken() != nil {
		t.Errorf("two tokens: %v", err)
	}
	d.unsigned = der.TLV(0xa2, attr(oidTimestampToken, token))
	wantError(t, d, "C1", ErrFormat)
}

func TestIsCMS_other(t *testing.T) {
	for name, b := range map[string][]byte{
		"nothing": nil, "NULL": der.Null(), "empty SEQUENCE": der.Sequence(), "SES shape": der.Sequence(der.Sequence(), der.Null()),
		"data": der.Sequence(der.OID(oidData)), "cut": der.Sequence(der.OID(oidSignedData))[:8],
	} {
		if IsCMS(b) {
			t.Errorf("%s is taken for CMS", name)
		}
	}
}
