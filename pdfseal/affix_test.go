package pdfseal_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"sealdesk/pdfseal"
	"sealdesk/pdfseal/internal/mutant"
	"sealdesk/pdfseal/ses"
)

func TestAffix_oneSeal(t *testing.T) {
	o := newOffice(t)
	doc := document(a4)
	sealed := o.affix(t, doc, 0, pdfseal.Mark{Page: 1, X: 105, Y: 148.5})
	if !bytes.HasPrefix(sealed, doc) {
		t.Error("the input is not an exact prefix of the output")
	}
	rep := o.verify(t, sealed)
	wantAccepted(t, rep, 1)
	m := rep.Seals[0].Marks
	if len(m) != 1 || m[0] != (pdfseal.PlacedMark{Page: 1, X: 105, Y: 148.5, W: 20, H: 20}) {
		t.Errorf("marks %v", m)
	}
	if s := rep.Seals[0]; s.Seal.Name != "示范旗人民政府" || !s.Coverage.WholeFile || s.Standard != "GB/T 38540-2020" {
		t.Errorf("report %+v", s)
	}
}

func TestAffix_manyPagesOneSeal(t *testing.T) {
	o := newOffice(t)
	sealed := o.affix(t, document(a4, a4, a4), 0, pdfseal.Mark{Page: 1, X: 100, Y: 100}, pdfseal.Mark{Page: 2, X: 50, Y: 60}, pdfseal.Mark{Page: 3, X: 150, Y: 250}, pdfseal.Mark{Page: 3, X: 50, Y: 250})
	rep := o.verify(t, sealed)
	wantAccepted(t, rep, 1)
	if n := len(rep.Seals[0].Marks); n != 4 {
		t.Errorf("%d marks reported, want 4", n)
	}
	qpdfClean(t, sealed)
}

// TestAffix_secondAndThirdSeal adds seals to sealed files of every kind of base.
func TestAffix_secondAndThirdSeal(t *testing.T) {
	o := newOffice(t)
	for name, options := range map[string][]string{"table": nil, "stream": {"--object-streams=generate"}, "linearised": {"--linearize"},
		"linearised stream": {"--linearize", "--object-streams=generate"}, "uncompressed": {"--qdf"}} {
		t.Run(name, func(t *testing.T) {
			doc := viaQPDF(t, document(a4, a4), options)
			for i := range 3 {
				before := doc
				doc = o.affix(t, doc, i, pdfseal.Mark{Page: 1, X: 50 + 40*float64(i), Y: 200}, pdfseal.Mark{Page: 2, X: 50 + 40*float64(i), Y: 100})
				if !bytes.HasPrefix(doc, before) {
					t.Fatal("an earlier revision was changed")
				}
				rep := o.verify(t, doc)
				wantAccepted(t, rep, i+1)
				if len(rep.Changes) != i {
					t.Errorf("%d changes reported after seal %d", len(rep.Changes), i+1)
				}
			}
			qpdfClean(t, doc)
		})
	}
}

