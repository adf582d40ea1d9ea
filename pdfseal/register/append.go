package register

import (
	"context"
	"errors"
	"os"
	"time"
)

// Append adds an entry and answers it as recorded, with its number, time and digest. When it answers without error the record is on
// the disk; after an error it is not part of the register. Two processes may append at once. If the clock has gone back since the last
// record, a record of kind clock stands before the entry. Errors are *Error, wrapping ErrBroken, ErrBusy, ErrReadOnly, ErrEntry, or
// what the file system answered.
func (r *Register) Append(ctx context.Context, e Entry) (Entry, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.o.ReadOnly {
		return Entry{}, r.fault("append", ErrReadOnly)
	}
	if e.Kind == KindSigning || e.Kind == KindIntended {
		e.Session = r.session.id()
	}
	var done Entry
	err := r.locked(ctx, func() error {
		f, err := r.current()
		if err != nil {
			return err
		}
		defer f.Close()
		done, err = r.write(ctx, f, e)
		return err
	})
	return done, r.fault("append", err)
}

// current opens the file of records after reading what others have added.
func (r *Register) current() (*os.File, error) {
	if err := r.load(); err != nil {
		return nil, err
	}
	if r.damage != nil {
		return nil, r.damage
	}
	return r.openState(recordsName, os.O_RDWR)
}

// write adds e behind the state. The lock is held and the state is that of the file.
func (r *Register) write(ctx context.Context, f *os.File, e Entry) (Entry, error) {
	if err := ctx.Err(); err != nil {
		return Entry{}, err
	}
	now := r.o.Now().UTC().Truncate(time.Millisecond)
	list := []Entry{e}
	if r.st.seq > 0 && now.Before(r.st.time.Add(-clockTolerance)) {
		list = []Entry{{Kind: KindClock, Result: r.st.time.Format(time.RFC3339Nano)}, e}
	}
	next := *r.st
	var buf []byte
	for i := range list {
		list[i] = list[i].tidy(next.seq+1, now, next.sum)
		text, sum, err := encode(list[i])
		if err == nil {
			_, err = decode(text[:len(text)-1]) // what cannot be read back must not be written
		}
		if err != nil {
			return Entry{}, errors.Join(ErrEntry, err)
		}
		list[i].SM3 = hexOf(sum)
		next.seq, next.sum, next.time, next.last = next.seq+1, sum, now, r.st.off+int64(len(buf))
		buf = append(buf, text...)
	}
	next.off += int64(len(buf))
	if err := r.store(f, buf); err != nil {
		return Entry{}, err
	}
	for _, done := range list {
		if done.Seq == 1 {
			next.genesis = done.SM3
		}
		next.note(done)
	}
	*r.st = next
	// The record is on the disk: a head file that cannot follow is no reason to deny it, the next record brings it up.
	_ = r.writeHead(head{seq: next.seq, sum: next.sum})
	return list[len(list)-1], nil
}

// store writes whole lines at the end and syncs them. What an error has left of them is cut off again; where that fails too it is an
// unfinished end or records that nobody was promised.
func (r *Register) store(f *os.File, b []byte) error {
	_, err := f.WriteAt(b, r.st.off)
	if err == nil {
		err = f.Sync()
	}
	if err != nil {
		return errors.Join(err, f.Truncate(r.st.off))
	}
	return nil
}
