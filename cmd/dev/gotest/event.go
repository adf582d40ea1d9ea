// Package gotest reads the output of `go test -json` and sums it up: every test
// counted once, the reason of each skip, the output of what failed.
package gotest

import "time"

// event is one line of `go test -json` (see `go doc test2json`); build events
// carry ImportPath in place of Package.
type event struct {
	Action      string
	Package     string
	Test        string
	Elapsed     float64 // seconds
	Output      string
	ImportPath  string
	FailedBuild string
}

// Test is one test or subtest that has no subtests of its own, or that failed
// or was skipped by itself.
type Test struct {
	Package, Name string
	Reason        string // of a skip; empty where none was given
	Output        string // of a failure; its last 64 KiB
}

// Package is the result of the tests of one package.
type Package struct {
	Path                    string
	Passed, Failed, Skipped int
	Elapsed                 time.Duration
	Broken                  string // output of a package that failed outside its tests (build, panic, time-out)
}

// Summary is the result of one run.
type Summary struct {
	Passed   int
	Failures []Test
	Skips    []Test
	Packages []Package
	Stray    []string // lines that are not events: messages of the go command itself
}

// Failed counts the failures.
func (s *Summary) Failed() int { return len(s.Failures) }

// Skipped counts the skipped tests.
func (s *Summary) Skipped() int { return len(s.Skips) }
