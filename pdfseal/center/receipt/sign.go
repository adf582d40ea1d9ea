package receipt

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"

	"sealdesk/pdfseal/cms"
	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/ses"
)

// Is reports whether b holds a SignedData whose content begins like a
// receipt. It may still be refused by Parse.
func Is(b []byte) bool {
	s, err := cms.Parse(b)
	return err == nil && bytes.HasPrefix(s.Content, []byte(`{"format":"sealdesk-receipt/`))
}

// Parse reads a receipt and checks its signature value with the certificate
// inside it, which the signed attributes must name. Only the one form that
// Sign writes is accepted, without padding. Whether the certificate is that of
// a trusted centre is not judged. Errors are *FormatError.
func Parse(b []byte) (*Signed, error) {
	s, err := cms.Parse(b)
	if err != nil {
		return nil, &FormatError{Field: "container", Err: err}
	}
	v, err := s.VerifyOwn()
	if err != nil {
		return nil, &FormatError{Field: "container", Err: err}
	}
	r, err := decode(s.Content)
	if err != nil {
		return nil, err
	}
	return &Signed{Receipt: r, Raw: s.Raw, SignerCert: v.SignerCert, Certificates: s.Certificates}, nil
}

// Sign writes a receipt, signed by the key of a centre. Format is filled in;
// times are cut to the millisecond. certs are further certificates that a
// reader may need, such as that of the centre's authority. Errors are
// *FormatError for a content that Parse would refuse, and those of cms.Sign.
func Sign(ctx context.Context, r Receipt, key cms.Key, certs ...[]byte) ([]byte, error) {
	r = r.normal()
	content, err := r.encode()
	if err != nil {
		return nil, err
	}
	out, err := cms.Sign(ctx, content, key, cms.SignOptions{Time: r.Time, Certificates: certs})
	if err != nil {
		return nil, err
	}
	if _, err := Parse(out); err != nil {
		return nil, err
	}
	return out, nil
}

// For is a receipt with the fields that a seal signature decides: the digests and the seal's identifier.
func For(sig *ses.Signature) Receipt {
	digest := func(b []byte) string {
		h := gm.SM3(b)
		return hex.EncodeToString(h[:])
	}
	return Receipt{DataHash: hex.EncodeToString(sig.DataHash), SignatureSM3: digest(sig.Raw), SealID: sig.Seal.ID,
		SealSM3: digest(sig.Seal.Raw), SignerSM3: digest(sig.SignerCert)}
}

// Covers asks that the receipt is about the seal signature sig, read from
// sigDER, which may have the padding of a PDF. Otherwise it answers *CoverError.
func (r Receipt) Covers(sig *ses.Signature, sigDER []byte) error {
	if sig == nil || sig.Seal == nil {
		return errors.New("receipt: no seal signature")
	}
	raw, _, err := ses.Trim(sigDER)
	if err != nil {
		return err
	}
	if !bytes.Equal(raw, sig.Raw) {
		return errors.New("receipt: the seal signature was read from other bytes")
	}
	want := For(sig)
	for _, f := range [][3]string{
		{"dataHash", r.DataHash, want.DataHash}, {"signatureSm3", r.SignatureSM3, want.SignatureSM3}, {"sealId", r.SealID, want.SealID},
		{"sealSm3", r.SealSM3, want.SealSM3}, {"signerSm3", r.SignerSM3, want.SignerSM3},
	} {
		if f[1] != f[2] {
			return &CoverError{Field: f[0], Got: f[1], Want: f[2]}
		}
	}
	return nil
}
