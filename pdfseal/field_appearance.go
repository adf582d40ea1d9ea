package pdfseal

import (
	"fmt"
	"maps"
	"slices"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"sealdesk/pdfseal/internal/pdf"
)

// fieldDrawings are the appearances that the first seal of a document adds where the form asks readers to draw its fields themselves
// (/NeedAppearances): one for each widget of a text or choice field that has none or one that does not show its value, and of a check box
// or radio button that has none (ISO 32000-2, 12.7.4.3). With them the request can be dropped, and the document goes on showing what
// readers have shown: the values.
type fieldDrawings struct {
	file   *pdf.File
	view   *pdf.View
	form   types.Dict
	fields []field
	index  map[int]int // place in fields by object number
	fonts  fieldFonts
	out    []drawnWidget
	budget int // what is left of fieldBudget
}

// Budgets of rule R1: appearances, and the characters, options and bytes handled for them.
const (
	maxDrawnFields = 20_000
	fieldBudget    = 32 << 20
)

// drawnWidget is a widget with its normal appearances.
type drawnWidget struct {
	ref   types.IndirectRef
	dict  types.Dict
	state types.Name // of a button
	faces map[types.Name]*face
}

// face is one normal appearance; that of a field without states has the name "".
type face struct {
	w, h    float64
	matrix  types.Array // nil: upright
	content []byte
	fonts   map[string]*fieldFont // resources by name
}

// fieldError says that a field shows something and that no appearance can be made for it.
type fieldError struct {
	field   string
	missing string // characters that no font has
	why     string // any other obstacle
}

func (e *fieldError) Error() string {
	if e.missing != "" {
		return fmt.Sprintf("field %q holds characters that no font has: %q", e.field, e.missing)
	}
	return fmt.Sprintf("field %q: %s", e.field, e.why)
}

// drawFields makes the appearances that the fields of the newest revision of f lack; fields are those of allFields. Errors:
// *fieldError, *SyntaxError.
func drawFields(f *pdf.File, fields []field) (*fieldDrawings, error) {
	v := f.Latest()
	cat, _, err := v.Catalog()
	if err != nil {
		return nil, err
	}
	form, err := v.Dict(cat["AcroForm"])
	if err != nil {
		return nil, err
	}
	d := &fieldDrawings{file: f, view: v, form: form, fields: fields, index: map[int]int{}, budget: fieldBudget}
	for i, fl := range fields {
		if num := fl.ref.ObjectNumber.Value(); num > 0 {
			d.index[num] = i
		}
	}
	n, err := v.PageCount()
	if err != nil {
		return nil, err
	}
	seen := map[int]bool{}
	for i := 1; i <= n; i++ {
		p, err := v.Page(i)
		if err != nil {
			return nil, err
		}
		annots, err := v.Resolve(p.Dict["Annots"])
		if err != nil {
			return nil, err
		}
		list, _ := annots.(types.Array)
		for _, o := range list {
			if err := d.annotation(o, seen); err != nil {
				return nil, err
			}
		}
	}
	return d, nil
}

// annotation draws one annotation of a page if it is a widget that needs it.
func (d *fieldDrawings) annotation(o types.Object, seen map[int]bool) error {
	ref, isRef := o.(types.IndirectRef)
	if num := ref.ObjectNumber.Value(); isRef {
		if seen[num] {
			return nil
		}
		seen[num] = true
	}
	x, err := d.view.Resolve(o)
	if err != nil {
		return err
	}
	dict, _ := x.(types.Dict)
	w, err := d.widget(ref, dict)
	if w == nil || err != nil {
		return err
	}
	drawn, err := d.draw(w)
	if drawn == nil || err != nil {
		return err
	}
	if !isRef {
		return &fieldError{field: w.name, why: "its widget is no object of its own"}
	}
	if len(d.out) >= maxDrawnFields {
		return &SyntaxError{Rule: "R1", Msg: "too many form fields without appearance", Err: ErrLimit}
	}
	d.out = append(d.out, *drawn)
	return nil
}

// draw makes the appearances of a widget; nil if it needs none or shows nothing.
func (d *fieldDrawings) draw(w *fieldWidget) (*drawnWidget, error) {
	kind, err := w.attr("FT")
	if err != nil {
		return nil, err
	}
	switch kind {
	case types.Name("Tx"), types.Name("Ch"):
		return d.drawText(w, kind == types.Name("Ch"))
	case types.Name("Btn"):
		return d.drawButton(w)
	}
	return nil, nil
}

// spend takes n steps from the budget.
func (d *fieldDrawings) spend(n int) error {
	if d.budget -= n; d.budget < 0 {
		return &SyntaxError{Rule: "R1", Msg: "form fields hold too much text", Err: ErrLimit}
	}
	return nil
}

// put writes the appearances and redefines their widgets.
func (d *fieldDrawings) put(inc *pdf.Increment) error {
	if d == nil {
		return nil
	}
	written := map[*fieldFont]types.Object{}
	for _, w := range d.out {
		var normal types.Object
		states := types.Dict{}
		for _, name := range slices.Sorted(maps.Keys(w.faces)) {
			ref, err := w.faces[name].put(inc, written)
			if err != nil {
				return err
			}
			if name == "" {
				normal = ref
				continue
			}
			states[string(name)] = ref
		}
		dict := cloneDict(w.dict)
		ap, err := d.view.Resolve(w.dict["AP"])
		if err != nil {
			return err
		}
		others, _ := ap.(types.Dict)
		others = cloneDict(others)
		if others["N"] = normal; len(states) > 0 {
			others["N"], dict["AS"] = states, w.state
		}
		dict["AP"] = others
		inc.Put(w.ref, dict)
	}
	return nil
}

// put writes an appearance as a form XObject (ISO 32000-2, 8.10.2).
func (f *face) put(inc *pdf.Increment, written map[*fieldFont]types.Object) (types.IndirectRef, error) {
	res := types.Dict{}
	list := types.Dict{}
	for _, name := range slices.Sorted(maps.Keys(f.fonts)) {
		o, err := f.fonts[name].put(inc, written)
		if err != nil {
			return types.IndirectRef{}, err
		}
		list[name] = o
	}
	if len(list) > 0 {
		res["Font"] = list
	}
	form := types.Dict{
		"Type": types.Name("XObject"), "Subtype": types.Name("Form"), "FormType": types.Integer(1),
		"BBox":      types.Array{types.Integer(0), types.Integer(0), types.Float(round4(f.w)), types.Float(round4(f.h))},
		"Resources": res,
	}
	if f.matrix != nil {
		form["Matrix"] = f.matrix
	}
	ref := inc.New()
	inc.PutStream(ref, form, f.content)
	return ref, nil
}
