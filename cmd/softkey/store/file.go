package store

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// MaxINI bounds every text file of the store in bytes, as in the module.
const MaxINI = 64 << 10

// writeFile writes under a temporary name beside path and renames.
func writeFile(path string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".tmp*")
	if err != nil {
		return fmt.Errorf("softkey: %w", err)
	}
	_, err = f.Write(data)
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
		return fmt.Errorf("softkey: write %s: %w", path, err)
	}
	return nil
}

// readFile reads at most max bytes; a longer file is an error.
func readFile(path string, max int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("softkey: %w", err)
	}
	defer func() { _ = f.Close() }()
	b, err := io.ReadAll(io.LimitReader(f, max+1))
	if err != nil {
		return nil, fmt.Errorf("softkey: read %s: %w", path, err)
	}
	if int64(len(b)) > max {
		return nil, fmt.Errorf("softkey: %s has more than %d bytes", path, max)
	}
	return b, nil
}

// pair is one "key = value" line.
type pair struct{ key, value string }

// parseINI reads "key = value" lines as the module does: # begins a comment line, blanks around key
// and value are dropped, a line without "=" is an error. Keys may repeat.
func parseINI(b []byte) ([]pair, error) {
	var out []pair
	sc := bufio.NewScanner(bytes.NewReader(b))
	sc.Buffer(nil, MaxINI+1)
	for n := 1; sc.Scan(); n++ {
		line := strings.Trim(sc.Text(), " \t\r")
		if line == "" || line[0] == '#' {
			continue
		}
		key, value, ok := strings.Cut(line, "=")
		if key = strings.TrimRight(key, " \t"); !ok || key == "" {
			return nil, fmt.Errorf("softkey: line %d: no \"key = value\"", n)
		}
		out = append(out, pair{key, strings.TrimLeft(value, " \t")})
	}
	if err := sc.Err(); err != nil {
		return nil, fmt.Errorf("softkey: %w", err)
	}
	return out, nil
}

func lookup(pairs []pair, key string) string {
	for _, p := range pairs {
		if p.key == key {
			return p.value
		}
	}
	return ""
}
