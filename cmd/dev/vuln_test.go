package main

import (
	"archive/zip"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sealdesk/cmd/dev/vulndb"
)

// awayDatabase has the live database out of reach, and the module proxy in the directory that it answers.
func awayDatabase(t *testing.T) (proxy string) {
	t.Helper()
	gone := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(gone.Close)
	proxy = t.TempDir()
	for name, value := range map[string]string{"GOVULNDB": gone.URL, "GOPROXY": "file://" + filepath.ToSlash(proxy), "GONOSUMDB": "*", "GONOSUMCHECK": "1",
		"GONOPROXY": "none", "GOMODCACHE": t.TempDir(), "GOFLAGS": "-modcacherw"} {
		t.Setenv(name, value)
	}
	return proxy
}

// TestVulnerabilities_noDatabase: on the build machine what could not be checked is a failure; it once counted as skipped.
func TestVulnerabilities_noDatabase(t *testing.T) {
	awayDatabase(t)
	for strict, want := range map[bool][2]int{false: {0, 1}, true: {1, 0}} {
		tester, out := module(t, map[string]string{})
		tester.strict = strict
		tester.vulnerabilities(t.Context())
		if got := [2]int{tester.failed, tester.skipped}; got != want || !strings.Contains(out.String(), "govulncheck: no database within reach, not checked\n") {
			t.Errorf("strict %v: failed, skipped %v\n%s", strict, got, out)
		}
	}
}

// TestVulnerabilityDatabase_copy: machines that reach the module proxy alone look the dependencies up, too.
func TestVulnerabilityDatabase_copy(t *testing.T) {
	proxy := awayDatabase(t)
	const version = "v0.0.0-20261105234957-e22db6528018"
	versions := filepath.Join(proxy, filepath.FromSlash(vulndb.Module), "@v")
	if err := os.MkdirAll(versions, 0o755); err != nil {
		t.Fatal(err)
	}
	gomod := "module " + vulndb.Module + "\n"
	info := `{"Version":"` + version + `","Time":"2026-11-05T23:49:57Z"}`
	for name, text := range map[string]string{"@v/list": "", "@latest": info, "@v/" + version + ".info": info, "@v/" + version + ".mod": gomod} {
		if err := os.WriteFile(filepath.Join(filepath.Dir(versions), filepath.FromSlash(name)), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	f, err := os.Create(filepath.Join(versions, version+".zip"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z := zip.NewWriter(f)
	for name, text := range map[string]string{"go.mod": gomod, "data/osv/GO-2026-0001.json": `{"id":"GO-2026-0001","affected":[{"package":{"name":"example.org/b"}}]}`} {
		w, err := z.Create(vulndb.Module + "@" + version + "/" + name)
		if err == nil {
			_, err = w.Write([]byte(text))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	tester, _ := module(t, map[string]string{})
	dir := t.TempDir()
	url, which, err := tester.vulnerabilityDatabase(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(url, "file:///") || !strings.Contains(which, version+" of 2026-11-05, 1 entries") || !strings.Contains(which, "404") {
		t.Errorf("%s: %s", url, which)
	}
	if text, err := os.ReadFile(filepath.Join(dir, "index", "modules.json")); err != nil || !strings.Contains(string(text), "example.org/b") {
		t.Errorf("index %s, %v", text, err)
	}
}

func TestReachable(t *testing.T) {
	there := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/index/db.json" {
			http.NotFound(w, r)
		}
	}))
	defer there.Close()
	if err := reachable(t.Context(), there.URL+"/"); err != nil {
		t.Error(err)
	}
	if err := reachable(t.Context(), there.URL+"/elsewhere"); err == nil {
		t.Error("a host without a database is reachable")
	}
}
