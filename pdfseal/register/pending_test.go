package register_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/register"
)

// intend records the two steps before a file appears at path.
func intend(t testing.TB, r *register.Register, path string, content []byte) register.Entry {
	t.Helper()
	s := add(t, r, register.Entry{Kind: register.KindSigning, File: "in.pdf"})
	return add(t, r, register.Entry{Kind: register.KindIntended, Ref: s.Seq, File: "in.pdf", Output: path, Size: int64(len(content)),
		After: fmt.Sprintf("%x", gm.SM3(content))})
}

func put(t testing.TB, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

var content = []byte("a sealed file")

// fates are the states in which a crash leaves the disk.
var fates = map[string]struct {
	prepare func(t testing.TB, path string)
	fate    register.Fate
	closed  register.Kind
	key     string
}{
	"the file is there":           {func(t testing.TB, p string) { put(t, p, content) }, register.FateThere, register.KindDone, ""},
	"with a receipt added since":  {func(t testing.TB, p string) { put(t, p, append(content[:len(content):len(content)], "+DSS"...)) }, register.FateThere, register.KindDone, ""},
	"it did not appear":           {func(testing.TB, string) {}, register.FateAbsent, register.KindFailed, register.KeyInterrupted},
	"another file is there":       {func(t testing.TB, p string) { put(t, p, []byte("a sealed gile")) }, register.FateOther, register.KindFailed, register.KeyOtherFile},
	"half of it is there":         {func(t testing.TB, p string) { put(t, p, content[:5]) }, register.FateOther, register.KindFailed, register.KeyOtherFile},
	"a folder of that name":       {func(t testing.TB, p string) { mkdir(t, p) }, register.FateOther, register.KindFailed, register.KeyOtherFile},
	"the folder is not there now": {func(t testing.TB, p string) { remove(t, filepath.Dir(p)) }, register.FateUnknown, "", ""},
}

func mkdir(t testing.TB, path string) {
	t.Helper()
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
}

func remove(t testing.TB, path string) {
	t.Helper()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
}

func TestSettle(t *testing.T) {
	for name, c := range fates {
		t.Run(name, func(t *testing.T) {
			dir, work := filepath.Join(t.TempDir(), "register"), filepath.Join(t.TempDir(), "work")
			mkdir(t, work)
			path := filepath.Join(work, "out.pdf")
			dead := open(t, dir, register.Options{})
			e := intend(t, dead, path, content)
			c.prepare(t, path)

			r := open(t, dir, register.Options{})
			if list, err := r.Pending(ctx); err != nil || len(list) != 0 {
				t.Errorf("pending while the process is alive: %v, %v", list, err)
			}
			if list, err := r.Settle(ctx); err != nil || len(list) != 0 {
				t.Errorf("settled while the process is alive: %v, %v", list, err)
			}
			dead.Close()
			list, err := r.Settle(ctx)
			if err != nil || len(list) != 1 || list[0].Seq != e.Seq || list[0].Fate != c.fate {
				t.Fatalf("settled %+v, %v", list, err)
			}
			if got := list[0].Closed; got.Kind != c.closed || got.ErrorKey != c.key || c.closed != "" && got.Ref != e.Seq {
				t.Errorf("closed as %+v", got)
			}
			again, err := r.Settle(ctx)
			if err != nil || (len(again) == 0) != (c.fate != register.FateUnknown) {
				t.Errorf("a second time: %+v, %v", again, err)
			}
			rep := check(t, dir, register.CheckOptions{})
			if rep.Err() != nil || has(rep, register.CodePending) != (c.fate == register.FateUnknown) {
				t.Errorf("%+v", rep)
			}
			names, err := os.ReadDir(filepath.Join(dir, "sessions"))
			if err != nil || len(names) != 1 {
				t.Errorf("sessions %v, %v", names, err)
			}
		})
	}
}

// TestSettle_nameThatIsNoText: a file name in another encoding than UTF-8 is found again.
func TestSettle_nameThatIsNoText(t *testing.T) {
	dir, path := t.TempDir(), filepath.Join(t.TempDir(), "\xc5\xfa\xb8\xb4.pdf")
	dead := open(t, dir, register.Options{})
	intend(t, dead, path, content)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Skipf("this file system takes no such name: %v", err)
	}
	dead.Close()
	list, err := open(t, dir, register.Options{}).Settle(ctx)
	if err != nil || len(list) != 1 || list[0].Fate != register.FateThere {
		t.Errorf("%+v, %v", list, err)
	}
}

