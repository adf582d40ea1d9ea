// Softkey provisions the training UsbKey: a directory that the PKCS#11 module softkey.so reads.
//
// It is for training and tests. The keys lie in plain files and must never seal a real document.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/alecthomas/kong"

	"sealdesk/cmd/softkey/store"
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// Exit codes, as those of sealctl: done, unexpected, usage.
const (
	exitOK    = 0
	exitError = 1
	exitUsage = 2
)

// help ends kong's parsing after --help; kong itself would end the process.
type help struct{}

func run(args []string, stdout, stderr io.Writer) (code int) {
	var c cli
	parser, err := kong.New(&c, kong.Name("softkey"), kong.Writers(stdout, stderr),
		kong.Description("Provisions the training UsbKey of sealdesk. Never a secure key."),
		kong.Vars{"profiles": strings.Join(store.Profiles(), ", "), "faults": strings.Join(store.Faults(), ", ")},
		kong.Exit(func(int) { panic(help{}) }), kong.BindTo(stdout, (*io.Writer)(nil)))
	if err != nil {
		_, _ = fmt.Fprintln(stderr, "softkey:", err)
		return exitError
	}
	defer func() {
		if r := recover(); r != nil {
			if _, ok := r.(help); !ok {
				panic(r)
			}
			code = exitOK
		}
	}()
	ctx, err := parser.Parse(args)
	if err == nil {
		err = ctx.Run(&c.common)
	}
	var usage *kong.ParseError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &usage):
		_, _ = fmt.Fprintln(stderr, "softkey:", err)
		return exitUsage
	default:
		_, _ = fmt.Fprintln(stderr, err)
		return exitError
	}
}
