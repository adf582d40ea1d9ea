package register_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"sealdesk/pdfseal/register"
)

// childVar makes this test binary append to a register and exit, so that it can be killed and its system calls can be made to fail.
const childVar = "SEALDESK_TEST_REGISTER"

func TestMain(m *testing.M) {
	if job := os.Getenv(childVar); job != "" {
		os.Exit(child(job))
	}
	os.Exit(m.Run())
}

// child is "DIR|NAME|N": it appends N entries, signs a checkpoint where NAME is "checkpoint", and prints what was acknowledged.
func child(job string) int {
	runtime.LockOSThread() // strace counts calls by thread
	part := strings.Split(job, "|")
	n, err := strconv.Atoi(part[2])
	if err != nil {
		return 90
	}
	r, err := register.Open(part[0], register.Options{Wait: 5 * time.Minute}) // many write without a pause, and turns are not given out in order
	if err != nil {
		fmt.Println("error", err)
		return 91
	}
	for i := range n {
		e, err := r.Append(ctx, register.Entry{Kind: register.KindFailed, File: part[1] + strconv.Itoa(i)})
		if err != nil {
			fmt.Println("error", err)
			return 91
		}
		fmt.Printf("ack %d %s\n", e.Seq, e.File)
	}
	if part[1] == "checkpoint" {
		k, err := theKey()
		if err != nil {
			return 90
		}
		c, _, err := r.Checkpoint(ctx, k)
		if err != nil {
			fmt.Println("error", err)
			return 91
		}
		fmt.Printf("checkpoint %d\n", c.Size)
	}
	if err := r.Close(); err != nil {
		fmt.Println("error", err)
		return 91
	}
	return 0
}

func childCmd(dir, name string, n int, wrap ...string) *exec.Cmd {
	args := append(wrap, os.Args[0])
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%s|%s|%d", childVar, dir, name, n))
	return cmd
}

