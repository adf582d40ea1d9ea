package report_test

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sealdesk/pdfseal"
	"sealdesk/pdfseal/page"
	"sealdesk/ui/explain"
	"sealdesk/ui/i18n"
	"sealdesk/ui/report"
)

// findings is a report with everything that a report can show.
func findings() *report.Document {
	at := time.Date(2026, 11, 20, 1, 2, 3, 0, time.UTC)
	red := image.NewNRGBA(image.Rect(0, 0, 60, 60))
	sheet := image.NewRGBA(image.Rect(0, 0, 210, 297))
	for i := range sheet.Pix {
		sheet.Pix[i] = 0xff
	}
	for i := range 60 {
		red.Set(i, i, color.NRGBA{0xc3, 0x27, 0x2b, 0xff})
	}
	rep := &pdfseal.Report{File: "dir/<批复>.pdf", Size: 12345, SM3: strings.Repeat("ab", 32), Verdict: pdfseal.VerdictInvalid,
		Reasons: []pdfseal.Reason{{Rule: "I1", Key: pdfseal.ReasonChanged, Data: map[string]string{"rule": "I1"}, Verdict: pdfseal.VerdictInvalid},
			{Rule: "T3", Key: pdfseal.ReasonTimeClaimed, Verdict: pdfseal.VerdictValidNotice}},
		Seals: []pdfseal.SealReport{{Verdict: pdfseal.VerdictInvalid, Standard: "GB/T 38540-2020", Seal: pdfseal.SealSummary{ID: "15299900000145", Name: "示范旗人民政府办公室<b>"},
			Time: pdfseal.TimeSummary{Value: &at, Source: pdfseal.TimeClaimed}, Coverage: pdfseal.Coverage{Revision: 2, Revisions: 3},
			Marks: []pdfseal.PlacedMark{{Page: 1, X: 100, Y: 200, W: 45, H: 45}}, Checks: []pdfseal.Check{{ID: "T4", Status: pdfseal.CheckSkipped}}}},
		Changes: []pdfseal.Change{{Revision: 3, Page: 1, Key: pdfseal.ChangePage, Data: map[string]string{"rule": "I1"}}}}
	return &report.Document{Report: rep, Pictures: []image.Image{red}, Pages: []report.Sheet{{Page: 1, Image: sheet}}, Base: 2,
		Pairs: []report.Pair{{Page: 1, Then: sheet, Now: sheet, Regions: []page.Region{{X: 1, Y: 1, W: 9, H: 9}}}, {Page: 2, Then: sheet}}, More: []int{70, 71}}
}

func catalogue(t *testing.T, lang string) *i18n.Catalogue {
	t.Helper()
	c, err := i18n.New(lang)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestWriteHTML(t *testing.T) {
	for lang, words := range map[string][]string{
		"zh": {"无效", "盖章时（第 2 版）", "70, 71", "没有这一页", "中心距左 100 毫米"},
		"en": {"invalid", "When sealed (revision 2)", "70, 71", "There is no such page"},
	} {
		cat := catalogue(t, lang)
		d := findings()
		explain.Fill(cat, d.Report)
		var b bytes.Buffer
		if err := report.WriteHTML(&b, cat, lang, []*report.Document{d}, time.Now()); err != nil {
			t.Fatal(err)
		}
		html := b.String()
		for _, w := range words {
			if !strings.Contains(html, w) {
				t.Errorf("%s: %q is not in the page", lang, w)
			}
		}
		for _, bad := range []string{"<b>", "<批复>", "http://", "https://", "ZgotmplZ", "no value", "report."} {
			if strings.Contains(html, bad) {
				t.Errorf("%s: the page holds %q", lang, bad)
			}
		}
		fault, notice := strings.Index(html, `#b3261e">✘</span>`+d.Report.Reasons[0].Text), strings.Index(html, `#b7791f">!</span>`+d.Report.Reasons[1].Text)
		if fault < 0 || notice < fault {
			t.Errorf("%s: fault at %d, notice at %d", lang, fault, notice)
		}
		if n := strings.Count(html, "data:image/png;base64,"); n != 5 {
			t.Errorf("%s: %d pictures, want 5", lang, n)
		}
	}
}

func TestWritePDF(t *testing.T) {
	cat := catalogue(t, "zh")
	d := findings()
	d.Report.Seals[0].Signer.Subject = "CN=" + strings.Repeat("没有空格的很长的名称", 30) + "𠮷ᠮ"
	explain.Fill(cat, d.Report)
	path := filepath.Join(t.TempDir(), "report.pdf")
	var b bytes.Buffer
	if err := report.WritePDF(&b, cat, []*report.Document{d, d}, time.Now()); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	doc, err := page.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer doc.Close()
	var text strings.Builder
	for n := range doc.Pages() {
		runs, err := doc.Text(t.Context(), n+1)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range runs {
			if r.X < 17 || r.X+r.W > 210-15 || r.Y < 0 || r.Y+r.H > 297-14 {
				t.Errorf("page %d: %q stands outside the margins: %+v", n+1, r.Text, r)
			}
			text.WriteString(r.Text)
		}
	}
	for _, w := range []string{"验章报告", "无效", "盖章时（第2版）", "〓"} {
		if !strings.Contains(text.String(), w) {
			t.Errorf("%q is not in the text: %s", w, text.String())
		}
	}
	qpdf, err := exec.LookPath("qpdf")
	if err != nil {
		t.Skip("qpdf is not installed")
	}
	if out, err := exec.Command(qpdf, "--check", path).CombinedOutput(); err != nil {
		t.Errorf("qpdf: %v\n%s", err, out)
	}
}

func TestChangedSince(t *testing.T) {
	seals := []pdfseal.SealReport{{Coverage: pdfseal.Coverage{Revision: 2}}, {Coverage: pdfseal.Coverage{Revision: 4}}}
	added := pdfseal.Change{Revision: 4, Key: pdfseal.ChangeSealAdded}
	for _, c := range []struct {
		changes []pdfseal.Change
		want    int
	}{
		{nil, 0}, {[]pdfseal.Change{added}, 0}, {[]pdfseal.Change{added, {Revision: 5, Key: pdfseal.ChangePage}}, 4},
		{[]pdfseal.Change{{Revision: 3, Key: pdfseal.ChangePage}, {Revision: 5, Key: pdfseal.ChangePage}}, 2},
		{[]pdfseal.Change{{Revision: 0, Key: pdfseal.ChangeUnreadable}}, 4},
	} {
		if got := report.ChangedSince(&pdfseal.Report{Seals: seals, Changes: c.changes}); got != c.want {
			t.Errorf("%+v: compared with revision %d, want %d", c.changes, got, c.want)
		}
	}
}

// TestCollect_broken: a file that vanished is an error, one that pdfium cannot draw is not.
func TestCollect_broken(t *testing.T) {
	rep := findings().Report
	if _, err := report.Collect(context.Background(), filepath.Join(t.TempDir(), "absent.pdf"), rep, nil); err == nil {
		t.Error("an absent file was collected")
	}
	path := filepath.Join(t.TempDir(), "text.pdf")
	if err := os.WriteFile(path, []byte("no PDF at all"), 0o600); err != nil {
		t.Fatal(err)
	}
	d, err := report.Collect(context.Background(), path, rep, nil)
	if err != nil || d.Uncompared == "" || len(d.Pairs) != 0 {
		t.Errorf("%+v, %v", d, err)
	}
}
