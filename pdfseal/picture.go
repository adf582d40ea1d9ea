package pdfseal

import (
	"bytes"
	"fmt"
	"math"
	"sync"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/internal/pdf"
	"sealdesk/pdfseal/ses"
)

// checkPicture applies rules E6, E5 and P2: each mark's appearance is one form that draws one image, the seal's picture, at its true size.
func (c *candidate) checkPicture(f *pdf.File, v *pdf.View, marks []markOf, pic ses.Picture) error {
	want := &wantPicture{f: f, v: v, pic: pic, digest: pictureDigest(pic), done: map[int]string{}}
	if !knownPictures.has(want.digest) {
		if err := want.decode(); err != nil {
			c.unsure("E6", ReasonPictureType, err.Error(), map[string]string{"type": printable(pic.Type, 16)})
			return nil
		}
		knownPictures.put(want.digest)
	}
	for _, m := range marks {
		rule, msg := want.mark(m)
		if msg != "" {
			c.fail(rule, ReasonImage, msg, map[string]string{"page": fmt.Sprint(m.page)})
			return nil
		}
		if m.plan != nil && !want.part(m) {
			c.fail("E5", ReasonSlicePart, "slice draws another part of the picture than the plan has it", map[string]string{"page": fmt.Sprint(m.page)})
			return nil
		}
	}
	c.pass("E6", "picture readable and of its stated type")
	c.pass("P2", "each appearance is one form that draws one image")
	c.pass("E5", "each mark draws the seal's picture, pixel by pixel, or its part of it")
	return nil
}

// wantPicture compares appearances with one seal picture. The picture is decoded at most once, and only where it or the image to
// be compared with it has not been seen before.
type wantPicture struct {
	f          *pdf.File
	v          *pdf.View
	pic        ses.Picture
	digest     [32]byte // of type and data
	rgb, alpha []byte   // nil before decode; alpha also where the picture is opaque
	w, h       int
	done       map[int]string // by image object
}

func (p *wantPicture) decode() error {
	if p.rgb != nil {
		return nil
	}
	img, err := p.pic.Decode()
	if err != nil {
		return err
	}
	rgb, alpha, opaque := splitAlpha(img)
	if opaque {
		alpha = nil
	}
	p.rgb, p.alpha, p.w, p.h = rgb, alpha, img.Rect.Dx(), img.Rect.Dy()
	return nil
}

// mark says which rule a mark breaks, and how: P2 by what its appearance is, E5 by its size and the image that it draws. The size of a slice
// was judged with its place.
func (p *wantPicture) mark(m markOf) (rule, msg string) {
	size := m.sheet.mark(m.page, m.rect)
	if m.plan == nil && (math.Abs(size.W-float64(p.pic.WidthMM)) > 0.2 || math.Abs(size.H-float64(p.pic.HeightMM)) > 0.2) {
		return "E5", fmt.Sprintf("mark is %.1f × %.1f mm, the seal %d × %d", size.W, size.H, p.pic.WidthMM, p.pic.HeightMM)
	}
	img, msg := p.appearance(m)
	if msg != "" {
		return "P2", msg
	}
	n := img.ObjectNumber.Value()
	if _, ok := p.done[n]; !ok {
		p.done[n] = p.image(img)
	}
	return "E5", p.done[n]
}

// appearance finds the image that a mark draws, and says how its appearance differs from what rule P2 allows; "" is equality.
func (p *wantPicture) appearance(m markOf) (img types.IndirectRef, msg string) {
	ap, ok := m.dict["AP"].(types.Dict)
	if !ok || len(ap) != 1 {
		return img, "appearance dictionary is not just /N"
	}
	o, err := p.v.Resolve(ap["N"])
	form, ok := o.(types.StreamDict)
	if err != nil || !ok {
		return img, "appearance is not one form"
	}
	if !onlyKeys(form.Dict, "Type", "Subtype", "FormType", "BBox", "Matrix", "Resources", "Length") || form.Dict["Type"] != types.Name("XObject") ||
		form.Dict["Subtype"] != types.Name("Form") || form.Dict["FormType"] != types.Integer(1) {
		return img, "appearance form carries other keys, or is of another type"
	}
	w, h := float64(p.pic.WidthMM)*m.sheet.unit, float64(p.pic.HeightMM)*m.sheet.unit
	if min(w, h) < minBox || m.plan == nil && !sameObject(form.Dict["BBox"], wholeBox(w, h)) || !sameObject(form.Dict["Matrix"], m.sheet.matrix()) { // part judges the box of a slice
		return img, "appearance form has another box or matrix"
	}
	raw, err := p.f.RawStream(&form, 256)
	if err != nil || !bytes.Equal(raw, appearanceContent(round4(w), round4(h))) {
		return img, "appearance draws something else than the picture"
	}
	res, _ := form.Dict["Resources"].(types.Dict)
	xo, _ := res["XObject"].(types.Dict)
	gs, _ := res["ExtGState"].(types.Dict)
	img, ok = xo["Im"].(types.IndirectRef)
	if !ok || len(res) != 2 || len(xo) != 1 || string(pdf.FormatObject(gs)) != string(pdf.FormatObject(types.Dict{"GS": types.Dict{"Type": types.Name("ExtGState"), "BM": types.Name("Multiply")}})) {
		return img, "appearance has other resources"
	}
	return img, ""
}

