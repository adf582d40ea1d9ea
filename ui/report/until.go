package report

import (
	"context"
	"sync"
)

// until makes the callbacks silent once ctx has ended or stop was called. stop waits for one that is running; after it none runs any more.
func (o Options) until(ctx context.Context) (out Options, stop func()) {
	var mu sync.Mutex
	ended := false
	stop = func() {
		mu.Lock()
		defer mu.Unlock()
		ended = true
	}
	out = o
	if o.Progress != nil {
		out.Progress = func(done, total int) {
			mu.Lock()
			defer mu.Unlock()
			if !ended && ctx.Err() == nil {
				o.Progress(done, total)
			}
		}
	}
	if o.Found != nil {
		out.Found = func(p Pair) error {
			mu.Lock()
			defer mu.Unlock()
			if ended || ctx.Err() != nil {
				return context.Cause(ctx)
			}
			return o.Found(p)
		}
	}
	return out, stop
}
