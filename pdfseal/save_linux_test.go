package pdfseal_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"sealdesk/pdfseal"
)

// childVar makes this test binary seal one file and exit, so that it can be killed and its system calls can be made to fail.
const childVar = "SEALDESK_TEST_AFFIX"

// enrichVar makes the child add evidence, too.
const enrichVar = "SEALDESK_TEST_ENRICH"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childVar); dir != "" {
		os.Exit(child(dir))
	}
	os.Exit(m.Run())
}

// child seals dir/in.pdf into dir/out.pdf and prints the step of a failure.
func child(dir string) int {
	runtime.LockOSThread() // strace counts calls by thread
	o, err := theOffice()
	if err != nil {
		fmt.Println("setup", err)
		return 90
	}
	req := o.request(0, pdfseal.Mark{Page: 1, X: 100, Y: 100})
	if os.Getenv(enrichVar) != "" {
		req.Enrich = o.enrich
	}
	_, err = pdfseal.AffixFile(context.Background(), filepath.Join(dir, "out.pdf"), filepath.Join(dir, "in.pdf"), req)
	var s *pdfseal.SaveError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &s):
		fmt.Println("step", s.Step, err)
		return 91
	default:
		fmt.Println("error", err)
		return 92
	}
}

// startDir makes a directory with an input of some size.
func startDir(t testing.TB) (dir string, input []byte) {
	t.Helper()
	dir = t.TempDir()
	input = document(a4)
	if err := os.WriteFile(filepath.Join(dir, "in.pdf"), input, 0o640); err != nil {
		t.Fatal(err)
	}
	return dir, input
}

// checkAfterDeath fails unless the input is untouched and the output is absent or a whole, valid sealed file. What a crash may leave is
// one temporary file with the known name, which StaleTemps lists.
func checkAfterDeath(t testing.TB, dir string, input []byte, what string, mayLeaveTemp bool) {
	t.Helper()
	if got, err := os.ReadFile(filepath.Join(dir, "in.pdf")); err != nil || !bytes.Equal(got, input) {
		t.Fatalf("%s: the input was changed (%v)", what, err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		switch {
		case e.Name() == "in.pdf":
		case e.Name() == "out.pdf":
			rep, err := pdfseal.VerifyFile(context.Background(), filepath.Join(dir, e.Name()), pdfseal.VerifyOptions{Now: now})
			if err != nil || len(rep.Seals) != 1 || rep.Verdict == pdfseal.VerdictInvalid {
				t.Fatalf("%s: the output is not whole (%v, %v)", what, rep, err)
			}
		case mayLeaveTemp && strings.HasPrefix(e.Name(), ".sealdesk-"):
			if stale, err := pdfseal.StaleTemps(dir, -time.Second); err != nil || len(stale) != 1 {
				t.Fatalf("%s: stale temporary file not listed: %v %v", what, stale, err)
			}
		default:
			t.Fatalf("%s: %s was left", what, e.Name())
		}
	}
}

// savingCalls are the system calls by which a file is saved.
const savingCalls = "openat,write,pwrite64,fchmod,fsync,renameat2,linkat,unlinkat,close"

// TestAffixFile_killedAtEverySystemCall kills the process at each call of saving in turn.
func TestAffixFile_killedAtEverySystemCall(t *testing.T) {
	strace := tool(t, "strace")
	calls := "fchmod,fsync,renameat2,unlinkat"
	if isLong() {
		calls = savingCalls
	}
	for _, call := range strings.Split(calls, ",") {
		n := countCalls(t, strace, call)
		t.Logf("%s: killed at each of %d calls", call, n)
		for k := 1; k <= n; k++ {
			dir, input := startDir(t)
			straced(t, strace, dir, fmt.Sprintf("%s:signal=KILL:when=%d", call, k))
			checkAfterDeath(t, dir, input, fmt.Sprintf("killed at %s %d", call, k), true)
		}
	}
}

// countCalls counts how often a whole run makes a call.
func countCalls(t testing.TB, strace, call string) int {
	dir, input := startDir(t)
	log := filepath.Join(t.TempDir(), "log")
	cmd := exec.Command(strace, "-f", "-o", log, "-e", "trace="+call, os.Args[0])
	cmd.Env = append(os.Environ(), childVar+"="+dir)
	if msg, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("strace: %v\n%s", err, msg)
	}
	checkAfterDeath(t, dir, input, "whole run", false)
	b, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	return len(regexp.MustCompile(`(?m)^\d+ +`+call+`\(`).FindAll(b, -1))
}

