package pdfseal_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"sealdesk/pdfseal"
	"sealdesk/pdfseal/sealtest"
	"sealdesk/pdfseal/trust"
)

// now is the instant of all tests of this package.
var now = time.Date(2026, 11, 23, 7, 2, 0, 0, time.UTC)

// office is a small PKI with two sealed units.
type office struct {
	pki    *sealtest.PKI
	holder [3]*sealtest.Holder
	seal   [3][]byte
	trust  *trust.Store
}

var theOffice = sync.OnceValues(func() (*office, error) {
	o := &office{}
	var err error
	if o.pki, err = sealtest.NewPKI(now.AddDate(-1, 0, 0)); err != nil {
		return nil, err
	}
	for i, unit := range []string{"示范旗人民政府", "示范旗教育局", "示范旗财政局"} {
		if o.holder[i], err = o.pki.NewHolder(unit, "张三", now.AddDate(-1, 0, 0), now.AddDate(2, 0, 0)); err != nil {
			return nil, err
		}
		o.seal[i], err = o.pki.NewSeal(sealtest.SealSpec{ID: fmt.Sprintf("1525010000000%d", i), Name: unit, Type: 1, Picture: sealtest.SquarePicture(24 + i), PictureType: "PNG",
			WidthMM: 20, HeightMM: 20, ValidFrom: now.AddDate(-1, 0, 0), ValidTo: now.AddDate(2, 0, 0), Version: 4}, o.holder[i])
		if err != nil {
			return nil, err
		}
	}
	raw, err := o.pki.TrustFile(now)
	if err != nil {
		return nil, err
	}
	o.trust, err = trust.Parse(raw)
	return o, err
})

