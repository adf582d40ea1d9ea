package pdfseal_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"sealdesk/pdfseal"
	"sealdesk/pdfseal/center/receipt"
	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/sealtest"
	"sealdesk/pdfseal/ses"
)

// checked is when the centre of these tests checks: a minute after sealing.
var checked = now.Add(time.Minute)

// evidence asks the centre about the i-th seal of a document; change may alter what the receipt says.
func (o *office) evidence(t testing.TB, doc []byte, i int, change func(*receipt.Receipt)) pdfseal.Evidence {
	t.Helper()
	all, err := pdfseal.SignaturesOf(context.Background(), bytes.NewReader(doc))
	if err != nil || len(all) <= i {
		t.Fatalf("signatures: %d, %v", len(all), err)
	}
	return o.evidenceOf(t, all[i].Signature, o.pki.Centre, checked, change)
}

// enrich answers as the office's centre does.
func (o *office) enrich(_ context.Context, s pdfseal.Sealed) (*pdfseal.Evidence, error) {
	sig, err := ses.ParseSignature(s.Signature)
	if err != nil {
		return nil, err
	}
	r, err := o.pki.Receipt(o.pki.Centre, sig, now, nil)
	return &pdfseal.Evidence{Receipt: r, Certificates: [][]byte{o.pki.RootCert}}, err
}

// evidenceOf is the evidence of a centre about a seal signature: receipt, authorities and their revocation lists.
func (o *office) evidenceOf(t testing.TB, der []byte, centre *sealtest.Service, at time.Time, change func(*receipt.Receipt)) pdfseal.Evidence {
	t.Helper()
	s, err := ses.ParseSignature(der)
	if err != nil {
		t.Fatal(err)
	}
	r, err := o.pki.Receipt(centre, s, at, change)
	if err != nil {
		t.Fatal(err)
	}
	f, err := o.pki.Trust(at, sealtest.TrustSpec{})
	if err != nil {
		t.Fatal(err)
	}
	return pdfseal.Evidence{Receipt: r, Certificates: [][]byte{o.pki.SignerCACert, o.pki.MakerCACert, o.pki.RootCert}, CRLs: f.CRLs}
}

// add appends evidence to a document by way of files.
func (o *office) add(t testing.TB, doc []byte, e pdfseal.Evidence) []byte {
	t.Helper()
	out, err := o.tryAdd(t, doc, e)
	if err != nil {
		t.Fatalf("add evidence: %v", err)
	}
	if !bytes.HasPrefix(out, doc) {
		t.Fatal("the sealed file is not an exact prefix of the result")
	}
	return out
}

