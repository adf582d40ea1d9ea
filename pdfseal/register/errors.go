package register

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
)

// Situations in which nothing is recorded. They are matched with errors.Is.
var (
	// ErrBroken says that the register does not hang together; Check tells where. Nothing is appended to it.
	ErrBroken = errors.New("register: broken")
	// ErrReadOnly says that the register was opened for reading.
	ErrReadOnly = errors.New("register: opened for reading only")
	// ErrBusy says that another process held the lock for too long.
	ErrBusy = errors.New("register: locked by another process")
	// ErrEntry says that an entry cannot be recorded as it is.
	ErrEntry = errors.New("register: unusable entry")
)

// Error is a register that cannot be read or written.
type Error struct {
	Op  string // "open", "read", "append", "settle", "checkpoint"
	Dir string
	Err error
}

func (e *Error) Error() string { return fmt.Sprintf("register: %s: %v", e.Op, e.Err) }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Situation names the message for the user: the register is broken, busy, not there, or its folder does not take the record; or the
// user has cancelled.
func (e *Error) Situation() (key string, data map[string]string) {
	key = "register.unusable"
	switch {
	case errors.Is(e.Err, context.Canceled):
		key = "cancelled"
	case errors.Is(e.Err, ErrBroken):
		key = "register.broken"
	case errors.Is(e.Err, ErrBusy):
		key = "register.busy"
	case e.Op == "open" && errors.Is(e.Err, fs.ErrNotExist):
		key = "register.missing"
	}
	return key, map[string]string{"Path": e.Dir, "Detail": e.Err.Error()}
}

func (r *Register) fault(op string, err error) error {
	if err == nil {
		return nil
	}
	var e *Error
	if errors.As(err, &e) {
		return err
	}
	return &Error{Op: op, Dir: r.dir, Err: err}
}
