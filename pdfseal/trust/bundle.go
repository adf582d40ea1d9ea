package trust

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/internal/der"
)

// Frame of a bundle; see the package's documentation.
const (
	magic         = "\x89SDTB\r\n\x1a"
	frameVersion  = 1
	frameSize     = len(magic) + 2
	maxSignatures = 8
)

// IsBundle reports whether a file with this beginning claims to be a bundle.
func IsBundle(head []byte) bool { return bytes.HasPrefix(head, []byte(magic)) }

// Open reads the bundle at path and keeps the file open for look-ups: seals
// are read where they lie, everything else is in memory. The signatures have
// been checked against the pins, and the revocation lists read; the seal
// tables are checked page by page when they are looked at, or all by Check.
// Expiry and number are for the caller. Errors are *Refusal with one of the
// first five reasons, or those of the file system, wrapped.
func Open(path string, pins Pins) (*Store, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("trust: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, refusal(ReasonFormat, "not a regular file")
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("trust: %w", err)
	}
	return OpenFile(f, pins)
}

// OpenFile is Open for a file that is open already; the store, or the error, closes it.
func OpenFile(f *os.File, pins Pins) (*Store, error) {
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("trust: %w", err)
	}
	s, err := Read(f, info.Size(), pins)
	if err != nil {
		f.Close()
		return nil, err
	}
	s.path, s.closer = f.Name(), f
	return s, nil
}

// Read is Open for the size bytes of r, which must stay as they are while the store is used.
func Read(r io.ReaderAt, size int64, pins Pins) (*Store, error) {
	s, err := read(r, size, pins)
	var known *Refusal
	switch {
	case err == nil:
		return s, nil
	case errors.As(err, &known):
		return nil, err
	case errors.Is(err, ErrFormat):
		return nil, &Refusal{Reason: ReasonFormat, Err: err}
	}
	return nil, fmt.Errorf("trust: read: %w", err)
}

func read(r io.ReaderAt, size int64, pins Pins) (*Store, error) {
	if size > MaxBundle {
		return nil, refusal(ReasonFormat, "%d bytes, more than %d", size, MaxBundle)
	}
	signers, body, err := readSigners(r, size)
	if err != nil {
		return nil, err
	}
	content := signers[0].content
	m, err := parseManifest(content)
	if err != nil {
		return nil, err
	}
	for _, x := range signers {
		if !bytes.Equal(x.content, content) {
			return nil, refusal(ReasonMixed, "the signatures are of different manifests")
		}
		if !x.at.Equal(m.Issued) {
			return nil, refuse("issued", "not the time of signing")
		}
	}
	sum := gm.SM3(content)
	by := signed{manifest: hex.EncodeToString(sum[:])}
	roots, err := m.readRoots()
	if err == nil {
		err = by.judge(roots, signers, pins)
	}
	if err != nil {
		return nil, err
	}
	s, err := m.store(roots)
	if err != nil {
		return nil, err
	}
	s.signed = by
	return s, s.addSections(r, body, size, m.Sections)
}

// readSigners reads the frame and the signatures, and answers where the sections begin.
func readSigners(r io.ReaderAt, size int64) (signers []*signer, body int64, err error) {
	frame, err := readAt(r, 0, min(size, int64(frameSize)), size)
	switch {
	case err != nil:
		return nil, 0, err
	case !strings.HasPrefix(magic, string(frame[:min(len(frame), len(magic))])):
		return nil, 0, refusal(ReasonFormat, "not a bundle")
	case len(frame) < frameSize:
		return nil, 0, refusal(ReasonTruncated, "%d bytes", size)
	case frame[frameSize-2] != frameVersion:
		return nil, 0, refusal(ReasonFormat, "format version %d", frame[frameSize-2])
	}
	count := int(frame[frameSize-1])
	if count < 1 || count > maxSignatures {
		return nil, 0, refusal(ReasonFormat, "%d signatures, not 1 to %d", count, maxSignatures)
	}
	body = int64(frameSize)
	for range count {
		b, err := readAt(r, body, 4, size)
		if err != nil {
			return nil, 0, err
		}
		n := int64(binary.BigEndian.Uint32(b))
		if n > der.MaxBytes {
			return nil, 0, refusal(ReasonFormat, "a signature of %d bytes", n)
		}
		if b, err = readAt(r, body+4, n, size); err != nil {
			return nil, 0, err
		}
		x, err := readSigner(b)
		if err != nil {
			return nil, 0, refusal(ReasonFormat, "signature: %w", err)
		}
		signers, body = append(signers, x), body+4+n
	}
	return signers, body, nil
}

