package sealtest

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
)

// SquarePicture draws a PNG of px × px pixels for measuring where a seal
// stands: on a transparent ground a solid red border, a tenth of the side
// wide, and a red cross through the centre. Its outermost pixels are red on
// all four sides. px below 8 counts as 8.
func SquarePicture(px int) []byte {
	px = max(px, 8)
	border, arm := max(px/10, 1), max(px/40, 1)
	red := color.NRGBA{R: 0xe6, A: 0xff}
	img := image.NewNRGBA(image.Rect(0, 0, px, px))
	near := func(v int) bool { return v >= px/2-arm && v < px-px/2+arm }
	edge := func(v int) bool { return v < border || v >= px-border }
	for y := range px {
		for x := range px {
			if edge(x) || edge(y) || near(x) || near(y) {
				img.SetNRGBA(x, y, red)
			}
		}
	}
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		panic("sealtest: a buffer refused the picture: " + err.Error())
	}
	return out.Bytes()
}
