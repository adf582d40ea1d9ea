package pdf

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

const corpusDir = "../../../../shared/testdata/pdf"

type corpusFile struct {
	name     string
	pages    int // what qpdf counts; -1 where it cannot
	features map[string]bool
	qpdf     string
}

func loadCorpus(t testing.TB) []corpusFile {
	t.Helper()
	f, err := os.Open(filepath.Join(corpusDir, "MANIFEST.tsv"))
	if err != nil {
		t.Skip("shared corpus is not there: " + err.Error())
	}
	defer f.Close()
	var out []corpusFile
	for sc := bufio.NewScanner(f); sc.Scan(); {
		c := strings.Split(sc.Text(), "\t")
		if len(c) != 6 || c[0] == "path" {
			continue
		}
		cf := corpusFile{name: c[0], pages: -1, features: map[string]bool{}, qpdf: c[5]}
		if n, err := strconv.Atoi(c[3]); err == nil {
			cf.pages = n
		}
		for _, x := range strings.Split(c[4], ",") {
			cf.features[x] = true
		}
		out = append(out, cf)
	}
	if len(out) < 1000 {
		t.Fatalf("manifest lists %d files", len(out))
	}
	return out
}

// sealable tells whether the file is one that must be read and extended: clean, with a page, unsigned, not encrypted, not hybrid
// and without active content.
func (c corpusFile) sealable() bool {
	for _, x := range []string{"signed", "encrypted", "hybrid", "js", "xfa", "launch"} {
		if c.features[x] {
			return false
		}
	}
	return c.qpdf == "clean" && c.pages > 0
}

// readAll reads everything that there is to read in a file.
func readAll(ctx context.Context, src Source) (*File, int, error) {
	f, err := Open(ctx, src)
	if err != nil {
		return nil, 0, err
	}
	f.Version()
	pages := 0
	for rev := range f.Revisions() {
		v := f.At(rev)
		if pages, err = v.PageCount(); err != nil {
			return f, pages, err
		}
		for n := 1; n <= min(pages, 50); n++ {
			if _, err := v.Page(n); err != nil {
				return f, pages, err
			}
		}
		for num, e := range f.Revisions()[rev].Entries {
			if _, err := v.Get(num, e.Gen); err != nil {
				return f, pages, err
			}
			if e.Kind == InUse {
				if _, _, err := v.Spans(num); err != nil {
					return f, pages, err
				}
			}
		}
		if err := f.CheckTail(rev); err != nil && !isFinding(err) {
			return f, pages, err
		}
	}
	return f, pages, nil
}

func isFinding(err error) bool {
	var s *SyntaxError
	return errors.As(err, &s)
}

// outcome names the result of reading a file for the table.
func outcome(err error) string {
	var s *SyntaxError
	switch {
	case err == nil:
		return "opened"
	case errors.Is(err, ErrEncrypted):
		return "encrypted"
	case errors.Is(err, ErrHybrid):
		return "hybrid"
	case errors.Is(err, ErrNotPDF):
		return "no PDF"
	case errors.As(err, &s):
		return s.Rule
	}
	return "other"
}

// extend adds an annotation to the first page.
func extend(f *File) ([]byte, error) {
	v := f.Latest()
	p, err := v.Page(1)
	if err != nil {
		return nil, err
	}
	u := NewIncrement(f)
	ref := u.New()
	u.Put(ref, types.Dict{"Type": types.Name("Annot"), "Subtype": types.Name("Square"), "P": p.Ref,
		"Rect": types.Array{types.Integer(10), types.Integer(10), types.Float(20.5), types.Integer(20)}})
	annots, err := v.Array(p.Dict["Annots"])
	if err != nil {
		return nil, err
	}
	d := p.Dict.Clone().(types.Dict)
	d["Annots"] = append(slices.Clone(annots), ref)
	u.Put(p.Ref, d)
	b, err := u.Build([16]byte{1, 2, 3})
	if err != nil {
		return nil, err
	}
	return b.Bytes, nil
}

// corpusRun holds what the corpus test found.
type corpusRun struct {
	mu      sync.Mutex
	table   map[string]map[string]int // group, outcome
	good    int
	refused []string
}

func (r *corpusRun) count(group, result string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.table[group] == nil {
		r.table[group] = map[string]int{}
	}
	r.table[group][result]++
}

