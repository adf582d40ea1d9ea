package pdfseal

import (
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"sealdesk/pdfseal/internal/pdf"
)

// field is one terminal or intermediate form field.
type field struct {
	ref  types.IndirectRef // zero for a field that is a direct object
	dict types.Dict
	name string // partial name /T
	kind types.Name
	up   int // index of the field above it in the list of all fields, or -1
}

// maxFields and maxFieldDepth bound the walk over the form (rule R1).
const (
	maxFields     = 100_000
	maxFieldDepth = 32
)

// allFields walks /AcroForm /Fields with their kids. Every field is visited once.
func allFields(v *pdf.View) ([]field, error) {
	cat, _, err := v.Catalog()
	if err != nil {
		return nil, err
	}
	form, err := v.Dict(cat["AcroForm"])
	if err != nil || form == nil {
		return nil, err
	}
	roots, err := fieldArray(v, form)
	if err != nil {
		return nil, err
	}
	w := &fieldWalk{view: v, seen: map[int]bool{}}
	if err := w.walk(roots, field{}, -1, 0); err != nil {
		return nil, err
	}
	return w.out, nil
}

// fieldArray returns /Fields of a form. Something else than an array holds no fields for any reader, and counts as none.
func fieldArray(v *pdf.View, form types.Dict) (types.Array, error) {
	o, err := v.Resolve(form["Fields"])
	if err != nil {
		return nil, err
	}
	a, _ := o.(types.Array)
	return a, nil
}

type fieldWalk struct {
	view *pdf.View
	seen map[int]bool
	out  []field
}

// walk visits the kids of the field above, which stands at index up.
func (w *fieldWalk) walk(kids types.Array, above field, up, depth int) error {
	if depth > maxFieldDepth {
		return &SyntaxError{Rule: "R1", Msg: "form fields nested too deeply", Err: ErrLimit}
	}
	for _, o := range kids {
		ref, isRef := o.(types.IndirectRef)
		if isRef {
			if w.seen[ref.ObjectNumber.Value()] {
				continue
			}
			w.seen[ref.ObjectNumber.Value()] = true
		}
		d, err := w.view.Dict(o)
		if err != nil {
			return err
		}
		if d == nil {
			continue
		}
		if len(w.out) >= maxFields {
			return &SyntaxError{Rule: "R1", Msg: "too many form fields", Err: ErrLimit}
		}
		f := field{dict: d, name: textValue(d["T"]), kind: above.kind, up: up}
		if isRef {
			f.ref = ref
		}
		if ft, err := w.view.Resolve(d["FT"]); err != nil {
			return err
		} else if n, ok := ft.(types.Name); ok {
			f.kind = n
		}
		w.out = append(w.out, f)
		sub, err := w.view.Array(d["Kids"])
		if err != nil {
			return err
		}
		if err := w.walk(sub, f, len(w.out)-1, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// signatureFields returns the fields of type Sig that carry a value.
func signatureFields(v *pdf.View) ([]field, error) {
	fields, err := allFields(v)
	if err != nil {
		return nil, err
	}
	var out []field
	for _, f := range fields {
		if f.kind != "Sig" || f.dict["V"] == nil {
			continue
		}
		val, err := v.Resolve(f.dict["V"])
		if err != nil {
			return nil, err
		}
		if val != nil {
			out = append(out, f)
		}
	}
	return out, nil
}