// acknowledged reads what a child has printed.
func acknowledged(t testing.TB, out []byte) map[string]int64 {
	t.Helper()
	acks := map[string]int64{}
	for _, m := range regexp.MustCompile(`(?m)^ack (\d+) (.+)$`).FindAllSubmatch(out, -1) {
		seq, err := strconv.ParseInt(string(m[1]), 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		acks[string(m[2])] = seq
	}
	return acks
}

// checkSurvivor opens the register as the next start of the program does: it hangs together, holds everything that was acknowledged,
// and takes a further entry.
func checkSurvivor(t testing.TB, dir string, acks map[string]int64, what string) {
	t.Helper()
	r, err := register.Open(dir, register.Options{})
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	defer r.Close()
	if _, err := r.Settle(ctx); err != nil {
		t.Fatalf("%s: settle: %v", what, err)
	}
	if _, err := r.Append(ctx, register.Entry{Kind: register.KindFailed, File: "after"}); err != nil {
		t.Fatalf("%s: append: %v", what, err)
	}
	have := map[string]int64{}
	for e, err := range r.Entries(ctx) {
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if _, twice := have[e.File]; twice && e.Kind == register.KindFailed && e.File != "after" {
			t.Errorf("%s: %s stands twice", what, e.File)
		}
		have[e.File] = e.Seq
	}
	for file, seq := range acks {
		if have[file] != seq {
			t.Errorf("%s: record %d of %s was acknowledged and is lost", what, seq, file)
		}
	}
	rep, err := r.Check(ctx, register.CheckOptions{})
	if err != nil || rep.Err() != nil {
		t.Errorf("%s: %v, %+v", what, err, rep)
	}
}

func strace(t testing.TB) string {
	t.Helper()
	path, err := exec.LookPath("strace")
	if err != nil {
		t.Skip("strace is not installed: apt-get install strace")
	}
	return path
}

// TestAppend_killedAtEverySystemCall kills the process at each call in turn: opening, appending, signing a checkpoint, closing.
func TestAppend_killedAtEverySystemCall(t *testing.T) {
	tool := strace(t)
	calls, writes := "pwrite64,fsync,ftruncate,linkat,unlinkat", 2
	if os.Getenv("SEALDESK_LONG") == "1" {
		calls, writes = "openat,openat2,mkdirat,pwrite64,write,fsync,ftruncate,linkat,unlinkat,flock,fstat,newfstatat,close,pread64,getdents64", 5
	}
	total := 0
	for call := range strings.SplitSeq(calls, ",") {
		n := countCalls(t, tool, call, writes)
		for k := 1; k <= n; k++ {
			dir := tornRegister(t)
			cmd := childCmd(dir, "checkpoint", writes, tool, "-f", "-o", os.DevNull, "-e", "trace="+call, "-e", fmt.Sprintf("inject=%s:signal=KILL:when=%d", call, k))
			out, err := cmd.Output()
			if err == nil && call != "close" && call != "write" {
				t.Errorf("%s %d: the child was not killed", call, k)
			}
			checkSurvivor(t, dir, acknowledged(t, out), fmt.Sprintf("killed at %s %d", call, k))
		}
		total += n
	}
	t.Logf("killed at %d calls", total)
	if total < 10 {
		t.Errorf("only %d calls were tried", total)
	}
}

// tornRegister is a register whose last record a crash has torn: opening it is part of what must survive.
func tornRegister(t testing.TB) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "register")
	r := open(t, dir, register.Options{})
	for i := range 3 {
		add(t, r, register.Entry{Kind: register.KindFailed, File: "before" + strconv.Itoa(i)})
	}
	r.Close()
	f, err := os.OpenFile(recordsPath(dir), os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(`{"seq":4,"ti`); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

// countCalls counts how often a whole run makes a call.
func countCalls(t testing.TB, tool, call string, writes int) int {
	t.Helper()
	dir, log := tornRegister(t), filepath.Join(t.TempDir(), "log")
	out, err := childCmd(dir, "checkpoint", writes, tool, "-f", "-o", log, "-e", "trace="+call).CombinedOutput()
	if err != nil {
		t.Fatalf("strace: %v\n%s", err, out)
	}
	acks := acknowledged(t, out)
	if len(acks) != writes || !bytes.Contains(out, []byte("checkpoint ")) {
		t.Fatalf("a whole run acknowledged %v\n%s", acks, out)
	}
	checkSurvivor(t, dir, acks, "whole run")
	b, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	return mostOfOneThread(b, call)
}

// mostOfOneThread counts the calls of the busiest thread, which is the one that is locked to the work: strace counts each apart.
func mostOfOneThread(log []byte, call string) int {
	by, most := map[string]int{}, 0
	for _, m := range regexp.MustCompile(`(?m)^(\d+) +`+call+`\(`).FindAllSubmatch(log, -1) {
		by[string(m[1])]++
		most = max(most, by[string(m[1])])
	}
	return most
}

// TestAppend_systemCallFails makes writing and syncing fail: the entry is refused, what was there before stays, the next one is taken.
func TestAppend_systemCallFails(t *testing.T) {
	tool := strace(t)
	for _, inject := range []string{"fsync:error=EIO:when=4", "pwrite64:error=ENOSPC:when=1", "pwrite64:error=EDQUOT:when=3", "ftruncate:error=EIO:when=1"} {
		call, _, _ := strings.Cut(inject, ":")
		dir := tornRegister(t)
		out, err := childCmd(dir, "x", 3, tool, "-f", "-o", os.DevNull, "-e", "trace="+call, "-e", "inject="+inject).Output()
		if err == nil || !bytes.Contains(out, []byte("error register:")) {
			t.Errorf("%s: %v, %s", inject, err, out)
		}
		checkSurvivor(t, dir, acknowledged(t, out), inject)
	}
}

// TestAppend_headFileFails: a head file that cannot be written is no reason to refuse what is on the disk.
func TestAppend_headFileFails(t *testing.T) {
	tool := strace(t)
	dir := tornRegister(t)
	out, err := childCmd(dir, "x", 1, tool, "-f", "-o", os.DevNull, "-e", "trace=pwrite64", "-e", "inject=pwrite64:error=EIO:when=4").Output()
	if err != nil || len(acknowledged(t, out)) != 1 {
		t.Errorf("%v, %s", err, out)
	}
	checkSurvivor(t, dir, acknowledged(t, out), "head")
}

// smallDisk mounts a file system of its own.
func smallDisk(t *testing.T, data string) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, data); err != nil {
		if os.Getenv("CI") != "" && os.Geteuid() == 0 {
			t.Fatalf("mount: %v", err)
		}
		t.Skipf("cannot mount a small file system here: %v", err)
	}
	t.Cleanup(func() { syscall.Unmount(dir, syscall.MNT_DETACH) })
	return dir
}