func newOffice(t testing.TB) *office {
	t.Helper()
	o, err := theOffice()
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// request asks for the seal of unit i at the given marks.
func (o *office) request(i int, marks ...pdfseal.Mark) pdfseal.Request {
	return pdfseal.Request{Seal: o.seal[i], Signer: o.holder[i].Signer(), Marks: marks, Time: now, Trust: o.trust}
}

// affix seals a document in memory.
func (o *office) affix(t testing.TB, doc []byte, i int, marks ...pdfseal.Mark) []byte {
	t.Helper()
	var out bytes.Buffer
	if _, err := pdfseal.Affix(context.Background(), &out, bytes.NewReader(doc), o.request(i, marks...)); err != nil {
		t.Fatalf("affix: %v", err)
	}
	return out.Bytes()
}

// verify judges a document in memory.
func (o *office) verify(t testing.TB, doc []byte) *pdfseal.Report {
	t.Helper()
	rep, err := pdfseal.Verify(context.Background(), bytes.NewReader(doc), pdfseal.VerifyOptions{Trust: o.trust, Now: now})
	if err != nil {
		t.Fatalf("verify: %v", err)
	}
	return rep
}

// verdict judges a document in memory; an error counts as its own verdict "error".
func (o *office) verdict(doc []byte) pdfseal.Verdict {
	rep, err := pdfseal.Verify(context.Background(), bytes.NewReader(doc), pdfseal.VerifyOptions{Trust: o.trust, Now: now})
	if err != nil {
		return "error"
	}
	return rep.Verdict
}

// wantAccepted fails unless the document has n seals and is valid.
func wantAccepted(t testing.TB, rep *pdfseal.Report, n int) {
	t.Helper()
	if !rep.Verdict.Accepted() || len(rep.Seals) != n {
		t.Fatalf("verdict %s with %d seals, want valid with %d\n%s", rep.Verdict, len(rep.Seals), n, failures(rep))
	}
}

func failures(rep *pdfseal.Report) string {
	var b strings.Builder
	for _, s := range rep.Seals {
		for _, c := range s.Checks {
			if c.Status == pdfseal.CheckFailed {
				fmt.Fprintf(&b, "%s: %s %s\n", s.Field, c.ID, c.Detail)
			}
		}
	}
	for _, r := range rep.Reasons {
		fmt.Fprintf(&b, "reason %s %s\n", r.Rule, r.Key)
	}
	for _, c := range rep.Changes {
		fmt.Fprintf(&b, "change %d page %d %s %v\n", c.Revision, c.Page, c.Key, c.Data)
	}
	return b.String()
}

// page is one page of a generated document: extra goes into the page dictionary.
type page struct{ box, extra string }

// a4 is an upright A4 page.
var a4 = page{box: "0 0 595.276 841.89"}

// document writes a small PDF with a cross-reference table.
func document(pages ...page) []byte {
	var b bytes.Buffer
	var offs []int
	obj := func(format string, a ...any) {
		offs = append(offs, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n", len(offs))
		fmt.Fprintf(&b, format, a...)
		b.WriteString("\nendobj\n")
	}
	b.WriteString("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	obj("<< /Type /Catalog /Pages 2 0 R >>")
	var kids strings.Builder
	for i := range pages {
		fmt.Fprintf(&kids, "%d 0 R ", 4+2*i)
	}
	obj("<< /Type /Pages /Count %d /Kids [ %s] >>", len(pages), kids.String())
	obj("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
	for i, p := range pages {
		obj("<< /Type /Page /Parent 2 0 R /MediaBox [ %s ] /Contents %d 0 R /Resources << /Font << /F1 3 0 R >> >> %s >>", p.box, 5+2*i, p.extra)
		text := fmt.Sprintf("BT /F1 12 Tf 60 60 Td (Page %d) Tj ET", i+1)
		obj("<< /Length %d >>\nstream\n%s\nendstream", len(text), text)
	}
	xref := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(offs)+1)
	for _, o := range offs {
		fmt.Fprintf(&b, "%010d 00000 n \n", o)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root 1 0 R /ID [ <00112233445566778899aabbccddeeff> <00112233445566778899aabbccddeeff> ] >>\nstartxref\n%d\n%%%%EOF\n", len(offs)+1, xref)
	return b.Bytes()
}

// tool returns the path of an external program; where it is missing the test fails in CI and is skipped elsewhere.
func tool(t testing.TB, name string) string {
	t.Helper()
	p, err := exec.LookPath(name)
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("%s is missing; go run ./cmd/dev test installs it", name)
		}
		t.Skipf("%s is not installed; go run ./cmd/dev test installs it", name)
	}
	return p
}

// isLong tells whether this is the long run.
func isLong() bool { return os.Getenv("SEALDESK_LONG") != "" }

// corpusFile is one row of the corpus' manifest.
type corpusFile struct {
	path     string
	pages    string
	features map[string]bool
	qpdf     string
}

// corpus reads the manifest of the shared PDF corpus. SEALDESK_CORPUS narrows it to paths that contain its value, to look at one file.
func corpus(t testing.TB) []corpusFile {
	t.Helper()
	root := filepath.Join("..", "..", "shared", "testdata", "pdf")
	f, err := os.Open(filepath.Join(root, "MANIFEST.tsv"))
	if err != nil {
		t.Skip("the shared corpus ../shared/testdata/pdf is absent")
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.Comma, r.LazyQuotes = '\t', true
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []corpusFile
	for _, row := range rows[1:] {
		if !strings.Contains(row[0], os.Getenv("SEALDESK_CORPUS")) {
			continue
		}
		c := corpusFile{path: filepath.Join(root, row[0]), pages: row[3], qpdf: row[5], features: map[string]bool{}}
		for _, x := range strings.Split(row[4], ",") {
			c.features[x] = true
		}
		out = append(out, c)
	}
	if len(out) < 1000 && os.Getenv("SEALDESK_CORPUS") == "" {
		t.Fatalf("corpus manifest lists only %d files", len(out))
	}
	return out
}

// sealable tells whether the file belongs to those that are to be sealed, refusedFiles excepted.
func (c corpusFile) sealable() bool {
	for _, x := range []string{"signed", "encrypted", "hybrid", "zero_pages", "js", "xfa", "launch"} {
		if c.features[x] {
			return false
		}
	}
	return c.qpdf == "clean" && c.pages != "-" && c.pages != "0"
}
