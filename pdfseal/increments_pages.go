package pdfseal

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"sealdesk/pdfseal/internal/pdf"
)

// checkPages applies rule I2 to redefined pages and rule S10's promise that the pages are the same.
func (d *delta) checkPages() error {
	na, err := d.old.PageCount()
	if err != nil {
		return err
	}
	nb, err := d.now.PageCount()
	if err != nil {
		return err
	}
	if na != nb {
		d.bad("I2", Change{Key: ChangePages, Data: map[string]string{"before": strconv.Itoa(na), "after": strconv.Itoa(nb)}})
		return d.pageLists("I2", na, nb)
	}
	if d.tree {
		if err := d.pageLists("I1", na, nb); err != nil {
			return err
		}
	}
	for _, num := range d.touched {
		if err := d.page(num); err != nil {
			return err
		}
	}
	return nil
}

// pageLists says which pages came, went or moved, by comparing the lists of pages. A rule has been broken already.
func (d *delta) pageLists(rule string, na, nb int) error {
	old, err := pageRefs(d.old, na)
	if err != nil {
		return soft(err)
	}
	now, err := pageRefs(d.now, nb)
	if err != nil {
		return soft(err)
	}
	before, after := numbered(old), numbered(now)
	for i, p := range old {
		if after[p.Ref] == 0 {
			c := Change{Key: ChangePageRemoved, Page: i + 1}
			c.Area, c.WholePage = wholePage(d.old, c.Page)
			d.bad(rule, c)
		}
	}
	for i, p := range now {
		if before[p.Ref] == 0 {
			c := Change{Key: ChangePageAdded, Page: i + 1}
			c.Area, c.WholePage = wholePage(d.now, c.Page)
			d.bad(rule, c)
		}
	}
	a := slices.DeleteFunc(slices.Clone(old), func(p *pdf.Page) bool { return after[p.Ref] == 0 })
	b := slices.DeleteFunc(slices.Clone(now), func(p *pdf.Page) bool { return before[p.Ref] == 0 })
	touched := map[int]bool{}
	for _, num := range d.touched {
		touched[num] = true
	}
	var moved []int
	for i := range a {
		switch {
		case a[i].Ref != b[i].Ref:
			moved = append(moved, before[a[i].Ref])
		case !touched[a[i].Ref.ObjectNumber.Value()]:
			d.shapes(rule, before[a[i].Ref], a[i], b[i])
		}
	}
	if len(moved) > 0 {
		d.bad(rule, Change{Key: ChangePagesMoved, Data: map[string]string{"pages": pageList(moved, false)}})
	}
	return nil
}

// numbered gives the number of each page, from 1.
func numbered(list []*pdf.Page) map[types.IndirectRef]int {
	out := make(map[types.IndirectRef]int, len(list))
	for i, p := range list {
		out[p.Ref] = i + 1
	}
	return out
}

func pageRefs(v *pdf.View, n int) ([]*pdf.Page, error) {
	out := make([]*pdf.Page, 0, n)
	for i := 1; i <= n; i++ {
		p, err := v.Page(i)
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}

// shapes reports another rotation or size of a page, whichever object gives it.
func (d *delta) shapes(rule string, n int, a, b *pdf.Page) {
	if a.Rotate != b.Rotate {
		d.wholePage(rule, n, ChangePageRotated, map[string]string{"before": strconv.Itoa(a.Rotate), "after": strconv.Itoa(b.Rotate)})
	}
	if before, after := sizeText(a), sizeText(b); a.MediaBox != b.MediaBox || a.CropBox != b.CropBox || a.UserUnit != b.UserUnit {
		d.wholePage(rule, n, ChangePageSize, map[string]string{"before": before, "after": after})
	}
}

// sizeText gives the size of the upright visible page in millimetres.
func sizeText(p *pdf.Page) string {
	w, h := newSheet(p).size()
	return fmt.Sprintf("%.0f×%.0f", w, h)
}

// wholePage reports a change of all of a page of the revision before.
func (d *delta) wholePage(rule string, n int, key string, data map[string]string) {
	c := Change{Key: key, Page: n, Data: data}
	c.Area, c.WholePage = wholePage(d.old, n)
	d.bad(rule, c)
}

// page compares a redefined page with what it was: only annotations may have been added, and those only marks.
func (d *delta) page(num int) error {
	n := d.pages[num]
	a, err := d.old.Page(n)
	if err != nil {
		return err
	}
	b, err := d.now.Page(n)
	if err != nil {
		return err
	}
	if a.Ref != b.Ref {
		d.wholePage("I2", n, ChangePageReplaced, nil)
		return nil
	}
	for _, k := range unionKeys(a.Dict, b.Dict) {
		if k != "Annots" && !sameObject(a.Dict[k], b.Dict[k]) {
			d.pageKey(n, k, a, b)
		}
	}
	old, err := d.old.Array(a.Dict["Annots"])
	if err != nil {
		return err
	}
	now, err := d.now.Array(b.Dict["Annots"])
	if err != nil {
		return err
	}
	if len(now) < len(old) || !sameObject(old, now[:min(len(old), len(now))]) {
		return d.listsDiffer("I2", n, old, now)
	}
	for _, o := range now[len(old):] {
		if r, ok := o.(types.IndirectRef); ok && d.marks[r.ObjectNumber.Value()] {
			continue
		}
		if err := d.annotationAdded("I5", n, o); err != nil {
			return err
		}
	}
	return nil
}

// pageKey reports an entry of a page dictionary that is not what it was.
func (d *delta) pageKey(n int, key string, a, b *pdf.Page) {
	switch key {
	case "Contents":
		d.wholePage("I2", n, ChangePageContent, map[string]string{"pages": strconv.Itoa(n), "how": howAltered})
	case "Rotate":
		d.wholePage("I2", n, ChangePageRotated, map[string]string{"before": strconv.Itoa(a.Rotate), "after": strconv.Itoa(b.Rotate)})
	case "MediaBox", "CropBox", "UserUnit":
		d.wholePage("I2", n, ChangePageSize, map[string]string{"before": sizeText(a), "after": sizeText(b)})
	default:
		d.wholePage("I2", n, ChangePage, map[string]string{"key": printable(key, 40)})
	}
}
