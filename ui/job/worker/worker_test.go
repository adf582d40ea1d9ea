package worker_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"testing"
	"time"

	"sealdesk/pdfseal"
	"sealdesk/pdfseal/trust"
	"sealdesk/ui/explain"
	"sealdesk/ui/job/worker"
)

// faultVariable makes a worker of this test program misbehave when it is given a document whose name holds "fault".
const faultVariable = "SEALDESK_TEST_WORKER_FAULT"

func TestMain(m *testing.M) {
	if worker.Requested(os.Args) {
		if fault := os.Getenv(faultVariable); fault != "" {
			misbehave(fault)
		}
		os.Exit(worker.Main(load))
	}
	os.Exit(m.Run())
}

func load(spec []byte) (*trust.Store, error) {
	if string(spec) == "broken" {
		return nil, errors.New("no such trust")
	}
	return nil, nil
}

// misbehave is a worker that is ready and then does what no document should bring about.
func misbehave(fault string) {
	in := bufio.NewReader(os.Stdin)
	in.ReadString('\n')
	fmt.Println(`{"ready":true}`)
	line, _ := in.ReadString('\n')
	switch fault {
	case "crash":
		os.Exit(2)
	case "garbage":
		fmt.Println("this is no JSON")
	case "empty":
		fmt.Println(`{"error":{"panic":true,"text":"internal fault"}}`)
	case "flood":
		for {
			fmt.Println(strings.Repeat(`{"done":1,"total":2}`+"\n", 1000))
		}
	case "half":
		fmt.Print(`{"report":{"verdict":"valid"`)
		os.Exit(0)
	case "slow":
		time.Sleep(time.Hour)
	case "memory":
		worker.LimitProcess(worker.Limits{Memory: 64 << 20, CPU: time.Minute})()
		for {
			hoard = append(hoard, bytes.Repeat([]byte{1}, 1<<20))
		}
	case "threads": // the memory may run out just where the runtime wants another thread
		worker.LimitProcess(worker.Limits{Memory: 64 << 20, CPU: time.Minute})()
		for {
			go func() {
				runtime.LockOSThread()
				select {}
			}()
			runtime.Gosched()
		}
	case "collector": // what the runtime printed once in seventy times where the memory ran out
		fmt.Fprint(os.Stderr, "SIGSEGV: segmentation violation\nPC=0x4358bd m=5 sigcode=1 addr=0x0\n\ngoroutine 0 gp=0x319495f041e0 m=5 mp=0x319495f00008 [idle]:\nruntime.(*spanQueue).tryDrain(0x7fe600000400?, 0x43e045?, 0x11f46c8?)\n")
		os.Exit(2)
	case "nil": // a fault of the program that nothing recovers from is no matter of memory
		go func() { *(*int)(nil) = counted }()
	case "processor":
		worker.LimitProcess(worker.Limits{Memory: 1 << 30, CPU: time.Second})()
		for i := 0; ; i++ {
			counted = i
		}
	case "recursion":
		debug.SetMaxStack(1 << 20)
		fmt.Println(recurse(1))
	case "unknown":
		_ = line
		fmt.Println(`{"report":null}{"ready":false}`)
	}
	time.Sleep(time.Hour)
}

// What keeps loops without end from being optimised away.
var (
	hoard   [][]byte
	counted int
)

func recurse(n int) int {
	if counted < 0 { // never
		return n
	}
	return recurse(n+1) + n
}

