package pdfseal

import (
	"context"
	"crypto/rand"
	"encoding"
	"fmt"
	"hash"
	"io"
	"slices"
	"time"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/internal/pdf"
	"sealdesk/pdfseal/ses"
)

// Affix seals the document src and writes the sealed document to dst: the bytes of src unchanged, then one incremental update. The
// protected bytes are hashed while they stream to dst, so memory does not grow with the document. The seal signature is verified
// with the signer's certificate before the update is written; after an error what dst received must be discarded.
//
// Errors: *RefusedError (pre-seal gate), *RequestError, *SignerError, *SyntaxError, ErrEncrypted and what dst answers.
func Affix(ctx context.Context, dst io.Writer, src Source, req Request) (*Affixed, error) {
	inv, f, err := inspect(ctx, src, req.Trust, req.Time)
	if err != nil {
		return nil, err
	}
	if bad := inv.Refused(); len(bad) > 0 {
		return nil, &RefusedError{Findings: bad}
	}
	u, err := newUpdate(f, req)
	if err != nil {
		return nil, err
	}
	u.avoid, u.drawings = inv.dangling, inv.drawings
	built, err := u.build()
	if err != nil {
		return nil, err
	}
	h := gm.NewSM3()
	if err := copySource(ctx, io.MultiWriter(dst, h), src, req.Progress); err != nil {
		return nil, err
	}
	out := &Affixed{SealID: u.seal.ID, SealName: u.seal.Name, Field: u.field, Pages: u.pages(), ByteRange: built.ByteRange,
		Size: src.Size() + int64(len(built.Bytes))}
	if err := u.seal4(ctx, built, h, out); err != nil {
		return nil, err
	}
	if _, err := dst.Write(built.Bytes); err != nil {
		return nil, err
	}
	return out, nil
}

// seal4 hashes what the base hash h has not seen yet, has TBS_Sign signed, checks the signature and fills /Contents (GB/T 38540, signing steps b).
func (u *update) seal4(ctx context.Context, built *pdf.Built, h hash.Hash, out *Affixed) error {
	covered, err := cloneHash(h)
	if err != nil {
		return err
	}
	covered.Write(built.Bytes[:built.GapStart])
	covered.Write(built.Bytes[built.GapEnd:])
	h.Sum(out.SM3Before[:0])
	tbs, err := ses.BuildTBS(u.seal, u.time, [32]byte(covered.Sum(nil)), rangeText(built.ByteRange))
	if err != nil {
		return fmt.Errorf("pdfseal: build TBS_Sign: %w", err)
	}
	sig, err := u.req.Signer.SignSM2(ctx, tbs)
	if err != nil {
		return &SignerError{Err: err}
	}
	if err := u.cert.Public.Verify(tbs, sig); err != nil {
		return &SignerError{Err: fmt.Errorf("signature does not verify with the certificate: %w", err)}
	}
	der, err := ses.BuildSignature(tbs, u.cert.Raw, sig)
	if err != nil {
		return fmt.Errorf("pdfseal: build SES_Signature: %w", err)
	}
	if u.req.Timestamp != nil {
		if der, err = u.timestamped(ctx, der); err != nil {
			return err
		}
	}
	if err := built.SetContents(der); err != nil {
		return fmt.Errorf("%w: %w", ErrContentsTooSmall, err)
	}
	out.TBS, out.Signature = tbs, der
	h.Write(built.Bytes)
	h.Sum(out.SM3After[:0])
	return nil
}

// rangeText is what our propertyInfo says (standards.md §1.3, rule E4).
func rangeText(r [4]int64) string {
	return fmt.Sprintf("ByteRange[%d %d %d %d]", r[0], r[1], r[2], r[3])
}

// cloneHash copies a hash with its state.
func cloneHash(h hash.Hash) (hash.Hash, error) {
	m, ok := h.(encoding.BinaryMarshaler)
	if !ok {
		return nil, fmt.Errorf("pdfseal: hash cannot be copied")
	}
	state, err := m.MarshalBinary()
	if err != nil {
		return nil, fmt.Errorf("pdfseal: copy hash: %w", err)
	}
	c := gm.NewSM3()
	if err := c.(encoding.BinaryUnmarshaler).UnmarshalBinary(state); err != nil {
		return nil, fmt.Errorf("pdfseal: copy hash: %w", err)
	}
	return c, nil
}

