package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// readmeLines is how long the README may be.
const readmeLines = 150

var devCommand = regexp.MustCompile(`go run \./cmd/dev ([a-z]+)`)

// readmeProblems holds the README against the tasks: it names the two commands
// with which everybody starts, and no command that does not exist.
func readmeProblems(text string, known []string) []string {
	var out []string
	if n := strings.Count(text, "\n"); n >= readmeLines {
		out = append(out, fmt.Sprintf("README.md has %d lines, fewer than %d are wanted", n, readmeLines))
	}
	named := map[string]bool{}
	for _, m := range devCommand.FindAllStringSubmatch(text, -1) {
		named[m[1]] = true
		if !slices.Contains(known, m[1]) {
			out = append(out, fmt.Sprintf("README.md names the task %q, which does not exist", m[1]))
		}
	}
	for _, must := range []string{"demo", "test"} {
		if !named[must] {
			out = append(out, fmt.Sprintf("README.md does not name `go run ./cmd/dev %s`", must))
		}
	}
	return out
}