// TestCorpus reads every file of the corpus within 10 seconds, extends those that must be sealable, and compares with qpdf.
func TestCorpus(t *testing.T) {
	files := loadCorpus(t)
	if _, err := exec.LookPath("qpdf"); err != nil {
		t.Log("qpdf is not installed: increments are checked without a second witness")
	}
	before := heap()
	run := &corpusRun{table: map[string]map[string]int{}}
	jobs := make(chan corpusFile)
	var wg sync.WaitGroup
	for range 2 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for c := range jobs {
				run.check(t, c)
			}
		}()
	}
	for _, c := range files {
		jobs <- c
	}
	close(jobs)
	wg.Wait()
	run.report(t)
	if grown := heap() - before; grown > 256<<20 {
		t.Errorf("the heap grew by %d MiB", grown>>20)
	}
}

// heap gives the bytes that the heap has taken from the system so far.
func heap() int64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapSys)
}

func (r *corpusRun) check(t *testing.T, c corpusFile) {
	b, err := os.ReadFile(filepath.Join(corpusDir, c.name))
	if err != nil {
		t.Error(err)
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	f, pages, err := readAll(ctx, bytes.NewReader(b))
	if err != nil && !isFinding(err) {
		t.Errorf("%s: %v", c.name, err)
	}
	group := c.qpdf
	if c.sealable() {
		group = "sealable"
	}
	r.count(group, outcome(err))
	if group != "sealable" {
		return
	}
	r.mu.Lock()
	if r.good++; err != nil {
		r.refused = append(r.refused, fmt.Sprintf("%s: %v", c.name, err))
	}
	r.mu.Unlock()
	if err != nil {
		return
	}
	want := c.pages
	if c.features["count_lie"] {
		want = 1 // qpdf believes /Count 9999999999 of the only such file
	}
	if pages != want {
		t.Errorf("%s: %d pages, not %d", c.name, pages, want)
	}
	checkExtended(t, c.name, f, b)
}

// checkExtended appends an increment and reads the file again with this package and with qpdf.
func checkExtended(t *testing.T, name string, f *File, base []byte) {
	tail, err := extend(f)
	if err != nil {
		t.Errorf("%s: extend: %v", name, err)
		return
	}
	whole := append(slices.Clone(base), tail...)
	g, err := Open(context.Background(), bytes.NewReader(whole))
	if err != nil {
		t.Errorf("%s: read again: %v", name, err)
		return
	}
	revs := g.Revisions()
	last := revs[len(revs)-1]
	if len(revs) != len(f.Revisions())+1 || last.End != int64(len(whole)) || last.Kind != f.Revisions()[len(revs)-2].Kind {
		t.Errorf("%s: revision %+v of %d", name, last, len(revs))
	}
	word := slices.ContainsFunc(f.Notes(), func(n Note) bool { return n.Msg == "a word after %%EOF" }) // lies before the increment now
	if err := g.CheckTail(len(revs) - 1); (err != nil) != word {
		t.Errorf("%s: own increment: %v", name, err)
	}
	if _, err := g.Latest().PageCount(); err != nil {
		t.Errorf("%s: pages after the increment: %v", name, err)
	}
	if out, err := qpdfCheck(t, whole); err != nil {
		t.Errorf("%s: qpdf after the increment: %v\n%s", name, err, out)
	}
}

func qpdfCheck(t testing.TB, b []byte) ([]byte, error) {
	if _, err := exec.LookPath("qpdf"); err != nil {
		return nil, nil // the corpus test runs without its second witness
	}
	path := filepath.Join(t.TempDir(), "x.pdf")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	return exec.CommandContext(ctx, "qpdf", "--check", path).CombinedOutput()
}

func (r *corpusRun) report(t *testing.T) {
	slices.Sort(r.refused)
	for _, group := range []string{"sealable", "clean", "warn", "error"} {
		var parts []string
		for k, n := range r.table[group] {
			parts = append(parts, fmt.Sprintf("%s %d", k, n))
		}
		slices.Sort(parts)
		t.Logf("%-8s %s", group, strings.Join(parts, ", "))
	}
	for _, line := range r.refused {
		t.Log("refused: ", line)
	}
	if r.good < 500 {
		t.Errorf("only %d files of the corpus should be sealable", r.good)
	}
	if n := r.good - len(r.refused); n*100 < r.good*99 {
		t.Errorf("%d of %d sealable files are read, fewer than 99 %%", n, r.good)
	}
}