func (o *office) tryAdd(t testing.TB, doc []byte, e pdfseal.Evidence) ([]byte, error) {
	t.Helper()
	dir := t.TempDir()
	src, dst := filepath.Join(dir, "in.pdf"), filepath.Join(dir, "out.pdf")
	if err := os.WriteFile(src, doc, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := pdfseal.AddEvidenceFile(context.Background(), dst, src, e, pdfseal.EvidenceOptions{Now: checked})
	if err != nil {
		onlyFile(t, dir, "in.pdf")
		return nil, err
	}
	out, err := os.ReadFile(dst)
	return out, err
}

// at judges a document with the office's trust at an instant.
func (o *office) at(t testing.TB, doc []byte, when time.Time) *pdfseal.Report {
	t.Helper()
	rep, err := pdfseal.Verify(context.Background(), bytes.NewReader(doc), pdfseal.VerifyOptions{Trust: o.trust, Now: when})
	if err != nil {
		t.Fatalf("verify: %v", err)
	}
	return rep
}

// wantProven fails unless the i-th seal is plainly valid with the time of a receipt.
func wantProven(t testing.TB, rep *pdfseal.Report, i int) {
	t.Helper()
	s := rep.Seals[i]
	if s.Verdict != pdfseal.VerdictValid || s.Time.Source != pdfseal.TimeReceipt || !s.Time.Value.Equal(checked) {
		t.Fatalf("seal %d: %s, time %v by %s\n%s", i+1, s.Verdict, s.Time.Value, s.Time.Source, failures(rep))
	}
}

func TestAddEvidenceFile_everyBase(t *testing.T) {
	o := newOffice(t)
	for name, options := range map[string][]string{"table": nil, "stream": {"--object-streams=generate"}, "linearised": {"--linearize"},
		"linearised stream": {"--linearize", "--object-streams=generate"}, "uncompressed": {"--qdf"}} {
		t.Run(name, func(t *testing.T) {
			doc := o.affix(t, viaQPDF(t, document(a4, a4), options), 0, pdfseal.Mark{Page: 1, X: 50, Y: 200})
			doc = o.add(t, doc, o.evidence(t, doc, 0, nil))
			wantProven(t, o.at(t, doc, checked), 0)
			doc = o.affix(t, doc, 1, pdfseal.Mark{Page: 1, X: 100, Y: 200}, pdfseal.Mark{Page: 2, X: 100, Y: 200})
			doc = o.add(t, doc, o.evidence(t, doc, 1, nil))
			doc = o.affix(t, doc, 2, pdfseal.Mark{Page: 2, X: 150, Y: 200})
			rep := o.at(t, doc, checked)
			wantAccepted(t, rep, 3)
			wantProven(t, rep, 0)
			wantProven(t, rep, 1)
			want := []string{pdfseal.ChangeReceiptAdded, pdfseal.ChangeSealAdded, pdfseal.ChangeReceiptAdded, pdfseal.ChangeSealAdded}
			for i, c := range rep.Changes {
				if len(rep.Changes) != len(want) || c.Key != want[i] || c.Revision != rep.Seals[0].Coverage.Revision+1+i {
					t.Fatalf("changes %+v", rep.Changes)
				}
			}
			qpdfClean(t, doc)
		})
	}
}

// TestAddEvidenceFile_noID adds evidence to a document without /ID.
func TestAddEvidenceFile_noID(t *testing.T) {
	o := newOffice(t)
	doc := o.affix(t, retable(document(a4)), 0, pdfseal.Mark{Page: 1, X: 50, Y: 200})
	if bytes.Contains(doc, []byte("/ID")) {
		t.Fatal("the document has an /ID")
	}
	doc = o.add(t, doc, o.evidence(t, doc, 0, nil))
	wantProven(t, o.at(t, doc, checked), 0)
	qpdfClean(t, doc)
}

// TestAddEvidenceFile_severalReceipts adds a receipt to each of two seals, the later one first, and a second one to the first seal.
func TestAddEvidenceFile_severalReceipts(t *testing.T) {
	o := newOffice(t)
	doc := o.affix(t, document(a4), 0, pdfseal.Mark{Page: 1, X: 50, Y: 200})
	doc = o.affix(t, doc, 1, pdfseal.Mark{Page: 1, X: 100, Y: 200})
	doc = o.add(t, doc, o.evidence(t, doc, 1, nil))
	if rep := o.at(t, doc, checked); rep.Seals[0].Time.Source != pdfseal.TimeClaimed || rep.Verdict != pdfseal.VerdictValidNotice {
		t.Fatalf("a receipt for the other seal proves the time of the first: %s", failures(rep))
	}
	doc = o.add(t, doc, o.evidence(t, doc, 0, nil))
	size := len(doc)
	doc = o.add(t, doc, o.evidence(t, doc, 0, func(r *receipt.Receipt) { r.ID, r.Time = "R-2", checked.Add(time.Hour) }))
	if len(doc)-size > 6000 {
		t.Errorf("certificates and lists were added again: %d bytes", len(doc)-size)
	}
	rep := o.at(t, doc, checked.Add(2*time.Hour))
	wantProven(t, rep, 0)
	wantProven(t, rep, 1)
	if rep.Verdict != pdfseal.VerdictValid || len(rep.Changes) != 4 {
		t.Errorf("%s, %d changes\n%s", rep.Verdict, len(rep.Changes), failures(rep))
	}
}

func TestAddEvidenceFile_refusals(t *testing.T) {
	o := newOffice(t)
	doc := o.affix(t, document(a4), 0, pdfseal.Mark{Page: 1, X: 50, Y: 200})
	other := o.affix(t, document(a4, a4), 0, pdfseal.Mark{Page: 1, X: 50, Y: 200})
	good := o.evidence(t, doc, 0, nil)
	with := func(change func(*pdfseal.Evidence)) pdfseal.Evidence {
		e := good
		change(&e)
		return e
	}
	many := make([][]byte, 17)
	for i := range many {
		many[i] = o.pki.RootCert
	}
	cases := []struct {
		name string
		doc  []byte
		e    pdfseal.Evidence
		key  string
	}{
		{"no receipt", doc, with(func(e *pdfseal.Evidence) { e.Receipt = nil }), pdfseal.EvidenceUnreadable},
		{"rubbish", doc, with(func(e *pdfseal.Evidence) { e.Receipt = []byte{0x30, 3, 1, 2, 3} }), pdfseal.EvidenceUnreadable},
		{"receipt with a changed byte", doc, with(func(e *pdfseal.Evidence) {
			e.Receipt = bytes.Replace(e.Receipt, []byte(`"R-1"`), []byte(`"R-2"`), 1)
		}), pdfseal.EvidenceUnreadable},
		{"rubbish for a certificate", doc, with(func(e *pdfseal.Evidence) { e.Certificates = [][]byte{{0x30, 0}} }), pdfseal.EvidenceUnreadable},
		{"rubbish for a list", doc, with(func(e *pdfseal.Evidence) { e.CRLs = [][]byte{{0x30, 0}} }), pdfseal.EvidenceUnreadable},
		{"receipt of another document", doc, o.evidence(t, other, 0, nil), pdfseal.EvidenceOther},
		{"unsealed document", document(a4), good, pdfseal.EvidenceOther},
		{"receipt that says invalid", doc, o.evidence(t, doc, 0, func(r *receipt.Receipt) { r.Verdict = receipt.VerdictInvalid }), pdfseal.EvidenceRefused},
		{"receipt that cannot tell", doc, o.evidence(t, doc, 0, func(r *receipt.Receipt) { r.Verdict = receipt.VerdictIndeterminate }), pdfseal.EvidenceRefused},
		{"the same receipt again", o.add(t, doc, good), good, pdfseal.EvidencePresent},
		{"too many certificates", doc, with(func(e *pdfseal.Evidence) { e.Certificates = many }), pdfseal.EvidenceTooLarge},
		{"too many lists", doc, with(func(e *pdfseal.Evidence) { e.CRLs = many[:9] }), pdfseal.EvidenceTooLarge},
		{"too large a receipt", doc, with(func(e *pdfseal.Evidence) { e.Receipt = make([]byte, 1<<20+1) }), pdfseal.EvidenceTooLarge},
		{"too many bytes", doc, with(func(e *pdfseal.Evidence) { e.CRLs = [][]byte{make([]byte, 32<<20)} }), pdfseal.EvidenceTooLarge},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := o.tryAdd(t, c.doc, c.e)
			var ee *pdfseal.EvidenceError
			if !errors.As(err, &ee) || ee.Key != c.key {
				t.Errorf("error %v, want %s", err, c.key)
			}
		})
	}
}

