package training

import (
	"fmt"
	"image"
	"image/color"
	"math"
)

// Design says what a seal looks like: round, a ring, a five-pointed star, the Mongolian name on the outer arc and the Han name on
// the inner one (国发〔1999〕25号; 内政办发〔1996〕32号, article 3; standards.md, 5.2).
type Design struct {
	Han       string  // 印文, characters of GB 2312
	Mongolian string  // in traditional script; words end at spaces, suffixes at U+202F
	Diameter  int     // outer edge of the ring in millimetres, which is the edge of the picture
	Ring      float64 // width of the ring in millimetres
}

// DPI is the resolution of seal pictures.
const DPI = 600

const (
	sealSampling = 2                   // supersampling in each direction
	hanHeight    = 0.208               // height of a Han character, to the radius
	hanNarrow    = 0.88                // width of a Han character to its height
	starRadius   = 0.292               // radius of the star, to that of the seal
	hanWeight    = 0.075               // millimetres by which the light Song type is made heavier, on each side
	maxMongolian = 0.163               // em of the Mongolian text, to the radius
	maxArc       = 290 * math.Pi / 180 // longest arc of the Mongolian text
	bandGap      = 0.034               // clear space between ring, outer and inner text, to the radius
	specimen     = "样章"
)

// sealRed is the colour of seals (GB/T 9704-2012, 7.3.5).
var sealRed = color.NRGBA{R: 0xE6, G: 0x00, B: 0x12, A: 0xFF}

// Draw draws the seal at 600 dpi on a transparent ground, with 样章 across. The palette has one red in 16 degrees of
// opacity, which keeps the seal small enough for the memory of a UsbKey.
func (d Design) Draw() (*image.Paletted, error) {
	px := int(math.Round(float64(d.Diameter) / 25.4 * DPI))
	n := px * sealSampling
	scale := float64(n) / float64(d.Diameter)
	lines, outerInk, err := d.mongolianArc()
	if err != nil {
		return nil, err
	}
	han, err := d.hanArc(outerInk - bandGap*d.radius())
	if err != nil {
		return nil, err
	}
	mark, err := d.specimen()
	if err != nil {
		return nil, err
	}
	solid := fill(n, scale, append(lines, d.ring(), star(starRadius*d.radius()))...)
	heavy := grow(fill(n, scale, han...), hanWeight*scale)
	across := grow(fill(n, scale, mark...), hanWeight*scale)
	return blend(px, solid, heavy, across), nil
}

func (d Design) radius() float64 { return float64(d.Diameter) / 2 }

// ring is the annulus at the edge; its inner edge runs the other way round.
func (d Design) ring() outline {
	const corners = 720
	var outer, inner []pt2
	for i := range corners {
		a := 2 * math.Pi * float64(i) / corners
		outer = append(outer, polar(d.radius(), a))
		inner = append(inner, polar(d.radius()-d.Ring, -a))
	}
	return outline{outer, inner}
}

// polar is the point at radius r, angle a clockwise from the top.
func polar(r, a float64) pt2 { return pt2{r * math.Sin(a), r * math.Cos(a)} }

// star is a regular five-pointed star, one point up.
func star(r float64) outline {
	inner := r * math.Sin(math.Pi/10) / math.Sin(3*math.Pi/10)
	var points []pt2
	for i := range 5 {
		a := 2 * math.Pi * float64(i) / 5
		points = append(points, polar(r, a), polar(inner, a+math.Pi/5))
	}
	return outline{points}
}

// hanArc sets the Han characters on an arc open at the bottom, their heads at radius top, each upright to the circle, at equal angles.
func (d Design) hanArc(top float64) ([]outline, error) {
	t, err := song()
	if err != nil {
		return nil, err
	}
	runes := []rune(d.Han)
	if len(runes) < 2 {
		return nil, fmt.Errorf("training: seal name %q is too short", d.Han)
	}
	height := hanHeight * d.radius()
	step := hanStep(len(runes))
	first := -step * float64(len(runes)-1) / 2
	var out []outline
	for i, r := range runes {
		g, err := t.glyph(r)
		if err != nil {
			return nil, err
		}
		box := t.glyphOutline(g, t.upem/40).through(t.square(height))
		a := first + step*float64(i)
		out = append(out, box.through(func(p pt2) pt2 {
			x, y := p.x*hanNarrow, p.y+top-height/2
			return pt2{x*math.Cos(a) + y*math.Sin(a), y*math.Cos(a) - x*math.Sin(a)}
		}))
	}
	return out, nil
}

// hanStep is the angle from one character to the next: wide for short names, never so that the arc closes at the bottom.
func hanStep(n int) float64 {
	return math.Min(34, 252/float64(n-1)) * math.Pi / 180
}

// square maps font units to a Han character of the given height around its own middle. The ideographic box of the Song font
// reaches from 12 % of the em below the base line to 88 % above it.
func (t *typeface) square(height float64) func(pt2) pt2 {
	const below = 0.12
	return func(p pt2) pt2 {
		return pt2{(p.x/t.upem - 0.5) * height, (p.y/t.upem + below - 0.5) * height}
	}
}

// specimen is the word 样章 across the seal, rising to the right.
func (d Design) specimen() ([]outline, error) {
	t, err := song()
	if err != nil {
		return nil, err
	}
	const tilt = 24 * math.Pi / 180
	size := 0.56 * d.radius()
	var out []outline
	for i, r := range []rune(specimen) {
		g, err := t.glyph(r)
		if err != nil {
			return nil, err
		}
		shift := (float64(i) - 0.5) * 1.5 * size
		out = append(out, t.glyphOutline(g, t.upem/40).through(t.square(size)).through(func(p pt2) pt2 {
			x, y := p.x+shift, p.y
			return pt2{x*math.Cos(tilt) - y*math.Sin(tilt), x*math.Sin(tilt) + y*math.Cos(tilt)}
		}))
	}
	return out, nil
}

// How 样章 shows: pale on the ground, and as a pale trace in what it crosses.
const (
	specimenOnGround = 0.34
	specimenOnInk    = 0.30
)

// blend reduces the masks to the picture of px pixels.
func blend(px int, solid, heavy, across *image.Alpha) *image.Paletted {
	img := image.NewPaletted(image.Rect(0, 0, px, px), opacities())
	for y := range px {
		for x := range px {
			ink := math.Max(mean(solid, x, y), mean(heavy, x, y))
			mark := mean(across, x, y)
			a := ink*(1-specimenOnInk*mark) + (1-ink)*specimenOnGround*mark
			img.Pix[y*img.Stride+x] = uint8(math.Round(opaque * a))
		}
	}
	return img
}

const opaque = 15 // the last entry of the palette

// opacities is the palette: entry i is the red of seals, i fifteenths opaque.
func opacities() color.Palette {
	p := make(color.Palette, opaque+1)
	for i := range p {
		c := sealRed
		c.A = uint8(255 / opaque * i)
		p[i] = c
	}
	return p
}

// mean is the coverage of a pixel of the picture, 0 to 1.
func mean(mask *image.Alpha, x, y int) float64 {
	sum := 0
	for sy := range sealSampling {
		row := mask.Pix[(y*sealSampling+sy)*mask.Stride+x*sealSampling:][:sealSampling]
		for _, v := range row {
			sum += int(v)
		}
	}
	return float64(sum) / (255 * sealSampling * sealSampling)
}
