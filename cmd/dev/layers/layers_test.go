package layers

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// skeleton is a copy of the module's go.mod and go.sum with one empty package
// for every package that a rule or a plant names.
func skeleton(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"go.mod", "go.sum"} {
		text, err := os.ReadFile(filepath.Join("..", "..", "..", name))
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, name), string(text))
	}
	names := map[string]bool{"ui/view": true, "pdfseal": true, "cmd/sealdesk": true}
	for _, r := range Rules {
		names[r.Plant.Package] = true
		if ours(r.Plant.Import) {
			names[within(r.Plant.Import)] = true
		}
	}
	for name := range names {
		write(t, filepath.Join(dir, name, "doc.go"), "package stub\n")
	}
	// What sealctl and cmd/dev reach in turn: the deep rules must see through it.
	write(t, filepath.Join(dir, "cmd/sealctl", "doc.go"), "package stub\n\nimport _ \""+Module+"/ui/job\"\n")
	write(t, filepath.Join(dir, "cmd/dev", "doc.go"), "package stub\n\nimport _ \""+Module+"/cmd/dev/system\"\n")
	return dir
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func violations(t *testing.T, dir string, env []string) []Violation {
	t.Helper()
	packages, err := list(t.Context(), dir, env)
	if err != nil {
		t.Fatal(err)
	}
	return Check(packages, Rules)
}

// TestRules_plantedViolation breaks each rule once, in a copy: a rule that
// nothing can break checks nothing.
func TestRules_plantedViolation(t *testing.T) {
	dir := skeleton(t)
	if got := violations(t, dir, contexts[0]); len(got) > 0 {
		t.Fatalf("the skeleton breaks a rule: %v", got)
	}
	if len(Rules) < 20 {
		t.Fatalf("only %d rules", len(Rules))
	}
	for _, r := range Rules {
		t.Run(r.Name, func(t *testing.T) {
			planted := filepath.Join(dir, r.Plant.Package, "planted.go")
			write(t, planted, "package stub\n\nimport _ \""+r.Plant.Import+"\"\n")
			defer os.Remove(planted)
			got := violations(t, dir, contexts[0])
			if !slices.ContainsFunc(got, func(v Violation) bool { return v.Rule == r.Name }) {
				t.Errorf("%s importing %s is not seen; found %v", r.Plant.Package, r.Plant.Import, got)
			}
		})
	}
}

func TestCheck_testsAndOtherSystems(t *testing.T) {
	dir := skeleton(t)
	write(t, filepath.Join(dir, "cmd/sealctl", "x_test.go"), "package stub\n\nimport _ \""+fyne+"/test\"\n")
	write(t, filepath.Join(dir, "token", "y_windows.go"), "package stub\n\nimport _ \""+Module+"/pdfseal\"\n")
	packages, err := List(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, v := range Check(packages, Rules) {
		texts = append(texts, v.String())
	}
	all := strings.Join(texts, "\n")
	for _, want := range []string{
		Module + "/cmd/sealctl (tests) imports " + fyne + "/test: only ui and cmd/sealdesk import Fyne",
		Module + "/token imports " + Module + "/pdfseal: token imports nothing but the standard library",
	} {
		if strings.Count(all, want) != 1 {
			t.Errorf("%q is not named once in\n%s", want, all)
		}
	}
}

func TestMatches(t *testing.T) {
	for _, c := range []struct {
		own, pattern string
		want         bool
	}{
		{"pdfseal", "pdfseal", true}, {"pdfseal/ses", "pdfseal", false}, {"pdfseal/ses", "pdfseal/...", true},
		{"pdfseal", "pdfseal/...", true}, {"pdfsealing", "pdfseal/...", false}, {"", "pdfseal/...", false},
	} {
		if matches(c.own, []string{c.pattern}) != c.want {
			t.Errorf("%q in %q: %v", c.own, c.pattern, !c.want)
		}
	}
}

func TestDecode_garbage(t *testing.T) {
	if _, err := decode(strings.NewReader(`{"ImportPath":"a"} {`)); err == nil {
		t.Error("a cut answer is no error")
	}
}
