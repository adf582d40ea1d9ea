package pdfseal

import (
	"bytes"
	"fmt"
	"image"
	"sync/atomic"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/internal/pdf"
	"sealdesk/pdfseal/ses"
)

// markFlags are the flags of a mark: Print, Locked and LockedContents, and nothing else (ISO 32000-2, 12.5.3; rule I5).
const markFlags = 1<<2 | 1<<7 | 1<<9

// keyMarks lists, in the signature dictionary, the further marks of a seal; keySeal names, in a further mark, its signature
// dictionary (rule I5). keyStraddle holds the plan of a straddle seal, see slicePlan.
const (
	keyMarks    = "SDSK_Marks"
	keySeal     = "SDSK_Seal"
	keyStraddle = "SDSK_Straddle"
)

// seal picture as an image XObject: 8-bit DeviceRGB with the alpha channel as soft mask where the picture is not opaque. Both
// streams are lossless, so that a verifier can compare every pixel with the seal data (rule E5).
type pictureObjects struct {
	image, mask *types.StreamDict
}

// lastPicture is the picture that was made last: the documents of a batch get the same one. It is never written to.
var lastPicture atomic.Pointer[madePicture]

type madePicture struct {
	digest [32]byte // of the seal's picture: type and data
	made   *pictureObjects
}

// picturesFor makes the objects for a seal's picture. A picture that cannot be decoded is a *RequestError.
func picturesFor(pic ses.Picture) (*pictureObjects, error) {
	digest := pictureDigest(pic)
	if last := lastPicture.Load(); last != nil && last.digest == digest {
		return last.made, nil
	}
	img, err := pic.Decode()
	if err != nil {
		return nil, &RequestError{Field: "Seal", Key: "PICTURE_UNREADABLE", Err: err}
	}
	made, err := newPictureObjects(img)
	if err != nil {
		return nil, err
	}
	lastPicture.Store(&madePicture{digest, made})
	return made, nil
}

// pictureDigest identifies a seal's picture.
func pictureDigest(pic ses.Picture) [32]byte {
	return gm.SM3([]byte(pic.Type), []byte{0}, pic.Data)
}

func newPictureObjects(img *image.NRGBA) (*pictureObjects, error) {
	rgb, alpha, opaque := splitAlpha(img)
	if opaque {
		alpha = nil
	}
	size := 1
	xref := &model.XRefTable{Table: map[int]*model.XRefTableEntry{0: model.NewFreeHeadXRefTableEntry()}, Size: &size}
	w, h := img.Rect.Dx(), img.Rect.Dy()
	sd, err := model.CreateFlateImageStreamDict(xref, rgb, alpha, w, h, 8, "DeviceRGB")
	if err != nil {
		return nil, fmt.Errorf("pdfseal: seal picture: %w", err)
	}
	delete(sd.Dict, "Interpolate") // PDF/A forbids it, and the picture has enough pixels
	out := &pictureObjects{image: sd}
	if alpha == nil {
		return out, nil
	}
	for _, e := range xref.Table {
		switch o := e.Object.(type) {
		case types.StreamDict:
			out.mask = &o
		case *types.StreamDict:
			out.mask = o
		}
	}
	if out.mask == nil {
		return nil, fmt.Errorf("pdfseal: seal picture: no soft mask made")
	}
	delete(out.mask.Dict, "Interpolate")
	return out, nil
}

// splitAlpha separates colour and alpha. A fully transparent pixel is written white, so that a renderer that filters the colour
// channel draws no dark fringe.
func splitAlpha(img *image.NRGBA) (rgb, alpha []byte, opaque bool) {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	rgb, alpha, opaque = make([]byte, 3*w*h), make([]byte, w*h), true
	for y := range h {
		row := img.Pix[y*img.Stride : y*img.Stride+4*w]
		colours, alphas := rgb[3*w*y:3*w*(y+1)], alpha[w*y:w*(y+1)]
		for x := range alphas {
			c, pixel := colours[3*x:3*x+3:3*x+3], row[4*x:4*x+4:4*x+4]
			alphas[x] = pixel[3]
			opaque = opaque && pixel[3] == 255
			if pixel[3] == 0 {
				c[0], c[1], c[2] = 255, 255, 255
			} else {
				c[0], c[1], c[2] = pixel[0], pixel[1], pixel[2]
			}
		}
	}
	return rgb, alpha, opaque
}

// putPicture writes image and soft mask into the increment and returns the image's reference.
func (p *pictureObjects) put(inc *pdf.Increment) types.IndirectRef {
	d := p.image.Dict.Clone().(types.Dict)
	delete(d, "Length")
	if p.mask != nil {
		ref := inc.New()
		m := p.mask.Dict.Clone().(types.Dict)
		delete(m, "Length")
		inc.PutStream(ref, m, p.mask.Raw)
		d["SMask"] = ref
	}
	ref := inc.New()
	inc.PutStream(ref, d, p.image.Raw)
	return ref
}

// appearanceContent is the whole content stream of a mark: the picture, multiplied onto the page so that the text below stays
// readable (standards.md §2.4), filling w × h user-space units.
func appearanceContent(w, h float64) []byte {
	return fmt.Appendf(nil, "/GS gs q %s 0 0 %s 0 0 cm /Im Do Q", decimal(w), decimal(h))
}

// decimal writes a number the one way that appearanceContent uses.
func decimal(f float64) string {
	b := bytes.TrimRight(fmt.Appendf(nil, "%.4f", f), "0")
	return string(bytes.TrimRight(b, "."))
}

// wholeBox is the /BBox of a mark that shows the whole seal, of w × h upright user-space units.
func wholeBox(w, h float64) types.Array {
	return types.Array{types.Integer(0), types.Integer(0), types.Float(round4(w)), types.Float(round4(h))}
}

// putAppearance writes the appearance form of a mark.
func putAppearance(inc *pdf.Increment, img types.IndirectRef, s sheet, box types.Array, content []byte) types.IndirectRef {
	ref := inc.New()
	inc.PutStream(ref, types.Dict{
		"Type": types.Name("XObject"), "Subtype": types.Name("Form"), "FormType": types.Integer(1),
		"BBox":   box,
		"Matrix": s.matrix(),
		"Resources": types.Dict{
			"ExtGState": types.Dict{"GS": types.Dict{"Type": types.Name("ExtGState"), "BM": types.Name("Multiply")}},
			"XObject":   types.Dict{"Im": img},
		},
	}, content)
	return ref
}
