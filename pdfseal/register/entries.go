package register

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"slices"
	"time"
)

// Entries reads the records in the order of the file, up to where it ended when the call was made. A line that is no intact record is
// answered as an error that wraps ErrBroken, and reading goes on; any other error ends the sequence. Entries does not check the chain.
func (r *Register) Entries(ctx context.Context) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		number := 0
		err := r.each(ctx, func(l line) bool {
			number++
			if l.rec == nil || !l.rec.intact() {
				return yield(Entry{}, fmt.Errorf("%w: line %d", ErrBroken, number))
			}
			return yield(l.rec.Entry, nil)
		})
		if err != nil {
			yield(Entry{}, r.fault("read", err))
		}
	}
}

// each calls f for every line until it answers false.
func (r *Register) each(ctx context.Context, f func(l line) bool) error {
	s, err := r.snapshot(ctx)
	if err != nil {
		return err
	}
	defer s.close()
	return s.each(ctx, f)
}

// snapshot is the register at a moment at which nobody was writing.
type snapshot struct {
	file        *os.File // nil: there are no records
	size        int64
	head        head
	headErr     error // why head is not known
	checkpoints []string
}

func (r *Register) snapshot(ctx context.Context) (*snapshot, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := &snapshot{}
	return s, r.locked(ctx, func() error {
		f, err := r.openState(recordsName, os.O_RDONLY)
		if errors.Is(err, fs.ErrNotExist) {
			err, f = nil, nil
		}
		if err != nil {
			return err
		}
		s.file = f
		if f != nil {
			st, err := f.Stat()
			if err != nil {
				return errors.Join(err, f.Close())
			}
			s.size = st.Size()
		}
		var known bool
		if s.head, known, s.headErr = r.readHead(); s.headErr == nil && !known {
			s.headErr = fs.ErrNotExist
		}
		if s.checkpoints, err = r.checkpointNames(); err != nil {
			s.close()
		}
		return err
	})
}

func (s *snapshot) close() {
	if s.file != nil {
		s.file.Close() // opened for reading only
	}
}

// each calls f for every line until it answers false.
func (s *snapshot) each(ctx context.Context, f func(l line) bool) error {
	if s.file == nil {
		return nil
	}
	for l, err := range lines(s.file, 0, s.size) {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
		if !f(l) {
			return nil
		}
	}
	return nil
}

// Use is one use of a seal put together from its records.
type Use struct {
	Entry              // the fullest of its records; Seq and Time are those of the first
	Outcome  Kind      `json:"outcome"`           // done, refused or failed; signing or intended: not finished
	Finished time.Time `json:"finished,omitzero"` // of the record that ended it; zero where there is none
}

// Uses puts the records of each use together, in the order in which the uses began. Records about the register itself are left out.
// damaged counts the lines that could not be read.
func (r *Register) Uses(ctx context.Context) (uses []Use, damaged int, err error) {
	index := map[int64]int{} // number of a record → use
	for e, err := range r.Entries(ctx) {
		if errors.Is(err, ErrBroken) {
			damaged++
			continue
		}
		if err != nil {
			return nil, damaged, err
		}
		if slices.Contains([]Kind{KindCheckpoint, KindClock, KindTorn}, e.Kind) {
			continue
		}
		at, known := index[e.Ref]
		if e.Ref == 0 || !known {
			at = len(uses)
			uses = append(uses, Use{Entry: Entry{Seq: e.Seq, Time: e.Time}})
		}
		index[e.Seq] = at
		uses[at].add(e)
	}
	return uses, damaged, nil
}

// add takes what a later record of the use says.
func (u *Use) add(e Entry) {
	seq, begun := u.Seq, u.Time
	switch e.Kind {
	case KindReceipt:
		u.Receipt = e.Receipt
	case KindDone, KindFailed, KindRefused:
		u.Outcome, u.Finished = e.Kind, e.Time
		if e.Seq == seq {
			u.Entry = e
			break
		}
		u.Result, u.ErrorKey, u.ErrorData, u.Findings = e.Result, e.ErrorKey, e.ErrorData, e.Findings
		if e.Receipt != "" {
			u.Receipt = e.Receipt
		}
	default:
		u.Entry, u.Outcome = e, e.Kind
	}
	u.Seq, u.Time = seq, begun
}
