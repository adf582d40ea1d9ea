package pdfseal_test

import (
	"bytes"
	"context"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"sealdesk/pdfseal"
	"sealdesk/pdfseal/internal/mutant"
)

// overlayDocument is a page of 200 by 200 units, with what may cover a text among its resources.
func overlayDocument(content, annots string, more ...string) []byte {
	objects := []string{
		"<</Type /Catalog /Pages 2 0 R>>", "<</Type /Pages /Count 1 /Kids [3 0 R]>>",
		"<</Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] /Contents 4 0 R /Annots [" + annots + "] /Resources <</Font <</F1 5 0 R/F2 13 0 R>> " +
			"/XObject <</Pic 6 0 R/Alpha 7 0 R/Form 9 0 R/Dot 10 0 R/Full 14 0 R/Group 16 0 R/Self 17 0 R/F0 18 0 R>> /ExtGState <</Half <</ca .5>>/Most <</ca .95>>/Mul <</BM /Multiply>>/Soft <</SMask <</S /Alpha>>>>>> " +
			"/Pattern <</Shade <</PatternType 2/Shading <</ShadingType 2>>>>/Tile 11 0 R>>>>>>",
		mutant.Stream("", content),
		"<</Type /Font /Subtype /Type1 /BaseFont /Helvetica /FirstChar 32 /Widths [" + strings.Repeat("500 ", 95) + "]>>",
		mutant.Stream("/Type /XObject/Subtype /Image/Width 1/Height 1/BitsPerComponent 8/ColorSpace /DeviceGray", "\xff"),
		mutant.Stream("/Type /XObject/Subtype /Image/Width 1/Height 1/BitsPerComponent 8/ColorSpace /DeviceGray/SMask 8 0 R", "\xff"),
		mutant.Stream("/Type /XObject/Subtype /Image/Width 1/Height 1/BitsPerComponent 8/ColorSpace /DeviceGray", "\x80"),
		mutant.Stream("/Type /XObject/Subtype /Form/BBox [0 0 100 100]", "1 g 0 0 300 300 re f"),
		mutant.Stream("/Type /XObject/Subtype /Image/Width 1/Height 1/BitsPerComponent 1/ImageMask true", "\x00"),
		mutant.Stream("/PatternType 1/PaintType 1/TilingType 1/BBox [0 0 9 9]/XStep 9/YStep 9/Resources <<>>", "0 0 4 4 re f"),
		"<</Type /Font /Subtype /CIDFontType2 /BaseFont /SimSun /DW 1000 /CIDSystemInfo <<>>>>",
		"<</Type /Font /Subtype /Type0 /BaseFont /SimSun /Encoding /Identity-H /DescendantFonts [12 0 R]>>",
		mutant.Stream("/Type /XObject/Subtype /Image/Width 1/Height 1/BitsPerComponent 8/ColorSpace /DeviceGray/SMask 15 0 R", "\xff"),
		mutant.Stream("/Type /XObject/Subtype /Image/Width 1/Height 1/BitsPerComponent 8/ColorSpace /DeviceGray", "\xff"),
		mutant.Stream("/Type /XObject/Subtype /Form/BBox [0 0 200 200]/Group <</S /Transparency>>", "1 g 0 0 300 300 re f"),
		mutant.Stream("/Type /XObject/Subtype /Form/BBox [0 0 200 200]/Resources <</XObject <</Self 17 0 R>>>>", "/Self Do"),
	}
	return writeTable(append(objects, more...), "")
}

