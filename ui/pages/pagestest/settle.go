// Package pagestest helps tests of what shows pages.
package pagestest

import (
	"runtime"
	"strings"
	"testing"
	"time"
)

// limit is far beyond what any machine needs: whoever reaches it waits in vain.
const limit = 2 * time.Minute

// Settle runs what is posted until no page is being drawn and nothing is left to run, however long this machine takes.
func Settle(t testing.TB, posts <-chan func()) {
	t.Helper()
	for end := time.Now().Add(limit); time.Now().Before(end); {
		idle := !drawing() // asked first: what a loader has posted before it ended is seen below
		select {
		case f := <-posts:
			f()
		default:
			if idle {
				return
			}
			time.Sleep(time.Millisecond)
		}
	}
	t.Fatalf("pages are still being drawn after %v", limit)
}

// drawing tells whether the goroutine of any loader runs, or has been started and waits for its turn.
func drawing() bool {
	stacks := make([]byte, 1<<20)
	for n := runtime.Stack(stacks, true); ; n = runtime.Stack(stacks, true) {
		if n < len(stacks) {
			return strings.Contains(string(stacks[:n]), "created by sealdesk/ui/pages.(*Loader).Want")
		}
		stacks = make([]byte, 2*len(stacks))
	}
}
