package pdfseal

import (
	"math"
	"strconv"
	"strings"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"sealdesk/pdfseal/internal/pdf"
)

// redefined is an object that the revision defines anew, frees, or brings in a form that no seal has.
type redefined struct {
	num   int
	rule  string
	gone  bool // freed
	alien bool // new, in an object stream
}

// The words of a change for what was done to an object, under "how." in the catalogues.
const (
	howAltered = "altered"
	howDeleted = "deleted"
)

// HowCodes lists the values of the datum "how" of a Change.
func HowCodes() []string { return []string{howAltered, howDeleted} }

// known is what is known of the revision before, for the words of a change only: nothing is judged by it.
type known struct {
	marks      map[int]*markAt   // of earlier seals, by object number
	on         map[int][]*markAt // the same by page
	fields     map[int]string    // names of fields by object number
	signatures map[int]*candidate
}

// markAt is a mark of an earlier seal.
type markAt struct {
	markOf
	seal *candidate
}

// name says which seal a candidate is.
func (c *candidate) name() string {
	if c.rep.Seal.Name != "" {
		return c.rep.Seal.Name
	}
	return printable(c.rep.Field, 100)
}

// lookUp gathers what is known of the revision before, once.
func (d *delta) lookUp() (*known, error) {
	if d.known != nil {
		return d.known, nil
	}
	k := &known{marks: map[int]*markAt{}, on: map[int][]*markAt{}, fields: map[int]string{}, signatures: map[int]*candidate{}}
	on, err := annotPages(d.old)
	if err != nil {
		return k, soft(err)
	}
	for _, c := range d.all {
		if c.rev >= d.rev {
			continue
		}
		k.signatures[c.sigRef.ObjectNumber.Value()] = c
		marks, err := c.marksOf(d.old, on)
		if err != nil {
			return k, soft(err)
		}
		for _, m := range marks {
			at := &markAt{m, c}
			k.marks[m.ref.ObjectNumber.Value()] = at
			k.on[m.page] = append(k.on[m.page], at)
		}
	}
	fields, err := allFields(d.old)
	if err != nil {
		return k, soft(err)
	}
	for i, f := range fields {
		k.fields[f.ref.ObjectNumber.Value()] = fieldName(fields, i)
	}
	delete(k.fields, 0)
	d.known = k
	return k, nil
}

// fieldName gives the full name of the field at index i of all fields.
func fieldName(all []field, i int) string {
	return printable(fullName(all, i), 100)
}

// covered gives the mark of an earlier seal that an area of a page overlaps, nil if there is none.
func (k *known) covered(page int, rect [4]float64) *markAt {
	for _, m := range k.on[page] {
		if overlap(m.rect, rect) {
			return m
		}
	}
	return nil
}

// redefine reports the objects in the order of their numbers, each by what it is to the pages of the revision before.
func (d *delta) redefine(list []redefined) error {
	if len(list) == 0 {
		return nil
	}
	k, err := d.lookUp()
	if err != nil {
		return err
	}
	wanted := make(map[int]bool, len(list))
	for _, r := range list {
		wanted[r.num] = true
	}
	u, err := usesOf(d.f, d.old, wanted)
	if err != nil {
		return err
	}
	for _, r := range list {
		if err := d.describe(r, k, u); err != nil {
			return err
		}
	}
	return nil
}

// describe reports one object.
func (d *delta) describe(r redefined, k *known, u *usage) error {
	x := u.found[r.num]
	if r.alien {
		d.bad(r.rule, Change{Key: ChangeOther, Data: map[string]string{"detail": detailObjectStream, "object": strconv.Itoa(r.num)}})
		return nil
	}
	if n := d.pages[r.num]; n > 0 {
		key := ChangePageReplaced
		if r.gone {
			key = ChangePageRemoved
		}
		d.bad(r.rule, Change{Key: key, Page: n})
		return nil
	}
	if m := k.marks[r.num]; m != nil {
		return d.markChanged(r, m, "")
	}
	if x == nil {
		return d.unused(r, k)
	}
	switch x.role {
	case roleAnnotation, roleAppearance, roleAttached, roleField:
		return d.annotationChanged(r, x, k)
	case roleAnnots:
		return d.annotsChanged(r, x)
	case roleContent:
		d.onPages(r, x, u, ChangePageContent, nil)
	case roleFont:
		d.onPages(r, x, u, ChangeFont, map[string]string{"name": fontName(x.holder.dict)})
	case rolePicture:
		d.onPages(r, x, u, ChangePicture, nil)
	case roleDrawing:
		d.onPages(r, x, u, ChangeDrawing, nil)
	case roleLayer:
		d.onPages(r, x, u, ChangeLayer, nil)
	default:
		d.onPages(r, x, u, ChangeResource, nil)
	}
	return nil
}

