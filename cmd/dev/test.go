package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// errTestsFailed ends a test run whose closing line has told the story already.
var errTestsFailed = errors.New("tests failed")

// logsVariable names the directory for the full output of each step.
const logsVariable = "SEALDESK_TEST_LOGS"

func testTask(flags *flag.FlagSet) func(context.Context, *session) error {
	long := flags.Bool("long", false, "the suites that take longer: corpus, exhaustive changes, kill -9, sanitizers, fuzzing, known vulnerabilities")
	logs := flags.String("logs", os.Getenv(logsVariable), "directory for the full output (default: in the user's cache; or "+logsVariable+")")
	fuzz := flags.Duration("fuzztime", 60*time.Second, "with --long: time for each fuzz target; 0 leaves fuzzing out")
	return func(ctx context.Context, s *session) error {
		name := "test"
		if *long {
			name = "test --long"
		}
		if err := s.ensure(ctx, name); err != nil {
			return err
		}
		t, err := newTester(s, *logs, map[bool]string{true: longRun, false: "short"}[*long])
		if err != nil {
			return err
		}
		if *long {
			t.long(ctx, *fuzz)
		} else {
			t.short(ctx)
		}
		return t.close(ctx)
	}
}

// exhaustive names the tests that repeat one computation many thousand times,
// and those that start programs many hundred times. Other tests take the same
// paths once under the race detector, which would make these five times slower and double the memory
// that some of them measure. What the pattern does not match runs with the
// detector.
const exhaustive = `^(TestCorpus|TestPlacement_every|TestVerify_every|TestBudgets_|TestEvidence_every|TestMutants|TestHonest|TestInterop|TestRobust_|TestStories|TestCentreStories|TestProfiles)`

// tester runs the steps of one test run and counts.
type tester struct {
	*session
	logs   string
	strict bool // every skip has to be one that the policy allows
	isLong bool

	only *regexp.Regexp // fuzz targets by package and name; nil: all

	passed, failed, skipped int
	times                   []timing
}

type timing struct {
	name string
	took time.Duration
}

// longRun is the run with everything that takes longer.
const longRun = "long"

// newTester begins the run of this name, whose output goes to a folder of that name under logs.
func newTester(s *session, logs, name string) (*tester, error) {
	if logs == "" {
		dir, err := cacheDir("test-logs")
		if err != nil {
			return nil, err
		}
		logs = dir
	}
	logs, err := filepath.Abs(filepath.Join(logs, name))
	if err != nil {
		return nil, err
	}
	if err := os.RemoveAll(logs); err != nil { // only what an earlier run wrote there
		return nil, err
	}
	if err := os.MkdirAll(logs, 0o755); err != nil {
		return nil, err
	}
	_, err = os.Stat(filepath.Join(s.root, "..", "shared", "testdata"))
	return &tester{session: s, logs: logs, isLong: name == longRun, strict: err == nil && os.Getenv("CI") == "true"}, nil
}

// short runs the checks of the source and the quick tests.
func (t *tester) short(ctx context.Context) {
	for _, c := range sourceChecks() {
		t.check(ctx, c)
	}
	window, rest := t.packages(ctx)
	t.suites(ctx, suite{name: "tests with the race detector", log: "race", args: append([]string{"-race", "-timeout=20m", "-skip=" + exhaustive}, rest...)})
	t.suites(ctx, suite{name: "exhaustive tests and stories", log: "exhaustive", args: []string{"-timeout=20m", "-run=" + exhaustive, "./pdfseal/...", "./cmd/sealctl"}})
	t.suites(ctx, suite{name: "window tests", log: "window", args: append([]string{"-timeout=20m"}, window...)})
}

// packages lists the packages of the module: those that draw the window or whose tests do, whose toolkit takes minutes to compile with the
// race detector and meets it in the long run, and all others.
func (t *tester) packages(ctx context.Context) (window, rest []string) {
	window, rest, err := t.session.packages(ctx, "{{join .Deps \" \"}} {{join .TestImports \" \"}}")
	if err != nil {
		t.failed++
		fmt.Fprintf(t.out, "FAIL  list of packages: %v\n", err)
	}
	return window, rest
}

// packages lists the packages of the module: those that need the window's toolkit, and all others. imports is the template of what a
// package needs; env is added to the environment.
func (s *session) packages(ctx context.Context, imports string, env ...string) (window, rest []string, err error) {
	cmd := s.command(ctx, "go", "list", "-f", "{{.ImportPath}} "+imports, "./...")
	cmd.Env = append(cmd.Env, env...)
	out, err := cmd.Output()
	for _, line := range strings.Split(strings.TrimSpace(string(out)), "\n") {
		name, deps, _ := strings.Cut(line, " ")
		if strings.Contains(deps, windowToolkit) {
			window = append(window, name)
		} else {
			rest = append(rest, name)
		}
	}
	return window, rest, err
}

// windowToolkit is the library of the window.
const windowToolkit = "fyne.io/fyne/"

// long runs what the quick tests leave out. All tests run again, without the
// race detector, which would slow them down many times.
func (t *tester) long(ctx context.Context, fuzz time.Duration) {
	t.suites(ctx, suite{name: "all suites", log: "suites", args: []string{"-timeout=60m", "./..."}, env: []string{"SEALDESK_LONG=1"}})
	window, _ := t.packages(ctx)
	t.suites(ctx, suite{name: "window tests with the race detector", log: "window-race", args: append([]string{"-race", "-timeout=20m"}, window...), quick: true})
	for _, c := range portChecks() {
		t.check(ctx, c)
	}
	if fuzz > 0 {
		t.timed("fuzzing", func() { t.fuzz(ctx, fuzz) })
	}
	t.timed("govulncheck", func() { t.vulnerabilities(ctx) })
}

func (t *tester) timed(name string, do func()) {
	start := time.Now()
	do()
	t.times = append(t.times, timing{name, time.Since(start)})
}

// check runs one check, keeps its output, and prints it where the check fails.
func (t *tester) check(ctx context.Context, c check) {
	t.timed(c.name, func() {
		start := time.Now()
		out, err := t.logFile("check", c.name)
		if err == nil {
			err = c.run(ctx, t.session, out)
			out.Close()
		}
		if err == nil {
			t.passed++
			fmt.Fprintf(t.out, "ok    %-42s %6.1fs\n", c.name, time.Since(start).Seconds())
			return
		}
		t.failed++
		fmt.Fprintf(t.out, "FAIL  %-42s %6.1fs  %v\n", c.name, time.Since(start).Seconds(), err)
		if out != nil {
			text, _ := os.ReadFile(out.Name())
			fmt.Fprint(t.out, indent(lastLines(string(text), 60)))
		}
	})
}

// close prints the times, where the logs are, and the closing line.
func (t *tester) close(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	fmt.Fprintln(t.out, "\ntimes:")
	var total time.Duration
	for _, step := range t.times {
		fmt.Fprintf(t.out, "  %-42s %7.1fs\n", step.name, step.took.Seconds())
		total += step.took
	}
	fmt.Fprintf(t.out, "  %-42s %7.1fs\nfull output: %s\n\n", "together", total.Seconds(), t.logs)
	fmt.Fprintf(t.out, "%d passed, %d failed, %d skipped\n", t.passed, t.failed, t.skipped)
	if t.failed > 0 {
		return errTestsFailed
	}
	return nil
}
