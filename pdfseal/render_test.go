package pdfseal_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/draw"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"sealdesk/pdfseal"
	pagepic "sealdesk/pdfseal/page"
	"sealdesk/pdfseal/sealtest"
)

// renderer turns page n of a file into a picture of the upright visible page at renderDPI.
type renderer func(ctx context.Context, path string, n int) (*image.RGBA, error)

const renderDPI = 150

// engines are the two programs that judge where a seal stands.
func engines(t testing.TB) map[string]renderer {
	return map[string]renderer{"poppler": func(ctx context.Context, path string, n int) (*image.RGBA, error) {
		return popplerPage(ctx, t, path, n)
	}, "pdfium": pdfiumPage}
}

func popplerPage(ctx context.Context, t testing.TB, path string, n int) (*image.RGBA, error) {
	prefix := filepath.Join(t.TempDir(), "p")
	cmd := exec.CommandContext(ctx, "pdftoppm", "-r", fmt.Sprint(renderDPI), "-cropbox", "-f", fmt.Sprint(n), "-l", fmt.Sprint(n), "-singlefile", "-png", path, prefix)
	if msg, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("pdftoppm: %w: %s", err, msg)
	}
	b, err := os.ReadFile(prefix + ".png")
	if err != nil {
		return nil, err
	}
	img, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	out := image.NewRGBA(img.Bounds())
	draw.Draw(out, out.Rect, img, image.Point{}, draw.Src)
	return out, nil
}

func pdfiumPage(ctx context.Context, path string, n int) (*image.RGBA, error) {
	d, err := pagepic.Open(ctx, path)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	return d.Render(ctx, n, renderDPI)
}

// sized is a place for a seal on page n: the seal's size is chosen so that it fits the page.
type sized struct {
	pdfseal.Mark
	w, h int     // millimetres of the seal
	page float64 // width of the upright visible page in millimetres
	dark bool    // no white place was found
}

// pixelMM is the size of a pixel of a rendered page in millimetres.
func (s sized) pixelMM(img *image.RGBA) float64 { return s.page / float64(img.Rect.Dx()) }

// requestSized asks for a seal of the given size by the first unit.
func (o *office) requestSized(s sized) (pdfseal.Request, error) {
	req := o.request(0, s.Mark)
	seal, err := o.pki.NewSeal(sealtest.SealSpec{ID: "15250100000000", Name: "示范旗人民政府", Type: 1, Picture: sealtest.SquarePicture(64), PictureType: "PNG",
		WidthMM: s.w, HeightMM: s.h, ValidFrom: now.AddDate(-1, 0, 0), ValidTo: now.AddDate(2, 0, 0), Version: 4}, o.holder[0])
	req.Seal = seal
	return req, err
}

// placeOnPage chooses the middle of page n.
func placeOnPage(doc []byte, n int) (sized, error) {
	w, h, err := pdfseal.PageSize(context.Background(), bytes.NewReader(doc), n)
	if err != nil {
		return sized{}, err
	}
	side := max(1, min(42, int(min(w, h)/2)))
	return sized{Mark: pdfseal.Mark{Page: n, X: w / 2, Y: h / 2}, w: side, h: side, page: w}, nil
}

// whitest chooses, on a grid, the place of page 1 whose pixels are the brightest.
func whitest(doc []byte, img *image.RGBA) (sized, error) {
	s, err := placeOnPage(doc, 1)
	if err != nil {
		return s, err
	}
	px := s.pixelMM(img)
	h := float64(img.Rect.Dy()) * px
	side, best := float64(s.w), -1.0
	for i := range 9 {
		for j := range 9 {
			x := side/2 + 0.5 + (s.page-side-1)*float64(i)/8
			y := side/2 + 0.5 + (h-side-1)*float64(j)/8
			if light := brightness(img, (x-side/2)/px, (y-side/2)/px, side/px); light > best {
				best, s.X, s.Y = light, x, y
			}
		}
	}
	s.dark = best < 0.999
	return s, nil
}

