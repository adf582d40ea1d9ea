package pdfseal

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/internal/pdf"
)

// Extracted says what ExtractFile wrote.
type Extracted struct {
	Revision int      // counts from 1, as Coverage.Revision
	Sealed   bool     // the revision ends with a seal: these are exactly the bytes that it covers, with its own value
	Size     int64    // bytes
	SM3      [32]byte // of the new file
}

// ExtractFile writes the document as it was at a revision, counting from 1, into the new file dst: for a revision that a seal
// closed, exactly the bytes [0, c+d) of its ByteRange (rule P4), for any other one the bytes up to its end. What the file says of
// itself afterwards is cut off, nothing is rewritten. A file that does not read strictly is read up to where it does.
//
// Errors: those of OpenFile, *SyntaxError, ErrNotPDF, ErrEncrypted; *RequestError NO_REVISION; ErrOutputExists, *SaveError. dst
// appears whole or not at all; after a *SaveError with StepSyncDir it is there.
func ExtractFile(ctx context.Context, dst, src string, revision int) (*Extracted, error) {
	if err := Absent(dst); err != nil {
		return nil, err
	}
	in, err := OpenFile(src)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	out := &Extracted{Revision: revision}
	if out.Size, out.Sealed, err = revisionEnd(ctx, in, revision); err != nil {
		return nil, err
	}
	return out, writeNew(dst, func(tmp *os.File) error {
		if err := out.copy(ctx, tmp, in); err != nil {
			return err
		}
		return in.unchanged()
	})
}

// copy stages the bytes.
func (e *Extracted) copy(ctx context.Context, tmp *os.File, in *File) error {
	h := gm.NewSM3()
	w := io.MultiWriter(&stepWriter{f: tmp}, h)
	from := io.NewSectionReader(in, 0, e.Size)
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		_, err := io.CopyN(w, from, 1<<20)
		if errors.Is(err, io.EOF) {
			h.Sum(e.SM3[:0])
			return nil
		} else if err != nil {
			return err
		}
	}
}

// revisionEnd finds where a revision ends, and whether a seal covers it to there.
func revisionEnd(ctx context.Context, src Source, revision int) (end int64, sealed bool, err error) {
	f, err := readable(ctx, src)
	if err != nil {
		return 0, false, err
	}
	return endOf(f, src, revision)
}

func endOf(f *pdf.File, src Source, revision int) (end int64, sealed bool, err error) {
	revs := f.Revisions()
	if revision < 1 || revision > len(revs) {
		return 0, false, &RequestError{Field: "Revision", Key: "NO_REVISION",
			Err: fmt.Errorf("revision %d of %d", revision, len(revs))}
	}
	all, err := findCandidates(f)
	if err != nil {
		return 0, false, err
	}
	for _, c := range all {
		if c.rev != revision-1 {
			continue
		}
		if err := c.checkRange(src, f); err != nil {
			return 0, false, err
		}
		if !c.closed && !c.has(ReasonCoverage) {
			return c.br[2] + c.br[3], true, nil
		}
	}
	return revs[revision-1].End, false, nil
}
