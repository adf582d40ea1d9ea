package pdfseal_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"sealdesk/pdfseal"
	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/sealtest"
	"sealdesk/pdfseal/ses"
)

// TestAffixFile_hooks follows the order of sealing: verified, asked for evidence, verified again, committed, named.
func TestAffixFile_hooks(t *testing.T) {
	o := newOffice(t)
	dir := t.TempDir()
	src, dst := filepath.Join(dir, "in.pdf"), filepath.Join(dir, "out.pdf")
	if err := os.WriteFile(src, document(a4), 0o600); err != nil {
		t.Fatal(err)
	}
	var steps []string
	req := o.request(0, pdfseal.Mark{Page: 1, X: 100, Y: 100})
	req.Enrich = func(_ context.Context, s pdfseal.Sealed) (*pdfseal.Evidence, error) {
		steps = append(steps, "enrich")
		absent(t, dst)
		sig, err := ses.ParseSignature(s.Signature)
		if err != nil {
			return nil, err
		}
		if h, _ := sig.Hash(); h != s.DataHash || s.SealSM3 != gm.SM3(o.seal[0]) || s.SignerSM3 != gm.SM3(o.holder[0].SignCert) || s.SealID != "15250100000000" || s.SignatureSM3() != gm.SM3(s.Signature) {
			t.Errorf("told the centre %+v", s)
		}
		e := o.evidenceOf(t, s.Signature, o.pki.Centre, now, nil)
		return &e, nil
	}
	req.Commit = func(_ context.Context, done *pdfseal.Affixed) error {
		steps = append(steps, "commit")
		absent(t, dst)
		if done.Report == nil || done.Report.Verdict != pdfseal.VerdictValid || done.Report.File != dst || !done.Evidence {
			t.Errorf("committed %+v", done.Report)
		}
		return nil
	}
	done, err := pdfseal.AffixFile(context.Background(), dst, src, req)
	if err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(steps) != "[enrich commit]" {
		t.Errorf("steps %v", steps)
	}
	got, err := os.ReadFile(dst)
	if err != nil {
		t.Fatal(err)
	}
	if int64(len(got)) != done.Size || gm.SM3(got) != done.SM3After {
		t.Errorf("%d bytes, reported %d", len(got), done.Size)
	}
	all, err := pdfseal.SignaturesOfFile(context.Background(), dst)
	if err != nil || len(all) != 1 || !bytes.Equal(all[0].Signature, done.Signature) || all[0].FileSM3 != done.SM3After {
		t.Errorf("signatures %+v, %v", all, err)
	}
}

func absent(t testing.TB, path string) {
	t.Helper()
	if _, err := os.Lstat(path); err == nil {
		t.Error("the output is there already")
	}
}

// TestAffixFile_hooksRefuse lets each hook fail: nothing appears. Without an answer of the centre the file appears without evidence.
func TestAffixFile_hooksRefuse(t *testing.T) {
	o := newOffice(t)
	no := errors.New("no")
	foreign := o.affix(t, document(a4, a4), 0, pdfseal.Mark{Page: 1, X: 50, Y: 200})
	for name, set := range map[string]func(*pdfseal.Request){
		"enrich": func(r *pdfseal.Request) {
			r.Enrich = func(context.Context, pdfseal.Sealed) (*pdfseal.Evidence, error) { return nil, no }
		},
		"commit": func(r *pdfseal.Request) { r.Commit = func(context.Context, *pdfseal.Affixed) error { return no } },
		"evidence of another document": func(r *pdfseal.Request) {
			r.Enrich = func(context.Context, pdfseal.Sealed) (*pdfseal.Evidence, error) {
				e := o.evidence(t, foreign, 0, nil)
				return &e, nil
			}
			r.Commit = func(context.Context, *pdfseal.Affixed) error { t.Error("committed"); return nil }
		},
		"none": func(r *pdfseal.Request) {
			r.Enrich = func(context.Context, pdfseal.Sealed) (*pdfseal.Evidence, error) { return nil, nil }
		},
	} {
		dir := t.TempDir()
		src := filepath.Join(dir, "in.pdf")
		if err := os.WriteFile(src, document(a4), 0o600); err != nil {
			t.Fatal(err)
		}
		req := o.request(0, pdfseal.Mark{Page: 1, X: 100, Y: 100})
		set(&req)
		done, err := pdfseal.AffixFile(context.Background(), filepath.Join(dir, "out.pdf"), src, req)
		var ee *pdfseal.EvidenceError
		switch {
		case name == "none":
			if err != nil || done.Evidence || done.Report.Verdict != pdfseal.VerdictValidNotice {
				t.Errorf("%s: %v, %+v", name, err, done)
			}
			continue
		case name == "evidence of another document" && !errors.As(err, &ee), name != "evidence of another document" && !errors.Is(err, no):
			t.Errorf("%s: error %v", name, err)
		}
		onlyFile(t, dir, "in.pdf")
	}
}

// TestAffixFile_lateReceipt seals with the time at which a batch began; the centre answers hours later.
func TestAffixFile_lateReceipt(t *testing.T) {
	today := time.Now().UTC()
	pki, err := sealtest.NewPKI(today)
	if err != nil {
		t.Fatal(err)
	}
	o := &office{pki: pki}
	if o.holder[0], err = pki.NewHolder("示范旗人民政府", "张三", today.AddDate(-1, 0, 0), today.AddDate(1, 0, 0)); err != nil {
		t.Fatal(err)
	}
	o.seal[0], err = pki.NewSeal(sealtest.SealSpec{ID: sealID, Name: "示范旗人民政府", WidthMM: 20, HeightMM: 20, ValidFrom: today.AddDate(-1, 0, 0), ValidTo: today.AddDate(1, 0, 0)}, o.holder[0])
	if err != nil {
		t.Fatal(err)
	}
	o.trust = o.store(t, today.Add(-3*time.Hour), sealtest.TrustSpec{})
	dir := t.TempDir()
	src := filepath.Join(dir, "in.pdf")
	if err := os.WriteFile(src, document(a4), 0o600); err != nil {
		t.Fatal(err)
	}
	req := o.request(0, pdfseal.Mark{Page: 1, X: 100, Y: 100})
	req.Time = today.Add(-2 * time.Hour)
	for name, at := range map[string]time.Time{"late": today.Add(-time.Minute), "future": today.Add(time.Hour)} {
		req.Enrich = func(_ context.Context, s pdfseal.Sealed) (*pdfseal.Evidence, error) {
			sig, err := ses.ParseSignature(s.Signature)
			if err != nil {
				return nil, err
			}
			r, err := pki.Receipt(pki.Centre, sig, at, nil)
			return &pdfseal.Evidence{Receipt: r}, err
		}
		done, err := pdfseal.AffixFile(context.Background(), filepath.Join(dir, name+".pdf"), src, req)
		if name == "late" && (err != nil || done.Report.Verdict != pdfseal.VerdictValid) || name == "future" && !errors.Is(err, pdfseal.ErrSelfCheck) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
