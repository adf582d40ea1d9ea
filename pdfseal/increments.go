package pdfseal

import (
	"bytes"
	"context"
	"errors"
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
	dropped   map[string]int // by rule: changes beyond maxChanges
	known     *known         // see lookUp
	tree      bool           // a node of the page tree was redefined
	catRef    int
	formRef   int
	fieldsRef int
}

// maxChanges bounds the changes of one revision that are listed one by one.
const maxChanges = 200

// bad reports a change that a rule forbids. Beyond maxChanges a rule is still named once.
func (d *delta) bad(rule string, c Change) {
	named := func(x Change) bool { return x.Data["rule"] == rule }
	if len(d.changes) >= maxChanges && (d.dropped[rule] > 0 || slices.ContainsFunc(d.changes, named)) {
		d.dropped[rule]++
		return
	}
	if c.Data == nil {
		c.Data = map[string]string{}
	}
	c.Data["rule"], c.Revision = rule, d.rev+1
	d.changes = append(d.changes, c)
}

// sum says how many changes were not listed.
func (d *delta) sum() {
	total := 0
	for _, n := range d.dropped {
		total += n
	}
	if total > 0 {
		d.changes = append(d.changes, Change{Revision: d.rev + 1, Key: ChangeFurther,
			Data: map[string]string{"rule": d.changes[0].Data["rule"], "count": strconv.Itoa(total)}})
	}
}

// compareRevision returns what revision rev changed beyond one further seal; an empty list means that it did nothing else.
func compareRevision(ctx context.Context, f *pdf.File, rev int, all []*candidate) ([]Change, *candidate, error) {
	d := &delta{f: f, rev: rev, all: all, old: f.At(rev - 1), now: f.At(rev), marks: map[int]bool{}, fresh: map[int]bool{}, dropped: map[string]int{}}
	if err := f.CheckTail(rev); err != nil {
		if !isSyntax(err) {
			return nil, nil, err
		}
		d.bad(ruleOf(err), Change{Key: ChangeUnreadable})
	}
	d.findSeal()
	for _, step := range []func() error{d.roles, d.entries, d.trailer, d.catalog, d.form, d.certification, d.checkPages, d.reach, d.overlaps,
		func() error { return d.filled(ctx) }} {
		if err := step(); err != nil {
			if !isSyntax(err) {
				return nil, nil, err
			}
			d.bad(ruleOf(err), Change{Key: ChangeUnreadable})
			break
		}
	}
	if d.seal == nil && len(d.changes) == 0 {
		d.bad("I8", other(detailNoSeal))
	}
	d.sum()
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
	var list []redefined
	for _, num := range slices.Sorted(maps.Keys(rev.Entries)) {
		e := rev.Entries[num]
		_, before, existed := d.old.Where(num)
		switch {
		case e.Kind == pdf.Free && num == 0:
		case e.Kind == pdf.Free:
			list = append(list, redefined{num: num, rule: "I3", gone: true})
		case e.Kind == pdf.Compressed && existed:
			list = append(list, redefined{num: num, rule: "I1"})
		case e.Kind == pdf.Compressed: // our writer makes no object stream: nothing of a seal of ours
			list = append(list, redefined{num: num, rule: "I4", alien: true})
		case !existed && !d.xref && d.isXRef(num):
			d.xref = true
		case !existed:
			d.fresh[num] = true
		case before.Kind == pdf.Free || e.Gen != before.Gen && before.Kind == pdf.InUse:
			list = append(list, redefined{num: num, rule: "I3"})
		case num == d.catRef, num == d.formRef, num == d.fieldsRef:
		case d.pages[num] > 0:
			d.touched = append(d.touched, num)
		default:
			list = append(list, redefined{num: num, rule: "I1"})
		}
	}
	return d.redefine(list)
}

// isXRef tells whether the object is the revision's own cross-reference stream.
func (d *delta) isXRef(num int) bool {
	if d.f.Revisions()[d.rev].Kind != pdf.Stream {
		return false
	}
	sd, err := d.now.Stream(*types.NewIndirectRef(num, 0))
	return err == nil && sd != nil && sd.Dict["Type"] == types.Name("XRef")
}

// reach applies rule I4: every new object is reached from the new field and the marks, through new objects alone.
func (d *delta) reach() error {
	if d.seal == nil {
		if len(d.fresh) > 0 && len(d.changes) == 0 {
			d.bad("I8", other(detailObjectsAdded))
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
		if num == d.seal.sigRef.ObjectNumber.Value() {
			o = d.seal.dict[keyMarks] // whatever else it names belongs to no seal
		}
		queue = append(queue, references(o)...)
	}
	for _, num := range slices.Sorted(maps.Keys(d.fresh)) {
		if !seen[num] {
			d.orphan(num)
		}
	}
	return nil
}

// orphan reports a new object that stands elsewhere than in the new seal (rule I4).
func (d *delta) orphan(num int) {
	c := other(detailOrphan)
	c.Data["object"] = strconv.Itoa(num)
	d.bad("I4", c)
}

// filled applies rule I4 to numbers that were referred to before anything had them: a new object that takes one stands wherever the author of
// the document has pointed, whatever the new seal uses it for.
func (d *delta) filled(ctx context.Context) error {
	if d.seal == nil || len(d.changes) > 0 {
		return nil
	}
	waiting, err := undefined(ctx, d.old, nil)
	if err != nil {
		return err
	}
	for _, num := range slices.Sorted(maps.Keys(waiting)) {
		if e, ok := d.f.Revisions()[d.rev].Entries[num]; ok && e.Kind != pdf.Free {
			d.orphan(num)
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
					d.bad("I5", Change{Key: ChangeMarkCovered, Page: m.page, Area: areaOf(m.sheet, m.rect), Data: map[string]string{"seal": c.name(), "by": d.seal.name()}})
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
