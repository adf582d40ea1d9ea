package pdfseal

import (
	"context"
	"io"
	"slices"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"sealdesk/pdfseal/center/receipt"
	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/internal/pdf"
)

// The document security store (ISO 32000-2, 12.8.4.3) in our one shape: certificates and revocation lists under their standard keys,
// receipts under our own, each a new unfiltered stream whose dictionary names the SM3 digest of its data.
const (
	keyReceipts = "SDSK_Receipts"
	keySM3      = "SDSK_SM3"
)

// buildEvidence writes the increment that adds e to the document as it was after revision rev, with size bytes. Equal input gives equal
// bytes: the verifier compares an increment with what this function makes of the evidence in it. avoid are the numbers that the document
// refers to although nothing defines them.
func buildEvidence(f *pdf.File, rev int, size int64, avoid map[int]bool, e *evidence) ([]byte, error) {
	v := f.At(rev)
	cat, ref, err := v.Catalog()
	if err != nil {
		return nil, err
	}
	store, err := v.Dict(cat["DSS"])
	if err != nil {
		return nil, err
	}
	cat, store = cloneDict(cat), cloneDict(store)
	store["Type"] = types.Name("DSS")
	inc := pdf.NewIncrementAt(f, rev, size)
	inc.Avoid(avoid)
	inc.Plain()
	for _, part := range []struct {
		key   string
		items [][]byte
	}{{"Certs", e.certs}, {"CRLs", e.crls}, {keyReceipts, [][]byte{e.receipt.Raw}}} {
		if len(part.items) == 0 {
			continue
		}
		list, err := v.Array(store[part.key])
		if err != nil {
			return nil, err
		}
		list = slices.Clone(list)
		for _, item := range part.items {
			n, digest := inc.New(), gm.SM3(item)
			inc.PutStream(n, types.Dict{keySM3: types.NewHexLiteral(digest[:])}, item)
			list = append(list, n)
		}
		store[part.key] = list
	}
	cat["DSS"] = store
	inc.Put(ref, cat)
	id := gm.SM3(e.items()...)
	built, err := inc.Build([16]byte(id[:16]))
	if err != nil {
		return nil, err
	}
	return built.Bytes, nil
}

// grown says what became of a file to which evidence was appended.
type grown struct {
	size  int64
	sm3   [32]byte
	added *evidence
}

// appendEvidence writes the increment with e behind the file at path, which w writes to. known is what was hashed while the file was written.
func appendEvidence(ctx context.Context, w io.Writer, path string, e Evidence, known *head) (*grown, error) {
	src, err := OpenFile(path)
	if err != nil {
		return nil, &SaveError{Step: StepReopen, Path: path, Err: err}
	}
	defer src.Close()
	f, err := pdf.Open(ctx, src)
	if err != nil {
		return nil, err
	}
	sel, inc, err := newEvidence(ctx, src, f, e)
	if err != nil {
		return nil, err
	}
	h, err := hashSource(ctx, src, known)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(inc); err != nil {
		return nil, err
	}
	h.Write(inc)
	out := &grown{size: src.Size() + int64(len(inc)), added: sel}
	h.Sum(out.sm3[:0])
	return out, nil
}

// newEvidence checks e against the document and makes the increment.
func newEvidence(ctx context.Context, src Source, f *pdf.File, e Evidence) (*evidence, []byte, error) {
	all, err := findCandidates(f)
	if err != nil {
		return nil, nil, err
	}
	for _, c := range all {
		if err := c.checkRange(src, f); err != nil {
			return nil, nil, err
		}
	}
	there, err := readEvidence(ctx, src, f, all)
	if err != nil {
		return nil, nil, err
	}
	if len(there) >= maxEvidenceIncs {
		return nil, nil, noEvidence(EvidenceTooLarge, "the document carries %d additions already", len(there))
	}
	sel, err := selectEvidence(e, all, there.list())
	if err != nil {
		return nil, nil, err
	}
	if sel.receipt.Verdict != receipt.VerdictValid {
		return nil, nil, noEvidence(EvidenceRefused, "the centre's verdict is %s", sel.receipt.Verdict)
	}
	last := len(f.Revisions()) - 1
	avoid, err := undefined(ctx, f.At(last), nil)
	if err != nil {
		return nil, nil, err
	}
	inc, err := buildEvidence(f, last, src.Size(), avoid, sel)
	return sel, inc, err
}
