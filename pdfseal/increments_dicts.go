package pdfseal

import (
	"slices"

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
			d.bad("S8", catalogChange(k))
		}
	}
	ia, _ := a["ID"].(types.Array)
	ib, _ := b["ID"].(types.Array)
	if len(ia) == 2 && (len(ib) != 2 || !sameObject(ia[0], ib[0])) {
		d.bad("S8", catalogChange("ID"))
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
		d.bad("S8", catalogChange("Root"))
	}
	for _, k := range unionKeys(a, b) {
		if k != "AcroForm" && !sameObject(a[k], b[k]) {
			d.bad("I2", catalogChange(k))
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
			d.bad("I2", catalogChange("AcroForm/"+k))
		}
	}
	if was, _ := a["SigFlags"].(types.Integer); d.seal != nil && b["SigFlags"] != was|3 {
		d.bad("I2", catalogChange("AcroForm/SigFlags"))
	}
	if len(bFields) < len(aFields) || !sameObject(aFields, bFields[:min(len(aFields), len(bFields))]) {
		return d.fieldsLost()
	}
	added := bFields[len(aFields):]
	if d.seal == nil {
		d.fieldsAdded("I8", added)
		return nil
	}
	if len(added) != 1 || added[0] != d.seal.field.ref {
		others := slices.DeleteFunc(slices.Clone(added), func(o types.Object) bool { return o == d.seal.field.ref })
		if len(others) == 0 {
			d.bad("I6", other(detailNotOneField))
		}
		d.fieldsAdded("I6", others)
	}
	return d.onlyOneField()
}

// catalogChange is another value of an entry below the trailer, the catalogue or the form.
func catalogChange(key string) Change {
	return Change{Key: ChangeCatalog, Data: map[string]string{"key": printable(key, 60)}}
}

// other is a change that has only a detail in words.
func other(detail string) Change {
	return Change{Key: ChangeOther, Data: map[string]string{"detail": detail}}
}

// fieldsAdded reports form fields that belong to no seal of the revision.
func (d *delta) fieldsAdded(rule string, added types.Array) {
	for _, o := range added {
		dict, err := d.now.Dict(o)
		if err != nil {
			dict = nil
		}
		d.bad(rule, Change{Key: ChangeFieldAdded, Data: map[string]string{"field": printable(textValue(dict["T"]), 100)}})
	}
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
	lost := false
	for _, fl := range old {
		if !present[fl.ref] {
			lost = true
			d.bad("V4", removedSeal(d.all, fl.ref, d.rev+1))
		}
	}
	if lost {
		return nil
	}
	d.bad("I7", catalogChange("AcroForm/Fields"))
	return nil
}

// removedSeal is the change that takes away the seal of a field, placed at its first mark.
func removedSeal(all []*candidate, ref types.IndirectRef, revision int) Change {
	c := Change{Revision: revision, Key: ChangeSealRemoved, Data: map[string]string{"rule": "V4"}}
	for _, seal := range all {
		if seal.field.ref != ref {
			continue
		}
		c.Data["seal"], c.Data["field"] = seal.name(), printable(seal.rep.Field, 100)
		if len(seal.rep.Marks) > 0 {
			c.Page, c.Area = seal.rep.Marks[0].Page, seal.rep.Marks[0].Area()
		}
		break
	}
	return c
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
		d.bad("I6", other(detailSharedValue))
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
