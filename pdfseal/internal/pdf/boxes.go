package pdf

import (
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

// letter is the page size that the common viewers assume where a page has no /MediaBox.
var letter = [4]float64{0, 0, 612, 792}

// mediaBox normalises /MediaBox. A page without one, or with an empty one, is taken as US Letter, as pdfium, Poppler and pdf.js do,
// and noted.
func (v *View) mediaBox(p *Page, o types.Object) ([4]float64, error) {
	box, ok, err := v.box(p, o, "MediaBox")
	if err != nil {
		return box, err
	}
	if !ok || empty(box) {
		v.f.addNote(Note{"S10", v.offset(p.Ref), "page without a usable /MediaBox, taken as 612 by 792"})
		return letter, nil
	}
	return box, nil
}

// cropBox normalises /CropBox and clips it to the media box (ISO 32000-2, 14.11.2). Where nothing remains the media box is used, as
// pdfium does, and noted.
func (v *View) cropBox(p *Page, o types.Object) ([4]float64, error) {
	box, ok, err := v.box(p, o, "CropBox")
	if err != nil || !ok {
		return p.MediaBox, err
	}
	for i := range 2 {
		box[i] = max(box[i], p.MediaBox[i])
		box[i+2] = min(box[i+2], p.MediaBox[i+2])
	}
	if empty(box) {
		v.f.addNote(Note{"S10", v.offset(p.Ref), "/CropBox outside /MediaBox, not used"})
		return p.MediaBox, nil
	}
	return box, nil
}

func empty(b [4]float64) bool { return !(b[0] < b[2] && b[1] < b[3]) }

// box reads a rectangle and orders its corners; ok is false where there is none.
func (v *View) box(p *Page, o types.Object, key string) (box [4]float64, ok bool, err error) {
	a, err := v.Array(o)
	if err != nil || a == nil {
		return box, false, err
	}
	if len(a) != 4 {
		return box, false, syntax("S10", v.offset(p.Ref), "/%s of page object %d is no rectangle", key, p.Ref.ObjectNumber)
	}
	for i, n := range a {
		if box[i], ok, err = v.Number(n); err != nil || !ok {
			return box, false, syntax("S10", v.offset(p.Ref), "/%s of page object %d is no rectangle", key, p.Ref.ObjectNumber)
		}
	}
	for i := range 2 {
		box[i], box[i+2] = min(box[i], box[i+2]), max(box[i], box[i+2])
	}
	return box, true, nil
}

// rotation reads /Rotate modulo 360; negative values turn the other way. A value that is no multiple of 90 is taken as 0, as pdf.js
// and PDFBox do, and noted: pdfium rounds it down to a quarter turn, so that viewers do not agree.
func (v *View) rotation(p *Page, o types.Object) (int, error) {
	x, ok, err := v.Number(o)
	if err != nil || !ok {
		return 0, err
	}
	n := int(max(-1<<30, min(x, 1<<30)))
	if float64(n) != x || n%90 != 0 {
		v.f.addNote(Note{Rule: "S10", Offset: v.offset(p.Ref), Msg: "/Rotate is no multiple of 90, taken as 0"})
		return 0, nil
	}
	return (n%360 + 360) % 360, nil
}