// straced runs the child with a fault injected and returns what it printed and its exit code.
func straced(t testing.TB, strace, dir, inject string) (string, int) {
	t.Helper()
	call, _, _ := strings.Cut(inject, ":")
	cmd := exec.Command(strace, "-f", "-o", os.DevNull, "-e", "trace="+call, "-e", "inject="+inject, os.Args[0])
	cmd.Env = append(os.Environ(), childVar+"="+dir)
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("strace: %v", err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

// TestAffixFile_systemCallFails makes each call of saving fail in turn.
func TestAffixFile_systemCallFails(t *testing.T) {
	strace := tool(t, "strace")
	cases := []struct{ inject, step string }{
		{"fsync:error=EIO:when=1", "sync"},
		{"fsync:error=EDQUOT:when=1", "sync"},
		{"fsync:error=EIO:when=2", "sync-directory"},
		{"renameat2:error=EXDEV:when=1", "rename"},
		{"renameat2:error=EACCES:when=1", "rename"},
		{"renameat2:error=EROFS:when=1", "rename"},
	}
	for _, c := range cases {
		t.Run(c.inject, func(t *testing.T) {
			dir, input := startDir(t)
			out, code := straced(t, strace, dir, c.inject)
			if code != 91 || !strings.Contains(out, "step "+c.step+" ") {
				t.Errorf("exit %d, %s", code, out)
			}
			checkAfterDeath(t, dir, input, c.inject, false)
			if _, err := os.Stat(filepath.Join(dir, "out.pdf")); (err == nil) != (c.step == "sync-directory") {
				t.Errorf("output present: %v", err == nil)
			}
		})
	}
}

// TestAffixFile_enrichedFaults adds evidence and makes the calls of saving fail, or the process die at them: the output is absent or whole.
func TestAffixFile_enrichedFaults(t *testing.T) {
	strace := tool(t, "strace")
	t.Setenv(enrichVar, "1")
	for _, c := range []struct{ inject, step string }{{"fsync:error=EIO:when=1", "sync"}, {"fsync:error=EIO:when=2", "sync"},
		{"fsync:error=EIO:when=3", "sync-directory"}, {"renameat2:error=EXDEV:when=1", "rename"}} {
		dir, input := startDir(t)
		if out, code := straced(t, strace, dir, c.inject); code != 91 || !strings.Contains(out, "step "+c.step+" ") {
			t.Errorf("%s: exit %d, %s", c.inject, code, out)
		}
		checkAfterDeath(t, dir, input, c.inject, false)
	}
	for _, call := range strings.Split("fsync,renameat2", ",") {
		n := countCalls(t, strace, call)
		if call == "fsync" && n != 3 {
			t.Errorf("%d calls of fsync, want 3", n)
		}
		for k := 1; k <= n; k++ {
			dir, input := startDir(t)
			straced(t, strace, dir, fmt.Sprintf("%s:signal=KILL:when=%d", call, k))
			checkAfterDeath(t, dir, input, fmt.Sprintf("killed at %s %d", call, k), true)
		}
	}
}

// TestAffixFile_noRenameat2 falls back to link(2) where the file system does not know renameat2.
func TestAffixFile_noRenameat2(t *testing.T) {
	strace := tool(t, "strace")
	dir, input := startDir(t)
	if out, code := straced(t, strace, dir, "renameat2:error=EINVAL:when=1"); code != 0 {
		t.Errorf("exit %d, %s", code, out)
	}
	checkAfterDeath(t, dir, input, "EINVAL", false)
	if _, err := os.Stat(filepath.Join(dir, "out.pdf")); err != nil {
		t.Error(err)
	}
}

// TestAffixFile_fileTooLarge runs into the limit of the file size, as on a full disk.
func TestAffixFile_fileTooLarge(t *testing.T) {
	dir, input := startDir(t)
	cmd := exec.Command("/bin/sh", "-c", `ulimit -f 4; trap '' XFSZ; exec "$0"`, os.Args[0])
	cmd.Env = append(os.Environ(), childVar+"="+dir)
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 91 || !strings.Contains(string(out), "step write") {
		t.Errorf("%v, %s", err, out)
	}
	checkAfterDeath(t, dir, input, "file size limit", false)
}

// TestAffixFile_fullDisk seals onto a file system of 8 KB.
func TestAffixFile_fullDisk(t *testing.T) {
	small := t.TempDir()
	if err := syscall.Mount("tmpfs", small, "tmpfs", 0, "size=8k"); err != nil {
		if os.Getenv("CI") != "" && os.Geteuid() == 0 {
			t.Fatalf("mount: %v", err)
		}
		t.Skipf("cannot mount a small file system here: %v", err)
	}
	defer syscall.Unmount(small, 0)
	o := newOffice(t)
	dir, input := startDir(t)
	_, err := pdfseal.AffixFile(context.Background(), filepath.Join(small, "out.pdf"), filepath.Join(dir, "in.pdf"), o.request(0, pdfseal.Mark{Page: 1, X: 100, Y: 100}))
	var s *pdfseal.SaveError
	if !errors.As(err, &s) || !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("error %v, want ENOSPC", err)
	}
	onlyFile(t, small)
	checkAfterDeath(t, dir, input, "full disk", false)
}

// TestAffixFile_readOnlyDirectory seals into a file system mounted read-only (as root a mode would prove nothing).
func TestAffixFile_readOnlyDirectory(t *testing.T) {
	ro := t.TempDir()
	if err := syscall.Mount("tmpfs", ro, "tmpfs", syscall.MS_RDONLY, ""); err != nil {
		if os.Getenv("CI") != "" && os.Geteuid() == 0 {
			t.Fatalf("mount: %v", err)
		}
		t.Skipf("cannot mount a read-only file system here: %v", err)
	}
	defer syscall.Unmount(ro, 0)
	o := newOffice(t)
	dir, input := startDir(t)
	_, err := pdfseal.AffixFile(context.Background(), filepath.Join(ro, "out.pdf"), filepath.Join(dir, "in.pdf"), o.request(0, pdfseal.Mark{Page: 1, X: 100, Y: 100}))
	var s *pdfseal.SaveError
	if !errors.As(err, &s) || s.Step != pdfseal.StepCreate || !errors.Is(err, syscall.EROFS) {
		t.Errorf("error %v, want EROFS at create", err)
	}
	checkAfterDeath(t, dir, input, "read-only", false)
}

func TestAffixFile_existingOutput(t *testing.T) {
	o := newOffice(t)
	dir, input := startDir(t)
	dst := filepath.Join(dir, "out.pdf")
	if err := os.WriteFile(dst, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := pdfseal.AffixFile(context.Background(), dst, filepath.Join(dir, "in.pdf"), o.request(0, pdfseal.Mark{Page: 1, X: 100, Y: 100}))
	if !errors.Is(err, pdfseal.ErrOutputExists) {
		t.Errorf("error %v", err)
	}
	if b, _ := os.ReadFile(dst); string(b) != "mine" {
		t.Error("the existing file was changed")
	}
	os.Remove(dst)
	checkAfterDeath(t, dir, input, "existing output", false)
}

// lateSigner creates the output while the key is at work: the last rename must still not replace it.
type lateSigner struct {
	pdfseal.Signer
	dst string
}

func (l lateSigner) SignSM2(ctx context.Context, m []byte) ([]byte, error) {
	if err := os.WriteFile(l.dst, []byte("mine"), 0o600); err != nil {
		return nil, err
	}
	return l.Signer.SignSM2(ctx, m)
}

func TestAffixFile_outputAppearsMeanwhile(t *testing.T) {
	o := newOffice(t)
	dir, _ := startDir(t)
	dst := filepath.Join(dir, "out.pdf")
	req := o.request(0, pdfseal.Mark{Page: 1, X: 100, Y: 100})
	req.Signer = lateSigner{req.Signer, dst}
	if _, err := pdfseal.AffixFile(context.Background(), dst, filepath.Join(dir, "in.pdf"), req); !errors.Is(err, pdfseal.ErrOutputExists) {
		t.Errorf("error %v", err)
	}
	if b, _ := os.ReadFile(dst); string(b) != "mine" {
		t.Error("the file that appeared was replaced")
	}
	onlyFile(t, dir, "in.pdf", "out.pdf")
}

// changingSigner changes the input while the key is at work.
type changingSigner struct {
	pdfseal.Signer
	src string
}

func (c changingSigner) SignSM2(ctx context.Context, m []byte) ([]byte, error) {
	b, err := os.ReadFile(c.src)
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(c.src, append(b, '\n'), 0o600); err != nil {
		return nil, err
	}
	return c.Signer.SignSM2(ctx, m)
}

func TestAffixFile_inputChangesMeanwhile(t *testing.T) {
	o := newOffice(t)
	dir, _ := startDir(t)
	src := filepath.Join(dir, "in.pdf")
	req := o.request(0, pdfseal.Mark{Page: 1, X: 100, Y: 100})
	req.Signer = changingSigner{req.Signer, src}
	if _, err := pdfseal.AffixFile(context.Background(), filepath.Join(dir, "out.pdf"), src, req); !errors.Is(err, pdfseal.ErrInputChanged) {
		t.Errorf("error %v", err)
	}
	onlyFile(t, dir, "in.pdf")
}

func TestAffixFile_cancelled(t *testing.T) {
	o := newOffice(t)
	dir, input := startDir(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := pdfseal.AffixFile(ctx, filepath.Join(dir, "out.pdf"), filepath.Join(dir, "in.pdf"), o.request(0, pdfseal.Mark{Page: 1, X: 100, Y: 100})); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	checkAfterDeath(t, dir, input, "cancelled", false)
	onlyFile(t, dir, "in.pdf")
}

func TestAffixFile_noInput(t *testing.T) {
	o := newOffice(t)
	dir := t.TempDir()
	if _, err := pdfseal.AffixFile(context.Background(), filepath.Join(dir, "out.pdf"), filepath.Join(dir, "in.pdf"), o.request(0)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v", err)
	}
	onlyFile(t, dir)
}
