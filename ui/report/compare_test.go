package report_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	"unicode"

	"sealdesk/pdfseal"
	"sealdesk/pdfseal/page"
	"sealdesk/ui/report"
)

// revised writes a document of pages with the given contents, and behind it an update that gives pages other contents.
func revised(t testing.TB, contents []string, update map[int]string) string {
	t.Helper()
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	at := map[int]int{}
	put := func(num int, body string) {
		at[num] = b.Len()
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", num, body)
	}
	stream := func(s string) string { return fmt.Sprintf("<</Length %d>>\nstream\n%s\nendstream", len(s), s) }
	kids := ""
	for i := range contents {
		kids += fmt.Sprintf("%d 0 R ", 4+2*i)
	}
	put(1, "<</Type /Catalog /Pages 2 0 R>>")
	put(2, fmt.Sprintf("<</Type /Pages /Kids [%s] /Count %d>>", kids, len(contents)))
	put(3, "<</Type /Font /Subtype /Type1 /BaseFont /Helvetica>>")
	for i, c := range contents {
		put(4+2*i, fmt.Sprintf("<</Type /Page /Parent 2 0 R /MediaBox [0 0 595.276 841.89] /Resources <</Font <</F 3 0 R>>>> /Contents %d 0 R>>", 5+2*i))
		put(5+2*i, stream(c))
	}
	size := 4 + 2*len(contents)
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f\r\n", size)
	for num := 1; num < size; num++ {
		fmt.Fprintf(&b, "%010d 00000 n\r\n", at[num])
	}
	fmt.Fprintf(&b, "trailer\n<</Size %d /Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", size, start)
	if len(update) > 0 {
		table := ""
		for n := 1; n <= len(contents); n++ {
			if c, ok := update[n]; ok {
				num := 3 + 2*n
				put(num, stream(c))
				table += fmt.Sprintf("%d 1\n%010d 00000 n\r\n", num, at[num])
			}
		}
		next := b.Len()
		fmt.Fprintf(&b, "xref\n%strailer\n<</Size %d /Root 1 0 R /Prev %d>>\nstartxref\n%d\n%%%%EOF\n", table, size, start, next)
	}
	path := filepath.Join(t.TempDir(), "revised.pdf")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func text(s string) string { return "BT /F 24 Tf 60 700 Td (" + s + ") Tj ET" }

// changedSince is a report of a document whose second revision made these changes.
func changedSince(changes ...pdfseal.Change) *pdfseal.Report {
	for i := range changes {
		changes[i].Revision = 2
	}
	return &pdfseal.Report{Verdict: pdfseal.VerdictInvalid, Seals: []pdfseal.SealReport{{Coverage: pdfseal.Coverage{Revision: 1, Revisions: 2}}}, Changes: changes}
}

func TestCompare_words(t *testing.T) {
	square := "1 1 1 rg 50 690 100 40 re f"
	place := pdfseal.Area{X: 17.6, Y: 39.5, W: 42.3, H: 14.1} // of text() in millimetres
	content := pdfseal.Change{Page: 1, Key: pdfseal.ChangePageContent, WholePage: true, Area: pdfseal.Area{W: 210, H: 297}, Data: map[string]string{"pages": "1", "how": "altered"}}
	for _, c := range []struct {
		name      string
		then, now string
		change    pdfseal.Change
		zh, en    string
		same      bool
	}{
		{"text changed", text("100000"), text("900000"), content, "第 1 页：“100000”处现在是“900000”（第 1 页的页面内容被改动或替换）", "page 1: where “100000” stood there is now “900000” (the content of page 1 was altered or replaced)", false},
		{"text gone", text("100000"), square, content, "“100000”处的文字不见了", "the text “100000” is gone", false},
		{"text new", square, text("100000"), content, "页面上部左侧出现了盖章时没有的文字“100000”", "the text “100000” was not there when sealed (upper left of the page)", false},
		{"no text", "", "0 0 1 rg 400 60 90 40 re f", content, "第 1 页：页面下部右侧的样子与盖章时不同", "it does not look as it did when sealed (lower right of the page)", false},
		{"covered", text("100000"), text("100000") + " " + square, pdfseal.Change{Page: 1, Area: place, Key: pdfseal.ChangeAnnotationAdded, Data: map[string]string{"subtype": "Square"}},
			"第 1 页：“100000”处被新加的注释（方框）遮盖", "page 1: “100000” is covered by an added annotation (square)", false},
		{"nothing to be seen", text("100000"), text("100000"), pdfseal.Change{Page: 1, Area: place, Key: pdfseal.ChangeAnnotationAdded, Data: map[string]string{"subtype": "Foo"}},
			"“100000”处被新加的注释（未知类型“Foo”）遮盖", "“100000” is covered by an added annotation (unknown kind “Foo”)", true},
		{"beside no text", text("100000"), text("100000") + " 0 0 1 rg 400 60 90 40 re f", pdfseal.Change{Page: 1, Area: pdfseal.Area{X: 140, Y: 260, W: 35, H: 18}, Key: pdfseal.ChangeAnnotationAdded, Data: map[string]string{"subtype": "Ink"}},
			"第 1 页：新加了注释（手写）（页面下部右侧）", "page 1: an annotation (ink) was added (lower right of the page)", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := revised(t, []string{c.then, text("same")}, map[int]string{1: c.now})
			var streamed []report.Pair
			got, err := report.Compare(t.Context(), path, changedSince(c.change), report.Options{Found: func(p report.Pair) error { streamed = append(streamed, p); return nil }})
			if err != nil || got.Uncompared != nil {
				t.Fatalf("%v, %v", err, got)
			}
			if len(got.Pairs) != 1 || len(streamed) != 1 || got.Base != 1 || got.Pairs[0].Page != 1 || got.Pairs[0].Same != c.same || got.Pairs[0].Then == nil || got.Pairs[0].Now == nil {
				t.Fatalf("%+v", got)
			}
			for lang, want := range map[string]string{"zh": c.zh, "en": c.en} {
				if all := got.Pairs[0].Sentences(catalogue(t, lang)); len(all) == 0 || !strings.Contains(all[0], want) {
					t.Errorf("%s: %q, want %q", lang, all, want)
				}
			}
		})
	}
}

