package page

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"time"

	"github.com/klippa-app/go-pdfium"
	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"
)

// TimeLimit is the longest that one call may take, apart from the compilation of the engine.
const TimeLimit = 8 * time.Second

// maxFile is the longest file that pdfium can address.
const maxFile = math.MaxInt32

// Document is an open document. Its methods may be called from several goroutines; they run one after another. After a call that
// was cancelled, ran out of time or made pdfium fail, the next call starts afresh.
type Document struct {
	src    io.ReaderAt
	size   int64
	file   io.Closer     // nil where the caller owns the source
	turn   chan struct{} // holds one token: the right to use what follows
	pages  int
	live   *live
	units  *units
	closed bool
}

// live is the running part of a document.
type live struct {
	engine *engine
	in     pdfium.Pdfium
	doc    references.FPDF_DOCUMENT
	reader *reader
	end    context.CancelFunc
}

// Open opens the PDF file at path. Pages are read when they are asked for. Errors: ErrNotPDF, ErrEncrypted, ErrTooLarge (2 GiB and
// above), ErrTimeLimit, ErrBusy, ErrFailed, those of the file system and of ctx.
func Open(ctx context.Context, path string) (*Document, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("page: %w", err)
	}
	st, err := f.Stat()
	if err == nil && !st.Mode().IsRegular() {
		err = fmt.Errorf("%s is not a regular file", path)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("page: %w", err), f.Close())
	}
	d, err := New(ctx, f, st.Size())
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	d.file = f
	return d, nil
}

// New opens the document of size bytes in src, which must stay readable and unchanged until Close. Errors as for Open.
func New(ctx context.Context, src io.ReaderAt, size int64) (*Document, error) {
	if size > maxFile {
		return nil, fmt.Errorf("%w: file of %d bytes", ErrTooLarge, size)
	}
	if size <= 0 {
		return nil, fmt.Errorf("%w: the file is empty", ErrNotPDF)
	}
	d := &Document{src: src, size: size, turn: make(chan struct{}, 1)}
	d.turn <- struct{}{}
	err := d.do(ctx, func(l *live, _ context.Context) error {
		count, err := l.in.FPDF_GetPageCount(&requests.FPDF_GetPageCount{Document: l.doc})
		if err != nil {
			return err
		}
		d.pages = max(0, count.PageCount)
		return nil
	})
	if err != nil {
		_ = d.Close() // nothing was written
		return nil, err
	}
	return d, nil
}

// Pages is the number of pages.
func (d *Document) Pages() int { return d.pages }

// Close frees the document, after a running call has ended. Further calls answer ErrClosed; a further Close does nothing.
func (d *Document) Close() error {
	<-d.turn
	defer func() { d.turn <- struct{}{} }()
	if d.closed {
		return nil
	}
	d.closed = true
	d.drop()
	d.dropUnits()
	if d.file == nil {
		return nil
	}
	if err := d.file.Close(); err != nil {
		return fmt.Errorf("page: %w", err)
	}
	return nil
}

// do runs f alone, with a running document, within the time limit.
func (d *Document) do(ctx context.Context, f func(*live, context.Context) error) error {
	select {
	case <-d.turn:
	case <-ctx.Done():
		return fmt.Errorf("page: %w", context.Cause(ctx))
	}
	defer func() { d.turn <- struct{}{} }()
	if d.closed {
		return ErrClosed
	}
	e, err := running(ctx)
	if err != nil {
		return err
	}
	limited, cancel := context.WithTimeout(ctx, TimeLimit)
	defer cancel()
	if err := d.wake(ctx, limited, e); err != nil {
		return err
	}
	return d.call(ctx, limited, f)
}

// call runs f and ends the instance when limited ends before f does.
func (d *Document) call(ctx, limited context.Context, f func(*live, context.Context) error) error {
	stop := context.AfterFunc(limited, d.live.end)
	err := f(d.live, limited)
	read := d.live.reader.takeErr()
	if !stop() {
		d.drop()
		return reason(ctx, limited, nil, err)
	}
	if err != nil && !errors.Is(err, ErrNoPage) && !errors.Is(err, ErrTooLarge) {
		d.drop()
		return reason(ctx, limited, read, err)
	}
	return err
}

// wake starts an instance and opens the document in it, unless one is running.
func (d *Document) wake(ctx, limited context.Context, e *engine) error {
	if d.live != nil {
		return nil
	}
	life, end := context.WithCancel(context.Background())
	in, err := e.instance(limited, life)
	if err != nil {
		end()
		return err
	}
	d.live = &live{engine: e, in: in, end: end, reader: &reader{src: d.src, size: d.size}}
	return d.call(ctx, limited, func(l *live, _ context.Context) error {
		opened, err := in.OpenDocument(&requests.OpenDocument{FileReader: l.reader, FileReaderSize: d.size})
		if err != nil {
			return opening(err)
		}
		l.doc = opened.Document
		return nil
	})
}

// drop ends the running part.
func (d *Document) drop() {
	if d.live == nil {
		return
	}
	l := d.live
	d.live = nil
	l.engine.release(l.in)
	l.end()
}
