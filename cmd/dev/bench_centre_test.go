package main

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"sealdesk/cmd/dev/postgres"
)

// TestBench_centre runs that part of the benchmark for a second: no request fails, no record is lost.
func TestBench_centre(t *testing.T) {
	if os.Getenv("SEALDESK_LONG") != "1" {
		t.Skip("long: run with go run ./cmd/dev test --long")
	}
	root, err := findRoot()
	if err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	b := bench{session: &session{root: root, out: &out, err: &errs}, dir: t.TempDir()}
	err = b.centre(t.Context(), time.Second)
	if errors.Is(err, postgres.ErrMissing) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatalf("%v\n%s%s", err, out.String(), errs.String())
	}
	t.Log(out.String())
	for _, name := range []string{"SQLite", "PostgreSQL"} {
		if !strings.Contains(out.String(), name) {
			t.Errorf("no figures of %s:\n%s", name, out.String())
		}
	}
}
