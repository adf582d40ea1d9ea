package pdfseal

import (
	"strings"
	"unicode"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
	"golang.org/x/text/unicode/norm"
)

// maxAppearance bounds the content of an appearance that is read for its text.
const maxAppearance = 1 << 20

// shown gives the text that an appearance shows. known is false where it cannot be told: the content cannot be read, shows pictures or
// other forms, or has fonts whose codes say nothing.
func (d *fieldDrawings) shown(form *types.StreamDict) (text string, known bool, err error) {
	content, err := d.file.ReadStream(form, maxAppearance)
	if isSyntax(err) {
		return "", false, nil
	}
	if err != nil {
		return "", false, err
	}
	if err := d.spend(len(content)); err != nil {
		return "", false, err
	}
	r := &shownReader{d: d, form: form, known: true}
	l := &contentLexer{b: content}
	for op, args := l.next(); op != "" && r.known && r.err == nil; op, args = l.next() {
		r.operation(op, args)
	}
	return r.text.String(), r.known && r.err == nil, r.err
}

// shownReader collects the text of one appearance.
type shownReader struct {
	d     *fieldDrawings
	form  *types.StreamDict
	font  textDecoder
	text  strings.Builder
	known bool
	err   error
}

func (r *shownReader) operation(op string, args []operand) {
	switch op {
	case "Tf":
		if n := len(args); n >= 2 {
			r.font, r.err = r.d.decoder(r.form, string(args[n-2].text))
		}
	case "Tj", "TJ", "'", "\"":
		for _, a := range args {
			r.show(a)
		}
		r.text.WriteByte(' ')
	case "Do", "BI", "sh":
		r.known = false
	}
}

// show takes the text of a string, or of the strings of an array.
func (r *shownReader) show(a operand) {
	for _, part := range a.array {
		r.show(part)
	}
	if a.kind != operandString {
		return
	}
	if r.font == nil {
		r.known = false
		return
	}
	s, ok := r.font(a.text)
	r.text.WriteString(s)
	r.known = r.known && ok
}

// compared gives text in the form in which appearance and value are compared: composed, without spaces and format characters.
func compared(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, norm.NFC.String(s))
}

// shows tells whether an appearance shows what the field holds. Programs that fill in a form and leave its drawing to the reader often keep
// the appearances of former values. known is false where it cannot be told.
func (t *textField) shows(form *types.StreamDict, values []string, isChoice bool) (same, known bool, err error) {
	if barcode, err := t.attr("PMD"); barcode != nil || err != nil { // drawn by other rules (ISO 32000-2, 12.7.5.3)
		return true, true, err
	}
	text, known, err := t.d.shown(form)
	if err != nil || !known {
		return false, false, err
	}
	text = compared(text)
	switch {
	case !isChoice && t.flags&flagPassword != 0:
		return (text == "") == (len(values) == 0), true, nil
	case isChoice && t.flags&flagCombo == 0:
		if len(values) == 0 {
			items, err := t.options()
			return (text == "") == (len(items) == 0), true, err
		}
		for _, v := range values {
			if v, err = t.display(v); err != nil || !strings.Contains(text, compared(v)) {
				return false, true, err
			}
		}
		return true, true, nil
	case len(values) == 0:
		return text == "", true, nil
	}
	want := values[0]
	if isChoice {
		if want, err = t.display(want); err != nil {
			return false, true, err
		}
	}
	return text == compared(want), true, nil
}
