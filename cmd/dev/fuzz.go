package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"sealdesk/cmd/dev/layers"
)

// fuzzTarget is one FuzzX function.
type fuzzTarget struct{ pkg, name string }

// fuzzTask fuzzes and does nothing else: for the hours that `test --long` does not give.
func fuzzTask(flags *flag.FlagSet) func(context.Context, *session) error {
	each := flags.Duration("each", 60*time.Second, "time for each fuzz target; two run for each processor at the same time")
	only := flags.String("only", "", "regular expression for the targets, as “sealdesk/pdfseal/ses.FuzzSES”; all by default")
	logs := flags.String("logs", os.Getenv(logsVariable), "directory for the full output (default: in the user's cache; or "+logsVariable+")")
	return func(ctx context.Context, s *session) error {
		pattern, err := regexp.Compile(*only)
		if err != nil {
			return err
		}
		if err := s.ensure(ctx, "test"); err != nil {
			return err
		}
		t, err := newTester(s, *logs, "fuzz")
		if err != nil {
			return err
		}
		t.only = pattern
		t.timed("fuzzing", func() { t.fuzz(ctx, *each) })
		return t.close(ctx)
	}
}

// fuzz gives every target its time, each with one worker, and two targets for each processor: half of a target's time goes into
// compiling it and into its seeds.
func (t *tester) fuzz(ctx context.Context, each time.Duration) {
	fmt.Fprintf(t.out, "\nfuzzing, %v a target:\n", each)
	targets, err := t.fuzzTargets(ctx)
	if err != nil {
		t.failed++
		fmt.Fprintf(t.out, "FAIL  list of fuzz targets: %v\n", err)
		return
	}
	queue := make(chan fuzzTarget)
	var workers sync.WaitGroup
	var mu sync.Mutex // guards the counters and the output
	for range 2 * runtime.NumCPU() {
		workers.Go(func() {
			for target := range queue {
				text, err := t.fuzzOne(ctx, target, each)
				mu.Lock()
				t.fuzzed(target, text, err)
				mu.Unlock()
			}
		})
	}
	for _, target := range targets {
		queue <- target
	}
	close(queue)
	workers.Wait()
}

// fuzzed counts and prints the result of one target.
func (t *tester) fuzzed(target fuzzTarget, text string, err error) {
	if err == nil {
		t.passed++
		fmt.Fprintf(t.out, "ok    %-42s %s %s\n", target.pkg, target.name, text)
		return
	}
	t.failed++
	fmt.Fprintf(t.out, "FAIL  %-42s %s: %v\n%s", target.pkg, target.name, err, indent(text))
}

// fuzzOne fuzzes one target and gives its last line, or its output and the new
// crashers where it fails.
func (t *tester) fuzzOne(ctx context.Context, target fuzzTarget, each time.Duration) (string, error) {
	before := t.crashers(target)
	out, err := t.runFuzz(ctx, target, each)
	if err != nil && len(t.crashers(target)) == len(before) && bytes.Contains(out, []byte("context deadline exceeded")) {
		// The end of the time can hit the engine in the middle of an input
		// (golang.org/issue/75804): that is no finding. A second one would be.
		out, err = t.runFuzz(ctx, target, each)
	}
	if log, e := t.logFile("fuzz", target.pkg+"."+target.name); e == nil {
		log.Write(out)
		log.Close()
	}
	if err == nil {
		return lastProgress(string(out)), nil
	}
	text := lastLines(string(out), 40)
	for path := range t.crashers(target) {
		if !before[path] {
			input, _ := os.ReadFile(path)
			text += fmt.Sprintf("\nnew crasher %s:\n%s", path, lastLines(string(input[:min(len(input), 4096)]), 20))
		}
	}
	return text, err
}

func (t *tester) runFuzz(ctx context.Context, target fuzzTarget, each time.Duration) ([]byte, error) {
	cmd := t.command(ctx, "go", "test", withoutScreen, "-run=^$", "-fuzz=^"+target.name+"$", "-fuzztime="+each.String(), "-fuzzminimizetime=1s", "-parallel=1", target.pkg)
	return cmd.CombinedOutput()
}

// fuzzTargets finds the targets of all packages.
func (t *tester) fuzzTargets(ctx context.Context) ([]fuzzTarget, error) {
	cmd := t.command(ctx, "go", "test", withoutScreen, "-list=^Fuzz", "./...")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%w: %s%s", err, stderr.Bytes(), out)
	}
	targets := slices.DeleteFunc(parseTargets(string(out)), func(x fuzzTarget) bool { return t.only != nil && !t.only.MatchString(x.pkg+"."+x.name) })
	if len(targets) == 0 {
		return nil, errors.New("there is none")
	}
	return targets, nil
}

// parseTargets reads the answer of `go test -list`: the names of a package's
// targets stand above the line with the package.
func parseTargets(out string) []fuzzTarget {
	var targets []fuzzTarget
	var names []string
	for _, line := range strings.Split(out, "\n") {
		fields := strings.Fields(line)
		switch {
		case len(fields) == 1 && strings.HasPrefix(line, "Fuzz"):
			names = append(names, fields[0])
		case len(fields) >= 2 && fields[0] == "ok":
			for _, name := range names {
				targets = append(targets, fuzzTarget{fields[1], name})
			}
			names = nil
		}
	}
	return targets
}

// crashers lists the inputs kept in the source tree for a target.
func (t *tester) crashers(target fuzzTarget) map[string]bool {
	dir := strings.TrimPrefix(target.pkg, layers.Module)
	found, _ := filepath.Glob(filepath.Join(t.root, dir, "testdata", "fuzz", target.name, "*"))
	out := map[string]bool{}
	for _, path := range found {
		out[path] = true
	}
	return out
}

var fuzzProgress = regexp.MustCompile(`execs: \d+ .*`)

func lastProgress(out string) string {
	all := fuzzProgress.FindAllString(out, -1)
	if len(all) == 0 {
		return ""
	}
	return strings.TrimSpace(all[len(all)-1])
}
