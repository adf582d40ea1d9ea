package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"
)

const (
	govulncheck     = "golang.org/x/vuln/cmd/govulncheck@v1.9.0"
	vulnDatabase    = "https://vuln.go.dev" // govulncheck's own default
	databaseTimeout = 15 * time.Second
)

// vulnerabilities looks the dependencies up in Go's database. It is the one
// check that needs a host besides the module proxy: where that host is out of
// reach, it says so and counts as skipped.
func (t *tester) vulnerabilities(ctx context.Context) {
	base := os.Getenv("GOVULNDB")
	if base == "" {
		base = vulnDatabase
	}
	if err := reachable(ctx, base); err != nil {
		t.skipped++
		fmt.Fprintf(t.out, "\n%s\ngovulncheck: database unreachable, not checked\n  %v\n%[1]s\n", strings.Repeat("!", 60), err)
		return
	}
	fmt.Fprintln(t.out)
	t.check(ctx, check{"govulncheck", goCheck("run", govulncheck, "-db="+base, "./...")})
}

// reachable asks a database over HTTP for its index; one on disk is there or not.
func reachable(ctx context.Context, base string) error {
	if !strings.HasPrefix(base, "http") {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, databaseTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(base, "/")+"/index/db.json", nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", req.URL, answer.Status)
	}
	return nil
}
