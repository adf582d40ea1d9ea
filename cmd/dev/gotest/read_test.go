package gotest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// run makes a module from the files, runs `go test -json` in it and reads the result.
func run(t *testing.T, files map[string]string) (*Summary, []Package) {
	t.Helper()
	dir := t.TempDir()
	files["go.mod"] = "module m\n\ngo 1.26\n"
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("go", "test", "-json", "-vet=off", "./...")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=", "CGO_ENABLED=0")
	out, _ := cmd.Output() // the failures are the point
	var seen []Package
	s, err := Read(strings.NewReader(string(out)), Options{Package: func(p Package) { seen = append(seen, p) }})
	if err != nil {
		t.Fatal(err)
	}
	return s, seen
}

func TestRead_countsEachTestOnce(t *testing.T) {
	s, seen := run(t, map[string]string{
		"a/a_test.go": `package a
import "testing"
func TestPass(t *testing.T) { t.Run("x", func(t *testing.T) {}); t.Run("y", func(t *testing.T) { t.Run("z", func(t *testing.T) {}) }) }
func TestFailBelow(t *testing.T) { t.Run("ok", func(t *testing.T) {}); t.Run("bad", func(t *testing.T) { t.Error("wrong sum") }) }
func TestFailItself(t *testing.T) { t.Run("ok", func(t *testing.T) {}); t.Fatal("too late") }
func TestLong(t *testing.T) { t.Skip("long: run with go run ./cmd/dev test --long") }
func TestBare(t *testing.T) { t.SkipNow() }
func TestTwoLines(t *testing.T) { t.Log("looked around"); t.Skip("no shared tree:\nclone it beside this one") }
`,
		"none/none.go": "package none\n",
	})
	if s.Passed != 4 || s.Failed() != 2 || s.Skipped() != 3 {
		t.Errorf("%d passed, %d failed, %d skipped", s.Passed, s.Failed(), s.Skipped())
	}
	if f := s.Failures; len(f) == 2 && (f[0].Name != "TestFailBelow/bad" || !strings.Contains(f[0].Output, "wrong sum") || f[1].Name != "TestFailItself") {
		t.Errorf("failures %+v", f)
	}
	reasons := map[string]string{"TestBare": "", "TestLong": "long: run with go run ./cmd/dev test --long", "TestTwoLines": "no shared tree: clone it beside this one"}
	for _, skip := range s.Skips {
		if want, ok := reasons[skip.Name]; !ok || skip.Reason != want {
			t.Errorf("%s: reason %q", skip.Name, skip.Reason)
		}
	}
	if len(seen) != 2 || len(s.Packages) != 2 {
		t.Fatalf("packages %+v", seen)
	}
	for _, p := range seen {
		if (p.Passed+p.Failed+p.Skipped == 0) != (p.Path == "m/none") {
			t.Errorf("%+v", p)
		}
	}
}

func TestRead_brokenPackages(t *testing.T) {
	s, _ := run(t, map[string]string{
		"build/b.go":          "package build\n\nvar x int = \"text\"\n",
		"build/b_test.go":     "package build\n\nimport \"testing\"\n\nfunc TestX(t *testing.T) {}\n",
		"testbuild/b_test.go": "package testbuild\n\nimport \"testing\"\n\nfunc TestX(t *testing.T) { undefined() }\n",
		"panics/p_test.go":    "package panics\n\nimport \"testing\"\n\nfunc TestA(t *testing.T) {}\nfunc TestX(t *testing.T) { panic(\"boom\") }\n",
		"exits/e_test.go":     "package exits\n\nimport (\"os\"; \"testing\")\n\nfunc TestMain(m *testing.M) { m.Run(); os.Exit(3) }\nfunc TestA(t *testing.T) {}\n",
	})
	if s.Passed != 2 || s.Failed() != 4 {
		t.Errorf("%d passed, %d failed", s.Passed, s.Failed())
	}
	for _, f := range s.Failures {
		want := map[string]string{"m/build": "cannot use", "m/testbuild": "undefined: undefined", "m/panics": "boom", "m/exits": "FAIL\tm/exits"}[f.Package]
		if want == "" || !strings.Contains(f.Output, want) {
			t.Errorf("%s: output lacks %q:\n%s", f.Package, want, f.Output)
		}
	}
}

func TestRead_cutOff(t *testing.T) {
	in := `go: downloading example.com/x v1.0.0
{"Action":"start","Package":"m/a"}
{"Action":"run","Package":"m/a","Test":"TestX"}
{"Action":"output","Package":"m/a","Test":"TestX","Output":"half\n"}
{"Action":"run","Package":"m/b","Test":"TestY"}
{"Action":"pass","Package":"m/b","Test":"TestY"}
`
	s, err := Read(strings.NewReader(in), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if s.Passed != 1 || s.Failed() != 2 || len(s.Stray) != 1 {
		t.Errorf("%+v", s)
	}
}

func TestRead_longOutputKeepsItsEnd(t *testing.T) {
	var in strings.Builder
	for i := range 20000 {
		fmt.Fprintf(&in, "{\"Action\":\"output\",\"Package\":\"m\",\"Test\":\"TestX\",\"Output\":\"line %d\\n\"}\n", i)
	}
	in.WriteString(`{"Action":"fail","Package":"m","Test":"TestX"}` + "\n" + `{"Action":"fail","Package":"m"}` + "\n")
	s, err := Read(strings.NewReader(in.String()), Options{})
	if err != nil || s.Failed() != 1 {
		t.Fatal(err, s)
	}
	if out := s.Failures[0].Output; len(out) > 2*keep || !strings.HasSuffix(out, "line 19999\n") {
		t.Errorf("%d bytes kept", len(out))
	}
}

func TestPolicy(t *testing.T) {
	skips := []Test{{Name: "A", Reason: "long: takes an hour"}, {Name: "B", Reason: "no gcc"}, {Name: "C"}}
	if got := (Policy{}).Unexplained(skips); len(got) != 2 || got[0].Name != "B" {
		t.Errorf("short: %+v", got)
	}
	if got := (Policy{Long: true}).Unexplained(skips); len(got) != 3 {
		t.Errorf("long: %+v", got)
	}
}