// viaQPDF lets qpdf write a document anew.
func viaQPDF(t testing.TB, doc []byte, options []string) []byte {
	t.Helper()
	if options == nil {
		return doc
	}
	in, out := filepath.Join(t.TempDir(), "in.pdf"), filepath.Join(t.TempDir(), "out.pdf")
	if err := os.WriteFile(in, doc, 0o600); err != nil {
		t.Fatal(err)
	}
	if msg, err := exec.Command(tool(t, "qpdf"), append(options, in, out)...).CombinedOutput(); err != nil {
		t.Fatalf("qpdf: %v\n%s", err, msg)
	}
	b, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestAffix_refusals(t *testing.T) {
	o := newOffice(t)
	sealed := o.affix(t, document(a4), 0, pdfseal.Mark{Page: 1, X: 100, Y: 100})
	cases := []struct {
		name  string
		doc   []byte
		req   pdfseal.Request
		field string
		key   string
	}{
		{"no marks", document(a4), o.request(0), "Marks", "NO_MARKS"},
		{"page 0", document(a4), o.request(0, pdfseal.Mark{Page: 0, X: 100, Y: 100}), "Marks", "PAGE_RANGE"},
		{"page 2 of 1", document(a4), o.request(0, pdfseal.Mark{Page: 2, X: 100, Y: 100}), "Marks", "PAGE_RANGE"},
		{"off the page", document(a4), o.request(0, pdfseal.Mark{Page: 1, X: 5, Y: 100}), "Marks", "OFF_PAGE"},
		{"three on a page", document(a4), o.request(0, pdfseal.Mark{Page: 1, X: 50, Y: 100}, pdfseal.Mark{Page: 1, X: 100, Y: 100}, pdfseal.Mark{Page: 1, X: 150, Y: 100}), "Marks", "TOO_MANY_MARKS"},
		{"over itself", document(a4), o.request(0, pdfseal.Mark{Page: 1, X: 50, Y: 100}, pdfseal.Mark{Page: 1, X: 55, Y: 100}), "Marks", "OVERLAPS_SEAL"},
		{"over an earlier seal", sealed, o.request(1, pdfseal.Mark{Page: 1, X: 110, Y: 100}), "Marks", "OVERLAPS_SEAL"},
		{"seal of another holder", document(a4), func() pdfseal.Request {
			r := o.request(0, pdfseal.Mark{Page: 1, X: 50, Y: 100})
			r.Seal = o.seal[1]
			return r
		}(), "Signer", "CERT_NOT_IN_SEAL"},
		{"seal is rubbish", document(a4), func() pdfseal.Request {
			r := o.request(0, pdfseal.Mark{Page: 1, X: 50, Y: 100})
			r.Seal = []byte{0x30, 0x03, 1, 2, 3}
			return r
		}(), "Seal", "SEAL_UNREADABLE"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var out bytes.Buffer
			_, err := pdfseal.Affix(context.Background(), &out, bytes.NewReader(c.doc), c.req)
			var re *pdfseal.RequestError
			if !errors.As(err, &re) || re.Field != c.field || re.Key != c.key {
				t.Errorf("error %v, want %s %s", err, c.field, c.key)
			}
			if out.Len() > 0 {
				t.Error("something was written")
			}
		})
	}
}

func TestAffix_gate(t *testing.T) {
	o := newOffice(t)
	cases := map[string]string{
		pdfseal.FindingJavaScript: "/AA << /O << /S /JavaScript /JS (app.alert(1)) >> >>",
		pdfseal.FindingLaunch:     "/AA << /O << /S /Launch /F (calc.exe) >> >>",
		pdfseal.FindingXFA:        "",
	}
	for key, extra := range cases {
		doc := document(page{a4.box, extra})
		if key == pdfseal.FindingXFA {
			doc = retable(bytes.Replace(doc, []byte("/Type /Catalog"), []byte("/Type /Catalog /AcroForm << /Fields [] /XFA (x) >>"), 1))
		}
		var out bytes.Buffer
		_, err := pdfseal.Affix(context.Background(), &out, bytes.NewReader(doc), o.request(0, pdfseal.Mark{Page: 1, X: 100, Y: 100}))
		var re *pdfseal.RefusedError
		if !errors.As(err, &re) || re.Findings[0].Key != key {
			t.Errorf("%s: error %v", key, err)
		}
	}
}

// TestAffix_danglingReference seals a document whose page refers to numbers that nothing defines: the new objects must not take them, or the
// seal's picture would appear wherever the author of the document pointed.
func TestAffix_danglingReference(t *testing.T) {
	o := newOffice(t)
	doc := document(page{a4.box, "/Annots [ 6 0 R 7 0 R 9 0 R ] /X << /Im 8 0 R >>"})
	sealed := o.affix(t, doc, 0, pdfseal.Mark{Page: 1, X: 100, Y: 100})
	wantAccepted(t, o.verify(t, sealed), 1)
	if m := regexp.MustCompile(`(?m)^[6-9] 0 obj`).Find(sealed[len(doc):]); m != nil {
		t.Errorf("object %s was defined", m)
	}
	qpdfClean(t, sealed)
}

