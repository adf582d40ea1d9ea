package token

import "context"

// EventKind says what happened to a UsbKey.
type EventKind int

// The kinds of Event.
const (
	Inserted EventKind = iota + 1
	Removed
	Changed // another PIN state or label of the same key
	Failed  // the driver does not answer; the watch goes on
)

// String returns the kind in English for logs.
func (k EventKind) String() string {
	switch k {
	case Inserted:
		return "inserted"
	case Removed:
		return "removed"
	case Changed:
		return "changed"
	case Failed:
		return "failed"
	default:
		return "unknown"
	}
}

// Event is one change. Info is that of the key, as last seen for Removed, zero for Failed; Err is set for Failed only.
type Event struct {
	Kind EventKind
	Info Info
	Err  error
}

// Watcher is a Provider that notices keys coming and going.
type Watcher interface {
	// Watch looks which keys are present before it returns, so that whoever reads the keys afterwards is told of every change since.
	// It reports those present as Inserted at once, then each change. The channel is closed when ctx ends or the Provider is closed.
	// A receiver that is slow delays the watch and loses nothing.
	Watch(ctx context.Context) (<-chan Event, error)
}
