package gotest

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"regexp"
	"sort"
	"strings"
	"time"
)

// keep is how much output of one test or package is held in memory.
const keep = 64 << 10

// Options of Read; all may be left out.
type Options struct {
	Log     func(pkg, text string) // every line of output as it comes
	Package func(Package)          // each package when it is done
}

// Read reads the events of one run to their end.
func Read(r io.Reader, o Options) (*Summary, error) {
	s := &reader{o: o, packages: map[string]*running{}, builds: map[string]*tail{}}
	in := bufio.NewReader(r)
	for {
		line, err := in.ReadBytes('\n')
		if len(line) > 0 {
			s.line(line)
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
	}
	s.close()
	return &s.sum, nil
}

// reader collects the events of the packages that are still running.
type reader struct {
	o        Options
	sum      Summary
	packages map[string]*running
	builds   map[string]*tail // output of the compiler, by import path
}

type running struct {
	tests map[string]*state
	own   tail // output outside tests
}

type state struct {
	action string
	output tail
}

// tail holds the end of a long text.
type tail struct{ text []byte }

func (t *tail) add(s string) {
	t.text = append(t.text, s...)
	if len(t.text) > 2*keep {
		t.text = append(t.text[:0], t.text[len(t.text)-keep:]...)
	}
}

func (r *reader) line(line []byte) {
	var e event
	if line[0] != '{' || json.Unmarshal(line, &e) != nil {
		text := strings.TrimRight(string(line), "\r\n")
		r.sum.Stray = append(r.sum.Stray, text)
		r.log("", text+"\n")
		return
	}
	switch e.Action {
	case "build-output":
		r.build(e.ImportPath).add(e.Output)
		r.log(e.ImportPath, e.Output)
	case "build-fail", "start", "run", "pause", "cont", "bench", "attr", "artifacts":
	case "output":
		r.output(e)
	case "pass", "fail", "skip":
		if e.Test == "" {
			r.done(e)
		} else {
			r.test(e.Package, e.Test).action = e.Action
		}
	}
}

func (r *reader) log(pkg, text string) {
	if r.o.Log != nil {
		r.o.Log(pkg, text)
	}
}

func (r *reader) build(path string) *tail {
	path, _, _ = strings.Cut(path, " ") // "p [p.test]" is p compiled for its test
	if r.builds[path] == nil {
		r.builds[path] = &tail{}
	}
	return r.builds[path]
}

func (r *reader) pkg(path string) *running {
	if r.packages[path] == nil {
		r.packages[path] = &running{tests: map[string]*state{}}
	}
	return r.packages[path]
}

func (r *reader) test(pkg, name string) *state {
	p := r.pkg(pkg)
	if p.tests[name] == nil {
		p.tests[name] = &state{}
	}
	return p.tests[name]
}

func (r *reader) output(e event) {
	r.log(e.Package, e.Output)
	if e.Test == "" {
		r.pkg(e.Package).own.add(e.Output)
		return
	}
	r.test(e.Package, e.Test).output.add(e.Output)
}

// done sums up a package when its own pass, fail or skip event arrives.
func (r *reader) done(e event) {
	p := r.pkg(e.Package)
	delete(r.packages, e.Package)
	result := Package{Path: e.Package, Elapsed: time.Duration(e.Elapsed * float64(time.Second))}
	names := make([]string, 0, len(p.tests))
	for name := range p.tests {
		names = append(names, name)
	}
	sort.Strings(names)
	parents, failedBelow := below(p.tests)
	for _, name := range names {
		t := p.tests[name]
		found := Test{Package: e.Package, Name: name}
		switch {
		case t.action == "skip":
			found.Reason = reason(string(t.output.text))
			r.sum.Skips = append(r.sum.Skips, found)
			result.Skipped++
		case t.action == "pass":
			if !parents[name] {
				result.Passed++
			}
		case !failedBelow[name]: // failed, or never finished
			found.Output = string(t.output.text)
			r.sum.Failures = append(r.sum.Failures, found)
			result.Failed++
		}
	}
	if e.Action == "fail" && result.Failed == 0 {
		result.Failed, result.Broken = 1, string(p.own.text)
		if e.FailedBuild != "" {
			result.Broken = string(r.build(e.FailedBuild).text) + result.Broken
		}
		r.sum.Failures = append(r.sum.Failures, Test{Package: e.Package, Output: result.Broken})
	}
	r.sum.Passed += result.Passed
	r.sum.Packages = append(r.sum.Packages, result)
	if r.o.Package != nil {
		r.o.Package(result)
	}
}

// below says which tests have subtests, and which have one that did not pass
// and was not skipped: only the innermost failure is counted.
func below(tests map[string]*state) (parents, failed map[string]bool) {
	parents, failed = map[string]bool{}, map[string]bool{}
	for name, t := range tests {
		for i := strings.LastIndexByte(name, '/'); i > 0; i = strings.LastIndexByte(name[:i], '/') {
			parents[name[:i]] = true
			if t.action != "pass" && t.action != "skip" {
				failed[name[:i]] = true
			}
		}
	}
	return parents, failed
}

// close counts the packages of which no end was reported as failed.
func (r *reader) close() {
	var paths []string
	for path := range r.packages {
		paths = append(paths, path)
	}
	sort.Strings(paths)
	for _, path := range paths {
		r.packages[path].own.add("the output ended before the package did\n")
		r.done(event{Action: "fail", Package: path})
	}
}

// logged is a line of t.Log, t.Skip and their kin: "    file.go:12: text".
var logged = regexp.MustCompile(`^\s*\S+\.go:\d+: (.*)$`)

// reason is the last text that a skipped test logged, with the lines that
// continue it.
func reason(output string) string {
	var out []string
	for _, line := range strings.Split(output, "\n") {
		switch m := logged.FindStringSubmatch(line); {
		case m != nil:
			out = []string{m[1]}
		case strings.HasPrefix(strings.TrimSpace(line), "--- SKIP"):
		case len(out) > 0 && strings.HasPrefix(line, "        "):
			out = append(out, strings.TrimSpace(line))
		}
	}
	return strings.TrimSpace(strings.Join(out, " "))
}
