package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// module makes a module named like ours from the files and gives a tester for it.
func module(t *testing.T, files map[string]string) (*tester, *bytes.Buffer) {
	t.Helper()
	root := filepath.Join(t.TempDir(), "main")
	files["go.mod"] = "module sealdesk\n\ngo 1.26\n"
	for name, text := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	tester, err := newTester(&session{root: root, out: &out, err: io.Discard}, t.TempDir(), "short")
	if err != nil {
		t.Fatal(err)
	}
	return tester, &out
}

const skipping = `package a

import "testing"

func TestPass(t *testing.T) { t.Log("seen in the log") }
func TestLong(t *testing.T) { t.Skip("long: run with go run ./cmd/dev test --long") }
func TestLazy(t *testing.T) { t.Skip("not today") }
`

// TestSuites_skips: the quick part of a long run may leave out what its other suites do; that once failed every run on the build machine.
func TestSuites_skips(t *testing.T) {
	for _, c := range []struct {
		name                string
		strict, long, quick bool
		want                [3]int
	}{
		{"on a desk", false, false, false, [3]int{1, 0, 2}},
		{"on the build machine", true, false, false, [3]int{1, 1, 1}},
		{"on the build machine, long", true, true, false, [3]int{1, 2, 0}},
		{"on the build machine, quick part of a long run", true, true, true, [3]int{1, 1, 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			tester, out := module(t, map[string]string{"a/a_test.go": skipping})
			tester.strict, tester.isLong = c.strict, c.long
			tester.suites(t.Context(), suite{name: "tests", log: "x", args: []string{"./..."}, quick: c.quick})
			if got := [3]int{tester.passed, tester.failed, tester.skipped}; got != c.want {
				t.Errorf("passed, failed, skipped %v\n%s", got, out)
			}
			if c.strict != strings.Contains(out.String(), "sealdesk/a TestLazy: not today") {
				t.Errorf("output:\n%s", out)
			}
			log, err := os.ReadFile(filepath.Join(tester.logs, "x", "a.log"))
			if err != nil || !strings.Contains(string(log), "seen in the log") {
				t.Errorf("log %q, %v", log, err)
			}
		})
	}
}

func TestSuites_nothingToRunIsAFailure(t *testing.T) {
	for name, files := range map[string]map[string]string{
		"no test":    {"a/a.go": "package a\n"},
		"no package": {},
	} {
		tester, out := module(t, files)
		tester.suites(t.Context(), suite{name: "tests", log: "x", args: []string{"./..."}})
		if tester.failed != 1 {
			t.Errorf("%s: %d failed\n%s", name, tester.failed, out)
		}
	}
}

func TestClose_closingLine(t *testing.T) {
	tester, out := module(t, map[string]string{})
	tester.passed, tester.skipped = 7, 2
	if err := tester.close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(out.String(), "\n7 passed, 0 failed, 2 skipped\n") {
		t.Errorf("output:\n%s", out)
	}
	tester.failed = 1
	if err := tester.close(t.Context()); !errors.Is(err, errTestsFailed) {
		t.Errorf("error %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := tester.close(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
}

func TestCheck_sourceChecks(t *testing.T) {
	tester, out := module(t, map[string]string{
		"a/a.go":              "package a\nfunc  F() {}\n",
		"testdata/broken.go":  "this is not Go",
		"token/token.go":      "package token\n\nimport _ \"sealdesk/a\"\n",
		"README.md":           "# x\n",
		"cmd/dev/.skip/no.go": "neither is this",
	})
	for _, c := range sourceChecks()[:3] {
		tester.check(t.Context(), c)
	}
	if tester.failed != 3 {
		t.Errorf("%d of 3 checks failed", tester.failed)
	}
	for _, want := range []string{"a.go is not formatted", "token imports nothing but the standard library", "does not name `go run ./cmd/dev test`"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("output lacks %q:\n%s", want, out)
		}
	}
	if n := strings.Count(out.String(), "is not formatted"); n != 1 {
		t.Errorf("%d files named", n)
	}
}

func TestReadmeProblems(t *testing.T) {
	good := "go run ./cmd/dev demo\ngo run ./cmd/dev test --long\n"
	known := []string{"demo", "test"}
	for _, c := range []struct {
		text string
		want int
	}{{good, 0}, {"", 2}, {good + "go run ./cmd/dev dance\n", 1}, {good + strings.Repeat("\n", readmeLines), 1}} {
		if got := readmeProblems(c.text, known); len(got) != c.want {
			t.Errorf("%.60q: %q", c.text, got)
		}
	}
}

const fuzzing = `package a

import "testing"

func FuzzGood(f *testing.F) { f.Add(1); f.Fuzz(func(t *testing.T, n int) {}) }
func FuzzBad(f *testing.F) { f.Add([]byte("x")); f.Fuzz(func(t *testing.T, b []byte) { if len(b) > 1 { t.Error("two") } }) }
`

func TestFuzz_newCrasherIsShown(t *testing.T) {
	tester, out := module(t, map[string]string{"a/a_test.go": fuzzing, "b/b_test.go": "package b\n\nimport \"testing\"\n\nfunc TestX(t *testing.T) {}\n"})
	tester.fuzz(t.Context(), 2*time.Second)
	if tester.passed != 1 || tester.failed != 1 || !strings.Contains(out.String(), "new crasher") || !strings.Contains(out.String(), "go test fuzz v1") {
		t.Errorf("%d passed, %d failed\n%s", tester.passed, tester.failed, out)
	}
	tester, out = module(t, map[string]string{"a/a_test.go": fuzzing})
	tester.only = regexp.MustCompile(`a\.FuzzGood$`)
	if tester.fuzz(t.Context(), time.Second); tester.passed != 1 || tester.failed != 0 {
		t.Errorf("chosen target: %d passed, %d failed\n%s", tester.passed, tester.failed, out)
	}
	tester, out = module(t, map[string]string{"a/a_test.go": skipping})
	if tester.fuzz(t.Context(), time.Second); tester.failed != 1 {
		t.Errorf("no target is no failure:\n%s", out)
	}
}

func TestParseTargets(t *testing.T) {
	out := "FuzzA\nFuzzB\nok  \tsealdesk/x\t0.01s\nok  \tsealdesk/y\t0.01s\n?   \tsealdesk/z\t[no test files]\nFuzzC\nok  \tsealdesk/w\t0.01s [no tests to run]\n"
	want := []fuzzTarget{{"sealdesk/x", "FuzzA"}, {"sealdesk/x", "FuzzB"}, {"sealdesk/w", "FuzzC"}}
	got := parseTargets(out)
	if len(got) != len(want) {
		t.Fatalf("%v", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%d: %v", i, got[i])
		}
	}
}

func TestLastLines(t *testing.T) {
	if got := lastLines("a\nb\nc\n", 2); got != "… 1 lines before …\nb\nc" {
		t.Errorf("%q", got)
	}
	if got := lastLines("a\nb\n", 2); got != "a\nb" {
		t.Errorf("%q", got)
	}
}