// TestAddEvidenceFile_onlyWhatBelongs gives certificates and lists that belong to nothing: they are left out.
func TestAddEvidenceFile_onlyWhatBelongs(t *testing.T) {
	o := newOffice(t)
	doc := o.affix(t, document(a4), 0, pdfseal.Mark{Page: 1, X: 50, Y: 200})
	foreign, err := sealtest.NewPKI(now)
	if err != nil {
		t.Fatal(err)
	}
	f, err := foreign.Trust(checked, sealtest.TrustSpec{})
	if err != nil {
		t.Fatal(err)
	}
	e := o.evidence(t, doc, 0, nil)
	plain := o.add(t, doc, e)
	e.Certificates = append([][]byte{foreign.RootCert, foreign.SignerCACert, o.holder[1].SignCert, o.holder[0].SignCert}, append(e.Certificates, o.pki.RootCert)...)
	e.CRLs = append([][]byte{e.CRLs[0], f.CRLs[0], f.CRLs[1]}, e.CRLs...)
	if got := o.add(t, doc, e); !bytes.Equal(got, plain) {
		t.Errorf("%d bytes instead of %d", len(got), len(plain))
	}
}

func TestAddEvidenceFile_inPlace(t *testing.T) {
	o := newOffice(t)
	doc := o.affix(t, document(a4), 0, pdfseal.Mark{Page: 1, X: 50, Y: 200})
	path := filepath.Join(t.TempDir(), "in.pdf")
	if err := os.WriteFile(path, doc, 0o640); err != nil {
		t.Fatal(err)
	}
	var seen *pdfseal.Enriched
	opts := pdfseal.EvidenceOptions{Trust: o.trust, Now: checked, InPlace: true, Commit: func(_ context.Context, e *pdfseal.Enriched) error {
		seen = e
		return nil
	}}
	done, err := pdfseal.AddEvidenceFile(context.Background(), "", path, o.evidence(t, doc, 0, nil), opts)
	if err != nil {
		t.Fatal(err)
	}
	got, _ := os.ReadFile(path)
	old, _ := os.ReadFile(path + ".bak")
	if !bytes.Equal(old, doc) || !bytes.HasPrefix(got, doc) || int64(len(got)) != done.Size || gm.SM3(got) != done.SM3After || gm.SM3(doc) != done.SM3Before || seen != done {
		t.Errorf("%d bytes, %d before, reported %d", len(got), len(old), done.Size)
	}
	if done.Report.Verdict != pdfseal.VerdictValid || done.Report.File != path || done.Sealed.SealID != "15250100000000" {
		t.Errorf("report %+v, sealed %+v", done.Report, done.Sealed)
	}
	if _, err := pdfseal.AddEvidenceFile(context.Background(), "", path, o.evidence(t, doc, 0, func(r *receipt.Receipt) { r.ID = "R-3" }), opts); err != nil {
		t.Fatal(err)
	}
	again, _ := os.ReadFile(path)
	old, _ = os.ReadFile(path + ".bak2")
	if !bytes.HasPrefix(again, got) || !bytes.Equal(old, got) {
		t.Errorf("%d bytes, %d before", len(again), len(old))
	}
	onlyFile(t, filepath.Dir(path), "in.pdf", "in.pdf.bak", "in.pdf.bak2")
}

