//go:build !linux

package worker

import "runtime/debug"

// limitProcess sets what the runtime itself can keep; the parent's limit of time holds everywhere.
func limitProcess(l Limits) (eachTask func()) {
	debug.SetMemoryLimit(l.Memory)
	return func() {}
}
