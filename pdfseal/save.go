package pdfseal

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// tempPrefix marks the temporary files of AffixFile; a crash leaves at most one of them.
const tempPrefix = ".sealdesk-"

// AffixFile seals the file src into the new file dst, which appears whole or not at all (rules W1, W2, W7): the output is staged
// beside dst, synced, re-opened, compared with the input, verified, and renamed without replacing anything. Between verifying and
// renaming it calls req.Enrich and req.Commit, in this order; evidence is appended and the whole verified again.
//
// Errors, besides those of Affix: ErrOutputExists, ErrInputChanged, ErrSelfCheck, *EvidenceError, *SaveError, and what the hooks answer.
// After any error but a *SaveError with StepSyncDir no output file exists; the input is never changed.
func AffixFile(ctx context.Context, dst, src string, req Request) (*Affixed, error) {
	if err := Absent(dst); err != nil {
		return nil, err
	}
	in, err := OpenFile(src)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	var done *Affixed
	there, err := saveWhole(dst, func(tmp *os.File) (err error) {
		if done, err = stage(ctx, tmp, in, req); err != nil {
			return err
		}
		done.Report.File = dst
		if req.Commit != nil {
			return req.Commit(ctx, done)
		}
		return nil
	}, publish)
	if !there {
		return nil, err
	}
	return done, err
}

// saveWhole lets a file appear at dst whole or not at all: fill writes, syncs and closes a temporary file beside it, and name gives that its name.
// there tells whether it is at dst, which it also is after an error of the last step, StepSyncDir.
func saveWhole(dst string, fill func(tmp *os.File) error, name func(tmp, dst string) error) (there bool, err error) {
	tmp, err := createTemp(filepath.Dir(dst))
	if err != nil {
		return false, err
	}
	if err = fill(tmp); err == nil {
		err = name(tmp.Name(), dst)
	}
	if err != nil {
		tmp.Close() // where fill did not come so far
		os.Remove(tmp.Name())
		return false, err
	}
	if err := syncDir(filepath.Dir(dst)); err != nil {
		return true, &SaveError{Step: StepSyncDir, Path: dst, Err: err}
	}
	return true, nil
}

// stage writes, syncs and checks the temporary file, then has it enriched.
func stage(ctx context.Context, tmp *os.File, in *File, req Request) (*Affixed, error) {
	w := &stepWriter{f: tmp}
	done, err := Affix(ctx, w, in, req)
	if err != nil {
		return nil, err
	}
	if info, err := in.f.Stat(); err == nil {
		// The mode follows the original where the file system allows it; content matters, mode does not.
		_ = tmp.Chmod(info.Mode().Perm())
	}
	if err := tmp.Sync(); err != nil {
		return nil, &SaveError{Step: StepSync, Path: tmp.Name(), Err: err}
	}
	if req.Enrich != nil {
		if err := enrichStaged(ctx, w, in, &req, done); err != nil {
			return nil, err
		}
	}
	if err := tmp.Close(); err != nil {
		return nil, &SaveError{Step: StepSync, Path: tmp.Name(), Err: err}
	}
	if err := in.unchanged(); err != nil {
		return nil, err
	}
	if done.Report == nil {
		if err := selfCheck(ctx, tmp.Name(), in, req, done); err != nil {
			return nil, err
		}
	}
	return done, nil
}

// enrichStaged verifies the staged file, asks for the centre's evidence and appends it. Afterwards done.Report is that of the file as it
// is, or nil where it must be verified again: then at the time of the receipt, where sealing was asked for at an earlier one.
func enrichStaged(ctx context.Context, w *stepWriter, in *File, req *Request, done *Affixed) error {
	path := w.f.Name()
	if err := selfCheck(ctx, path, in, *req, done); err != nil {
		return err
	}
	sealed, err := done.sealed()
	if err != nil {
		return err
	}
	e, err := req.Enrich(ctx, sealed)
	if err != nil || e == nil {
		return err
	}
	added, err := appendEvidence(ctx, w, path, *e, done.head)
	if err != nil {
		return err
	}
	if err := w.f.Sync(); err != nil {
		return &SaveError{Step: StepSync, Path: path, Err: err}
	}
	done.Size, done.SM3After, done.Evidence, done.Report = added.size, added.sm3, true, nil
	if at := added.added.receipt.Time; !req.Time.IsZero() && at.After(req.Time) && at.Before(time.Now()) {
		req.Time = at
	}
	return nil
}

// selfCheck re-opens the staged file: its head must be the input, and our verifier must accept it (rules W2, W7).
func selfCheck(ctx context.Context, path string, in *File, req Request, done *Affixed) error {
	out, err := OpenFile(path)
	if err != nil {
		return &SaveError{Step: StepReopen, Path: path, Err: err}
	}
	defer out.Close()
	rep, err := verifyStaged(ctx, in, out, VerifyOptions{Trust: req.Trust, Now: req.Time, head: done.head}, path)
	if err != nil {
		return err
	}
	if rep.Verdict == VerdictInvalid || len(rep.Seals) == 0 || req.Trust != nil && !rep.Verdict.Accepted() {
		return fmt.Errorf("%w: %s", ErrSelfCheck, rep.summary())
	}
	if rep.SM3 != hex.EncodeToString(done.SM3After[:]) {
		return fmt.Errorf("%w: digest of the file on disk differs", ErrSelfCheck)
	}
	done.Report = rep
	return nil
}

