package pdfseal

import (
	"slices"
	"strconv"
	"strings"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"sealdesk/pdfseal/internal/pdf"
)

// The parts of an annotation or field that a change names, under "part." in the catalogues.
const (
	partPlace      = "place"
	partAppearance = "appearance"
	partText       = "text"
	partVisibility = "visibility"
	partAction     = "action"
	partOther      = "other"
)

// PartCodes lists the words that the datum "parts" of a Change consists of; they are joined by commas.
func PartCodes() []string {
	return []string{partPlace, partAppearance, partText, partVisibility, partAction, partOther}
}

var partOfKey = map[string]string{"Rect": partPlace, "P": partPlace, "QuadPoints": partPlace, "AP": partAppearance, "AS": partAppearance, "MK": partAppearance,
	"DA": partAppearance, "Border": partAppearance, "BS": partAppearance, "C": partAppearance, "IC": partAppearance, "CA": partAppearance,
	"Contents": partText, "V": partText, "DV": partText, "RC": partText, "F": partVisibility, "OC": partVisibility, "A": partAction, "AA": partAction, "Dest": partAction}

// partsChanged names the parts in which two dictionaries differ.
func partsChanged(a, b types.Dict) string {
	var out []string
	for _, k := range unionKeys(a, b) {
		if sameObject(a[k], b[k]) {
			continue
		}
		part := partOfKey[k]
		if part == "" {
			part = partOther
		}
		if !slices.Contains(out, part) {
			out = append(out, part)
		}
	}
	slices.SortFunc(out, func(x, y string) int { return slices.Index(PartCodes(), x) - slices.Index(PartCodes(), y) })
	return strings.Join(out, ",")
}

// annotationChanged reports an object that is an annotation of the revision before, what it draws, or the field above it.
func (d *delta) annotationChanged(r redefined, x *use, k *known) error {
	n := x.pages[0]
	if m := k.marks[x.holder.num]; m != nil && x.holder.num != 0 && x.role == roleAppearance {
		return d.markChanged(r, m, partAppearance)
	}
	now := x.holder.dict
	if x.role == roleAnnotation {
		var err error
		if now, err = d.nowDict(r); err != nil {
			return err
		}
	}
	c := Change{Key: ChangeAnnotationAltered, Data: map[string]string{"subtype": subtypeOf(x.holder.dict), "how": r.how(), "object": strconv.Itoa(r.num)}}
	switch name := k.fieldOf(r.num, x.holder); {
	case x.role == roleField:
		old, err := d.dictAt(d.old, r.num)
		if err != nil {
			return err
		}
		if now, err = d.nowDict(r); err != nil {
			return err
		}
		c = d.fieldChange(name, old, now, r)
		now = nil
	case x.role != roleAnnotation:
		c.Data["parts"] = map[role]string{roleAppearance: partAppearance, roleAttached: partAction}[x.role]
		if name != "" {
			c.Key, c.Data["field"] = ChangeFieldAltered, name
		}
	case name != "":
		c = d.fieldChange(name, x.holder.dict, now, r)
	case r.gone:
		c.Key = ChangeAnnotationRemoved
	default:
		c.Data["parts"] = partsChanged(x.holder.dict, now)
	}
	c.Page = n
	d.place(&c, x.holder.dict, now)
	d.bad(r.rule, c)
	return nil
}

// fieldOf names the field that an object or the annotation above it belongs to; "" is none.
func (k *known) fieldOf(num int, h holder) string {
	for _, n := range []int{num, h.num} {
		if name := k.fields[n]; name != "" {
			return name
		}
	}
	if up, ok := h.dict["Parent"].(types.IndirectRef); ok {
		return k.fields[up.ObjectNumber.Value()]
	}
	return ""
}

func (d *delta) dictAt(v *pdf.View, num int) (types.Dict, error) {
	_, e, _ := v.Where(num)
	o, err := v.Get(num, e.Gen)
	if err != nil {
		return nil, soft(err)
	}
	dict, _ := o.(types.Dict)
	return dict, nil
}

// fieldChange says what became of a form field: another value, where both are known, or another part.
func (d *delta) fieldChange(name string, old, now types.Dict, r redefined) Change {
	c := Change{Key: ChangeFieldAltered, Data: map[string]string{"field": name, "how": r.how(), "object": strconv.Itoa(r.num)}}
	if r.gone {
		c.Key = ChangeFieldRemoved
		return c
	}
	before, after := shownValue(d.old, old["V"]), shownValue(d.now, now["V"])
	if before != after {
		c.Key, c.Data["before"], c.Data["after"] = ChangeFieldValue, before, after
		return c
	}
	c.Data["parts"] = partsChanged(old, now)
	return c
}

