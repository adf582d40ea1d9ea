package report_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sealdesk/pdfseal/page"
	"sealdesk/ui/form"
	"sealdesk/ui/report"
)

// TestWriteForm: every form, blank and filled, is one page whose text can be searched and stands inside the margins.
func TestWriteForm(t *testing.T) {
	full := form.Seal{Name: "示范旗人民政府办公室", ID: "TRAINING1529990000145", Size: "45×45 毫米", Maker: "CN=示范旗人民政府办公室, OU=电子印章制发 152999, O=示范旗人民政府办公室, C=CN",
		Period: "2026-11-30 至 2035-11-30", Certificate: "CN=示范旗人民政府办公室, OU=乌日娜, O=示范旗人民政府办公室, C=CN，序列号 42568C61318FFF91503CD25C17445D97",
		CertificatePeriod: "2026-11-30 至 2035-11-30", Key: "SK33ABA20077"}
	document := form.Document{Name: "批复.pdf", Pages: "12", SM3: strings.Repeat("0123456789abcdef", 4)}
	for _, lang := range []string{"zh", "en"} {
		cat := catalogue(t, lang)
		for _, k := range form.Kinds() {
			for what, s := range map[string]form.Seal{"blank": {}, "filled": full} {
				pages, text := formText(t, cat, form.New(k, s, document))
				if pages != 1 {
					t.Errorf("%s, %s, %s: %d pages", lang, k, what, pages)
				}
				for _, bad := range []string{"form.", "〓", "{{", "no value"} {
					if strings.Contains(text, bad) {
						t.Errorf("%s, %s, %s: the text holds %q", lang, k, what, bad)
					}
				}
				if strings.Contains(text, document.SM3) != (k == form.Use) {
					t.Errorf("%s, %s, %s: the digest of the document", lang, k, what)
				}
				if !strings.Contains(text, squeeze(cat.T("form.title."+string(k), nil))) || strings.Contains(text, full.ID) != (what == "filled" && k.OfSeal()) {
					t.Errorf("%s, %s, %s: %s", lang, k, what, text)
				}
			}
		}
	}
}

// TestWriteForm_longValues: names of any length keep to the page.
func TestWriteForm_longValues(t *testing.T) {
	long := strings.Repeat("没有空格的很长的名称", 300)
	pages, text := formText(t, catalogue(t, "zh"), form.New(form.Cancel, form.Seal{Name: long, ID: long, Size: long, Maker: long, Period: long, Certificate: long, Key: "\x1b[2J" + long}, form.Document{}))
	if pages > 3 || !strings.Contains(text, "主要负责人签字") {
		t.Errorf("%d pages: %s", pages, text)
	}
}

func formText(t *testing.T, cat report.Translator, f form.Form) (pages int, text string) {
	t.Helper()
	var b bytes.Buffer
	if err := report.WriteForm(&b, cat, f, time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "form.pdf")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	doc, err := page.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer doc.Close()
	var all strings.Builder
	for n := range doc.Pages() {
		runs, err := doc.Text(t.Context(), n+1)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range runs {
			if r.X < 17 || r.X+r.W > 210-16 || r.Y < 0 || r.Y+r.H > 297-14 {
				t.Errorf("%s, page %d: %q stands outside the margins: %+v", f.Kind, n+1, r.Text, r)
			}
			all.WriteString(r.Text)
		}
	}
	return doc.Pages(), squeeze(all.String())
}

// squeeze leaves out blanks, at which a line may break.
func squeeze(s string) string { return strings.Join(strings.Fields(s), "") }
