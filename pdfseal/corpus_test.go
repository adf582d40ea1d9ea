package pdfseal_test

import (
	"bytes"
	"context"
	"errors"
	"image"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sealdesk/pdfseal"
	pagepic "sealdesk/pdfseal/page"
)

// refusedFiles are the corpus files that cannot be sealed, each with the rule that forbids it or what its refusal says.
var refusedFiles = map[string]string{
	"verapdf/PDF_A-2b-6-1-2-t01-fail-b.pdf": "S1",
	"verapdf/PDF_A-4-6-1-2-t01-fail-b.pdf":  "S1",
	"qpdf/object-stream-self-ref.pdf":       "S6",
	"qpdf/override-compressed-object.pdf":   "S6",
	"verapdf/PDF_UA-1-7.20-t01-fail-a.pdf":  "P1 " + pdfseal.FindingReferenceX,
	"qpdf/dr-with-indirect-item.pdf":        pageTooSmall,
}

// Of the corpus files that qpdf reports clean, unsigned, unencrypted, not hybrid, with a page and without JavaScript, XFA or Launch,
// there are cleanFiles, and at least sealedFiles must be sealed.
const cleanFiles, sealedFiles = 592, 586

// TestCorpus_seals seals those files: each sealed file has its input as exact prefix, is clean for qpdf and verifies valid; exactly
// refusedFiles are refused, by the rules named there, and leave nothing. The long run takes all files, the short one every eighth.
func TestCorpus_seals(t *testing.T) {
	o := newOffice(t)
	qpdf, openssl := tool(t, "qpdf"), tool(t, "openssl")
	var files []corpusFile
	for _, c := range corpus(t) {
		if c.sealable() {
			files = append(files, c)
		}
	}
	all := isLong() && os.Getenv("SEALDESK_CORPUS") == ""
	if all && len(files) != cleanFiles {
		t.Errorf("%d files, want %d", len(files), cleanFiles)
	}
	if !isLong() && os.Getenv("SEALDESK_CORPUS") == "" {
		var some []corpusFile
		for i := 0; i < len(files); i += 8 {
			some = append(some, files[i])
		}
		files = some
	}
	var mu sync.Mutex
	refused := map[string][]string{}
	sealed, forbidden := 0, 0
	parallel(len(files), func(next func() (int, bool)) {
		for i, ok := next(); ok; i, ok = next() {
			why := sealOne(t, o, qpdf, openssl, files[i])
			name := files[i].name()
			mu.Lock()
			if want := refusedFiles[name]; why != want && (want == "" || !strings.HasPrefix(why, want+" ")) {
				t.Errorf("%s: refused by %q, want %q", name, why, want)
			}
			if why == "" {
				sealed++
			} else {
				refused[why] = append(refused[why], name)
			}
			if why == pageTooSmall || strings.HasPrefix(why, "P1 ") {
				forbidden++
			}
			mu.Unlock()
		}
	})
	ratio := func(of int) float64 { return 100 * float64(sealed) / float64(max(1, of)) }
	t.Logf("%d of %d sealed and valid (%.1f %%); %.1f %% of those that rule P1 and the size of their pages allow", sealed, len(files), ratio(len(files)), ratio(len(files)-forbidden))
	for _, r := range slices.Sorted(maps.Keys(refused)) {
		t.Logf("refused %3d  %s: %s", len(refused[r]), r, strings.Join(refused[r], " "))
	}
	if len(files) == 0 || all && sealed < sealedFiles {
		t.Errorf("%d of %d sealed, want %d of %d", sealed, len(files), sealedFiles, cleanFiles)
	}
}

// name is the path of the file in the corpus.
func (c corpusFile) name() string {
	return filepath.Base(filepath.Dir(c.path)) + "/" + filepath.Base(c.path)
}

// pageTooSmall is the refusal of a page on which not even the smallest seal, 1 mm, has room.
const pageTooSmall = "page smaller than 1 mm"

