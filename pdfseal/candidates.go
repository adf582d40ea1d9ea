package pdfseal

import (
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"sealdesk/pdfseal/internal/pdf"
	"sealdesk/pdfseal/ses"
)

// candidate is one signature of one field, judged as a seal.
type candidate struct {
	rev    int // index of the revision that defined the signature dictionary
	field  field
	sigRef types.IndirectRef
	dict   types.Dict
	br     [4]int64
	der    []byte // container, cut out of /Contents
	digest [32]byte
	rep    *SealReport
	closed bool // the first invalid reason ends the checks of this seal

	parsed   *ses.Signature // of der, see signature
	evidence []*evidence    // whose receipts are about this seal
}

// signature reads the container once; nil where it holds no seal signature.
func (c *candidate) signature() *ses.Signature {
	if c.parsed == nil && c.der != nil {
		if s, err := ses.ParseSignature(c.der); err == nil {
			c.parsed = s
		}
	}
	return c.parsed
}

// maxContents is the budget of rule R1 for the decoded /Contents.
const maxContents = 1 << 20

func (c *candidate) pass(id, detail string) {
	c.rep.Checks = append(c.rep.Checks, Check{ID: id, Status: CheckPassed, Detail: detail})
}

func (c *candidate) skip(id, detail string) {
	c.rep.Checks = append(c.rep.Checks, Check{ID: id, Status: CheckSkipped, Detail: detail})
}

// fail makes the seal invalid and ends its checks.
func (c *candidate) fail(rule, key, detail string, data map[string]string) {
	c.add(VerdictInvalid, CheckFailed, rule, key, detail, data)
	c.closed = true
}

// unsure makes the seal indeterminate at best.
func (c *candidate) unsure(rule, key, detail string, data map[string]string) {
	c.add(VerdictIndeterminate, CheckFailed, rule, key, detail, data)
}

// notice makes the seal valid with notice at best.
func (c *candidate) notice(rule, key, detail string, data map[string]string) {
	c.add(VerdictValidNotice, CheckSkipped, rule, key, detail, data)
}

func (c *candidate) add(v Verdict, s CheckStatus, rule, key, detail string, data map[string]string) {
	c.rep.Verdict = c.rep.Verdict.worse(v)
	c.rep.Reasons = append(c.rep.Reasons, Reason{Rule: rule, Key: key, Data: data, Verdict: v})
	c.rep.Checks = append(c.rep.Checks, Check{ID: rule, Status: s, Detail: detail})
}

// findCandidates searches every revision, oldest first, so that a seal removed later is still found (rule V4).
func findCandidates(f *pdf.File) ([]*candidate, error) {
	var out []*candidate
	seen := map[int]bool{}
	for rev := range f.Revisions() {
		v := f.At(rev)
		fields, err := signatureFields(v)
		if err != nil {
			return nil, err
		}
		for _, fl := range fields {
			c := &candidate{rev: rev, field: fl, rep: &SealReport{Verdict: VerdictValid, Field: fl.name}}
			ref, ok := fl.dict["V"].(types.IndirectRef)
			key := -1 - fl.ref.ObjectNumber.Value() // a direct /V is told apart by its field
			if ok {
				c.sigRef, key = ref, ref.ObjectNumber.Value()
			}
			if seen[key] {
				continue
			}
			seen[key] = true
			if ok {
				if r, _, found := v.Where(key); found {
					c.rev = r
				}
			}
			if c.dict, err = v.Dict(fl.dict["V"]); err != nil {
				return nil, err
			}
			if len(out) >= maxSeals {
				return nil, &SyntaxError{Rule: "R1", Msg: "too many signatures", Err: ErrLimit}
			}
			out = append(out, c)
		}
	}
	return out, nil
}

// maxSeals is the budget of rule R1 for seals in one document.
const maxSeals = 1024

// checkRange applies rules B1–B6 and cuts the container out of /Contents.
func (c *candidate) checkRange(src Source, f *pdf.File) error {
	v := f.At(c.rev)
	spans, msg, err := c.checkDict(v)
	if err != nil {
		return err
	}
	if msg != "" {
		c.fail("B1", ReasonByteRange, msg, nil)
		return nil
	}
	c.pass("B1", "signature dictionary is an uncompressed indirect object")
	if rule, msg := c.readByteRange(src.Size()); msg != "" {
		c.fail(rule, ReasonByteRange, msg, nil)
		return nil
	}
	c.pass("B2", "four non-negative integers starting at 0")
	c.pass("B3", "ranges in order and inside the file")
	gap := spans["Contents"]
	if gap.Start != c.br[1] || gap.End != c.br[2] {
		c.fail("B4", ReasonByteRange, fmt.Sprintf("gap is [%d,%d), /Contents token is [%d,%d)", c.br[1], c.br[2], gap.Start, gap.End), nil)
		return nil
	}
	if rule, msg, err := c.readContents(src); err != nil || msg != "" {
		if err == nil {
			c.fail(rule, ReasonContents, msg, nil)
		}
		return err
	}
	c.pass("B4", "gap is exactly the /Contents token")
	c.pass("B5", "one DER object, zero padding")
	end := c.br[2] + c.br[3]
	rev := f.Revisions()[c.rev]
	c.rep.Coverage = Coverage{Revision: c.rev + 1, Revisions: len(f.Revisions()), WholeFile: end == src.Size()}
	if end < rev.Mark || end > rev.End || c.rev == len(f.Revisions())-1 && end != src.Size() {
		c.fail("B6", ReasonCoverage, fmt.Sprintf("byte range ends at %d, revision %d at %d, file at %d", end, c.rev+1, rev.End, src.Size()), nil)
		return nil
	}
	c.pass("B6", "byte range ends with its revision")
	return nil
}

