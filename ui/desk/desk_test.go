package desk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sealdesk/pdfseal"
	"sealdesk/pdfseal/register"
	"sealdesk/token"
	"sealdesk/ui/config"
	"sealdesk/ui/pages"
	"sealdesk/ui/state"
)

func TestKeys(t *testing.T) {
	o := newOffice(t)
	k := o.keysRead().Keys[0]
	if s := k.Seals[0]; s.Name != sealName || s.Width != 42 || s.Picture == nil || s.Status != "in-force" || s.Holder == "" {
		t.Errorf("%+v", s)
	}
	if got := k.State(o.now, time.Time{}); got != state.KeyReady {
		t.Errorf("state %s", got)
	}
}

func TestWatchKeys_plugUnplugAndAnotherDriver(t *testing.T) {
	o := newOffice(t)
	ctx, stop := context.WithCancel(t.Context())
	reads := make(chan state.KeysRead, 100)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		o.WatchKeys(ctx, func(r state.KeysRead) { reads <- r })
	}()
	wait := func(what string, ok func(state.KeysRead) bool) {
		t.Helper()
		for end := time.After(2 * time.Minute); ; {
			select {
			case r := <-reads:
				if ok(r) {
					return
				}
			case <-end:
				t.Fatalf("waited in vain: %s", what)
			}
		}
	}
	wait("the key is there", func(r state.KeysRead) bool { return len(r.Keys) == 1 })
	o.fake.Remove(0)
	wait("the key is gone", func(r state.KeysRead) bool { return r.Err == nil && len(r.Keys) == 0 })
	o.fake.Insert(0, o.key)
	wait("the key is back", func(r state.KeysRead) bool { return len(r.Keys) == 1 })
	o.RecheckKeys(ctx)
	wait("the key is read anew", func(r state.KeysRead) bool { return r.Err == nil && len(r.Keys) == 1 })
	options := o.ReadOptions(ctx)
	options.Module = filepath.Join(o.dir, "other.so")
	if err := o.SaveOptions(ctx, options); err != nil {
		t.Fatal(err)
	}
	var m *token.ModuleError
	wait("the other driver fails", func(r state.KeysRead) bool { return errors.As(r.Err, &m) })
	options.Module = filepath.Join(o.dir, "driver.so")
	if err := o.SaveOptions(ctx, options); err != nil {
		t.Fatal(err)
	}
	wait("the first driver works again", func(r state.KeysRead) bool { return len(r.Keys) == 1 })
	stop()
	<-ended
}

// A driver refuses to start without the system's smart card service; once that has been started the key shows, as the advice promises.
func TestWatchKeys_driverThatStartsLater(t *testing.T) {
	o := newOffice(t)
	tries, open := 0, o.OpenKeys
	o.OpenKeys = func(k config.Key, log *slog.Logger) (token.Provider, error) {
		if tries++; tries == 1 {
			return nil, &token.ModuleError{Path: k.Module, Reason: token.ReasonInitialise}
		}
		return open(k, log)
	}
	o.mu.Lock()
	o.dropKeys()
	o.mu.Unlock()
	ctx, stop := context.WithTimeout(t.Context(), 2*time.Minute)
	defer stop()
	var seen []state.KeysRead
	o.WatchKeys(ctx, func(r state.KeysRead) {
		if seen = append(seen, r); r.Err == nil {
			stop()
		}
	})
	if len(seen) < 2 || !refusesToStart(seen[0].Err) || len(seen[len(seen)-1].Keys) != 1 {
		t.Errorf("after %d looks, %d of them at the driver: %v", len(seen), tries, seen[len(seen)-1].Err)
	}
}

