package pdfseal

import (
	"fmt"
	"maps"
	"slices"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"sealdesk/pdfseal/internal/pdf"
)

// markOf is one visible mark of a seal as it stands in a document.
type markOf struct {
	ref   types.IndirectRef
	dict  types.Dict
	page  int // 0: on no page, or on more than one
	sheet sheet
	rect  [4]float64
	first bool     // the field's own widget
	plan  *planned // as a slice of a straddle seal; nil: shows the whole seal
}

// marksOf lists the marks of a seal: the field's widget (or, in files of others, the widgets of its kids), then the stamps that its
// signature dictionary lists. on tells on which pages each annotation stands.
func (c *candidate) marksOf(v *pdf.View, on map[int][]int) ([]markOf, error) {
	var refs []types.IndirectRef
	if c.field.dict["Subtype"] != nil {
		refs = append(refs, c.field.ref)
	}
	kids, err := v.Array(c.field.dict["Kids"])
	if err != nil {
		return nil, err
	}
	own := len(refs)
	listed, _ := c.dict[keyMarks].(types.Array)
	for _, o := range append(kids[:len(kids):len(kids)], listed...) {
		if r, ok := o.(types.IndirectRef); ok {
			refs = append(refs, r)
		}
	}
	var out []markOf
	for i, r := range refs {
		d, err := v.Dict(r)
		if err != nil {
			return nil, err
		}
		m := markOf{ref: r, dict: d, first: i < own}
		if pages := on[r.ObjectNumber.Value()]; len(pages) == 1 {
			m.page = pages[0]
			p, err := v.Page(m.page)
			if err != nil {
				return nil, err
			}
			m.sheet = newSheet(p)
		}
		m.rect, _ = rectangle(d["Rect"])
		out = append(out, m)
	}
	return out, nil
}

// annotPages tells for every annotation object on which pages it stands; an annotation listed twice on a page counts twice.
func annotPages(v *pdf.View) (map[int][]int, error) {
	n, err := v.PageCount()
	if err != nil {
		return nil, err
	}
	on := map[int][]int{}
	for i := 1; i <= n; i++ {
		p, err := v.Page(i)
		if err != nil {
			return nil, err
		}
		if p.Dict["Annots"] == nil {
			continue
		}
		annots, err := v.Array(p.Dict["Annots"])
		if err != nil {
			return nil, err
		}
		for _, a := range annots {
			if r, ok := a.(types.IndirectRef); ok {
				on[r.ObjectNumber.Value()] = append(on[r.ObjectNumber.Value()], i)
			}
		}
	}
	return on, nil
}

// checkMarks applies rules I5 (shape of the marks), P2 and E5 (they show the seal's picture, whole or in slices that make the whole), and lists
// them in the report.
func (c *candidate) checkMarks(f *pdf.File, on map[int][]int) error {
	v := f.At(c.rev)
	marks, err := c.marksOf(v, on)
	if err != nil {
		return err
	}
	s := c.signature()
	var plan []planned
	readable := true
	if s != nil && c.ours() {
		plan, readable = c.readPlan(float64(s.Seal.Picture.WidthMM), float64(s.Seal.Picture.HeightMM))
	}
	assign(plan, marks)
	c.list(marks)
	if c.closed || s == nil { // no SES container: judged as such already
		return nil
	}
	if !c.ours() {
		c.unsure("E5", ReasonUnsupported, "appearance of another product", map[string]string{"detail": "appearance"})
		return nil
	}
	if len(marks) == 0 {
		c.failMark("I5", 0, markAbsent, "seal has no visible mark")
		return nil
	}
	if !readable {
		c.fail("I5", ReasonPlan, "plan of the straddle seal is not of our form", nil)
		return nil
	}
	if pages := missing(plan, marks, on); len(pages) > 0 {
		c.fail("E5", ReasonSliceMissing, fmt.Sprintf("slices of pages %s are missing", pageList(pages, false)),
			map[string]string{"count": fmt.Sprint(len(plan)), "pages": pageList(pages, false)})
		return nil
	}
	if bad, page := c.badMark(f, marks); bad != nil {
		c.failMark("I5", page, bad.code, bad.detail)
		return nil
	}
	if page, err := c.coveredMark(v, marks); err != nil {
		return err
	} else if page > 0 {
		c.failMark("I5", page, markCovered, "something else is drawn over a mark")
		return nil
	}
	if num, err := c.unlisted(f, v, marks); err != nil {
		return err
	} else if num > 0 {
		c.failMark("I5", 0, markUnlisted, fmt.Sprintf("object %d names this seal, which does not list it", num))
		return nil
	}
	c.pass("I5", fmt.Sprintf("%d marks, each on one page, printed and locked", len(marks)))
	return c.checkPicture(f, v, marks, s.Seal.Picture)
}

