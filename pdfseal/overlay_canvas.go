package pdfseal

import (
	"math"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

// What hides something.
const (
	byPicture = iota + 1
	byShape
)

// painted is a piece of text or a picture on the page, known by the points that are looked at: two for each letter, one above the other.
type painted struct {
	points []point // finite and within what is shown
	dark   []bool  // by pair of points: something opaque lies over both
	n      int     // how many pairs do
	under  int     // byPicture where pictures alone do
	box    [4]float64
	font   *overlayFont // nil for a picture
	again  bool         // the same text was painted there once more
}

// gone tells whether it cannot be seen, or not as it was: a picture that is wholly hidden, a text of which at least two letters are.
func (p *painted) gone() bool {
	if p.font == nil {
		return p.n == len(p.dark)
	}
	return !p.again && (p.n >= 2 || p.n == len(p.dark))
}

// extent is where it stands; the points of letters lie in their middle, and what is around them is about as wide as they are apart.
func (p *painted) extent() [4]float64 {
	d := math.Hypot(p.points[0].x-p.points[1].x, p.points[0].y-p.points[1].y)
	return [4]float64{p.box[0] - d, p.box[1] - d, p.box[2] + d, p.box[3] + d}
}

// canvas is a page while it is painted.
type canvas struct {
	*overlaySearch
	box      [4]float64 // what of the page is shown
	items    []painted
	points   []point // room for those of the items; a slice that grows leaves earlier items theirs
	dark     []bool
	rows     map[int][]int    // items by the strip of the page
	texts    map[string][]int // texts by what they show
	pictures float64          // area of opaque pictures
	hidden   [4]float64
	lost     bool // not everything was followed
}

// rowHeight is the height of a strip in user space units.
const rowHeight = 16

func row(y float64) int { return int(math.Floor(max(-1e6, min(1e6, y)) / rowHeight)) }

// put adds an item with those of its pairs of points that can be seen.
func (c *canvas) put(pairs []point, st *paintState, font *overlayFont, raw []byte) {
	if len(c.items) >= maxPainted || len(c.points) >= maxPoints {
		c.lost = true
		return
	}
	seen := func(p point) bool {
		return p.x > c.box[0] && p.x < c.box[2] && p.y > c.box[1] && p.y < c.box[3] && st.clip.holds(p)
	}
	c.work -= st.clip.price() * int64(len(pairs))
	from := len(c.points)
	for i := 0; i+1 < len(pairs); i += 2 {
		if seen(pairs[i]) && seen(pairs[i+1]) {
			c.points = append(c.points, pairs[i], pairs[i+1])
		}
	}
	n := len(c.points) - from
	if n == 0 {
		return
	}
	c.dark = append(c.dark, make([]bool, n/2)...)
	it := painted{font: font, points: c.points[from:], dark: c.dark[len(c.dark)-n/2:], box: boxOf(c.points[from:])}
	num := len(c.items)
	c.items = append(c.items, it)
	for y := row(it.box[1]); y <= row(it.box[3]); y++ {
		c.rows[y] = append(c.rows[y], num)
	}
	if font == nil {
		return
	}
	const (
		near   = 2  // user space units
		latest = 32 // of the same text are compared
	)
	same := c.texts[string(raw)]
	for _, i := range same[max(0, len(same)-latest):] {
		old := &c.items[i]
		if old.font == font && math.Abs(old.points[0].x-it.points[0].x) <= near && math.Abs(old.points[0].y-it.points[0].y) <= near {
			old.again = true
		}
	}
	c.texts[string(raw)] = append(same, num)
}

// smallest is the height and width, in user space units, below which something covers no letter.
const smallest = 2

// cover puts something opaque over what was painted before. solid, where given, tells whether it really is.
func (c *canvas) cover(r *region, st paintState, by int, solid func() bool) {
	if !st.opaque() || r.box[2]-r.box[0] < smallest || r.box[3]-r.box[1] < smallest {
		return
	}
	if by == byPicture {
		w, h := min(r.box[2], c.box[2])-max(r.box[0], c.box[0]), min(r.box[3], c.box[3])-max(r.box[1], c.box[1])
		c.pictures += max(0, w) * max(0, h)
	}
	known := solid == nil
	price := int64(r.edges()) + st.clip.price()
	under := func(i int) bool {
		it := &c.items[i]
		c.work--
		if it.box[0] > r.box[2] || it.box[2] < r.box[0] || it.box[1] > r.box[3] || it.box[3] < r.box[1] {
			return c.work > 0
		}
		for k := range it.dark {
			if it.dark[k] {
				continue
			}
			c.work -= price
			low, high := it.points[2*k], it.points[2*k+1]
			if !r.holds(low) || !r.holds(high) || !st.clip.holds(low) || !st.clip.holds(high) {
				continue
			}
			if !known {
				if !solid() {
					return false
				}
				known = true
			}
			it.dark[k] = true
			if it.n++; it.n == 1 || by != byPicture {
				it.under = by
			}
		}
		return c.work > 0
	}
	from, to := row(r.box[1]), row(r.box[3])
	if to-from > 1000 {
		for i := range c.items {
			if !under(i) {
				return
			}
		}
		return
	}
	for y := from; y <= to; y++ {
		for _, i := range c.rows[y] {
			if !under(i) {
				return
			}
		}
	}
}

// picture paints an image; a large one is an item itself.
func (c *canvas) picture(num int, d types.Dict, st *paintState) {
	r := square(st.ctm, 0, 0, 1, 1)
	c.cover(r, *st, byPicture, func() bool { return c.solidPicture(num, d) })
	c.pictureItem(r, st)
}

func (c *canvas) pictureItem(r *region, st *paintState) {
	const least = 15 // user space units, 5 mm
	w, h := r.box[2]-r.box[0], r.box[3]-r.box[1]
	if w < least || h < least || w*h > 0.5*(c.box[2]-c.box[0])*(c.box[3]-c.box[1]) || st.alpha < 0.05 {
		return
	}
	var pairs []point
	for _, x := range []float64{0.1, 0.5, 0.9} {
		for _, y := range []float64{0.1, 0.5, 0.9} {
			p := st.ctm.apply(x, y)
			pairs = append(pairs, p, p)
		}
	}
	c.put(pairs, st, nil, nil)
}

// solidPicture tells whether a picture lets nothing through. A mask all of whose samples are opaque is none.
func (c *canvas) solidPicture(num int, d types.Dict) bool {
	if known, ok := c.solid[num]; ok && num != 0 {
		return known
	}
	out := c.isSolid(d)
	c.solid[num] = out
	return out
}

func (c *canvas) isSolid(d types.Dict) bool {
	if mask, err := c.view.Resolve(d["ImageMask"]); err != nil || mask == types.Boolean(true) {
		w, _, _ := c.view.Int(d["Width"])
		h, _, _ := c.view.Int(d["Height"])
		return err == nil && w*h <= 4 // a single dot is drawn out to a filled rectangle
	}
	if n, ok, err := c.view.Int(d["SMaskInData"]); err != nil || ok && n != 0 {
		return false
	}
	if m, err := c.view.Resolve(d["Mask"]); err != nil || m != nil {
		return false
	}
	sd, err := c.view.Stream(d["SMask"])
	if err != nil {
		return false
	}
	if sd == nil {
		return true
	}
	data, err := c.stream(sd)
	if err != nil || sd.Dict["Decode"] != nil {
		return false
	}
	for _, b := range data {
		if b != 0xff {
			return false
		}
	}
	return true
}
