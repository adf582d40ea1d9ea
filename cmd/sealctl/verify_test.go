package main

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"sealdesk/pdfseal"
	"sealdesk/ui/explain"
)

func TestWorse(t *testing.T) {
	order := []int{1, 20, 3, 4, 5, 0}
	for i, a := range order {
		for j, b := range order {
			if got, want := worse(a, b), order[min(i, j)]; got != want {
				t.Errorf("of %d and %d, %d is called worse", a, b, got)
			}
		}
	}
}

func TestExitOf(t *testing.T) {
	for v, want := range map[pdfseal.Verdict]int{pdfseal.VerdictValid: 0, pdfseal.VerdictValidNotice: 0, pdfseal.VerdictIndeterminate: 4,
		pdfseal.VerdictInvalid: 3, pdfseal.VerdictUnsealed: 5, "": 4, "new": 4} {
		if got := exitOf(v); got != want {
			t.Errorf("%q: exit %d, want %d", v, got, want)
		}
	}
}

func TestVerifyAll_inOrder(t *testing.T) {
	var paths []string
	for i := range 50 {
		paths = append(paths, fmt.Sprint(i))
	}
	var running, most atomic.Int32
	next := 0
	for r := range verifyAll(t.Context(), paths, func(_ context.Context, path string) verified {
		if n := running.Add(1); n > most.Load() {
			most.Store(n)
		}
		time.Sleep(time.Millisecond)
		running.Add(-1)
		return verified{path: path}
	}) {
		if r.path != paths[next] {
			t.Fatalf("result %d is that of %s", next, r.path)
		}
		next++
	}
	if next != len(paths) || most.Load() > 64 {
		t.Errorf("%d results, %d at once", next, most.Load())
	}
}

func TestVerifyAll_stops(t *testing.T) {
	seen := 0
	for r := range verifyAll(t.Context(), []string{"a", "b", "c", "d", "e", "f"}, func(_ context.Context, path string) verified { return verified{path: path} }) {
		if seen++; r.path == "b" {
			break
		}
	}
	if seen != 2 {
		t.Errorf("%d results after stopping at the second", seen)
	}
}

func TestParseTime(t *testing.T) {
	for _, text := range []string{"2026-09-01", "2026-09-01 10:00", "2026-09-01T10:00:00Z", "2026-09-01T10:00:00+08:00"} {
		if _, err := parseTime(text); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
	if got, _ := parseTime("2026-09-01"); got.UTC().Hour() != 16 {
		t.Errorf("a date without time begins at %v, want Chinese midnight", got)
	}
	if _, err := parseTime("yesterday"); explain.Error(err).Exit != explain.ExitUsage {
		t.Errorf("error %v", err)
	}
}

func TestClean(t *testing.T) {
	if got := clean("a\x1b[2Jb\u202ec\u3000d\ne"); got != "a\uFFFD[2Jb\uFFFDc\u3000d\ne" {
		t.Errorf("%q", got)
	}
	if got := line("a\nb\tc d"); got != "a\uFFFDb\uFFFDc d" {
		t.Errorf("a value within a line: %q", got)
	}
}