// TestCompare_undrawn: a page that cannot be drawn counts as changed, and says so.
func TestCompare_undrawn(t *testing.T) {
	path := revised(t, []string{text("a"), text("b")}, map[int]string{1: text("a")})
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	// The second revision makes page 2 larger than any picture may be.
	start := bytes.LastIndex(raw, []byte("startxref\n"))
	var prev int
	if _, err := fmt.Sscanf(string(raw[start:]), "startxref\n%d", &prev); err != nil {
		t.Fatal(err)
	}
	at := len(raw)
	raw = append(raw, "6 0 obj\n<</Type /Page /Parent 2 0 R /MediaBox [0 0 14400 14400] /UserUnit 100>>\nendobj\n"...)
	raw = fmt.Appendf(raw, "xref\n6 1\n%010d 00000 n\r\ntrailer\n<</Size 8 /Root 1 0 R /Prev %d>>\nstartxref\n%d\n%%%%EOF\n", at, prev, len(raw))
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := report.Compare(t.Context(), path, changedSince(pdfseal.Change{Key: pdfseal.ChangeOther}), report.Options{})
	if err != nil || got.Uncompared != nil || len(got.Pairs) != 1 || got.Pairs[0].NowMissing != report.Undrawn {
		t.Fatalf("%+v, %v", got, err)
	}
	for lang, want := range map[string]string{"zh": "第 2 页：这一页现在无法显示，按有变化处理", "en": "page 2: the page cannot be drawn as it is now; it counts as changed"} {
		if all := got.Pairs[0].Sentences(catalogue(t, lang)); len(all) != 1 || all[0] != want {
			t.Errorf("%s: %q", lang, all)
		}
	}
}

// TestCompare_cancelled: Compare answers once it is cancelled, whatever it is at, not when the page is drawn that it is at, and calls nothing
// afterwards. Each of the heavy pages takes as long as one may.
func TestCompare_cancelled(t *testing.T) {
	if err := page.Warm(t.Context()); err != nil {
		t.Fatal(err)
	}
	heavy := strings.Repeat("0 0 595 842 re 5 5 500 800 re f* ", 60_000)
	path := revised(t, []string{text("a"), heavy, heavy}, map[int]string{1: text("b")})
	rep := changedSince(pdfseal.Change{Page: 1, Key: pdfseal.ChangePageContent, Data: map[string]string{"pages": "1"}})
	for _, wait := range []time.Duration{0, 5 * time.Millisecond, 20 * time.Millisecond, 60 * time.Millisecond, 150 * time.Millisecond} {
		ctx, cancel := context.WithCancel(t.Context())
		began := make(chan time.Time, 1)
		time.AfterFunc(wait, func() {
			began <- time.Now()
			cancel()
		})
		var returned atomic.Bool
		var late atomic.Int32
		called := func() {
			if returned.Load() {
				late.Add(1)
			}
		}
		_, err := report.Compare(ctx, path, rep, report.Options{Progress: func(int, int) { called() }, Found: func(report.Pair) error { called(); return nil }})
		took := time.Since(<-began)
		returned.Store(true)
		if !errors.Is(err, context.Canceled) {
			t.Errorf("after %v: %v", wait, err)
		}
		t.Logf("after %v: answered %v after the cancel", wait, took) // the goal is 100 ms
		if took > 3*page.TimeLimit/4 {
			t.Errorf("after %v: answered %v after the cancel", wait, took)
		}
		time.Sleep(50 * time.Millisecond)
		if n := late.Load(); n > 0 {
			t.Errorf("after %v: %d calls came late", wait, n)
		}
	}
}

