package register

import (
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path"

	"sealdesk/pdfseal/internal/durable"
	"sealdesk/pdfseal/internal/lockfile"
)

// session shows other processes that this one is alive: a file that stays locked until the process ends, however it ends.
type session struct {
	name string
	file *os.File
}

func (r *Register) newSession() (*session, error) {
	for {
		s := &session{name: durable.RandomID()}
		var err error
		if s.file, err = r.root.OpenFile(s.path(), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600); err != nil {
			return nil, err
		}
		held, err := lockfile.Try(s.file)
		if err != nil {
			return nil, errors.Join(err, s.close(r.root))
		}
		if held && s.linked(r.root) {
			return s, nil
		}
		s.file.Close() // swept before it was locked
	}
}

func (s *session) path() string { return path.Join(sessionsName, s.name) }

// id is "" of a register that was closed.
func (s *session) id() string {
	if s == nil {
		return ""
	}
	return s.name
}

// linked tells whether the name still leads to the file that is locked.
func (s *session) linked(root *os.Root) bool {
	mine, err := s.file.Stat()
	if err != nil {
		return false
	}
	there, err := root.Lstat(s.path())
	return err == nil && os.SameFile(mine, there)
}

func (s *session) close(root *os.Root) error {
	// The name goes first: a locked file without a name is nobody's. Where an open file cannot be removed it goes after.
	first := root.Remove(s.path())
	err := s.file.Close()
	if first != nil && !errors.Is(first, fs.ErrNotExist) {
		if again := root.Remove(s.path()); !errors.Is(again, fs.ErrNotExist) {
			err = errors.Join(err, again)
		}
	}
	return err
}

// alive tells whether a process holds the session. A name that is none belongs to nobody.
func (r *Register) alive(id string) (bool, error) {
	if b, err := hex.DecodeString(id); err != nil || len(b) != 8 {
		return false, nil
	}
	f, err := r.openState(path.Join(sessionsName, id), os.O_RDWR)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer f.Close()
	held, err := lockfile.Try(f)
	return !held, err
}

// sweep removes the session files of processes that have ended.
func (r *Register) sweep() error {
	dir, err := r.root.Open(sessionsName)
	if err != nil {
		return err
	}
	names, err := dir.Readdirnames(-1)
	if err = errors.Join(err, dir.Close()); err != nil {
		return err
	}
	for _, id := range names {
		if id == r.session.id() {
			continue
		}
		if alive, err := r.alive(id); err != nil || alive {
			continue // another process sweeps it
		}
		if err := r.root.Remove(path.Join(sessionsName, id)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}
