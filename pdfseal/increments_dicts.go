package pdfseal

import (
	"strconv"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"sealdesk/pdfseal/internal/pdf"
)

// trailerFree are the trailer keys that may differ: the bookkeeping of a cross-reference section.
var trailerFree = map[string]bool{"Size": true, "Prev": true, "Index": true, "W": true, "Length": true, "Filter": true, "DecodeParms": true, "Type": true, "XRefStm": true, "ID": true}

// trailer applies rule S8 to the step from one revision to the next.
func (d *delta) trailer() error {
	a, b := d.old.Trailer(), d.now.Trailer()
	for _, k := range unionKeys(a, b) {
		if !trailerFree[k] && !sameObject(a[k], b[k]) {
			d.bad("S8", ChangeCatalog, 0, map[string]string{"key": k})
		}
	}
	ia, _ := a["ID"].(types.Array)
	ib, _ := b["ID"].(types.Array)
	if len(ia) == 2 && (len(ib) != 2 || !sameObject(ia[0], ib[0])) {
		d.bad("S8", ChangeCatalog, 0, map[string]string{"key": "ID"})
	}
	return nil
}

// catalog applies rule I2 to the catalogue: nothing but /AcroForm may differ.
func (d *delta) catalog() error {
	a, _, err := d.old.Catalog()
	if err != nil {
		return err
	}
	b, ref, err := d.now.Catalog()
	if err != nil {
		return err
	}
	if ref.ObjectNumber.Value() != d.catRef {
		d.bad("S8", ChangeCatalog, 0, map[string]string{"key": "Root"})
	}
	for _, k := range unionKeys(a, b) {
		if k != "AcroForm" && !sameObject(a[k], b[k]) {
			d.bad("I2", ChangeCatalog, 0, map[string]string{"key": k})
		}
	}
	return nil
}

// form applies rules I2, I6, I7 and V4 to the form: one field appended, SigFlags, nothing else.
func (d *delta) form() error {
	a, aFields, err := formOf(d.old)
	if err != nil {
		return err
	}
	b, bFields, err := formOf(d.now)
	if err != nil {
		return err
	}
	for _, k := range unionKeys(a, b) {
		if k != "Fields" && k != "SigFlags" && !sameObject(a[k], b[k]) {
			d.bad("I2", ChangeCatalog, 0, map[string]string{"key": "AcroForm/" + k})
		}
	}
	if len(bFields) < len(aFields) || !sameObject(aFields, bFields[:min(len(aFields), len(bFields))]) {
		return d.fieldsLost()
	}
	added := bFields[len(aFields):]
	if d.seal == nil {
		if len(added) > 0 {
			d.bad("I8", ChangeOther, 0, map[string]string{"detail": "fields were added"})
		}
		return nil
	}
	if len(added) != 1 || added[0] != d.seal.field.ref {
		d.bad("I6", ChangeOther, 0, map[string]string{"detail": "not exactly the new seal's field was added"})
	}
	return d.onlyOneField()
}

// fieldsLost tells a list of fields that a seal is missing from (rule V4) from one that is otherwise not the old one and more (rule I7).
func (d *delta) fieldsLost() error {
	old, err := signatureFields(d.old)
	if err != nil {
		return err
	}
	now, err := signatureFields(d.now)
	if err != nil {
		return err
	}
	present := map[types.IndirectRef]bool{}
	for _, fl := range now {
		present[fl.ref] = true
	}
	for _, fl := range old {
		if !present[fl.ref] {
			d.bad("V4", ChangeSealRemoved, 0, nil)
			return nil
		}
	}
	d.bad("I7", ChangeCatalog, 0, map[string]string{"key": "AcroForm/Fields"})
	return nil
}

// onlyOneField checks that no other field has the new signature as its value (rule I6).
func (d *delta) onlyOneField() error {
	fields, err := signatureFields(d.now)
	if err != nil {
		return err
	}
	n := 0
	for _, fl := range fields {
		if fl.dict["V"] == d.seal.sigRef {
			n++
		}
	}
	if n != 1 {
		d.bad("I6", ChangeOther, 0, map[string]string{"detail": "signature is the value of several fields"})
	}
	return nil
}

func formOf(v *pdf.View) (types.Dict, types.Array, error) {
	cat, _, err := v.Catalog()
	if err != nil {
		return nil, nil, err
	}
	form, err := v.Dict(cat["AcroForm"])
	if err != nil {
		return nil, nil, err
	}
	fields, err := fieldArray(v, form)
	return form, fields, err
}

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
		d.bad("I2", ChangePages, 0, map[string]string{"before": strconv.Itoa(na), "after": strconv.Itoa(nb)})
		return nil
	}
	for _, num := range d.touched {
		if err := d.page(num); err != nil {
			return err
		}
	}
	return nil
}

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
		d.bad("I2", ChangePages, n, map[string]string{"before": "", "after": ""})
		return nil
	}
	for _, k := range unionKeys(a.Dict, b.Dict) {
		if k != "Annots" && !sameObject(a.Dict[k], b.Dict[k]) {
			d.bad("I2", ChangePage, n, map[string]string{"key": k})
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
		d.bad("I2", ChangeAnnotation, n, map[string]string{"kind": "removed"})
		return nil
	}
	for _, o := range now[len(old):] {
		r, ok := o.(types.IndirectRef)
		if !ok || !d.marks[r.ObjectNumber.Value()] {
			d.bad("I5", ChangeAnnotation, n, map[string]string{"kind": d.annotationKind(o)})
		}
	}
	return nil
}

// annotationKind names an added annotation by its subtype.
func (d *delta) annotationKind(o types.Object) string {
	a, err := d.now.Dict(o)
	if err != nil || a == nil {
		return "?"
	}
	if n, ok := a["Subtype"].(types.Name); ok {
		return printable(string(n), 32)
	}
	return "?"
}
