package pagetext

import (
	"bytes"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/signintech/gopdf"

	"sealdesk/assets"
	"sealdesk/pdfseal"
	"sealdesk/pdfseal/page"
	"sealdesk/pdfseal/rules"
	"sealdesk/ui/job"
)

var seal = rules.Seal{Name: "示范旗教育局", Width: 42, Height: 42}

// onePage makes a document with an A4 page that draws content; F1 is a font, I1 a picture of one pixel of the grey level given, and the
// page is turned.
func onePage(content string, grey byte, rotate int) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	var offsets []int
	for _, body := range []string{
		"<</Type /Catalog /Pages 2 0 R>>", "<</Type /Pages /Kids [3 0 R] /Count 1>>",
		fmt.Sprintf("<</Type /Page /Parent 2 0 R /MediaBox [0 0 595.28 841.89] /Rotate %d /Contents 4 0 R /Resources <</Font <</F1 5 0 R>> /XObject <</I1 6 0 R>>>>>>", rotate),
		fmt.Sprintf("<</Length %d>>\nstream\n%s\nendstream", len(content), content),
		"<</Type /Font /Subtype /Type1 /BaseFont /Helvetica>>",
		fmt.Sprintf("<</Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8 /Length 1>>\nstream\n%c\nendstream", grey),
	} {
		offsets = append(offsets, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", len(offsets), body)
	}
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f\r\n", len(offsets)+1)
	for _, o := range offsets {
		fmt.Fprintf(&b, "%010d 00000 n\r\n", o)
	}
	fmt.Fprintf(&b, "trailer\n<</Size %d /Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(offsets)+1, start)
	return b.Bytes()
}

// text draws a string at a size in points and a grey level.
func text(s string, x, y, size int, grey float64) string {
	return fmt.Sprintf("q %v g BT /F1 %d Tf 1 0 0 1 %d %d Tm (%s) Tj ET Q\n", grey, size, x, y, s)
}

// blankPages are pages that show nothing, or nearly so.
func blankPages() map[string][]byte {
	out := map[string][]byte{}
	for _, rotate := range []int{0, 90, 180, 270} {
		add := func(name, content string, grey byte) {
			out[fmt.Sprintf("%s, turned by %d", name, rotate)] = onePage(content, grey, rotate)
		}
		add("nothing", "", 0)
		add("white space", text("     ", 100, 700, 16, 0), 0)
		add("white text", text("This is hidden in white", 100, 700, 16, 1)+text("and so is this", 100, 600, 16, 1), 0)
		add("invisible text", "BT /F1 16 Tf 3 Tr 100 700 Td (not painted at all) Tj ET", 0)
		add("white picture", "q 595 0 0 842 0 0 cm /I1 Do Q", 0xff)
		add("pale picture", "q 400 0 0 400 100 200 cm /I1 Do Q", 0xf0)
		add("one dot", "300 400 3 3 re f", 0)
		add("a larger dot", "q 0 g 200 500 14 14 re f Q", 0)
		add("a full stop", text(".", 100, 700, 16, 0), 0)
		add("watermark", "q 0.8 g BT /F1 80 Tf 0.7 0.7 -0.7 0.7 150 250 Tm (SAMPLE) Tj ET Q", 0)
		add("darker watermark", text("DRAFT", 100, 400, 100, 0.7), 0)
		add("a seal alone", "q 0.9 0.1 0.1 RG 8 w 250 400 m 350 400 l 350 500 l 250 500 l h S Q", 0)
	}
	out["page number"] = onePage(text("- 12 -", 280, 60, 14, 0), 0, 0)
	out["page of pages"] = onePage(text("Page 3 of 7", 270, 60, 10, 0), 0, 0)
	return out
}

// pages with little on them that are not blank.
func filledPages() map[string][]byte {
	return map[string][]byte{
		"one line":       onePage(text("Approved.", 100, 700, 16, 0), 0, 0),
		"small print":    onePage(text("The quick brown fox", 100, 700, 6, 0), 0, 0),
		"grey print":     onePage(text("The quick brown fox jumps", 100, 700, 11, 0.4), 0, 0),
		"black picture":  onePage("q 200 0 0 100 100 400 cm /I1 Do Q", 0x30, 0),
		"table":          onePage("0.5 w 80 100 400 600 re S 80 200 m 480 200 l S 80 300 m 480 300 l S 200 100 m 200 700 l S", 0, 0),
		"white on black": onePage("0 g 50 50 400 700 re f "+text("WHITE TEXT", 100, 500, 24, 1), 0, 0),
		"big word":       onePage(text("NOTICE", 100, 500, 72, 0), 0, 270),
	}
}

// patience is enough for any page on any machine.
const patience = time.Minute

// review reviews page 1 of a file.
func review(t *testing.T, path string, patience time.Duration) map[string]pdfseal.Finding {
	t.Helper()
	if err := page.Warm(t.Context()); err != nil {
		t.Fatal(err)
	}
	r := job.Reviewer{Text: Reader{}, Today: time.Date(2026, 9, 1, 8, 0, 0, 0, time.UTC), Patience: patience}
	list, err := r.Review(t.Context(), path, 1, []int{1}, seal)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]pdfseal.Finding{}
	for _, f := range list {
		out[f.Key] = f
	}
	return out
}

