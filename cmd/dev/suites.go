package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"sealdesk/cmd/dev/gotest"
	"sealdesk/cmd/dev/layers"
)

// suite is one call of go test.
type suite struct {
	name string // for people
	log  string // folder of its logs
	args []string
	env  []string

	quick bool // of a long run: leaves out what another suite of it does
}

// suites runs go test and prints a line for each package, then what failed and
// what was skipped.
func (t *tester) suites(ctx context.Context, s suite) {
	t.timed(s.name, func() {
		fmt.Fprintf(t.out, "\n%s:\n", s.name)
		sum, err := t.goTest(ctx, s)
		if err != nil {
			t.failed++
			fmt.Fprintf(t.out, "FAIL  %s: %v\n", s.name, err)
			return
		}
		t.count(sum, t.isLong && !s.quick)
		t.printFailures(sum)
		t.printSkips(sum)
	})
}

// goTest runs one suite; each package's output goes to a file of its own.
func (t *tester) goTest(ctx context.Context, s suite) (*gotest.Summary, error) {
	logs := logFiles{dir: filepath.Join(t.logs, s.log), open: map[string]*os.File{}}
	defer logs.close()
	cmd := t.command(ctx, "go", append([]string{"test", "-json", "-count=1", withoutScreen}, s.args...)...)
	// Page pictures of a thousand documents leave much for the collector; without a limit it comes when gigabytes lie about.
	cmd.Env = append(append(cmd.Env, "GOMEMLIMIT=3GiB"), s.env...)
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	cmd.Stderr = t.err
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	sum, readErr := gotest.Read(pipe, gotest.Options{Log: logs.write, Package: t.printPackage})
	err = cmd.Wait()
	switch {
	case readErr != nil:
		return nil, readErr
	case err != nil && sum.Failed() == 0:
		return nil, fmt.Errorf("%w\n%s", err, indent(strings.Join(sum.Stray, "\n")))
	case sum.Passed+sum.Failed() == 0:
		return nil, errors.New("no test was found")
	}
	return sum, logs.err
}

func (t *tester) printPackage(p gotest.Package) {
	if p.Passed+p.Failed+p.Skipped == 0 { // no test file, or no test of the chosen name
		return
	}
	word := "ok  "
	if p.Failed > 0 {
		word = "FAIL"
	}
	line := fmt.Sprintf("%s  %-42s %6.1fs  %d passed", word, p.Path, p.Elapsed.Seconds(), p.Passed)
	if p.Failed > 0 {
		line += fmt.Sprintf(", %d failed", p.Failed)
	}
	if p.Skipped > 0 {
		line += fmt.Sprintf(", %d skipped", p.Skipped)
	}
	fmt.Fprintln(t.out, line)
}

// count adds a summary. Where everything that the tests need is there, a skip
// that the policy does not know is a failure: it would hide one. long says that
// the suite leaves nothing to another one.
func (t *tester) count(sum *gotest.Summary, long bool) {
	t.passed += sum.Passed
	t.failed += sum.Failed()
	t.skipped += sum.Skipped()
	unexplained := gotest.Policy{Long: long}.Unexplained(sum.Skips)
	if !t.strict || len(unexplained) == 0 {
		return
	}
	t.failed += len(unexplained)
	t.skipped -= len(unexplained)
	fmt.Fprintf(t.out, "\nFAIL  skipped, although everything that they need should be here (CI=true):\n")
	for _, skip := range unexplained {
		fmt.Fprintf(t.out, "  %s %s: %s\n", skip.Package, skip.Name, reasonText(skip.Reason))
	}
}

func (t *tester) printFailures(sum *gotest.Summary) {
	for _, f := range sum.Failures {
		fmt.Fprintf(t.out, "\nFAIL  %s %s\n%s", f.Package, f.Name, indent(lastLines(f.Output, 60)))
	}
}

// printSkips names each reason once, with the number of tests.
func (t *tester) printSkips(sum *gotest.Summary) {
	counts := map[string]int{}
	for _, s := range sum.Skips {
		counts[reasonText(s.Reason)]++
	}
	var reasons []string
	for r := range counts {
		reasons = append(reasons, r)
	}
	sort.Strings(reasons)
	for _, r := range reasons {
		fmt.Fprintf(t.out, "skip  %d: %s\n", counts[r], r)
	}
}

func reasonText(reason string) string {
	if reason == "" {
		return "(no reason given)"
	}
	return reason
}

// logFiles writes the output of each package to a file of its own.
type logFiles struct {
	dir  string
	open map[string]*os.File
	err  error
}

func (l *logFiles) write(pkg, text string) {
	f := l.open[pkg]
	if f == nil && l.err == nil {
		name := fileName(strings.TrimPrefix(strings.TrimPrefix(pkg, layers.Module), "/"))
		if l.err = os.MkdirAll(l.dir, 0o755); l.err == nil {
			f, l.err = os.Create(filepath.Join(l.dir, name+".log"))
			l.open[pkg] = f
		}
	}
	if l.err == nil {
		_, l.err = io.WriteString(f, text)
	}
}

func (l *logFiles) close() {
	for _, f := range l.open {
		f.Close()
	}
}

// logFile makes the file for the output of one step.
func (t *tester) logFile(kind, name string) (*os.File, error) {
	dir := filepath.Join(t.logs, kind)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	return os.Create(filepath.Join(dir, fileName(name)+".log"))
}

// fileName turns a package path or a title into a file name.
func fileName(s string) string {
	if s == "" {
		return "go"
	}
	return strings.NewReplacer("/", ".", " ", "-", "[", "", "]", "").Replace(s)
}

// lastLines gives the last n lines of a text, with a mark where some are left out.
func lastLines(text string, n int) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	if len(lines) <= n {
		return strings.Join(lines, "\n")
	}
	return fmt.Sprintf("… %d lines before …\n%s", len(lines)-n, strings.Join(lines[len(lines)-n:], "\n"))
}

func indent(text string) string {
	if text == "" {
		return ""
	}
	return "    " + strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n    ") + "\n"
}