// verifyStaged verifies out, the staged file at path, and compares its head with in meanwhile: what o.head says of the head counts only
// where both hold the same bytes.
func verifyStaged(ctx context.Context, in, out Source, o VerifyOptions, path string) (*Report, error) {
	compared := meanwhile(func() (struct{}, error) { return struct{}{}, samePrefix(ctx, in, out) })
	rep, err := Verify(ctx, out, o)
	if _, differs := compared(); differs != nil {
		return nil, &SaveError{Step: StepCompare, Path: path, Err: differs}
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSelfCheck, err)
	}
	return rep, nil
}

// samePrefix compares all bytes of in with the head of out.
func samePrefix(ctx context.Context, in, out Source) error {
	other := make([]byte, min(chunkSize, in.Size()))
	return inChunks(ctx, in, 0, nil, func(p chunk) error {
		there := other[:len(p.bytes)]
		if err := readFull(out, there, p.off); err != nil {
			return err
		}
		if !bytes.Equal(p.bytes, there) {
			return fmt.Errorf("output differs from the input near byte %d", p.off)
		}
		return nil
	})
}

// syncClose brings a staged file to the disk and closes it.
func syncClose(tmp *os.File) error {
	for _, step := range []func() error{tmp.Sync, tmp.Close} {
		if err := step(); err != nil {
			return &SaveError{Step: StepSync, Path: tmp.Name(), Err: err}
		}
	}
	return nil
}

func createTemp(dir string) (*os.File, error) {
	var id [8]byte
	if _, err := rand.Read(id[:]); err != nil {
		return nil, err
	}
	name := filepath.Join(dir, tempPrefix+hex.EncodeToString(id[:])+".tmp")
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, &SaveError{Step: StepCreate, Path: dir, Err: err}
	}
	return f, nil
}

// publish gives the staged file its final name without replacing anything.
func publish(tmp, dst string) error {
	err := renameNoReplace(tmp, dst)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, fs.ErrExist):
		return fmt.Errorf("%w: %s", ErrOutputExists, dst)
	default:
		return &SaveError{Step: StepRename, Path: dst, Err: err}
	}
}

// linkNoReplace is renameNoReplace for file systems without the system call: link fails where dst exists.
func linkNoReplace(tmp, dst string) error {
	if err := os.Link(tmp, dst); err != nil {
		return err
	}
	// dst is there whole; a temporary name that cannot be removed is listed by StaleTemps, it is no reason to report a failure.
	_ = os.Remove(tmp)
	return nil
}

// stepWriter says at which step a write failed, so that a full disk is not taken for a fault of the document.
type stepWriter struct {
	f     *os.File
	begun int // bytes since the disk was last set to work
}

// writebackEvery is how many bytes are written before the disk is set to work.
const writebackEvery = 8 << 20

func (w *stepWriter) Write(p []byte) (int, error) {
	n, err := w.f.Write(p)
	if err != nil {
		err = &SaveError{Step: StepWrite, Path: w.f.Name(), Err: err}
	}
	if w.begun += n; w.begun >= writebackEvery {
		w.begun = 0
		startWriteback(w.f)
	}
	return n, err
}

// File is a Source on a regular file, opened once; hashing, parsing and comparing read the same bytes.
type File struct {
	f    *os.File
	size int64
	mod  time.Time
}

// OpenFile opens a regular file for reading. Errors are those of the file system, and one where path is a folder, a pipe or a device.
func OpenFile(path string) (*File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("pdfseal: %s is not a regular file", path)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return &File{f: f, size: info.Size(), mod: info.ModTime()}, nil
}

// ReadAt implements Source.
func (f *File) ReadAt(p []byte, off int64) (int, error) { return f.f.ReadAt(p, off) }

// Size implements Source.
func (f *File) Size() int64 { return f.size }

// Close closes the file.
func (f *File) Close() error { return f.f.Close() }

// unchanged checks that size and modification time are what they were at opening.
func (f *File) unchanged() error {
	info, err := f.f.Stat()
	if err != nil {
		return err
	}
	if info.Size() != f.size || !info.ModTime().Equal(f.mod) {
		return ErrInputChanged
	}
	return nil
}

// Stale is a temporary file that a crash has left.
type Stale struct {
	Path string
	Age  time.Duration
}

// StaleTemps lists temporary files of AffixFile in dir that are older than age. Nothing is deleted: another process may own them.
// Errors are those of reading dir.
func StaleTemps(dir string, age time.Duration) ([]Stale, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var out []Stale
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), tempPrefix) || !strings.HasSuffix(e.Name(), ".tmp") {
			continue
		}
		if info, err := e.Info(); err == nil && time.Since(info.ModTime()) > age {
			out = append(out, Stale{Path: filepath.Join(dir, e.Name()), Age: time.Since(info.ModTime())})
		}
	}
	return out, nil
}
