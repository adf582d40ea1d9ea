package pdfseal

import (
	"fmt"
	"io"
)

// readFull fills p from off on. ErrInputChanged says that src has become shorter than its size.
func readFull(src Source, p []byte, off int64) error {
	switch n, err := src.ReadAt(p, off); {
	case n == len(p):
		return nil
	case err == io.EOF:
		return ErrInputChanged
	default:
		return fmt.Errorf("pdfseal: read at %d: %w", off, err)
	}
}