// TestSettle_signing: killed while the key was at work. Nothing had a name, and the use is in the register.
func TestSettle_signing(t *testing.T) {
	dir := t.TempDir()
	dead := open(t, dir, register.Options{})
	s := add(t, dead, register.Entry{Kind: register.KindSigning, File: "in.pdf"})
	dead.Close()
	r := open(t, dir, register.Options{})
	list, err := r.Settle(ctx)
	if err != nil || len(list) != 1 || list[0].Fate != register.FateAbsent || list[0].Closed.Ref != s.Seq {
		t.Fatalf("settled %+v, %v", list, err)
	}
	uses, damaged, err := r.Uses(ctx)
	if err != nil || damaged != 0 || len(uses) != 1 || uses[0].Outcome != register.KindFailed || uses[0].Seq != s.Seq || uses[0].ErrorKey != register.KeyInterrupted {
		t.Errorf("uses %+v, %v", uses, err)
	}
}

// TestSettle_twoAtOnce: both processes that start after a crash settle, the entry is closed once.
func TestSettle_twoAtOnce(t *testing.T) {
	dir := t.TempDir()
	dead := open(t, dir, register.Options{})
	for range 20 {
		intend(t, dead, filepath.Join(t.TempDir(), "out.pdf"), content)
	}
	dead.Close()
	results := make(chan int)
	for range 4 {
		r := open(t, dir, register.Options{})
		go func() {
			list, err := r.Settle(ctx)
			if err != nil {
				t.Error(err)
			}
			results <- len(list)
		}()
	}
	sum := 0
	for range 4 {
		sum += <-results
	}
	if sum != 20 {
		t.Errorf("%d entries were closed", sum)
	}
	if rep := check(t, dir, register.CheckOptions{}); rep.Err() != nil || rep.Records != 60 {
		t.Errorf("%+v", rep)
	}
}

func TestUses(t *testing.T) {
	dir, work := t.TempDir(), t.TempDir()
	c := newClock()
	r := open(t, dir, register.Options{Now: c.Now})
	a, b := intend(t, r, filepath.Join(work, "a"), content), intend(t, r, filepath.Join(work, "b"), content)
	add(t, r, use(1))
	add(t, r, register.Entry{Kind: register.KindFailed, Ref: b.Seq, ErrorKey: "file.save"})
	add(t, r, register.Entry{Kind: register.KindDone, Ref: a.Seq, Result: "valid", Receipt: register.ReceiptQueued})
	if _, _, err := r.Checkpoint(ctx, key(t)); err != nil {
		t.Fatal(err)
	}
	add(t, r, register.Entry{Kind: register.KindReceipt, Ref: a.Seq, Receipt: "R-1"})
	open1 := intend(t, r, filepath.Join(work, "c"), content)
	uses, damaged, err := r.Uses(ctx)
	if err != nil || damaged != 0 || len(uses) != 4 {
		t.Fatalf("%+v, %d, %v", uses, damaged, err)
	}
	for i, want := range []struct {
		seq     int64
		outcome register.Kind
		key     string
		receipt string
	}{{1, register.KindDone, "", "R-1"}, {3, register.KindFailed, "file.save", ""}, {5, register.KindRefused, "job.seal_status", ""}, {open1.Seq - 1, register.KindIntended, "", ""}} {
		u := uses[i]
		if u.Seq != want.seq || u.Outcome != want.outcome || u.ErrorKey != want.key || u.Receipt != want.receipt || u.Finished.IsZero() != (want.outcome == register.KindIntended) {
			t.Errorf("use %d: %+v", i, u)
		}
	}
	if uses[0].Output != filepath.Join(work, "a") || uses[0].After == "" || uses[0].Result != "valid" {
		t.Errorf("%+v", uses[0])
	}
}
