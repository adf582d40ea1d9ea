package vulndb

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// download makes a module of the entries, by file name, and what go mod download prints of it.
func download(t *testing.T, entries map[string]string) []byte {
	t.Helper()
	dir := t.TempDir()
	osv, info := filepath.Join(dir, "data", "osv"), filepath.Join(dir, "v.info")
	if err := os.MkdirAll(osv, 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, info, `{"Version":"v0.0.0-20261105234957-e22db6528018","Time":"2026-11-05T23:49:57Z"}`)
	for name, text := range entries {
		write(t, filepath.Join(osv, name), text)
	}
	return fmt.Appendf(nil, `{"Path":%q,"Version":"v0.0.0-20261105234957-e22db6528018","Info":%q,"Dir":%q}`, Module, info, dir)
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o444); err != nil {
		t.Fatal(err)
	}
}

const two = `{"id":"GO-2026-0002","affected":[
 {"package":{"name":"stdlib","ecosystem":"Go"},"ranges":[{"type":"SEMVER","events":[{"introduced":"0"},{"fixed":"1.26.9"}]}]},
 {"package":{"name":"example.org/b","ecosystem":"Go"}},{"package":{"name":"example.org/b","ecosystem":"Go"}}]}`

func TestWrite(t *testing.T) {
	c, err := Read(download(t, map[string]string{
		"GO-2026-0002.json": two,
		"GO-2026-0001.json": `{"id":"GO-2026-0001","affected":[{"package":{"name":"example.org/b"}}]}`,
	}))
	if err != nil {
		t.Fatal(err)
	}
	if want := time.Date(2026, 11, 5, 23, 49, 57, 0, time.UTC); !c.Time.Equal(want) {
		t.Errorf("time %v", c.Time)
	}
	dir := t.TempDir()
	if n, err := c.Write(dir); n != 2 || err != nil {
		t.Fatalf("%d entries, %v", n, err)
	}
	for name, want := range map[string]string{
		"index/db.json": `{"modified":"2026-11-05T23:49:57Z"}`,
		"index/modules.json": `[{"path":"example.org/b","vulns":[{"id":"GO-2026-0001","modified":"2026-11-05T23:49:57Z"},` +
			`{"id":"GO-2026-0002","modified":"2026-11-05T23:49:57Z"}]},{"path":"stdlib","vulns":[{"id":"GO-2026-0002","modified":"2026-11-05T23:49:57Z"}]}]`,
		"ID/GO-2026-0002.json": two,
	} {
		got, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
		if err != nil || string(got) != want {
			t.Errorf("%s: %v\n%s", name, err, got)
		}
	}
}

// TestWrite_refuses: a database that lacks entries would let a vulnerable dependency pass.
func TestWrite_refuses(t *testing.T) {
	for name, c := range map[string]struct {
		entries map[string]string
		want    string
	}{
		"no entry":       {nil, "no entry"},
		"not JSON":       {map[string]string{"GO-1.json": "{"}, "GO-1.json"},
		"another id":     {map[string]string{"GO-1.json": `{"id":"GO-2"}`}, `"GO-2"`},
		"without module": {map[string]string{"GO-1.json": `{"id":"GO-1","affected":[{"package":{}}]}`}, "names no module"},
	} {
		module, err := Read(download(t, c.entries))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := module.Write(t.TempDir()); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRead_refuses(t *testing.T) {
	noTime, _ := json.Marshal(Copy{Info: filepath.Join(t.TempDir(), "none")})
	for text, want := range map[string]string{
		"": "go mod download", `{"Error":"module lookup disabled by GOPROXY=off"}`: "GOPROXY=off", string(noTime): "none",
	} {
		if _, err := Read([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
}
