package job

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"sealdesk/pdfseal/trust"
	"sealdesk/pdfseal/trust/keeper"
)

// TrustSource says where the trust bundle comes from. The zero value knows none.
type TrustSource struct {
	Named string `json:"named,omitempty"` // a file that the user names for this one use; without Root it is accepted unpinned
	File  string `json:"file,omitempty"`  // the file of the settings, read where it lies
	Dir   string `json:"dir,omitempty"`   // the folder of imported bundles
	Root  string `json:"root,omitempty"`  // the pinned root's fingerprint
}

// Open opens the bundle: the one that the user names; else the newer one of
// the imported bundle and the file of the settings; nil where there is
// neither. Where the roots of these two differ, or the file cannot be used,
// the imported one is taken. The caller closes it. Errors are *TrustError.
func (s TrustSource) Open(now time.Time) (*trust.Store, error) {
	pins := trust.Pins{}
	if s.Root != "" {
		root, err := trust.ParseFingerprint(s.Root)
		if err != nil {
			return nil, &TrustError{s.Root, err}
		}
		pins.Roots = []string{root}
	}
	if s.Named != "" {
		pins.AllowUnpinned = true
		return openTrust(s.Named, pins)
	}
	kept, err := s.imported(now)
	if err != nil || s.File == "" {
		return kept, err
	}
	file, err := openTrust(s.File, pins)
	switch {
	case kept == nil:
		return file, err
	case err != nil:
		return kept, nil
	case file.Number() > kept.Number() && slices.Equal(file.Roots(), kept.Roots()):
		return file, kept.Close()
	}
	return kept, file.Close()
}

// imported opens the imported bundle; nil where there is none.
func (s TrustSource) imported(now time.Time) (*trust.Store, error) {
	if s.Dir == "" {
		return nil, nil
	}
	k, err := keeper.Open(s.Dir, keeper.Options{Root: s.Root})
	if err != nil {
		return nil, &TrustError{s.Dir, err}
	}
	kept, err := k.Current(now)
	if err != nil {
		return nil, &TrustError{s.Dir, err}
	}
	return kept, nil
}

func openTrust(path string, pins trust.Pins) (*trust.Store, error) {
	s, err := trust.Open(path, pins)
	if err != nil {
		return nil, &TrustError{path, err}
	}
	return s, nil
}

// TrustError is trust material that cannot be used.
type TrustError struct {
	Path string
	Err  error
}

// Error implements error.
func (e *TrustError) Error() string { return fmt.Sprintf("job: trust bundle %s: %v", e.Path, e.Err) }

// Unwrap gives the cause.
func (e *TrustError) Unwrap() error { return e.Err }

// Situation names the text for the user and its values.
func (e *TrustError) Situation() (key string, data map[string]string) {
	key, data = "trust.unreadable", map[string]string{"Detail": e.Err.Error()}
	var r *trust.Refusal
	switch {
	case errors.As(e.Err, &r):
		key, data = r.Situation()
	case errors.Is(e.Err, fs.ErrNotExist):
		key = "trust.missing"
	}
	data["Path"] = e.Path
	return key, data
}
