package register

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"sealdesk/pdfseal/internal/durable"
)

// load brings the state up to the end of the file. The lock is held. Only what was added since the last time is read, unless the file
// is another one or its last record is not what it was.
func (r *Register) load() error {
	flags := os.O_RDONLY
	if !r.o.ReadOnly {
		flags = os.O_RDWR | os.O_CREATE
	}
	f, err := r.openState(recordsName, flags)
	if r.o.ReadOnly && errors.Is(err, fs.ErrNotExist) {
		r.st = newState()
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if r.st.info == nil && info.Size() == 0 && !r.o.ReadOnly {
		if err := durable.SyncDir(r.dir); err != nil { // the name of a new file
			return err
		}
	}
	if r.damage != nil || !r.st.continues(f, info) {
		r.st = newState()
	}
	r.st.info = info
	r.damage = nil
	return r.read(f, info.Size())
}

// continues tells whether the file still ends, or goes on, behind the last record that is known.
func (s *state) continues(f *os.File, info os.FileInfo) bool {
	if s.info == nil || !os.SameFile(s.info, info) || info.Size() < s.off {
		return false
	}
	if s.seq == 0 {
		return true
	}
	for l, err := range lines(f, s.last, s.off) {
		return err == nil && l.rec != nil && l.rec.intact() && l.rec.own == s.sum && l.end() == s.off
	}
	return false
}

// read takes the lines behind the state and compares the end with the head file and the checkpoints.
func (r *Register) read(f *os.File, size int64) error {
	h, known, err := r.readHead()
	if err != nil {
		known = false // unreadable: Check says so, the next record rewrites it
	}
	for l, err := range lines(f, r.st.off, size) {
		if err != nil {
			return err
		}
		if r.st.accept(l) {
			if known && r.st.seq == h.seq && r.st.sum != h.sum {
				return r.broken("record %d is not the one that was written", h.seq)
			}
			continue
		}
		if l.open || l.zero && l.end() == size {
			return r.endTorn(f, l.off, size, h, known)
		}
		return r.broken("line at byte %d does not follow record %d", l.off, r.st.seq)
	}
	return r.wantEnd(h, known)
}

// broken files why nothing can be appended; reading goes on.
func (r *Register) broken(format string, args ...any) error {
	r.damage = fmt.Errorf("%w: "+format, append([]any{ErrBroken}, args...)...)
	return nil
}

// wantEnd demands that the file reaches as far as the head file and the names of the checkpoints say.
func (r *Register) wantEnd(h head, known bool) error {
	signed, err := r.signedSize()
	if err != nil {
		return err
	}
	if known {
		signed = max(signed, h.seq)
	}
	if signed > r.st.seq {
		return r.broken("it ends at record %d, there was a record %d", r.st.seq, signed)
	}
	return nil
}

// endTorn handles an unfinished end: if nothing that was acknowledged is missing, it is set aside.
func (r *Register) endTorn(f *os.File, off, size int64, h head, known bool) error {
	if err := r.wantEnd(h, known); err != nil || r.damage != nil || r.o.ReadOnly {
		return err
	}
	e, err := r.setAside(f, off, size)
	if err != nil {
		return err
	}
	if err := f.Truncate(off); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	_, err = r.write(context.Background(), f, e)
	return err
}

// setAside copies the unfinished end into a file below torn/ and answers the record that tells of it.
func (r *Register) setAside(f *os.File, off, size int64) (Entry, error) {
	sum := newHash()
	if _, err := io.Copy(sum, io.NewSectionReader(f, off, size-off)); err != nil {
		return Entry{}, err
	}
	digest := hexOf([32]byte(sum.Sum(nil)))
	name := fmt.Sprintf("%012d-%s", off, digest[:16])
	e := Entry{Kind: KindTorn, File: name, After: digest, Size: size - off}
	out, err := r.openState(tornName+"/"+name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC)
	if err != nil {
		return e, err
	}
	_, err = io.Copy(out, io.NewSectionReader(f, off, size-off))
	if err = errors.Join(err, out.Sync(), out.Close()); err != nil {
		return e, err
	}
	return e, durable.SyncDir(filepath.Join(r.dir, tornName))
}
