package pdfseal

import (
	"bytes"
	"context"
	"iter"
	"regexp"
	"slices"
	"strconv"
)

// maxPrefixes bounds how many earlier states are tried in a file that does not read strictly, or shows seals that it does not lead to.
const maxPrefixes = 32

// sealedEnds are the places in a file where a seal may have ended it.
type sealedEnds struct {
	shows bool    // the file holds the text of a /ByteRange
	ends  []int64 // to which a /ByteRange reaches, behind "%%EOF" and its line end or just before that; last first, maxPrefixes at most
	more  bool    // there are more
}

// scanEnds reads the file once. Only what a /ByteRange names counts: words "%%EOF" alone cost an attacker nothing, and would hide the one that
// matters among many.
func scanEnds(ctx context.Context, src Source) (*sealedEnds, error) {
	const overlap = 256 // a /ByteRange with its numbers stands whole in one piece
	named, marks := map[int64]bool{}, map[int64]bool{}
	out := &sealedEnds{}
	buf := make([]byte, max(2*overlap, min(1<<20, src.Size())))
	for off := int64(0); off < src.Size(); off += int64(len(buf) - overlap) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		piece := buf[:min(int64(len(buf)), src.Size()-off)]
		if err := readFull(src, piece, off); err != nil {
			return nil, err
		}
		for at := range places(piece, "/ByteRange") {
			out.shows = true
			if end, ok := rangeEnd(piece[at:min(len(piece), at+overlap)]); ok && end <= src.Size() && len(named) < maxRanges {
				named[end] = true
			}
		}
		for at := range places(piece, "%%EOF") {
			if at += len("%%EOF"); len(marks) < maxMarks {
				marks[off+int64(at)], marks[off+int64(at+eolLength(piece[at:]))] = true, true
			}
		}
		if off+int64(len(piece)) >= src.Size() {
			break
		}
	}
	out.choose(named, marks)
	return out, nil
}

// places gives where a word stands in b.
func places(b []byte, word string) iter.Seq[int] {
	return func(yield func(int) bool) {
		for at := 0; ; at += len(word) {
			i := bytes.Index(b[at:], []byte(word))
			if i < 0 || !yield(at+i) {
				return
			}
			at += i
		}
	}
}

// rangeEnd reads where a /ByteRange at the start of b ends.
func rangeEnd(b []byte) (end int64, ok bool) {
	m := rangeRE.FindSubmatch(b)
	if m == nil {
		return 0, false
	}
	from, _ := strconv.ParseInt(string(m[1]), 10, 64) // at most 18 digits
	length, _ := strconv.ParseInt(string(m[2]), 10, 64)
	return from + length, true
}

// choose keeps the ends that are both named and marked.
func (s *sealedEnds) choose(named, marks map[int64]bool) {
	for end := range named {
		if marks[end] {
			s.ends = append(s.ends, end)
		}
	}
	slices.Sort(s.ends)
	slices.Reverse(s.ends)
	s.more = len(s.ends) > maxPrefixes || len(named) >= maxRanges || len(marks) >= maxMarks
	s.ends = s.ends[:min(len(s.ends), maxPrefixes)]
}

// Bounds of the search (rule R1).
const (
	maxRanges = 4096
	maxMarks  = 1 << 18
)

var rangeRE = regexp.MustCompile(`^/ByteRange[\x00\t\n\f\r ]*\[[\x00\t\n\f\r ]*0+[\x00\t\n\f\r ]+\d{1,18}[\x00\t\n\f\r ]+(\d{1,18})[\x00\t\n\f\r ]+(\d{1,18})`)

// eolLength is the length of the line end at the start of b.
func eolLength(b []byte) int {
	switch {
	case bytes.HasPrefix(b, []byte("\r\n")):
		return 2
	case len(b) > 0 && (b[0] == '\n' || b[0] == '\r'):
		return 1
	}
	return 0
}
