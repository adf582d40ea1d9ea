// Package worker verifies documents in processes of their own. Reading a hostile document can exhaust memory, run into a limit
// of the runtime that no program survives, or take for ever; a worker then ends, and only its document is affected: it becomes
// indeterminate with a reason (WORKER), never valid, and the program goes on (verification.md §4.3, DESIGN §6).
//
// The parent is a Pool. The worker is the same program, started with the one argument Argument: its main function calls Main
// before anything else where Requested says so. Parent and worker talk in lines of JSON over the worker's standard streams.
package worker

import (
	"time"

	"sealdesk/pdfseal"
	"sealdesk/ui/explain"
)

// Argument is the only argument of a worker process.
const Argument = "__verify-worker"

// Limits bound one worker. A zero value stands for the default.
type Limits struct {
	Memory int64         // bytes of memory that the worker may write to; default 1 GiB, where the system can enforce it
	CPU    time.Duration // processor time for one document; default 60 s, where the system can enforce it
	Wall   time.Duration // time for one document; default 30 s and a second for each 32 MiB
	Output int64         // bytes of answer to one document; default 64 MiB
}

const (
	defaultMemory = 1 << 30
	defaultCPU    = 60 * time.Second
	defaultWall   = 30 * time.Second
	defaultOutput = 64 << 20
)

func (l Limits) withDefaults() Limits {
	if l.Memory <= 0 {
		l.Memory = defaultMemory
	}
	if l.CPU <= 0 {
		l.CPU = defaultCPU
	}
	if l.Output <= 0 {
		l.Output = defaultOutput
	}
	return l
}

// wall is the time allowed for a document of size bytes.
func (l Limits) wall(size int64) time.Duration {
	if l.Wall > 0 {
		return l.Wall
	}
	return defaultWall + time.Duration(float64(size)*float64(time.Second)/(32<<20))
}

// Why a worker failed, as the data "why" of the reason WORKER.
const (
	WhyCrash  = "crash"  // it ended by itself
	WhyMemory = "memory" // it ran out of memory
	WhyTime   = "time"   // it took longer than allowed
	WhyOutput = "output" // it answered too much, or nonsense
)

// setup is the first line to a worker, task every further one.
type setup struct {
	Trust  []byte    `json:"trust"` // for the Loader
	Now    time.Time `json:"now"`
	Limits Limits    `json:"limits"`
}

type task struct {
	Path       []byte `json:"path"` // not a string: a file name need not be UTF-8
	Progress   bool   `json:"progress"`
	Signatures bool   `json:"signatures"` // list them instead of verifying
}

// answer is a line from a worker: progress, or the one result of a task.
type answer struct {
	Ready      bool              `json:"ready,omitempty"`
	Done       int64             `json:"done,omitempty"`
	Total      int64             `json:"total,omitempty"`
	Report     *pdfseal.Report   `json:"report,omitempty"`
	Signatures *[]pdfseal.Sealed `json:"signatures,omitempty"`
	Error      *Error            `json:"error,omitempty"`
}

// Error is an error that a worker met and reported: a document that cannot be read, or trust that cannot be loaded. It comes with
// what ui/explain says of it.
type Error struct {
	Message explain.Message `json:"message"`
	Text    string          `json:"text"` // for the log
	Panic   bool            `json:"panic,omitempty"`
}

func (e *Error) Error() string { return "worker: " + e.Text }

// Explanation implements explain.Explained.
func (e *Error) Explanation() explain.Message { return e.Message }