// TestAddEvidenceFile_inPlaceMeanwhile has another process put a file in the place of the one that is worked on: it is not replaced. What a broken
// attempt has kept is no hindrance.
func TestAddEvidenceFile_inPlaceMeanwhile(t *testing.T) {
	o := newOffice(t)
	doc := o.affix(t, document(a4), 0, pdfseal.Mark{Page: 1, X: 50, Y: 200})
	dir := t.TempDir()
	path := filepath.Join(dir, "in.pdf")
	if err := os.WriteFile(path, doc, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Link(path, path+".bak"); err != nil {
		t.Fatal(err)
	}
	e := o.evidence(t, doc, 0, nil)
	opts := pdfseal.EvidenceOptions{Trust: o.trust, Now: checked, InPlace: true, Commit: func(context.Context, *pdfseal.Enriched) error {
		if err := os.Remove(path); err != nil {
			return err
		}
		return os.WriteFile(path, []byte("mine"), 0o600)
	}}
	if _, err := pdfseal.AddEvidenceFile(context.Background(), "", path, e, opts); !errors.Is(err, pdfseal.ErrInputChanged) {
		t.Errorf("error %v", err)
	}
	if b, _ := os.ReadFile(path); string(b) != "mine" {
		t.Error("the file that appeared was replaced")
	}
	onlyFile(t, dir, "in.pdf", "in.pdf.bak")
	if err := os.Rename(path+".bak", path); err != nil {
		t.Fatal(err)
	}
	if err := os.Link(path, path+".bak"); err != nil {
		t.Fatal(err)
	}
	opts.Commit = nil
	if _, err := pdfseal.AddEvidenceFile(context.Background(), "", path, e, opts); err != nil {
		t.Error(err)
	}
	onlyFile(t, dir, "in.pdf", "in.pdf.bak")
}

// BenchmarkVerify_evidence measures what evidence costs in a document of 3,000 pages.
func BenchmarkVerify_evidence(b *testing.B) {
	o := newOffice(b)
	pages := make([]page, 3000)
	for i := range pages {
		pages[i] = a4
	}
	sealed := o.affix(b, document(pages...), 0, pdfseal.Mark{Page: 1, X: 50, Y: 200})
	for name, doc := range map[string][]byte{"without": sealed, "with": o.add(b, sealed, o.evidence(b, sealed, 0, nil))} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				o.at(b, doc, checked)
			}
		})
	}
}