// TestAffix_rebuilt: where a reference leads to nothing, poppler rebuilds the table from whatever reads like an object, and shows the text in
// the stream or between the objects; other readers, and whoever sealed, see the page. One without the other does no harm.
func TestAffix_rebuilt(t *testing.T) {
	o := newOffice(t)
	evil := "4 0 obj\n" + mutant.Stream("", "BT /F1 12 Tf 60 90 Td (Pay 99) Tj ET") + "\nendobj\n"
	for _, c := range []struct {
		entries, inside, behind string
		ok                      bool
	}{
		{"/OCProperties 60 0 R", "\n" + evil, "", false},
		{"/OCProperties 60 0 R", "\ntrailer\n<</Root 9 0 R>>\n", "", false},
		{"/OCProperties 60 0 R", "data", "\nendobj\n" + evil, false},
		{"/OCProperties 60 0 R", "data", "\nendobj\n9 0 obj\n1", false},
		{"/OCProperties 60 0 R", "data", "", true},
		{"", "\n" + evil, "\nendobj\n" + strings.TrimSuffix(evil, "endobj\n"), true},
	} {
		doc := writeTable([]string{"<</Type /Catalog /Pages 2 0 R /X 5 0 R" + c.entries + ">>", "<</Type /Pages /Count 1 /Kids [3 0 R]>>",
			"<</Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources <</Font <</F1 6 0 R>>>>>>",
			mutant.Stream("", "BT /F1 12 Tf 60 90 Td (Pay 10) Tj ET"), mutant.Stream("", c.inside) + c.behind,
			"<</Type /Font /Subtype /Type1 /BaseFont /Helvetica>>"}, "")
		_, err := pdfseal.Affix(context.Background(), io.Discard, bytes.NewReader(doc), o.request(0, pdfseal.Mark{Page: 1, X: 100, Y: 100}))
		var syntax *pdfseal.SyntaxError
		if refused := errors.As(err, &syntax) && syntax.Rule == "S5"; refused == c.ok || err != nil && !refused {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

// retable writes the cross-reference table of a document() anew after its objects were edited.
func retable(doc []byte) []byte {
	body := doc[:bytes.LastIndex(doc, []byte("xref\n0 "))]
	var b bytes.Buffer
	b.Write(body)
	objs := regexp.MustCompile(`(?m)^(\d+) 0 obj`).FindAllSubmatchIndex(body, -1)
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(objs)+1)
	for _, m := range objs {
		fmt.Fprintf(&b, "%010d 00000 n \n", m[0])
	}
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(objs)+1, len(body))
	return b.Bytes()
}

// TestAffix_openssl lets OpenSSL judge what was signed.
func TestAffix_openssl(t *testing.T) {
	openssl := tool(t, "openssl")
	o := newOffice(t)
	opensslAccepts(t, openssl, o.affix(t, document(a4), 0, pdfseal.Mark{Page: 1, X: 100, Y: 100}), o.seal[0])
}

// opensslAccepts checks a sealed file with OpenSSL alone: the signature value over TBS_Sign with the default ID, the digest over the ByteRange;
// and that the seal inside is the seal on the key byte for byte.
func opensslAccepts(t testing.TB, openssl string, sealed, seal []byte) {
	t.Helper()
	dir := t.TempDir()
	write := func(name string, b []byte) string {
		p := filepath.Join(dir, name)
		if err := os.WriteFile(p, b, 0o600); err != nil {
			t.Fatal(err)
		}
		return p
	}
	der, from, to := contents(t, sealed)
	s, err := ses.ParseSignature(der)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(s.Seal.Raw, seal) {
		t.Error("the seal inside differs from the seal on the key")
	}
	covered := append(bytes.Clone(sealed[:from]), sealed[to:]...)
	got, err := exec.Command(openssl, "dgst", "-sm3", "-r", write("covered", covered)).Output()
	if err != nil {
		t.Fatal(err)
	}
	if h, _ := s.Hash(); !strings.HasPrefix(string(got), hex.EncodeToString(h[:])) {
		t.Errorf("data hash %x, openssl %s", h, got)
	}
	pub := filepath.Join(dir, "pub.pem")
	if msg, err := exec.Command(openssl, "x509", "-inform", "DER", "-in", write("cert", s.SignerCert), "-pubkey", "-noout", "-out", pub).CombinedOutput(); err != nil {
		t.Fatalf("x509: %s", msg)
	}
	if msg, err := exec.Command(openssl, "pkeyutl", "-verify", "-pubin", "-inkey", pub, "-rawin", "-digest", "sm3", "-in", write("tbs", s.TBSRaw),
		"-sigfile", write("sig", s.Value), "-pkeyopt", "distid:1234567812345678").CombinedOutput(); err != nil {
		t.Errorf("openssl refuses the signature: %s", msg)
	}
}

// contents cuts the last /Contents out of a sealed file and trims it; the token stands at [from, to).
func contents(t testing.TB, sealed []byte) (der []byte, from, to int) {
	t.Helper()
	m := regexp.MustCompile(`/ByteRange ?\[ ?0\s+(\d+)\s+(\d+)\s+\d+\s*\]`).FindAllSubmatch(sealed, -1)
	if len(m) == 0 {
		t.Fatal("no ByteRange")
	}
	from, _ = strconv.Atoi(string(m[len(m)-1][1]))
	to, _ = strconv.Atoi(string(m[len(m)-1][2]))
	raw, err := hex.DecodeString(string(sealed[from+1 : to-1]))
	if err != nil {
		t.Fatal(err)
	}
	if der, _, err = ses.Trim(raw); err != nil {
		t.Fatal(err)
	}
	return der, from, to
}

// qpdfClean fails unless qpdf finds nothing to say.
func qpdfClean(t testing.TB, doc []byte) {
	t.Helper()
	qpdf := tool(t, "qpdf")
	p := filepath.Join(t.TempDir(), "x.pdf")
	if err := os.WriteFile(p, doc, 0o600); err != nil {
		t.Fatal(err)
	}
	if msg, err := exec.Command(qpdf, "--check", p).CombinedOutput(); err != nil {
		t.Errorf("qpdf --check: %v\n%s", err, msg)
	}
}

// badSigner answers with something that is not a signature of its certificate.
type badSigner struct {
	pdfseal.Signer
	answer []byte
}

func (b badSigner) SignSM2(context.Context, []byte) ([]byte, error) { return b.answer, nil }

func TestAffix_badSignerWritesNothing(t *testing.T) {
	o := newOffice(t)
	random := make([]byte, 64)
	rand.Read(random)
	foreign, err := o.holder[1].Signer().SignSM2(context.Background(), []byte("x"))
	if err != nil {
		t.Fatal(err)
	}
	src := filepath.Join(t.TempDir(), "in.pdf")
	if err := os.WriteFile(src, document(a4), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, answer := range map[string][]byte{"empty": {}, "zero": make([]byte, 64), "random": random, "foreign": foreign, "short": random[:40]} {
		req := o.request(0, pdfseal.Mark{Page: 1, X: 100, Y: 100})
		req.Signer = badSigner{req.Signer, answer}
		_, err := pdfseal.AffixFile(context.Background(), filepath.Join(filepath.Dir(src), "out.pdf"), src, req)
		var se *pdfseal.SignerError
		if !errors.As(err, &se) {
			t.Errorf("%s: error %v, want a SignerError", name, err)
		}
		onlyFile(t, filepath.Dir(src), "in.pdf")
	}
}

// onlyFile fails unless dir holds exactly the named files.
func onlyFile(t testing.TB, dir string, names ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if strings.Join(got, " ") != strings.Join(names, " ") {
		t.Errorf("directory holds %v, want %v", got, names)
	}
}
