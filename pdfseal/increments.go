package pdfseal

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"sealdesk/pdfseal/internal/pdf"
)

// delta compares one revision after a seal with the revision before it. The only increment that passes is one complete further seal
// of ours: one new field with its signature dictionary, its marks, their appearances and picture, and nothing else (rules I1–I8).
type delta struct {
	f         *pdf.File
	rev       int
	all       []*candidate
	old, now  *pdf.View
	seal      *candidate // the one further seal of this revision, nil if there is not exactly one
	marks     map[int]bool
	pages     map[int]int // object number → page, of the old revision
	touched   []int       // redefined pages
	fresh     map[int]bool
	xref      bool // the revision's own cross-reference stream was met
	changes   []Change
	catRef    int
	formRef   int
	fieldsRef int
}

func (d *delta) bad(rule, key string, page int, data map[string]string) {
	if data == nil {
		data = map[string]string{}
	}
	data["rule"] = rule
	d.changes = append(d.changes, Change{Revision: d.rev + 1, Page: page, Key: key, Data: data})
}

// compareRevision returns what revision rev changed beyond one further seal; an empty list means that it did nothing else.
func compareRevision(f *pdf.File, rev int, all []*candidate) ([]Change, *candidate, error) {
	d := &delta{f: f, rev: rev, all: all, old: f.At(rev - 1), now: f.At(rev), marks: map[int]bool{}, fresh: map[int]bool{}}
	if err := f.CheckTail(rev); err != nil {
		if !isSyntax(err) {
			return nil, nil, err
		}
		d.bad(ruleOf(err), ChangeUnreadable, 0, nil)
	}
	d.findSeal()
	for _, step := range []func() error{d.roles, d.entries, d.trailer, d.catalog, d.form, d.certification, d.checkPages, d.reach, d.overlaps} {
		if err := step(); err != nil {
			if !isSyntax(err) {
				return nil, nil, err
			}
			d.bad(ruleOf(err), ChangeUnreadable, 0, nil)
			break
		}
	}
	if d.seal == nil && len(d.changes) == 0 {
		d.bad("I8", ChangeOther, 0, map[string]string{"detail": "revision carries no seal"})
	}
	return d.changes, d.seal, nil
}

// ruleOf names the rule of the strict reader's finding.
func ruleOf(err error) string {
	var s *SyntaxError
	if errors.As(err, &s) && s.Rule != "" {
		return s.Rule
	}
	return "S11"
}

// findSeal finds the one signature of this revision.
func (d *delta) findSeal() {
	var found []*candidate
	for _, c := range d.all {
		if c.rev == d.rev {
			found = append(found, c)
		}
	}
	if len(found) == 1 && found[0].ours() {
		d.seal = found[0]
		d.marks[d.seal.field.ref.ObjectNumber.Value()] = true
		listed, _ := d.seal.dict[keyMarks].(types.Array)
		for _, o := range listed {
			if r, ok := o.(types.IndirectRef); ok {
				d.marks[r.ObjectNumber.Value()] = true
			}
		}
	}
}

// roles finds the objects of the old revision that a further seal may redefine (rule I1).
func (d *delta) roles() error {
	cat, ref, err := d.old.Catalog()
	if err != nil {
		return err
	}
	d.catRef = ref.ObjectNumber.Value()
	if r, ok := cat["AcroForm"].(types.IndirectRef); ok {
		d.formRef = r.ObjectNumber.Value()
	}
	form, err := d.old.Dict(cat["AcroForm"])
	if err != nil {
		return err
	}
	if r, ok := form["Fields"].(types.IndirectRef); ok {
		d.fieldsRef = r.ObjectNumber.Value()
	}
	n, err := d.old.PageCount()
	if err != nil {
		return err
	}
	d.pages = make(map[int]int, n)
	for i := 1; i <= n; i++ {
		p, err := d.old.Page(i)
		if err != nil {
			return err
		}
		d.pages[p.Ref.ObjectNumber.Value()] = i
	}
	return nil
}

// entries judges every entry of the revision's cross-reference section (rules I1, I3).
func (d *delta) entries() error {
	rev := d.f.Revisions()[d.rev]
	for _, num := range slices.Sorted(maps.Keys(rev.Entries)) {
		e := rev.Entries[num]
		switch {
		case e.Kind == pdf.Free && num == 0:
			continue
		case e.Kind == pdf.Free:
			d.bad("I3", ChangeObject, d.pages[num], map[string]string{"object": strconv.Itoa(num)})
			continue
		case e.Kind == pdf.Compressed:
			d.compressed(num)
			continue
		}
		if err := d.entry(num, e); err != nil {
			return err
		}
	}
	return nil
}

// compressed judges an object of an object stream: our writer makes none, so it is nothing of a seal of ours.
func (d *delta) compressed(num int) {
	if _, _, existed := d.old.Where(num); existed {
		page, key := d.describe(num)
		d.bad("I1", key, page, map[string]string{"object": strconv.Itoa(num), "kind": "changed"})
		return
	}
	d.bad("I4", ChangeOther, 0, map[string]string{"detail": fmt.Sprintf("object %d lies in an object stream", num)})
}

