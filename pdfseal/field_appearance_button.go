package pdfseal

import (
	"bytes"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

// Flags of button fields (ISO 32000-2, 12.7.5.2).
const (
	flagRadio      = 1 << 15
	flagPushbutton = 1 << 16
)

// stateOff is the state of a button that is not on.
const stateOff = types.Name("Off")

// Codes in ZapfDingbats of the marks that a button has where /MK names none, and the middle of the marks above the base line, of the size.
const (
	markCheck  = '4'
	markRadio  = 'l'
	markMiddle = 0.345
)

// drawButton makes the appearances of a check box or radio button; nil if it has some, is a push-button, which has no value, or shows
// nothing. Without appearances only /AS, or for a field with one widget /V, tells whether the button is on.
func (d *fieldDrawings) drawButton(w *fieldWidget) (*drawnWidget, error) {
	flags, err := w.number("Ff")
	if err != nil || flags&flagPushbutton != 0 {
		return nil, err
	}
	normal, err := w.normal()
	if err != nil {
		return nil, err
	}
	switch n := normal.(type) {
	case types.StreamDict:
		return nil, nil
	case types.Dict:
		if len(n) > 0 {
			return nil, nil
		}
	}
	state, err := w.state()
	if err != nil || state == stateOff && w.style.empty() {
		return nil, err
	}
	mark, err := w.mark(flags&flagRadio != 0)
	if err != nil {
		return nil, err
	}
	t := &textField{fieldWidget: w, d: d}
	if err := t.prepare(); err != nil {
		return nil, err
	}
	out := &drawnWidget{ref: w.ref, dict: w.chain[0], state: state, faces: map[types.Name]*face{stateOff: t.button(mark, false, flags)}}
	if state != stateOff {
		out.faces[state] = t.button(mark, true, flags)
	}
	return out, d.spend(len(out.faces[state].content))
}

// state gives the state of a button.
func (w *fieldWidget) state() (types.Name, error) {
	o, err := w.view.Resolve(w.chain[0]["AS"])
	if err != nil {
		return "", err
	}
	if o == nil && (w.chain[0]["T"] != nil || w.chain[0]["FT"] != nil) {
		if o, err = w.attr("V"); err != nil {
			return "", err
		}
	}
	if n, ok := o.(types.Name); ok && n != "" {
		return n, nil
	}
	return stateOff, nil
}

// mark gives the code of the button's mark in ZapfDingbats.
func (w *fieldWidget) mark(radio bool) (rune, error) {
	mk, err := w.dict("MK")
	if err != nil {
		return 0, err
	}
	o, err := w.view.Resolve(mk["CA"])
	if err != nil {
		return 0, err
	}
	if c := []rune(textValue(o)); len(c) == 1 && c[0] > ' ' && c[0] < 0x100 {
		return c[0], nil
	}
	if radio {
		return markRadio, nil
	}
	return markCheck, nil
}

// button draws a button that is on or off. A radio button with a round mark is round.
func (t *textField) button(mark rune, on bool, flags int) *face {
	f := &face{w: t.style.w, h: t.style.h, matrix: t.style.matrix, fonts: map[string]*fieldFont{}}
	var b bytes.Buffer
	if flags&flagRadio != 0 && mark == markRadio {
		t.style.drawRound(&b)
	} else {
		t.style.draw(&b)
	}
	if g, ok := t.d.fonts.standardFont("ZapfDingbats").glyph(mark); on && ok {
		size := t.da.size
		if size == 0 {
			size = max(minAutoSize, min(t.style.w, t.style.h)-2*t.style.inset())
			if flags&flagRadio != 0 {
				size *= 0.75 // clear of the ring
			}
		}
		line := textLine{t.style.w/2 - g.width*size/2, t.style.h/2 - markMiddle*size, []glyph{g}}
		b.WriteString("q\n")
		f.show(&b, []textLine{line}, size, t.da.color)
		b.WriteString("Q\n")
	}
	f.content = b.Bytes()
	return f
}