// sealOne seals one file through AffixFile and checks it; the answer names the rule of a refusal.
func sealOne(t *testing.T, o *office, qpdf, openssl string, c corpusFile) string {
	dir := t.TempDir()
	src, err := os.ReadFile(c.path)
	if err != nil {
		t.Error(err)
		return "unreadable"
	}
	dst := filepath.Join(dir, "out.pdf")
	at, err := placeOnPage(src, 1)
	if err == nil && min(at.X, at.Y) < 0.5 {
		return pageTooSmall
	}
	var req pdfseal.Request
	if err == nil {
		if req, err = o.requestSized(at); err == nil {
			_, err = pdfseal.AffixFile(context.Background(), dst, c.path, req)
		}
	}
	if err != nil {
		onlyFile(t, dir)
		return refusal(t, c.path, err)
	}
	out, err := os.ReadFile(dst)
	if err != nil || !bytes.HasPrefix(out, src) {
		t.Errorf("%s: input is not an exact prefix (%v)", c.path, err)
	}
	if msg, err := exec.Command(qpdf, "--check", dst).CombinedOutput(); err != nil {
		t.Errorf("%s: qpdf --check: %s", c.path, msg)
	}
	opensslAccepts(t, openssl, out, req.Seal)
	if rep := o.verify(t, out); !rep.Verdict.Accepted() {
		t.Errorf("%s: %s\n%s", c.path, rep.Verdict, failures(rep))
	}
	enrichOne(t, o, qpdf, c.path, dst)
	return ""
}

// enrichOne adds a receipt to a sealed file: it is valid without a notice then, and qpdf has nothing to say.
func enrichOne(t *testing.T, o *office, qpdf, path, sealed string) {
	all, err := pdfseal.SignaturesOfFile(context.Background(), sealed)
	if err != nil || len(all) != 1 {
		t.Errorf("%s: %d signatures, %v", path, len(all), err)
		return
	}
	e, err := o.enrich(context.Background(), all[0])
	if err != nil {
		t.Error(err)
		return
	}
	dst := sealed + ".receipt"
	done, err := pdfseal.AddEvidenceFile(context.Background(), dst, sealed, *e, pdfseal.EvidenceOptions{Trust: o.trust, Now: now})
	if err != nil || done.Report.Verdict != pdfseal.VerdictValid {
		t.Errorf("%s: with a receipt: %v", path, err)
		return
	}
	if msg, err := exec.Command(qpdf, "--check", dst).CombinedOutput(); err != nil {
		t.Errorf("%s: with a receipt, qpdf --check: %s", path, msg)
	}
}

// refusal names the rule by which a file was refused; any other error fails the test.
func refusal(t *testing.T, path string, err error) string {
	var s *pdfseal.SyntaxError
	var r *pdfseal.RefusedError
	var q *pdfseal.RequestError
	switch {
	case errors.As(err, &r):
		return r.Findings[0].Rule + " " + r.Findings[0].Key
	case errors.As(err, &s):
		return s.Rule + " " + s.Msg
	case errors.As(err, &q):
		return q.Key
	}
	t.Errorf("%s: %v", path, err)
	return err.Error()
}

// TestCorpus_anyFile gives every file of the corpus, whatever its state, to verification, inspection and sealing: no panic, no hang, no
// memory beyond the budget, no file left.
func TestCorpus_anyFile(t *testing.T) {
	o := newOffice(t)
	all := corpus(t)
	verdicts := map[string]int{}
	var mu sync.Mutex
	step := 1
	if !isLong() {
		step = 5
	}
	parallel(len(all)/step, func(next func() (int, bool)) {
		for i, ok := next(); ok; i, ok = next() {
			c := all[i*step]
			v := anyOne(t, o, c)
			mu.Lock()
			verdicts[v]++
			mu.Unlock()
		}
	})
	t.Logf("verdicts over %d files: %v", len(all)/step, verdicts)
	if verdicts["valid"]+verdicts["valid_with_notice"] > 0 {
		t.Error("a file of the corpus is called valid; none carries an SM2 seal")
	}
}

func anyOne(t *testing.T, o *office, c corpusFile) (verdict string) {
	defer func() {
		if p := recover(); p != nil {
			t.Errorf("%s: panic %v\n%s", c.path, p, debug.Stack())
		}
	}()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	start := time.Now()
	rep, err := pdfseal.VerifyFile(ctx, c.path, pdfseal.VerifyOptions{Trust: o.trust, Now: now})
	verdict = "error"
	if err == nil {
		verdict = string(rep.Verdict)
	}
	_, _ = pdfseal.InspectFile(ctx, c.path, o.trust)
	dir := t.TempDir()
	if _, err := pdfseal.AffixFile(ctx, filepath.Join(dir, "out.pdf"), c.path, o.request(0, pdfseal.Mark{Page: 1, X: 50, Y: 50})); err != nil {
		onlyFile(t, dir)
	}
	if ctx.Err() != nil {
		t.Errorf("%s: still busy after %v", c.path, time.Since(start))
	}
	return verdict
}

