package job

import (
	"context"
	"encoding/hex"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"sealdesk/pdfseal"
	"sealdesk/pdfseal/center"
	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/register"
	"sealdesk/pdfseal/ses"
)

// crashVar makes TestSealInChild seal in a folder and end the process, so that it can be killed.
const crashVar = "SEALDESK_TEST_JOB"

// awayVar makes it seal one document with a centre that is away.
const awayVar = "SEALDESK_TEST_JOB_AWAY"

// TestSealInChild is the process that the crash tests kill; by itself it does nothing.
func TestSealInChild(t *testing.T) {
	dir := os.Getenv(crashVar)
	if dir == "" {
		return
	}
	runtime.LockOSThread() // strace counts calls by thread
	o := newOffice(t)
	r, err := register.Open(filepath.Join(dir, "register"), register.Options{Now: o.clock})
	if err != nil {
		t.Fatal(err)
	}
	s := o.sealer()
	s.Register = r
	var docs []Document
	for _, name := range []string{"a", "b"} {
		docs = append(docs, Document{In: filepath.Join(dir, name+".pdf"), Out: filepath.Join(dir, name+"_out.pdf")})
	}
	if os.Getenv(awayVar) != "" {
		c := newFakeCentre(o)
		c.verify = func(int) error { return fault(center.KindUnreachable) }
		s.Centre, s.Outbox, docs = c, openQueue(t, filepath.Join(dir, "register", register.QueueName), o.clock), docs[:1]
	}
	if _, err := s.Seal(context.Background(), order(&asked{}, docs...)); err != nil {
		t.Fatal(err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	os.Exit(0)
}

// straceSeal runs the child under strace and tells whether it came to its end.
func straceSeal(t testing.TB, dir, log, call, inject string) (whole bool) {
	t.Helper()
	tool, err := exec.LookPath("strace")
	if err != nil {
		t.Skip("strace is not installed: apt-get install strace")
	}
	args := []string{"-f", "-o", log, "-e", "trace=" + call}
	if inject != "" {
		args = append(args, "-e", "inject="+call+":"+inject)
	}
	cmd := exec.Command(tool, append(args, os.Args[0], "-test.run=^TestSealInChild$")...)
	cmd.Env = append(os.Environ(), crashVar+"="+dir)
	out, err := cmd.CombinedOutput()
	if inject == "" && err != nil {
		t.Fatalf("strace: %v\n%s", err, out)
	}
	return err == nil
}

func crashDir(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"a", "b"} {
		if err := os.WriteFile(filepath.Join(dir, name+".pdf"), blank(1), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestSeal_killedAtEverySystemCall kills sealing at each call in turn. Whatever carries a seal afterwards is in the register, by its own
// digest or, under a temporary name, by the use of the key; the next start closes every entry, and its word agrees with the disk.
func TestSeal_killedAtEverySystemCall(t *testing.T) {
	calls := "fsync,renameat2"
	if os.Getenv("SEALDESK_LONG") == "1" {
		calls = "openat,pwrite64,write,fchmod,fsync,ftruncate,renameat2,linkat,unlinkat,flock,close"
	}
	killed, temps := 0, 0
	for call := range strings.SplitSeq(calls, ",") {
		n := countSealCalls(t, call)
		for k := 1; k <= n; k++ {
			dir := crashDir(t)
			if straceSeal(t, dir, os.DevNull, call, fmt.Sprintf("signal=KILL:when=%d", k)) {
				continue
			}
			killed++
			temps += checkRecorded(t, dir, fmt.Sprintf("killed at %s %d", call, k))
		}
	}
	t.Logf("killed %d times; %d times a sealed file was left under a temporary name", killed, temps)
	if killed < 15 || temps == 0 {
		t.Errorf("killed %d times only, or never with a sealed file under a temporary name", killed)
	}
}

func countSealCalls(t testing.TB, call string) int {
	t.Helper()
	dir, log := crashDir(t), filepath.Join(t.TempDir(), "log")
	straceSeal(t, dir, log, call, "")
	checkRecorded(t, dir, "whole run")
	return countCalls(t, log, call)
}

// countCalls is the largest number of calls in one thread of a log of strace.
func countCalls(t testing.TB, log, call string) int {
	t.Helper()
	b, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	by, most := map[string]int{}, 0
	for _, m := range regexp.MustCompile(`(?m)^(\d+) +`+call+`\(`).FindAllSubmatch(b, -1) {
		by[string(m[1])]++
		most = max(most, by[string(m[1])])
	}
	return most
}

// checkRecorded compares the folder with the register before and after the next start, and counts sealed files under temporary names.
func checkRecorded(t testing.TB, dir, what string) (temps int) {
	t.Helper()
	r, err := register.Open(filepath.Join(dir, "register"), register.Options{})
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	defer r.Close()
	intended, signed := map[string]bool{}, map[string]bool{}
	for _, e := range records(t, r) {
		if e.Kind == register.KindIntended {
			intended[e.After] = true
		}
		signed[e.Signed] = true
	}
	for path, rep := range sealedFiles(t, dir, what) {
		if strings.HasSuffix(path, "_out.pdf") {
			if !intended[rep.SM3] {
				t.Errorf("%s: %s is not in the register", what, filepath.Base(path))
			}
			continue
		}
		temps++
		if !signed[tbsDigest(t, path)] {
			t.Errorf("%s: the use of the key for %s is not in the register", what, filepath.Base(path))
		}
	}
	if _, err := r.Settle(context.Background()); err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	checkSettled(t, r, dir, what)
	return temps
}

// sealedFiles are the files of the folder that carry a seal, except the inputs.
func sealedFiles(t testing.TB, dir, what string) map[string]*pdfseal.Report {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*_out.pdf"))
	if err != nil {
		t.Fatal(err)
	}
	left, err := filepath.Glob(filepath.Join(dir, ".sealdesk-*"))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]*pdfseal.Report{}
	for _, path := range append(paths, left...) {
		rep, err := pdfseal.VerifyFile(context.Background(), path, pdfseal.VerifyOptions{Now: time.Date(2026, 9, 1, 8, 0, 0, 0, time.UTC)})
		if err != nil || len(rep.Seals) == 0 {
			if strings.HasSuffix(path, "_out.pdf") {
				t.Errorf("%s: %s is not whole: %v", what, filepath.Base(path), err)
			}
			continue
		}
		out[path] = rep
	}
	return out
}

// tbsDigest is the digest of what the key signed, computed from the file.
func tbsDigest(t testing.TB, path string) string {
	t.Helper()
	list, err := pdfseal.SignaturesOfFile(context.Background(), path)
	if err != nil || len(list) != 1 {
		t.Fatalf("%s: %d seals, %v", path, len(list), err)
	}
	sig, err := ses.ParseSignature(list[0].Signature)
	if err != nil {
		t.Fatal(err)
	}
	sum := gm.SM3(sig.TBSRaw)
	return hex.EncodeToString(sum[:])
}

// checkSettled compares the register after the next start with the folder: done where the file is, failed where it is not.
func checkSettled(t testing.TB, r *register.Register, dir, what string) {
	t.Helper()
	uses, damaged, err := r.Uses(context.Background())
	if err != nil || damaged != 0 {
		t.Fatalf("%s: %d lines cannot be read, %v", what, damaged, err)
	}
	done := map[string]string{}
	for _, u := range uses {
		switch u.Outcome {
		case register.KindDone:
			done[u.Output] = u.After
		case register.KindFailed:
		default:
			t.Errorf("%s: use %d ended as %s", what, u.Seq, u.Outcome)
		}
	}
	for _, name := range []string{"a", "b"} {
		path := filepath.Join(dir, name+"_out.pdf")
		if _, err := os.Stat(path); (err == nil) != (done[path] != "") || err == nil && done[path] != sm3Of(t, path) {
			t.Errorf("%s: %s: on the disk %v, in the register %q", what, name, err == nil, done[path])
		}
	}
	if rep, err := r.Check(context.Background(), register.CheckOptions{}); err != nil || rep.Err() != nil {
		t.Errorf("%s: %v, %+v", what, err, rep)
	}
}

// TestSeal_killedWithTheCentreAway kills sealing between the records, the queue and the rename. After the next start no request waits for a
// file that is not there, and no file is there without record and request.
func TestSeal_killedWithTheCentreAway(t *testing.T) {
	t.Setenv(awayVar, "1")
	calls := "fsync,renameat2"
	if os.Getenv("SEALDESK_LONG") == "1" {
		calls = "openat,pwrite64,write,fsync,renameat2,linkat,unlinkat,flock,close"
	}
	killed, orphans := 0, 0
	for call := range strings.SplitSeq(calls, ",") {
		dir, log := crashDir(t), filepath.Join(t.TempDir(), "log")
		straceSeal(t, dir, log, call, "")
		if checkQueued(t, dir, "whole run"); len(sealedFiles(t, dir, "whole run")) != 1 {
			t.Fatal("nothing was sealed")
		}
		for k := 1; k <= countCalls(t, log, call); k++ {
			dir := crashDir(t)
			if !straceSeal(t, dir, os.DevNull, call, fmt.Sprintf("signal=KILL:when=%d", k)) {
				killed++
				orphans += checkQueued(t, dir, fmt.Sprintf("killed at %s %d", call, k))
			}
		}
	}
	t.Logf("killed %d times; %d times a request was left without its file", killed, orphans)
	if killed < 8 || orphans == 0 {
		t.Errorf("killed %d times only, or never with a request without its file", killed)
	}
}

// checkQueued compares queue, register and folder after the next start, and counts the requests that waited in vain before.
func checkQueued(t testing.TB, dir, what string) (orphans int) {
	t.Helper()
	r, err := register.Open(filepath.Join(dir, "register"), register.Options{})
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	defer r.Close()
	q := openQueue(t, filepath.Join(dir, "register", register.QueueName), nil)
	for _, i := range waiting(t, q) {
		if _, err := os.Stat(i.File); err != nil {
			orphans++
		}
	}
	settled, err := r.Settle(context.Background())
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	forget(settled, q, slog.New(slog.DiscardHandler))
	uses, _, err := r.Uses(context.Background())
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	recorded := map[string]string{} // identifiers of requests by file
	for _, u := range uses {
		if u.Outcome == register.KindDone {
			recorded[u.Output] = u.RequestID
		}
	}
	items := waiting(t, q)
	for _, i := range items {
		if _, err := os.Stat(i.File); err != nil || recorded[i.File] != i.RequestID {
			t.Errorf("%s: request %s waits for %s: %v, register %v", what, i.RequestID, filepath.Base(i.File), err, recorded)
		}
	}
	if path := filepath.Join(dir, "a_out.pdf"); len(items) != len(recorded) || (recorded[path] != "") != exists(path) {
		t.Errorf("%s: %d requests wait, register %v, file there %v", what, len(items), recorded, exists(path))
	}
	return orphans
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
