package pdfseal

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"sealdesk/pdfseal/internal/pdf"
)

// VerifyFile verifies the file at path; see Verify. Errors: those of OpenFile and Verify, and ErrInputChanged.
func VerifyFile(ctx context.Context, path string, o VerifyOptions) (*Report, error) {
	f, err := OpenFile(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	rep, err := Verify(ctx, f, o)
	if err != nil {
		return nil, err
	}
	if err := f.unchanged(); err != nil {
		return nil, err
	}
	rep.File = path
	return rep, nil
}

// Verify judges every seal of every revision of a document by the rules S, B, C, E, T, I and P. The verdict of the document is the
// worst of its seals; a document without any is VerdictUnsealed. Nothing is repaired, executed or fetched.
//
// An error means that the document could not be read and shows no seal (*SyntaxError, ErrNotPDF, ErrEncrypted), or that reading failed.
func Verify(ctx context.Context, src Source, o VerifyOptions) (*Report, error) {
	if o.Now.IsZero() {
		o.Now = time.Now()
	}
	f, err := pdf.Open(ctx, src)
	if err != nil {
		return verifyBroken(ctx, src, o, err)
	}
	rep, err := verifyOpened(ctx, src, f, o)
	if isSyntax(err) {
		return verifyBroken(ctx, src, o, err)
	}
	return rep, err
}

func newReport(src Source, o VerifyOptions) *Report {
	rep := &Report{Size: src.Size(), Verdict: VerdictUnsealed, Reasons: []Reason{}, Seals: []SealReport{}, Changes: []Change{}}
	if o.Trust != nil {
		rep.Trust = &TrustSummary{Bundle: o.Trust.Name(), Number: o.Trust.Number(), Issued: o.Trust.Issued().UTC(), AgeDays: o.Trust.AgeDays(o.Now),
			Root: o.Trust.Root(), Pinned: o.Trust.Pinned()}
	}
	return rep
}

// verifyOpened judges a document that the strict reader accepts.
func verifyOpened(ctx context.Context, src Source, f *pdf.File, o VerifyOptions) (*Report, error) {
	rep := newReport(src, o)
	all, err := findCandidates(f)
	if err != nil {
		return nil, err
	}
	whole, err := hashCandidates(ctx, src, f, all, o)
	if err != nil {
		return nil, err
	}
	rep.SM3 = hex.EncodeToString(whole[:])
	checkShared(all)
	added, err := readEvidence(ctx, src, f, all)
	if err != nil {
		return nil, err
	}
	o.Trust = added.attach(o.Trust)
	if err := judge(ctx, src, f, all, o); err != nil {
		return nil, err
	}
	if err := checkBehind(ctx, src, all, rep, o); err != nil {
		return nil, err
	}
	if err := judgeLater(ctx, f, all, added, rep); err != nil {
		return nil, err
	}
	finish(rep, all)
	switch {
	case len(all) == 0:
		err = checkHidden(ctx, src, rep, o)
	case rep.Verdict.Accepted():
		err = checkRebuild(ctx, f)
	}
	return rep, err
}

// checkRebuild refuses a document that readers who take references to nothing for damage show otherwise than the rest.
func checkRebuild(ctx context.Context, f *pdf.File) error {
	missing, err := undefined(ctx, f.Latest(), nil)
	if err == nil && len(missing) > 0 {
		err = f.CheckRebuild()
	}
	return err
}

// hashCandidates applies the rules B to each signature, reads the document once and gives it and the protected bytes of each their digests.
func hashCandidates(ctx context.Context, src Source, f *pdf.File, all []*candidate, o VerifyOptions) (whole [32]byte, err error) {
	var hashed []*candidate
	var ranges [][4]int64
	for _, c := range all {
		if err := c.checkRange(src, f); err != nil {
			return whole, err
		}
		if c.der != nil && !c.closed {
			hashed, ranges = append(hashed, c), append(ranges, c.br)
		}
	}
	whole, each, err := digests(ctx, src, ranges, o.head, o.Progress)
	if err != nil {
		return whole, err
	}
	for i, c := range hashed {
		c.digest = each[i]
	}
	return whole, nil
}

// judge applies the rules C, E, T and P to each seal by itself.
func judge(ctx context.Context, src Source, f *pdf.File, all []*candidate, o VerifyOptions) error {
	var on map[int][]int
	var uses *fieldUses
	rev := -1
	for _, c := range all {
		if err := ctx.Err(); err != nil {
			return err
		}
		if !c.closed {
			if err := c.checkContainer(ctx, src, o); err != nil {
				return err
			}
		}
		if rev != c.rev {
			var err error
			if on, err = annotPages(f.At(c.rev)); err != nil {
				return err
			}
			if uses, err = fieldUsesOf(f.At(c.rev)); err != nil {
				return err
			}
			rev = c.rev
		}
		c.checkField(uses)
		if err := c.checkMarks(f, on); err != nil {
			return err
		}
	}
	return nil
}

// judgeLater applies the rules I and V: what follows a seal must be evidence in our own shape, or complete further seals, each of them trusted.
func judgeLater(ctx context.Context, f *pdf.File, all []*candidate, added evidenceByRev, rep *Report) error {
	first := len(f.Revisions())
	for _, c := range all {
		first = min(first, c.rev)
	}
	for rev := len(f.Revisions()) - 1; rev > first; rev-- {
		if err := ctx.Err(); err != nil {
			return err
		}
		if e := added[rev]; e != nil {
			rep.Changes = append([]Change{e.change(rev)}, rep.Changes...)
			continue
		}
		changes, seal, err := compareRevision(ctx, f, rev, all)
		if err != nil {
			return err
		}
		if len(changes) == 0 {
			seal.reportAddition(rep)
			inherit(seal, all)
			continue
		}
		rep.Changes = append(changes, rep.Changes...)
		for _, c := range all {
			if c.rev < rev && !c.has(ReasonChanged) {
				rule := changes[0].Data["rule"]
				c.add(VerdictInvalid, CheckFailed, rule, ReasonChanged, fmt.Sprintf("revision %d: %s", rev+1, changes[0].Key), map[string]string{"rule": rule})
			}
		}
	}
	return checkRemoved(f, all, rep)
}

// has tells whether the seal's reasons hold the key.
func (c *candidate) has(key string) bool { return hasReason(c.rep.Reasons, key) }

// reportAddition lists a permitted further seal among the changes; it is no fault.
func (c *candidate) reportAddition(rep *Report) {
	var pages []int
	for _, m := range c.rep.Marks {
		pages = append(pages, m.Page)
	}
	slices.Sort(pages)
	var page int
	var at Area
	if len(c.rep.Marks) == 1 {
		page, at = c.rep.Marks[0].Page, c.rep.Marks[0].Area()
	}
	rep.Changes = append([]Change{{Revision: c.rev + 1, Page: page, Area: at, Key: ChangeSealAdded,
		Data: map[string]string{"name": c.rep.Seal.Name, "pages": pageList(slices.Compact(pages), false)}}}, rep.Changes...)
}

// inherit applies rule I8: an earlier seal is no better than the further seal that follows it.
func inherit(seal *candidate, all []*candidate) {
	for _, c := range all {
		if c.rev >= seal.rev {
			continue
		}
		switch seal.rep.Verdict {
		case VerdictInvalid:
			c.add(VerdictInvalid, CheckFailed, "I8", ReasonLaterInvalid, "a later seal is invalid", nil)
		case VerdictIndeterminate:
			c.add(VerdictIndeterminate, CheckFailed, "I8", ReasonLaterIndeterminate, "a later seal cannot be judged", nil)
		}
	}
}

// checkRemoved applies rule V4: a seal of any revision must still be reachable in the newest one.
func checkRemoved(f *pdf.File, all []*candidate, rep *Report) error {
	fields, err := signatureFields(f.Latest())
	if err != nil {
		return err
	}
	present := map[string]bool{}
	for _, fl := range fields {
		present[fmt.Sprint(fl.ref, fl.dict["V"])] = true
	}
	for _, c := range all {
		if !present[fmt.Sprint(c.field.ref, c.field.dict["V"])] {
			c.add(VerdictInvalid, CheckFailed, "V4", ReasonSealRemoved, "field or value is gone in the newest revision", nil)
			gone := removedSeal(all, c.field.ref, len(f.Revisions()))
			if !slices.ContainsFunc(rep.Changes, func(x Change) bool { return x.Key == ChangeSealRemoved && x.Data["field"] == gone.Data["field"] }) {
				rep.Changes = append(rep.Changes, gone)
			}
		}
	}
	return nil
}

// finish collects the seals and takes the worst verdict.
func finish(rep *Report, all []*candidate) {
	for _, c := range all {
		if c.rep.Marks == nil {
			c.rep.Marks = []PlacedMark{}
		}
		if c.rep.Reasons == nil {
			c.rep.Reasons = []Reason{}
		}
		if c.rep.Timeline == nil {
			c.rep.Timeline = []Moment{}
		}
		if len(rep.Seals) == 0 {
			rep.Verdict = c.rep.Verdict
		}
		rep.Verdict = rep.Verdict.worse(c.rep.Verdict)
		decidingFirst(c.rep.Reasons)
		rep.Seals = append(rep.Seals, *c.rep)
		for _, r := range c.rep.Reasons {
			rep.addReason(r)
		}
	}
	decidingFirst(rep.Reasons)
}

// decidingFirst orders reasons by what they leave of the verdict, the worst first; those that leave the same stay in the order of the checks.
func decidingFirst(list []Reason) {
	slices.SortStableFunc(list, func(a, b Reason) int { return b.Verdict.rank() - a.Verdict.rank() })
}

// addReason lists each key once, in its worst form.
func (r *Report) addReason(x Reason) {
	for i := range r.Reasons {
		if r.Reasons[i].Key == x.Key {
			if x.Verdict.rank() > r.Reasons[i].Verdict.rank() {
				r.Reasons[i] = x
			}
			return
		}
	}
	r.Reasons = append(r.Reasons, x)
}

func hasReason(list []Reason, key string) bool {
	for _, r := range list {
		if r.Key == key {
			return true
		}
	}
	return false
}

// summary names verdict and reasons for an error text.
func (r *Report) summary() string {
	var keys []string
	for _, x := range r.Reasons {
		keys = append(keys, x.Rule+" "+x.Key)
	}
	return string(r.Verdict) + ": " + strings.Join(keys, ", ")
}

// reasonFor gives the reason for a file that the strict reader refuses.
func reasonFor(err error) Reason {
	r := Reason{Rule: "S1", Key: ReasonFormat, Data: map[string]string{"offset": "0"}, Verdict: VerdictIndeterminate}
	var s *SyntaxError
	if errors.As(err, &s) {
		r.Rule, r.Data["offset"] = s.Rule, fmt.Sprint(s.Offset)
	}
	switch {
	case errors.Is(err, ErrEncrypted):
		r.Key = ReasonEncrypted
	case errors.Is(err, ErrLimit):
		r.Key = ReasonLimit
	}
	r.Data["rule"] = r.Rule
	return r
}
