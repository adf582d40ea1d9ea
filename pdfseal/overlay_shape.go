package pdfseal

import "math"

// matrix maps (x, y) to (a·x + c·y + e, b·x + d·y + f) (ISO 32000-2, 8.3.3).
type matrix [6]float64

var identity = matrix{1, 0, 0, 1, 0, 0}

// then applies m first and n afterwards.
func (m matrix) then(n matrix) matrix {
	return matrix{m[0]*n[0] + m[1]*n[2], m[0]*n[1] + m[1]*n[3], m[2]*n[0] + m[3]*n[2], m[2]*n[1] + m[3]*n[3],
		m[4]*n[0] + m[5]*n[2] + n[4], m[4]*n[1] + m[5]*n[3] + n[5]}
}

func (m matrix) apply(x, y float64) point {
	return point{m[0]*x + m[2]*y + m[4], m[1]*x + m[3]*y + m[5]}
}

type point struct{ x, y float64 }

// region is what a path encloses, in default user space of the page.
type region struct {
	loops   [][]point
	evenOdd bool
	box     [4]float64
}

// maxPathPoints bounds a path; what of one that is longer is not followed.
const maxPathPoints = 20_000

func newRegion(loops [][]point, evenOdd bool) *region {
	return &region{loops, evenOdd, boxOf(loops...)}
}

// boxOf is the smallest rectangle that holds all points; without any it is empty.
func boxOf(loops ...[]point) [4]float64 {
	box := [4]float64{math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)}
	for _, l := range loops {
		for _, p := range l {
			box = [4]float64{min(box[0], p.x), min(box[1], p.y), max(box[2], p.x), max(box[3], p.y)}
		}
	}
	return box
}

// square is the region of a rectangle under a matrix.
func square(m matrix, x0, y0, x1, y1 float64) *region {
	return newRegion([][]point{{m.apply(x0, y0), m.apply(x1, y0), m.apply(x1, y1), m.apply(x0, y1)}}, false)
}

// holds tells whether p lies inside, by the rule of the path.
func (r *region) holds(p point) bool {
	if p.x < r.box[0] || p.x > r.box[2] || p.y < r.box[1] || p.y > r.box[3] {
		return false
	}
	turns := 0
	for _, l := range r.loops {
		for i, a := range l {
			b := l[(i+1)%len(l)]
			if (a.y <= p.y) == (b.y <= p.y) {
				continue
			}
			if a.x+(p.y-a.y)/(b.y-a.y)*(b.x-a.x) <= p.x {
				continue
			}
			if a.y < b.y {
				turns++
			} else {
				turns--
			}
		}
	}
	if r.evenOdd {
		return turns%2 != 0
	}
	return turns != 0
}

// edges is how many lines a test against the region follows.
func (r *region) edges() (n int) {
	for _, l := range r.loops {
		n += len(l)
	}
	return n
}

// clip is a region within which is painted, and those around it.
type clip struct {
	in    *region
	up    *clip
	depth int
	cost  int64 // of a test, in lines that are followed
}

// maxClips bounds how many regions are followed; beyond it a region only widens what may be covered.
const maxClips = 64

// within clips further.
func (c *clip) within(r *region) *clip {
	out := &clip{in: r, up: c, depth: 1, cost: int64(r.edges())}
	if c != nil {
		if c.depth >= maxClips {
			return c
		}
		out.depth, out.cost = c.depth+1, c.cost+out.cost
	}
	return out
}

// price is what a test costs.
func (c *clip) price() int64 {
	if c == nil {
		return 0
	}
	return c.cost
}

func (c *clip) holds(p point) bool {
	for ; c != nil; c = c.up {
		if !c.in.holds(p) {
			return false
		}
	}
	return true
}

// path collects the loops of a path in default user space.
type path struct {
	loops  [][]point
	at     point // in the space of the path
	points int
}

func (p *path) move(m matrix, x, y float64) {
	p.at = point{x, y}
	if p.points++; p.points <= maxPathPoints {
		p.loops = append(p.loops, []point{m.apply(x, y)})
	}
}

func (p *path) line(m matrix, x, y float64) {
	if len(p.loops) == 0 {
		p.move(m, x, y)
		return
	}
	p.at = point{x, y}
	if p.points++; p.points <= maxPathPoints {
		last := len(p.loops) - 1
		p.loops[last] = append(p.loops[last], m.apply(x, y))
	}
}

// curve follows a Bézier curve by a few straight lines.
func (p *path) curve(m matrix, b, c, d point) {
	const steps = 6
	a := p.at
	for i := 1; i <= steps; i++ {
		t := float64(i) / steps
		u := 1 - t
		k0, k1, k2, k3 := u*u*u, 3*u*u*t, 3*u*t*t, t*t*t
		p.line(m, k0*a.x+k1*b.x+k2*c.x+k3*d.x, k0*a.y+k1*b.y+k2*c.y+k3*d.y)
	}
}
