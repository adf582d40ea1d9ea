package store

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Slot is one token of a store. Its methods may be used while a process has the module loaded;
// one Slot is not safe for use by several goroutines.
type Slot struct {
	dir     string
	profile profile
}

// Open opens the token in slot of the store at dir; Init must have made it.
func Open(dir string, slot int) (*Slot, error) {
	s := &Slot{dir: slotDir(dir, slot)}
	b, err := readFile(s.path("token.ini"), MaxINI)
	if err != nil {
		return nil, err
	}
	lines, err := parseINI(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.path("token.ini"), err)
	}
	s.profile, err = findProfile(lookup(lines, "profile"))
	return s, err
}

func (s *Slot) path(name string) string { return filepath.Join(s.dir, name) }

// Dir is the slot's directory.
func (s *Slot) Dir() string { return s.dir }

// Insert plugs the key in. A key that is in already is taken for pulled and plugged in again.
func (s *Slot) Insert() error {
	return writeFile(s.path("present"), []byte(fmt.Sprintln(time.Now().UnixNano())))
}

// Remove pulls the key. Removing an absent key is no error.
func (s *Slot) Remove() error {
	if err := os.Remove(s.path("present")); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("softkey: %w", err)
	}
	return nil
}

// Present reports whether the key is plugged in.
func (s *Slot) Present() bool {
	_, err := os.Stat(s.path("present"))
	return err == nil
}

// points are the calls at which a fault can fire.
var points = []string{"sign", "sign-init", "login", "find", "read", "cert", "open", "info", "slots"}

// faults and the meaning of their argument.
var faults = map[string]string{
	"device-removed": "", "device-error": "", "device-memory": "", "function-failed": "", "function-canceled": "",
	"function-rejected": "", "general-error": "", "host-memory": "", "token-not-present": "",
	"token-not-recognized": "", "session-handle-invalid": "", "user-not-logged-in": "",
	"rv":    "a CKR number",
	"sleep": "milliseconds, at most 600000", "abort": "",
	"remove-before": "", "remove-during": "", "remove-after": "",
	"wrong-signature": "", "other-key": "", "zero": "", "wrong-length": "bytes, at most 72; default one too few",
	"cert-mismatch": "",
}

// Faults names the faults that Fault takes, in alphabetical order.
func Faults() []string { return slices.Sorted(maps.Keys(faults)) }

// Fault adds a fault that fires once, at the next call it belongs to.
//
// name is one of Faults, meant for C_Sign unless a point stands before it: "login:device-error".
// Points: sign, sign-init, login, find (C_FindObjectsInit), read (CKA_VALUE of any object), cert
// (CKA_VALUE of a certificate; where cert-mismatch is at home), open (C_OpenSession), info
// (C_GetTokenInfo), slots (C_GetSlotList).
//
// arg is the argument, where the fault has one, and may end with "xN" (fires N times) or "x*"
// (until ClearFaults): "200 x3". Only sign can be spoiled; the other points know codes, sleep,
// abort and removal.
func (s *Slot) Fault(name, arg string) error {
	point, fault, ok := strings.Cut(name, ":")
	if !ok {
		point, fault = "sign", name
		if name == "cert-mismatch" {
			point = "cert"
		}
	}
	if !slices.Contains(points, point) {
		return fmt.Errorf("softkey: no fault point %q (have %v)", point, points)
	}
	if _, ok := faults[fault]; !ok {
		return fmt.Errorf("softkey: no fault %q", fault)
	}
	line := strings.TrimSpace(point + ":" + fault + " " + arg)
	if len(line) > 100 || strings.ContainsAny(line, "\r\n") || len(strings.Fields(line)) > 3 {
		return fmt.Errorf("softkey: bad argument of fault %s", fault)
	}
	old, err := readFile(s.path("fault"), MaxINI-256)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return writeFile(s.path("fault"), append(old, line+"\n"...))
}

// PendingFaults lists the faults that have not fired, in order.
func (s *Slot) PendingFaults() ([]string, error) {
	b, err := readFile(s.path("fault"), MaxINI)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var out []string
	for line := range strings.Lines(string(b)) {
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, line)
		}
	}
	return out, nil
}

// ClearFaults forgets all faults.
func (s *Slot) ClearFaults() error {
	if err := os.Remove(s.path("fault")); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("softkey: %w", err)
	}
	return nil
}