// TestInspect_overlays: what hides a text is warned of with its place, what does not is passed over.
func TestInspect_overlays(t *testing.T) {
	const text = "BT /F1 10 Tf 50 50 Td (Pay 1000) Tj ET\n"
	const white = "1 g 40 45 100 20 re f\n"
	form := func(extra string) string {
		return mutant.Stream("/Type /XObject/Subtype /Form/BBox [0 0 100 20]"+extra, "1 g 0 0 100 20 re f")
	}
	annotation := func(kind, extra string) string {
		return "<</Type /Annot /Subtype /" + kind + " /Rect [40 45 140 65] /F 4 " + extra + ">>"
	}
	for _, c := range []struct {
		name, content, annots string
		more                  []string
		want                  int // pieces that are hidden
	}{
		{"nothing over it", text, "", nil, 0},
		{"rectangle", text + white, "", nil, 1},
		{"rectangle below", white + text, "", nil, 0},
		{"rectangle over two letters", text + "1 g 70 45 9 20 re f", "", nil, 1},
		{"rectangle over one letter", text + "1 g 70 45 4 20 re f", "", nil, 0},
		{"rectangle beside it", text + "1 g 91 45 30 20 re f", "", nil, 0},
		{"rectangle over the spaces behind it", "BT /F1 10 Tf 50 50 Td (Pay          ) Tj ET 1 g 66 45 50 20 re f", "", nil, 0},
		{"rectangle by a transformation", text + "q 100 0 0 20 40 45 cm 1 g 0 0 1 1 re f Q", "", nil, 1},
		{"transformation taken back", text + "q 100 0 0 20 40 45 cm Q 1 g 0 0 1 1 re f", "", nil, 0},
		{"a line through it", text + "1 g 40 52 100 1 re f", "", nil, 0},
		{"stroke alone", text + "40 45 100 20 re S", "", nil, 0},
		{"two halves", text + "1 g 40 45 30 20 re f 70 45 70 20 re f", "", nil, 1},
		{"circle", text + "1 g 10 55 m 10 105 130 105 130 55 c 130 5 10 5 10 55 c f", "", nil, 1},
		{"frame around it", text + "1 g 30 35 120 40 re 40 45 100 20 re f*", "", nil, 0},
		{"clipped away", text + "q 0 0 10 10 re W n " + white + "Q", "", nil, 0},
		{"clipped to it", text + "q 45 45 80 20 re W n 1 g 0 0 200 200 re f Q", "", nil, 1},
		{"half transparent", text + "/Half gs " + white, "", nil, 0},
		{"nearly opaque", text + "/Most gs " + white, "", nil, 1},
		{"multiplied", text + "/Mul gs " + white, "", nil, 0},
		{"soft mask", text + "/Soft gs " + white, "", nil, 0},
		{"shading", text + "/Pattern cs /Shade scn 40 45 100 20 re f", "", nil, 1},
		{"tiles", text + "/Pattern cs /Tile scn 40 45 100 20 re f", "", nil, 0},
		{"tiles and colour again", text + "/Pattern cs /Tile scn " + white, "", nil, 1},
		{"picture", text + "q 100 0 0 20 40 45 cm /Pic Do Q", "", nil, 1},
		{"picture inside the content", text + "q 100 0 0 20 40 45 cm BI /W 1 /H 1 /CS /G /BPC 8 ID \xff EI Q", "", nil, 1},
		{"mask inside the content", text + "q 100 0 0 20 40 45 cm BI /W 8 /H 1 /IM true ID \xaa EI Q", "", nil, 0},
		{"picture with a mask", text + "q 100 0 0 20 40 45 cm /Alpha Do Q", "", nil, 0},
		{"picture with a mask of nothing", text + "q 100 0 0 20 40 45 cm /Full Do Q", "", nil, 1},
		{"a dot drawn out", text + "q 100 0 0 20 40 45 cm 1 g /Dot Do Q", "", nil, 1},
		{"form", text + "q 1 0 0 1 40 0 cm /Form Do Q", "", nil, 1},
		{"form elsewhere", text + "q 1 0 0 1 140 0 cm /Form Do Q", "", nil, 0},
		{"transparent group", text + "/Half gs /Group Do", "", nil, 0},
		{"group", text + "/Group Do", "", nil, 1},
		{"text of Chinese letters", "BT /F2 10 Tf 50 50 Td <10001001> Tj ET " + white, "", nil, 1},
		{"invisible text", "BT 3 Tr /F1 10 Tf 50 50 Td (Pay 1000) Tj ET 0 Tr " + white, "", nil, 0},
		{"text once more above", text + white + text, "", nil, 0},
		{"another text above", text + white + "BT /F1 10 Tf 50 50 Td (Pay 9999) Tj ET", "", nil, 1},
		{"text off the page", "BT /F1 10 Tf 50 -50 Td (Pay 1000) Tj ET 1 g -99 -99 300 100 re f", "", nil, 0},
		{"several texts", "BT /F1 10 Tf 12 TL 50 60 Td (Pay) Tj T* [(10) -200 (00)] TJ (yuan) ' ET 1 g 30 20 100 60 re f", "", nil, 3},
		{"picture under a picture", "q 50 0 0 50 50 50 cm /Pic Do Q q 80 0 0 80 40 40 cm /Pic Do Q", "", nil, 1},
		{"picture half under a picture", "q 50 0 0 50 50 50 cm /Pic Do Q q 80 0 0 80 70 40 cm /Pic Do Q", "", nil, 0},
		{"annotation", text, "18 0 R", []string{annotation("Stamp", "/AP <</N 19 0 R>>"), form("")}, 1},
		{"annotation in a state", text, "18 0 R", []string{annotation("Widget", "/AS /On /AP <</N <</On 19 0 R>>>>"), form("")}, 1},
		{"annotation hidden", text, "18 0 R", []string{"<</Type /Annot /Subtype /Stamp /Rect [40 45 140 65] /F 2 /AP <</N 19 0 R>>>>", form("")}, 0},
		{"annotation turned on its side", text, "18 0 R", []string{annotation("Stamp", "/AP <</N 19 0 R>>"), form("/Matrix [0 1 -1 0 0 0]")}, 1},
		{"highlight", text, "18 0 R", []string{annotation("Highlight", "/AP <</N 19 0 R>>"), form("")}, 0},
		{"square without a drawing", text, "18 0 R", []string{annotation("Square", "/IC [1 1 1]")}, 1},
		{"link", text, "18 0 R", []string{annotation("Link", "")}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			var found []pdfseal.Finding
			for _, f := range gated(t, overlayDocument(c.content, c.annots, c.more...)) {
				switch f.Key {
				case pdfseal.FindingOverlay:
					found = append(found, f)
				case pdfseal.FindingUnlooked, pdfseal.FindingTextUnderScan:
					t.Errorf("%+v", f)
				}
			}
			if c.want == 0 && len(found) == 0 {
				return
			}
			if len(found) != 1 || found[0].Data["count"] != strconv.Itoa(c.want) || found[0].Level != pdfseal.LevelWarn {
				t.Fatalf("%+v, want %d pieces", found, c.want)
			}
			f := found[0]
			if f.Page != 1 || f.X < 10 || f.X+f.W > 60 || f.Y < 20 || f.Y+f.H > 60 || !f.Area.Known() {
				t.Errorf("page %d, %+v", f.Page, f.Area)
			}
		})
	}
}

