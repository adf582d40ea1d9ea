package pdfseal

import (
	"cmp"
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
	inv, f, err := inspect(ctx, src, req.Trust, req.Time, false)
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
	build := meanwhile(u.build)
	h := gm.NewSM3()
	copyErr := copySource(ctx, dst, h, src, req.Progress)
	built, err := build()
	if err = cmp.Or(err, copyErr); err != nil {
		return nil, err
	}
	known, err := cloneHash(h)
	if err != nil {
		return nil, err
	}
	out := &Affixed{head: &head{src.Size(), known}, SealID: u.seal.ID, SealName: u.seal.Name, Field: u.field, Pages: u.pages(), Marks: placedMarks(u.marks),
		ByteRange: built.ByteRange, Size: src.Size() + int64(len(built.Bytes))}
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

// copySource writes src to dst and to the hash h, and checks ctx between chunks.
func copySource(ctx context.Context, dst io.Writer, h hash.Hash, src Source, progress func(done, total int64)) error {
	return inChunks(ctx, src, 0, func(p chunk) error {
		_, err := dst.Write(p.bytes)
		return err
	}, func(p chunk) error {
		h.Write(p.bytes)
		if progress != nil {
			progress(p.off+int64(len(p.bytes)), src.Size())
		}
		return nil
	})
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

func (u *update) pages() []int {
	var out []int
	for _, m := range u.marks {
		out = append(out, m.num)
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
	if err = u.place(); err != nil {
		return nil, err
	}
	if u.field, err = freeFieldName(u.view); err != nil {
		return nil, err
	}
	return u, nil
}

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
	drawn := map[string]types.IndirectRef{}
	for i, m := range u.marks {
		u.putMark(inc, i, m, imgRef, drawn)
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
	if plan := slicePlan(u.marks); plan != nil {
		d[keyStraddle] = plan
	}
	return d
}

// putMark writes one mark: the first is the field's widget, the further ones are stamps that the signature lists (rule I5).
func (u *update) putMark(inc *pdf.Increment, i int, m placed, img types.IndirectRef, drawn map[string]types.IndirectRef) {
	ap := u.putDrawing(inc, m, img, drawn)
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

// putDrawing writes the appearance of a mark. Equal slices of a straddle seal share theirs, which drawn keeps.
func (u *update) putDrawing(inc *pdf.Increment, m placed, img types.IndirectRef, drawn map[string]types.IndirectRef) types.IndirectRef {
	s := newSheet(m.page)
	w, h := float64(u.seal.Picture.WidthMM)*s.unit, float64(u.seal.Picture.HeightMM)*s.unit
	content := appearanceContent(round4(w), round4(h))
	if m.piece == nil {
		return putAppearance(inc, img, s, wholeBox(w, h), content)
	}
	box := m.piece.box(s)
	key := string(pdf.FormatObject(types.Array{box, s.matrix()})) + string(content)
	ref, known := drawn[key]
	if !known {
		ref = putAppearance(inc, img, s, box, content)
		drawn[key] = ref
	}
	return ref
}

// putAnnots redefines the pages of the marks with /Annots extended. The array becomes direct even where it was an object of its
// own, because two pages may share that object.
func (u *update) putAnnots(inc *pdf.Increment) error {
	on := map[types.IndirectRef][]types.IndirectRef{}
	for _, m := range u.marks {
		on[m.page.Ref] = append(on[m.page.Ref], m.ref)
	}
	for _, m := range u.marks {
		marks := on[m.page.Ref]
		if marks[0] != m.ref {
			continue
		}
		annots, err := u.view.Array(m.page.Dict["Annots"])
		if err != nil {
			return err
		}
		annots = slices.Clone(annots)
		for _, ref := range marks {
			annots = append(annots, ref)
		}
		d := cloneDict(m.page.Dict)
		d["Annots"] = annots
		inc.Put(m.page.Ref, d)
	}
	return nil
}