// TestCorpus_placement renders sealed corpus pages before and after with poppler and pdfium: what differs is the seal, within 0.3 mm
// of where it was asked for.
func TestCorpus_placement(t *testing.T) {
	o := newOffice(t)
	tool(t, "pdftoppm")
	var files []corpusFile
	for i, c := range corpus(t) {
		odd := c.features["rotated"] || c.features["cropbox_offset"] || c.features["mediabox_offset"] || c.features["userunit"]
		if c.sealable() && (isLong() || odd && i%4 == 0) {
			files = append(files, c)
		}
	}
	var mu sync.Mutex
	count := map[string]int{}
	parallel(len(files), func(next func() (int, bool)) {
		for i, ok := next(); ok; i, ok = next() {
			got := measureOne(t, o, files[i])
			mu.Lock()
			for k, v := range got {
				count[k+": "+v]++
			}
			mu.Unlock()
		}
	})
	t.Logf("%d files: %v", len(files), count)
	for _, engine := range []string{"poppler", "pdfium"} {
		if good := count[engine+": "+within] + count[engine+": "+within+", fields or annotations redrawn elsewhere"]; good*10 < len(files)*9 {
			t.Errorf("%s: only %d of %d pages could be measured", engine, good, len(files))
		}
	}
}

// measureOne seals the first page of a file and says for each engine how the mark stands; a mark in the wrong place fails the test.
func measureOne(t *testing.T, o *office, c corpusFile) map[string]string {
	src, err := os.ReadFile(c.path)
	if err != nil {
		t.Error(err)
		return nil
	}
	out := map[string]string{}
	before := filepath.Join(t.TempDir(), "before.pdf")
	if err := os.WriteFile(before, src, 0o600); err != nil {
		t.Error(err)
		return nil
	}
	for name, render := range engines(t) {
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
		out[name] = measure(ctx, t, o, c.path, before, src, name, render)
		cancel()
	}
	return out
}

func measure(ctx context.Context, t *testing.T, o *office, path, before string, src []byte, name string, render renderer) string {
	blank, err := render(ctx, before, 1)
	if err != nil {
		return "not rendered"
	}
	at, err := whitest(src, blank)
	if err != nil {
		return "refused"
	}
	req, err := o.requestSized(at)
	if err != nil {
		t.Error(err)
		return "error"
	}
	dst := filepath.Join(t.TempDir(), "after.pdf")
	done, err := pdfseal.AffixFile(ctx, dst, path, req)
	if err != nil {
		return "refused"
	}
	shown, err := render(ctx, dst, 1)
	if err != nil && (ctx.Err() != nil || errors.Is(err, pagepic.ErrTimeLimit)) {
		return "too slow for this engine"
	}
	if err != nil {
		t.Errorf("%s: %s does not open the sealed file: %v", path, name, err)
		return "not opened"
	}
	return compareMark(t, path, name, at, blank, shown, done.Report.Seals[0].Marks[0])
}

// within is the result of a mark in its place.
const within = "within 0.3 mm"

// compareMark measures the differing pixels against the mark's rectangle.
func compareMark(t *testing.T, path, name string, at sized, blank, shown *image.RGBA, want pdfseal.PlacedMark) string {
	px := at.pixelMM(blank)
	const margin = 5 // millimetres around the mark in which the seal is looked for
	near := image.Rect(int((want.X-want.W/2-margin)/px), int((want.Y-want.H/2-margin)/px), int((want.X+want.W/2+margin)/px), int((want.Y+want.H/2+margin)/px))
	box, all := difference(blank, shown, near)
	if box.Empty() && at.dark {
		return "page too dark to measure"
	}
	if box.Empty() {
		t.Errorf("%s: %s shows no seal", path, name)
		return "not visible"
	}
	got := [4]float64{float64(box.Min.X) * px, float64(box.Min.Y) * px, float64(box.Max.X) * px, float64(box.Max.Y) * px}
	ask := [4]float64{want.X - want.W/2, want.Y - want.H/2, want.X + want.W/2, want.Y + want.H/2}
	for i := range got {
		// half a pixel of the measurement on either side is the renderer's, not the seal's
		if d := got[i] - ask[i]; d > 0.3+px/2 || d < -0.3-px/2 {
			if at.dark {
				return "page too dark to measure"
			}
			t.Errorf("%s: %s shows the seal at %.2f mm, want %.2f mm", path, name, got, ask)
			return "elsewhere"
		}
	}
	if !all.In(box.Inset(-3)) { // the edge of the seal itself is drawn softly
		return within + ", fields or annotations redrawn elsewhere"
	}
	return within
}
