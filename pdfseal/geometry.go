package pdfseal

import (
	"math"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"sealdesk/pdfseal/internal/pdf"
)

// sheet maps millimetres on the upright visible page (from its left and top edge) to default user space. The visible page is the
// crop box, turned clockwise by /Rotate, with /UserUnit taken into account (ISO 32000-2, 7.7.3.3 and 8.3.2.3).
type sheet struct {
	box    [4]float64
	rotate int
	unit   float64 // user-space units per millimetre
}

func newSheet(p *pdf.Page) sheet {
	return sheet{box: p.CropBox, rotate: p.Rotate, unit: 72 / 25.4 / p.UserUnit}
}

// size returns width and height of the upright visible page in millimetres.
func (s sheet) size() (w, h float64) {
	w, h = (s.box[2]-s.box[0])/s.unit, (s.box[3]-s.box[1])/s.unit
	if s.rotate == 90 || s.rotate == 270 {
		return h, w
	}
	return w, h
}

// point maps (x, y) in millimetres from left and top to user space.
func (s sheet) point(x, y float64) (ux, uy float64) {
	u, v := x*s.unit, y*s.unit
	switch s.rotate {
	case 90:
		return s.box[0] + v, s.box[1] + u
	case 180:
		return s.box[2] - u, s.box[1] + v
	case 270:
		return s.box[2] - v, s.box[3] - u
	default:
		return s.box[0] + u, s.box[3] - v
	}
}

// locate is the inverse of point.
func (s sheet) locate(ux, uy float64) (x, y float64) {
	switch s.rotate {
	case 90:
		x, y = uy-s.box[1], ux-s.box[0]
	case 180:
		x, y = s.box[2]-ux, uy-s.box[1]
	case 270:
		x, y = s.box[3]-uy, s.box[2]-ux
	default:
		x, y = ux-s.box[0], s.box[3]-uy
	}
	return x / s.unit, y / s.unit
}

// rect returns the user-space rectangle of a mark of w × h millimetres whose centre is (x, y).
func (s sheet) rect(x, y, w, h float64) [4]float64 {
	ax, ay := s.point(x-w/2, y-h/2)
	bx, by := s.point(x+w/2, y+h/2)
	return [4]float64{math.Min(ax, bx), math.Min(ay, by), math.Max(ax, bx), math.Max(ay, by)}
}

// mark is the inverse of rect: where a rectangle lies on the upright visible page.
func (s sheet) mark(page int, r [4]float64) PlacedMark {
	ax, ay := s.locate(r[0], r[1])
	bx, by := s.locate(r[2], r[3])
	return PlacedMark{Page: page, X: round2((ax + bx) / 2), Y: round2((ay + by) / 2),
		W: round2(math.Abs(bx - ax)), H: round2(math.Abs(by - ay))}
}

// matrix turns an upright appearance so that it stands upright on the rotated page.
func (s sheet) matrix() types.Array {
	m := [4]int{1, 0, 0, 1}
	switch s.rotate {
	case 90:
		m = [4]int{0, 1, -1, 0}
	case 180:
		m = [4]int{-1, 0, 0, -1}
	case 270:
		m = [4]int{0, -1, 1, 0}
	}
	return types.NewIntegerArray(m[0], m[1], m[2], m[3], 0, 0)
}

// inside tells whether r lies within box, with a tolerance of 0.01 units for rounding.
func inside(r, box [4]float64) bool {
	const eps = 0.01
	return r[0] >= box[0]-eps && r[1] >= box[1]-eps && r[2] <= box[2]+eps && r[3] <= box[3]+eps
}

// near tells whether two rectangles are the same, with a tolerance of 0.01 units for rounding.
func near(a, b [4]float64) bool {
	return inside(a, b) && inside(b, a)
}

// overlap tells whether two rectangles share more than a touching edge.
func overlap(a, b [4]float64) bool {
	const eps = 0.01
	return a[0] < b[2]-eps && b[0] < a[2]-eps && a[1] < b[3]-eps && b[1] < a[3]-eps
}

// numbers reads an array of n numbers; finite ones only.
func numbers(o types.Object, n int) ([]float64, bool) {
	a, ok := o.(types.Array)
	if !ok || len(a) != n {
		return nil, false
	}
	out := make([]float64, n)
	for i, e := range a {
		switch v := e.(type) {
		case types.Integer:
			out[i] = float64(v)
		case types.Float:
			out[i] = float64(v)
		default:
			return nil, false
		}
		if math.IsNaN(out[i]) || math.IsInf(out[i], 0) {
			return nil, false
		}
	}
	return out, true
}

// rectangle reads a /Rect and puts its corners in order.
func rectangle(o types.Object) ([4]float64, bool) {
	v, ok := numbers(o, 4)
	if !ok {
		return [4]float64{}, false
	}
	return [4]float64{math.Min(v[0], v[2]), math.Min(v[1], v[3]), math.Max(v[0], v[2]), math.Max(v[1], v[3])}, true
}

func rectArray(r [4]float64) types.Array {
	return types.Array{types.Float(round4(r[0])), types.Float(round4(r[1])), types.Float(round4(r[2])), types.Float(round4(r[3]))}
}

func round2(f float64) float64 { return math.Round(f*100) / 100 }
func round4(f float64) float64 { return math.Round(f*1e4) / 1e4 }
