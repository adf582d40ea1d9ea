package pdfseal_test

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// robustRow sums up one collection of the corpus.
type robustRow struct {
	files    int
	faults   map[string]int
	verdicts map[string]int
	slowest  time.Duration
	peak     int64
	ratio    float64 // of the peak to what is allowed
}

// TestRobust_corpus gives every file of the corpus to a process of its own, in the short run every fortieth: none panics, ends in a fatal error,
// takes more than ten seconds, or more memory than twice the file and 64 MB.
func TestRobust_corpus(t *testing.T) {
	p := newProber(t)
	files := corpus(t)
	step := 1
	if !isLong() {
		step = 40
	}
	rows := map[string]*robustRow{}
	var mu sync.Mutex
	parallel((len(files)+step-1)/step, func(next func() (int, bool)) {
		for i, ok := next(); ok; i, ok = next() {
			path := files[i*step].path
			info, err := os.Stat(path)
			if err != nil {
				t.Error(err)
				continue
			}
			got := p.probe(path)
			mu.Lock()
			group := filepath.Base(filepath.Dir(path))
			if rows[group] == nil {
				rows[group] = &robustRow{faults: map[string]int{}, verdicts: map[string]int{}}
			}
			rows[group].add(got, info.Size())
			mu.Unlock()
			if f := got.fault(info.Size()); f != "" {
				t.Errorf("%s (%d bytes): %s, %v, %d MB\n%s", path, info.Size(), f, got.Took, got.Peak>>20, got.Fate)
			}
			if strings.HasPrefix(got.Verdict, "valid") {
				t.Errorf("%s: %s; no file of the corpus carries an SM2 seal", path, got.Verdict)
			}
		}
	})
	logRobust(t, rows)
}

func (r *robustRow) add(p probed, size int64) {
	r.files++
	r.verdicts[p.Verdict]++
	if f := p.fault(size); f != "" {
		r.faults[f]++
	}
	r.slowest, r.peak = max(r.slowest, p.Took), max(r.peak, p.Peak)
	r.ratio = max(r.ratio, float64(p.Peak)/float64(memoryLimit(size)))
}

func logRobust(t *testing.T, rows map[string]*robustRow) {
	t.Helper()
	var names []string
	for name := range rows {
		names = append(names, name)
	}
	slices.SortFunc(names, cmp.Compare)
	var b strings.Builder
	total := 0
	for _, name := range names {
		r := rows[name]
		total += r.files
		fmt.Fprintf(&b, "%-28s %5d %6d %5d %8d %6d %8s %7d MB %8.0f %%   %v\n", name, r.files, r.faults["panic"], r.faults["fatal error"], r.faults["time-out"], r.faults["memory"],
			r.slowest.Round(time.Millisecond), r.peak>>20, 100*r.ratio, r.verdicts)
	}
	t.Logf("%d files, each in a process of its own\n%-28s %5s %6s %5s %8s %6s %8s %10s %10s   %s\n%s", total, "files of", "count", "panics", "fatal", "time-out", "memory", "slowest",
		"peak", "of allowed", "verdicts", b.String())
	if total == 0 {
		t.Error("no file was looked at")
	}
}
