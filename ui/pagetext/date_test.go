package pagetext

import (
	"bytes"
	"fmt"
	"io/fs"
	"math"
	"testing"

	"github.com/signintech/gopdf"

	"sealdesk/assets"
	"sealdesk/pdfseal/rules"
)

const pt = 72 / 25.4 // points to a millimetre

// turned writes lines of text at places in millimetres of the upright page, w × h large, into a document whose page is turned.
func turned(t *testing.T, w, h float64, rotate int, lines map[rules.Point]string) []byte {
	t.Helper()
	font, err := fs.ReadFile(assets.FS, "fonts/gbsn00lp.ttf")
	if err != nil {
		t.Fatal(err)
	}
	check := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	mw, mh := w, h
	if rotate%180 == 90 {
		mw, mh = h, w
	}
	var pdf gopdf.GoPdf
	pdf.Start(gopdf.Config{PageSize: gopdf.Rect{W: mw * pt, H: mh * pt}})
	pdf.AddPage()
	check(pdf.AddTTFFontData("song", font))
	check(pdf.SetFont("song", "", 16))
	for p, s := range lines {
		x, y := p.X, p.Y
		switch rotate {
		case 90:
			x, y = p.Y, mh-p.X
		case 180:
			x, y = mw-p.X, mh-p.Y
		case 270:
			x, y = mw-p.Y, p.X
		}
		pdf.Rotate(float64(rotate), x*pt, y*pt)
		pdf.SetXY(x*pt, y*pt)
		check(pdf.Text(s))
		pdf.RotateReset()
	}
	var out bytes.Buffer
	_, err = pdf.WriteTo(&out)
	check(err)
	data := bytes.Replace(out.Bytes(), []byte("/Type /Page\n"), []byte(fmt.Sprintf("/Type /Page\n/Rotate %d\n", rotate)), 1)
	if rotate > 0 && len(data) == out.Len() {
		t.Fatal("the page is not turned")
	}
	return data
}

// Seals of as many organs as fit in a row, on A4 and 16K pages that are turned any way, stand upright over the names in the text that pdfium reads.
func TestOverDate_turned(t *testing.T) {
	const pitch, char = 10.2, 5.64
	for _, size := range []gopdf.Rect{{W: 210, H: 297}, {W: 184, H: 260}} {
		for rotate := 0; rotate < 360; rotate += 90 {
			for organs := 1; float64(organs)*43.5+4 <= size.W-54; organs++ {
				lines := map[rules.Point]string{}
				y := 60.0
				for range 4 {
					lines[rules.Point{X: 28, Y: y}] = "各有关单位要切实加强电子印章的使用和管理。"
					y += pitch
				}
				y += 2 * pitch
				var at []float64
				for i := range organs {
					x := size.W - 26 - 23 - float64(organs-1-i)*43.5
					at = append(at, x)
					lines[rules.Point{X: x - 3*char, Y: y}] = string([]rune("甲乙丙")[i]) + "旗财政局"
				}
				lines[rules.Point{X: at[organs-1] - 18, Y: y + pitch}] = "2026年8月31日"
				d, err := Reader{}.OpenText(t.Context(), written(t, turned(t, size.W, size.H, rotate, lines)))
				if err != nil {
					t.Fatal(err)
				}
				runs, err := d.Text(t.Context(), 1)
				if err != nil || d.Close() != nil {
					t.Fatal(err)
				}
				for i, x := range at {
					p, err := rules.OverDate(runs, rules.Seal{Name: string([]rune("甲乙丙")[i]) + "旗财政局", Width: 42, Height: 42})
					if err != nil || math.Abs(p.X-x) > 4 || math.Abs(p.Y-y) > pitch/2 {
						t.Errorf("%v mm wide, turned by %d, organ %d of %d: %v, %v, want about %.1f, %.1f", size.W, rotate, i+1, organs, p, err, x, y)
					}
				}
			}
		}
	}
}
