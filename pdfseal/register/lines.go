package register

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
)

// line is one line of the file.
type line struct {
	off  int64 // where it begins
	size int64 // with its end
	rec  *record
	err  error // why rec is nil
	open bool  // the file ends before the line does
	zero bool  // it holds a zero byte, as only a crash leaves
}

func (l *line) end() int64 { return l.off + l.size }

// lines reads the lines of src from off on; the bounds of a record hold for what is kept in memory. An error of src ends the sequence.
func lines(src io.ReaderAt, off, size int64) iter.Seq2[line, error] {
	return func(yield func(line, error) bool) {
		in := bufio.NewReaderSize(io.NewSectionReader(src, off, size-off), 64<<10)
		for off < size {
			l, err := next(in)
			l.off = off
			off += l.size
			if !yield(l, err) || err != nil {
				return
			}
		}
	}
}

// next reads one line.
func next(in *bufio.Reader) (line, error) {
	var l line
	var kept []byte
	for {
		part, err := in.ReadSlice('\n')
		l.size += int64(len(part))
		l.zero = l.zero || bytes.IndexByte(part, 0) >= 0
		if len(kept)+len(part) <= maxRecord {
			kept = append(kept, part...)
		}
		switch {
		case err == nil:
			l.rec, l.err = content(kept, l.size)
			return l, nil
		case errors.Is(err, io.EOF):
			l.open, l.err = true, io.ErrUnexpectedEOF
			if l.size == 0 {
				return l, io.ErrUnexpectedEOF // the file has become shorter
			}
			return l, nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return l, err
		}
	}
}

func content(kept []byte, size int64) (*record, error) {
	if int64(len(kept)) != size {
		return nil, fmt.Errorf("%w: more than %d bytes", errForm, maxRecord)
	}
	return decode(kept[:len(kept)-1])
}
