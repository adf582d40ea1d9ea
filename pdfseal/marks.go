package pdfseal

import (
	"bytes"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"sealdesk/pdfseal/internal/pdf"
	"sealdesk/pdfseal/ses"
)

// markOf is one visible mark of a seal as it stands in a document.
type markOf struct {
	ref   types.IndirectRef
	dict  types.Dict
	page  int // 0: on no page, or on more than one
	sheet sheet
	rect  [4]float64
	first bool // the field's own widget
}

// marksOf lists the marks of a seal: the field's widget (or, in files of others, the widgets of its kids), then the stamps that its
// signature dictionary lists. on tells on which pages each annotation stands.
func (c *candidate) marksOf(v *pdf.View, on map[int][]int) ([]markOf, error) {
	var refs []types.IndirectRef
	if c.field.dict["Subtype"] != nil {
		refs = append(refs, c.field.ref)
	}
	kids, err := v.Array(c.field.dict["Kids"])
	if err != nil {
		return nil, err
	}
	own := len(refs)
	listed, _ := c.dict[keyMarks].(types.Array)
	for _, o := range append(kids[:len(kids):len(kids)], listed...) {
		if r, ok := o.(types.IndirectRef); ok {
			refs = append(refs, r)
		}
	}
	var out []markOf
	for i, r := range refs {
		d, err := v.Dict(r)
		if err != nil {
			return nil, err
		}
		m := markOf{ref: r, dict: d, first: i < own}
		if pages := on[r.ObjectNumber.Value()]; len(pages) == 1 {
			m.page = pages[0]
			p, err := v.Page(m.page)
			if err != nil {
				return nil, err
			}
			m.sheet = newSheet(p)
		}
		m.rect, _ = rectangle(d["Rect"])
		out = append(out, m)
	}
	return out, nil
}

// annotPages tells for every annotation object on which pages it stands; an annotation listed twice on a page counts twice.
func annotPages(v *pdf.View) (map[int][]int, error) {
	n, err := v.PageCount()
	if err != nil {
		return nil, err
	}
	on := map[int][]int{}
	for i := 1; i <= n; i++ {
		p, err := v.Page(i)
		if err != nil {
			return nil, err
		}
		if p.Dict["Annots"] == nil {
			continue
		}
		annots, err := v.Array(p.Dict["Annots"])
		if err != nil {
			return nil, err
		}
		for _, a := range annots {
			if r, ok := a.(types.IndirectRef); ok {
				on[r.ObjectNumber.Value()] = append(on[r.ObjectNumber.Value()], i)
			}
		}
	}
	return on, nil
}

// checkMarks applies rules I5 (shape of the marks) and E5 (they show the seal's picture), and lists them in the report.
func (c *candidate) checkMarks(f *pdf.File, on map[int][]int) error {
	v := f.At(c.rev)
	marks, err := c.marksOf(v, on)
	if err != nil {
		return err
	}
	for _, m := range marks {
		if m.page > 0 {
			c.rep.Marks = append(c.rep.Marks, m.sheet.mark(m.page, m.rect))
		}
	}
	if c.closed {
		return nil
	}
	s, err := ses.ParseSignature(c.der)
	if err != nil {
		return nil // no SES container: judged as such already
	}
	if !c.ours() {
		c.unsure("E5", ReasonUnsupported, "appearance of another product", map[string]string{"detail": "appearance"})
		return nil
	}
	if len(marks) == 0 {
		c.fail("I5", ReasonMark, "seal has no visible mark", map[string]string{"page": "0"})
		return nil
	}
	if msg, page := c.badMark(f, marks); msg != "" {
		c.fail("I5", ReasonMark, msg, map[string]string{"page": fmt.Sprint(page)})
		return nil
	}
	if num, err := c.unlisted(f, v, marks); err != nil {
		return err
	} else if num > 0 {
		c.fail("I5", ReasonMark, fmt.Sprintf("object %d names this seal, which does not list it", num), map[string]string{"page": "0"})
		return nil
	}
	c.pass("I5", fmt.Sprintf("%d marks, each on one page, printed and locked", len(marks)))
	return c.checkPicture(f, v, marks, s.Seal.Picture)
}

