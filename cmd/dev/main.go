// Command dev runs the project's tasks: it names the system packages that a
// task needs, installs them where apt-get is there, builds, and runs.
//
//	go run ./cmd/dev demo|test|fuzz|training|doctor|bench
//
// It is pure Go: it starts on a machine that has no C compiler yet.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"sealdesk/cmd/dev/system"
)

// task is one word of the command line.
type task struct {
	name, usage string
	setup       func(*flag.FlagSet) func(context.Context, *session) error
	words       []string // that may follow the flags
}

func tasks() []task {
	return []task{
		{"demo", "seal a sample with a training UsbKey, verify it, draw it", demoTask, nil},
		{"test", "all checks and the quick tests; --long: everything that takes longer", testTask, nil},
		{"fuzz", "fuzzing alone, as long as --each says for every target", fuzzTask, nil},
		{"training", "make a practice office in --dir and print its paths as JSON", trainingTask, nil},
		{"doctor", "versions of the tools, and what is missing for which task", doctorTask, nil},
		{"bench", "speed and memory beside openssl in the same run; bench [flags] " + strings.Join(benchNames(), "|") + "...: only these parts", benchTask, benchNames()},
	}
}

// Exit codes of this program.
const (
	exitFailed = 1
	exitUsage  = 2
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	if len(args) == 0 {
		usage(stderr)
		return exitUsage
	}
	for _, t := range tasks() {
		if t.name == args[0] {
			return runTask(ctx, t, args[1:], stdout, stderr)
		}
	}
	usage(stderr)
	return exitUsage
}

func runTask(ctx context.Context, t task, args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("dev "+t.name, flag.ContinueOnError)
	flags.SetOutput(stderr)
	noInstall := flags.Bool("no-install", false, "name missing system packages and stop, instead of installing them")
	do := t.setup(flags)
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return exitUsage
	}
	for _, word := range flags.Args() {
		if !slices.Contains(t.words, word) {
			fmt.Fprintf(stderr, "dev %s: unexpected %q\n", t.name, word)
			return exitUsage
		}
	}
	root, err := findRoot()
	if err == nil {
		err = do(ctx, &session{root: root, out: stdout, err: stderr, noInstall: *noInstall})
	}
	var missing *system.MissingError
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errTestsFailed): // said already
	case errors.As(err, &missing):
		fmt.Fprintln(stderr, missing)
	default:
		fmt.Fprintf(stderr, "dev %s: %v\n", t.name, err)
	}
	return exitFailed
}

func usage(w io.Writer) {
	fmt.Fprintln(w, "usage: go run ./cmd/dev TASK [--no-install] [flags]")
	for _, t := range tasks() {
		fmt.Fprintf(w, "  %-10s %s\n", t.name, t.usage)
	}
	fmt.Fprintln(w, "  TASK -h shows the flags of a task")
}