// TestAppend_fullDisk fills a disk with records: the one that does not fit is refused whole, and once there is room it goes on.
func TestAppend_fullDisk(t *testing.T) {
	disk := smallDisk(t, "size=64k")
	dir, ballast := filepath.Join(disk, "register"), filepath.Join(disk, "ballast")
	if err := os.WriteFile(ballast, make([]byte, 24<<10), 0o600); err != nil {
		t.Fatal(err)
	}
	r := open(t, dir, register.Options{Now: newClock().Now})
	var last register.Entry
	for i := range 1000 {
		e, err := r.Append(ctx, use(i))
		if err != nil {
			if !errors.Is(err, syscall.ENOSPC) {
				t.Fatal(err)
			}
			break
		}
		last = e
	}
	if last.Seq < 5 || last.Seq > 900 {
		t.Fatalf("%d records fitted", last.Seq)
	}
	if rep := check(t, dir, register.CheckOptions{}); rep.Err() != nil || rep.Records != last.Seq || has(rep, register.CodeTorn) {
		t.Errorf("full: %+v, want %d records and no half one", rep, last.Seq)
	}
	if _, err := r.Append(ctx, use(1)); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("still full: %v", err)
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	if e := add(t, r, use(2)); e.Seq != last.Seq+1 || e.Prev != last.SM3 {
		t.Errorf("with room again: %+v", e)
	}
}

func TestOpen_readOnlyDisk(t *testing.T) {
	disk := smallDisk(t, "")
	src, _ := filled(t, 5)
	if err := os.CopyFS(filepath.Join(disk, "register"), os.DirFS(src)); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("", disk, "", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(disk, "register")
	if rep := check(t, dir, register.CheckOptions{}); rep.Err() != nil || rep.Records != 5 {
		t.Errorf("%+v", rep)
	}
	if _, err := register.Open(dir, register.Options{}); !errors.Is(err, syscall.EROFS) {
		t.Errorf("opened for writing: %v", err)
	}
}

// TestAppend_severalProcesses: what four processes append at once is all there, once, and nothing else.
func TestAppend_severalProcesses(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "register")
	const processes, each = 4, 50
	var mu sync.Mutex
	acks := map[string]int64{}
	var all sync.WaitGroup
	for p := range processes {
		all.Go(func() {
			out, err := childCmd(dir, fmt.Sprintf("p%d-", p), each).CombinedOutput()
			if err != nil {
				t.Errorf("process %d: %v\n%s", p, err, out)
			}
			mu.Lock()
			defer mu.Unlock()
			for file, seq := range acknowledged(t, out) {
				acks[file] = seq
			}
		})
	}
	all.Wait()
	if len(acks) != processes*each {
		t.Fatalf("%d entries were acknowledged", len(acks))
	}
	checkSurvivor(t, dir, acks, "several processes")
}

// TestAppend_processesKilledAmongOthers kills processes at any moment while others go on.
func TestAppend_processesKilledAmongOthers(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "register")
	acks := map[string]int64{}
	var mu sync.Mutex
	var all sync.WaitGroup
	for p := range 6 {
		all.Go(func() {
			cmd := childCmd(dir, fmt.Sprintf("p%d-", p), 100000)
			pipe, err := cmd.StdoutPipe()
			if err != nil || cmd.Start() != nil {
				t.Error("start")
				return
			}
			in := bufio.NewScanner(pipe)
			for n := 0; in.Scan(); n++ {
				if n == 10*p {
					time.AfterFunc(rand.N(10*time.Millisecond), func() { cmd.Process.Kill() })
				}
				mu.Lock()
				for file, seq := range acknowledged(t, append(bytes.Clone(in.Bytes()), '\n')) {
					acks[file] = seq
				}
				mu.Unlock()
			}
			_ = cmd.Wait() // killed
		})
	}
	all.Wait()
	if len(acks) < 20 {
		t.Errorf("only %d entries were acknowledged", len(acks))
	}
	t.Logf("%d entries", len(acks))
	checkSurvivor(t, dir, acks, "killed among others")
}
