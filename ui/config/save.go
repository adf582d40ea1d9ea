package config

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/BurntSushi/toml"
)

// head stands in front of a settings file that the program has written.
const head = "# 钤印 sealdesk\n\n"

// Save writes the settings to c.Path, or into the configuration folder where there was no file. Paths inside the folder of the
// file are written relative to it, so that the folder can be moved as a whole. The file appears whole or not at all. Values that
// no part of the program understands are refused. Errors are of type *Error.
func (c *Config) Save() error {
	path := c.Path
	if path == "" {
		dir, err := Dir()
		if err != nil {
			return &Error{Path: FileName, Key: "missing", Err: err}
		}
		path = filepath.Join(dir, FileName)
	}
	if err := c.check(); err != nil {
		return &Error{Path: path, Key: "value", Err: err}
	}
	out := *c
	dir := filepath.Dir(path)
	for _, p := range []*string{&out.Trust, &out.TrustBundle.Dir, &out.Register, &out.Key.Module, &out.Key.TrainingStore, &out.Output.Dir,
		&out.Center.CA, &out.Center.Certificate, &out.Center.Key} {
		*p = relative(dir, *p)
	}
	var b bytes.Buffer
	b.WriteString(head)
	if err := toml.NewEncoder(&b).Encode(&out); err != nil {
		return &Error{Path: path, Key: "value", Err: err}
	}
	if err := replace(path, b.Bytes()); err != nil {
		return &Error{Path: path, Key: "missing", Err: err}
	}
	c.Path = path
	return nil
}

// relative turns a path inside dir into one relative to it.
func relative(dir, path string) string {
	rel, err := filepath.Rel(dir, path)
	if path == "" || err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return path
	}
	return filepath.ToSlash(rel)
}

// replace writes a file beside path, syncs it and gives it its name.
func replace(path string, data []byte) (err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("folder: %w", err)
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), FileName+".*.tmp")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(tmp.Name())
		}
	}()
	_, err = tmp.Write(data)
	if err == nil {
		err = tmp.Sync()
	}
	if err = errors.Join(err, tmp.Close()); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), path)
}