// unlisted finds an annotation of the seal's own revision that claims to be its mark and is not listed; 0 is none.
func (c *candidate) unlisted(f *pdf.File, v *pdf.View, marks []markOf) (int, error) {
	known := map[int]bool{}
	for _, m := range marks {
		known[m.ref.ObjectNumber.Value()] = true
	}
	entries := f.Revisions()[c.rev].Entries
	for _, num := range slices.Sorted(maps.Keys(entries)) {
		if e := entries[num]; known[num] || e.Kind == pdf.Free {
			continue
		}
		o, err := v.Get(num, entries[num].Gen)
		if err != nil {
			return 0, err
		}
		if d, ok := o.(types.Dict); ok && d[keySeal] == c.sigRef {
			return num, nil
		}
	}
	return 0, nil
}

// badMark says what is wrong with the first mark that breaks rule I5.
func (c *candidate) badMark(f *pdf.File, marks []markOf) (msg string, page int) {
	if !marks[0].first {
		return "field has no widget of its own", marks[0].page
	}
	perPage := map[int]int{}
	for i, m := range marks {
		if perPage[m.page]++; perPage[m.page] > maxMarksPerPage {
			return "too many marks on one page", m.page
		}
		if msg := c.badShape(f, m); msg != "" {
			return msg, m.page
		}
		for _, n := range marks[:i] {
			if n.page == m.page && overlap(n.rect, m.rect) {
				return "marks of one seal overlap", m.page
			}
		}
	}
	return "", 0
}

// markKeys are the only keys that a mark of ours carries; an /OC or /AS could hide it, an /A could act.
var (
	widgetKeys = map[string]bool{"Type": true, "Subtype": true, "FT": true, "T": true, "V": true, "Rect": true, "P": true, "F": true, "AP": true}
	stampKeys  = map[string]bool{"Type": true, "Subtype": true, "Rect": true, "P": true, "F": true, "AP": true, keySeal: true}
)

func (c *candidate) badShape(f *pdf.File, m markOf) string {
	rev, _, ok := f.At(c.rev).Where(m.ref.ObjectNumber.Value())
	if !ok || rev != c.rev {
		return "mark was not made with its seal"
	}
	keys, sub := stampKeys, types.Name("Stamp")
	if m.first {
		keys, sub = widgetKeys, "Widget"
	} else if m.dict[keySeal] != c.sigRef {
		return "mark does not name its seal"
	}
	for k := range m.dict {
		if !keys[k] {
			return "mark carries /" + k
		}
	}
	if m.dict["Subtype"] != sub {
		return "mark is not a " + string(sub)
	}
	if m.page == 0 {
		return "mark does not stand on exactly one page"
	}
	page, err := f.At(c.rev).Page(m.page)
	if err != nil || m.dict["P"] != page.Ref {
		return "mark names another page"
	}
	if m.dict["F"] != types.Integer(markFlags) {
		return "mark is hidden, not printed or not locked"
	}
	if m.rect[2]-m.rect[0] <= 0 || m.rect[3]-m.rect[1] <= 0 || !inside(m.rect, page.CropBox) {
		return "mark is empty or off the visible page"
	}
	return ""
}

// checkPicture applies rules E6, E5 and P2: each mark's appearance is one form that draws one image, the seal's picture, at its true size.
func (c *candidate) checkPicture(f *pdf.File, v *pdf.View, marks []markOf, pic ses.Picture) error {
	img, err := pic.Decode()
	if err != nil {
		c.unsure("E6", ReasonPictureType, err.Error(), map[string]string{"type": printable(pic.Type, 16)})
		return nil
	}
	rgb, alpha, opaque := splitAlpha(img)
	if opaque {
		alpha = nil
	}
	want := &wantPicture{f: f, v: v, rgb: rgb, alpha: alpha, w: img.Rect.Dx(), h: img.Rect.Dy(), done: map[int]string{}}
	for _, m := range marks {
		msg := want.appearance(m)
		if msg == "" {
			size := m.sheet.mark(m.page, m.rect)
			if math.Abs(size.W-float64(pic.WidthMM)) > 0.2 || math.Abs(size.H-float64(pic.HeightMM)) > 0.2 {
				msg = fmt.Sprintf("mark is %.1f × %.1f mm, the seal %d × %d", size.W, size.H, pic.WidthMM, pic.HeightMM)
			}
		}
		if msg != "" {
			c.fail("E5", ReasonImage, msg, map[string]string{"page": fmt.Sprint(m.page)})
			return nil
		}
	}
	c.pass("E6", "picture readable and of its stated type")
	c.pass("E5", "each mark draws the seal's picture, pixel by pixel")
	return nil
}

// wantPicture compares appearances with one seal picture.
type wantPicture struct {
	f          *pdf.File
	v          *pdf.View
	rgb, alpha []byte
	w, h       int
	done       map[int]string // by image object
}