// copySource streams src in pieces of 1 MiB and checks ctx between them.
func copySource(ctx context.Context, dst io.Writer, src Source, progress func(done, total int64)) error {
	buf := make([]byte, min(1<<20, src.Size()))
	total := src.Size()
	for off := int64(0); off < total; {
		if err := ctx.Err(); err != nil {
			return err
		}
		piece := buf[:min(int64(len(buf)), total-off)]
		if _, err := src.ReadAt(piece, off); err != nil && err != io.EOF {
			return fmt.Errorf("pdfseal: read at %d: %w", off, err)
		}
		if _, err := dst.Write(piece); err != nil {
			return err
		}
		off += int64(len(piece))
		if progress != nil {
			progress(off, total)
		}
	}
	return nil
}

// update is one sealing in preparation.
type update struct {
	req      Request
	file     *pdf.File
	view     *pdf.View
	seal     *ses.Seal
	cert     *gm.Certificate
	time     time.Time
	marks    []placed
	field    string
	avoid    map[int]bool // object numbers not to be used
	drawings *fieldDrawings
	sigRef   types.IndirectRef
}

// placed is a mark with the page it stands on.
type placed struct {
	mark Mark
	page *pdf.Page
	rect [4]float64
	ref  types.IndirectRef
}

func (u *update) pages() []int {
	var out []int
	for _, m := range u.marks {
		out = append(out, m.mark.Page)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// newUpdate checks the request before anything is written.
func newUpdate(f *pdf.File, req Request) (*update, error) {
	u := &update{req: req, file: f, view: f.Latest(), time: req.Time.UTC().Truncate(time.Second)}
	if req.Time.IsZero() {
		u.time = time.Now().UTC().Truncate(time.Second)
	}
	if req.Signer == nil {
		return nil, &RequestError{Field: "Signer", Key: "SIGNER_MISSING"}
	}
	var err error
	if u.seal, err = ses.ParseSeal(req.Seal); err != nil {
		return nil, &RequestError{Field: "Seal", Key: "SEAL_UNREADABLE", Err: err}
	}
	if u.cert, err = gm.ParseCertificate(req.Signer.Certificate()); err != nil {
		return nil, &RequestError{Field: "Signer", Key: "CERTIFICATE_UNREADABLE", Err: err}
	}
	if !u.cert.IsSM2 || !u.cert.CanSign() {
		return nil, &RequestError{Field: "Signer", Key: "CERTIFICATE_NOT_FOR_SEALS"}
	}
	if listed, usable := u.seal.Lists(u.cert.Raw); !usable || !listed {
		return nil, &RequestError{Field: "Signer", Key: "CERT_NOT_IN_SEAL"}
	}
	if u.marks, err = u.place(); err != nil {
		return nil, err
	}
	if u.field, err = freeFieldName(u.view); err != nil {
		return nil, err
	}
	return u, nil
}

// place turns the requested marks into rectangles and refuses what rule I5 would not accept.
func (u *update) place() ([]placed, error) {
	if len(u.req.Marks) == 0 {
		return nil, &RequestError{Field: "Marks", Key: "NO_MARKS"}
	}
	count, err := u.view.PageCount()
	if err != nil {
		return nil, err
	}
	earlier, err := sealMarks(u.file)
	if err != nil {
		return nil, err
	}
	taken := map[int][][4]float64{}
	for _, m := range earlier {
		taken[m.page] = append(taken[m.page], m.rect)
	}
	var out []placed
	perPage := map[int]int{}
	for _, m := range u.req.Marks {
		if m.Page < 1 || m.Page > count {
			return nil, &RequestError{Field: "Marks", Key: "PAGE_RANGE", Page: m.Page}
		}
		page, err := u.view.Page(m.Page)
		if err != nil {
			return nil, err
		}
		s := newSheet(page)
		r := s.rect(m.X, m.Y, float64(u.seal.Picture.WidthMM), float64(u.seal.Picture.HeightMM))
		if perPage[m.Page]++; perPage[m.Page] > maxMarksPerPage {
			return nil, &RequestError{Field: "Marks", Key: "TOO_MANY_MARKS", Page: m.Page}
		}
		if !inside(r, page.CropBox) {
			return nil, &RequestError{Field: "Marks", Key: "OFF_PAGE", Page: m.Page}
		}
		for _, t := range taken[m.Page] {
			if overlap(r, t) {
				return nil, &RequestError{Field: "Marks", Key: "OVERLAPS_SEAL", Page: m.Page}
			}
		}
		taken[m.Page] = append(taken[m.Page], r)
		out = append(out, placed{mark: m, page: page, rect: r})
	}
	return out, nil
}

// maxMarksPerPage is the budget of rule R1 for marks of one seal.
const maxMarksPerPage = 2

// build assembles the increment.
func (u *update) build() (*pdf.Built, error) {
	pic, err := picturesFor(u.seal.Picture)
	if err != nil {
		return nil, err
	}
	inc := pdf.NewIncrement(u.file)
	inc.Avoid(u.avoid)
	if err := u.drawings.put(inc); err != nil {
		return nil, err
	}
	imgRef := pic.put(inc)
	u.sigRef = inc.New()
	for i := range u.marks {
		u.marks[i].ref = inc.New()
	}
	for i, m := range u.marks {
		u.putMark(inc, i, m, imgRef)
	}
	inc.PutSignature(u.sigRef, u.signatureDict(), u.reserve())
	if err := u.putAnnots(inc); err != nil {
		return nil, err
	}
	if err := putField(inc, u.view, u.marks[0].ref); err != nil {
		return nil, err
	}
	var id [16]byte
	if _, err := rand.Read(id[:]); err != nil {
		return nil, err
	}
	return inc.Build(id)
}

// reserve is the room for /Contents: container plus a quarter (rule W5, standards.md §2.3).
func (u *update) reserve() int {
	n := len(u.seal.Raw) + len(u.cert.Raw) + 1024
	if u.req.Timestamp != nil {
		n += timestampRoom
	}
	return n + n/4
}

func (u *update) signatureDict() types.Dict {
	filter, sub := u.req.Filter, u.req.SubFilter
	if filter == "" {
		filter = DefaultFilter
	}
	if sub == "" {
		sub = DefaultSubFilter
	}
	d := types.Dict{
		"Type": types.Name("Sig"), "Filter": types.Name(filter), "SubFilter": types.Name(sub),
		"M":    types.StringLiteral(pdfDate(u.time)),
		"Name": textString(u.seal.Name),
	}
	if u.req.Reason != "" {
		d["Reason"] = textString(u.req.Reason)
	}
	if u.req.Location != "" {
		d["Location"] = textString(u.req.Location)
	}
	if len(u.marks) > 1 {
		var refs types.Array
		for _, m := range u.marks[1:] {
			refs = append(refs, m.ref)
		}
		d[keyMarks] = refs
	}
	return d
}

// putMark writes one mark: the first is the field's widget, the further ones are stamps that the signature lists (rule I5).
func (u *update) putMark(inc *pdf.Increment, i int, m placed, img types.IndirectRef) {
	s := newSheet(m.page)
	ap := putAppearance(inc, img, s, float64(u.seal.Picture.WidthMM)*s.unit, float64(u.seal.Picture.HeightMM)*s.unit)
	d := types.Dict{
		"Type": types.Name("Annot"), "Rect": rectArray(m.rect), "P": m.page.Ref,
		"F": types.Integer(markFlags), "AP": types.Dict{"N": ap},
	}
	if i == 0 {
		d["Subtype"], d["FT"], d["T"], d["V"] = types.Name("Widget"), types.Name("Sig"), textString(u.field), u.sigRef
	} else {
		d["Subtype"], d[keySeal] = types.Name("Stamp"), u.sigRef
	}
	inc.Put(m.ref, d)
}

// putAnnots redefines the pages of the marks with /Annots extended. The array becomes direct even where it was an object of its
// own, because two pages may share that object.
func (u *update) putAnnots(inc *pdf.Increment) error {
	done := map[types.IndirectRef]bool{}
	for _, first := range u.marks {
		if done[first.page.Ref] {
			continue
		}
		done[first.page.Ref] = true
		annots, err := u.view.Array(first.page.Dict["Annots"])
		if err != nil {
			return err
		}
		annots = slices.Clone(annots)
		for _, m := range u.marks {
			if m.page.Ref == first.page.Ref {
				annots = append(annots, m.ref)
			}
		}
		d := cloneDict(first.page.Dict)
		d["Annots"] = annots
		inc.Put(first.page.Ref, d)
	}
	return nil
}

// CheckFile tells before any key is used whether the request fits the document at path: the seal and the certificate belong together, and
// every mark has its place. Only the certificate of req.Signer is asked for. Errors are those of Affix, without the pre-seal gate.
func CheckFile(ctx context.Context, path string, req Request) error {
	src, err := OpenFile(path)
	if err != nil {
		return err
	}
	defer src.Close()
	f, err := pdf.Open(ctx, src)
	if err != nil {
		return err
	}
	_, err = newUpdate(f, req)
	return err
}
