package register

import (
	"cmp"
	"context"
	"errors"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/internal/lockfile"
)

func newHash() hash.Hash { return gm.NewSM3() }

// Fate is what became of an entry that was begun and not finished.
type Fate string

// The fates.
const (
	FateThere   Fate = "there"   // the sealed file stands under its name with the recorded digest
	FateAbsent  Fate = "absent"  // its folder is there, the file is not: it did not appear, or was moved since
	FateOther   Fate = "other"   // another file stands under its name
	FateUnknown Fate = "unknown" // it cannot be told now: the folder is not there, or the file cannot be read
)

// Decide tells from the disk what became of an entry of kind signing or intended. A file that was lengthened since, as by a receipt,
// counts by its recorded length. The error is that of ctx.
func Decide(ctx context.Context, e Entry) (Fate, error) {
	if e.Kind == KindSigning || e.Output == "" {
		return FateAbsent, ctx.Err() // nothing had a name yet
	}
	path := e.OutputPath()
	st, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if dir, err := os.Stat(filepath.Dir(path)); err != nil || !dir.IsDir() {
			return FateUnknown, ctx.Err()
		}
		return FateAbsent, ctx.Err()
	case err != nil:
		return FateUnknown, ctx.Err()
	case !st.Mode().IsRegular() || st.Size() < e.Size || e.Size < 1:
		return FateOther, ctx.Err()
	}
	sum, err := digestFile(ctx, path, e.Size)
	switch {
	case ctx.Err() != nil:
		return FateUnknown, ctx.Err()
	case err != nil:
		return FateUnknown, nil
	case hexOf(sum) != e.After:
		return FateOther, nil
	}
	return FateThere, nil
}

// digestFile is the SM3 digest of the first n bytes.
func digestFile(ctx context.Context, path string, n int64) (sum [32]byte, err error) {
	f, err := os.Open(path)
	if err != nil {
		return sum, err
	}
	defer f.Close()
	h := newHash()
	for n > 0 {
		if err := ctx.Err(); err != nil {
			return sum, err
		}
		done, err := io.CopyN(h, f, min(n, 1<<20))
		if err != nil {
			return sum, err
		}
		n -= done
	}
	return [32]byte(h.Sum(nil)), nil
}

// Pending returns the entries of kind signing and intended that neither this process nor another one that is alive is at work on, and
// that were not finished, oldest first.
func (r *Register) Pending(ctx context.Context) ([]Entry, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []Entry
	err := r.locked(ctx, func() error {
		if err := r.load(); err != nil {
			return err
		}
		for _, e := range r.st.pending {
			if r.session != nil && e.Session == r.session.id() {
				continue
			}
			if alive, err := r.alive(e.Session); err != nil || alive {
				continue
			}
			out = append(out, e)
		}
		return nil
	})
	slices.SortFunc(out, func(a, b Entry) int { return cmp.Compare(a.Seq, b.Seq) })
	return out, r.fault("read", err)
}

// The text keys of entries that Settle closes.
const (
	KeyInterrupted = "register.interrupted" // the program ended before the file appeared
	KeyOtherFile   = "register.other_file"  // another file stands under the name
)

// Settled is an entry that Settle has closed, or could not.
type Settled struct {
	Entry       // as it was begun
	Fate   Fate // unknown: left pending
	Closed Entry
}

// Settle closes what a crash has left: entries of Pending become done where the sealed file is there, failed where it is not, and stay
// where that cannot be told. It is to be called before sealing begins; of a broken register it answers ErrBroken. Where another process
// is settling at this moment, it answers nothing.
func (r *Register) Settle(ctx context.Context) ([]Settled, error) {
	if r.o.ReadOnly {
		return nil, r.fault("settle", ErrReadOnly)
	}
	lock, err := r.openState(settleName, os.O_RDWR|os.O_CREATE)
	if err != nil {
		return nil, r.fault("settle", err)
	}
	defer lock.Close()
	if held, err := lockfile.Try(lock); err != nil || !held {
		return nil, r.fault("settle", err)
	}
	pending, err := r.Pending(ctx)
	if err == nil {
		err = r.Broken()
	}
	if err != nil {
		return nil, err
	}
	out := make([]Settled, 0, len(pending))
	for _, e := range pending {
		s, err := r.settle(ctx, e)
		if err != nil {
			return out, r.fault("settle", err)
		}
		out = append(out, s)
	}
	return out, r.fault("settle", r.sweep())
}

func (r *Register) settle(ctx context.Context, e Entry) (Settled, error) {
	s := Settled{Entry: e}
	var err error
	if s.Fate, err = Decide(ctx, e); err != nil {
		return s, err
	}
	end := Entry{Kind: KindFailed, Ref: e.Seq, File: e.File}
	switch s.Fate {
	case FateUnknown:
		return s, nil
	case FateThere:
		end.Kind, end.Result, end.After, end.Size = KindDone, ResultRecovered, e.After, e.Size
	case FateOther:
		end.ErrorKey = KeyOtherFile
	default:
		end.ErrorKey = KeyInterrupted
	}
	s.Closed, err = r.Append(ctx, end)
	return s, err
}
