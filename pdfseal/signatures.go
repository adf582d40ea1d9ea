package pdfseal

import (
	"context"
	"fmt"

	"sealdesk/pdfseal/cms/timestamp"
	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/internal/pdf"
	"sealdesk/pdfseal/ses"
)

// newSealed describes the seal signature der of a document.
func newSealed(der []byte, dataHash, file [32]byte) (Sealed, error) {
	s, err := ses.ParseSignature(der)
	if err != nil {
		return Sealed{}, err
	}
	return Sealed{DataHash: dataHash, Signature: der, SealID: s.Seal.ID, SealSM3: gm.SM3(s.Seal.Raw), SignerSM3: gm.SM3(s.SignerCert), FileSM3: file}, nil
}

// sealed describes the seal that was just affixed.
func (a *Affixed) sealed() (Sealed, error) {
	s, err := ses.ParseSignature(a.Signature)
	if err != nil {
		return Sealed{}, fmt.Errorf("%w: %w", ErrSelfCheck, err)
	}
	hash, _ := s.Hash()
	return newSealed(a.Signature, hash, a.SM3After)
}

// SignaturesOf lists the seal signatures of a document in the order of Report.Seals: what a question to the centre asks about. DataHash is
// computed from the document, so a changed one never passes for what was sealed; nothing is judged. Signatures without a seal, or whose
// place in the file is out of order, are left out. Errors: *SyntaxError, ErrNotPDF, ErrEncrypted and those of reading.
func SignaturesOf(ctx context.Context, src Source) ([]Sealed, error) {
	f, err := pdf.Open(ctx, src)
	if err != nil {
		return nil, err
	}
	all, err := findCandidates(f)
	if err != nil {
		return nil, err
	}
	whole, err := hashCandidates(ctx, src, f, all, VerifyOptions{})
	if err != nil {
		return nil, err
	}
	out := []Sealed{}
	for _, c := range all {
		if c.der == nil || c.closed {
			continue
		}
		if s, err := newSealed(c.der, c.digest, whole); err == nil {
			s.Field = c.rep.Field
			out = append(out, s)
		}
	}
	return out, nil
}

// SignaturesOfFile lists the seal signatures of the file at path; see SignaturesOf. Errors: those of OpenFile and SignaturesOf.
func SignaturesOfFile(ctx context.Context, path string) ([]Sealed, error) {
	f, err := OpenFile(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return SignaturesOf(ctx, f)
}

// timestampRoom is the room for a token with the certificates of its authority.
const timestampRoom = 8 << 10

// timestamped puts a token over the signature value into the seal signature der; one that is about something else is refused.
func (u *update) timestamped(ctx context.Context, der []byte) ([]byte, error) {
	s, err := ses.ParseSignature(der)
	if err != nil {
		return nil, fmt.Errorf("pdfseal: timestamp: %w", err)
	}
	token, err := u.req.Timestamp(ctx, s.Value)
	if err != nil {
		return nil, err
	}
	t, err := timestamp.Parse(token)
	if err == nil {
		err = t.CheckImprint(s.Value)
	}
	if err != nil {
		return nil, fmt.Errorf("pdfseal: timestamp: %w", err)
	}
	return ses.AddTimestamp(der, token)
}