// TestInspect_overlayPlace: the place is that of the text, from the left and top edge of the page.
func TestInspect_overlayPlace(t *testing.T) {
	for _, f := range gated(t, overlayDocument("BT /F1 10 Tf 50 50 Td (Pay 1000) Tj ET 1 g 0 0 200 100 re f", "")) {
		if f.Key == pdfseal.FindingOverlay {
			if want := (pdfseal.Area{X: 17.39, Y: 50.31, W: 14.61, H: 3.39}); f.Area != want {
				t.Errorf("%+v, want %+v", f.Area, want)
			}
			return
		}
	}
	t.Error("not found")
}

// TestInspect_scans: recognised text of a scan is no warning, wherever the scanner has put it.
func TestInspect_scans(t *testing.T) {
	picture := "q 200 0 0 200 0 0 cm /Pic Do Q\n"
	bands := "q 200 0 0 100 0 0 cm /Pic Do Q q 200 0 0 100 0 100 cm /Pic Do Q\n"
	text := func(mode int) string { return fmt.Sprintf("BT %d Tr /F1 10 Tf 50 50 Td (recognised) Tj ET\n", mode) }
	for _, c := range []struct {
		name, content string
		note          bool
	}{
		{"invisible, above", picture + text(3), false},
		{"invisible, below", text(3) + picture, false},
		{"visible, above", picture + text(0), false},
		{"visible, below", text(0) + picture, true},
		{"visible, below bands", text(0) + bands, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			noted := false
			for _, f := range gated(t, overlayDocument(c.content, "")) {
				noted = noted || f.Key == pdfseal.FindingTextUnderScan && f.Level == pdfseal.LevelNote && f.Page == 1
				if f.Key == pdfseal.FindingOverlay {
					t.Errorf("warned: %+v", f)
				}
			}
			if noted != c.note {
				t.Errorf("noted %v, want %v", noted, c.note)
			}
		})
	}
}