func written(t *testing.T, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a.pdf")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// Blank pages are found (users.md, §11.3), and pages with something on them are not.
func TestReview_blank(t *testing.T) {
	for _, c := range []struct {
		pages map[string][]byte
		want  bool
	}{{blankPages(), true}, {filledPages(), false}} {
		for name, data := range c.pages {
			f, found := review(t, written(t, data), patience)[rules.FindingBlankPage]
			if found != c.want || found && (f.Page != 1 || f.Pages != "1" || f.Level != pdfseal.LevelWarn) {
				t.Errorf("%s: %+v", name, f)
			}
		}
	}
	if n := len(blankPages()); n < 40 {
		t.Errorf("only %d blank pages", n)
	}
}

// letter writes lines of Chinese text, 10.2 mm apart from the top, each at its distance from the left edge in millimetres.
func letter(t *testing.T, lines ...any) []byte {
	t.Helper()
	font, err := fs.ReadFile(assets.FS, "fonts/gbsn00lp.ttf")
	if err != nil {
		t.Fatal(err)
	}
	var pdf gopdf.GoPdf
	pdf.Start(gopdf.Config{PageSize: *gopdf.PageSizeA4})
	pdf.AddPage()
	check := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	check(pdf.AddTTFFontData("song", font))
	check(pdf.SetFont("song", "", 16))
	for i := 0; i+1 < len(lines); i += 2 {
		pdf.SetXY(lines[i].(float64)*72/25.4, (40+5.1*float64(i))*72/25.4)
		check(pdf.Text(lines[i+1].(string)))
	}
	var out bytes.Buffer
	_, err = pdf.WriteTo(&out)
	check(err)
	return out.Bytes()
}

// What the review says of text that pdfium reads.
func TestReview_text(t *testing.T) {
	body := "各有关单位要切实加强电子印章的使用和管理。"
	for name, c := range map[string]struct {
		lines []any
		want  string // keys
	}{
		"in order":     {[]any{28.0, body, 28.0, body, 0.0, " ", 0.0, " ", 122.0, "示范旗教育局", 124.0, "2026年8月31日"}, ""},
		"another name": {[]any{28.0, body, 28.0, body, 0.0, " ", 0.0, " ", 122.0, "示范旗人民政府办公室", 124.0, "2026年8月31日"}, rules.FindingName},
		"to come":      {[]any{28.0, body, 28.0, body, 0.0, " ", 0.0, " ", 122.0, "示范旗教育局", 124.0, "2026年9月30日"}, rules.FindingDateFuture},
		"secret":       {[]any{28.0, "机密★1年", 28.0, body, 28.0, body}, rules.FindingSecret},
		"of secrets":   {[]any{28.0, "保守国家秘密，人人有责。", 28.0, "密级分为绝密、机密、秘密。", 28.0, body}, ""},
		"no text":      {[]any{34.0, "（此页无正文）", 0.0, " ", 122.0, "示范旗教育局", 124.0, "2026年8月31日"}, rules.FindingNoText},
		"form":         {[]any{28.0, body, 28.0, "申请人：__________"}, rules.FindingUnfilled},
	} {
		got := strings.Join(slices.Sorted(maps.Keys(review(t, written(t, letter(t, c.lines...)), patience))), " ")
		if got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// Of the real pages of the corpus no check that refuses hits one; the long run takes every other file, the short one every thirtieth.
func TestReview_corpus(t *testing.T) {
	files, err := filepath.Glob("../../../shared/testdata/pdf/*/*.pdf")
	if err != nil || len(files) == 0 {
		t.Skip("the shared corpus ../shared/testdata/pdf is absent")
	}
	step := 30
	if os.Getenv("SEALDESK_LONG") != "" {
		step = 2
	}
	count := map[string]int{}
	for i := 0; i < len(files); i += step {
		for k, f := range review(t, files[i], 0) {
			if count[k]++; f.Level == pdfseal.LevelRefuse {
				t.Errorf("%s: %+v", files[i], f)
			}
		}
	}
	t.Logf("%d files: %v", (len(files)+step-1)/step, count)
}
