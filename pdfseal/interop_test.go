package pdfseal_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sealdesk/pdfseal"
)

var rewrite = flag.Bool("update", false, "write testdata/interop.txt anew")

// interopFile is the table that the repository keeps: what pdfsig and qpdf say of each file beside our verdict.
var interopFile = filepath.Join("testdata", "interop.txt")

// interopRow is a file of the table.
type interopRow struct {
	name string
	make func(t testing.TB) []byte
}

// interopRows are the signed files of the corpus, the bases of the kit and one mutant of each class.
func interopRows(t testing.TB) []interopRow {
	var out []interopRow
	for _, c := range corpus(t) {
		if c.features["signed"] {
			out = append(out, interopRow{"corpus: " + c.name(), func(t testing.TB) []byte {
				b, err := os.ReadFile(c.path)
				if err != nil {
					t.Fatal(err)
				}
				return b
			}})
		}
	}
	for _, b := range slices.Concat(kitBases(t), straddleBases(t)) {
		name := "sealed: " + b.name
		if b.dss {
			name += ", receipts"
		}
		out = append(out, interopRow{name, func(testing.TB) []byte { return b.doc }})
	}
	for _, c := range mutantClasses() {
		out = append(out, interopRow{"mutant: " + c.group + ", " + c.name, func(t testing.TB) []byte {
			for _, b := range c.bases(t) {
				if doc := c.make(t, b); doc != nil {
					return doc
				}
			}
			t.Fatalf("%s applies to no base", c.name)
			return nil
		}})
	}
	return out
}

// opinion is what the three programs say of a file.
type opinion struct {
	verdict, rules, pdfsig, qpdf string
}

func (o opinion) line(name string) string {
	note := o.note()
	if note == "" {
		note = "agreed"
	}
	return fmt.Sprintf("%s | %s | %s | %s | %s | %s", name, o.verdict, o.rules, o.pdfsig, o.qpdf, note)
}

// ask gives the opinions on a document.
func ask(t testing.TB, o *office, doc []byte) opinion {
	path := filepath.Join(t.TempDir(), "x.pdf")
	if err := os.WriteFile(path, doc, 0o600); err != nil {
		t.Fatal(err)
	}
	out := opinion{verdict: "error", rules: "-", pdfsig: pdfsigSays(t, path), qpdf: qpdfSays(t, path)}
	rep, err := pdfseal.Verify(context.Background(), bytes.NewReader(doc), pdfseal.VerifyOptions{Trust: o.trust, Now: checked})
	var s *pdfseal.SyntaxError
	switch {
	case err == nil:
		out.verdict = string(rep.Verdict)
		if rules := brokenRules(rep); len(rules) > 0 {
			out.rules = strings.Join(rules, "+")
		}
	case errors.As(err, &s):
		out.rules = s.Rule
	}
	return out
}

// run gives output and exit code of a program; -1 for one that does not end in time or crashes.
func run(t testing.TB, name string, args ...string) (string, int) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, tool(t, name), args...).CombinedOutput()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return string(out), exit.ExitCode()
	}
	if err != nil {
		return string(out), -1
	}
	return string(out), 0
}

func qpdfSays(t testing.TB, path string) string {
	_, code := run(t, "qpdf", "--check", path)
	if word := map[int]string{0: "clean", 3: "warnings", 2: "errors"}[code]; word != "" {
		return word
	}
	return "crash"
}

var pdfsigWords = []struct{ says, word string }{
	{"Signature is Valid", "valid"}, {"Signature is Invalid", "invalid"}, {"Digest Mismatch", "digest mismatch"}, {"Signature has not yet been verified", "not checked"},
	{"isn't signed or corrupted data", "corrupted"}, {"form field is not signed", "field not signed"}, {"unknown validation failure", "unknown failure"},
}

// pdfsigSays gives a word for each signature and whether it covers the whole file.
func pdfsigSays(t testing.TB, path string) string {
	text, code := run(t, "pdfsig", "-nocert", path)
	if code < 0 {
		return "crash"
	}
	if strings.Contains(text, "does not contain any signatures") {
		return "no signature"
	}
	var out []string
	for _, part := range strings.Split(text, "Signature #")[1:] {
		word := "?"
		for _, w := range pdfsigWords {
			if strings.Contains(part, w.says) {
				word = w.word
				break
			}
		}
		switch {
		case strings.Contains(part, "Not total document signed"):
			word += ", part"
		case strings.Contains(part, "Total document signed"):
			word += ", whole"
		}
		out = append(out, word)
	}
	if len(out) == 0 {
		return "cannot open"
	}
	return strings.Join(out, "; ")
}

// TestInterop makes the table anew and compares it with the one in the repository, in the short run every eighth mutant of it. Where the
// programs disagree, the table says why.
func TestInterop(t *testing.T) {
	o := newOffice(t)
	rows := interopRows(t)
	if !isLong() && !*rewrite {
		var some []interopRow
		for i, r := range rows {
			if !strings.HasPrefix(r.name, "mutant: ") || i%12 == 0 {
				some = append(some, r)
			}
		}
		rows = some
	}
	lines := make([]string, len(rows))
	parallel(len(rows), func(next func() (int, bool)) {
		for i, ok := next(); ok; i, ok = next() {
			op := ask(t, o, rows[i].make(t))
			lines[i] = op.line(rows[i].name)
			if op.note() == "" && !op.agreed() {
				t.Errorf("not explained: %s", lines[i])
			}
		}
	})
	if *rewrite {
		writeInterop(t, lines)
		return
	}
	b, err := os.ReadFile(interopFile)
	if err != nil {
		t.Fatal(err)
	}
	kept := map[string]string{}
	for _, line := range strings.Split(string(b), "\n") {
		if name, _, ok := strings.Cut(line, " | "); ok && line[0] != '#' {
			kept[name] = line
		}
	}
	for _, line := range lines {
		if name, _, _ := strings.Cut(line, " | "); kept[name] != line {
			t.Errorf("the table has\n%s\nand now it is\n%s", kept[name], line)
		}
	}
	if (isLong() && len(kept) != len(lines)) || len(kept) < len(mutantClasses()) || len(lines) == 0 {
		t.Errorf("%d lines in the table, %d made", len(kept), len(lines))
	}
}

func writeInterop(t *testing.T, lines []string) {
	head := "# What pdfsig and qpdf --check say of signed files beside our verdict; where they disagree, the last column says why.\n" +
		"# Made by: go test ./pdfseal -run TestInterop -update\n" +
		"# file | our verdict | rules that object | pdfsig: each signature, and whether it covers the whole file | qpdf --check | why they differ\n"
	slices.SortStableFunc(lines, func(a, b string) int {
		x, _, _ := strings.Cut(a, ":")
		y, _, _ := strings.Cut(b, ":")
		return strings.Compare(x, y)
	})
	if err := os.WriteFile(interopFile, []byte(head+strings.Join(lines, "\n")+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
}
