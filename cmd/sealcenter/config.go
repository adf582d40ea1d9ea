package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/BurntSushi/toml"

	"sealdesk/cmd/sealcenter/internal/server"
	"sealdesk/pdfseal/trust"
)

// configName is the settings file in the state directory.
const configName = "centre.toml"

// config is what init writes and an administrator may change.
type config struct {
	ID       string `toml:"id"`       // names the centre in bundles; never changes
	Name     string `toml:"name"`     // of the centre, for people
	Division string `toml:"division"` // GB/T 2260 code of the outermost division that it serves
	DB       string `toml:"db"`       // registry: path of a SQLite file, or postgres://…
	Training bool   `toml:"training"` // seals get identifiers with the mark TRAINING

	Serve  serveConfig  `toml:"serve"`
	Bundle bundleConfig `toml:"bundle"`
}

type serveConfig struct {
	Listen     string   `toml:"listen"`
	TLCPListen string   `toml:"tlcp_listen"` // empty: no TLCP
	Hosts      []string `toml:"hosts"`       // names and addresses in the endpoint's certificates
	Concurrent int      `toml:"concurrent"`  // requests at a time, and bundles; 0: 64
	PerSecond  float64  `toml:"per_second"`  // of one client; 0: 100
	Burst      int      `toml:"burst"`       // of one client at once; 0: 200
}

func (s serveConfig) limits() server.Limits {
	return server.Limits{Concurrent: s.Concurrent, PerSecond: s.PerSecond, Burst: s.Burst}
}

type bundleConfig struct {
	Days           int               `toml:"days"`             // until a bundle expires
	StaleAfterDays int               `toml:"stale_after_days"` // age from which clients no longer rely on it; 0: only the expiry counts
	GraceHours     int               `toml:"grace_hours"`      // grey interval before a loss or revocation
	Locked         map[string]string `toml:"locked"`           // settings that offices cannot change
	Workstations   []string          `toml:"workstations"`     // computers that may seal; none: any
}

func (b bundleConfig) policy() trust.Policy {
	p := trust.Policy{StaleAfterDays: b.StaleAfterDays, GraceHours: b.GraceHours, Workstations: b.Workstations}
	for _, name := range sortedKeys(b.Locked) {
		p.Locked = append(p.Locked, trust.Setting{Name: name, Value: b.Locked[name]})
	}
	return p
}

// loadConfig reads the settings of a state directory.
func loadConfig(dir string) (*config, error) {
	path := filepath.Join(dir, configName)
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, situated("no_centre", "Dir", dir)
	}
	if err != nil {
		return nil, err
	}
	c := &config{}
	meta, err := toml.Decode(string(raw), c)
	if err == nil && len(meta.Undecoded()) > 0 {
		err = fmt.Errorf("unknown entry %s", meta.Undecoded()[0])
	}
	if err == nil && (c.ID == "" || c.Name == "" || c.Division == "") {
		err = errors.New("id, name or division is missing")
	}
	if err != nil {
		return nil, situated("config", "Path", path, "Detail", err.Error())
	}
	return c, nil
}

// write makes the settings file, which must not be there yet.
func (c *config) write(dir string) error {
	var buf bytes.Buffer
	buf.WriteString("# sealcenter: centre.toml\n")
	e := toml.NewEncoder(&buf)
	e.Indent = ""
	if err := e.Encode(c); err != nil {
		return err
	}
	f, err := os.OpenFile(filepath.Join(dir, configName), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(buf.Bytes())
	return errors.Join(err, f.Sync(), f.Close())
}

// defaultDB is the registry of a centre that names none.
const defaultDB = "centre.db"

// target is the registry to open: the flag, else the settings, else a file in
// the state directory. A relative path of the settings is one below it.
func (c *config) target(dir, flag string) string {
	switch {
	case flag != "":
		return flag
	case c.DB == "":
		return filepath.Join(dir, defaultDB)
	case isURL(c.DB) || filepath.IsAbs(c.DB):
		return c.DB
	}
	return filepath.Join(dir, c.DB)
}
