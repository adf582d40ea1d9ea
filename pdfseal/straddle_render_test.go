package pdfseal_test

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"sealdesk/pdfseal"
	"sealdesk/pdfseal/sealtest"
)

// The seal of these tests: no two slices of its picture are alike, and it is not like its mirror image.
const (
	wedgeW, wedgeH = 30, 24 // millimetres
	wedgePixels    = 10     // per millimetre
)

// inWedge tells whether the seal is red at a point, in millimetres from its left and top edge: a frame and everything below a diagonal.
func inWedge(x, y float64) bool {
	return x < 1.5 || y < 1.5 || x > wedgeW-1.5 || y > wedgeH-1.5 || x/wedgeW+0.15 < y/wedgeH
}

func wedge(t testing.TB) []byte {
	t.Helper()
	img := image.NewNRGBA(image.Rect(0, 0, wedgeW*wedgePixels, wedgeH*wedgePixels))
	for y := range img.Rect.Dy() {
		for x := range img.Rect.Dx() {
			if inWedge((float64(x)+0.5)/wedgePixels, (float64(y)+0.5)/wedgePixels) {
				img.SetNRGBA(x, y, color.NRGBA{R: 0xe6, A: 0xff})
			}
		}
	}
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// fanned is a stack of rendered pages whose edges are fanned out.
type fanned struct {
	pages  []*image.RGBA
	px     []float64    // millimetres of a pixel of each page
	size   [][2]float64 // of each page in millimetres
	edge   pdfseal.Edge
	centre float64
}

// at tells whether the stack is red at a point of the seal, in millimetres from its left and top edge, and how coarse the page there is. The
// n-th page is what is seen in the n-th strip counted from the inner side of the fan; each strip is taken from the very edge of its page.
func (f *fanned) at(x, y float64) (red bool, px float64) {
	n := float64(len(f.pages))
	across, whole := x, float64(wedgeW)
	if f.edge == pdfseal.EdgeTop || f.edge == pdfseal.EdgeBottom {
		across, whole = y, wedgeH
	}
	strip := whole / n
	k := int(across / strip)
	in := across - float64(k)*strip // within the strip
	page := k
	if f.edge == pdfseal.EdgeLeft || f.edge == pdfseal.EdgeTop {
		page = len(f.pages) - 1 - k
	}
	w, h := f.size[page][0], f.size[page][1]
	switch f.edge {
	case pdfseal.EdgeRight:
		x, y = w-strip+in, f.centre-wedgeH/2+y
	case pdfseal.EdgeLeft:
		x, y = in, f.centre-wedgeH/2+y
	case pdfseal.EdgeBottom:
		x, y = f.centre-wedgeW/2+x, h-strip+in
	case pdfseal.EdgeTop:
		x, y = f.centre-wedgeW/2+x, in
	}
	return f.red(page, x, y), f.px[page]
}

// red tells whether a page is red at a point in millimetres.
func (f *fanned) red(page int, x, y float64) bool {
	img, px := f.pages[page], f.px[page]
	c := img.RGBAAt(min(int(x/px), img.Rect.Dx()-1), min(int(y/px), img.Rect.Dy()-1))
	return int(c.R)-int(c.G) > 100
}

// wrong counts the points of the seal that neither are what the picture has within 0.3 mm and half a pixel, nor have within that distance what
// the picture has there: an engine may draw the last pixel of a slice or of a page softly.
func (f *fanned) wrong() (wrong, points int) {
	const step = 0.2
	for y := step / 2; y < wedgeH; y += step {
		for x := step / 2; x < wedgeW; x += step {
			points++
			red, px := f.at(x, y)
			if !f.right(x, y, red, 0.3+px/2) {
				wrong++
			}
		}
	}
	return wrong, points
}

func (f *fanned) right(x, y float64, red bool, d float64) bool {
	for _, dx := range []float64{-d, 0, d} {
		for _, dy := range []float64{-d, 0, d} {
			if inWedge(x+dx, y+dy) == red {
				return true
			}
			if there, _ := f.at(min(max(x+dx, 0), wedgeW-0.01), min(max(y+dy, 0), wedgeH-0.01)); there == inWedge(x, y) {
				return true
			}
		}
	}
	return false
}

// beyond counts red points next to the slices: further in on the page, and past their ends.
func (f *fanned) beyond() int {
	n := 0
	for i := range f.pages {
		img, px := f.pages[i], f.px[i]
		for y := range img.Rect.Dy() {
			for x := range img.Rect.Dx() {
				mx, my := (float64(x)+0.5)*px, (float64(y)+0.5)*px
				if f.red(i, mx, my) && !f.within(i, mx, my, 0.3+px/2) {
					n++
				}
			}
		}
	}
	return n
}

func (f *fanned) within(page int, x, y, d float64) bool {
	w, h, n := f.size[page][0], f.size[page][1], float64(len(f.pages))
	along, length, from, strip := y, float64(wedgeH), w-x, wedgeW/n
	switch f.edge {
	case pdfseal.EdgeLeft:
		from = x
	case pdfseal.EdgeTop:
		along, length, from, strip = x, wedgeW, y, wedgeH/n
	case pdfseal.EdgeBottom:
		along, length, from, strip = x, wedgeW, h-y, wedgeH/n
	}
	return from < strip+d && along > f.centre-length/2-d && along < f.centre+length/2+d
}

// TestStraddle_rendered fans out pages of different shapes as two engines draw them: together they show the whole seal, and nothing else of it
// is to be seen on any page.
func TestStraddle_rendered(t *testing.T) {
	o := newOffice(t)
	tool(t, "pdftoppm")
	seal, err := o.pki.NewSeal(sealtest.SealSpec{ID: "15250100000000", Name: "示范旗人民政府", Type: 1, Picture: wedge(t), PictureType: "PNG", WidthMM: wedgeW, HeightMM: wedgeH,
		ValidFrom: now.AddDate(-1, 0, 0), ValidTo: now.AddDate(2, 0, 0), Version: 4}, o.holder[0])
	if err != nil {
		t.Fatal(err)
	}
	for name, doc := range map[string][]byte{
		"plain":   sheets(7, a4),
		"shapes":  document(a4, page{"0 0 842 595", "/Rotate 90"}, page{"0 0 842 595", "/Rotate 270"}, page{"0 0 595 842", "/Rotate 180"}, page{"-50 -70 545 772", "/CropBox [0 20 500 700]"}),
		"mixed":   document(a4, page{"0 0 842 1191", ""}, page{"0 0 420 595", "/Rotate -90"}, page{"595 842 0 0", "/Rotate 450 /CropBox [100 150 500 700]"}),
		"units":   document(page{"0 0 300 420", "/UserUnit 2"}, page{"0 0 420 300", "/UserUnit 2 /Rotate 90"}),
		"unequal": document(page{"0 0 300 420", "/UserUnit 2"}, a4, page{"0 0 420 300", "/UserUnit 2 /Rotate 90 /CropBox [30 20 400 280]"}),
	} {
		if !isLong() && name != "shapes" && name != "unequal" {
			continue
		}
		for _, edge := range pdfseal.Edges() {
			t.Run(name+" "+string(edge), func(t *testing.T) { fanOut(t, o, seal, doc, edge) })
		}
	}
}

func fanOut(t *testing.T, o *office, seal, doc []byte, edge pdfseal.Edge) {
	inv, err := pdfseal.Inspect(t.Context(), bytes.NewReader(doc), nil)
	if err != nil {
		t.Fatal(err)
	}
	const centre = 61.5
	req := o.request(0)
	req.Seal, req.Straddle = seal, &pdfseal.Straddle{Edge: edge, Pages: upTo(inv.Pages), Centre: centre}
	var out bytes.Buffer
	if _, err := pdfseal.Affix(t.Context(), &out, bytes.NewReader(doc), req); err != nil {
		t.Fatal(err)
	}
	rep := o.verify(t, out.Bytes())
	wantAccepted(t, rep, 1)
	if g := pdfseal.StraddleGroups(rep.Seals[0].Marks); len(g) != 1 || g[0].Centre != centre {
		t.Fatalf("groups %+v", g)
	}
	path := filepath.Join(t.TempDir(), "straddled.pdf")
	if err := os.WriteFile(path, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := qpdfSays(t, path); got != "clean" {
		t.Errorf("qpdf --check: %s", got)
	}
	for name, render := range engines(t) {
		f := &fanned{edge: edge, centre: centre}
		for n := range inv.Pages {
			w, h, err := pdfseal.PageSize(t.Context(), bytes.NewReader(doc), n+1)
			if err != nil {
				t.Fatal(err)
			}
			img, err := render(t.Context(), path, n+1)
			if err != nil {
				t.Fatal(err)
			}
			f.pages, f.px, f.size = append(f.pages, img), append(f.px, w/float64(img.Rect.Dx())), append(f.size, [2]float64{w, h})
		}
		if wrong, points := f.wrong(); wrong > 0 {
			t.Errorf("%s: %d of %d points of the seal differ", name, wrong, points)
		}
		if n := f.beyond(); n > 0 {
			t.Errorf("%s: %d red points beyond the slices", name, n)
		}
		// The test can fail: the pages in another order do not make the seal.
		f.pages[0], f.pages[1], f.px[0], f.px[1], f.size[0], f.size[1] = f.pages[1], f.pages[0], f.px[1], f.px[0], f.size[1], f.size[0]
		if wrong, points := f.wrong(); wrong < points/50 {
			t.Errorf("%s: two pages exchanged, and %d of %d points differ", name, wrong, points)
		}
	}
}