func pool(t *testing.T, o worker.Options) *worker.Pool {
	t.Helper()
	p, err := worker.NewPool(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

// document writes a minimal PDF and returns its path.
func document(t *testing.T, name string, more ...string) string {
	t.Helper()
	objects := append([]string{"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>", "<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>"}, more...)
	b := "%PDF-1.7\n"
	xref := fmt.Sprintf("xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for i, o := range objects {
		xref += fmt.Sprintf("%010d 00000 n \n", len(b))
		b += fmt.Sprintf("%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	at := len(b)
	b += xref + fmt.Sprintf("trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, at)
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(b), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestPool_sameAsHere: a worker's report is the one that this process would have made, field by field.
func TestPool_sameAsHere(t *testing.T) {
	now := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	p := pool(t, worker.Options{Now: now})
	path := document(t, "plain.pdf")
	for range 3 { // the worker is used again
		got, err := p.Verify(t.Context(), path, nil)
		if err != nil {
			t.Fatal(err)
		}
		want, err := pdfseal.VerifyFile(t.Context(), path, pdfseal.VerifyOptions{Now: now})
		if err != nil {
			t.Fatal(err)
		}
		a, _ := json.Marshal(got)
		b, _ := json.Marshal(want)
		if string(a) != string(b) || got.Verdict != pdfseal.VerdictUnsealed {
			t.Errorf("worker: %s\nhere:   %s", a, b)
		}
	}
}

// TestPool_fileName: a name that is no UTF-8 text, as old archives hold, leads to its file.
func TestPool_fileName(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("this system takes names in UTF-8 only")
	}
	path := document(t, "\xc5\xfa\xb8\xb4.pdf") // 批复 in GBK
	p := pool(t, worker.Options{Workers: 1})
	if r, err := p.Verify(t.Context(), path, nil); err != nil || r.File != path || r.Verdict != pdfseal.VerdictUnsealed {
		t.Errorf("%+v, %v", r, err)
	}
	if list, err := p.Signatures(t.Context(), path); err != nil || len(list) != 0 {
		t.Errorf("%v, %v", list, err)
	}
}

// TestPool_errors: what cannot be read is explained as it would be here.
func TestPool_errors(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "text.pdf")
	os.WriteFile(text, []byte("this is no PDF"), 0o600)
	p := pool(t, worker.Options{})
	for _, path := range []string{text, filepath.Join(dir, "absent.pdf"), dir} {
		_, got := p.Verify(t.Context(), path, nil)
		var e *worker.Error
		if !errors.As(got, &e) {
			t.Fatalf("%s: %v", path, got)
		}
		if m := explain.Error(got); m.Exit != explain.ExitUnreadable {
			t.Errorf("%s: exit %d, %+v", path, m.Exit, m)
		}
	}
	_, got := p.Verify(t.Context(), text, nil)
	_, want := pdfseal.VerifyFile(t.Context(), text, pdfseal.VerifyOptions{})
	if a, b := explain.Error(got), explain.Error(want); !reflect.DeepEqual(a, b) {
		t.Errorf("explained as %+v, here as %+v", a, b)
	}
	broken := pool(t, worker.Options{Trust: []byte("broken")})
	if _, err := broken.Verify(t.Context(), text, nil); err == nil || !strings.Contains(err.Error(), "no such trust") {
		t.Errorf("trust that cannot be loaded: %v", err)
	}
}

// TestPool_faults: a worker that fails costs its own document only, which is never accepted.
func TestPool_faults(t *testing.T) {
	for fault, why := range map[string]string{
		"crash": worker.WhyCrash, "garbage": worker.WhyOutput, "empty": worker.WhyCrash, "flood": worker.WhyOutput,
		"memory": worker.WhyMemory, "threads": worker.WhyMemory, "collector": worker.WhyMemory, "nil": worker.WhyCrash,
		"processor": worker.WhyTime, "half": worker.WhyCrash, "slow": worker.WhyTime, "recursion": worker.WhyCrash, "unknown": worker.WhyOutput,
	} {
		t.Run(fault, func(t *testing.T) {
			if runtime.GOOS != "linux" && (fault == "memory" || fault == "threads" || fault == "processor") {
				t.Skip("this system enforces no such limit")
			}
			wall := time.Minute
			if fault == "slow" {
				wall = time.Second
			}
			path := document(t, "fault.pdf")
			p := pool(t, worker.Options{Workers: 1, Limits: worker.Limits{Wall: wall, Output: 1 << 20}})
			t.Setenv(faultVariable, fault)
			rep, err := p.Verify(t.Context(), path, nil)
			if err != nil {
				t.Fatal(err)
			}
			if rep.Verdict != pdfseal.VerdictIndeterminate || len(rep.Reasons) != 1 || rep.Reasons[0].Key != pdfseal.ReasonWorker || rep.Reasons[0].Data["why"] != why {
				t.Errorf("%+v", rep)
			}
			t.Setenv(faultVariable, "")
			if rep, err := p.Verify(t.Context(), path, nil); err != nil || rep.Verdict != pdfseal.VerdictUnsealed {
				t.Errorf("the next document: %+v, %v", rep, err)
			}
		})
	}
}

// TestPool_cancel: a cancelled caller does not wait for the worker.
func TestPool_cancel(t *testing.T) {
	t.Setenv(faultVariable, "slow")
	p := pool(t, worker.Options{Workers: 1})
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		if _, err := p.Verify(ctx, document(t, "slow.pdf"), nil); !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled: %v", err)
		}
	})
	time.Sleep(300 * time.Millisecond)
	start := time.Now()
	cancel()
	wg.Wait()
	t.Logf("back %v after the cancel", time.Since(start)) // the goal is 100 ms
	if time.Since(start) > time.Minute {
		t.Error("cancel did not end the worker")
	}
}

// TestPool_progress: progress of a document of some size arrives in order, and ends before Verify returns.
func TestPool_progress(t *testing.T) {
	path := document(t, "large.pdf", fmt.Sprintf("<</Length %d>>\nstream\n%s\nendstream", 32<<20, strings.Repeat("0", 32<<20)))
	st, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	p := pool(t, worker.Options{})
	calls, last, ended := 0, int64(0), false
	rep, err := p.Verify(t.Context(), path, func(done, total int64) {
		if calls++; ended || done <= last || done > total || total != st.Size() {
			t.Errorf("progress %d of %d after %d, ended %v", done, total, last, ended)
		}
		last = done
	})
	if ended = true; err != nil || rep.Verdict != pdfseal.VerdictUnsealed || calls == 0 {
		t.Errorf("%d calls, %+v, %v", calls, rep, err)
	}
}
