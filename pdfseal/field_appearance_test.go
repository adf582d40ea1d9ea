package pdfseal_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"sealdesk/pdfseal"
)

// formDocument writes a document of one A4 page whose form asks readers to draw its fields. Object 5 is the font /Helv; the objects
// follow from number 6 on, and the first widgets of them are the annotations of the page and the fields of the form.
func formDocument(widgets int, objects ...string) []byte {
	var b bytes.Buffer
	var refs strings.Builder
	for i := range widgets {
		fmt.Fprintf(&refs, "%d 0 R ", 6+i)
	}
	b.WriteString("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	for i, o := range append([]string{
		"<< /Type /Catalog /Pages 2 0 R /AcroForm << /NeedAppearances true /DA (/Helv 0 Tf 0 g) /DR << /Font << /Helv 5 0 R >> >> /Fields [ " + refs.String() + "] >> >>",
		"<< /Type /Pages /Count 1 /Kids [ 3 0 R ] >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [ 0 0 595 842 ] /Contents 4 0 R /Resources << >> /Annots [ " + refs.String() + "] >>",
		"<< /Length 0 >>\nstream\n\nendstream",
		"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
	}, objects...) {
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	b.WriteString("xref\n0 ")
	return retable(b.Bytes())
}

// widget writes a widget that is its own field.
func widget(rect [4]int, field string) string {
	if !strings.Contains(field, "/F ") {
		field += " /F 4"
	}
	return fmt.Sprintf("<< /Type /Annot /Subtype /Widget /T (f) /Rect [ %d %d %d %d ] %s >>", rect[0], rect[1], rect[2], rect[3], field)
}

// sealedForm seals a form in the lower right corner, checks it with qpdf and our verifier, and leaves it in a file.
func sealedForm(t *testing.T, doc []byte) (path string, sealed []byte) {
	t.Helper()
	o := newOffice(t)
	sealed = o.affix(t, doc, 0, pdfseal.Mark{Page: 1, X: 195, Y: 285})
	wantAccepted(t, o.verify(t, sealed), 1)
	qpdfClean(t, sealed)
	if bytes.Contains(sealed[len(doc):], []byte("NeedAppearances")) || !bytes.HasPrefix(sealed, doc) {
		t.Error("the request to draw fields is kept, or the input is no prefix")
	}
	path = filepath.Join(t.TempDir(), "sealed.pdf")
	if err := os.WriteFile(path, sealed, 0o600); err != nil {
		t.Fatal(err)
	}
	return path, sealed
}

// pageInk gives the box of the dark pixels of page 1 inside a rectangle of user space, in points, as each engine draws them; and says
// of each whether it shows the red of the seal.
func pageInk(t *testing.T, path string, page int, height float64, rects ...[4]int) map[string][][4]float64 {
	t.Helper()
	tool(t, "pdftoppm")
	out := map[string][][4]float64{}
	for name, render := range engines(t) {
		img, err := render(t.Context(), path, page)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rects {
			out[name] = append(out[name], inkIn(img, height, r))
		}
		if page == 1 && !anyRed(img) {
			t.Errorf("%s shows no seal", name)
		}
	}
	return out
}

