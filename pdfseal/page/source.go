package page

import (
	"errors"
	"io"
	"sync"
)

// reader gives pdfium the bytes of a document piece by piece and remembers the first error, which pdfium swallows.
type reader struct {
	src  io.ReaderAt
	size int64
	pos  int64

	mu  sync.Mutex
	err error
}

// Read implements io.Reader.
func (r *reader) Read(p []byte) (int, error) {
	if r.pos >= r.size {
		return 0, io.EOF
	}
	if rest := r.size - r.pos; int64(len(p)) > rest {
		p = p[:rest]
	}
	n, err := r.src.ReadAt(p, r.pos)
	r.pos += int64(n)
	if n == len(p) {
		return n, nil
	}
	if err == nil || errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF // the file is shorter than its announced size
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err == nil {
		r.err = err
	}
	return n, err
}

// Seek implements io.Seeker; only positions from the start are asked for.
func (r *reader) Seek(offset int64, whence int) (int64, error) {
	if whence != io.SeekStart || offset < 0 {
		return 0, errors.New("page: unsupported seek")
	}
	r.pos = offset
	return offset, nil
}

// takeErr answers the error of reads since the last call.
func (r *reader) takeErr() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	err := r.err
	r.err = nil
	return err
}
