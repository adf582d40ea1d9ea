package worker

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"sync"
	"time"
)

// exitCPU is the exit code of a worker that used up its processor time.
const exitCPU = 75

// startTime bounds the time until a worker is ready; it includes loading the trust.
const startTime = 30 * time.Second

// process is one running worker.
type process struct {
	cmd    *exec.Cmd
	in     io.WriteCloser
	lines  *lineReader
	errors *notes
	killed sync.Once
}

// failure is the end of a worker that is no answer.
type failure struct {
	why string
	err error
}

func (f *failure) Error() string { return "worker: " + f.why + ": " + f.err.Error() }
func (f *failure) Unwrap() error { return f.err }

// start runs a worker and waits until it is ready.
func start(ctx context.Context, o Options) (*process, error) {
	cmd := exec.Command(o.Program, Argument)
	cmd.Env = append(os.Environ(), "GOTRACEBACK=none")
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("worker: %w", err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("worker: %w", err)
	}
	p := &process{cmd: cmd, in: in, lines: &lineReader{r: bufio.NewReaderSize(out, 64<<10), max: o.Limits.Output}, errors: &notes{}}
	cmd.Stderr = p.errors
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("worker: %w", err)
	}
	a, err := p.ask(ctx, setup{Trust: o.Trust, Now: o.Now, Limits: o.Limits}, startTime, nil)
	switch {
	case err == nil && a.Error != nil:
		err = a.Error
	case err == nil && !a.Ready:
		err = errors.New("worker: did not become ready")
	}
	if err != nil {
		p.kill()
		return nil, err
	}
	return p, nil
}

// do hands a task to the worker. An error of type *failure means that the worker is of no more use.
func (p *process) do(ctx context.Context, t task, wall time.Duration, progress func(done, total int64)) (answer, error) {
	a, err := p.ask(ctx, t, wall, progress)
	switch {
	case err != nil:
		return answer{}, err
	case a.Error != nil && a.Error.Panic:
		return answer{}, &failure{WhyCrash, a.Error}
	case a.Error != nil:
		return answer{}, a.Error
	case t.Signatures && a.Signatures == nil, !t.Signatures && a.Report == nil:
		return answer{}, &failure{WhyOutput, errors.New("answer without a result")}
	}
	return a, nil
}

// ask sends one line and waits for the answer that is not progress.
func (p *process) ask(ctx context.Context, question any, wall time.Duration, progress func(done, total int64)) (answer, error) {
	type result struct {
		a   answer
		err error
	}
	got := make(chan result, 1)
	go func() {
		a, err := p.exchange(question, progress)
		got <- result{a, err}
	}()
	timer := time.NewTimer(wall)
	defer timer.Stop()
	select {
	case r := <-got:
		return r.a, r.err
	case <-ctx.Done():
		p.kill()
		<-got // progress is not called any more once this returns
		return answer{}, ctx.Err()
	case <-timer.C:
		p.kill()
		<-got
		return answer{}, &failure{WhyTime, fmt.Errorf("no answer within %v", wall)}
	}
}

func (p *process) exchange(question any, progress func(done, total int64)) (answer, error) {
	if err := json.NewEncoder(p.in).Encode(question); err != nil {
		return answer{}, p.ended(err)
	}
	p.lines.left = p.lines.max
	for {
		line, err := p.lines.next()
		if errors.Is(err, errTooLong) {
			return answer{}, &failure{WhyOutput, err}
		} else if err != nil {
			return answer{}, p.ended(err)
		}
		var a answer
		if err := json.Unmarshal(line, &a); err != nil {
			return answer{}, &failure{WhyOutput, err}
		}
		if a.Report != nil || a.Signatures != nil || a.Error != nil || a.Ready {
			return a, nil
		}
		if progress != nil {
			progress(a.Done, a.Total)
		}
	}
}

// noMemory are the words of the Go runtime, with and without cgo, for memory that it does not get: for the heap, for its own
// bookkeeping, for the stack of a thread. Go 1.26 does not look whether a queue of its garbage collector got its memory
// (mgcmark_greenteagc.go, newSpanSPMC) and ends with a bare signal there; a worker runs no C code that could bring about another,
// and a fault in Go code reads otherwise ("[signal SIGSEGV: ...").
var noMemory = []string{"out of memory", "cannot allocate memory", "pthread_create failed", "failed to create new OS thread",
	"SIGSEGV: segmentation violation\nPC="}

// ended says why a worker that does not answer any more has ended.
func (p *process) ended(err error) error {
	p.kill()
	switch state := p.cmd.ProcessState; {
	case state != nil && state.ExitCode() == exitCPU:
		return &failure{WhyTime, err}
	case slices.ContainsFunc(noMemory, p.errors.contains):
		return &failure{WhyMemory, err}
	}
	return &failure{WhyCrash, err}
}

// end lets an idle worker finish by itself.
func (p *process) end() {
	p.in.Close()
	timer := time.AfterFunc(time.Second, p.kill)
	defer timer.Stop()
	p.killed.Do(func() { _ = p.cmd.Wait() })
}

// kill ends a worker at once and waits for it.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	p.killed.Do(func() {
		p.in.Close()
		_ = p.cmd.Wait()
	})
}

// errTooLong is an answer beyond the limit.
var errTooLong = errors.New("answer beyond the limit")

// lineReader reads lines; all lines since left was set may together have that many bytes.
type lineReader struct {
	r         *bufio.Reader
	max, left int64
}

func (l *lineReader) next() ([]byte, error) {
	var line []byte
	for {
		part, err := l.r.ReadSlice('\n')
		if l.left -= int64(len(part)); l.left < 0 {
			return nil, errTooLong
		}
		line = append(line, part...)
		if err == nil {
			return line, nil
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return nil, err
		}
	}
}

// notes keeps the first bytes that a worker writes to its standard error.
type notes struct {
	mu sync.Mutex
	b  []byte
}

const maxNotes = 16 << 10

func (t *notes) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.b = append(t.b, b[:min(len(b), maxNotes-len(t.b))]...)
	return len(b), nil
}

func (t *notes) contains(s string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return bytes.Contains(t.b, []byte(s))
}
