package pdfseal_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"
	"syscall"
	"testing"
	"time"

	"sealdesk/pdfseal"
	"sealdesk/pdfseal/trust"
)

// Variables of a child that looks at one file: the file, and the trust file.
const (
	probeVar      = "SEALDESK_PROBE"
	probeTrustVar = "SEALDESK_PROBE_TRUST"
)

// probed is what a child reports of one file, or what became of it.
type probed struct {
	Verdict string        // of verification; "error" where the file shows no seal and cannot be read
	Detail  string        // of the error or the reasons
	Took    time.Duration // of the processor, verification and inspection together: a busy machine takes longer, not more
	Peak    int64         // bytes of resident memory, at most
	Fate    string        `json:"-"` // "" for a child that reported; else "time-out" or what it printed last
}

// TestProbe_child is what a child of the tests below runs: it verifies and inspects one file.
func TestProbe_child(t *testing.T) {
	path := os.Getenv(probeVar)
	if path == "" {
		return
	}
	debug.SetMaxStack(64 << 20) // an unbounded recursion shows early
	raw, err := os.ReadFile(os.Getenv(probeTrustVar))
	if err != nil {
		t.Fatal(err)
	}
	store, err := trust.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	start := processorTime(t)
	out := probed{Verdict: "error"}
	ctx := context.Background()
	rep, err := pdfseal.VerifyFile(ctx, path, pdfseal.VerifyOptions{Trust: store, Now: checked})
	if err == nil {
		out.Verdict, out.Detail = string(rep.Verdict), strings.Join(brokenRules(rep), "+")
	} else {
		out.Detail = err.Error()
	}
	_, _ = pdfseal.InspectFile(ctx, path, store)
	out.Took, out.Peak = processorTime(t)-start, peakMemory(t)
	line, err := json.Marshal(out)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Printf("\nprobe %s\n", line)
}

// peakMemory is the highest resident memory of this process so far.
func peakMemory(t testing.TB) int64 {
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	var kilobytes int64
	_, rest, _ := bytes.Cut(b, []byte("VmHWM:"))
	if _, err := fmt.Sscan(string(rest), &kilobytes); err != nil {
		t.Fatal(err)
	}
	return kilobytes << 10
}

// processorTime is what this process has used of the processor so far.
func processorTime(t testing.TB) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// probeLimit is the processor time that a file may take.
const probeLimit = 10 * time.Second

// probePatience is how long a child is waited for. Whatever takes so long waits for something that never comes, or goes on without end.
const probePatience = 2 * time.Minute

// prober runs children.
type prober struct{ trust string }

func newProber(t testing.TB) *prober {
	t.Helper()
	raw, err := newOffice(t).pki.TrustFile(now)
	if err != nil {
		t.Fatal(err)
	}
	p := &prober{filepath.Join(t.TempDir(), "trust.json")}
	if err := os.WriteFile(p.trust, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	return p
}

// probe looks at a file in a process of its own.
func (p *prober) probe(path string) probed {
	ctx, cancel := context.WithTimeout(context.Background(), probePatience)
	defer cancel()
	cmd := exec.CommandContext(ctx, os.Args[0], "-test.run=^TestProbe_child$", "-test.count=1")
	cmd.Env = append(os.Environ(), probeVar+"="+path, probeTrustVar+"="+p.trust)
	text, err := cmd.CombinedOutput()
	if ctx.Err() != nil {
		return probed{Fate: "time-out"}
	}
	_, line, found := strings.Cut(string(text), "\nprobe ")
	if err != nil || !found {
		return probed{Fate: firstWords(string(text), 300)}
	}
	line, _, _ = strings.Cut(line, "\n")
	var out probed
	if err := json.Unmarshal([]byte(line), &out); err != nil {
		return probed{Fate: err.Error()}
	}
	return out
}

func firstWords(s string, n int) string { return s[:min(len(s), n)] }

// memoryLimit is what a file may take: twice its size and 64 MB.
func memoryLimit(size int64) int64 { return 2*size + 64<<20 }

// fault says what is wrong with the outcome for a file of this size; "" is nothing.
func (p probed) fault(size int64) string {
	switch {
	case strings.Contains(p.Fate, "fatal error"):
		return "fatal error"
	case strings.Contains(p.Fate, "panic:"):
		return "panic"
	case p.Fate != "":
		return p.Fate
	case p.Took > probeLimit:
		return "time-out"
	case p.Peak > memoryLimit(size):
		return "memory"
	}
	return ""
}