// appearance says how a mark's appearance differs from what rule P2 allows; "" is equality.
func (p *wantPicture) appearance(m markOf) string {
	ap, ok := m.dict["AP"].(types.Dict)
	if !ok || len(ap) != 1 {
		return "appearance dictionary is not just /N"
	}
	o, err := p.v.Resolve(ap["N"])
	form, ok := o.(types.StreamDict)
	if err != nil || !ok {
		return "appearance is not one form"
	}
	if !onlyKeys(form.Dict, "Type", "Subtype", "FormType", "BBox", "Matrix", "Resources", "Length") || form.Dict["Subtype"] != types.Name("Form") {
		return "appearance form carries other keys"
	}
	box, ok := numbers(form.Dict["BBox"], 4)
	if !ok || box[0] != 0 || box[1] != 0 || !bytes.Equal(pdf.FormatObject(form.Dict["Matrix"]), pdf.FormatObject(m.sheet.matrix())) {
		return "appearance form has another box or matrix"
	}
	raw, err := p.f.RawStream(&form, 256)
	if err != nil || !bytes.Equal(raw, appearanceContent(box[2], box[3])) {
		return "appearance draws something else than the picture"
	}
	res, _ := form.Dict["Resources"].(types.Dict)
	xo, _ := res["XObject"].(types.Dict)
	gs, _ := res["ExtGState"].(types.Dict)
	ref, ok := xo["Im"].(types.IndirectRef)
	if !ok || len(res) != 2 || len(xo) != 1 || string(pdf.FormatObject(gs)) != string(pdf.FormatObject(types.Dict{"GS": types.Dict{"Type": types.Name("ExtGState"), "BM": types.Name("Multiply")}})) {
		return "appearance has other resources"
	}
	n := ref.ObjectNumber.Value()
	if _, ok := p.done[n]; !ok {
		p.done[n] = p.image(ref)
	}
	return p.done[n]
}

// image says how an image XObject differs from the picture.
func (p *wantPicture) image(ref types.IndirectRef) string {
	o, err := p.v.Resolve(ref)
	sd, ok := o.(types.StreamDict)
	if err != nil || !ok {
		return "picture is not an image"
	}
	if msg := p.plane(sd, "DeviceRGB", p.rgb); msg != "" {
		return msg
	}
	if p.alpha == nil {
		if sd.Dict["SMask"] != nil {
			return "opaque picture has a soft mask"
		}
		return ""
	}
	o, err = p.v.Resolve(sd.Dict["SMask"])
	mask, ok := o.(types.StreamDict)
	if err != nil || !ok || mask.Dict["SMask"] != nil {
		return "picture has no plain soft mask"
	}
	return p.plane(mask, "DeviceGray", p.alpha)
}

// plane compares one lossless image stream.
func (p *wantPicture) plane(sd types.StreamDict, space types.Name, want []byte) string {
	if !onlyKeys(sd.Dict, "Type", "Subtype", "Width", "Height", "BitsPerComponent", "ColorSpace", "Filter", "Length", "SMask") ||
		sd.Dict["Subtype"] != types.Name("Image") || sd.Dict["Width"] != types.Integer(p.w) || sd.Dict["Height"] != types.Integer(p.h) ||
		sd.Dict["BitsPerComponent"] != types.Integer(8) || sd.Dict["ColorSpace"] != space || sd.Dict["Filter"] != types.Name("FlateDecode") {
		return "picture has another form than the seal's"
	}
	got, err := p.f.ReadStream(&sd, int64(len(want))+1)
	if err != nil || !bytes.Equal(got, want) {
		return "pixels differ from the seal's picture"
	}
	return ""
}

func onlyKeys(d types.Dict, keys ...string) bool {
	n := 0
	for _, k := range keys {
		if _, ok := d[k]; ok {
			n++
		}
	}
	return n == len(d)
}

// standing is a mark of an earlier seal: where a new mark must not stand (rule I5).
type standing struct {
	page int
	rect [4]float64
}

// sealMarks lists the marks of all seals of a document.
func sealMarks(f *pdf.File) ([]standing, error) {
	all, err := findCandidates(f)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	v := f.Latest()
	on, err := annotPages(v)
	if err != nil {
		return nil, err
	}
	var out []standing
	for _, c := range all {
		marks, err := c.marksOf(v, on)
		if err != nil {
			return nil, err
		}
		for _, m := range marks {
			if m.page > 0 {
				out = append(out, standing{m.page, m.rect})
			}
		}
	}
	return out, nil
}
