package training

import (
	"image"
	"image/draw"
	"math"

	"github.com/go-text/typesetting/font"
	ot "github.com/go-text/typesetting/font/opentype"
	"golang.org/x/image/vector"
)

// pt2 is a point in millimetres.
type pt2 struct{ x, y float64 }

// outline is a set of closed polygons, filled by the non-zero rule.
type outline [][]pt2

// glyphOutline answers the polygons of a glyph in font units, y upwards, with no edge longer than step.
func (t *typeface) glyphOutline(g font.GID, step float64) outline {
	data, ok := t.face.GlyphData(g).(font.GlyphOutline)
	if !ok {
		return nil
	}
	var out outline
	var cur []pt2
	flush := func() {
		if len(cur) > 2 {
			out = append(out, line(cur, cur[0], step))
		}
		cur = nil
	}
	at := func(p ot.SegmentPoint) pt2 { return pt2{float64(p.X), float64(p.Y)} }
	for _, s := range data.Segments {
		switch s.Op {
		case ot.SegmentOpMoveTo:
			flush()
			cur = []pt2{at(s.Args[0])}
		case ot.SegmentOpLineTo:
			cur = line(cur, at(s.Args[0]), step)
		case ot.SegmentOpQuadTo:
			cur = curve(cur, step, at(s.Args[0]), at(s.Args[1]))
		case ot.SegmentOpCubeTo:
			cur = curve(cur, step, at(s.Args[0]), at(s.Args[1]), at(s.Args[2]))
		}
	}
	flush()
	return out
}

// line appends the way from the last point to p.
func line(to []pt2, p pt2, step float64) []pt2 {
	from := to[len(to)-1]
	n := int(math.Ceil(math.Hypot(p.x-from.x, p.y-from.y)/step)) + 1
	for i := 1; i <= n; i++ {
		f := float64(i) / float64(n)
		to = append(to, pt2{from.x + f*(p.x-from.x), from.y + f*(p.y-from.y)})
	}
	return to
}

// curve appends a Bézier curve from the last point over the control points.
func curve(to []pt2, step float64, control ...pt2) []pt2 {
	points := append([]pt2{to[len(to)-1]}, control...)
	length := 0.0
	for i := 1; i < len(points); i++ {
		length += math.Hypot(points[i].x-points[i-1].x, points[i].y-points[i-1].y)
	}
	n := max(8, int(math.Ceil(length/step)))
	for i := 1; i <= n; i++ {
		to = append(to, casteljau(points, float64(i)/float64(n)))
	}
	return to
}

func casteljau(points []pt2, f float64) pt2 {
	p := append([]pt2(nil), points...)
	for n := len(p) - 1; n > 0; n-- {
		for i := range n {
			p[i] = pt2{p[i].x + f*(p[i+1].x-p[i].x), p[i].y + f*(p[i+1].y-p[i].y)}
		}
	}
	return p[0]
}

// through maps every point.
func (o outline) through(f func(pt2) pt2) outline {
	out := make(outline, len(o))
	for i, poly := range o {
		out[i] = make([]pt2, len(poly))
		for j, p := range poly {
			out[i][j] = f(p)
		}
	}
	return out
}

// bounds answers the box of the outline.
func (o outline) bounds() (low, high pt2) {
	low, high = pt2{math.Inf(1), math.Inf(1)}, pt2{math.Inf(-1), math.Inf(-1)}
	for _, poly := range o {
		for _, p := range poly {
			low = pt2{math.Min(low.x, p.x), math.Min(low.y, p.y)}
			high = pt2{math.Max(high.x, p.x), math.Max(high.y, p.y)}
		}
	}
	return low, high
}

// fill answers the coverage of outlines, in millimetres around the centre with y upwards, on a square of n pixels, scale pixels to
// the millimetre. Outlines may overlap.
func fill(n int, scale float64, outlines ...outline) *image.Alpha {
	mask := image.NewAlpha(image.Rect(0, 0, n, n))
	half := float64(n) / 2
	raster := vector.NewRasterizer(n, n)
	for _, o := range outlines {
		raster.Reset(n, n)
		for _, poly := range o {
			for i, p := range poly {
				x, y := float32(half+p.x*scale), float32(half-p.y*scale)
				if i == 0 {
					raster.MoveTo(x, y)
				} else {
					raster.LineTo(x, y)
				}
			}
			raster.ClosePath()
		}
		raster.DrawOp = draw.Over
		raster.Draw(mask, mask.Bounds(), image.Opaque, image.Point{})
	}
	return mask
}

// grow widens what mask covers by radius pixels on every side.
func grow(mask *image.Alpha, radius float64) *image.Alpha {
	type offset struct{ x, y int }
	var disc []offset
	r := int(math.Ceil(radius))
	for y := -r; y <= r; y++ {
		for x := -r; x <= r; x++ {
			if math.Hypot(float64(x), float64(y)) <= radius {
				disc = append(disc, offset{x, y})
			}
		}
	}
	out := image.NewAlpha(mask.Rect)
	w, h := mask.Rect.Dx(), mask.Rect.Dy()
	for y := range h {
		for x := range w {
			v := mask.Pix[y*mask.Stride+x]
			if v == 0 {
				continue
			}
			if inside(mask, x, y) {
				out.Pix[y*out.Stride+x] = v
				continue
			}
			for _, d := range disc {
				if px, py := x+d.x, y+d.y; px >= 0 && py >= 0 && px < w && py < h {
					at := &out.Pix[py*out.Stride+px]
					*at = max(*at, v)
				}
			}
		}
	}
	return out
}

// inside tells whether a pixel and its neighbours on four sides are fully covered: it cannot widen anything.
func inside(mask *image.Alpha, x, y int) bool {
	w, h := mask.Rect.Dx(), mask.Rect.Dy()
	if x == 0 || y == 0 || x == w-1 || y == h-1 {
		return false
	}
	i := y*mask.Stride + x
	return mask.Pix[i]&mask.Pix[i-1]&mask.Pix[i+1]&mask.Pix[i-mask.Stride]&mask.Pix[i+mask.Stride] == 0xFF
}