// checkDict applies rule B1; msg says what is wrong.
func (c *candidate) checkDict(v *pdf.View) (spans map[string]pdf.Span, msg string, err error) {
	if c.sigRef == (types.IndirectRef{}) {
		return nil, "signature dictionary is not an indirect object", nil
	}
	if c.dict == nil {
		return nil, "signature is not a dictionary", nil
	}
	_, e, ok := v.Where(c.sigRef.ObjectNumber.Value())
	if !ok || e.Kind != pdf.InUse {
		return nil, "signature dictionary lies in an object stream", nil
	}
	if t := c.dict["Type"]; t != nil && t != types.Name("Sig") && (c.ours() || t != types.Name("DocTimeStamp")) {
		return nil, "/Type is not Sig", nil
	}
	for _, k := range []string{"Filter", "SubFilter", "ByteRange", "Contents"} {
		switch c.dict[k].(type) {
		case nil:
			return nil, "/" + k + " is missing", nil
		case types.IndirectRef:
			return nil, "/" + k + " is a reference", nil
		}
	}
	_, spans, err = v.Spans(c.sigRef.ObjectNumber.Value())
	return spans, "", err
}

// readByteRange applies rules B2 and B3.
func (c *candidate) readByteRange(size int64) (rule, msg string) {
	a, ok := c.dict["ByteRange"].(types.Array)
	if !ok || len(a) != 4 {
		return "B2", "/ByteRange is not an array of four"
	}
	for i, o := range a {
		n, ok := o.(types.Integer)
		if !ok || n < 0 {
			return "B2", "/ByteRange holds something else than non-negative integers"
		}
		c.br[i] = int64(n)
	}
	if c.br[0] != 0 {
		return "B2", "/ByteRange does not start at 0"
	}
	b, g, d := c.br[1], c.br[2], c.br[3]
	if b <= 0 || d <= 0 || b >= g || g > size || d > size-g {
		return "B3", fmt.Sprintf("/ByteRange [0 %d %d %d] does not fit a file of %d bytes", b, g, d, size)
	}
	return "", ""
}

// readContents applies the rest of rule B4, that the token is one hexadecimal string without white space, and rule B5.
func (c *candidate) readContents(src Source) (rule, msg string, err error) {
	n := c.br[2] - c.br[1]
	if n < 4 || n%2 != 0 || n > 2*maxContents+2 {
		return "B4", "/Contents has a length that no container has", nil
	}
	raw := make([]byte, n)
	if err := readFull(src, raw, c.br[1]); err != nil {
		return "", "", err
	}
	if raw[0] != '<' || raw[n-1] != '>' {
		return "B4", "/Contents is not a hexadecimal string", nil
	}
	data := make([]byte, n/2-1)
	if _, err := hex.Decode(data, raw[1:n-1]); err != nil {
		return "B4", "/Contents holds something else than hexadecimal digits", nil
	}
	der, padding, err := ses.Trim(data)
	if err != nil {
		return "B5", "/Contents is not one DER object", nil
	}
	for _, b := range padding {
		if b != 0 {
			return "B5", "bytes after the DER object are not all zero", nil
		}
	}
	c.der = der
	return "", "", nil
}

// checkShared applies rule B7 and the part of I6 that concerns equal containers: no two seals share a gap, an end or a container.
func checkShared(all []*candidate) {
	gaps, ends, ders := map[int64]*candidate{}, map[int64]*candidate{}, map[string]*candidate{}
	for _, c := range all {
		if c.der == nil {
			continue
		}
		for _, other := range []*candidate{gaps[c.br[1]], ends[c.br[2]+c.br[3]], ders[string(c.der)]} {
			if other != nil {
				c.fail("B7", ReasonDuplicate, "another signature has the same gap, end or container", nil)
				other.fail("B7", ReasonDuplicate, "another signature has the same gap, end or container", nil)
				break
			}
		}
		gaps[c.br[1]], ends[c.br[2]+c.br[3]], ders[string(c.der)] = c, c, c
	}
}

// isSyntax tells whether err is a finding of the strict reader.
func isSyntax(err error) bool {
	var s *SyntaxError
	return errors.As(err, &s)
}
