package training

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

const (
	stateFile   = "office.json"
	stateFormat = "sealdesk-practice/2"
	olderFormat = "sealdesk-practice/1" // without a centre
	maxState    = 64 << 10
)

// state is what a practice office must remember: its keys, seals and documents follow from the seed and the day it was made.
type state struct {
	Format string    `json:"format"`
	Seed   string    `json:"seed"`
	Made   time.Time `json:"made"`
	Port   int       `json:"port"`   // of the centre on this computer; 0: none chosen yet
	Centre string    `json:"centre"` // ID of the centre that issued what is on the UsbKeys
	Ready  []int     `json:"ready"`  // slots whose UsbKey is complete

	path string
}

// openState reads the state of the office in dir or begins a new office.
func openState(dir string, opts Options) (*state, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("training: %w", err)
	}
	path := filepath.Join(dir, stateFile)
	raw, err := os.ReadFile(path)
	if err == nil {
		return parseState(path, raw)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("training: %w", err)
	}
	others, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("training: %w", err)
	}
	for _, e := range others {
		if e.Name() != "bin" {
			return nil, fmt.Errorf("%w: %s", ErrForeignDir, filepath.Join(dir, e.Name()))
		}
	}
	s := &state{Format: stateFormat, Seed: opts.Seed, Made: opts.Now.UTC().Truncate(time.Second), path: path}
	if s.Seed == "" {
		var random [16]byte
		if _, err := rand.Read(random[:]); err != nil {
			return nil, fmt.Errorf("training: seed: %w", err)
		}
		s.Seed = hex.EncodeToString(random[:])
	}
	return s, s.save()
}

// parseState reads what save wrote.
func parseState(path string, raw []byte) (*state, error) {
	if len(raw) > maxState {
		return nil, fmt.Errorf("training: %s is too large", path)
	}
	s := &state{path: path}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(s); err != nil {
		return nil, fmt.Errorf("training: %s: %w", path, err)
	}
	if s.Format == olderFormat {
		s.Format, s.Port, s.Centre, s.Ready = stateFormat, 0, "", nil
	}
	if s.Format != stateFormat || s.Port < 0 || s.Port > 65535 || s.Seed == "" || s.Made.IsZero() || s.Made.Year() < 2000 || s.Made.Year() > 2100 {
		return nil, fmt.Errorf("training: %s does not describe a practice office", path)
	}
	return s, nil
}

func (s *state) save() error {
	b, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return fmt.Errorf("training: %w", err)
	}
	return keepFile(s.path, append(b, '\n'), 0o600)
}

// keepFile makes sure that path holds data. A file that does already is left alone; another is replaced as a whole.
func keepFile(path string, data []byte, mode os.FileMode) error {
	if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, data) {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("training: %w", err)
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return fmt.Errorf("training: %w", err)
	}
	_, err = f.Write(data)
	err = errors.Join(err, f.Chmod(mode), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("training: %w", errors.Join(err, os.Remove(f.Name())))
	}
	return nil
}
