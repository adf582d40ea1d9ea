package pdf

import (
	"bytes"
	"compress/zlib"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

// ErrFilter says that a stream has a filter other than FlateDecode with a PNG or TIFF predictor.
var ErrFilter = errors.New("pdf: filter is not read")

// RawStream returns the bytes of a stream as they stand in the file, at most max.
func (f *File) RawStream(sd *types.StreamDict, max int64) ([]byte, error) {
	if sd == nil || sd.StreamLength == nil {
		return nil, errors.New("pdf: stream without a place in the file")
	}
	n := *sd.StreamLength
	if n < 0 || sd.StreamOffset < 0 || n > f.size-sd.StreamOffset {
		return nil, syntax("S2", sd.StreamOffset, "stream outside the file")
	}
	if n > max {
		return nil, beyond(sd.StreamOffset, "stream of %d bytes, %d allowed", n, max)
	}
	b := make([]byte, n)
	if _, err := io.ReadFull(io.NewSectionReader(f.src, sd.StreamOffset, n), b); err != nil {
		return nil, fmt.Errorf("pdf: read at %d: %w", sd.StreamOffset, err)
	}
	return b, nil
}

// ReadStream returns the decoded bytes of a stream, at most max. It reads unfiltered streams and FlateDecode with the PNG and TIFF
// predictors; any other filter gives a *SyntaxError that wraps ErrFilter.
func (f *File) ReadStream(sd *types.StreamDict, max int64) ([]byte, error) {
	if sd == nil || sd.StreamLength == nil {
		return nil, errors.New("pdf: stream without a place in the file")
	}
	if _, external := sd.Dict["F"]; external {
		return nil, &SyntaxError{Rule: "R1", Offset: sd.StreamOffset, Msg: "stream data in an external file", Err: ErrFilter}
	}
	if len(sd.FilterPipeline) == 0 {
		return f.RawStream(sd, max)
	}
	pf := sd.FilterPipeline[0]
	if len(sd.FilterPipeline) > 1 || pf.Name != "FlateDecode" {
		return nil, &SyntaxError{Rule: "R1", Offset: sd.StreamOffset, Msg: "filter " + printable(pf.Name) + " is not read here", Err: ErrFilter}
	}
	pred, err := newPredictor(pf.DecodeParms, sd.StreamOffset)
	if err != nil {
		return nil, err
	}
	b, err := f.inflate(sd, pred.encoded(max))
	if err != nil {
		return nil, err
	}
	return pred.decode(b, sd.StreamOffset)
}

// smallInflate is the size up to which a stream is decompressed in one pass.
const smallInflate = 1 << 20

// inflate decompresses a zlib stream to at most max bytes. Bytes after its checksum are ignored, as all readers do: /Length often
// counts the line end before endstream. A large stream is decompressed twice, first only to learn its size: one that is beyond max
// takes no memory, any other what it needs.
func (f *File) inflate(sd *types.StreamDict, max int64) ([]byte, error) {
	var small bytes.Buffer
	n, err := f.inflateTo(&small, sd, min(max, smallInflate))
	if err != nil || n <= min(max, smallInflate) {
		return small.Bytes(), err
	}
	if n, err = f.inflateTo(io.Discard, sd, max); err != nil {
		return nil, err
	}
	if n > max {
		return nil, beyond(sd.StreamOffset, "stream of more than %d decoded bytes", max)
	}
	b := bytes.NewBuffer(make([]byte, 0, n))
	_, err = f.inflateTo(onlyWriter{b}, sd, n)
	return b.Bytes(), err
}

// onlyWriter hides everything but Write, so that io.Copy does not let a buffer grow beyond what is written.
type onlyWriter struct{ io.Writer }

// inflateTo decompresses up to one byte more than max, and says how many.
func (f *File) inflateTo(w io.Writer, sd *types.StreamDict, max int64) (int64, error) {
	src := &contextReader{ctx: f.ctx, r: io.NewSectionReader(f.src, sd.StreamOffset, *sd.StreamLength)}
	z, err := zlib.NewReader(src)
	if err != nil {
		return 0, inflateError(src, sd.StreamOffset, err)
	}
	n, err := io.Copy(w, io.LimitReader(z, max+1))
	if err != nil {
		return n, inflateError(src, sd.StreamOffset, err)
	}
	return n, nil
}

func inflateError(src *contextReader, off int64, err error) error {
	if src.err != nil {
		return fmt.Errorf("pdf: read at %d: %w", off, src.err)
	}
	return syntax("S2", off, "damaged compressed data: %v", err)
}

// contextReader stops reading when the context ends and remembers errors of the source.
type contextReader struct {
	ctx context.Context
	r   io.Reader
	err error
}

func (c *contextReader) Read(b []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		c.err = err
		return 0, err
	}
	n, err := c.r.Read(b)
	if err != nil && err != io.EOF {
		c.err = err
	}
	return n, err
}

// Flate compresses data for a stream with /Filter /FlateDecode. Equal data give equal bytes.
func Flate(data []byte) []byte {
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	z.Write(data) // a bytes.Buffer does not fail
	z.Close()
	return b.Bytes()
}
