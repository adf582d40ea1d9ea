package register

import (
	"context"
	"fmt"
	"path"
	"time"

	"sealdesk/pdfseal/gm"
)

// Finding is something that Check has found, with its place.
type Finding struct {
	Code   Code   `json:"code"`
	Damage bool   `json:"damage"`         // false: worth knowing, the register hangs together
	Seq    int64  `json:"seq,omitempty"`  // number of the record, the first of several
	To     int64  `json:"to,omitempty"`   // the last of several
	Line   int64  `json:"line,omitempty"` // of the file, from 1
	Offset int64  `json:"offset"`         // where that line begins, bytes
	Detail string `json:"detail,omitempty"`
}

// Code names a finding; Codes lists all of them.
type Code string

// The codes. The first group is damage.
const (
	CodeChanged           Code = "changed"            // the record is not what was written
	CodeUnreadable        Code = "unreadable"         // the line is no record
	CodeInserted          Code = "inserted"           // the line was not written there
	CodeMissing           Code = "missing"            // the records Seq to To are not there
	CodeMoved             Code = "moved"              // the record stands at another place
	CodeCut               Code = "cut"                // the end is missing: the records Seq to To
	CodeRewritten         Code = "rewritten"          // Seq to To hang together but are not what a checkpoint signed
	CodeUnlinked          Code = "unlinked"           // the record does not follow the one before it
	CodeClock             Code = "clock_unrecorded"   // the time goes back without a record of it
	CodeCheckpointBad     Code = "checkpoint_bad"     // a checkpoint cannot be read or its signature is wrong
	CodeCheckpointForeign Code = "checkpoint_foreign" // a checkpoint of another register
	CodeCheckpointMissing Code = "checkpoint_missing" // a checkpoint that the register records is not there

	CodeTorn             Code = "torn"                 // an unfinished end, or one that was set aside
	CodeClockBack        Code = "clock_back"           // the clock had gone back
	CodeHead             Code = "head_bad"             // the head file is missing or unreadable
	CodeCheckpointSigner Code = "checkpoint_untrusted" // the signer of a checkpoint is not trusted
	CodePending          Code = "pending"              // a use that was begun and not finished
)

// Codes lists every code, for the catalogues.
func Codes() []Code {
	return []Code{CodeChanged, CodeUnreadable, CodeInserted, CodeMissing, CodeMoved, CodeCut, CodeRewritten, CodeUnlinked, CodeClock,
		CodeCheckpointBad, CodeCheckpointForeign, CodeCheckpointMissing, CodeTorn, CodeClockBack, CodeHead, CodeCheckpointSigner, CodePending}
}

func (c Code) damage() bool {
	switch c {
	case CodeTorn, CodeClockBack, CodeHead, CodeCheckpointSigner, CodePending:
		return false
	}
	return true
}

// CheckOptions says with what a register is compared. The zero value compares it with itself and the checkpoints kept beside it.
type CheckOptions struct {
	Checkpoints [][]byte                // DER, kept elsewhere: by the centre, in an export
	Trusted     func(cert []byte) error // judges the signer of a checkpoint; nil: not judged
}

// Report is the result of Check.
type Report struct {
	Records   int64     `json:"records"`   // lines that are intact records
	Head      string    `json:"head"`      // digest of the last record
	Last      time.Time `json:"last"`      // time of the last record
	Protected int64     `json:"protected"` // records up to the largest checkpoint that agrees
	Signed    time.Time `json:"signed"`    // time of that checkpoint
	Findings  []Finding `json:"findings"`
}

// Damaged tells whether a finding is damage.
func (r *Report) Damaged() bool {
	for _, f := range r.Findings {
		if f.Damage {
			return true
		}
	}
	return false
}

// Err is nil, or wraps ErrBroken where the register is damaged.
func (r *Report) Err() error {
	for _, f := range r.Findings {
		if f.Damage {
			return fmt.Errorf("%w: %s, record %d, line %d", ErrBroken, f.Code, f.Seq, f.Line)
		}
	}
	return nil
}

func (r *Report) add(f Finding) {
	f.Damage = f.Code.damage()
	r.Findings = append(r.Findings, f)
}

// Check walks the chain from end to end and compares it with the head file and the checkpoints: a record that was deleted, changed,
// inserted, moved or cut off is found and located. Damage is in the report, not an error.
func (r *Register) Check(ctx context.Context, o CheckOptions) (*Report, error) {
	rep := &Report{Findings: []Finding{}}
	c := &checker{rep: rep, anchors: map[anchor]bool{}}
	s, err := r.snapshot(ctx)
	if err != nil {
		return nil, r.fault("read", err)
	}
	defer s.close()
	if err := s.each(ctx, c.take); err != nil {
		return nil, r.fault("read", err)
	}
	r.witnesses(c, s, o)
	c.chain()
	c.compareHead()
	for _, s := range c.others {
		c.compareCheckpoint(s, o.Trusted)
	}
	c.rewritten()
	pending, err := r.Pending(ctx)
	if err != nil {
		return nil, err
	}
	for _, e := range pending {
		rep.add(Finding{Code: CodePending, Seq: e.Seq, Detail: e.File})
	}
	return rep, nil
}

// witnesses gathers what is known of the register besides the records: the head file and the checkpoints. It looks for the
// checkpoints that the register records.
func (r *Register) witnesses(c *checker, s *snapshot, o CheckOptions) {
	c.head, c.headErr = s.head, s.headErr
	if s.headErr == nil {
		c.anchors[anchor(s.head)] = true
	}
	have := map[string]bool{}
	for _, n := range s.checkpoints {
		der, err := r.readSmall(path.Join(checkpointsName, n), maxCheckpoint)
		if err == nil {
			have[hexOf(gm.SM3(der))] = true
		}
		c.hear(der, n, true)
	}
	for i, der := range o.Checkpoints {
		c.hear(der, fmt.Sprintf("#%d", i+1), false)
	}
	for _, e := range c.recorded {
		if !have[e.After] {
			c.rep.add(Finding{Code: CodeCheckpointMissing, Seq: e.Seq, To: e.Ref})
		}
	}
}
