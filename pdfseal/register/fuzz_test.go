package register

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"
)

// chainOf is a sound register of n records in memory, and the head of it.
func chainOf(tb testing.TB, n int) (lines [][]byte, h head) {
	tb.Helper()
	at := time.Date(2026, 11, 23, 7, 0, 0, 0, time.UTC)
	for i := range n {
		e := Entry{Kind: KindRefused, File: "批复.pdf", Marks: []Mark{{Page: i + 1}}}
		line, sum, err := encode(e.tidy(int64(i+1), at.Add(time.Duration(i)*time.Second), h.sum))
		if err != nil {
			tb.Fatal(err)
		}
		lines, h = append(lines, line), head{seq: int64(i + 1), sum: sum}
	}
	return lines, h
}

// judge is Check without a disk.
func judge(t *testing.T, b []byte, h *head) (*Report, []record) {
	t.Helper()
	c := &checker{rep: &Report{}, anchors: map[anchor]bool{}, headErr: errForm}
	if h != nil {
		c.head, c.headErr = *h, nil
		c.anchors[anchor(*h)] = true
	}
	var all []record
	for l, err := range lines(bytes.NewReader(b), 0, int64(len(b))) {
		if err != nil {
			t.Fatal(err)
		}
		if l.rec != nil {
			all = append(all, *l.rec)
		}
		c.take(l)
	}
	c.chain()
	c.compareHead()
	c.rewritten()
	return c.rep, all
}

// FuzzRegister takes any bytes for the file of records. Nothing panics. Where Check finds nothing but an unfinished end, the bytes are
// the encoding of records that are numbered and linked, and a process that opens the register accepts the same ones; with the head
// of a sound register, they begin with that register.
func FuzzRegister(f *testing.F) {
	list, h := chainOf(f, 4)
	sound := bytes.Join(list, nil)
	f.Add(sound)
	f.Add([]byte{})
	f.Add(sound[:len(sound)-20])
	f.Add(bytes.Join([][]byte{list[1], list[0], list[2], list[2], list[3]}, nil))
	f.Add(bytes.Join([][]byte{list[0], []byte("{}\n\x00\n"), list[3], list[1]}, nil))
	f.Add(append(bytes.Clone(sound), make([]byte, 100)...))
	f.Fuzz(func(t *testing.T, b []byte) {
		rep, all := judge(t, b, nil)
		if rep.Err() == nil {
			hangsTogether(t, b, all)
		}
		if rep, _ := judge(t, b, &h); rep.Err() == nil && !bytes.HasPrefix(b, sound) {
			t.Errorf("accepted with the head file of another register: %q", b)
		}
	})
}

func hangsTogether(t *testing.T, b []byte, all []record) {
	t.Helper()
	var again []byte
	for i, r := range all {
		line, sum, err := encode(r.Entry)
		if err != nil || sum != r.said || r.Seq != int64(i+1) || i > 0 && r.prev != all[i-1].own {
			t.Fatalf("record %d: %+v, %v", i+1, r, err)
		}
		again = append(again, line...)
	}
	if !bytes.HasPrefix(b, again) || bytes.IndexByte(b[len(again):], '\n') >= 0 {
		t.Errorf("%d records are not the bytes that were read", len(all))
	}
	st := newState()
	for l := range lines(bytes.NewReader(b), 0, int64(len(b))) {
		if l.rec != nil && !st.accept(l) {
			t.Errorf("Check accepts what a process that opens the register does not: byte %d", l.off)
		}
	}
}

// FuzzCheckpoint takes any bytes for the content of a checkpoint: what is read is written in one way only.
func FuzzCheckpoint(f *testing.F) {
	digest := hexOf([32]byte{1})
	b, err := json.Marshal(Checkpoint{Format: CheckpointFormat, Register: digest, Size: 7, Head: digest, Time: time.Unix(1e9, 0).UTC()})
	if err != nil {
		f.Fatal(err)
	}
	if _, err := parseCheckpoint(b); err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add(b[:len(b)-1])
	f.Add([]byte(`{"format":"sealdesk-checkpoint/1","format":""}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := parseCheckpoint(b)
		if err != nil {
			return
		}
		if again, err := json.Marshal(c); err != nil || !bytes.Equal(again, b) || c.Size < 1 || len(c.Head) != 64 {
			t.Errorf("%q was read as %+v", b, c)
		}
	})
}

// FuzzHead takes any bytes for the head file.
func FuzzHead(f *testing.F) {
	_, h := chainOf(f, 1)
	f.Add([]byte(h.text()))
	f.Add([]byte(head{}.text()))
	f.Fuzz(func(t *testing.T, b []byte) {
		if h, err := parseHead(b); err == nil && h.text() != string(b) {
			t.Errorf("%q was read as %+v", b, h)
		}
	})
}