// inkIn gives the box of the dark pixels in points, relative to the left and lower edge of the rectangle; all zero if there are none.
func inkIn(img *image.RGBA, height float64, r [4]int) [4]float64 {
	const px = 72.0 / renderDPI
	at := image.Rect(int(float64(r[0])/px), int((height-float64(r[3]))/px), int(float64(r[2])/px), int((height-float64(r[1]))/px))
	var box image.Rectangle
	for y := at.Min.Y; y < at.Max.Y; y++ {
		for x := at.Min.X; x < at.Max.X; x++ {
			if c := img.RGBAAt(x, y); int(c.R)+int(c.G)+int(c.B) < 384 && c.R < 128 {
				box = box.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	if box.Empty() {
		return [4]float64{}
	}
	return [4]float64{float64(box.Min.X-at.Min.X) * px, float64(at.Max.Y-box.Max.Y) * px, float64(box.Max.X-at.Min.X) * px, float64(at.Max.Y-box.Min.Y) * px}
}

func anyRed(img *image.RGBA) bool {
	for i := 0; i+3 < len(img.Pix); i += 4 {
		if int(img.Pix[i])-int(img.Pix[i+1]) > 100 && int(img.Pix[i])-int(img.Pix[i+2]) > 100 {
			return true
		}
	}
	return false
}

// pageText is what pdftotext reads on the pages.
func pageText(t *testing.T, path string) string {
	t.Helper()
	out, err := exec.Command(tool(t, "pdftotext"), path, "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// TestFieldAppearance_corpus seals the forms of the corpus whose fields have a value and no appearance: both engines show every value.
func TestFieldAppearance_corpus(t *testing.T) {
	for _, c := range []struct {
		path   string
		page   int
		height float64
		fields []string // of the page
		rects  [][4]int
		count  string
	}{
		{"pdfjs/annotation-tx.pdf", 1, 792, []string{"tx annotation"}, [][4]int{{22, 711, 171, 732}}, "1"},
		{"pdfjs/bug2055455.pdf", 1, 100, []string{"8", "8888"}, [][4]int{{21, 61, 34, 78}, {21, 21, 76, 38}}, "2"},
		{"pdfjs/issue12750.pdf", 1, 792, []string{"value"}, [][4]int{{298, 655, 382, 667}}, "2"}, // and the border of an empty one
		{"qpdf/form-filled-with-atril.pdf", 1, 792, []string{"Hagoogamagoogle"}, [][4]int{{124, 693, 260, 706}}, "2"},
		{"qpdf/form-filled-with-atril.pdf", 3, 792, []string{"salad πʬ !"}, [][4]int{{115, 380, 350, 395}}, "2"},
		{"qpdf/form-no-need-appearances-filled.pdf", 1, 792, []string{"3.14 ÷ 0", "3.14 ÷ 0"}, [][4]int{{141, 640, 269, 656}, {144, 543, 287, 560}}, "2"},
	} {
		t.Run(fmt.Sprintf("%s page %d", c.path, c.page), func(t *testing.T) {
			o := newOffice(t)
			src := filepath.Join("..", "..", "shared", "testdata", "pdf", c.path)
			doc, err := os.ReadFile(src)
			if err != nil {
				t.Skip("the shared corpus ../shared/testdata/pdf is absent")
			}
			dst := filepath.Join(t.TempDir(), "sealed.pdf")
			at, err := placeOnPage(doc, 1)
			if err != nil {
				t.Fatal(err)
			}
			at.w, at.h = 10, 10
			req, err := o.requestSized(at)
			if err != nil {
				t.Fatal(err)
			}
			done, err := pdfseal.AffixFile(context.Background(), dst, src, req)
			if err != nil {
				t.Fatal(err)
			}
			wantAccepted(t, done.Report, 1)
			if f := finding(t, doc); f.Level != pdfseal.LevelWarn || f.Data["count"] != c.count {
				t.Errorf("finding %+v, want a warning and %s appearances", f, c.count)
			}
			text := pageText(t, dst)
			for _, want := range c.fields {
				if strings.Count(text, want) < strings.Count(strings.Join(c.fields, "\n"), want) {
					t.Errorf("%q is not in the text\n%s", want, text)
				}
			}
			for engine, boxes := range pageInk(t, dst, c.page, c.height, c.rects...) {
				for i, b := range boxes {
					if b[3]-b[1] < 5 || b[2]-b[0] < 4 {
						t.Errorf("%s: %q shows as %.1f", engine, c.fields[i], b)
					}
				}
			}
		})
	}
}

// finding gives what the gate says of the form's request.
func finding(t *testing.T, doc []byte) pdfseal.Finding {
	t.Helper()
	inv, err := pdfseal.Inspect(context.Background(), bytes.NewReader(doc), newOffice(t).trust)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range inv.Findings {
		switch f.Key {
		case pdfseal.FindingNeedAppearances, pdfseal.FindingNeedAppsSealed, pdfseal.FindingFieldCharacters, pdfseal.FindingFieldUndrawn:
			return f
		}
	}
	return pdfseal.Finding{}
}

// drawnField is a field of a generated form, what pdftotext reads of it and where its ink must stand: left, low, right and high edge in
// points from the field's lower left corner, within slack.
type drawnField struct {
	name, field string
	w, h        int
	text        string
	ink         [4]float64
}

// Objects 5+N of the generated form begin after its widgets; these stand there in this order.
var formExtras = []string{
	"<< /FT /Tx /T (above) /V (inherited) /DA (/Helv 9 Tf 0 g) /Q 2 /Kids [ 6 0 R ] >>",
	"<< /Length 11 >>\nstream\nfrom stream\nendstream",
	"<< /Type /XObject /Subtype /Form /BBox [ 0 0 90 20 ] /Length 11 >>\nstream\n/Tx BMC EMC\nendstream",
}

func TestFieldAppearance_everyKind(t *testing.T) {
	const parent, stream, blank = "{parent} 0 R", "{stream} 0 R", "{blank} 0 R"
	fields := []drawnField{
		{"inherited attributes", "/Parent " + parent, 120, 20, "inherited", [4]float64{84, 7, 118, 14}},
		{"auto size", "/FT /Tx /V (Hxg)", 120, 30, "Hxg", [4]float64{4, 4, 41, 25}},
		{"auto size, limited by the width", "/FT /Tx /V (a rather long value of a field)", 120, 30, "a rather long value of a field", [4]float64{2, 11, 118, 20}},
		{"centred", "/FT /Tx /V (mid) /Q 1 /DA (/Helv 12 Tf 0 g)", 120, 20, "mid", [4]float64{50.5, 7, 69.5, 16}},
		{"right", "/FT /Tx /V (end) /Q 2 /DA (/Helv 12 Tf 0 g)", 120, 20, "end", [4]float64{98, 7, 118, 16}},
		{"coloured", "/FT /Tx /V (dark) /DA (0.1 0.2 0 rg /Helv 12 Tf (\\)) Tj 3 Tr)", 120, 20, "dark", [4]float64{3, 7, 25, 15}},
		{"multiline", "/FT /Tx /Ff 4096 /V (one two three four five six seven\\reight) /DA (/Helv 10 Tf 0 g)", 120, 60, "eight", [4]float64{2, 25, 116, 58}},
		{"multiline, auto size", "/FT /Tx /Ff 4096 /V (one two three four five six seven eight nine ten eleven)", 120, 30, "eleven", [4]float64{2, 8, 117, 28}},
		{"comb", "/FT /Tx /Ff 16777216 /MaxLen 4 /V (1234) /DA (/Helv 12 Tf 0 g)", 120, 20, "1", [4]float64{13, 7, 108, 16}},
		{"comb, right", "/FT /Tx /Ff 16777216 /MaxLen 4 /Q 2 /V (78) /DA (/Helv 12 Tf 0 g)", 120, 20, "7", [4]float64{72, 7, 108, 16}},
		{"comb, too long", "/FT /Tx /Ff 16777216 /MaxLen 2 /V (56789) /DA (/Helv 12 Tf 0 g)", 120, 20, "9", [4]float64{9, 7, 111, 16}},
		{"password", "/FT /Tx /Ff 8192 /V (secret) /DA (/Helv 12 Tf 0 g)", 120, 20, "******", [4]float64{2, 12, 30, 17}},
		{"combo box", "/FT /Ch /Ff 131072 /Opt [ [ (a) (Alpha) ] [ (b) (Beta) ] ] /V (b) /DA (/Helv 12 Tf 0 g)", 120, 20, "Beta", [4]float64{2, 7, 27, 16}},
		{"list box", "/FT /Ch /Opt [ (Lone) (Ltwo) (Lthree) ] /V (Ltwo) /DA (/Helv 10 Tf 0 g)", 120, 40, "Ltwo", [4]float64{2, 7, 30, 37}},
		{"list box, chosen below", "/FT /Ch /Opt [ (L1) (L2) (L3) (L4) (L5) (Last) ] /V [ (Last) ] /DA (/Helv 10 Tf 0 g)", 120, 20, "Last", [4]float64{2, 9, 21, 17}},
		{"rotated", "/FT /Tx /V (turned) /MK << /R 90 >> /DA (/Helv 12 Tf 0 g)", 20, 60, "turned", [4]float64{4, 2, 13, 37}},
		{"upside down", "/FT /Tx /V (down) /MK << /R 180 >> /DA (/Helv 12 Tf 0 g)", 120, 20, "down", [4]float64{90, 4, 118, 13}},
		{"border", "/FT /Tx /V (in) /MK << /BC [ 0 ] /BG [ 0.9 ] >> /BS << /W 2 >> /DA (/Helv 12 Tf 0 g)", 120, 20, "in", [4]float64{0, 0, 120, 20}},
		{"border of an empty field", "/FT /Tx /MK << /BC [ 0 0 0 ] >> /BS << /W 1 /S /D >>", 120, 20, "", [4]float64{0, 0, 120, 20}},
		{"font that is not there", "/FT /Tx /V (plain) /DA (/None 12 Tf 0 g)", 120, 20, "plain", [4]float64{3, 4, 27, 15}},
		{"no /DA of its own", "/FT /Tx /V (form)", 120, 20, "form", [4]float64{2, 6, 29, 17}},
		{"Chinese", "/FT /Tx /V <FEFF793A830365D7002000320030003200365E74> /DA (/Helv 12 Tf 0 g)", 120, 20, "示范旗 2026年", [4]float64{3, 5, 80, 16}},
		{"stream", "/FT /Tx /V " + stream + " /DA (/Helv 12 Tf 0 g)", 120, 20, "from stream", [4]float64{2, 7, 65, 16}},
		{"empty appearance", "/FT /Tx /V (again) /AP << /N " + blank + " >> /DA (/Helv 12 Tf 0 g)", 120, 20, "again", [4]float64{2, 4, 32, 16}},
		{"check box", "/FT /Btn /V /Yes /AS /Yes /MK << /CA (8) /BC [ 0 ] >> /DA (/ZaDb 0 Tf 0 g)", 20, 20, "", [4]float64{0, 0, 20, 20}},
		{"check mark", "/FT /Btn /V /Yes", 20, 20, "", [4]float64{3, 4, 17, 17}},
		{"radio button", "/FT /Btn /Ff 32768 /V /a /AS /a /MK << /BC [ 0 ] >>", 20, 20, "", [4]float64{0, 0, 20, 20}},
		{"radio button that is off", "/FT /Btn /Ff 32768 /V /a /AS /Off /MK << /BC [ 0 ] /BG [ 1 1 0.9 ] >>", 20, 20, "", [4]float64{0, 0, 20, 20}},
		{"beveled", "/FT /Tx /V (out) /MK << /BC [ 0 ] /BG [ 0.9 ] >> /BS << /W 2 /S /B >> /DA (/Helv 12 Tf 0 g)", 120, 20, "out", [4]float64{0, 0, 120, 20}},
		{"inset", "/FT /Tx /V (deep) /MK << /BC [ 0 0 0 1 ] >> /BS << /W 2 /S /I >> /DA (/Helv 12 Tf 0 g)", 120, 20, "deep", [4]float64{0, 0, 120, 20}},
		{"underlined", "/FT /Tx /V (low) /MK << /BC [ 0 ] >> /BS << /W 1 /S /U >> /DA (/Helv 12 Tf 0 g)", 120, 20, "low", [4]float64{0, 0, 120, 16}},
		{"comb with cells", "/FT /Tx /Ff 16777216 /MaxLen 6 /V (A1) /MK << /BC [ 0 ] >> /Border [ 0 0 1 ]", 120, 20, "A", [4]float64{0, 0, 120, 20}},
		{"turned right", "/FT /Tx /V (turned) /MK << /R 270 >> /DA (/Helv 12 Tf 0 g)", 20, 60, "turned", [4]float64{7, 23, 17, 58}},
		{"font for Chinese", "/FT /Tx /V <FEFF7B2C0031003253F7> /DA (/CJK 12 Tf 0 g) /DR << /Font << /CJK << /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /GBK-EUC-H >> >> >>",
			120, 20, "第12号", [4]float64{2, 5, 38, 16}},
		{"Chinese marks", "/FT /Tx /V <FEFF201C516C6587201D2014> /DA (/Helv 12 Tf 0 g)", 120, 20, "“公文”—", [4]float64{9, 5, 62, 16}},
		{"dingbats", "/FT /Tx /V (4) /DA (/ZaDb 12 Tf 0 g) /DR << /Font << /ZaDb << /Type /Font /Subtype /Type1 /BaseFont /ZapfDingbats >> >> >>", 20, 20, "", [4]float64{3, 5, 12, 14}},
		{"hidden", "/FT /Tx /V (unseen) /F 2", 120, 20, "", [4]float64{}},
	}
	rects, objects := arrange(fields, map[string]string{parent: "", stream: "", blank: ""})
	path, _ := sealedForm(t, formDocument(len(fields), objects...))
	checkDrawn(t, path, fields, rects)
}

// arrange puts fields on the page and the numbers of the extra objects into them.
func arrange(fields []drawnField, extra map[string]string) (rects [][4]int, objects []string) {
	x, y, row := 20, 800, 0
	for i, f := range fields {
		if x+f.w > 570 {
			x, y, row = 20, y-row-15, 0
		}
		r := [4]int{x, y - f.h, x + f.w, y}
		rects = append(rects, r)
		x, row = x+f.w+15, max(row, f.h)
		text := f.field
		for j, key := range []string{"{parent}", "{stream}", "{blank}"} {
			text = strings.ReplaceAll(text, key, fmt.Sprint(6+len(fields)+j))
		}
		objects = append(objects, strings.Replace(widget(r, text), "/T (f)", fmt.Sprintf("/T (f%d)", i), 1))
	}
	return rects, append(objects, formExtras...)
}

// checkDrawn compares what pdftotext reads and the engines draw with what is wanted.
func checkDrawn(t *testing.T, path string, fields []drawnField, rects [][4]int) {
	t.Helper()
	text := pageText(t, path)
	for _, f := range fields {
		if !strings.Contains(text, f.text) {
			t.Errorf("%s: %q is not in the text\n%s", f.name, f.text, text)
		}
	}
	if strings.Contains(text, "secret") || strings.Contains(text, "unseen") {
		t.Errorf("a password or hidden field can be read:\n%s", text)
	}
	const slack = 2
	for engine, boxes := range pageInk(t, path, 1, 842, rects...) {
		for i, got := range boxes {
			for j := range got {
				if d := got[j] - fields[i].ink[j]; d > slack || d < -slack {
					t.Errorf("%s: %s: ink at %.1f, want %.1f", engine, fields[i].name, got, fields[i].ink)
					break
				}
			}
		}
	}
}

// TestFieldAppearance_kids draws a field with several widgets in each of them, and radio buttons in the states that they name.
func TestFieldAppearance_kids(t *testing.T) {
	const dir = "/Type /Annot /Subtype /Widget /F 4"
	doc := formDocument(5,
		"<< "+dir+" /Parent 11 0 R /Rect [ 20 700 140 720 ] >>",
		"<< "+dir+" /Parent 11 0 R /Rect [ 200 700 260 720 ] /DA (/Helv 8 Tf 0 g) >>",
		"<< "+dir+" /Parent 12 0 R /Rect [ 20 600 40 620 ] /AS /one >>",
		"<< "+dir+" /Parent 12 0 R /Rect [ 60 600 80 620 ] /AS /Off /MK << /BC [ 0 ] >> >>",
		"<< "+dir+" /Parent 12 0 R /Rect [ 100 600 120 620 ] >>",
		"<< /FT /Tx /T (text) /V (both) /DA (/Helv 14 Tf 0 g) /Kids [ 6 0 R 7 0 R ] >>",
		"<< /FT /Btn /Ff 49152 /T (radio) /V /one /Kids [ 8 0 R 9 0 R 10 0 R ] >>")
	doc = retable(bytes.Replace(doc, []byte("/Fields [ 6 0 R 7 0 R 8 0 R 9 0 R 10 0 R ]"), []byte("/Fields [ 11 0 R 12 0 R ]"), 1))
	if f := finding(t, doc); f.Data["count"] != "4" {
		t.Errorf("finding %+v, want 4 appearances", f)
	}
	path, _ := sealedForm(t, doc)
	if n := strings.Count(pageText(t, path), "both"); n != 2 {
		t.Errorf("the value is shown %d times, want 2", n)
	}
	for engine, ink := range pageInk(t, path, 1, 842, [4]int{20, 700, 140, 720}, [4]int{200, 700, 260, 720}, [4]int{20, 600, 40, 620}, [4]int{60, 600, 80, 620}, [4]int{100, 600, 120, 620}) {
		large, small := ink[0][3]-ink[0][1], ink[1][3]-ink[1][1]
		if large < 1.5*small || small < 4 {
			t.Errorf("%s: heights %.1f and %.1f for 14 and 8 points", engine, large, small)
		}
		if ink[2] == [4]float64{} || ink[3] == [4]float64{} || ink[4] != [4]float64{} {
			t.Errorf("%s: radio buttons %.1f", engine, ink[2:])
		}
	}
}
