package main

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sealdesk/cmd/dev/system"
	"sealdesk/cmd/dev/training"
)

// practiceOffice makes a practice office with its programs.
func practiceOffice(t *testing.T) (*session, *training.Office, *bytes.Buffer) {
	t.Helper()
	for _, p := range system.Missing(t.Context(), system.Machine{Out: io.Discard}, system.Needs("demo")) {
		t.Skipf("%s is not installed", p.Name)
	}
	root, err := findRoot()
	if err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(errs.String())
		}
	})
	s := &session{root: root, out: &out, err: &errs}
	office, err := s.office(t.Context(), filepath.Join(t.TempDir(), "office"))
	if err != nil {
		t.Fatal(err)
	}
	return s, office, &out
}

// TestDemo runs the demonstration, in the long tests twice in the same office.
func TestDemo(t *testing.T) {
	s, office, out := practiceOffice(t)
	runs := 1
	if os.Getenv("SEALDESK_LONG") == "1" {
		runs = 2
	}
	for range runs {
		out.Reset()
		from := time.Now()
		if err := s.demo(t.Context(), office); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		t.Logf("%v\n%s", time.Since(from).Round(time.Millisecond), out)
		checkDemo(t, office, out.String())
	}
	host := strings.TrimPrefix(office.Centre.URL, "https://")
	l, err := net.Listen("tcp", host)
	if err != nil {
		t.Fatalf("the centre was not stopped: %v", err)
	}
	defer l.Close()
	if _, err := s.serve(t.Context(), office); err == nil || !strings.Contains(err.Error(), "does not serve") {
		t.Errorf("a centre whose port is taken: %v", err)
	}
}

// checkDemo holds what was told against the files, and the office against what it was before.
func checkDemo(t *testing.T, office *training.Office, told string) {
	t.Helper()
	steps := strings.Split(strings.TrimSpace(told), "\n")
	for i, want := range []string{office.Centre.URL, "receipt: ", "有效 valid，", "since", "exit 14", "number 3", "仍然有效 valid", "无法判定 indeterminate"} {
		if i >= len(steps) || !strings.HasPrefix(strings.TrimSpace(steps[i]), fmt.Sprint(i+1)+"  ") || !strings.Contains(steps[i], want) {
			t.Errorf("step %d does not tell %q:\n%s", i+1, want, told)
		}
	}
	for _, name := range []string{"批复_已签章.pdf", "批复_已签章.png", "批复_冒用.pdf", filepath.Join("收文", "bundle.sdtb"), "挂失演练"} {
		path := filepath.Join(office.Dir, "out", name)
		if _, err := os.Stat(path); err != nil {
			t.Error(err)
		}
	}
	for _, seal := range office.Seals {
		var v struct{ Status string }
		if err := office.Centre.Run(t.Context(), &v, "show", seal.ID); err != nil || v.Status != "in-force" {
			t.Errorf("%s is %q in the office after the demonstration, %v", seal.Name, v.Status, err)
		}
	}
}
