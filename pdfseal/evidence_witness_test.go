package pdfseal_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"sealdesk/pdfseal"
)

// TestEvidence_othersAgree shows files with evidence to other programs: qpdf finds nothing wrong, pdfsig sees the same signatures over the same
// ranges, poppler and pdfium draw the same pages as before.
func TestEvidence_othersAgree(t *testing.T) {
	o := newOffice(t)
	tool(t, "pdftoppm")
	for name, options := range map[string][]string{"table": nil, "stream": {"--object-streams=generate"}} {
		t.Run(name, func(t *testing.T) {
			sealed := o.affix(t, viaQPDF(t, document(a4, a4), options), 0, pdfseal.Mark{Page: 1, X: 60, Y: 60}, pdfseal.Mark{Page: 2, X: 60, Y: 60})
			sealed = o.affix(t, sealed, 1, pdfseal.Mark{Page: 1, X: 120, Y: 60})
			doc := o.add(t, sealed, o.evidence(t, sealed, 0, nil))
			doc = o.add(t, doc, o.evidence(t, doc, 1, nil))
			qpdfClean(t, doc)
			dir := t.TempDir()
			before, after := filepath.Join(dir, "a.pdf"), filepath.Join(dir, "b.pdf")
			for path, b := range map[string][]byte{before: sealed, after: doc} {
				if err := os.WriteFile(path, b, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			a, b := pdfsigRanges(t, before), pdfsigRanges(t, after)
			if len(a) != 2 || strings.Join(a, " ") != strings.Join(b, " ") {
				t.Errorf("pdfsig: %v before, %v after", a, b)
			}
			for engine, render := range engines(t) {
				for page := 1; page <= 2; page++ {
					was, err := render(t.Context(), before, page)
					if err != nil {
						t.Fatal(err)
					}
					is, err := render(t.Context(), after, page)
					if err != nil {
						t.Fatal(err)
					}
					if !bytes.Equal(was.Pix, is.Pix) {
						t.Errorf("%s draws page %d otherwise", engine, page)
					}
				}
			}
		})
	}
}

// pdfsigRanges are the signed ranges that pdfsig names, in its order.
func pdfsigRanges(t testing.TB, path string) []string {
	t.Helper()
	// pdfsig does not know SM2 and ends with an error; what it prints counts.
	out, _ := exec.Command(tool(t, "pdfsig"), "-nocert", path).CombinedOutput()
	return regexp.MustCompile(`Signed Ranges: .*`).FindAllString(string(out), -1)
}

// TestEvidence_qpdfReads lets qpdf read the store: every stream in it has the bytes that went in.
func TestEvidence_qpdfReads(t *testing.T) {
	o := newOffice(t)
	sealed, doc := o.enriched(t)
	path := filepath.Join(t.TempDir(), "x.pdf")
	if err := os.WriteFile(path, doc, 0o600); err != nil {
		t.Fatal(err)
	}
	e := o.evidence(t, sealed, 0, nil)
	last := regexp.MustCompile(`/SDSK_Receipts \[(\d+) 0 R\]`).FindSubmatch(doc[len(sealed):])
	if last == nil {
		t.Fatal("no receipt in the store")
	}
	got, err := exec.Command(tool(t, "qpdf"), "--show-object="+string(last[1]), "--raw-stream-data", path).Output()
	if err != nil {
		t.Fatal(err)
	}
	// The signature in a receipt differs each time; its signed content does not.
	content := regexp.MustCompile(`\{"format":"sealdesk-receipt/1".*"bundle":1\}`)
	if a, b := content.Find(got), content.Find(e.Receipt); a == nil || !bytes.Equal(a, b) {
		t.Errorf("qpdf reads %q", a)
	}
}
