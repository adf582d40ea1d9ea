// Package vulndb makes a database for govulncheck from the Go module golang.org/x/vulndb, for machines that reach the module proxy but
// not https://vuln.go.dev. The module holds the entries of that database, in OSV format, as of its version.
package vulndb

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// Module is the path of the module, Query its newest version.
const (
	Module = "golang.org/x/vulndb"
	Query  = Module + "@latest"
)

// Copy is the module as `go mod download -json` reports it.
type Copy struct {
	Version string
	Dir     string    // of the unpacked module
	Info    string    // a file in JSON
	Error   string    // why there is no copy
	Time    time.Time `json:"-"` // of the commit, from Info
}

// Read reads what `go mod download -json` has printed.
func Read(download []byte) (Copy, error) {
	var c Copy
	if err := json.Unmarshal(download, &c); err != nil {
		return Copy{}, fmt.Errorf("vulndb: answer of go mod download: %w", err)
	}
	if c.Error != "" {
		return Copy{}, fmt.Errorf("vulndb: %s", c.Error)
	}
	text, err := os.ReadFile(c.Info)
	if err != nil {
		return Copy{}, fmt.Errorf("vulndb: %w", err)
	}
	var info struct{ Time time.Time }
	if err := json.Unmarshal(text, &info); err != nil {
		return Copy{}, fmt.Errorf("vulndb: %s: %w", c.Info, err)
	}
	c.Time = info.Time
	return c, nil
}

// entry is what the index needs of an OSV entry.
type entry struct {
	ID       string `json:"id"`
	Affected []struct {
		Package struct{ Name string } `json:"package"`
	} `json:"affected"`
}

// The index as https://go.dev/doc/security/vuln/database describes it. Without "fixed" govulncheck reads the entries of every module that
// is in use and compares the versions itself.
type (
	indexDB struct {
		Modified time.Time `json:"modified"`
	}
	indexModule struct {
		Path  string        `json:"path"`
		Vulns []indexAdvice `json:"vulns"`
	}
	indexAdvice struct {
		ID       string    `json:"id"`
		Modified time.Time `json:"modified"`
	}
)

// Write writes the copy's entries into dir in the layout that `govulncheck -db=file://DIR` reads: ID/GO-….json, index/modules.json,
// index/db.json. Every entry gets the time of the copy. It answers the number of entries; none at all is an error.
func (c Copy) Write(dir string) (int, error) {
	for _, sub := range []string{"ID", "index"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o755); err != nil {
			return 0, fmt.Errorf("vulndb: %w", err)
		}
	}
	paths, err := filepath.Glob(filepath.Join(c.Dir, "data", "osv", "*.json"))
	if err == nil && len(paths) == 0 {
		err = errors.New("no entry in " + c.Dir)
	}
	if err != nil {
		return 0, fmt.Errorf("vulndb: %w", err)
	}
	modules := map[string]*indexModule{}
	for _, path := range paths {
		if err := c.copyEntry(path, dir, modules); err != nil {
			return 0, fmt.Errorf("vulndb: %s: %w", filepath.Base(path), err)
		}
	}
	list := make([]*indexModule, 0, len(modules))
	for _, m := range modules {
		list = append(list, m)
	}
	slices.SortFunc(list, func(a, b *indexModule) int { return cmp.Compare(a.Path, b.Path) })
	err = errors.Join(writeJSON(filepath.Join(dir, "index", "modules.json"), list), writeJSON(filepath.Join(dir, "index", "db.json"), indexDB{c.Time}))
	if err != nil {
		return 0, fmt.Errorf("vulndb: %w", err)
	}
	return len(paths), nil
}

// copyEntry copies one entry as it is and lists it under each module that it names.
func (c Copy) copyEntry(path, dir string, modules map[string]*indexModule) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var e entry
	if err := json.Unmarshal(text, &e); err != nil {
		return err
	}
	if e.ID+".json" != filepath.Base(path) {
		return fmt.Errorf("holds the entry %q", e.ID)
	}
	for _, a := range e.Affected {
		name := a.Package.Name
		if name == "" {
			return errors.New("names no module")
		}
		m := modules[name]
		if m == nil {
			m = &indexModule{Path: name}
			modules[name] = m
		}
		if n := len(m.Vulns); n == 0 || m.Vulns[n-1].ID != e.ID {
			m.Vulns = append(m.Vulns, indexAdvice{e.ID, c.Time})
		}
	}
	return os.WriteFile(filepath.Join(dir, "ID", filepath.Base(path)), text, 0o644)
}

func writeJSON(path string, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return os.WriteFile(path, text, 0o644)
}
