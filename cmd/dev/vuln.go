package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"sealdesk/cmd/dev/vulndb"
)

const (
	govulncheck     = "golang.org/x/vuln/cmd/govulncheck@v1.9.0"
	vulnDatabase    = "https://vuln.go.dev" // govulncheck's own default
	databaseTimeout = 15 * time.Second
)

// vulnerabilities looks the dependencies, and the standard library of the toolchain that go.mod names, up in Go's database: in the live
// one, or where that host is out of reach in the newest copy that the module proxy has. Where neither can be had, the check is skipped;
// on the build machine that is a failure.
func (t *tester) vulnerabilities(ctx context.Context) {
	dir, err := os.MkdirTemp("", "sealdesk-vulndb-")
	if err != nil {
		t.failed++
		fmt.Fprintf(t.out, "FAIL  govulncheck: %v\n", err)
		return
	}
	defer os.RemoveAll(dir)
	url, which, err := t.vulnerabilityDatabase(ctx, dir)
	if err != nil {
		word := "skip"
		if t.strict {
			t.failed++
			word = "FAIL"
		} else {
			t.skipped++
		}
		fmt.Fprintf(t.out, "\n%s\n%s  govulncheck: no database within reach, not checked\n%s%[1]s\n", strings.Repeat("!", 60), word, indent(err.Error()))
		return
	}
	fmt.Fprintf(t.out, "\nvulnerability database: %s\n", which)
	t.check(ctx, check{"govulncheck", func(ctx context.Context, s *session, out io.Writer) error {
		cmd := s.command(ctx, "go", "run", govulncheck, "-db="+url, "./...")
		cmd.Env = append(cmd.Env, namedToolchain)
		cmd.Stdout, cmd.Stderr = out, out
		return cmd.Run()
	}})
	t.printToolchain(ctx)
}

// namedToolchain has the go command use the toolchain of go.mod, or its own where that is newer. It is set for this check alone: where
// the machine keeps to the toolchain that it has, the library of that one is not the project's to mend.
const namedToolchain = "GOTOOLCHAIN=auto"

// printToolchain says whose standard library was looked up, and where this machine builds with an older one.
func (t *tester) printToolchain(ctx context.Context) {
	version := func(env ...string) string {
		cmd := t.command(ctx, "go", "env", "GOVERSION")
		cmd.Env = append(cmd.Env, env...)
		out, err := cmd.Output()
		if err != nil {
			return err.Error()
		}
		return strings.TrimSpace(string(out))
	}
	here, named := version(), version(namedToolchain)
	fmt.Fprintf(t.out, "      standard library of %s\n", named)
	if here != named {
		fmt.Fprintf(t.out, "note  this machine builds with %s: programs for use are built with %s (GOTOOLCHAIN=auto)\n", here, named)
	}
}

// vulnerabilityDatabase answers the URL of the database to ask, and what it is. A copy is written into dir.
func (t *tester) vulnerabilityDatabase(ctx context.Context, dir string) (url, which string, err error) {
	live := os.Getenv("GOVULNDB")
	if live == "" {
		live = vulnDatabase
	}
	away := reachable(ctx, live)
	if away == nil {
		return live, live, nil
	}
	// Outside the module, whose go.sum has no line for it.
	cmd := t.command(ctx, "go", "mod", "download", "-json", vulndb.Query)
	cmd.Dir = dir
	text, downloadErr := cmd.Output()
	c, err := vulndb.Read(text)
	if err != nil {
		return "", "", fmt.Errorf("%w\n%w (%v)", away, err, downloadErr)
	}
	n, err := c.Write(dir)
	if err != nil {
		return "", "", fmt.Errorf("%w\n%w", away, err)
	}
	slashed := filepath.ToSlash(dir)
	if !strings.HasPrefix(slashed, "/") {
		slashed = "/" + slashed
	}
	which = fmt.Sprintf("%s %s of %s, %d entries, %d days old, because of %v", vulndb.Module, c.Version, c.Time.UTC().Format(time.DateOnly), n,
		int(time.Since(c.Time).Hours()/24), away)
	return "file://" + slashed, which, nil
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
