package pdfseal

import (
	"context"
	"sync"
)

// chunkSize is how much of a document is read at a time; two chunks are in memory.
const chunkSize = 256 << 10

// chunk is a part of a document and where it stands.
type chunk struct {
	off   int64
	bytes []byte
}

// inChunks reads src from off on to its end, in order. Each chunk is given to first, which may be nil, and then to second, beside which the
// next one is already read and given to first: hashing takes most of the time, and a second processor does the rest. The first error
// ends it, as ctx does. Nothing runs any more when it returns.
func inChunks(ctx context.Context, src Source, off int64, first, second func(chunk) error) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	size := max(0, min(chunkSize, src.Size()-off))
	free, ready := make(chan []byte, 2), make(chan chunk)
	free <- make([]byte, size)
	free <- make([]byte, size)
	var readErr error
	go func() {
		defer close(ready)
		readErr = readChunks(ctx, src, off, first, free, ready)
	}()
	var err error
	for p := range ready {
		if err == nil {
			if err = second(p); err != nil {
				stop()
			}
		}
		free <- p.bytes[:size]
	}
	if err != nil {
		return err
	}
	return readErr
}

// readChunks fills the buffers of free and sends them to ready.
func readChunks(ctx context.Context, src Source, off int64, first func(chunk) error, free <-chan []byte, ready chan<- chunk) error {
	for total := src.Size(); off < total; {
		if err := ctx.Err(); err != nil {
			return err
		}
		buf := <-free
		p := chunk{off, buf[:min(int64(len(buf)), total-off)]}
		if err := readFull(src, p.bytes, off); err != nil {
			return err
		}
		if first != nil {
			if err := first(p); err != nil {
				return err
			}
		}
		off += int64(len(p.bytes))
		ready <- p
	}
	return nil
}

// meanwhile runs f beside the caller. What it answers waits for f and gives its result, a panic included; it has to be called before what
// f works on is let go.
func meanwhile[T any](f func() (T, error)) (wait func() (T, error)) {
	wait = sync.OnceValues(f)
	go func() {
		defer func() { _ = recover() }() // whoever waits meets it again
		_, _ = wait()
	}()
	return wait
}
