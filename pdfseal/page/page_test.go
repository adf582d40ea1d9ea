package page

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"io"
	"math"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// ink is the box of the pixels that match, in millimetres.
func ink(img *image.RGBA, dpi float64, match func(color.RGBA) bool) (x, y, w, h float64) {
	box := image.Rectangle{}
	for py := range img.Rect.Dy() {
		for px := range img.Rect.Dx() {
			if match(img.RGBAAt(px, py)) {
				box = box.Union(image.Rect(px, py, px+1, py+1))
			}
		}
	}
	mm := mmPerInch / dpi
	return float64(box.Min.X) * mm, float64(box.Min.Y) * mm, float64(box.Dx()) * mm, float64(box.Dy()) * mm
}

func dark(c color.RGBA) bool { return c.R < 128 && c.G < 128 && c.B < 128 }
func red(c color.RGBA) bool  { return c.R > 200 && c.G < 80 && c.B < 80 }

func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s: %.3f, want %.3f ± %.3f", what, got, want, tolerance)
	}
}

const pt = mmPerInch / 72

// geometries turn the same page in every way; x, y, w, h are where the black bar 20 30 60×10 shows, in points.
var geometries = []struct {
	name, box, extra string
	unit             float64
	w, h             float64
	bar              [4]float64
}{
	{"plain", "", "", 1, 400, 600, [4]float64{20, 560, 60, 10}},
	{"rotate90", "", "/Rotate 90", 1, 600, 400, [4]float64{30, 20, 10, 60}},
	{"rotate180", "", "/Rotate 180", 1, 400, 600, [4]float64{320, 30, 60, 10}},
	{"rotate270", "", "/Rotate 270", 1, 600, 400, [4]float64{560, 320, 10, 60}},
	{"rotate-90", "", "/Rotate -90", 1, 600, 400, [4]float64{560, 320, 10, 60}},
	{"cropbox", "", "/CropBox[10 10 210 310]", 1, 200, 300, [4]float64{10, 270, 60, 10}},
	{"cropbox outside", "", "/CropBox[-50 10 210 900]", 1, 210, 590, [4]float64{20, 560, 60, 10}},
	{"offset", "-100 -50 300 550", "", 1, 400, 600, [4]float64{120, 510, 60, 10}},
	{"offset crop rotate", "-100 -50 300 550", "/CropBox[0 0 200 300]/Rotate 90", 1, 300, 200, [4]float64{30, 20, 10, 60}},
	{"userunit", "", "/UserUnit 2.5", 2.5, 400, 600, [4]float64{20, 560, 60, 10}},
	{"userunit rotate crop", "", "/UserUnit 0.5/Rotate 270/CropBox[0 0 200 300]", 0.5, 300, 200, [4]float64{260, 120, 10, 60}},
}

func TestRender_geometry(t *testing.T) {
	const dpi = 200
	for _, g := range geometries {
		t.Run(g.name, func(t *testing.T) {
			d := open(t, sheet{box: g.box, extra: g.extra, content: "20 30 60 10 re f"}.build(t))
			size, err := d.PageSize(t.Context(), 1)
			if err != nil {
				t.Fatal(err)
			}
			near(t, "width", size.W, g.w*g.unit*pt, 1e-3)
			near(t, "height", size.H, g.h*g.unit*pt, 1e-3)
			img, err := d.Render(t.Context(), 1, dpi)
			if err != nil {
				t.Fatal(err)
			}
			near(t, "pixels across", float64(img.Rect.Dx()), g.w*g.unit*dpi/72, 0.5)
			near(t, "pixels down", float64(img.Rect.Dy()), g.h*g.unit*dpi/72, 0.5)
			x, y, w, h := ink(img, dpi, dark)
			for i, got := range []float64{x, y, w, h} {
				near(t, []string{"x", "y", "w", "h"}[i], got, g.bar[i]*g.unit*pt, 0.2)
			}
		})
	}
}

