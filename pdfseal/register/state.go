package register

import (
	"os"
	"time"
)

// state is what a process knows of the register from reading it up to a point.
type state struct {
	info    os.FileInfo // of the file that was read
	last    int64       // where the last record begins
	off     int64       // where it ends
	seq     int64
	sum     [32]byte  // digest of the last record
	time    time.Time // of the last record
	pending map[int64]Entry
	genesis string // digest of the first record
}

func newState() *state { return &state{pending: map[int64]Entry{}} }

// clockTolerance is how far the clock may go back between two records before it is recorded: what a time service corrects.
const clockTolerance = time.Second

// accept takes the next line if it follows; ok is false where it does not.
func (s *state) accept(l line) (ok bool) {
	r := l.rec
	if r == nil || !r.intact() || r.Seq != s.seq+1 || r.prev != s.sum || (r.Prev == "") != (r.Seq == 1) {
		return false
	}
	if r.Kind != KindClock && r.Time.Before(s.time.Add(-clockTolerance)) {
		return false
	}
	s.seq, s.sum, s.time, s.last, s.off = r.Seq, r.own, r.Time, l.off, l.end()
	if s.seq == 1 {
		s.genesis = r.SM3
	}
	s.note(r.Entry)
	return true
}

// note keeps what is not finished yet.
func (s *state) note(e Entry) {
	switch e.Kind {
	case KindSigning:
		s.pending[e.Seq] = e
	case KindIntended:
		delete(s.pending, e.Ref)
		s.pending[e.Seq] = e
	case KindDone, KindFailed, KindRefused:
		delete(s.pending, e.Ref)
	}
}