// brightness is the mean brightness of a square, from 0 to 1.
func brightness(img *image.RGBA, x, y, side float64) float64 {
	r := image.Rect(int(x), int(y), int(x+side), int(y+side)).Intersect(img.Rect)
	if r.Empty() {
		return 0
	}
	sum := 0
	for yy := r.Min.Y; yy < r.Max.Y; yy++ {
		for xx := r.Min.X; xx < r.Max.X; xx++ {
			c := img.RGBAAt(xx, yy)
			sum += int(c.R) + int(c.G) + int(c.B)
		}
	}
	return float64(sum) / float64(765*r.Dx()*r.Dy())
}

// difference is the box of the pixels inside near that became the seal's red, and of all pixels of the page that differ clearly:
// annotations and fields without appearance are drawn differently by an engine once the document has a form with a seal.
func difference(a, b *image.RGBA, near image.Rectangle) (red, any image.Rectangle) {
	for y := range min(a.Rect.Dy(), b.Rect.Dy()) {
		for x := range min(a.Rect.Dx(), b.Rect.Dx()) {
			p, q := a.RGBAAt(x, y), b.RGBAAt(x, y)
			if d := abs(int(p.R)-int(q.R)) + abs(int(p.G)-int(q.G)) + abs(int(p.B)-int(q.B)); d <= 120 {
				continue
			}
			px := image.Rect(x, y, x+1, y+1)
			any = any.Union(px)
			if px.In(near) && int(q.R)-int(q.G) > 100 && int(q.R)-int(q.B) > 100 {
				red = red.Union(px)
			}
		}
	}
	return red, any
}

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}

// TestPlacement_everyPageShape seals generated pages of every rotation, crop box, offset and user unit at a known place and measures the
// mark in both engines (poppler ignores /UserUnit, so there only the place relative to the page is compared).
func TestPlacement_everyPageShape(t *testing.T) {
	o := newOffice(t)
	tool(t, "pdftoppm")
	for _, rotate := range []int{0, 90, 180, 270, -90, 450} {
		for name, box := range map[string]string{
			"plain": "", "crop": "/CropBox [ 100 150 500 700 ]", "unit": "/UserUnit 2",
		} {
			for _, media := range []string{"0 0 595 842", "-50 -70 545 772", "595 842 0 0"} {
				if name == "crop" && media != "0 0 595 842" {
					continue
				}
				t.Run(fmt.Sprintf("rotate %d %s %s", rotate, name, media), func(t *testing.T) {
					shapeCase(t, o, document(page{media, fmt.Sprintf("/Rotate %d %s", rotate, box)}))
				})
			}
		}
	}
}

func shapeCase(t *testing.T, o *office, doc []byte) {
	at, err := placeOnPage(doc, 1)
	if err != nil {
		t.Fatal(err)
	}
	at.X, at.Y, at.w, at.h = at.page*0.7, at.Y*0.6, 20, 20
	req, err := o.requestSized(at)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if _, err := pdfseal.Affix(context.Background(), &out, bytes.NewReader(doc), req); err != nil {
		t.Fatal(err)
	}
	rep := o.verify(t, out.Bytes())
	wantAccepted(t, rep, 1)
	dir := t.TempDir()
	for name, b := range map[string][]byte{"a.pdf": doc, "b.pdf": out.Bytes()} {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, render := range engines(t) {
		blank, err := render(t.Context(), filepath.Join(dir, "a.pdf"), 1)
		if err != nil {
			t.Fatal(err)
		}
		shown, err := render(t.Context(), filepath.Join(dir, "b.pdf"), 1)
		if err != nil {
			t.Fatal(err)
		}
		if got := compareMark(t, "generated page", name, at, blank, shown, rep.Seals[0].Marks[0]); got != within {
			t.Errorf("%s: %s", name, got)
		}
	}
}
