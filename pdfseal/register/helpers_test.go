package register_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"sealdesk/pdfseal/cms"
	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/register"
	"sealdesk/pdfseal/sealtest"
)

var ctx = context.Background()

// clock is a clock that a test can turn.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 11, 23, 7, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(10 * time.Millisecond)
	return c.now
}

func (c *clock) turn(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func open(t testing.TB, dir string, o register.Options) *register.Register {
	t.Helper()
	r, err := register.Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

func add(t testing.TB, r *register.Register, e register.Entry) register.Entry {
	t.Helper()
	done, err := r.Append(ctx, e)
	if err != nil {
		t.Fatal(err)
	}
	return done
}

// use is an entry with every field that a use fills.
func use(n int) register.Entry {
	return register.Entry{Kind: register.KindRefused, SealID: "15000000000000", SealName: "示范旗人民政府", Key: "00112233/ab", Custodian: "保管人",
		File: fmt.Sprintf("批复 <%d>.pdf", n), Reason: "批复 & “报告”", Matter: register.MatterDecision, Approver: "审批人", ErrorKey: "job.seal_status",
		Marks: []register.Mark{{Page: n, X: 100.25, Y: 200.5, W: 42, H: 42}}}
}

// filled makes a register of n records and answers its folder and its lines.
func filled(t testing.TB, n int) (dir string, lines [][]byte) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "register")
	c := newClock()
	r := open(t, dir, register.Options{Now: c.Now})
	for i := range n {
		add(t, r, use(i+1))
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	lines = readLines(t, dir)
	if len(lines) != n {
		t.Fatalf("%d lines, want %d", len(lines), n)
	}
	return dir, lines
}

func recordsPath(dir string) string { return filepath.Join(dir, "register.jsonl") }

func readLines(t testing.TB, dir string) [][]byte {
	t.Helper()
	b, err := os.ReadFile(recordsPath(dir))
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.SplitAfter(b, []byte("\n"))
	return lines[:len(lines)-1]
}

func writeLines(t testing.TB, dir string, lines [][]byte) {
	t.Helper()
	if err := os.WriteFile(recordsPath(dir), bytes.Join(lines, nil), 0o600); err != nil {
		t.Fatal(err)
	}
}

// check reads a register without changing it.
func check(t testing.TB, dir string, o register.CheckOptions) *register.Report {
	t.Helper()
	r := open(t, dir, register.Options{ReadOnly: true})
	defer r.Close()
	rep, err := r.Check(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	return rep
}

var theKey = sync.OnceValues(func() (cms.Key, error) {
	pki, err := sealtest.NewPKI(time.Now())
	if err != nil {
		return nil, err
	}
	h, err := pki.NewHolder("示范旗人民政府", "保管人", time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2040, 1, 1, 0, 0, 0, 0, time.UTC))
	if err != nil {
		return nil, err
	}
	return h.Signer(), nil
})

func key(t testing.TB) cms.Key {
	t.Helper()
	k, err := theKey()
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// reseal gives a line that was changed the digest of its new content, as somebody who knows the form would.
func reseal(line []byte) []byte {
	const tail = len(`,"sm3":"`) + 64 + len("\"}\n")
	body := append(bytes.Clone(line[:len(line)-tail]), '}')
	return fmt.Appendf(body[:len(body)-1:len(body)-1], ",\"sm3\":\"%x\"}\n", gm.SM3(body))
}
