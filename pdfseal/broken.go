package pdfseal

import (
	"context"
	"encoding/hex"
	"errors"
	"strconv"

	"sealdesk/pdfseal/internal/pdf"
)

// verifyBroken judges a file that the strict reader refuses. Where an earlier revision reads strictly and is sealed to its end, what
// follows it was changed after sealing; where seals are seen but nothing reads, the document is indeterminate; otherwise cause is returned.
func verifyBroken(ctx context.Context, src Source, o VerifyOptions, cause error) (*Report, error) {
	if errors.Is(cause, ErrNotPDF) || !isSyntax(cause) && !errors.Is(cause, ErrEncrypted) {
		return nil, cause
	}
	states, err := scanEnds(ctx, src)
	if err != nil {
		return nil, err
	}
	if !states.shows {
		return nil, cause
	}
	reason := reasonFor(cause)
	rep := newReport(src, o)
	whole, _, err := digests(ctx, src, nil, nil, nil)
	if err != nil {
		return nil, err
	}
	rep.SM3 = hex.EncodeToString(whole[:])
	rep.Verdict, rep.Reasons = VerdictIndeterminate, []Reason{reason}
	for _, end := range states.ends {
		sealed, err := verifyPrefix(ctx, src, end, o)
		if err != nil {
			return nil, err
		}
		if sealed == nil {
			continue
		}
		changed := Reason{Rule: reason.Rule, Key: ReasonChanged, Data: reason.Data, Verdict: VerdictInvalid}
		for i := range sealed.Seals {
			s := &sealed.Seals[i]
			s.Verdict, s.Reasons, s.Coverage.WholeFile = VerdictInvalid, append([]Reason{changed}, s.Reasons...), false
			s.Checks = append(s.Checks, Check{ID: reason.Rule, Status: CheckFailed, Detail: cause.Error()})
		}
		rep.Verdict, rep.Reasons, rep.Seals = VerdictInvalid, []Reason{changed}, sealed.Seals
		rep.Changes = append(sealed.Changes, appended(reason.Rule, src.Size()-end))
		return rep, nil
	}
	return rep, nil
}

// appended is the change of n bytes behind what was sealed.
func appended(rule string, n int64) Change {
	return Change{Key: ChangeAppended, Data: map[string]string{"rule": rule, "bytes": strconv.FormatInt(n, 10)}}
}

// verifyPrefix verifies the first end bytes as a document of their own; nil where they are none that is sealed to its end.
func verifyPrefix(ctx context.Context, src Source, end int64, o VerifyOptions) (*Report, error) {
	part := pdf.Limit(src, end)
	o.part, o.Progress = true, nil
	f, err := pdf.Open(ctx, part)
	if err == nil {
		var rep *Report
		if rep, err = verifyOpened(ctx, part, f, o); err == nil {
			for _, s := range rep.Seals {
				if s.Coverage.WholeFile {
					return rep, nil
				}
			}
			return nil, nil
		}
	}
	if isSyntax(err) || errors.Is(err, ErrEncrypted) {
		return nil, nil
	}
	return nil, err
}

// checkBehind finds out whether a seal that does not reach the end of its revision was sealed to the end of what was then the file: then
// the bytes behind it were added after sealing (rule S11).
func checkBehind(ctx context.Context, src Source, all []*candidate, rep *Report, o VerifyOptions) error {
	if o.part {
		return nil
	}
	for _, c := range all {
		end := c.br[2] + c.br[3]
		if !c.has(ReasonCoverage) || end >= src.Size() {
			continue
		}
		sealed, err := verifyPrefix(ctx, src, end, o)
		if err != nil {
			return err
		}
		if sealed != nil {
			rep.Changes = append(rep.Changes, appended("S11", src.Size()-end))
			c.describeAs(sealed)
			c.add(VerdictInvalid, CheckFailed, "S11", ReasonChanged, "bytes were added behind the sealed file", map[string]string{"rule": "S11"})
			return nil
		}
	}
	return nil
}

// describeAs takes over who sealed, when and with what, from the report on the state that ended with the seal.
func (c *candidate) describeAs(sealed *Report) {
	for _, s := range sealed.Seals {
		if s.Field == c.rep.Field && s.Coverage.WholeFile && c.rep.Standard == "" {
			c.rep.Standard, c.rep.Seal, c.rep.Signer, c.rep.Time, c.rep.Reason, c.rep.Timeline = s.Standard, s.Seal, s.Signer, s.Time, s.Reason, s.Timeline
		}
	}
}

// checkHidden applies rule V4 to a document without a seal: where an earlier state of its bytes reads strictly and is sealed to its end, the
// revisions were joined past that state, and the seal is not reached any more.
func checkHidden(ctx context.Context, src Source, rep *Report, o VerifyOptions) error {
	if o.part {
		return nil
	}
	states, err := scanEnds(ctx, src)
	if err != nil {
		return err
	}
	for _, end := range states.ends {
		sealed, err := verifyPrefix(ctx, src, end, o)
		if err != nil {
			return err
		}
		if sealed == nil {
			continue
		}
		removed := Reason{Rule: "V4", Key: ReasonSealRemoved, Verdict: VerdictInvalid}
		for i := range sealed.Seals {
			s := &sealed.Seals[i]
			s.Verdict, s.Reasons, s.Coverage.WholeFile = VerdictInvalid, append([]Reason{removed}, s.Reasons...), false
			s.Checks = append(s.Checks, Check{ID: "V4", Status: CheckFailed, Detail: "no revision of the file leads to this seal"})
		}
		rep.Verdict, rep.Reasons, rep.Seals = VerdictInvalid, []Reason{removed}, sealed.Seals
		rep.Changes = append(sealed.Changes, hiddenSeals(sealed.Seals)...)
		return nil
	}
	if states.more {
		return &SyntaxError{Rule: "R1", Msg: "too many places where a seal may have ended the file", Err: ErrLimit}
	}
	return nil
}

// hiddenSeals are the changes that take away seals, each placed at its first mark.
func hiddenSeals(seals []SealReport) []Change {
	var out []Change
	for _, s := range seals {
		c := Change{Key: ChangeSealRemoved, Data: map[string]string{"rule": "V4", "seal": s.Seal.Name, "field": printable(s.Field, 100)}}
		if len(s.Marks) > 0 {
			c.Page, c.Area = s.Marks[0].Page, s.Marks[0].Area()
		}
		out = append(out, c)
	}
	return out
}
