package pdfseal

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

// seals judges what the document carries already: a further seal is only put beside seals that are not invalid (rule W3). Their marks are
// looked at whatever the verdict.
func (g *gate) seals(ctx context.Context, src Source, o VerifyOptions) error {
	all, err := findCandidates(g.file)
	if err != nil {
		return err
	}
	if len(all) == 0 {
		return g.hiddenSeals(ctx, src, o)
	}
	g.inv.Seals = len(all)
	rep, err := Verify(ctx, src, o)
	if err != nil {
		return fmt.Errorf("pdfseal: existing seals: %w", err)
	}
	refused := func(v Verdict) bool { return v == VerdictInvalid || o.Trust != nil && !v.Accepted() }
	named := false
	for _, s := range rep.Seals {
		if s.Standard == "" || s.Seal.ID == "" {
			g.add(s.placed(Finding{Rule: "W3", Level: LevelRefuse, Key: FindingForeignSig, Detail: "signature of another kind in field " + strconv.Quote(s.Field),
				Data: map[string]string{"field": printable(s.Field, 100)}}))
		}
		if refused(s.Verdict) {
			named = true
			g.add(s.placed(Finding{Rule: "W3", Level: LevelRefuse, Key: FindingSealNotValid, Detail: rep.summary(),
				Data: map[string]string{"verdict": string(s.Verdict), "seal": s.title()}}))
		}
		if hasReason(s.Reasons, ReasonImage) {
			g.add(s.placed(Finding{Rule: "E5", Level: LevelWarn, Key: FindingMark, Detail: "a mark does not draw the picture of its seal",
				Data: map[string]string{"mark": markPicture, "seal": s.title()}}))
		}
	}
	if !named && refused(rep.Verdict) {
		g.add(Finding{Rule: "W3", Level: LevelRefuse, Key: FindingSealNotValid, Detail: rep.summary(), Data: map[string]string{"verdict": string(rep.Verdict), "seal": ""}})
	}
	return g.marks(all, rep)
}

// hiddenSeals refuses a document that shows no seal and once had one (rule V4): sealed again, it would pass for a document that never did.
func (g *gate) hiddenSeals(ctx context.Context, src Source, o VerifyOptions) error {
	rep := newReport(src, o)
	if err := checkHidden(ctx, src, rep, o); err != nil {
		return err
	}
	for _, s := range rep.Seals {
		g.add(s.placed(Finding{Rule: "W3", Level: LevelRefuse, Key: FindingSealNotValid, Detail: rep.summary(),
			Data: map[string]string{"verdict": string(s.Verdict), "seal": s.title()}}))
	}
	return nil
}

// title says which seal a report is about.
func (s SealReport) title() string {
	if s.Seal.Name != "" {
		return s.Seal.Name
	}
	return printable(s.Field, 100)
}

// placed puts a finding where the first mark of a seal stands, and names the pages of all.
func (s SealReport) placed(f Finding) Finding {
	var pages []int
	for _, m := range s.Marks {
		pages = append(pages, m.Page)
	}
	slices.Sort(pages)
	f.Pages = pageList(slices.Compact(pages), false)
	if len(s.Marks) == 1 {
		f.Page, f.Area = s.Marks[0].Page, s.Marks[0].Area()
	}
	return f
}

// marks lists the marks of existing seals that are not plainly to be seen (rules I5, P2, E5).
func (g *gate) marks(all []*candidate, rep *Report) error {
	on, err := annotPages(g.view)
	if err != nil {
		return soft(err)
	}
	own := map[int]bool{}
	var marks []markAt
	for _, c := range all {
		list, err := c.marksOf(g.view, on)
		if err != nil {
			return soft(err)
		}
		for _, m := range list {
			own[m.ref.ObjectNumber.Value()] = true
			marks = append(marks, markAt{m, c})
		}
	}
	names := map[string]string{}
	for _, s := range rep.Seals {
		names[s.Field] = s.title()
	}
	drawn := map[int][]annotation{}
	for _, m := range marks {
		if m.page > 0 && drawn[m.page] == nil {
			if drawn[m.page], err = annotationsOf(g.view, m.page); err != nil && soft(err) != nil {
				return err
			}
		}
		code := unseen(m.markOf, drawn[m.page], own)
		if code == "" {
			continue
		}
		f := Finding{Rule: "P2", Level: LevelWarn, Key: FindingMark, Page: m.page, Detail: "object " + m.ref.ObjectNumber.String(),
			Data: map[string]string{"mark": code, "seal": names[m.seal.rep.Field]}}
		if m.page > 0 {
			f.Pages, f.Area = strconv.Itoa(m.page), areaOf(m.sheet, m.rect)
		}
		g.add(f)
	}
	return nil
}

// Further flags of an annotation (ISO 32000-2, table 167).
const (
	flagInvisible = 1 << 0
	flagPrint     = 1 << 2
	flagNoView    = 1 << 5
)

// unseen says why a mark is not plainly to be seen, by one of MarkCodes; "" where it is. drawn are the annotations of its page, own the marks.
func unseen(m markOf, drawn []annotation, own map[int]bool) string {
	flags, _ := m.dict["F"].(types.Integer)
	switch {
	case m.page == 0:
		return markPages
	case flags&(flagInvisible|flagHidden|flagNoView) != 0 || flags&flagPrint == 0:
		return markFlagsWrong
	case m.dict["OC"] != nil:
		return markLayer
	case m.rect[2]-m.rect[0] <= 0 || m.rect[3]-m.rect[1] <= 0:
		return markEmpty
	case !inside(m.rect, m.sheet.box):
		return markOffPage
	}
	above := false
	for _, a := range drawn {
		if a.num == m.ref.ObjectNumber.Value() {
			above = true
			continue
		}
		rect, ok := rectangle(a.dict["Rect"])
		if above && ok && !own[a.num] && covers(a.dict) && overlap(rect, m.rect) {
			return markCovered
		}
	}
	return ""
}

// covers tells whether an annotation draws something that could hide what is below it.
func covers(a types.Dict) bool {
	flags, _ := a["F"].(types.Integer)
	switch a["Subtype"] {
	case types.Name("Popup"):
		return false
	case types.Name("Link"):
		return a["AP"] != nil
	}
	return flags&flagHidden == 0
}
