package trust

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Bounds of a bundle (DESIGN.md, section 7).
const (
	bytesPerSeal = 40       // of the file; 40 MB for 1,000,000 seals
	fixedBytes   = 64 << 10 // manifest, signature and lists of the test
	maxMemory    = 64e6     // of a whole client process
)

// TestBundle_size writes a large registry and looks seals up in a process of its own.
func TestBundle_size(t *testing.T) {
	if path := os.Getenv("TRUST_SIZE_FILE"); path != "" {
		lookUp(t, path)
		return
	}
	for _, c := range []struct {
		n    int
		long bool
	}{{50_000, false}, {1_000_000, true}} {
		t.Run(strconv.Itoa(c.n), func(t *testing.T) {
			if c.long && os.Getenv("SEALDESK_LONG") != "1" {
				t.Skip("long: run with go run ./cmd/dev test --long")
			}
			w := newWorld(t)
			path := filepath.Join(t.TempDir(), "trust.sdtb")
			start := time.Now()
			size := writeLarge(t, w, path, c.n)
			t.Logf("%d seals, one in 16 suspended once: %.1f MB, written in %v", c.n, float64(size)/1e6, time.Since(start).Round(time.Millisecond))
			if limit := int64(c.n*bytesPerSeal + fixedBytes); size > limit {
				t.Errorf("%d bytes, more than %d", size, limit)
			}
			client := exec.Command(os.Args[0], "-test.run=^TestBundle_size$", "-test.v")
			client.Env = append(os.Environ(), "TRUST_SIZE_FILE="+path, "TRUST_SIZE_PIN="+w.by.pin(), "TRUST_SIZE_SEALS="+strconv.Itoa(c.n))
			out, err := client.CombinedOutput()
			t.Logf("%s", bytes.TrimSpace(out))
			if err != nil {
				t.Error(err)
			}
		})
	}
}

func writeLarge(t *testing.T, w *world, path string, n int) int64 {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	out := bufio.NewWriter(f)
	if err := WriteBundle(t.Context(), out, w.spec(t), suspendedSeals(n), w.by.key()); err != nil {
		t.Fatal(err)
	}
	if err := out.Flush(); err != nil {
		t.Fatal(err)
	}
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}

// suspendedSeals are n seals of which one in 16 was suspended and resumed.
func suspendedSeals(n int) func(func(SealRecord) bool) {
	return func(yield func(SealRecord) bool) {
		for i := range n {
			r := SealRecord{ID: sealID(i), Division: "152999", History: []SealStatus{{Status: StatusInForce, Since: day(-100)}}}
			if i%16 == 0 {
				r.History = append(r.History, SealStatus{Status: StatusSuspended, Since: day(-60)}, SealStatus{Status: StatusInForce, Since: day(-50)})
			}
			if !yield(r) {
				return
			}
		}
	}
}

// lookUp is the client: it opens the bundle, asks for seals in no order, and says what that took.
func lookUp(t *testing.T, path string) {
	n, err := strconv.Atoi(os.Getenv("TRUST_SIZE_SEALS"))
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	s, err := Open(path, Pins{Roots: []string{os.Getenv("TRUST_SIZE_PIN")}})
	if err != nil {
		t.Fatal(err)
	}
	opened := time.Since(start)
	var took []time.Duration
	for i := range 5000 {
		at := i * 7919 % n
		start := time.Now()
		h, listed, err := s.SealHistory(sealID(at))
		took = append(took, time.Since(start))
		if err != nil || !listed || (len(h) == 3) != (at%16 == 0) {
			t.Fatalf("%d: %v %v %v", at, h, listed, err)
		}
	}
	slices.Sort(took)
	t.Logf("opened in %v; look-up p50 %v, p99 %v", opened.Round(time.Microsecond), took[len(took)/2].Round(time.Microsecond), took[len(took)*99/100].Round(time.Microsecond))
	peak, err := peakMemory()
	if err != nil {
		t.Skip(err)
	}
	t.Logf("peak memory %.1f MB", float64(peak)/1e6)
	if peak > maxMemory {
		t.Errorf("peak memory of %d bytes, more than %.0f", peak, maxMemory)
	}
}

// peakMemory is the peak of this process's resident memory.
func peakMemory() (int64, error) {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, fmt.Errorf("the peak of memory is not known on %s", runtime.GOOS)
	}
	_, rest, _ := strings.Cut(string(text), "VmHWM:")
	kilobytes, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
	return kilobytes * 1024, err
}
