package register

import "slices"

// checker gathers what Check needs of every line.
type checker struct {
	rep      *Report
	lines    []mark
	head     head
	headErr  error // why head is not known
	others   []statement
	anchors  map[anchor]bool // what head and others say
	byID     map[int64]*mark // intact records in their place, after chain
	last     int64           // largest number among them
	recorded []Entry         // checkpoint records
	good     []int64         // sizes of checkpoints that agree
	bad      []int64         // sizes of checkpoints that do not
}

// mark is a line without its content.
type mark struct {
	line, off       int64
	id              int64 // number of the record, as the line says or as its neighbours tell; 0 unknown
	prev, said, own [32]byte
	state           lineState
	clock           bool  // a record of kind clock
	time            int64 // milliseconds
}

type lineState int

const (
	intact lineState = iota
	changed
	unreadable
	inserted
	moved
)

func (c *checker) take(l line) bool {
	m := mark{line: int64(len(c.lines) + 1), off: l.off}
	switch {
	case l.open:
		c.rep.add(Finding{Code: CodeTorn, Line: m.line, Offset: l.off})
		return true
	case l.rec == nil:
		m.state = unreadable
	default:
		m.prev, m.said, m.own, m.id = l.rec.prev, l.rec.said, l.rec.own, l.rec.Seq
		m.time, m.clock = l.rec.Time.UnixMilli(), l.rec.Kind == KindClock
		if !l.rec.intact() {
			m.state = changed
			break
		}
		c.rep.Records++
		c.special(l.rec.Entry, m)
	}
	c.lines = append(c.lines, m)
	return true
}

// special notes records about the register itself.
func (c *checker) special(e Entry, m mark) {
	switch e.Kind {
	case KindCheckpoint:
		c.recorded = append(c.recorded, e)
	case KindClock:
		c.rep.add(Finding{Code: CodeClockBack, Seq: e.Seq, Line: m.line, Offset: m.off, Detail: e.Result})
	case KindTorn:
		c.rep.add(Finding{Code: CodeTorn, Seq: e.Seq, Line: m.line, Offset: m.off, Detail: e.File})
	}
	c.rep.Head, c.rep.Last = e.SM3, e.Time
}

// chain finds where the lines do not follow each other.
func (c *checker) chain() {
	if !c.follows() {
		c.locate()
	}
	c.byID = map[int64]*mark{}
	for i := range c.lines {
		m := &c.lines[i]
		if m.state == intact || m.state == moved {
			c.byID[m.id] = m
			c.last = max(c.last, m.id)
		}
		if m.state == changed || m.state == unreadable {
			c.last = max(c.last, m.id)
		}
	}
	c.clocks()
}

// follows is the plain walk: all intact, numbered, linked.
func (c *checker) follows() bool {
	var prev [32]byte
	for i := range c.lines {
		m := &c.lines[i]
		if m.state != intact || m.id != int64(i+1) || m.prev != prev {
			return false
		}
		prev = m.own
	}
	return true
}

// clocks finds a time that goes back although no record tells of it.
func (c *checker) clocks() {
	for i := 1; i < len(c.lines); i++ {
		a, b := &c.lines[i-1], &c.lines[i]
		if a.state == intact && b.state == intact && !b.clock && b.time < a.time-clockTolerance.Milliseconds() {
			c.rep.add(Finding{Code: CodeClock, Seq: b.id, Line: b.line, Offset: b.off})
		}
	}
}

// compareHead compares the end with the head file.
func (c *checker) compareHead() {
	h := c.head
	switch m := c.byID[h.seq]; {
	case c.headErr != nil:
		if len(c.lines) > 0 {
			c.rep.add(Finding{Code: CodeHead})
		}
	case h.seq > c.last:
		c.rep.add(Finding{Code: CodeCut, Seq: c.last + 1, To: h.seq})
	case m != nil && m.said != h.sum && !c.found(CodeChanged, h.seq):
		c.rep.add(Finding{Code: CodeChanged, Seq: h.seq, Line: m.line, Offset: m.off})
	}
}

func (c *checker) found(code Code, seq int64) bool {
	return slices.ContainsFunc(c.rep.Findings, func(f Finding) bool { return f.Code == code && f.Seq == seq })
}

// statement is a checkpoint and where it came from.
type statement struct {
	*SignedCheckpoint        // nil: unreadable
	name              string // for people
	beside            bool   // kept with the register
}

// hear takes a checkpoint before the lines are judged.
func (c *checker) hear(der []byte, name string, beside bool) {
	s := statement{name: name, beside: beside}
	if parsed, err := ParseCheckpoint(der); err == nil {
		s.SignedCheckpoint = parsed
		if sum, err := digest(parsed.Head); err == nil {
			c.anchors[anchor{parsed.Size, sum}] = true
		}
	}
	c.others = append(c.others, s)
}

// compareCheckpoint compares one checkpoint with the records.
func (c *checker) compareCheckpoint(s statement, trusted func([]byte) error) {
	if s.SignedCheckpoint == nil {
		c.rep.add(Finding{Code: CodeCheckpointBad, Detail: s.name})
		return
	}
	if trusted != nil {
		if err := trusted(s.SignerCert); err != nil {
			c.rep.add(Finding{Code: CodeCheckpointSigner, Seq: s.Size, Detail: s.name})
		}
	}
	m, first := c.byID[s.Size], c.byID[1]
	switch {
	case !s.beside && first != nil && hexOf(first.said) != s.Register:
		c.rep.add(Finding{Code: CodeCheckpointForeign, Seq: s.Size, Detail: s.name})
	case s.Size > c.last:
		if !c.covers(s.Size) {
			c.rep.add(Finding{Code: CodeCut, Seq: c.last + 1, To: s.Size, Detail: s.name})
		}
	case m == nil: // the record is named by another finding
	case hexOf(m.said) != s.Head:
		c.bad = append(c.bad, s.Size)
	default:
		c.good = append(c.good, s.Size)
		if s.Size > c.rep.Protected {
			c.rep.Protected, c.rep.Signed = s.Size, s.Time
		}
	}
}

// covers tells whether a missing end up to size has been found already.
func (c *checker) covers(size int64) bool {
	return slices.ContainsFunc(c.rep.Findings, func(f Finding) bool { return f.Code == CodeCut && f.To >= size })
}

// rewritten turns the checkpoints that do not agree into the range of records that was written anew.
func (c *checker) rewritten() {
	if len(c.bad) == 0 {
		return
	}
	from, to := int64(1), slices.Min(c.bad)
	for _, size := range c.good {
		if size < to {
			from = max(from, size+1)
		}
	}
	c.rep.add(Finding{Code: CodeRewritten, Seq: from, To: to})
}
