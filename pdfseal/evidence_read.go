package pdfseal

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"sealdesk/pdfseal/internal/pdf"
	"sealdesk/pdfseal/trust"
)

// evidenceByRev holds the evidence of those revisions that are nothing but an increment of buildEvidence.
type evidenceByRev map[int]*evidence

// list gives the evidence, oldest first.
func (m evidenceByRev) list() []*evidence {
	var out []*evidence
	for _, rev := range slices.Sorted(maps.Keys(m)) {
		out = append(out, m[rev])
	}
	return out
}

// attach gives each seal the evidence that is about it, and answers the store with the revocation lists that the document carries.
func (m evidenceByRev) attach(store *trust.Store) *trust.Store {
	var crls [][]byte
	for _, e := range m.list() {
		e.covers.evidence = append(e.covers.evidence, e)
		crls = append(crls, e.crls...)
	}
	return store.AddEvidence(crls)
}

// change lists the evidence among the changes; it is no fault. Whose receipt it is, is told as a fact only where the trust bundle vouches for it:
// anybody can write one with the name of a centre.
func (e *evidence) change(rev int) Change {
	key := ChangeReceiptClaimed
	if e.vouched {
		key = ChangeReceiptAdded
	}
	return Change{Revision: rev + 1, Key: key, Data: map[string]string{"by": printable(e.receipt.Centre, 100), "at": stamp(e.receipt.Time)}}
}

// before picks the seals of earlier revisions.
func before(all []*candidate, rev int) []*candidate {
	var out []*candidate
	for _, c := range all {
		if c.rev < rev {
			out = append(out, c)
		}
	}
	return out
}

// readEvidence recognises the pure evidence increments of rule I8. The rule is equality: what an increment adds to the document security
// store is read, put through selectEvidence, and written again by buildEvidence; only where that gives the bytes of the increment, all of
// them, is it ours. So there is no room for another key, object, comment or byte. What is read here is trusted in nothing yet.
func readEvidence(ctx context.Context, src Source, f *pdf.File, all []*candidate) (evidenceByRev, error) {
	sealed := map[int]bool{}
	first := len(f.Revisions())
	for _, c := range all {
		sealed[c.rev], first = true, min(first, c.rev)
	}
	out := evidenceByRev{}
	for rev := first + 1; rev < len(f.Revisions()); rev++ {
		if sealed[rev] || len(out) >= maxEvidenceIncs {
			continue
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		e, err := recognise(ctx, src, f, rev, all, out.list())
		var ee *EvidenceError
		switch {
		case err == nil && e != nil:
			out[rev] = e
		case err != nil && !isSyntax(err) && !errors.As(err, &ee):
			return nil, err
		}
	}
	return out, nil
}

// recognise answers the evidence of one revision, nil where it is something else.
func recognise(ctx context.Context, src Source, f *pdf.File, rev int, all []*candidate, earlier []*evidence) (*evidence, error) {
	revs := f.Revisions()
	last, this := revs[rev-1], revs[rev]
	if this.End-last.Mark > maxEvidenceSize+1<<20 || rev == len(revs)-1 && this.End != src.Size() {
		return nil, nil
	}
	e, err := storeAdded(f, rev)
	if err != nil || e == nil {
		return nil, err
	}
	sel, err := selectEvidence(*e, before(all, rev), earlier)
	if err != nil {
		return nil, err
	}
	avoid, err := undefined(ctx, f.At(rev-1), nil)
	if err != nil {
		return nil, err
	}
	for _, size := range slices.Compact([]int64{last.End, last.Mark}) {
		want, err := buildEvidence(f, rev-1, size, avoid, sel)
		if err != nil {
			return nil, err
		}
		got := make([]byte, this.End-size)
		if err := readFull(src, got, size); err != nil {
			return nil, err
		}
		if bytes.Equal(got, want) {
			return sel, nil
		}
	}
	return nil, nil
}

// storeAdded reads what revision rev adds to the document security store; nil where it adds no one receipt.
func storeAdded(f *pdf.File, rev int) (*Evidence, error) {
	old, err := storeOf(f.At(rev - 1))
	if err != nil {
		return nil, err
	}
	now, err := storeOf(f.At(rev))
	if err != nil {
		return nil, err
	}
	var receipts [][]byte
	e := &Evidence{}
	for _, part := range []struct {
		key  string
		into *[][]byte
	}{{"Certs", &e.Certificates}, {"CRLs", &e.CRLs}, {keyReceipts, &receipts}} {
		a, err := f.At(rev - 1).Array(old[part.key])
		if err != nil {
			return nil, err
		}
		b, err := f.At(rev).Array(now[part.key])
		if err != nil {
			return nil, err
		}
		if len(b) < len(a) || len(b)-len(a) > maxEvidenceCerts {
			return nil, nil
		}
		for _, o := range b[len(a):] {
			item, err := storeItem(f, rev, o)
			if err != nil || item == nil {
				return nil, err
			}
			*part.into = append(*part.into, item)
		}
	}
	if len(receipts) != 1 {
		return nil, nil
	}
	e.Receipt = receipts[0]
	return e, nil
}

// storeItem reads one stream of a revision's own; nil where o is none.
func storeItem(f *pdf.File, rev int, o types.Object) ([]byte, error) {
	ref, ok := o.(types.IndirectRef)
	if !ok {
		return nil, nil
	}
	if at, e, ok := f.At(rev).Where(ref.ObjectNumber.Value()); !ok || at != rev || e.Kind != pdf.InUse {
		return nil, nil
	}
	sd, err := f.At(rev).Stream(ref)
	if err != nil || sd == nil {
		return nil, err
	}
	return f.RawStream(sd, maxEvidenceSize)
}

// storeOf returns the document security store of a view.
func storeOf(v *pdf.View) (types.Dict, error) {
	cat, _, err := v.Catalog()
	if err != nil {
		return nil, err
	}
	return v.Dict(cat["DSS"])
}
