package worker

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"sync"
	"time"

	"sealdesk/pdfseal"
	"sealdesk/pdfseal/trust"
	"sealdesk/ui/explain"
	"sealdesk/ui/job"
)

// Loader opens the trust that a Pool was told of; it may answer nil for none.
type Loader func(spec []byte) (*trust.Store, error)

// Requested tells whether this process was started as a worker.
func Requested(args []string) bool { return len(args) == 2 && args[1] == Argument }

// maxStack ends runaway recursion early, long before memory is exhausted.
const maxStack = 64 << 20

// Main is the whole life of a worker process. It answers the exit code.
func Main(load Loader) int {
	debug.SetMaxStack(maxStack)
	debug.SetTraceback("none")
	return serve(os.Stdin, os.Stdout, load, func(l Limits) func() {
		debug.SetGCPercent(garbage)
		debug.SetMemoryLimit(l.Memory / 4 * 3)
		return limitProcess(l)
	})
}

// garbage is how much may lie about before it is collected, in percent of what is in use: twice the usual, because an ordinary
// document needs a few megabytes and many follow one another. Near the limit of memory it is collected sooner.
const garbage = 200

// serve reads the setup and then tasks, until its input ends.
func serve(in io.Reader, out io.Writer, load Loader, limit func(Limits) func()) int {
	dec := json.NewDecoder(bufio.NewReader(in))
	w := &answers{enc: json.NewEncoder(out)}
	var s setup
	if err := dec.Decode(&s); err != nil {
		return 1
	}
	eachTask := limit(s.Limits.withDefaults())
	store, err := load(s.Trust)
	if err != nil {
		w.send(answer{Error: describe(err)})
		return 1
	}
	w.send(answer{Ready: true})
	for {
		var t task
		if err := dec.Decode(&t); err != nil {
			return 0 // the parent has gone, or is done
		}
		eachTask()
		w.send(run(t, pdfseal.VerifyOptions{Trust: store, Now: s.Now}, w))
		if w.err != nil {
			return 1
		}
	}
}

// progressEvery keeps progress from crowding out the work.
const progressEvery = 50 * time.Millisecond

func run(t task, o pdfseal.VerifyOptions, w *answers) (a answer) {
	defer func() {
		if p := recover(); p != nil {
			a = answer{Error: &Error{Text: fmt.Sprintf("internal fault: %v", p), Panic: true}}
		}
	}()
	path := string(t.Path)
	if err := job.Regular(path); err != nil {
		return answer{Error: describe(err)}
	}
	if t.Signatures {
		list, err := pdfseal.SignaturesOfFile(context.Background(), path)
		if err != nil {
			return answer{Error: describe(err)}
		}
		return answer{Signatures: &list}
	}
	if t.Progress {
		var last time.Time
		o.Progress = func(done, total int64) {
			if now := time.Now(); now.Sub(last) >= progressEvery {
				last = now
				w.send(answer{Done: done, Total: total})
			}
		}
	}
	rep, err := pdfseal.VerifyFile(context.Background(), path, o)
	if err != nil {
		return answer{Error: describe(err)}
	}
	return answer{Report: rep}
}

func describe(err error) *Error {
	return &Error{Message: explain.Error(err), Text: err.Error()}
}

// answers writes lines; progress may come from another goroutine than the result.
type answers struct {
	mu  sync.Mutex
	enc *json.Encoder
	err error
}

func (w *answers) send(a answer) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err == nil {
		w.err = w.enc.Encode(a)
	}
}
