package report

import (
	"image"
	"image/color"
	"image/draw"
	"strconv"

	"sealdesk/pdfseal/page"
)

// digits are the shapes of 0 to 9, five columns by seven rows, a row to a byte.
var digits = [10][7]byte{
	{0x0e, 0x11, 0x13, 0x15, 0x19, 0x11, 0x0e}, {0x04, 0x0c, 0x04, 0x04, 0x04, 0x04, 0x0e}, {0x0e, 0x11, 0x01, 0x02, 0x04, 0x08, 0x1f},
	{0x1f, 0x02, 0x04, 0x02, 0x01, 0x11, 0x0e}, {0x02, 0x06, 0x0a, 0x12, 0x1f, 0x02, 0x02}, {0x1f, 0x10, 0x1e, 0x01, 0x01, 0x11, 0x0e},
	{0x06, 0x08, 0x10, 0x1e, 0x11, 0x11, 0x0e}, {0x1f, 0x01, 0x02, 0x04, 0x08, 0x08, 0x08}, {0x0e, 0x11, 0x11, 0x0e, 0x11, 0x11, 0x0e},
	{0x0e, 0x11, 0x11, 0x0f, 0x01, 0x02, 0x0c},
}

// label writes a number in white on a patch of colour above the left upper corner of a region, or inside where the page ends.
func label(img draw.Image, r page.Region, n int, c color.Color) {
	const scale, pad = 2, 3
	text := strconv.Itoa(n)
	w, h := len(text)*6*scale-scale+2*pad, 7*scale+2*pad
	px := func(mm float64) int { return int(mm/25.4*dpi + 0.5) }
	b := img.Bounds()
	x := max(0, min(px(r.X)-4, b.Dx()-w))
	y := px(r.Y) - 4 - h
	if y < 0 {
		y = max(0, min(px(r.Y)-4, b.Dy()-h))
	}
	at := b.Min.Add(image.Pt(x, y))
	draw.Draw(img, image.Rectangle{at, at.Add(image.Pt(w, h))}.Intersect(b), image.NewUniform(c), image.Point{}, draw.Src)
	for i, d := range text {
		for row, bits := range digits[d-'0'] {
			for col := range 5 {
				if bits>>(4-col)&1 == 0 {
					continue
				}
				p := at.Add(image.Pt(pad+(i*6+col)*scale, pad+row*scale))
				draw.Draw(img, image.Rectangle{p, p.Add(image.Pt(scale, scale))}.Intersect(b), image.White, image.Point{}, draw.Src)
			}
		}
	}
}
