package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestRun_usage(t *testing.T) {
	for _, args := range [][]string{nil, {"dance"}, {"doctor", "--what"}, {"doctor", "now"}, {"bench", "--mb", "1", "center"}, {"test", "bench"}} {
		var out, errs bytes.Buffer
		if code := run(t.Context(), args, &out, &errs); code != exitUsage || errs.Len() == 0 || out.Len() > 0 {
			t.Errorf("%q: exit %d, %q, %q", args, code, out.String(), errs.String())
		}
	}
	var out, errs bytes.Buffer
	if code := run(t.Context(), []string{"training"}, &out, &errs); code != exitFailed || !strings.Contains(errs.String(), "--dir") {
		t.Errorf("exit %d, %q", code, errs.String())
	}
}

// TestBench_parts: the parts that are named run, in their own order; none named means all.
func TestBench_parts(t *testing.T) {
	for in, want := range map[string]string{"": "large many trust centre pages window", "centre trust": "trust centre", "window window": "window"} {
		var got []string
		for _, p := range chosenParts(strings.Fields(in)) {
			got = append(got, p.name)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q runs %q, want %q", in, got, want)
		}
	}
}

// bareHost has nothing at all.
type bareHost struct{}

func (bareHost) LookPath(string) (string, error) { return "", errors.New("none") }
func (bareHost) Glob(string) ([]string, error)   { return nil, nil }
func (bareHost) UID() int                        { return 0 }
func (bareHost) Output(context.Context, string, ...string) (string, error) {
	return "", errors.New("none")
}
func (bareHost) Run(context.Context, string, ...string) error { return errors.New("none") }

func TestDoctor_bareMachine(t *testing.T) {
	var out bytes.Buffer
	(&session{out: &out}).doctor(t.Context(), bareHost{})
	for _, want := range []string{"not on PATH", "gcc             missing: C compiler", "demo            missing: gcc", "test --long     missing:"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("output lacks %q:\n%s", want, out.String())
		}
	}
}

// TestNoisePDF checks the offsets: a large file with a wrong table would
// measure how it is refused.
func TestNoisePDF(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.pdf")
	const size = 2_500_000
	if err := writeNoisePDF(path, size); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if len(text) < size || len(text) > size+10_000 {
		t.Errorf("%d bytes", len(text))
	}
	start := bytes.LastIndex(text, []byte("startxref\n"))
	at, err := strconv.Atoi(strings.Fields(string(text[start:]))[1])
	if err != nil || !bytes.HasPrefix(text[at:], []byte("xref\n0 ")) {
		t.Fatalf("startxref %d, %v", at, err)
	}
	entries := regexp.MustCompile(`(\d{10}) 00000 n \n`).FindAllSubmatch(text[at:], -1)
	if len(entries) != 8 {
		t.Fatalf("%d objects", len(entries))
	}
	for i, e := range entries {
		offset, _ := strconv.Atoi(string(e[1]))
		if !bytes.HasPrefix(text[offset:], fmt.Appendf(nil, "%d 0 obj\n", i+1)) {
			t.Errorf("object %d is not at %d", i+1, offset)
		}
	}
}

func TestNewer(t *testing.T) {
	dir := t.TempDir()
	src := filepath.Join(dir, "src")
	if err := os.Mkdir(src, 0o755); err != nil {
		t.Fatal(err)
	}
	built, source := filepath.Join(dir, "x.so"), filepath.Join(src, "x.c")
	if err := os.WriteFile(built, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if newer(built, src) || newer(filepath.Join(dir, "none"), src) {
		t.Error("newer than nothing")
	}
	if err := os.WriteFile(source, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for age, want := range map[time.Duration]bool{-time.Hour: true, time.Hour: false} {
		at := time.Now().Add(age)
		if err := os.Chtimes(source, at, at); err != nil {
			t.Fatal(err)
		}
		if newer(built, src) != want {
			t.Errorf("source changed %v ago: %v", -age, !want)
		}
	}
}

// TestFyneApp holds the metadata file against the module and the rules for its form.
func TestFyneApp(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "FyneApp.toml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`(?m)^\[Details\]$`, `(?m)^Name = "钤印"$`, `(?m)^ID = "cn\.sealdesk\.client"$`, `(?m)^Version = "\d+\.\d+\.\d+"$`, `(?m)^Build = [1-9]\d*$`} {
		if !regexp.MustCompile(want).Match(text) {
			t.Errorf("FyneApp.toml lacks %s", want)
		}
	}
}