// TestInspect_overlayUnlooked: a page whose content is not read to the end is named, never passed over.
func TestInspect_overlayUnlooked(t *testing.T) {
	for name, doc := range map[string][]byte{
		"form that draws itself": overlayDocument("/Self Do", ""),
		"filter that is not read": writeTable([]string{"<</Type /Catalog /Pages 2 0 R>>", "<</Type /Pages /Count 1 /Kids [3 0 R]>>",
			"<</Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] /Contents 4 0 R>>", mutant.Stream("/Filter /LZWDecode", "\x80\x0b")}, ""),
		"clipped again and again": overlayDocument(strings.Repeat("0 0 m 9 0 l 9 9 l W n\n", 10_000)+strings.Repeat("BT /F1 10 Tf 5 5 Td (Pay 1000) Tj ET\n", 150_000), ""),
		"forms in forms":          overlayDocument("/F0 Do", "", nested(18)...),
		"too long a path":         overlayDocument(strings.Repeat("0 0 9 9 re\n", 6000)+"f", ""),
		"texts under shapes":      overlayDocument(strings.Repeat("BT /F1 10 Tf 5 5 Td (Pay) Tj ET\n", 20_000)+strings.Repeat("9 9 9 9 re f\n", 20_000), ""),
		"too much":                overlayDocument(strings.Repeat(" ", 9<<20), ""),
	} {
		t.Run(name, func(t *testing.T) {
			wantFound(t, gated(t, doc), pdfseal.Finding{Level: pdfseal.LevelNote, Key: pdfseal.FindingUnlooked, Pages: "1"})
		})
	}
}

// nested are forms from object n on, each of which draws the next one a hundred times.
func nested(n int) (out []string) {
	for i := range 12 {
		out = append(out, mutant.Stream(fmt.Sprintf("/Type /XObject/Subtype /Form/BBox [0 0 200 200]/Resources <</XObject <</F %d 0 R>>>>", n+min(i+1, 11)), strings.Repeat("/F Do ", 100)))
	}
	return out
}

// TestInspect_overlayPages: the first pages have findings of their own, the rest one together.
func TestInspect_overlayPages(t *testing.T) {
	objects := []string{"<</Type /Catalog /Pages 2 0 R>>", "", "<</Type /Font /Subtype /Type1 /BaseFont /Helvetica>>",
		mutant.Stream("", "BT /F1 10 Tf 50 50 Td (Pay 1000) Tj ET 1 g 40 45 100 20 re f")}
	var kids strings.Builder
	for i := range 8 {
		fmt.Fprintf(&kids, "%d 0 R ", 5+i)
		objects = append(objects, "<</Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] /Contents 4 0 R /Resources <</Font <</F1 3 0 R>>>>>>")
	}
	objects[1] = "<</Type /Pages /Count 8 /Kids [" + kids.String() + "]>>"
	var pages []string
	for _, f := range gated(t, writeTable(objects, "")) {
		if f.Key == pdfseal.FindingOverlay {
			pages = append(pages, f.Pages+"×"+f.Data["count"])
		}
	}
	if got := strings.Join(pages, " "); got != "1×1 2×1 3×1 4×1 5×1 6–8×3" {
		t.Error(got)
	}
}

// FuzzOverlays: whatever a page draws, the gate neither panics nor hangs.
func FuzzOverlays(f *testing.F) {
	for _, s := range []string{"BT /F1 10 Tf 50 50 Td (Pay \\(1000\\)) Tj ET 1 g 40 45 100 20 re f", "/Self Do /Form Do /Pic Do", "q 1 0 0 1 0 0 cm BI /W 1 /IM true ID x EI Q",
		"[(a) -1e9 <00>] TJ << /A (>>) >> BDC 1 2 3 4 5 6 c h W* n sh", "BT /F2 1 Tf 7 Tr <0102> ' 1 1 (a) \" ET f"} {
		f.Add(s)
	}
	o := newOffice(f)
	f.Fuzz(func(t *testing.T, content string) {
		if _, err := pdfseal.Inspect(context.Background(), bytes.NewReader(overlayDocument(content, "")), o.trust); err != nil {
			t.Error(err)
		}
	})
}
