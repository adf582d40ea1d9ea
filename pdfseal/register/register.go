package register

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"sealdesk/pdfseal/internal/durable"
	"sealdesk/pdfseal/internal/lockfile"
)

// The names in the folder of a register.
const (
	recordsName     = "register.jsonl"
	headName        = "head"
	lockName        = "lock"
	settleName      = "settle.lock"
	checkpointsName = "checkpoints"
	tornName        = "torn"
	sessionsName    = "sessions"
	// QueueName is the folder below that of the register in which receipts still to be fetched wait.
	QueueName = "queue"
)

// Options says how a register is opened. The zero value opens it for writing with the system's clock.
type Options struct {
	Now      func() time.Time // nil: time.Now
	ReadOnly bool             // nothing is created, repaired or appended
	Wait     time.Duration    // how long to wait for another process; 0: 15 seconds
}

// defaultWait is far longer than any process holds the lock.
const defaultWait = 15 * time.Second

// Register is an open register. It is safe for concurrent use, also by several processes.
type Register struct {
	dir  string
	root *os.Root
	o    Options

	mu      sync.Mutex
	st      *state
	damage  error // why nothing is appended
	session *session
}

// Open opens the register in dir and reads it once from end to end. Unless ReadOnly is set, the folder is made where it does not exist
// (0700), and the end of a record that a crash has left is set aside. A register that does not hang together opens too, for Check and
// Entries; Broken and Append say so. Errors are *Error; of a register that does not exist and was opened for reading only it wraps
// fs.ErrNotExist.
func Open(dir string, o Options) (*Register, error) {
	r := &Register{dir: dir, o: o, st: newState()}
	if r.o.Now == nil {
		r.o.Now = time.Now
	}
	if r.o.Wait <= 0 {
		r.o.Wait = defaultWait
	}
	if err := r.open(); err != nil {
		return nil, errors.Join(r.fault("open", err), r.Close())
	}
	return r, nil
}

func (r *Register) open() error {
	if !r.o.ReadOnly {
		if err := makeDir(r.dir); err != nil {
			return err
		}
	}
	var err error
	if r.root, err = os.OpenRoot(r.dir); err != nil {
		return err
	}
	if !r.o.ReadOnly {
		if err := r.furnish(); err != nil {
			return err
		}
	}
	return r.locked(context.Background(), r.load)
}

// makeDir makes the folder of the register and its parents durable.
func makeDir(dir string) error {
	if st, err := os.Stat(dir); err == nil && st.IsDir() {
		return nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	return durable.SyncDir(filepath.Dir(dir))
}

// furnish makes what a writing process needs: the folders and its session.
func (r *Register) furnish() error {
	for _, name := range []string{checkpointsName, tornName, sessionsName} {
		if err := r.root.Mkdir(name, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	var err error
	r.session, err = r.newSession()
	return err
}

// Dir returns the folder of the register.
func (r *Register) Dir() string { return r.dir }

// Broken returns an error that wraps ErrBroken if the register did not hang together when it was last read.
func (r *Register) Broken() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.fault("open", r.damage)
}

// Close ends the session of this process. Records that are not finished are left to Settle.
func (r *Register) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	var errs []error
	if r.session != nil {
		errs = append(errs, r.session.close(r.root))
		r.session = nil
	}
	if r.root != nil {
		errs = append(errs, r.root.Close())
		r.root = nil
	}
	return errors.Join(errs...)
}

// locked runs f while no other process reads or writes the end of the register.
func (r *Register) locked(ctx context.Context, f func() error) error {
	if r.root == nil {
		return fs.ErrClosed
	}
	lock, err := r.openState(lockName, r.lockFlags())
	switch {
	case err == nil:
	case r.o.ReadOnly && (errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission)):
		return f() // a copy, or a medium that cannot be written: nobody writes it
	default:
		return err
	}
	defer lock.Close()
	limit, cancel := context.WithTimeout(ctx, r.o.Wait)
	defer cancel()
	if err := lockfile.Lock(limit, lock); err != nil {
		if ctx.Err() == nil && limit.Err() != nil {
			return ErrBusy
		}
		return err
	}
	return f()
}

func (r *Register) lockFlags() int {
	if r.o.ReadOnly {
		return os.O_RDONLY
	}
	return os.O_RDWR | os.O_CREATE
}

// openState opens a file of the register, which must be a regular one: a link could lead a write astray (rule W10).
func (r *Register) openState(name string, flags int) (*os.File, error) {
	if r.root == nil {
		return nil, fs.ErrClosed
	}
	if st, err := r.root.Lstat(name); err == nil && !st.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file", name)
	}
	return r.root.OpenFile(name, flags, 0o600)
}

// readSmall reads a file of the register that must not be longer than limit.
func (r *Register) readSmall(name string, limit int64) ([]byte, error) {
	f, err := r.openState(name, os.O_RDONLY)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(b)) > limit {
		err = fmt.Errorf("%s is longer than %d bytes", name, limit)
	}
	return b, err
}