// TestCompare_found: an error of the caller ends the comparison.
func TestCompare_found(t *testing.T) {
	path := revised(t, []string{text("a"), text("b")}, map[int]string{1: text("c"), 2: text("d")})
	rep := changedSince(pdfseal.Change{Page: 1, Key: pdfseal.ChangePageContent, Data: map[string]string{"pages": "1"}})
	enough, calls := errors.New("enough"), 0
	_, err := report.Compare(t.Context(), path, rep, report.Options{Found: func(report.Pair) error { calls++; return enough }})
	if !errors.Is(err, enough) || calls != 1 {
		t.Errorf("%v after %d calls", err, calls)
	}
	if got, err := report.Compare(t.Context(), path, &pdfseal.Report{}, report.Options{}); err != nil || got.Base != 0 || len(got.Pairs) != 0 {
		t.Errorf("nothing was changed: %+v, %v", got, err)
	}
	got, err := report.Compare(t.Context(), path, rep, report.Options{Pairs: 1})
	if err != nil || len(got.Pairs) != 1 || len(got.More) != 1 || got.More[0] != 2 {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestTextUnder(t *testing.T) {
	runs := []page.Run{{Text: "合同价款为人民币壹拾万元整", X: 20, Y: 50, W: 65, H: 6}, {Text: "2026", X: 20, Y: 60, W: 12, H: 6}, {Text: "\u202e反", X: 90, Y: 50, W: 5, H: 6}}
	for _, c := range []struct {
		region page.Region
		want   string
	}{
		{page.Region{X: 60, Y: 50, W: 25, H: 6}, "合同价款为人民币壹拾万元整"[len("合同价"):]},
		{page.Region{X: 18, Y: 48, W: 80, H: 20}, "合同价款为人民币壹拾万元整 反 2026"},
		{page.Region{X: 25, Y: 61, W: 2, H: 3}, "2026"},
		{page.Region{X: 100, Y: 100, W: 50, H: 50}, ""},
	} {
		if got := report.TextUnder(runs, c.region); got != c.want && !strings.Contains(c.want, strings.TrimSuffix(got, "…")) || (got == "") != (c.want == "") {
			t.Errorf("%+v: %q, want %q", c.region, got, c.want)
		}
	}
	long := report.TextUnder([]page.Run{{Text: strings.Repeat("文", 200), X: 0, Y: 0, W: 200, H: 5}}, page.Region{W: 210, H: 297})
	if n := len([]rune(long)); n != 21 {
		t.Errorf("%d characters are quoted", n)
	}
}

// FuzzTextUnder quotes text of any document: short, and without what could disguise a sentence.
func FuzzTextUnder(f *testing.F) {
	f.Add("壹拾万元整", 20.0, 50.0, 60.0, 6.0, 25.0, 51.0, 3.0, 3.0)
	f.Add("\u202e100\x00\u2066", 0.0, 0.0, 0.0, 0.0, -1.0, -1.0, 1e300, 1e300)
	f.Fuzz(func(t *testing.T, s string, x, y, w, h, rx, ry, rw, rh float64) {
		got := report.TextUnder([]page.Run{{Text: s, X: x, Y: y, W: w, H: h}, {Text: s, X: x, Y: y + h, W: w, H: h}}, page.Region{X: rx, Y: ry, W: rw, H: rh})
		if n := len([]rune(got)); n > 21 {
			t.Errorf("%d characters: %q", n, got)
		}
		for _, r := range got {
			if !unicode.IsGraphic(r) || unicode.Is(unicode.Bidi_Control, r) {
				t.Errorf("%q holds %U", got, r)
			}
		}
	})
}