// shownValue gives the value of a field for people; "" where it has none, or none that is text.
func shownValue(v *pdf.View, o types.Object) string {
	o, err := v.Resolve(o)
	if err != nil {
		return ""
	}
	if n, ok := o.(types.Name); ok {
		return printable(string(n), 40)
	}
	return printable(textValue(o), 40)
}

// place puts a change where the annotation stands; old is how it was and now how it is, nil where it is the same or gone.
func (d *delta) place(c *Change, old, now types.Dict) {
	p, err := d.old.Page(c.Page)
	if err != nil {
		return
	}
	s := newSheet(p)
	if rect, ok := rectangle(old["Rect"]); ok {
		c.Area = areaOf(s, rect)
	}
	if now != nil {
		c.move(s, now)
	}
}

// annotsChanged reports an object that is the list of annotations of a page.
func (d *delta) annotsChanged(r redefined, x *use) error {
	n := x.pages[0]
	before := len(d.changes)
	old, err := d.old.Array(*types.NewIndirectRef(r.num, d.genOf(d.old, r.num)))
	if err != nil {
		return soft(err)
	}
	var now types.Array
	if !r.gone {
		if now, err = d.now.Array(*types.NewIndirectRef(r.num, d.genOf(d.now, r.num))); err != nil && soft(err) != nil {
			return err
		}
	}
	if err := d.listsDiffer(r.rule, n, old, now); err != nil {
		return err
	}
	if len(d.changes) == before {
		d.bad(r.rule, Change{Key: ChangeAnnotations, Page: n})
	}
	return nil
}

func (d *delta) genOf(v *pdf.View, num int) int {
	_, e, _ := v.Where(num)
	return e.Gen
}

// listsDiffer reports the annotations that are in one list alone, or that the order is another.
func (d *delta) listsDiffer(rule string, n int, old, now types.Array) error {
	count := map[string]int{}
	for _, o := range now {
		count[string(pdf.FormatObject(o))]++
	}
	var lost types.Array
	for _, o := range old {
		if key := string(pdf.FormatObject(o)); count[key] > 0 {
			count[key]--
		} else {
			lost = append(lost, o)
		}
	}
	found := len(lost)
	for _, o := range lost {
		if err := d.annotationGone(rule, n, o); err != nil {
			return err
		}
	}
	for _, o := range now {
		key := string(pdf.FormatObject(o))
		if count[key] == 0 {
			continue
		}
		count[key]--
		if r, ok := o.(types.IndirectRef); ok && d.marks[r.ObjectNumber.Value()] {
			continue
		}
		found++
		if err := d.annotationAdded(rule, n, o); err != nil {
			return err
		}
	}
	if found == 0 {
		d.bad(rule, Change{Key: ChangeAnnotations, Page: n})
	}
	return nil
}

// annotationGone reports an annotation that a page does not list any more.
func (d *delta) annotationGone(rule string, n int, o types.Object) error {
	k, err := d.lookUp()
	if err != nil {
		return err
	}
	a, err := d.old.Dict(o)
	if err != nil && soft(err) != nil {
		return err
	}
	c := Change{Key: ChangeAnnotationRemoved, Page: n, Data: map[string]string{"subtype": subtypeOf(a)}}
	if ref, ok := o.(types.IndirectRef); ok {
		num := ref.ObjectNumber.Value()
		if m := k.marks[num]; m != nil {
			c.Key, c.Data["seal"] = ChangeMarkRemoved, m.seal.name()
		} else if name := k.fieldOf(num, holder{num, a}); name != "" {
			c.Key, c.Data["field"] = ChangeFieldRemoved, name
		}
	}
	d.place(&c, a, nil)
	d.bad(rule, c)
	return nil
}

// annotationAdded reports an annotation that is no mark of this revision's seal.
func (d *delta) annotationAdded(rule string, n int, o types.Object) error {
	k, err := d.lookUp()
	if err != nil {
		return err
	}
	a, err := d.now.Dict(o)
	if err != nil && soft(err) != nil {
		return err
	}
	c := Change{Key: ChangeAnnotationAdded, Page: n, Data: map[string]string{"subtype": subtypeOf(a)}}
	p, err := d.now.Page(n)
	if err != nil {
		d.bad(rule, c)
		return soft(err)
	}
	if rect, ok := rectangle(a["Rect"]); ok {
		c.Area = areaOf(newSheet(p), rect)
		if m := k.covered(n, rect); m != nil {
			c.Key, c.Data["seal"] = ChangeAnnotationOverMark, m.seal.name()
		}
	}
	d.bad(rule, c)
	return nil
}

// subtypeOf names the kind of an annotation, "?" where it has none.
func subtypeOf(a types.Dict) string {
	if n, ok := a["Subtype"].(types.Name); ok && n != "" {
		return printable(string(n), 32)
	}
	return "?"
}