// onPages reports an object that pages use; what is all that a single page draws is placed.
func (d *delta) onPages(r redefined, x *use, u *usage, key string, data map[string]string) {
	c := Change{Key: key, Data: map[string]string{"object": strconv.Itoa(r.num), "pages": pageList(x.pages, u.partial), "how": r.how()}}
	for k, v := range data {
		c.Data[k] = v
	}
	if len(x.pages) == 1 && !u.partial {
		c.Page = x.pages[0]
		if key == ChangePageContent {
			c.Area, c.WholePage = wholePage(d.old, c.Page)
		}
	}
	d.bad(r.rule, c)
}

func (r redefined) how() string {
	if r.gone {
		return howDeleted
	}
	return howAltered
}

// unused reports an object that no page leads to.
func (d *delta) unused(r redefined, k *known) error {
	c := Change{Key: ChangeObject, Data: map[string]string{"object": strconv.Itoa(r.num), "how": r.how()}}
	_, e, _ := d.old.Where(r.num)
	o, err := d.old.Get(r.num, e.Gen)
	if err != nil && soft(err) != nil {
		return err
	}
	dict, _ := o.(types.Dict)
	switch {
	case dict != nil && dict["Type"] == types.Name("Pages") && dict["Kids"] != nil:
		c.Key, d.tree = ChangePageTree, true
	case k.fields[r.num] != "":
		now, err := d.nowDict(r)
		if err != nil {
			return err
		}
		c = d.fieldChange(k.fields[r.num], dict, now, r)
	}
	if seal := k.signatures[r.num]; seal != nil {
		c.Key, c.Data["seal"] = ChangeSignature, seal.name()
	}
	d.bad(r.rule, c)
	return nil
}

// nowDict reads the dictionary that an object has become; nil where it is none.
func (d *delta) nowDict(r redefined) (types.Dict, error) {
	if r.gone {
		return nil, nil
	}
	_, e, _ := d.now.Where(r.num)
	o, err := d.now.Get(r.num, e.Gen)
	if err != nil {
		return nil, soft(err)
	}
	dict, _ := o.(types.Dict)
	return dict, nil
}

// markChanged reports a mark of an earlier seal that is not what it was; part is set where it is the appearance.
func (d *delta) markChanged(r redefined, m *markAt, part string) error {
	c := Change{Key: ChangeMarkAltered, Page: m.page, Area: areaOf(m.sheet, m.rect), Data: map[string]string{"seal": m.seal.name(), "how": r.how(), "parts": part}}
	if m.page == 0 {
		c.Area = Area{}
	}
	if part == "" && !r.gone {
		now, err := d.nowDict(r)
		if err != nil {
			return err
		}
		c.Data["parts"] = partsChanged(m.dict, now)
		c.move(m.sheet, now)
	}
	if r.gone {
		c.Key = ChangeMarkRemoved
	}
	d.bad(r.rule, c)
	return nil
}

// move places a change where an annotation stands now, and keeps where it stood.
func (c *Change) move(s sheet, now types.Dict) {
	rect, ok := rectangle(now["Rect"])
	if !ok || c.Page == 0 {
		return
	}
	if a := areaOf(s, rect); a.Known() && a != c.Area {
		was := c.Area
		c.Area, c.Was = a, &was
	}
}

// areaOf gives the place of a rectangle of user space.
func areaOf(s sheet, r [4]float64) Area {
	if s.unit == 0 {
		return Area{}
	}
	ax, ay := s.locate(r[0], r[1])
	bx, by := s.locate(r[2], r[3])
	return Area{X: round2(min(ax, bx)), Y: round2(min(ay, by)), W: round2(math.Abs(bx - ax)), H: round2(math.Abs(by - ay))}
}

// wholePage is the area of page n of a view, and whether it is known.
func wholePage(v *pdf.View, n int) (Area, bool) {
	p, err := v.Page(n)
	if err != nil {
		return Area{}, false
	}
	w, h := newSheet(p).size()
	return Area{W: round2(w), H: round2(h)}, true
}

// fontName gives the name of a font without the tag of its subset (ISO 32000-2, 9.9.2).
func fontName(d types.Dict) string {
	n, _ := d["BaseFont"].(types.Name)
	if tag, rest, ok := strings.Cut(string(n), "+"); ok && len(tag) == 6 && strings.ToUpper(tag) == tag {
		return printable(rest, 60)
	}
	return printable(string(n), 60)
}
