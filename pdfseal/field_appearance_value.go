package pdfseal

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

// Flags of text and choice fields (ISO 32000-2, 12.7.5.3 and 12.7.5.4).
const (
	flagMultiline  = 1 << 12
	flagPassword   = 1 << 13
	flagFileSelect = 1 << 20
	flagComb       = 1 << 24
	flagCombo      = 1 << 17
)

// textField is what a text or choice field shows and how.
type textField struct {
	*fieldWidget
	d      *fieldDrawings
	flags  int
	da     defaultAppearance
	choice fontChoice
	set    textSetter
	face   *face
}

// drawText makes the appearance of a text or choice field; nil if it has one that shows its value, or shows nothing.
func (d *fieldDrawings) drawText(w *fieldWidget, isChoice bool) (*drawnWidget, error) {
	flags, err := w.number("Ff")
	if err != nil {
		return nil, err
	}
	t := &textField{fieldWidget: w, d: d, flags: flags}
	values, err := t.values(isChoice)
	var bad *fieldError
	if err != nil && !errors.As(err, &bad) {
		return nil, err
	}
	normal, err := w.normal()
	if err != nil {
		return nil, err
	}
	form, has := normal.(types.StreamDict)
	switch {
	case bad != nil && !has:
		return nil, bad
	case bad != nil:
		return nil, nil
	}
	list := isChoice && flags&flagCombo == 0
	if !has && len(values) == 0 && w.style.empty() {
		if items, err := t.options(); !list || len(items) == 0 || err != nil {
			return nil, err
		}
	}
	known := true
	if has {
		var same bool
		if same, known, err = t.shows(&form, values, isChoice); same || err != nil || !known && len(values) == 0 {
			return nil, err
		}
	}
	drawn, err := t.draw(values, list)
	if errors.As(err, &bad) && !known {
		return nil, nil // what stands there may well be right
	}
	return drawn, err
}

// draw makes the appearance of a field that holds values.
func (t *textField) draw(values []string, list bool) (*drawnWidget, error) {
	if err := t.prepare(); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	t.style.draw(&b)
	var err error
	if list {
		err = t.list(&b, values)
	} else if len(values) > 0 {
		err = t.text(&b, values[0])
	}
	if err != nil {
		return nil, err
	}
	t.face.content = b.Bytes()
	if err := t.d.spend(b.Len()); err != nil {
		return nil, err
	}
	return &drawnWidget{ref: t.ref, dict: t.chain[0], faces: map[types.Name]*face{"": t.face}}, nil
}

// values gives what the field holds: its text, or the chosen values; none if it is empty.
func (t *textField) values(isChoice bool) ([]string, error) {
	v, err := t.attr("V")
	if err != nil {
		return nil, err
	}
	all := types.Array{v}
	if list, ok := v.(types.Array); ok && isChoice {
		all = list
	}
	if err := t.d.spend(len(all)); err != nil {
		return nil, err
	}
	var out []string
	for _, o := range all {
		s, ok, err := t.d.fieldText(o)
		if err != nil {
			return nil, err
		}
		if !ok {
			return nil, &fieldError{field: t.name, why: "its value is no text"}
		}
		if s != "" {
			out = append(out, s)
		}
	}
	return out, nil
}

// prepare reads how the field is to be drawn.
func (t *textField) prepare() error {
	da, err := t.inherited("DA")
	if err != nil {
		return err
	}
	var text []byte
	switch da.(type) {
	case types.StringLiteral, types.HexLiteral:
		if text, _, err = t.view.Bytes(da); err != nil {
			return err
		}
	}
	if err := t.d.spend(len(text)); err != nil {
		return err
	}
	t.da = parseDefaultAppearance(text)
	if t.choice, err = t.d.chooseFont(t.fieldWidget, t.da.font); err != nil {
		return err
	}
	q, err := t.inherited("Q")
	if err != nil {
		return err
	}
	align, _ := q.(types.Integer)
	t.set = textSetter{box: t.style, size: t.da.size, align: min(2, max(0, int(align)))}
	t.face = &face{w: t.style.w, h: t.style.h, matrix: t.style.matrix, fonts: map[string]*fieldFont{}}
	return nil
}

// inherited gives an attribute of the field or of the form (ISO 32000-2, 12.7.3).
func (t *textField) inherited(key string) (types.Object, error) {
	if o, err := t.attr(key); o != nil || err != nil {
		return o, err
	}
	return t.view.Resolve(t.d.form[key])
}

// glyphs gives text in the fonts of the field; characters that no font has are a *fieldError.
func (t *textField) glyphs(text []rune) ([]glyph, error) {
	g, missing, err := t.d.glyphs(text, t.choice)
	if err == nil && missing != "" {
		err = &fieldError{field: t.name, missing: missing}
	}
	return g, err
}

// maxCells bounds the cells of a comb beyond those that the value needs.
const maxCells = 10_000

// text writes a text field or the value of a combo box.
func (t *textField) text(b *bytes.Buffer, value string) error {
	isText, err := t.attr("FT")
	if err != nil {
		return err
	}
	multi, combed := false, false
	if isText == types.Name("Tx") {
		multi = t.flags&flagMultiline != 0
		combed = t.flags&flagComb != 0 && t.flags&(flagMultiline|flagPassword|flagFileSelect) == 0
	} else if value, err = t.display(value); err != nil {
		return err
	}
	text := shownText(value, multi)
	if isText == types.Name("Tx") && t.flags&flagPassword != 0 {
		text = []rune(strings.Repeat("*", len(text)))
	}
	g, err := t.glyphs(text)
	if err != nil {
		return err
	}
	cells := 0
	if combed {
		if cells, err = t.number("MaxLen"); err != nil {
			return err
		}
	}
	var lines []textLine
	switch {
	case len(g) == 0:
	case multi:
		if lines, err = t.set.multiline(g, t.d.spend); err != nil {
			return err
		}
	case cells > 0:
		cells = max(min(cells, maxCells), len(g)) // a value that is too long gets more cells: all of it is shown
		t.style.drawCells(b, cells)
		lines = t.set.comb(g, cells)
	default:
		lines = t.set.single(g)
	}
	t.marked(b, func() { t.face.show(b, lines, t.set.size, t.da.color) })
	return nil
}

// marked writes the variable text between its marks, cut off at the border (ISO 32000-2, 12.7.4.3).
func (t *textField) marked(b *bytes.Buffer, draw func()) {
	in := t.style.inset()
	fmt.Fprintf(b, "/Tx BMC\nq\n%s %s %s %s re W n\n", decimal(in), decimal(in), decimal(t.style.w-2*in), decimal(t.style.h-2*in))
	draw()
	b.WriteString("Q\nEMC\n")
}
