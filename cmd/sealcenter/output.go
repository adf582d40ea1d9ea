package main

import (
	"errors"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"sealdesk/cmd/sealcenter/internal/registry"
)

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }

func isURL(target string) bool { return registry.IsPostgres(target) }

// maxInput bounds a file that the desk reads: a picture, a key, a certificate, a revocation list.
const maxInput = 16 << 20

func readInput(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxInput+1))
	if err == nil && len(b) > maxInput {
		err = &fs.PathError{Op: "read", Path: path, Err: errors.New("too large")}
	}
	return b, err
}

// checkOutputs refuses to go on where a file that is to be made exists
// already: before anything is recorded, not after.
func checkOutputs(paths ...string) error {
	for _, p := range paths {
		if p == "" {
			continue
		}
		if _, err := os.Lstat(p); err == nil {
			return situated("output_exists", "Path", p)
		}
		if st, err := os.Stat(filepath.Dir(p)); err != nil || !st.IsDir() {
			return situated("output", "Path", p, "Detail", "no such folder: "+filepath.Dir(p))
		}
	}
	return nil
}

// writeOutput makes a file whole or not at all, never over another one.
func writeOutput(path string, content []byte, mode fs.FileMode) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".sealcenter-*")
	if err != nil {
		return situated("output", "Path", path, "Detail", err.Error())
	}
	defer func() { _ = os.Remove(f.Name()) }() // the link below is what stays
	_, err = f.Write(content)
	err = errors.Join(err, f.Chmod(mode), f.Sync(), f.Close())
	if err == nil {
		err = os.Link(f.Name(), path)
	}
	switch {
	case errors.Is(err, fs.ErrExist):
		return situated("output_exists", "Path", path)
	case err != nil:
		return situated("output", "Path", path, "Detail", err.Error())
	}
	return nil
}