func (d *delta) entry(num int, e pdf.Entry) error {
	_, before, existed := d.old.Where(num)
	switch {
	case !existed && !d.xref && d.isXRef(num):
		d.xref = true
	case !existed:
		d.fresh[num] = true
	case before.Kind == pdf.Free || e.Gen != before.Gen && before.Kind == pdf.InUse:
		d.bad("I3", ChangeObject, 0, map[string]string{"object": strconv.Itoa(num)})
	case num == d.catRef, num == d.formRef, num == d.fieldsRef:
	case d.pages[num] > 0:
		d.touched = append(d.touched, num)
	default:
		page, key := d.describe(num)
		d.bad("I1", key, page, map[string]string{"object": strconv.Itoa(num), "kind": "changed"})
	}
	return nil
}

// isXRef tells whether the object is the revision's own cross-reference stream.
func (d *delta) isXRef(num int) bool {
	if d.f.Revisions()[d.rev].Kind != pdf.Stream {
		return false
	}
	sd, err := d.now.Stream(*types.NewIndirectRef(num, 0))
	return err == nil && sd != nil && sd.Dict["Type"] == types.Name("XRef")
}

// describe tells on which page a redefined object shows: as annotation, as content, or unknown.
func (d *delta) describe(num int) (page int, key string) {
	for _, n := range d.pages {
		p, err := d.old.Page(n)
		if err != nil {
			continue
		}
		annots, _ := d.old.Array(p.Dict["Annots"])
		for _, a := range annots {
			if r, ok := a.(types.IndirectRef); ok && r.ObjectNumber.Value() == num {
				return n, ChangeAnnotation
			}
		}
		if usesContent(d.old, p.Dict["Contents"], num) {
			return n, ChangePage
		}
	}
	return 0, ChangeObject
}

func usesContent(v *pdf.View, o types.Object, num int) bool {
	if r, ok := o.(types.IndirectRef); ok && r.ObjectNumber.Value() == num {
		return true
	}
	arr, err := v.Array(o)
	if err != nil {
		return false
	}
	return slices.ContainsFunc(arr, func(e types.Object) bool {
		r, ok := e.(types.IndirectRef)
		return ok && r.ObjectNumber.Value() == num
	})
}

// reach applies rule I4: every new object is reached from the new field and the marks, through new objects alone.
func (d *delta) reach() error {
	if d.seal == nil {
		if len(d.fresh) > 0 && len(d.changes) == 0 {
			d.bad("I8", ChangeOther, 0, map[string]string{"detail": "objects were added without a seal"})
		}
		return nil
	}
	queue := slices.Sorted(maps.Keys(d.marks))
	seen := map[int]bool{}
	for len(queue) > 0 {
		num := queue[0]
		queue = queue[1:]
		if seen[num] || !d.fresh[num] {
			continue
		}
		seen[num] = true
		o, err := d.now.Get(num, 0)
		if err != nil {
			return err
		}
		queue = append(queue, references(o)...)
	}
	for _, num := range slices.Sorted(maps.Keys(d.fresh)) {
		if !seen[num] {
			d.bad("I4", ChangeOther, 0, map[string]string{"detail": fmt.Sprintf("object %d belongs to nothing", num)})
		}
	}
	return nil
}

// overlaps applies the part of rule I5 that concerns earlier seals: a new mark never covers one of theirs.
func (d *delta) overlaps() error {
	if d.seal == nil {
		return nil
	}
	on, err := annotPages(d.now)
	if err != nil {
		return err
	}
	mine, err := d.seal.marksOf(d.now, on)
	if err != nil {
		return err
	}
	for _, c := range d.all {
		if c.rev >= d.rev {
			continue
		}
		theirs, err := c.marksOf(d.old, on)
		if err != nil {
			return err
		}
		for _, t := range theirs {
			for _, m := range mine {
				if m.page == t.page && overlap(m.rect, t.rect) {
					d.bad("I5", ChangeAnnotation, m.page, map[string]string{"kind": "covers a seal"})
				}
			}
		}
	}
	return nil
}

// references lists the object numbers that o refers to, outside /P and /Parent, which lead back to the page.
func references(o types.Object) []int {
	var out []int
	switch v := o.(type) {
	case types.IndirectRef:
		out = append(out, v.ObjectNumber.Value())
	case types.Array:
		for _, e := range v {
			out = append(out, references(e)...)
		}
	case types.Dict:
		for _, k := range slices.Sorted(maps.Keys(v)) {
			out = append(out, references(v[k])...)
		}
	case types.StreamDict:
		return references(v.Dict)
	}
	return out
}

func unionKeys(a, b types.Dict) []string {
	keys := map[string]bool{}
	for k := range a {
		keys[k] = true
	}
	for k := range b {
		keys[k] = true
	}
	return slices.Sorted(maps.Keys(keys))
}

// sameObject compares two objects as they would be written.
func sameObject(a, b types.Object) bool {
	return bytes.Equal(pdf.FormatObject(a), pdf.FormatObject(b))
}
