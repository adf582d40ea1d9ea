package page

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const corpus = "../../../shared/testdata/pdf"

func long(t *testing.T) {
	t.Helper()
	if os.Getenv("SEALDESK_LONG") == "" {
		t.Skip("long: run with go run ./cmd/dev test --long")
	}
}

// sample is one line of the corpus's manifest.
type sample struct{ path, features, check string }

func manifest(t *testing.T) []sample {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(corpus, "MANIFEST.tsv"))
	if err != nil {
		t.Skip("the shared corpus is not here: ", err)
	}
	var out []sample
	for _, line := range strings.Split(strings.TrimSpace(string(raw)), "\n")[1:] {
		f := strings.Split(line, "\t")
		if len(f) != 6 {
			t.Fatalf("manifest line %q", line)
		}
		out = append(out, sample{f[0], f[4], f[5]})
	}
	if len(out) == 0 {
		t.Fatal("no corpus files")
	}
	return out
}

// Whatever the file, every call ends in time with a picture or a named error.
func TestCorpus_neverFails(t *testing.T) {
	step := 13
	if os.Getenv("SEALDESK_LONG") != "" {
		step = 1
	}
	list := manifest(t)
	drawn, refused := 0, 0
	for i := 0; i < len(list); i += step {
		from := time.Now()
		err := look(t.Context(), filepath.Join(corpus, list[i].path))
		if took := time.Since(from); took > 3*TimeLimit+time.Minute {
			t.Errorf("%s took %v", list[i].path, took)
		}
		if err == nil {
			drawn++
			continue
		}
		refused++
		if !named(err) {
			t.Errorf("%s: %v", list[i].path, err)
		}
		if list[i].check == "clean" && !strings.Contains(list[i].features, "encrypted") && !strings.Contains(list[i].features, "zero_pages") {
			t.Logf("clean file: %s (%s): %v", list[i].path, list[i].features, err)
		}
	}
	t.Logf("%d drawn, %d refused", drawn, refused)
	if drawn < 5*refused {
		t.Errorf("only %d of %d files drawn", drawn, drawn+refused)
	}
}

func named(err error) bool {
	for _, known := range []error{ErrNotPDF, ErrEncrypted, ErrNoPage, ErrTooLarge, ErrTimeLimit, ErrFailed} {
		if errors.Is(err, known) {
			return true
		}
	}
	return false
}

// look opens a file and looks at its first page in every way.
func look(ctx context.Context, path string) (err error) {
	d, err := Open(ctx, path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	if _, err := d.Text(ctx, 1); err != nil {
		return err
	}
	_, err = d.Render(ctx, 1, 24)
	return err
}

// Poppler and pdfium agree on the size of pages of clean files.
func TestCorpus_sizeAsPoppler(t *testing.T) {
	tool, err := exec.LookPath("pdftoppm")
	if err != nil {
		t.Skip("pdftoppm is not installed")
	}
	step, compared := 24, 0
	if os.Getenv("SEALDESK_LONG") != "" {
		step = 2
	}
	n := 0
	for _, s := range manifest(t) {
		if s.check != "clean" || strings.Contains(s.features, "encrypted") || strings.Contains(s.features, "zero_pages") {
			continue
		}
		if n++; n%step != 0 || strings.Contains(s.features, "userunit") { // poppler ignores /UserUnit
			continue
		}
		path := filepath.Join(corpus, s.path)
		w, h, ok := popplerSize(t, tool, path)
		if !ok {
			continue
		}
		d, err := Open(t.Context(), path)
		if err != nil {
			t.Errorf("%s: %v", s.path, err)
			continue
		}
		size, err := d.PageSize(t.Context(), 1)
		if err == nil {
			compared++
			if math.Abs(size.W*50/mmPerInch-w) > 1.01 || math.Abs(size.H*50/mmPerInch-h) > 1.01 {
				t.Errorf("%s (%s): %.1f × %.1f px, poppler %v × %v", s.path, s.features, size.W*50/mmPerInch, size.H*50/mmPerInch, w, h)
			}
		}
		if err := errors.Join(err, d.Close()); err != nil {
			t.Errorf("%s: %v", s.path, err)
		}
	}
	if compared < 10 {
		t.Fatalf("only %d files compared", compared)
	}
	t.Logf("%d files compared", compared)
}

// popplerSize is the size of the first page at 50 dpi, in pixels, rounded up.
func popplerSize(t *testing.T, tool, path string) (w, h float64, ok bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, tool, "-cropbox", "-gray", "-r", "50", "-f", "1", "-l", "1", path).Output()
	if err != nil || len(out) == 0 {
		return 0, 0, false
	}
	_, err = fmt.Sscanf(string(out[:min(len(out), 40)]), "P5\n%f %f\n", &w, &h)
	return w, h, err == nil
}
