package training

import (
	"bytes"
	"context"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"sealdesk/pdfseal/page"
	"sealdesk/pdfseal/rules"
)

// run starts a tool of poppler or qpdf, or skips.
func run(t *testing.T, name string, args ...string) string {
	t.Helper()
	tool, err := exec.LookPath(name)
	if err != nil {
		t.Skip(name + " is not installed")
	}
	out, err := exec.CommandContext(t.Context(), tool, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
	return string(out)
}

// documents are the samples of an office that was made on a fixed day.
var documents = sync.OnceValues(func() (*Office, error) {
	if err := sharing(); err != nil {
		return nil, err
	}
	w := &work{Office: newOffice(filepath.Join(sharedDir, "documents")), state: &state{Made: today}}
	return w.Office, w.makeSamples(context.Background())
})

func placements(t *testing.T) []Placement {
	t.Helper()
	o, err := documents()
	if err != nil {
		t.Fatal(err)
	}
	if len(o.Placements) != 3 || len(o.Samples) != 3 {
		t.Fatal(len(o.Placements), len(o.Samples))
	}
	return o.Placements
}

func TestSamples_pages(t *testing.T) {
	for i, p := range placements(t) {
		if want := []int{1, 3, 20}[i]; p.Pages != want {
			t.Errorf("%s: %d pages, want %d", p.Sample, p.Pages, want)
		}
		if want := []int{1, 2, 20}[i]; p.Page != want {
			t.Errorf("%s: signed on page %d, want %d", p.Sample, p.Page, want)
		}
		raw, err := os.ReadFile(p.Sample)
		if err != nil {
			t.Fatal(err)
		}
		for _, bad := range []string{"/JavaScript", "/JS", "/OpenAction", "/AA", "/Encrypt"} {
			if bytes.Contains(raw, []byte(bad)) {
				t.Errorf("%s contains %s", p.Sample, bad)
			}
		}
	}
}

func TestSamples_qpdf(t *testing.T) {
	for _, p := range placements(t) {
		if out := run(t, "qpdf", "--check", p.Sample); strings.Contains(out, "WARNING") {
			t.Error(out)
		}
	}
}

func TestSamples_searchable(t *testing.T) {
	for i, p := range placements(t) {
		text := strings.Join(strings.Fields(run(t, "pdftotext", p.Sample, "-")), "")
		for _, want := range []string{p.Title, p.Date, []string{"旗文化和旅游局：", "防灾减灾", "签发人：苏和"}[i], []string{office, office, bureau}[i]} {
			if !strings.Contains(text, want) {
				t.Errorf("%s: %q not found", p.Sample, want)
			}
		}
	}
}

func TestSamples_fonts(t *testing.T) {
	for _, p := range placements(t) {
		lines := strings.Split(strings.TrimSpace(run(t, "pdffonts", p.Sample)), "\n")
		if len(lines) < 3 {
			t.Fatalf("%v", lines)
		}
		for _, l := range lines[2:] {
			f := strings.Fields(l) // name, CID TrueType, Identity-H, emb, sub, uni
			if len(f) < 7 || f[4] != "yes" || f[5] != "yes" || f[6] != "yes" {
				t.Errorf("%s: %s", p.Sample, l)
			}
		}
	}
}

// Our own reader finds the title, and the rule for the place of the seal gives the place that the layout foresaw.
func TestSamples_place(t *testing.T) {
	seals := map[string]rules.Seal{}
	for _, u := range practiceUnits {
		seals[u.sealID] = rules.Seal{Name: u.name, Width: float64(u.design.Diameter), Height: float64(u.design.Diameter)}
	}
	for _, p := range placements(t) {
		d, err := page.Open(t.Context(), p.Sample)
		if err != nil {
			t.Fatal(err)
		}
		runs, err := d.Text(t.Context(), p.Page)
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Close(); err != nil {
			t.Error(err)
		}
		var list []rules.Run
		for _, r := range runs {
			list = append(list, rules.Run(r))
		}
		at, err := rules.OverDate(list, seals[p.Seal])
		if err != nil {
			t.Errorf("%s: %v", p.Sample, err)
			continue
		}
		if math.Abs(at.X-p.X) > 1 || math.Abs(at.Y-p.Y) > 2 {
			t.Errorf("%s: %.1f, %.1f, foreseen %.1f, %.1f", p.Sample, at.X, at.Y, p.X, p.Y)
		}
	}
}

// Text stays inside the type area, apart from heads and page numbers, and characters stand on the grid of 28 columns.
func TestSamples_typeArea(t *testing.T) {
	for _, p := range placements(t) {
		d, err := page.Open(t.Context(), p.Sample)
		if err != nil {
			t.Fatal(err)
		}
		full := 0
		for n := 1; n <= d.Pages(); n++ {
			runs, err := d.Text(t.Context(), n)
			if err != nil {
				t.Fatal(err)
			}
			left, right := math.Inf(1), 0.0
			for _, r := range runs {
				left, right = math.Min(left, r.X), math.Max(right, r.X+r.W)
				if r.Y < 29 || r.Y+r.H > areaBottom+15 {
					t.Errorf("%s page %d: %q at %.1f mm", p.Sample, n, r.Text, r.Y)
				}
			}
			if left < areaLeft-1 || right > areaRight+1.2 {
				t.Errorf("%s page %d: text from %.1f to %.1f mm", p.Sample, n, left, right)
			}
			if right > areaRight-1 {
				full++
			}
		}
		if full == 0 {
			t.Errorf("%s: no line reaches the right edge", p.Sample)
		}
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestBreakLines(t *testing.T) {
	text := "供热企业要在2026年10月15日前完成检修，储煤量（含应急）不得少于20天；“一处一策、专人包联”要落实100%、8.64亿元。"
	for width := 12; width <= 56; width++ {
		lines := breakLines(text, 4, width)
		if strings.Join(lines, "") != text {
			t.Fatalf("width %d: %q", width, lines)
		}
		for i, l := range lines {
			rs := []rune(l)
			if i > 0 && strings.ContainsRune(notFirst, rs[0]) {
				t.Errorf("width %d: line %q begins with a mark", width, l)
			}
			if i < len(lines)-1 && strings.ContainsRune(notLast, rs[len(rs)-1]) {
				t.Errorf("width %d: line %q ends with an opening mark", width, l)
			}
			if i > 0 && isDigit(rs[0]) && isDigit([]rune(lines[i-1])[len([]rune(lines[i-1]))-1]) {
				t.Errorf("width %d: number cut before %q", width, l)
			}
			if over := length(l) - width; over > 2 {
				t.Errorf("width %d: line %q is %d too long", width, l, over)
			}
		}
	}
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' }

func TestSign_noText(t *testing.T) {
	c, err := newComposer("试", office, today)
	if err != nil {
		t.Fatal(err)
	}
	c.sign(office, "2026年1月1日")
	if _, err := c.finish(); err == nil {
		t.Error("a signature without text on its page")
	}
}

func TestDocument_missingGlyph(t *testing.T) {
	c, err := newComposer("试", office, today)
	if err != nil {
		t.Fatal(err)
	}
	c.para("\U00020000")
	if _, err := c.finish(); err == nil {
		t.Error("a character that the font lacks was set")
	}
}

func TestWorkday(t *testing.T) {
	for days := range 30 {
		d := workday(today, days)
		if d.Weekday() == time.Saturday || d.Weekday() == time.Sunday || d.After(today.AddDate(0, 0, 1-days)) {
			t.Errorf("%d days before: %v", days, d)
		}
	}
}

func TestChinese(t *testing.T) {
	for n, want := range map[int]string{1: "一", 10: "十", 12: "十二", 20: "二十", 35: "三十五"} {
		if got := chinese(n); got != want {
			t.Error(strconv.Itoa(n), got, want)
		}
	}
}
