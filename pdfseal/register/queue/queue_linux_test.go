package queue

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// childVar makes this test binary add items to a queue and exit.
const childVar = "SEALDESK_TEST_QUEUE"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childVar); dir != "" {
		os.Exit(child(dir))
	}
	os.Exit(m.Run())
}

func child(dir string) int {
	runtime.LockOSThread() // strace counts calls by thread
	q, err := Open(dir, nil)
	if err != nil {
		return 91
	}
	for n := range 3 {
		if err := q.Add(item(n)); err != nil {
			fmt.Println("error", err)
			return 91
		}
		fmt.Println("ack", item(n).RequestID)
	}
	if err := q.Done(item(0).RequestID); err != nil {
		return 91
	}
	fmt.Println("done", item(0).RequestID)
	return 0
}

func item(n int) Item {
	return Item{RequestID: fmt.Sprintf("00000000-0000-4000-8000-%012x", n), File: "/work/批复.pdf", SignatureSM3: strings.Repeat("ab", 32),
		Request: []byte(`{"n":1}`), RegisterSeq: int64(n + 1)}
}

func open(t testing.TB, dir string) *Queue {
	t.Helper()
	q, err := Open(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { q.Close() })
	return q
}

func list(t testing.TB, q *Queue) map[string]Item {
	t.Helper()
	items, err := q.List()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]Item{}
	for _, i := range items {
		out[i.RequestID] = i
	}
	return out
}

func TestQueue(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "queue")
	q := open(t, dir)
	start := time.Date(2026, 11, 23, 7, 0, 0, 0, time.UTC)
	for n := 4; n >= 0; n-- {
		q.now = func() time.Time { return start.Add(time.Duration(10-n) * time.Second) }
		if err := q.Add(item(n)); err != nil {
			t.Fatal(err)
		}
	}
	if err := q.Add(item(2)); err != nil {
		t.Errorf("the same again: %v", err)
	}
	other := item(2)
	other.Request = []byte("{}")
	if err := q.Add(other); !errors.Is(err, ErrConflict) {
		t.Errorf("another under the same identifier: %v", err)
	}
	items, err := open(t, dir).List()
	if err != nil || len(items) != 5 || !items[0].same(item(4)) || !items[4].same(item(0)) {
		t.Errorf("%v, %+v", err, items)
	}
	for range 2 {
		if err := q.Done(item(2).RequestID); err != nil {
			t.Errorf("done: %v", err)
		}
	}
	if got := list(t, q); len(got) != 4 {
		t.Errorf("%d items left", len(got))
	}
}

