package pdfseal

import (
	"context"
	"fmt"
	"io"

	"sealdesk/pdfseal/internal/pdf"
	"sealdesk/pdfseal/ses"
)

// AtRevision gives what a document was at a revision, counting from 1, without writing it: the bytes that ExtractFile would write.
// Errors are those of ExtractFile that concern reading.
func AtRevision(ctx context.Context, src Source, revision int) (Source, error) {
	end, _, err := revisionEnd(ctx, src, revision)
	if err != nil {
		return nil, err
	}
	return io.NewSectionReader(src, 0, end), nil
}

// PictureOf gives the seal picture out of the seal data that a report is about: what a front end shows, never what the page draws (rule E5).
// Fields of a hostile document may share a name, so that the seal must be the one reported. Nothing is verified. A document without such a
// seal is an error.
func PictureOf(ctx context.Context, src Source, of SealReport) (ses.Picture, error) {
	f, err := readable(ctx, src)
	if err != nil {
		return ses.Picture{}, err
	}
	all, err := findCandidates(f)
	if err != nil {
		return ses.Picture{}, err
	}
	for _, c := range all {
		if c.rep.Field != of.Field {
			continue
		}
		if err := c.checkRange(src, f); err != nil {
			return ses.Picture{}, err
		}
		if s := c.signature(); s != nil && printable(s.Seal.ID, 64) == of.Seal.ID {
			return s.Seal.Picture, nil
		}
	}
	return ses.Picture{}, fmt.Errorf("pdfseal: no seal %q in a field %q", of.Seal.ID, of.Field)
}

// readable opens a document, or the longest earlier state of it that a seal ended and that reads strictly.
func readable(ctx context.Context, src Source) (*pdf.File, error) {
	f, err := pdf.Open(ctx, src)
	if err == nil || !isSyntax(err) {
		return f, err
	}
	states, scanErr := scanEnds(ctx, src)
	if scanErr != nil {
		return nil, scanErr
	}
	for _, at := range states.ends {
		if f, partErr := pdf.Open(ctx, pdf.Limit(src, at)); partErr == nil {
			return f, nil
		}
	}
	return nil, err
}
