package register

import (
	"cmp"
	"slices"
)

// anchor is a record that is known from elsewhere: from the head file or a checkpoint.
type anchor struct {
	seq int64
	sum [32]byte
}

// links is an index of the intact lines by what they refer to.
type links struct {
	anchors map[anchor]bool
	bySum   map[[32]byte][]*mark // by the digest of the record
	byPrev  map[[32]byte][]*mark // by the digest that the record names as the one before
}

func (c *checker) links() links {
	x := links{anchors: c.anchors, bySum: map[[32]byte][]*mark{}, byPrev: map[[32]byte][]*mark{}}
	for i := range c.lines {
		if m := &c.lines[i]; m.state == intact {
			x.bySum[m.said] = append(x.bySum[m.said], m)
			x.byPrev[m.prev] = append(x.byPrev[m.prev], m)
		}
	}
	return x
}

// back tells whether the record before m is there as m knows it; the first record needs none.
func (x links) back(m *mark) bool {
	if m.id == 1 {
		return m.prev == [32]byte{}
	}
	return slices.ContainsFunc(x.bySum[m.prev], func(o *mark) bool { return o.id == m.id-1 })
}

// forth tells whether the record after m is there and knows m, or m is known from elsewhere.
func (x links) forth(m *mark) bool {
	return x.anchors[anchor{m.id, m.said}] || slices.ContainsFunc(x.byPrev[m.said], func(o *mark) bool { return o.id == m.id+1 })
}

// locate finds out which lines are at fault. Records are recognised by their numbers and by who refers to whom.
func (c *checker) locate() {
	before := len(c.rep.Findings)
	x := c.links()
	c.identify(x)
	c.doubles(x)
	c.strangers(x)
	c.order()
	for i := range c.lines {
		m := &c.lines[i]
		if code, bad := map[lineState]Code{changed: CodeChanged, unreadable: CodeUnreadable, inserted: CodeInserted, moved: CodeMoved}[m.state]; bad {
			c.rep.add(Finding{Code: code, Seq: m.id, Line: m.line, Offset: m.off})
		}
	}
	c.gaps()
	c.breaks(x)
	if len(c.rep.Findings) == before {
		c.rep.add(Finding{Code: CodeUnlinked, Seq: 1, To: int64(len(c.lines)), Line: 1})
	}
}

// identify tells the numbers of lines whose own cannot be believed: by the record that refers to them, else by their place.
func (c *checker) identify(x links) {
	for i := range c.lines {
		m := &c.lines[i]
		if m.state == intact {
			continue
		}
		m.id = 0
		if m.state == changed {
			for _, sum := range [][32]byte{m.said, m.own} {
				if next := x.byPrev[sum]; len(next) > 0 {
					m.id = next[0].id - 1
				}
			}
		}
		if m.id == 0 {
			m.id = 1
			if i > 0 {
				m.id = c.lines[i-1].id + 1
			}
		}
	}
}

// doubles leaves one line for each number: the one that is linked best and stands in its place.
func (c *checker) doubles(x links) {
	best := map[int64]int{}
	for i := range c.lines {
		m := &c.lines[i]
		if m.state == unreadable {
			continue
		}
		other, taken := best[m.id]
		switch {
		case !taken:
			best[m.id] = i
		case c.score(x, i) > c.score(x, other):
			c.lines[other].state = inserted
			best[m.id] = i
		default:
			m.state = inserted
		}
	}
	for i := range c.lines { // a line that is no record stands for a record only where that is not there
		if m := &c.lines[i]; m.state == unreadable {
			if _, taken := best[m.id]; taken {
				m.state = inserted
			} else {
				best[m.id] = i
			}
		}
	}
}

func (c *checker) score(x links, i int) int {
	m, score := &c.lines[i], 0
	if m.state == intact {
		score++
	}
	if x.back(m) {
		score += 4
	}
	if x.forth(m) {
		score += 4
	}
	if i > 0 && c.lines[i-1].id == m.id-1 || i == 0 && m.id == 1 {
		score++
	}
	if i+1 < len(c.lines) && c.lines[i+1].id == m.id+1 {
		score++
	}
	return score
}

// strangers finds records that nobody knows and whose number does not fit their place.
func (c *checker) strangers(x links) {
	known := make([]int64, len(c.lines)+1) // the number of the next line that others know, 0 if there is none
	for i := len(c.lines) - 1; i >= 0; i-- {
		known[i] = known[i+1]
		if m := &c.lines[i]; m.state == intact && (x.back(m) || x.forth(m)) {
			known[i] = m.id
		}
	}
	before := int64(0)
	for i := range c.lines {
		m := &c.lines[i]
		if m.state == inserted {
			continue
		}
		stranger := m.state == intact && !x.back(m) && !x.forth(m)
		after := known[i+1]
		if after == 0 {
			after = before + 2
		}
		if stranger && (m.id <= before || m.id >= after) {
			m.state = inserted
			continue
		}
		before = m.id
	}
}

// order marks the records that do not stand in the longest rising sequence of numbers as moved.
func (c *checker) order() {
	var ends []int                    // ends[k]: the line that ends the best sequence of length k+1
	from := make([]int, len(c.lines)) // the line before in that sequence
	for i := range c.lines {
		m := &c.lines[i]
		if m.state == inserted {
			continue
		}
		k, _ := slices.BinarySearchFunc(ends, m.id, func(j int, id int64) int { return cmp.Compare(c.lines[j].id, id) })
		from[i] = -1
		if k > 0 {
			from[i] = ends[k-1]
		}
		if k == len(ends) {
			ends = append(ends, i)
		} else {
			ends[k] = i
		}
	}
	inPlace := map[int]bool{}
	if len(ends) > 0 {
		for i := ends[len(ends)-1]; i >= 0; i = from[i] {
			inPlace[i] = true
		}
	}
	for i := range c.lines {
		if m := &c.lines[i]; m.state == intact && !inPlace[i] {
			m.state = moved
		}
	}
}

// gaps names the numbers that no line has.
func (c *checker) gaps() {
	byID := map[int64]*mark{}
	var ids []int64
	for i := range c.lines {
		if m := &c.lines[i]; m.state != inserted {
			ids, byID[m.id] = append(ids, m.id), m
		}
	}
	slices.Sort(ids)
	next := int64(1)
	for _, id := range ids {
		if id > next {
			c.rep.add(Finding{Code: CodeMissing, Seq: next, To: id - 1, Line: byID[id].line, Offset: byID[id].off})
		}
		next = max(next, id+1)
	}
}

// breaks finds neighbours that are whole and do not know each other: one of them was written anew.
func (c *checker) breaks(x links) {
	byID := map[int64]*mark{}
	for i := range c.lines {
		if m := &c.lines[i]; m.state == intact || m.state == moved {
			byID[m.id] = m
		}
	}
	for i := range c.lines {
		b := &c.lines[i]
		a := byID[b.id-1]
		if a == nil || byID[b.id] != b || b.prev == a.said {
			continue
		}
		m, code := a, CodeChanged
		switch {
		case x.forth(b): // b is known to the one after it
		case byID[b.id+1] != nil:
			m = b
		case x.back(a):
			m, code = b, CodeUnlinked
		}
		if !c.found(code, m.id) {
			c.rep.add(Finding{Code: code, Seq: m.id, Line: m.line, Offset: m.off})
		}
	}
	if first := byID[1]; first != nil && first.prev != [32]byte{} && !c.found(CodeChanged, 1) {
		c.rep.add(Finding{Code: CodeChanged, Seq: 1, Line: first.line, Offset: first.off})
	}
}
