package training

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math"
	"testing"
)

// picture reads a seal back from its PNG.
func picture(t *testing.T, d Design) *image.NRGBA {
	t.Helper()
	raw, err := pictureOf(d)
	if err != nil {
		t.Fatal(err)
	}
	if len(raw) > 50_000 {
		t.Errorf("picture of %d bytes: too large for a UsbKey", len(raw))
	}
	if !bytes.Contains(raw, []byte("pHYs")) {
		t.Error("the picture does not state its resolution")
	}
	back, err := png.Decode(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	from, ok := back.(*image.Paletted)
	if !ok {
		t.Fatalf("%T", back)
	}
	palette := make([]color.NRGBA, len(from.Palette))
	for i, c := range from.Palette {
		palette[i] = color.NRGBAModel.Convert(c).(color.NRGBA)
	}
	out := image.NewNRGBA(from.Rect)
	for y := range out.Rect.Dy() {
		for x := range out.Rect.Dx() {
			out.SetNRGBA(x, y, palette[from.ColorIndexAt(x, y)])
		}
	}
	return out
}

// along walks from the centre outwards at angle a and answers the radii, in pixels, at which opacity crosses one half.
func along(img *image.NRGBA, a float64) (crossings []float64) {
	half := float64(img.Rect.Dx()) / 2
	in := false
	for r := 0.0; r < half+2; r += 0.1 {
		x, y := int(math.Floor(half+r*math.Sin(a))), int(math.Floor(half-r*math.Cos(a)))
		now := image.Pt(x, y).In(img.Rect) && img.NRGBAAt(x, y).A > 200
		if now != in {
			crossings = append(crossings, r)
			in = now
		}
	}
	return crossings
}

func TestDesign_ring(t *testing.T) {
	for _, u := range practiceUnits {
		t.Run(u.name, func(t *testing.T) {
			img := picture(t, u.design)
			mm := float64(u.design.Diameter) / float64(img.Rect.Dx())
			if dpi := 25.4 / mm; math.Abs(dpi-DPI) > 0.5 {
				t.Errorf("%v dpi", dpi)
			}
			for degree := 0; degree < 360; degree += 3 {
				c := along(img, float64(degree)*math.Pi/180)
				if len(c) < 2 {
					t.Fatalf("%d°: no ring", degree)
				}
				outer, inner := c[len(c)-1]*mm, c[len(c)-2]*mm
				if math.Abs(2*outer-float64(u.design.Diameter)) > 0.2 {
					t.Errorf("%d°: diameter %.2f mm", degree, 2*outer)
				}
				if w := outer - inner; w < 1.15 || w > 1.35 {
					t.Errorf("%d°: ring of %.2f mm", degree, w)
				}
			}
		})
	}
}

func TestDesign_ground(t *testing.T) {
	for _, u := range practiceUnits {
		img := picture(t, u.design)
		n := img.Rect.Dx()
		for _, p := range []image.Point{{0, 0}, {n - 1, 0}, {0, n - 1}, {n - 1, n - 1}, {n / 2, n * 85 / 100}} {
			if a := img.NRGBAAt(p.X, p.Y).A; a != 0 {
				t.Errorf("%s: ground at %v has alpha %d", u.name, p, a)
			}
		}
		if c := img.NRGBAAt(n/2, n/2); c != sealRed {
			t.Errorf("%s: centre of the star is %v", u.name, c)
		}
		pale := 0
		for y := range n {
			for x := range n {
				c := img.NRGBAAt(x, y)
				if c.A > 0 && (c.R != sealRed.R || c.G != sealRed.G || c.B != sealRed.B) {
					t.Fatalf("%s: colour %v at %d,%d", u.name, c, x, y)
				}
				if c.A > 70 && c.A < 100 {
					pale++
				}
			}
		}
		if share := float64(pale) / float64(n*n); share < 0.02 || share > 0.12 {
			t.Errorf("%s: 样章 covers %.1f%% of the picture", u.name, 100*share)
		}
	}
}

func TestDesign_deterministic(t *testing.T) {
	d := practiceUnits[1].design
	img, err := d.Draw()
	if err != nil {
		t.Fatal(err)
	}
	again, err := encodePNG(img, DPI)
	if err != nil {
		t.Fatal(err)
	}
	first, err := pictureOf(d)
	if err != nil || !bytes.Equal(first, again) {
		t.Errorf("two drawings of a seal differ (%v)", err)
	}
}

// The star is in the middle and symmetrical, its points where a regular star has them.
func TestStar(t *testing.T) {
	points := star(10)[0]
	if len(points) != 10 {
		t.Fatal(len(points))
	}
	var sum pt2
	for i, p := range points {
		sum.x, sum.y = sum.x+p.x, sum.y+p.y
		want := 10.0
		if i%2 == 1 {
			want = 3.8197
		}
		if r := math.Hypot(p.x, p.y); math.Abs(r-want) > 1e-3 {
			t.Errorf("point %d at radius %v", i, r)
		}
	}
	if math.Hypot(sum.x, sum.y) > 1e-9 || points[0].x != 0 {
		t.Errorf("off centre by %v, first point %v", sum, points[0])
	}
}

// Han characters stand at equal angles, upright to the circle, apart from each other, the ring and the star.
func TestDesign_hanArc(t *testing.T) {
	for _, u := range practiceUnits {
		d := u.design
		_, top, err := d.mongolianArc()
		if err != nil {
			t.Fatal(err)
		}
		top -= bandGap * d.radius()
		chars, err := d.hanArc(top)
		if err != nil {
			t.Fatal(err)
		}
		n := len([]rune(d.Han))
		if len(chars) != n {
			t.Fatalf("%d of %d characters", len(chars), n)
		}
		step := hanStep(n)
		if gap := 2*math.Pi - step*float64(n-1); gap < 2*step {
			t.Errorf("%s: the arc closes at the bottom", u.name)
		}
		for i, c := range chars {
			a := step * (float64(i) - float64(n-1)/2)
			back := c.through(func(p pt2) pt2 { return pt2{p.x*math.Cos(a) - p.y*math.Sin(a), p.x*math.Sin(a) + p.y*math.Cos(a)} })
			low, high := back.bounds()
			height := hanHeight * d.radius()
			if low.x < -height/2 || high.x > height/2 || high.y > top || low.y < top-height*1.02 {
				t.Errorf("%s: character %d lies in %v %v", u.name, i, low, high)
			}
			if low.y < starRadius*d.radius()+1 {
				t.Errorf("%s: character %d touches the star", u.name, i)
			}
			if width := step * (top - height); width < height*hanNarrow {
				t.Errorf("%s: %.2f mm for a character of %.2f mm", u.name, width, height*hanNarrow)
			}
		}
	}
}

// The Mongolian name is shaped (every letter has its joined form, a suffix is not a word), symmetrical and inside its band.
func TestDesign_mongolianArc(t *testing.T) {
	for _, u := range practiceUnits {
		lines, ink, err := u.design.mongolianArc()
		if err != nil {
			t.Fatal(err)
		}
		lowest, highest, left, right := math.Inf(1), 0.0, 0.0, 0.0
		for _, o := range lines {
			for _, poly := range o {
				for _, p := range poly {
					r := math.Hypot(p.x, p.y)
					lowest, highest = math.Min(lowest, r), math.Max(highest, r)
					a := math.Atan2(p.x, p.y)
					left, right = math.Min(left, a), math.Max(right, a)
				}
			}
		}
		if inner := u.design.radius() - u.design.Ring; highest > inner-0.5 || highest < inner-1 {
			t.Errorf("%s: ink up to %.2f mm, ring from %.2f mm", u.name, highest, inner)
		}
		if math.Abs(lowest-ink) > 0.05 {
			t.Errorf("%s: ink from %.2f mm, said %.2f", u.name, lowest, ink)
		}
		if math.Abs(left+right) > 0.15 || right-left > 2*math.Pi*0.83 {
			t.Errorf("%s: from %.2f to %.2f rad", u.name, left, right)
		}
	}
	joined, _, err := shape("ᠠᠷᠠᠳ\u202fᠤᠨ")
	if err != nil {
		t.Fatal(err)
	}
	apart, _, err := shape("ᠠ ᠷ ᠠ ᠳ ᠤ ᠨ")
	if err != nil {
		t.Fatal(err)
	}
	word, _, err := shape("ᠠᠷᠠᠳ ᠤᠨ")
	if err != nil {
		t.Fatal(err)
	}
	_, j := joined.bounds()
	_, a := apart.bounds()
	_, w := word.bounds()
	if j.x >= 0.9*a.x || j.x >= w.x {
		t.Errorf("joined %.2f em, apart %.2f, with a space %.2f", j.x, a.x, w.x)
	}
}

func TestDesign_refusals(t *testing.T) {
	good := practiceUnits[1].design
	for name, change := range map[string]func(*Design){
		"short":        func(d *Design) { d.Han = "旗" },
		"rare":         func(d *Design) { d.Han = "示范旗\U00020000局" },
		"no mongolian": func(d *Design) { d.Mongolian = "" },
		"latin":        func(d *Design) { d.Mongolian = "abc" },
	} {
		d := good
		change(&d)
		if _, err := d.Draw(); err == nil {
			t.Errorf("%s: drawn", name)
		}
	}
}
