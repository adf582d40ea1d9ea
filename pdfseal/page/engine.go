package page

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"sync"

	"github.com/klippa-app/go-pdfium"
	"github.com/klippa-app/go-pdfium/webassembly"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
)

const (
	maxInstances   = 32
	maxMemoryPages = 512 << 20 >> 16 // WebAssembly pages of 64 KiB that one document may use: 512 MiB
)

// engine is the compiled program; every open document runs in an instance of its own, so that a failure stays with its document.
type engine struct {
	mu     sync.Mutex // one instance is made at a time, see tether
	pool   pdfium.Pool
	tether *tether
	used   int
}

// shared is the engine of the process, made on first use.
var shared struct {
	mu    sync.Mutex
	start *start
}

// start is one attempt to compile the program.
type start struct {
	done   chan struct{}
	engine *engine
	err    error
}

// Warm gets the engine ready, so that the first Open does not have to wait for its compilation. It may be called from any
// goroutine, any number of times. When ctx ends first, that is the error, and the compilation goes on in the
// background; a failed start is tried again by the next call.
func Warm(ctx context.Context) error {
	_, err := running(ctx)
	return err
}

// running answers the engine of the process. A failed start is tried again by the next call.
func running(ctx context.Context) (*engine, error) {
	s := begin()
	select {
	case <-s.done:
		return s.engine, s.err
	case <-ctx.Done():
		return nil, fmt.Errorf("page: %w", context.Cause(ctx))
	}
}

func begin() *start {
	shared.mu.Lock()
	defer shared.mu.Unlock()
	if s := shared.start; s != nil {
		select {
		case <-s.done:
			if s.err == nil {
				return s
			}
		default:
			return s
		}
	}
	s := &start{done: make(chan struct{})}
	shared.start = s
	go func() {
		defer close(s.done)
		s.engine, s.err = compile(cacheDir())
	}()
	return s
}

// cacheDir keeps the compiled program, which saves some seconds at each start of the process; "" for none.
func cacheDir() string {
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "sealdesk")
}

// compile makes the engine, with the cache on disk if that works.
func compile(dir string) (*engine, error) {
	if cache := openCache(dir); cache != nil {
		if e, err := newEngine(cache); err == nil {
			return e, nil
		}
	}
	return newEngine(nil)
}

// openCache opens the compilation cache, or answers nil. Code is loaded from there, so nobody else may have written it.
func openCache(dir string) wazero.CompilationCache {
	if dir == "" || os.MkdirAll(dir, 0o700) != nil {
		return nil
	}
	st, err := os.Stat(dir)
	if err != nil || runtime.GOOS != "windows" && st.Mode().Perm()&0o022 != 0 {
		return nil
	}
	cache, err := wazero.NewCompilationCacheWithDir(dir)
	if err != nil {
		return nil
	}
	return cache
}

func newEngine(cache wazero.CompilationCache) (*engine, error) {
	config := wazero.NewRuntimeConfig().
		WithCoreFeatures(api.CoreFeaturesV2 | experimental.CoreFeaturesExceptionHandling).
		WithMemoryLimitPages(maxMemoryPages).
		WithCloseOnContextDone(true)
	if cache != nil {
		config = config.WithCompilationCache(cache)
	}
	t := &tether{Context: context.Background(), life: context.Background()}
	pool, err := webassembly.Init(webassembly.Config{
		Context:       t,
		MaxTotal:      maxInstances,
		FSConfig:      wazero.NewFSConfig(), // no file system
		RuntimeConfig: config,
		Stdout:        io.Discard,
		Stderr:        io.Discard,
	})
	if err != nil {
		return nil, fmt.Errorf("page: start: %w", err)
	}
	return &engine{pool: pool, tether: t}, nil
}

// instance makes an instance that ends when life ends. Whoever gets it calls release.
func (e *engine) instance(ctx, life context.Context) (pdfium.Pdfium, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.used == maxInstances {
		return nil, ErrBusy
	}
	e.tether.to(life)
	defer e.tether.to(context.Background())
	in, err := e.pool.GetInstanceWithContext(ctx)
	if err != nil {
		return nil, fmt.Errorf("page: start: %w", err)
	}
	e.used++
	return in, nil
}

// release frees an instance, whatever state it is in.
func (e *engine) release(in pdfium.Pdfium) {
	_ = in.Close() // an instance that was ended reports so
	e.mu.Lock()
	e.used--
	e.mu.Unlock()
}