func TestAdd_unusable(t *testing.T) {
	q := open(t, t.TempDir())
	for name, change := range map[string]func(*Item){
		"path as identifier": func(i *Item) { i.RequestID = "../../../etc/passwd" },
		"upper case":         func(i *Item) { i.RequestID = strings.ToUpper("abcdefab-0000-4000-8000-000000000000") },
		"no digest":          func(i *Item) { i.SignatureSM3 = "ab" },
		"no file":            func(i *Item) { i.File = "" },
		"no request":         func(i *Item) { i.Request = nil },
		"too large":          func(i *Item) { i.Request = make([]byte, maxRequest+1) },
		"no number":          func(i *Item) { i.RegisterSeq = 0 },
	} {
		i := item(1)
		change(&i)
		if err := q.Add(i); !errors.Is(err, ErrItem) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := q.Done("../x"); !errors.Is(err, ErrItem) {
		t.Errorf("done: %v", err)
	}
}

// TestAdd_fileName: a name that is no UTF-8 text leads to its file again.
func TestAdd_fileName(t *testing.T) {
	q := open(t, t.TempDir())
	want := item(1)
	want.File = "/work/\xc5\xfa\xb8\xb4.pdf" // 批复 in GBK
	for range 2 {
		if err := q.Add(want); err != nil {
			t.Fatal(err)
		}
	}
	if got := list(t, q)[want.RequestID]; !got.same(want) {
		t.Errorf("%+v", got)
	}
}

// TestList_damagedFiles: what is no item is named, the others are listed, nothing is deleted.
func TestList_damagedFiles(t *testing.T) {
	dir := t.TempDir()
	q := open(t, dir)
	if err := q.Add(item(1)); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(dir, item(1).RequestID+suffix))
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{"half": b[:20], "empty": nil, item(7).RequestID: b, "large": make([]byte, maxFile+1)} {
		if err := os.WriteFile(filepath.Join(dir, name+suffix), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(item(1).RequestID+suffix, filepath.Join(dir, "link"+suffix)); err != nil {
		t.Fatal(err)
	}
	items, err := q.List()
	if !errors.Is(err, ErrItem) || len(items) != 1 || strings.Count(err.Error(), "\n") != 4 {
		t.Errorf("%d items, %v", len(items), err)
	}
}

func TestLock(t *testing.T) {
	dir := t.TempDir()
	a, b := open(t, dir), open(t, dir)
	release, held, err := a.Lock()
	if err != nil || !held {
		t.Fatalf("%v, %v", held, err)
	}
	if _, held, err := b.Lock(); err != nil || held {
		t.Errorf("twice: %v, %v", held, err)
	}
	release()
	if _, held, err := b.Lock(); err != nil || !held {
		t.Errorf("after release: %v, %v", held, err)
	}
}

// TestAdd_severalProcesses: processes that add the same items at once, and take one off again. An item that another process took off
// between the attempt to add it and the look at what was there ended in an error once.
func TestAdd_severalProcesses(t *testing.T) {
	for range 8 {
		testAddSeveralProcesses(t)
	}
}

func testAddSeveralProcesses(t *testing.T) {
	dir := t.TempDir()
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			cmd := exec.Command(os.Args[0])
			cmd.Env = append(os.Environ(), childVar+"="+dir)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
	all.Wait()
	if got := list(t, open(t, dir)); len(got) < 2 || len(got) > 3 {
		t.Errorf("%d items", len(got))
	}
}

// TestAdd_killedAtEverySystemCall: what was acknowledged is there whole, and nothing else is.
func TestAdd_killedAtEverySystemCall(t *testing.T) {
	tool, err := exec.LookPath("strace")
	if err != nil {
		t.Skip("strace is not installed: apt-get install strace")
	}
	killed := 0
	for _, call := range []string{"fsync", "linkat", "unlinkat"} {
		for k := 1; ; k++ {
			dir := t.TempDir()
			cmd := exec.Command(tool, "-f", "-o", os.DevNull, "-e", "trace="+call, "-e", fmt.Sprintf("inject=%s:signal=KILL:when=%d", call, k), os.Args[0])
			cmd.Env = append(os.Environ(), childVar+"="+dir)
			out, err := cmd.Output()
			got := list(t, open(t, dir))
			for _, m := range regexp.MustCompile(`(?m)^ack (.+)$`).FindAllSubmatch(out, -1) {
				id := string(m[1])
				removing := id == item(0).RequestID && bytes.Contains(out, []byte("ack "+item(2).RequestID)) // its removal had begun
				if _, there := got[id]; !there && !removing {
					t.Errorf("%s %d: %s was acknowledged and is lost", call, k, id)
				}
			}
			if err == nil {
				break
			}
			killed++
		}
	}
	t.Logf("killed at %d calls", killed)
	if killed < 8 {
		t.Errorf("killed at %d calls only", killed)
	}
}

func TestAdd_fullDisk(t *testing.T) {
	disk := t.TempDir()
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=32k"); err != nil {
		if os.Getenv("CI") != "" && os.Geteuid() == 0 {
			t.Fatalf("mount: %v", err)
		}
		t.Skipf("cannot mount a small file system here: %v", err)
	}
	defer syscall.Unmount(disk, syscall.MNT_DETACH)
	q := open(t, disk)
	big := item(1)
	big.Request = make([]byte, 64<<10)
	if err := q.Add(big); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("error %v", err)
	}
	if got := list(t, q); len(got) != 0 {
		t.Errorf("%d items", len(got))
	}
	if entries, err := os.ReadDir(disk); err != nil || len(entries) != 0 {
		t.Errorf("left: %v, %v", entries, err)
	}
}

// FuzzItem takes any bytes for an item: what is read is written in one way only.
func FuzzItem(f *testing.F) {
	q := open(f, f.TempDir())
	if err := q.Add(item(1)); err != nil {
		f.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(q.dir, item(1).RequestID+suffix))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add(b[:len(b)-1])
	f.Add([]byte(`{"requestId":null}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		if i, err := parse(b); err == nil && (i.check() != nil || !bytes.Contains(b, []byte(i.RequestID))) {
			t.Errorf("%q was read as %+v", b, i)
		}
	})
}