// What the window places is what the file shows: the seal's edge in the picture of the sealed page lies within 0.3 mm of the mark,
// on pages that are turned, cropped, moved and scaled.
func TestSeal_isWhereItWasPlaced(t *testing.T) {
	o := newOffice(t)
	for name, page := range map[string]string{
		"upright": a4, "turned 90": a4 + " /Rotate 90", "turned 180": a4 + " /Rotate 180", "turned 270": a4 + " /Rotate 270",
		"cropped": a4 + " /CropBox [40 60 560 800]", "cropped and turned": a4 + " /CropBox [40 60 560 800] /Rotate 90",
		"moved": "/MediaBox [-100 200 495.28 1041.89]", "double unit": "/MediaBox [0 0 297.64 420.94] /UserUnit 2",
	} {
		t.Run(name, func(t *testing.T) {
			path := o.write(strings.ReplaceAll(name, " ", "-")+".pdf", blank(page))
			info, err := o.OpenDocument(t.Context(), path)
			if err != nil || info.Pages != 1 {
				t.Fatalf("%+v, %v", info, err)
			}
			mark := state.Mark{Page: 1, X: info.Width * 0.6, Y: info.Height * 0.7}
			out := o.order(path, mark)
			if out.Record == 0 {
				t.Error("the register of seal use does not know the file")
			}
			const ppm = 8
			img, size, err := o.Pages.Source(out.Out, 0).Page(t.Context(), 1, ppm)
			if err != nil {
				t.Fatal(err)
			}
			if math.Abs(size.W-info.Width) > 0.05 || math.Abs(size.H-info.Height) > 0.05 {
				t.Errorf("the page is %v, its size was given as %.2f × %.2f", size, info.Width, info.Height)
			}
			left, top, right, bottom := 1e9, 1e9, -1.0, -1.0
			for y := range img.Rect.Dy() {
				row := img.Pix[y*img.Stride:][:4*img.Rect.Dx()]
				if white := bytes.Count(row, []byte{0xFF}); white == len(row) {
					continue
				}
				for x := range img.Rect.Dx() {
					if row[4*x+1] < 128 {
						left, top = math.Min(left, float64(x)), math.Min(top, float64(y))
						right, bottom = math.Max(right, float64(x+1)), math.Max(bottom, float64(y+1))
					}
				}
			}
			for what, d := range map[string]float64{"left": left/ppm - (mark.X - 21), "top": top/ppm - (mark.Y - 21), "right": right/ppm - (mark.X + 21), "bottom": bottom/ppm - (mark.Y + 21)} {
				if math.Abs(d) > 0.3 {
					t.Errorf("%s edge is %.2f mm off", what, d)
				}
			}
		})
	}
}

func TestSeal_wrongPINAndPulledKey(t *testing.T) {
	o := newOffice(t)
	path := o.write("a.pdf", blank(a4))
	order := state.Order{SealID: sealID, Documents: []state.OrderDocument{{In: path, Marks: []state.Mark{{Page: 1, X: 100, Y: 100}}}}, PIN: typed("111111")}
	out, err := o.Seal(t.Context(), order)
	var pin *token.PINError
	if !errors.As(err, &pin) || !pin.Wrong || out[0].Sealed || o.key.Logins() != 1 {
		t.Errorf("%+v, %v, %d log-ins", out, err, o.key.Logins())
	}
	order.PIN = func(context.Context, token.PINRequest) (token.PIN, error) {
		o.fake.Remove(0)
		return token.NewPIN([]byte(testPIN)), nil
	}
	if out, err = o.Seal(t.Context(), order); !errors.Is(err, token.ErrRemoved) || out[0].Sealed {
		t.Errorf("%+v, %v", out, err)
	}
	if left, _ := filepath.Glob(filepath.Join(o.dir, "*_已签章*")); len(left) > 0 {
		t.Errorf("there is %v", left)
	}
}

