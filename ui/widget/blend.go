package widget

import (
	"image"
	"image/draw"

	scale "golang.org/x/image/draw"
)

// scaled returns a picture at a size in pixels, smoothly.
func scaled(src image.Image, w, h int) *image.NRGBA {
	out := image.NewNRGBA(image.Rect(0, 0, max(1, w), max(1, h)))
	scale.CatmullRom.Scale(out, out.Rect, src, src.Bounds(), draw.Src, nil)
	return out
}

// multiply returns the part of a page below a seal with the seal multiplied onto it, as it prints (blend mode Multiply,
// ISO 32000-2, 11.3.5.2). Outside the page it is transparent.
func multiply(page *image.RGBA, seal *image.NRGBA, at image.Point) *image.NRGBA {
	out := image.NewNRGBA(seal.Rect)
	for y := range seal.Rect.Dy() {
		for x := range seal.Rect.Dx() {
			p := image.Pt(at.X+x, at.Y+y)
			if !p.In(page.Rect) {
				continue
			}
			s := seal.Pix[seal.PixOffset(x, y):]
			b := page.Pix[page.PixOffset(p.X, p.Y):]
			o := out.Pix[out.PixOffset(x, y):]
			a := uint32(s[3])
			for i := range 3 {
				ground, ink := uint32(b[i]), uint32(s[i])
				o[i] = uint8((ground*(255-a) + ground*ink/255*a) / 255)
			}
			o[3] = 0xFF
		}
	}
	return out
}
