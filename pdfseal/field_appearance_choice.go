package pdfseal

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

// option is an entry of /Opt: what is stored and what is shown.
type option struct{ export, display string }

// options reads /Opt.
func (t *textField) options() ([]option, error) {
	o, err := t.attr("Opt")
	if err != nil {
		return nil, err
	}
	list, _ := o.(types.Array)
	if err := t.d.spend(len(list)); err != nil {
		return nil, err
	}
	out := make([]option, 0, len(list))
	for _, e := range list {
		e, err := t.view.Resolve(e)
		if err != nil {
			return nil, err
		}
		pair, isPair := e.(types.Array)
		if !isPair || len(pair) != 2 {
			pair = types.Array{e, e}
		}
		export, _, err := t.d.fieldText(pair[0])
		if err != nil {
			return nil, err
		}
		display, _, err := t.d.fieldText(pair[1])
		if err != nil {
			return nil, err
		}
		out = append(out, option{export, display})
	}
	return out, nil
}

// display gives what a choice field shows for a value.
func (t *textField) display(value string) (string, error) {
	list, err := t.options()
	if i := slices.IndexFunc(list, func(o option) bool { return o.export == value }); i >= 0 {
		return list[i].display, err
	}
	return value, err
}

// selectionColor is the ground of a chosen item of a list, as common readers draw it.
const selectionColor = "0.6 0.757 0.855 rg"

// list writes a list box from its top item on, the chosen ones on a coloured ground. Where the first chosen one would not be seen, the list
// begins with it.
func (t *textField) list(b *bytes.Buffer, values []string) error {
	items, err := t.options()
	if err != nil || len(items) == 0 && len(values) == 0 {
		return err
	}
	chosen := map[int]bool{}
	first := -1
	for _, v := range values {
		i := slices.IndexFunc(items, func(o option) bool { return o.export == v || o.display == v })
		if i < 0 {
			items = append(items, option{v, v})
			i = len(items) - 1
		}
		if chosen[i] = true; first < 0 || i < first {
			first = i
		}
		if err := t.d.spend(len(items)); err != nil {
			return err
		}
	}
	if t.set.size == 0 {
		t.set.size = maxLinesSize
	}
	top, err := t.number("TI")
	if err != nil {
		return err
	}
	step := minLeading * t.set.size
	visible := max(1, int((t.style.h-2*t.style.inset())/step))
	if top = min(max(0, top), len(items)-1); first >= 0 && (first < top || first >= top+visible) {
		top = first
	}
	return t.items(b, items[top:min(len(items), top+visible+1)], func(i int) bool { return chosen[top+i] }, step)
}

// items writes the items of a list downwards.
func (t *textField) items(b *bytes.Buffer, items []option, chosen func(int) bool, step float64) error {
	var grounds bytes.Buffer
	var lines []textLine
	y := t.style.h - t.style.inset()
	for i, item := range items {
		g, err := t.glyphs(shownText(item.display, false))
		if err != nil {
			return err
		}
		if y -= step; chosen(i) {
			in := t.style.inset()
			fmt.Fprintf(&grounds, "%s %s %s %s re ", decimal(in), decimal(y), decimal(t.style.w-2*in), decimal(step))
		}
		if len(g) > 0 {
			ascent, descent := textExtents(g)
			lines = append(lines, textLine{t.set.left(g), y + (step-(ascent+descent)*t.set.size)/2, g})
		}
	}
	t.marked(b, func() {
		if grounds.Len() > 0 {
			fmt.Fprintf(b, "q %s %sf Q\n", selectionColor, grounds.String())
		}
		t.face.show(b, lines, t.set.size, t.da.color)
	})
	return nil
}
