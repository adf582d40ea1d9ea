package pdfseal

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"sealdesk/pdfseal/internal/pdf"
)

// putField appends the field to /AcroForm /Fields and sets SigFlags 3 (SignaturesExist, AppendOnly), redefining as little as
// possible: the array where it is an object of its own and the flags are set, else the form, else the catalogue.
func putField(inc *pdf.Increment, v *pdf.View, field types.IndirectRef) error {
	cat, catRef, err := v.Catalog()
	if err != nil {
		return err
	}
	formRef, formIsObject := cat["AcroForm"].(types.IndirectRef)
	form, err := v.Dict(cat["AcroForm"])
	if err != nil {
		return err
	}
	if form == nil {
		formIsObject = false
	}
	form = cloneDict(form)
	fields, err := fieldArray(v, form)
	if err != nil {
		return err
	}
	fields = append(slices.Clone(fields), field)
	flags, _ := form["SigFlags"].(types.Integer)
	arrRef, arrIsObject := form["Fields"].(types.IndirectRef)
	arrIsObject = arrIsObject && len(fields) > 1 // what held no field before may be no array at all (fieldArray): then it is written in place
	if arrIsObject {
		inc.Put(arrRef, fields)
	} else {
		form["Fields"] = fields
	}
	need, err := v.Resolve(form["NeedAppearances"])
	if err != nil {
		return err
	}
	if need == types.Boolean(true) {
		delete(form, "NeedAppearances") // what was missing is among the drawings of the update
	} else if arrIsObject && flags&3 == 3 {
		return nil
	}
	form["SigFlags"] = flags | 3
	if formIsObject {
		inc.Put(formRef, form)
		return nil
	}
	cat = cloneDict(cat)
	cat["AcroForm"] = form
	inc.Put(catRef, cat)
	return nil
}

func cloneDict(d types.Dict) types.Dict {
	if d == nil {
		return types.Dict{}
	}
	return d.Clone().(types.Dict)
}

// freeFieldName returns the first of Seal1, Seal2, … that no field of the document carries.
func freeFieldName(v *pdf.View) (string, error) {
	fields, err := allFields(v)
	if err != nil {
		return "", err
	}
	used := map[string]bool{}
	for _, f := range fields {
		used[f.name] = true
	}
	for i := 1; ; i++ {
		if name := fmt.Sprintf("Seal%d", i); !used[name] {
			return name, nil
		}
	}
}

// pdfDate writes t as a PDF date in Chinese local time (ISO 32000-2, 7.9.4).
func pdfDate(t time.Time) string {
	return t.In(time.FixedZone("CST", 8*3600)).Format("D:20060102150405") + "+08'00'"
}

// textString encodes a text string: ASCII as a literal, anything else as UTF-16BE with byte order mark in hexadecimal.
func textString(s string) types.Object {
	if !strings.ContainsFunc(s, func(r rune) bool { return r < 0x20 || r > 0x7e || r == '(' || r == ')' || r == '\\' }) {
		return types.StringLiteral(s)
	}
	b := []byte{0xfe, 0xff}
	for _, u := range utf16.Encode([]rune(s)) {
		b = append(b, byte(u>>8), byte(u))
	}
	return types.NewHexLiteral(b)
}

// textValue decodes a text string; anything that is none gives "".
func textValue(o types.Object) string {
	var s string
	var err error
	switch v := o.(type) {
	case types.StringLiteral:
		s, err = types.StringLiteralToString(v)
	case types.HexLiteral:
		s, err = types.HexLiteralToString(v)
	}
	if err != nil {
		return ""
	}
	return printable(s, 200)
}

// printable removes control, format and bidi-override characters and cuts s at max runes: names in a document are its author's.
func printable(s string, max int) string {
	var b strings.Builder
	n := 0
	for _, r := range s {
		if r < 0x20 || r >= 0x7f && r < 0xa0 || r >= 0x200b && r <= 0x200f || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r == 0xfeff || r == 0xfffd {
			continue
		}
		if n++; n > max {
			b.WriteRune('…')
			break
		}
		b.WriteRune(r)
	}
	return b.String()
}