// list puts the marks into the report.
func (c *candidate) list(marks []markOf) {
	for _, m := range marks {
		if m.page == 0 {
			continue
		}
		at := m.sheet.mark(m.page, m.rect)
		if m.plan != nil {
			at.Slice = m.plan.piece.slice()
		}
		c.rep.Marks = append(c.rep.Marks, at)
	}
	c.rep.Straddle = StraddleGroups(c.rep.Marks)
}

// unlisted finds an annotation of the seal's own revision that claims to be its mark and is not listed; 0 is none.
func (c *candidate) unlisted(f *pdf.File, v *pdf.View, marks []markOf) (int, error) {
	known := map[int]bool{}
	for _, m := range marks {
		known[m.ref.ObjectNumber.Value()] = true
	}
	entries := f.Revisions()[c.rev].Entries
	for _, num := range slices.Sorted(maps.Keys(entries)) {
		if e := entries[num]; known[num] || e.Kind == pdf.Free {
			continue
		}
		o, err := v.Get(num, entries[num].Gen)
		if err != nil {
			return 0, err
		}
		if d, ok := o.(types.Dict); ok && d[keySeal] == c.sigRef {
			return num, nil
		}
	}
	return 0, nil
}

// The ways in which a mark can be out of order, under "mark." in the catalogues.
const (
	markAbsent     = "absent"
	markMany       = "many"
	markOverlap    = "overlap"
	markForeign    = "foreign"
	markKeysWrong  = "keys"
	markLayer      = "layer"
	markKind       = "kind"
	markPages      = "pages"
	markFlagsWrong = "flags"
	markEmpty      = "empty"
	markOffPage    = "off_page"
	markUnlisted   = "unlisted"
	markCovered    = "covered"
	markPicture    = "picture"
	markSlicePage  = "slice_page"
	markSlicePlace = "slice_place"
	markName       = "name"
)

// MarkCodes lists the values of the datum "mark" of a Reason or Finding.
func MarkCodes() []string {
	return []string{markAbsent, markMany, markOverlap, markForeign, markKeysWrong, markLayer, markKind, markPages, markFlagsWrong, markEmpty,
		markOffPage, markUnlisted, markCovered, markPicture, markSlicePage, markSlicePlace, markName}
}

// failMark makes the seal invalid by one of its marks; page is 0 where no single page is concerned. detail is for experts.
func (c *candidate) failMark(rule string, page int, code, detail string) {
	if page == 0 {
		c.fail(rule, ReasonMarkNowhere, detail, map[string]string{"mark": code})
		return
	}
	c.fail(rule, ReasonMark, detail, map[string]string{"page": fmt.Sprint(page), "mark": code})
}

// badShape is what is wrong with a mark; detail is for experts.
type badShape struct{ code, detail string }