// The text of every turned page stands where its ink is.
func TestText_geometry(t *testing.T) {
	const dpi = 144
	for _, g := range geometries {
		t.Run(g.name, func(t *testing.T) {
			d := open(t, sheet{box: g.box, extra: g.extra, content: "BT /F 20 Tf 30 60 Td (HHH) Tj ET"}.build(t))
			img, err := d.Render(t.Context(), 1, dpi)
			if err != nil {
				t.Fatal(err)
			}
			runs, err := d.Text(t.Context(), 1)
			if err != nil {
				t.Fatal(err)
			}
			var text strings.Builder
			box := [4]float64{math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)}
			for _, r := range runs {
				text.WriteString(r.Text)
				box[0], box[1] = math.Min(box[0], r.X), math.Min(box[1], r.Y)
				box[2], box[3] = math.Max(box[2], r.X+r.W), math.Max(box[3], r.Y+r.H)
			}
			if text.String() != "HHH" {
				t.Fatalf("text %q", text.String())
			}
			x, y, w, h := ink(img, dpi, dark)
			slack := 8 * g.unit * pt // a line box is larger than its ink
			near(t, "left", box[0], x, slack)
			near(t, "top", box[1], y, slack)
			near(t, "right", box[2], x+w, slack)
			near(t, "bottom", box[3], y+h, slack)
			if box[0] > x+0.2 || box[1] > y+0.2 || box[2] < x+w-0.2 || box[3] < y+h-0.2 {
				t.Errorf("ink %.1f %.1f %.1f %.1f outside the text box %.1f", x, y, x+w, y+h, box)
			}
		})
	}
}

func TestText_runs(t *testing.T) {
	d := open(t, sheet{content: "BT /F 12 Tf 50 500 Td (Reference No. 2026) Tj 0 -20 Td (second line) Tj 0 -20 Td 3 Tr (hidden) Tj ET " +
		"BT 0 Tr /F 12 Tf 390 700 Td (outside) Tj ET"}.build(t))
	runs, err := d.Text(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range runs {
		got = append(got, r.Text)
		if r.W <= 0 || r.H <= 0 {
			t.Errorf("%+v", r)
		}
	}
	all := strings.Join(got, "")
	for _, want := range []string{"Reference", "2026", "secondline"} {
		if !strings.Contains(all, want) {
			t.Errorf("%q not in %q", want, got)
		}
	}
	if strings.Contains(all, "outside") {
		t.Errorf("text outside the page: %q", got)
	}
}

// A seal is the appearance of a signature field's widget or a locked /Stamp annotation, multiplied onto the text below it.
func TestRender_showsSeals(t *testing.T) {
	gs := "/ExtGState<</G<</BM/Multiply>>>>"
	ops := "/G gs 1 0 0 rg 0 0 100 100 re f"
	for _, c := range []struct{ name, annot, acro string }{
		{"widget", "/Subtype/Widget/FT/Sig/T(Seal)/F 132", "/AcroForm<</Fields[6 0 R]/SigFlags 3>>"},
		{"stamp", "/Subtype/Stamp/F 708", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := sheet{
				content: "190 250 20 100 re f", extra: "/Annots[6 0 R]", catalog: c.acro,
				objects: []string{"<</Type/Annot" + c.annot + "/Rect[150 250 250 350]/P 3 0 R/AP<</N 7 0 R>>>>", form(100, 100, ops, gs)},
			}
			img, err := open(t, s.build(t)).Render(t.Context(), 1, 144)
			if err != nil {
				t.Fatal(err)
			}
			x, y, w, h := ink(img, 144, red)
			for i, got := range []float64{x, y, w, h} {
				near(t, []string{"x", "y", "w", "h"}[i], got, []float64{150, 250, 100, 100}[i]*pt, 0.2)
			}
			if c := img.RGBAAt(400, 600); !dark(c) {
				t.Errorf("the text below the seal is %v, not black", c)
			}
			if c := img.RGBAAt(10, 10); c != (color.RGBA{255, 255, 255, 255}) {
				t.Errorf("ground %v", c)
			}
		})
	}
}

func TestRender_bounds(t *testing.T) {
	d := open(t, sheet{}.build(t))
	for _, dpi := range []float64{0, -1, math.NaN(), math.Inf(1)} {
		if _, err := d.Render(t.Context(), 1, dpi); err == nil {
			t.Errorf("%v dpi accepted", dpi)
		}
	}
	if _, err := d.Render(t.Context(), 1, 5000); !errors.Is(err, ErrTooLarge) {
		t.Errorf("5000 dpi: %v", err)
	}
	if _, err := d.Render(t.Context(), 1, 1e300); !errors.Is(err, ErrTooLarge) {
		t.Errorf("1e300 dpi: %v", err)
	}
	for _, page := range []int{0, 2, -1, math.MaxInt} {
		if _, err := d.Render(t.Context(), page, 96); !errors.Is(err, ErrNoPage) {
			t.Errorf("page %d: %v", page, err)
		}
		if _, err := d.Text(t.Context(), page); !errors.Is(err, ErrNoPage) {
			t.Errorf("text of page %d: %v", page, err)
		}
	}
	if img, err := d.Render(t.Context(), 1, 1e-9); err != nil || img.Rect.Dx() != 1 {
		t.Errorf("smallest picture: %v %v", img, err)
	}
}

