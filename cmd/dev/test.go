package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"time"
)

// errTestsFailed ends a test run whose closing line has told the story already.
var errTestsFailed = errors.New("tests failed")

// logsVariable names the directory for the full output of each step.
const logsVariable = "SEALDESK_TEST_LOGS"

func testTask(flags *flag.FlagSet) func(context.Context, *session) error {
	long := flags.Bool("long", false, "the suites that take longer: corpus, exhaustive changes, kill -9, sanitizers, race detector, fuzzing, known vulnerabilities")
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
// paths once, so these stay away from the race detector, which would make them
// five times slower and double the memory that some of them measure.
const exhaustive = `^(TestCorpus|TestPlacement_every|TestVerify_every|TestBudgets_|TestEvidence_every|TestMutants|TestHonest|TestInterop|TestRobust_|TestStories|TestCentreStories|TestProfiles)`

// withDetector gives the arguments and the environment of go test with the
// race detector.
func withDetector() (args, env []string) {
	args = []string{"-race", "-timeout=30m", "-skip=" + exhaustive}
	// Half of the time would go into the loops of these packages. They start
	// nothing and share nothing, and have no atomic value or type parameter whose
	// other uses the detector would lose with them.
	for _, pkg := range []string{"github.com/tjfoc/gmsm/sm2", "github.com/tjfoc/gmsm/sm3", "compress/flate"} {
		args = append(args, "-gcflags="+pkg+"=-race=false")
	}
	// Otherwise each process that ends, and tests start hundreds, waits a second for late reports.
	return append(args, "./..."), []string{"GORACE=atexit_sleep_ms=0"}
}

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
	t.suites(ctx, suite{name: "tests", log: "tests", args: []string{"-timeout=20m", "./..."}})
}

// long runs what the quick tests leave out: all tests again, each with all its
// cases, then most of them with the race detector.
func (t *tester) long(ctx context.Context, fuzz time.Duration) {
	t.suites(ctx, suite{name: "all suites", log: "suites", args: []string{"-timeout=60m", "./..."}, env: []string{"SEALDESK_LONG=1"}})
	args, env := withDetector()
	t.suites(ctx, suite{name: "tests with the race detector", log: "race", args: args, env: env, quick: true})
	for _, c := range portChecks() {
		t.check(ctx, c)
	}
	if fuzz > 0 {
		t.timed("fuzzing", func() { t.fuzz(ctx, fuzz) })
	}
	t.vulnerabilities(ctx)
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