// badMark says what is wrong with the first mark that breaks rule I5, nil if none does.
func (c *candidate) badMark(f *pdf.File, marks []markOf) (bad *badShape, page int) {
	if !marks[0].first {
		return &badShape{markAbsent, "field has no widget of its own"}, marks[0].page
	}
	on := map[int][]markOf{}
	for _, m := range marks {
		if m.plan != nil && m.page != m.plan.page {
			return m.misplaced(), m.plan.page
		}
		others := on[m.page]
		if on[m.page] = append(others, m); len(on[m.page]) > maxMarksPerPage {
			return &badShape{markMany, "too many marks on one page"}, m.page
		}
		if bad := c.shape(f, m); bad != nil {
			return bad, m.page
		}
		for _, n := range others {
			if overlap(n.rect, m.rect) {
				return &badShape{markOverlap, "marks of one seal overlap"}, m.page
			}
		}
	}
	return nil, 0
}

// markKeys are the only keys that a mark of ours carries; an /OC or /AS could hide it, an /A could act.
var (
	widgetKeys = map[string]bool{"Type": true, "Subtype": true, "FT": true, "T": true, "V": true, "Rect": true, "P": true, "F": true, "AP": true}
	stampKeys  = map[string]bool{"Type": true, "Subtype": true, "Rect": true, "P": true, "F": true, "AP": true, keySeal: true}
)

// shape says what is wrong with one mark by itself, nil if nothing is.
func (c *candidate) shape(f *pdf.File, m markOf) *badShape {
	rev, _, ok := f.At(c.rev).Where(m.ref.ObjectNumber.Value())
	if !ok || rev != c.rev {
		return &badShape{markForeign, "mark was not made with its seal"}
	}
	keys, sub := stampKeys, types.Name("Stamp")
	if m.first {
		keys, sub = widgetKeys, "Widget"
	} else if m.dict[keySeal] != c.sigRef {
		return &badShape{markForeign, "mark does not name its seal"}
	}
	if m.dict["Type"] != types.Name("Annot") || m.first && (m.dict["FT"] != types.Name("Sig") || textValue(m.dict["T"]) == "") {
		return &badShape{markKeysWrong, "mark has another /Type or /FT, or no name"}
	}
	for _, k := range slices.Sorted(maps.Keys(m.dict)) {
		switch {
		case keys[k]:
		case k == "OC":
			return &badShape{markLayer, "mark carries /OC"}
		default:
			return &badShape{markKeysWrong, "mark carries /" + k}
		}
	}
	if m.dict["Subtype"] != sub {
		return &badShape{markKind, "mark is not a " + string(sub)}
	}
	if m.page == 0 {
		return &badShape{markPages, "mark does not stand on exactly one page"}
	}
	page, err := f.At(c.rev).Page(m.page)
	if err != nil || m.dict["P"] != page.Ref {
		return &badShape{markPages, "mark names another page"}
	}
	if m.dict["F"] != types.Integer(markFlags) {
		return &badShape{markFlagsWrong, "mark is hidden, not printed or not locked"}
	}
	if m.rect[2]-m.rect[0] <= 0 || m.rect[3]-m.rect[1] <= 0 {
		return &badShape{markEmpty, "mark is empty"}
	}
	if !inside(m.rect, page.CropBox) {
		return &badShape{markOffPage, "mark is off the visible page"}
	}
	if m.plan != nil && !near(m.rect, m.plan.piece.rect(m.sheet)) {
		return &badShape{markSlicePlace, "slice is not where the plan has it, flush with the edge"}
	}
	return nil
}

func onlyKeys(d types.Dict, keys ...string) bool {
	n := 0
	for _, k := range keys {
		if _, ok := d[k]; ok {
			n++
		}
	}
	return n == len(d)
}

// standing is a mark of an earlier seal: where a new mark must not stand (rule I5).
type standing struct {
	page int
	rect [4]float64
}

// sealMarks lists the marks of all seals of a document.
func sealMarks(f *pdf.File) ([]standing, error) {
	all, err := findCandidates(f)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	v := f.Latest()
	on, err := annotPages(v)
	if err != nil {
		return nil, err
	}
	var out []standing
	for _, c := range all {
		marks, err := c.marksOf(v, on)
		if err != nil {
			return nil, err
		}
		for _, m := range marks {
			if m.page > 0 {
				out = append(out, standing{m.page, m.rect})
			}
		}
	}
	return out, nil
}
