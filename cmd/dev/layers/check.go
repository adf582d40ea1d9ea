package layers

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Violation is one import that a rule forbids.
type Violation struct {
	Rule, Package, Import string
	Test                  bool // imported by the package's tests
}

func (v Violation) String() string {
	where := v.Package
	if v.Test {
		where += " (tests)"
	}
	return fmt.Sprintf("%s imports %s: %s", where, v.Import, v.Rule)
}

// Check holds the packages against the rules. Each violation is named once.
func Check(packages []Package, rules []Rule) []Violation {
	known := map[string]Package{}
	for _, p := range packages { // a package with C in one build has C
		if old, ok := known[p.ImportPath]; !ok || len(old.CgoFiles) == 0 {
			known[p.ImportPath] = p
		}
	}
	found := map[Violation]bool{}
	for _, p := range packages {
		if p.DepOnly || !ours(p.ImportPath) {
			continue
		}
		for _, r := range rules {
			if r.about(p.own()) {
				r.check(p, known, found)
			}
		}
	}
	var out []Violation
	for v := range found {
		out = append(out, v)
	}
	slices.SortFunc(out, func(a, b Violation) int { return cmp.Compare(a.String(), b.String()) })
	return out
}

func (r Rule) about(own string) bool {
	return (r.In == nil || matches(own, r.In)) && !matches(own, r.Except)
}

func (r Rule) check(p Package, known map[string]Package, found map[Violation]bool) {
	imports := p.Imports
	if r.Deep {
		imports = p.Deps
	}
	report := func(list []string, test bool) {
		for _, path := range list {
			if r.forbids(path, known) {
				found[Violation{Rule: r.Name, Package: p.ImportPath, Import: path, Test: test}] = true
			}
		}
	}
	report(imports, false)
	if r.Tests {
		report(p.TestImports, true)
		report(p.XTestImports, true)
	}
}

func (r Rule) forbids(path string, known map[string]Package) bool {
	if ours(path) {
		name := within(path)
		return matches(name, r.NeverOurs) || r.NoOurs && !matches(name, r.AllowOurs) && !matches(name, r.In)
	}
	std := known[path].Standard || standard(path)
	switch {
	case below(path, r.Never):
		return true
	case r.NoCgo && !std && len(known[path].CgoFiles) > 0:
		return true
	}
	return r.OnlyStd && !std
}

// standard tells the standard library from the rest by the missing dot of a
// host name; "C" is cgo's.
func standard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".")
}
