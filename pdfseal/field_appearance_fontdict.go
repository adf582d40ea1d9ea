package pdfseal

import (
	"strings"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"sealdesk/pdfseal/internal/pdf"
)

// fontReader reads the entries of a font dictionary; err is the first error, after which all entries are empty.
type fontReader struct {
	view *pdf.View
	dict types.Dict
	err  error
}

func (r *fontReader) get(o types.Object) types.Object {
	if r.err != nil {
		return nil
	}
	var x types.Object
	x, r.err = r.view.Resolve(o)
	return x
}

func (r *fontReader) name(key string) string {
	n, _ := r.get(r.dict[key]).(types.Name)
	return string(n)
}

func (r *fontReader) dictionary(key string) types.Dict {
	d, _ := r.get(r.dict[key]).(types.Dict)
	return d
}

func (r *fontReader) flags(descriptor types.Dict) int {
	n, _ := r.get(descriptor["Flags"]).(types.Integer)
	return int(n)
}

// number reads a number within ±10,000; anything else is not ok.
func (r *fontReader) number(o types.Object) (x float64, ok bool) {
	switch n := r.get(o).(type) {
	case types.Integer:
		x, ok = float64(n), true
	case types.Float:
		x, ok = float64(n), true
	}
	return x, ok && x >= -10_000 && x <= 10_000
}

// encoding reads /Encoding (ISO 32000-2, 9.6.5). Where the font's own encoding is the base, nothing is known but the differences; a font
// of which nothing is known gives nil.
func (r *fontReader) encoding(own bool) *charEncoding {
	tables := latinEncodings()
	switch e := r.get(r.dict["Encoding"]).(type) {
	case nil:
		if own {
			return nil
		}
		return tables["StandardEncoding"]
	case types.Name:
		return tables[string(e)]
	case types.Dict:
		enc := charEncoding{}
		base, _ := r.get(e["BaseEncoding"]).(types.Name)
		if t := tables[string(base)]; t != nil {
			enc = *t
		} else if base == "" && !own {
			enc = *tables["StandardEncoding"]
		}
		r.differences(&enc, e["Differences"])
		return &enc
	}
	return nil
}

func (r *fontReader) differences(enc *charEncoding, o types.Object) {
	list, _ := r.get(o).(types.Array)
	code := 0
	for _, e := range list[:min(len(list), 1024)] {
		switch v := r.get(e).(type) {
		case types.Integer:
			code = int(v)
		case types.Name:
			if code >= 0 && code < 256 {
				enc[code] = glyphCharacter(string(v))
			}
			code++
		}
	}
}

// widths reads /Widths by code; nil where the font has none.
func (r *fontReader) widths(descriptor types.Dict) *[256]float64 {
	list, _ := r.get(r.dict["Widths"]).(types.Array)
	first, ok := r.get(r.dict["FirstChar"]).(types.Integer)
	if len(list) == 0 || !ok {
		return nil
	}
	var out [256]float64
	missing, _ := r.number(descriptor["MissingWidth"])
	for c := range out {
		if i := c - int(first); i >= 0 && i < len(list) {
			out[c], _ = r.number(list[i])
		} else {
			out[c] = missing
		}
	}
	return &out
}

// extents reads ascent and descent; values that no font for text has are replaced by usual ones.
func (r *fontReader) extents(descriptor types.Dict) (ascent, descent float64) {
	a, okA := r.number(descriptor["Ascent"])
	d, okD := r.number(descriptor["Descent"])
	if d > 0 { // a common mistake
		d = -d
	}
	if !okA || !okD || a < 400 || a > 1500 || d < -800 {
		return 0.75, -0.25
	}
	return a / 1000, d / 1000
}

// chinese tells whether a composite font is one for Chinese, Japanese or Korean text.
func (r *fontReader) chinese() bool {
	if enc := r.name("Encoding"); enc != "" && !strings.HasPrefix(enc, "Identity") {
		return true
	}
	list, _ := r.get(r.dict["DescendantFonts"]).(types.Array)
	if len(list) == 0 {
		return false
	}
	cid, _ := r.get(list[0]).(types.Dict)
	info, _ := r.get(cid["CIDSystemInfo"]).(types.Dict)
	switch textValue(r.get(info["Ordering"])) {
	case "GB1", "CNS1", "Japan1", "Korea1", "KR":
		return true
	}
	return false
}