// minBox is the least side of an appearance's box: what is smaller might be drawn as nothing. A seal is 1 mm at least, and where it comes to
// less than this the page has an absurd /UserUnit.
const minBox = 0.01

// part tells whether a slice shows its part of the picture: the box of its appearance is exactly the one that is written for it. Since each
// slice of the plan is there, stands in its place and shows its part, they make the whole picture (rule E5).
func (p *wantPicture) part(m markOf) bool {
	ap, _ := m.dict["AP"].(types.Dict)
	o, err := p.v.Resolve(ap["N"])
	form, ok := o.(types.StreamDict)
	return err == nil && ok && sameObject(form.Dict["BBox"], m.plan.piece.box(m.sheet))
}

// image says how an image XObject differs from the picture. An image that was once found equal, byte for byte as it stands in the
// file, is not compared again: in a batch the same seal comes back with every document.
func (p *wantPicture) image(ref types.IndirectRef) string {
	img, mask, msg := p.streams(ref)
	if msg != "" {
		return msg
	}
	key, err := p.imageKey(img, mask)
	if err != nil {
		return "picture cannot be read"
	}
	if equalImages.has(key) {
		return ""
	}
	if err := p.decode(); err != nil {
		return err.Error()
	}
	switch {
	case p.alpha == nil && mask != nil:
		return "opaque picture has a soft mask"
	case p.alpha != nil && mask == nil:
		return "picture has no plain soft mask"
	}
	if msg := p.plane(img, "DeviceRGB", p.rgb); msg != "" {
		return msg
	}
	if mask != nil {
		if msg := p.plane(mask, "DeviceGray", p.alpha); msg != "" {
			return msg
		}
	}
	equalImages.put(key)
	return ""
}

// streams fetches an image and its soft mask, which is nil where there is none.
func (p *wantPicture) streams(ref types.IndirectRef) (img, mask *types.StreamDict, msg string) {
	o, err := p.v.Resolve(ref)
	sd, ok := o.(types.StreamDict)
	if err != nil || !ok {
		return nil, nil, "picture is not an image"
	}
	if sd.Dict["SMask"] == nil {
		return &sd, nil, ""
	}
	o, err = p.v.Resolve(sd.Dict["SMask"])
	m, ok := o.(types.StreamDict)
	if err != nil || !ok || m.Dict["SMask"] != nil {
		return nil, nil, "picture has no plain soft mask"
	}
	return &sd, &m, ""
}

// maxImage bounds the stored bytes of an image that are read for its key.
const maxImage = 64 << 20

// imageKey is the digest of everything that plane looks at: the seal's picture, and of image and mask the dictionary without
// the reference to the mask and the bytes as stored. Each part is a digest of its own, so that none can run into the next.
func (p *wantPicture) imageKey(streams ...*types.StreamDict) ([32]byte, error) {
	parts := bytes.Clone(p.digest[:])
	for _, sd := range streams {
		if sd == nil {
			continue
		}
		d := types.Dict{}
		for k, v := range sd.Dict {
			if k != "SMask" {
				d[k] = v
			}
		}
		raw, err := p.f.RawStream(sd, maxImage)
		if err != nil {
			return [32]byte{}, err
		}
		dict, data := gm.SM3(pdf.FormatObject(d)), gm.SM3(raw)
		parts = append(append(parts, dict[:]...), data[:]...)
	}
	return gm.SM3(parts), nil
}

// plane compares one lossless image stream.
func (p *wantPicture) plane(sd *types.StreamDict, space types.Name, want []byte) string {
	if !onlyKeys(sd.Dict, "Type", "Subtype", "Width", "Height", "BitsPerComponent", "ColorSpace", "Filter", "Length", "SMask") ||
		sd.Dict["Type"] != types.Name("XObject") || sd.Dict["Subtype"] != types.Name("Image") || sd.Dict["Width"] != types.Integer(p.w) || sd.Dict["Height"] != types.Integer(p.h) ||
		sd.Dict["BitsPerComponent"] != types.Integer(8) || sd.Dict["ColorSpace"] != space || sd.Dict["Filter"] != types.Name("FlateDecode") {
		return "picture has another form than the seal's"
	}
	got, err := p.f.ReadStream(sd, int64(len(want))+1)
	if err != nil || !bytes.Equal(got, want) {
		return "pixels differ from the seal's picture"
	}
	return ""
}

// digestSet is a set of at most maxDigests digests, safe for concurrent use. When it is full it starts anew.
type digestSet struct {
	mu  sync.Mutex
	set map[[32]byte]struct{}
}

const maxDigests = 1024

// knownPictures are seal pictures that could be decoded; equalImages are images that were compared with one and found equal.
var knownPictures, equalImages digestSet

func (d *digestSet) has(k [32]byte) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	_, ok := d.set[k]
	return ok
}

func (d *digestSet) put(k [32]byte) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.set == nil || len(d.set) >= maxDigests {
		d.set = map[[32]byte]struct{}{}
	}
	d.set[k] = struct{}{}
}