// readAt reads n bytes, or says that the bundle ends before.
func readAt(r io.ReaderAt, at, n, size int64) ([]byte, error) {
	if at+n > size {
		return nil, refusal(ReasonTruncated, "%d bytes, at least %d are missing", size, at+n-size)
	}
	b := make([]byte, n)
	if _, err := r.ReadAt(b, at); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return b, nil
}

// addSections opens the tables and reads the revocation lists. The sections end where the file ends.
func (s *Store) addSections(r io.ReaderAt, at, size int64, sections []section) error {
	end := at
	for _, x := range sections {
		end += x.Size
	}
	switch {
	case end > size:
		return refusal(ReasonTruncated, "%d bytes, %d are missing", size, end-size)
	case end < size:
		return refusal(ReasonFormat, "%d bytes behind the end", size-end)
	}
	var lists [][]byte
	var tables sealTables
	total := int64(0)
	for i, x := range sections {
		field := fmt.Sprintf("sections[%d]", i)
		switch x.Name {
		case sectionList:
			if total += x.Size; total > maxListBytes {
				return refuse(field, "revocation lists of more than %d bytes", maxListBytes)
			}
			b, err := readSection(r, at, size, x)
			if err != nil {
				return err
			}
			lists = append(lists, b)
		case sectionSeals, sectionHistory:
			t, err := openTable(r, at, x, x.Name == sectionHistory)
			if err != nil {
				return refuse(field, "%w", err)
			}
			if !tables.take(t) {
				return refuse(field, "twice")
			}
		default:
			return refuse(field+".name", "%.40q is unknown", x.Name)
		}
		at += x.Size
	}
	if err := s.addTables(tables); err != nil {
		return err
	}
	return s.addLists(lists)
}

// take files a table; false where there is one already.
func (s *sealTables) take(t *table) bool {
	where := &s.present
	if t.history {
		where = &s.earlier
	}
	if *where != nil {
		return false
	}
	*where = t
	return true
}

func (s *Store) addTables(t sealTables) error {
	if (t.present == nil) != (t.earlier == nil) {
		return refuse("sections", "one table of seals without the other")
	}
	if t.present != nil {
		s.seals = t
	}
	return nil
}

// readSection reads a section that the manifest names as a whole.
func readSection(r io.ReaderAt, at, size int64, x section) ([]byte, error) {
	if x.Pages != nil {
		return nil, refuse("sections", "%s with pages", x.Name)
	}
	want, err := parseSM3(x.SM3)
	if err != nil {
		return nil, refuse("sections", "%w", err)
	}
	b, err := readAt(r, at, x.Size, size)
	if err != nil {
		return nil, err
	}
	if gm.SM3(b) != want {
		return nil, refusal(ReasonMixed, "section %s is not the one that the manifest names", x.Name)
	}
	return b, nil
}

// Check reads the seal tables whole, as an import does: every page is the one
// that the manifest names, every record is sound. Errors are *Refusal, those
// of reading, or that of ctx.
func (s *Store) Check(ctx context.Context) error {
	if s == nil {
		return nil
	}
	t, ok := s.seals.(sealTables)
	if !ok {
		return nil
	}
	for _, x := range []*table{t.present, t.earlier} {
		if err := x.check(ctx); err != nil {
			return err
		}
	}
	return nil
}