func TestVerify_compareAndExport(t *testing.T) {
	o := newOffice(t)
	path := o.write("a.pdf", blank(a4, a4))
	sealed := o.order(path, state.Mark{Page: 2, X: 100, Y: 100}).Out
	good, err := o.Verify(t.Context(), sealed)
	if err != nil || !good.Report.Verdict.Accepted() || good.Pages != 2 || good.Since != 0 || good.Pictures[0] == nil {
		t.Fatalf("%+v, %v", good, err)
	}
	raw, err := os.ReadFile(sealed)
	if err != nil {
		t.Fatal(err)
	}
	changed, err := o.Verify(t.Context(), o.write("changed.pdf", painted(raw)))
	if err != nil || changed.Report.Verdict != pdfseal.VerdictInvalid || changed.Since == 0 {
		t.Fatalf("%+v, %v", changed, err)
	}
	var spots []state.Spot
	more, err := o.Compare(t.Context(), changed, func(s []state.Spot) { spots = append(spots, s...) })
	if err != nil || len(more) != 0 || len(spots) != 1 || spots[0].Page != 1 || math.Abs(spots[0].Area.X-100*25.4/72) > 4 || spots[0].Whole() {
		t.Fatalf("changed places %+v, %v", spots, err)
	}
	if text := spots[0].Words.Sentence(o.Catalogue()); !strings.Contains(text, "第 1 页") || strings.Contains(text, "«") {
		t.Errorf("the sentence is %q", text)
	}
	for _, kind := range []string{".json", ".html", ".pdf"} {
		if err := o.Export(t.Context(), filepath.Join(o.dir, "report"+kind), []state.Verified{good, changed}); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
	}
	// The exported sentences once stood in the report that the window shows, in the former language after another one was chosen.
	for _, v := range []state.Verified{good, changed} {
		for _, r := range append(v.Report.Reasons, v.Report.Seals[0].Reasons...) {
			if r.Text != "" {
				t.Errorf("the export has written into the report: %q", r.Text)
			}
		}
		for _, c := range v.Report.Changes {
			if c.Text != "" {
				t.Errorf("the export has written into the report: %q", c.Text)
			}
		}
	}
	if raw, err := os.ReadFile(filepath.Join(o.dir, "report.json")); err != nil || !strings.Contains(string(raw), `"text":"`) {
		t.Errorf("the exported report has no sentences: %v", err)
	}
	if err := o.Export(t.Context(), filepath.Join(o.dir, "report.docx"), []state.Verified{good}); err == nil {
		t.Error("a report of an unknown kind was written")
	}
	if err := o.Export(t.Context(), filepath.Join(o.dir, "report.pdf"), []state.Verified{good}); !errors.Is(err, pdfseal.ErrOutputExists) {
		t.Errorf("a report was written over: %v", err)
	}
}

// painted appends a revision that paints a square onto page 1.
func painted(doc []byte) []byte {
	out := append([]byte{}, doc...)
	text := string(doc)
	prev := text[strings.LastIndex(text, "startxref")+len("startxref"):]
	size := strings.Fields(text[strings.LastIndex(text, "/Size"):])[1]
	size = strings.TrimRight(size, "/>")
	var n int
	_, _ = fmt.Sscan(strings.TrimSpace(size), &n)
	paint := "1 0 0 rg 100 400 50 50 re f"
	stream := len(out)
	out = fmt.Appendf(out, "%d 0 obj\n<</Length %d>>\nstream\n%s\nendstream\nendobj\n", n, len(paint), paint)
	page := len(out)
	out = fmt.Appendf(out, "3 0 obj\n<</Type /Page /Parent 2 0 R /Resources <<>> %s /Contents %d 0 R>>\nendobj\n", a4, n)
	at := len(out)
	return fmt.Appendf(out, "xref\n3 1\n%010d 00000 n\r\n%d 1\n%010d 00000 n\r\ntrailer\n<</Size %d /Root 1 0 R /Prev %s>>\nstartxref\n%d\n%%%%EOF\n",
		page, n, stream, n+1, strings.Fields(prev)[0], at)
}

