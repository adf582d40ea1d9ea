package pdfseal

import (
	"math"
	"strings"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"sealdesk/pdfseal/internal/pdf"
)

// fieldWidget is a visible widget of a page with the fields above it.
type fieldWidget struct {
	view  *pdf.View
	ref   types.IndirectRef
	chain []types.Dict // the widget, then the fields above it
	name  string       // fully qualified (ISO 32000-2, 12.7.4.2)
	rect  [4]float64
	style boxStyle
}

// maxFieldEdge bounds the edge of a widget in user-space units: the largest page that readers show.
const maxFieldEdge = 14_400

// flagHidden keeps an annotation from screen and paper (ISO 32000-2, 12.5.3).
const flagHidden = 1 << 1

// widget gives the widget of a page's annotation; nil for what is none or is not shown.
func (d *fieldDrawings) widget(ref types.IndirectRef, dict types.Dict) (*fieldWidget, error) {
	w := &fieldWidget{view: d.view, ref: ref, chain: []types.Dict{dict}}
	subtype, err := d.view.Resolve(dict["Subtype"])
	if err != nil || subtype != types.Name("Widget") {
		return nil, err
	}
	flags, err := d.view.Resolve(dict["F"])
	if n, _ := flags.(types.Integer); err != nil || n&flagHidden != 0 {
		return nil, err
	}
	rect, err := w.numbers(dict["Rect"])
	if err != nil || len(rect) != 4 {
		return nil, err
	}
	w.rect = [4]float64{min(rect[0], rect[2]), min(rect[1], rect[3]), max(rect[0], rect[2]), max(rect[1], rect[3])}
	if width, height := w.rect[2]-w.rect[0], w.rect[3]-w.rect[1]; !(width > 0 && height > 0 && width <= maxFieldEdge && height <= maxFieldEdge) {
		return nil, nil
	}
	if err := d.climb(w); err != nil {
		return nil, err
	}
	w.style, err = w.box()
	return w, err
}

// climb finds the fields above a widget: the one whose /Kids list it, or the one that it names as its /Parent.
func (d *fieldDrawings) climb(w *fieldWidget) error {
	num := w.ref.ObjectNumber.Value()
	for range maxFieldDepth {
		if i, ok := d.index[num]; ok && d.fields[i].up >= 0 {
			above := d.fields[d.fields[i].up]
			w.chain, num = append(w.chain, above.dict), above.ref.ObjectNumber.Value()
			continue
		}
		parent := w.chain[len(w.chain)-1]["Parent"]
		ref, _ := parent.(types.IndirectRef)
		num = ref.ObjectNumber.Value()
		o, err := d.view.Resolve(parent)
		if err != nil {
			return err
		}
		dict, ok := o.(types.Dict)
		if !ok {
			break
		}
		w.chain = append(w.chain, dict)
	}
	var parts []string
	for _, dict := range w.chain {
		if part := textValue(dict["T"]); part != "" {
			parts = append([]string{part}, parts...)
		}
	}
	w.name = printable(strings.Join(parts, "."), 200)
	return nil
}

// attr gives an attribute of the widget or, where it has none, of the nearest field above it that has one.
func (w *fieldWidget) attr(key string) (types.Object, error) {
	for _, d := range w.chain {
		if o, err := w.view.Resolve(d[key]); o != nil || err != nil {
			return o, err
		}
	}
	return nil, nil
}

// number gives an integer attribute, 0 where there is none.
func (w *fieldWidget) number(key string) (int, error) {
	o, err := w.attr(key)
	n, _ := o.(types.Integer)
	return int(n), err
}

// numbers gives the elements of an array of numbers; anything else gives none.
func (w *fieldWidget) numbers(o types.Object) ([]float64, error) {
	o, err := w.view.Resolve(o)
	list, _ := o.(types.Array)
	if err != nil || len(list) > 16 {
		return nil, err
	}
	var out []float64
	for _, e := range list {
		e, err := w.view.Resolve(e)
		if err != nil {
			return nil, err
		}
		switch n := e.(type) {
		case types.Integer:
			out = append(out, float64(n))
		case types.Float:
			out = append(out, float64(n))
		default:
			return nil, nil
		}
		if x := out[len(out)-1]; math.IsNaN(x) || math.Abs(x) > 1e6 {
			return nil, nil
		}
	}
	return out, nil
}

// dict gives a dictionary of the widget itself; anything else gives none.
func (w *fieldWidget) dict(key string) (types.Dict, error) {
	o, err := w.view.Resolve(w.chain[0][key])
	d, _ := o.(types.Dict)
	return d, err
}

// normal gives /N of the widget's appearances.
func (w *fieldWidget) normal() (types.Object, error) {
	ap, err := w.dict("AP")
	if err != nil {
		return nil, err
	}
	return w.view.Resolve(ap["N"])
}
