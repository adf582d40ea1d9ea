package report_test

import (
	"bytes"
	"fmt"
	"image/color"
	"os"
	"testing"

	"sealdesk/pdfseal"
	"sealdesk/ui/report"
)

// TestCollect_turned: of a page that was turned after sealing the mark is framed where it stood, on the page as it was sealed, and the turned
// page, which differs all over, has a frame around it.
func TestCollect_turned(t *testing.T) {
	path := revised(t, []string{text("a"), text("b")}, nil)
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var prev int
	if _, err := fmt.Sscanf(string(raw[bytes.LastIndex(raw, []byte("startxref\n")):]), "startxref\n%d", &prev); err != nil {
		t.Fatal(err)
	}
	at := len(raw)
	raw = append(raw, "4 0 obj\n<</Type /Page /Parent 2 0 R /MediaBox [0 0 595.276 841.89] /Rotate 90 /Contents 5 0 R>>\nendobj\n"...)
	raw = fmt.Appendf(raw, "xref\n4 1\n%010d 00000 n\r\ntrailer\n<</Size 8 /Root 1 0 R /Prev %d>>\nstartxref\n%d\n%%%%EOF\n", at, prev, len(raw))
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	rep := changedSince(pdfseal.Change{Page: 1, Key: pdfseal.ChangePageRotated, Area: pdfseal.Area{W: 210, H: 297}, WholePage: true})
	rep.Seals[0].Verdict, rep.Seals[0].Marks = pdfseal.VerdictInvalid, []pdfseal.PlacedMark{{Page: 1, X: 100, Y: 200, W: 40, H: 40}}
	d, err := report.Collect(t.Context(), path, rep, nil)
	if err != nil || len(d.Pages) != 1 || len(d.Pairs) != 1 {
		t.Fatalf("%+v, %v", d, err)
	}
	if b := d.Pages[0].Image.Bounds(); b.Dx() > b.Dy() {
		t.Errorf("the sealed page is drawn as it is now: %v", b)
	}
	px := func(mm float64) int { return int(mm / 25.4 * 84) }
	reds := func(img interface{ At(x, y int) color.Color }, x0, x1, y int) bool {
		for x := x0; x < x1; x++ {
			if img.At(x, y) == (color.RGBA{0xb3, 0x26, 0x1e, 0xff}) {
				return true
			}
		}
		return false
	}
	if !reds(d.Pages[0].Image, px(78), px(81), px(200)) {
		t.Error("the mark is not framed where it stood")
	}
	if !reds(d.Pairs[0].Then, 0, px(4), px(150)) || !reds(d.Pairs[0].Now, 0, px(4), px(100)) {
		t.Error("a page that differs all over has no frame")
	}
}