func TestCollect(t *testing.T) {
	o := newOffice(t)
	if err := os.MkdirAll(filepath.Join(o.dir, "in", "deep"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"in/b.PDF", "in/deep/a.pdf", "in/x.txt"} {
		o.write(name, nil)
	}
	pdfs, others := o.Collect(t.Context(), []string{filepath.Join(o.dir, "in"), filepath.Join(o.dir, "in/b.PDF"), filepath.Join(o.dir, "in/x.txt")})
	if len(pdfs) != 2 || len(others) != 1 || filepath.Base(pdfs[0]) != "b.PDF" {
		t.Errorf("%v, %v", pdfs, others)
	}
}

func TestTrust_importAndRollback(t *testing.T) {
	o := newOffice(t)
	if s := o.TrustState(t.Context()); s.Number != 3 || s.Err != nil || !s.Loaded() {
		t.Fatalf("%+v", s)
	}
	newer := o.write("newer.sdtb", o.bundle(4, sealID))
	if s, err := o.ImportTrust(t.Context(), newer); err != nil || s.Number != 4 {
		t.Fatalf("%+v, %v", s, err)
	}
	if _, err := o.ImportTrust(t.Context(), o.write("older.sdtb", o.bundle(2))); err == nil {
		t.Error("an older bundle was taken")
	}
	if s := o.TrustState(t.Context()); s.Number != 4 {
		t.Errorf("after a refusal number %d is in use", s.Number)
	}
}

func TestDiagnosis_keepsNames(t *testing.T) {
	o := newOffice(t)
	found := o.Diagnose(t.Context())
	for _, f := range found {
		if f.Grade == state.GradeBad {
			t.Errorf("%s: %v", f.Key, f.Err)
		}
	}
	if len(found) < 5 {
		t.Fatalf("only %d findings", len(found))
	}
	for _, names := range []bool{false, true} {
		path := filepath.Join(o.dir, fmt.Sprintf("diag-%v.txt", names))
		if err := o.SaveDiagnosis(t.Context(), path, names); err != nil {
			t.Fatal(err)
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{sealName, o.dir, "乌日娜"} {
			if strings.Contains(string(raw), secret) != names {
				t.Errorf("names %v: %q in the file: %v", names, secret, !names)
			}
		}
		if strings.Contains(string(raw), testPIN) {
			t.Error("the PIN is in the file")
		}
	}
}

func TestCommand(t *testing.T) {
	o := newOffice(t)
	doc := state.Document{Path: "/a b/x'y.pdf", Rule: state.Rule{Kind: state.RuleHand}, Marks: []state.Mark{{Page: 1, X: 10, Y: 20}, {Page: 3, X: 10, Y: 20}}}
	d := state.Desk{Screen: state.ScreenSeal, Sealing: state.Sealing{Documents: []state.Document{doc}, Reason: "发 文", Matter: register.MatterOffice, Approver: " 巴雅尔"}, Keys: state.Keys{All: o.keysRead().Keys, Chosen: o.keysRead().Keys[0].ID}}
	got := o.Command(d)
	for _, want := range []string{`seal '/a b/x'\''y.pdf' -o '/a b/x'\''y_已签章.pdf'`, "--seal " + sealID, "--page 1,3 --at 10.0,20.0", "--reason '发 文'", "--matter office --approver 巴雅尔"} {
		if !strings.Contains(got, want) {
			t.Errorf("%s lacks %s", got, want)
		}
	}
}

func TestPages_fewAreOpen(t *testing.T) {
	o := newOffice(t)
	var all []pages.Source
	for i := range 3 * maxOpen {
		all = append(all, o.Pages.Source(o.write(fmt.Sprintf("%d.pdf", i), blank(a4)), 0))
	}
	for _, s := range all {
		if _, _, err := s.Page(t.Context(), 1, 1); err != nil {
			t.Fatal(err)
		}
		if n := len(o.Pages.open); n > maxOpen {
			t.Fatalf("%d documents are open", n)
		}
	}
	if o.Pages.Source(filepath.Join(o.dir, "0.pdf"), 0) != all[0] {
		t.Error("the same document gives another source")
	}
	o.Pages.Close()
	if _, _, err := all[0].Page(t.Context(), 1, 1); err == nil || len(o.Pages.open) != 0 {
		t.Errorf("after the end: %v, %d open", err, len(o.Pages.open))
	}
}
