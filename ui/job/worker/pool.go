package worker

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"sealdesk/pdfseal"
)

// Options say how a Pool's workers run.
type Options struct {
	Program string    // default: this program
	Trust   []byte    // for the workers' Loader
	Now     time.Time // the time to judge at; zero is the time of the Pool's making
	Limits  Limits
	Workers int // at once; 0: one for each processor
}

// Pool keeps workers. It is safe for concurrent use. Workers are started when they are needed and used again until they fail.
type Pool struct {
	o     Options
	slots chan *process // nil: room for one that does not run yet
}

// NewPool prepares a pool; it starts nothing.
func NewPool(o Options) (*Pool, error) {
	if o.Program == "" {
		self, err := os.Executable()
		if err != nil {
			return nil, fmt.Errorf("worker: %w", err)
		}
		o.Program = self
	}
	if o.Now.IsZero() {
		o.Now = time.Now()
	}
	if o.Workers <= 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	o.Limits = o.Limits.withDefaults()
	p := &Pool{o: o, slots: make(chan *process, o.Workers)}
	for range o.Workers {
		p.slots <- nil
	}
	return p, nil
}

// Close ends all workers. It waits for documents that are still being verified; cancel their contexts to be quick.
func (p *Pool) Close() {
	for range p.o.Workers {
		if w := <-p.slots; w != nil {
			w.end()
		}
	}
}

// Verify judges the document at path, as pdfseal.VerifyFile does, in a worker. progress may be nil. Where the worker fails, the
// report is indeterminate (WORKER). Cancelling ctx kills the worker at once; the error is then ctx.Err(). Other errors are those
// that the worker reported (*Error), or that no worker could be started.
func (p *Pool) Verify(ctx context.Context, path string, progress func(done, total int64)) (*pdfseal.Report, error) {
	a, size, err := p.do(ctx, path, task{Progress: progress != nil}, progress)
	var failed *failure
	switch {
	case errors.As(err, &failed):
		return failedReport(path, size, failed.why), nil
	case err != nil:
		return nil, err
	}
	a.Report.File = path
	return a.Report, nil
}

// Signatures lists the seal signatures of the document at path, as pdfseal.SignaturesOfFile does, in a worker. That a worker failed
// is an error here.
func (p *Pool) Signatures(ctx context.Context, path string) ([]pdfseal.Sealed, error) {
	a, _, err := p.do(ctx, path, task{Signatures: true}, nil)
	if err != nil {
		return nil, err
	}
	return *a.Signatures, nil
}

// do gives one task to a free worker. A worker that failed is not used again.
func (p *Pool) do(ctx context.Context, path string, t task, progress func(done, total int64)) (a answer, size int64, err error) {
	if path, err = filepath.Abs(path); err != nil {
		return answer{}, 0, fmt.Errorf("worker: %w", err)
	}
	t.Path = []byte(path)
	var w *process
	select {
	case w = <-p.slots:
	case <-ctx.Done():
		return answer{}, 0, ctx.Err()
	}
	defer func() { p.slots <- w }()
	if w == nil {
		if w, err = start(ctx, p.o); err != nil {
			return answer{}, 0, err
		}
	}
	if st, err := os.Stat(path); err == nil {
		size = st.Size()
	}
	a, err = w.do(ctx, t, p.o.Limits.wall(size), progress)
	var failed *failure
	if errors.As(err, &failed) || ctx.Err() != nil {
		w.kill()
		w = nil
	}
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	return a, size, err
}

// failedReport is what a document gets whose worker failed.
func failedReport(path string, size int64, why string) *pdfseal.Report {
	return &pdfseal.Report{File: path, Size: size, Verdict: pdfseal.VerdictIndeterminate,
		Reasons: []pdfseal.Reason{{Rule: "R1", Key: pdfseal.ReasonWorker, Data: map[string]string{"why": why}, Verdict: pdfseal.VerdictIndeterminate}},
		Seals:   []pdfseal.SealReport{}, Changes: []pdfseal.Change{}}
}