// slow is a page that keeps pdfium busy for a long time: thousands of blended fills of the whole page.
func slow(t *testing.T) []byte {
	s := sheet{box: "0 0 2000 2000", content: "/G gs\n" + strings.Repeat("0.9 0.99 0.95 rg 0 0 2000 2000 re f\n", 20_000), extra: "/Resources<</ExtGState<</G<</BM/Luminosity/ca 0.5>>>>>>"}
	return s.build(t)
}

// hungry is a page that wants more memory than there is: forms that draw each other many times, many levels deep.
func hungry(t *testing.T) []byte {
	s := sheet{content: "/X Do", extra: "/Resources<</XObject<</X 6 0 R>>>>"}
	const levels = 10
	for i := range levels {
		ops, res := strings.Repeat("/X Do ", 12), fmt.Sprintf("/XObject<</X %d 0 R>>", 7+i)
		if i == levels-1 {
			ops, res = "0 0 m 400 600 l 10 20 l s", ""
		}
		s.objects = append(s.objects, form(400, 600, ops, res))
	}
	return s.build(t)
}

func TestRender_hungry(t *testing.T) {
	long(t)
	d := open(t, hungry(t))
	if _, err := d.Render(t.Context(), 1, 30); !errors.Is(err, ErrFailed) && !errors.Is(err, ErrTimeLimit) {
		t.Error(err)
	} else if strings.Contains(err.Error(), "\n") {
		t.Errorf("message of several lines: %v", err)
	}
}

func TestRender_cancelled(t *testing.T) {
	d := open(t, slow(t))
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	from := time.Now()
	if _, err := d.Render(ctx, 1, 96); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("after %v: %v", time.Since(from), err)
	}
	if took := time.Since(from); took > time.Minute {
		t.Errorf("cancelled after %v", took)
	}
	if size, err := d.PageSize(t.Context(), 1); err != nil || size.W == 0 {
		t.Errorf("the document does not work after a cancelled call: %v %v", size, err)
	}
	done, stop := context.WithCancel(t.Context())
	stop()
	if _, err := d.Text(done, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled before: %v", err)
	}
}

func TestOpen_refusals(t *testing.T) {
	for name, data := range map[string][]byte{"empty": nil, "text": []byte("no PDF at all"), "header": []byte("%PDF-1.7\n")} {
		if _, err := New(t.Context(), bytes.NewReader(data), int64(len(data))); !errors.Is(err, ErrNotPDF) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := New(t.Context(), bytes.NewReader(nil), math.MaxInt32+1); !errors.Is(err, ErrTooLarge) {
		t.Errorf("2 GiB: %v", err)
	}
	if _, err := Open(t.Context(), filepath.Join(t.TempDir(), "absent.pdf")); err == nil {
		t.Error("absent file opened")
	}
	if _, err := Open(t.Context(), t.TempDir()); err == nil {
		t.Error("directory opened")
	}
}

type failing struct {
	io.ReaderAt
	fail bool
}

var errDisk = errors.New("disk gone")

func (f *failing) ReadAt(p []byte, off int64) (int, error) {
	if f.fail {
		return 0, errDisk
	}
	return f.ReaderAt.ReadAt(p, off)
}

func TestOpen_readError(t *testing.T) {
	data := sheet{}.build(t)
	_, err := New(t.Context(), &failing{bytes.NewReader(data), true}, int64(len(data)))
	if !errors.Is(err, errDisk) {
		t.Errorf("%v", err)
	}
}

func TestClose(t *testing.T) {
	data := sheet{}.build(t)
	d, err := New(t.Context(), bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	}
	if _, err := d.Render(t.Context(), 1, 96); !errors.Is(err, ErrClosed) {
		t.Errorf("%v", err)
	}
}

func TestOpen_tooMany(t *testing.T) {
	data := sheet{}.build(t)
	for range maxInstances {
		open(t, data)
	}
	if d, err := New(t.Context(), bytes.NewReader(data), int64(len(data))); !errors.Is(err, ErrBusy) {
		t.Errorf("%v %v", d, err)
	}
}

func TestDocument_concurrent(t *testing.T) {
	d := open(t, sheet{content: "BT /F 12 Tf 50 500 Td (x) Tj ET"}.build(t))
	errs := make(chan error)
	for range 8 {
		go func() {
			_, err := d.Render(t.Context(), 1, 30)
			if err == nil {
				_, err = d.Text(t.Context(), 1)
			}
			errs <- err
		}()
	}
	for range 8 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
}
