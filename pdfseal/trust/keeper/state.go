package keeper

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/internal/strictjson"
	"sealdesk/pdfseal/trust"
)

const (
	stateFile   = "state.json"
	stateFormat = "sealdesk-trust-state/1"
	maxState    = 1 << 20
	maxSets     = 64 // root sets whose numbers are remembered
)

// state is what the folder remembers. A zero Current means that nothing has been imported.
type state struct {
	Format     string    `json:"format"`
	Configured string    `json:"configured,omitempty"` // the root that the user pinned when the present roots came in
	Roots      []string  `json:"roots"`                // who may sign the next bundle
	Current    kept      `json:"current"`
	Former     kept      `json:"former,omitzero"`
	Highest    []highest `json:"highest"`
	Seen       time.Time `json:"seen"` // latest time seen
}

// kept is a bundle in the folder.
type kept struct {
	File     string `json:"file"`
	Number   int    `json:"number"`
	Manifest string `json:"manifest"`
}

// highest is the highest number seen under a set of roots.
type highest struct {
	Set    string `json:"set"`
	Number int    `json:"number"`
}

// setOf names a set of roots.
func setOf(roots []string) string {
	sum := gm.SM3([]byte(strings.Join(roots, "\n")))
	return fmt.Sprintf("%x", sum)
}

// seen is the highest number under the roots; 0 where they are new.
func (s *state) seen(roots []string) int {
	for _, h := range s.Highest {
		if h.Set == setOf(roots) {
			return h.Number
		}
	}
	return 0
}

// note remembers a number under the roots, and forgets the oldest set where there are too many.
func (s *state) note(roots []string, number int) {
	set := setOf(roots)
	s.Highest = slices.DeleteFunc(slices.Clone(s.Highest), func(h highest) bool { return h.Set == set })
	s.Highest = append(s.Highest, highest{set, number})
	if n := len(s.Highest); n > maxSets {
		s.Highest = s.Highest[n-maxSets:]
	}
}

func damaged(format string, args ...any) error {
	return &trust.Refusal{Reason: trust.ReasonStateDamaged, Err: fmt.Errorf(format, args...)}
}

// readState reads the state; nil where nothing has been imported.
func readState(dir *os.Root) (*state, error) {
	info, err := dir.Lstat(stateFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("keeper: %w", err)
	}
	if !info.Mode().IsRegular() || info.Size() > maxState {
		return nil, damaged("%s is no regular file, or too large", stateFile)
	}
	f, err := dir.Open(stateFile)
	if err != nil {
		return nil, fmt.Errorf("keeper: %w", err)
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxState))
	if err != nil {
		return nil, fmt.Errorf("keeper: read: %w", err)
	}
	return parseState(b)
}

func parseState(b []byte) (*state, error) {
	s := &state{}
	if err := strictjson.Decode(b, s, 3); err != nil {
		return nil, damaged("%s: %w", stateFile, err)
	}
	if s.Format != stateFormat || len(s.Roots) == 0 || len(s.Highest) > maxSets || !s.Current.sound() || s.Former != (kept{}) && !s.Former.sound() {
		return nil, damaged("%s does not describe a trust folder", stateFile)
	}
	return s, nil
}

func (k kept) sound() bool {
	return strings.HasPrefix(k.File, bundlePrefix) && strings.HasSuffix(k.File, bundleSuffix) && !strings.ContainsAny(k.File, `/\`) && k.Number > 0
}

func (s *state) bytes() ([]byte, error) {
	b, err := json.MarshalIndent(s, "", "  ")
	return append(b, '\n'), err
}
