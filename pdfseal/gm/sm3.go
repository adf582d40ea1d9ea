package gm

import (
	"hash"

	"github.com/emmansun/gmsm/sm3"
)

// NewSM3 starts an SM3 digest (GB/T 32905-2016). It streams: the memory used
// does not depend on what is written.
func NewSM3() hash.Hash { return sm3.New() }

// SM3 is the digest of the parts one after another.
func SM3(parts ...[]byte) [32]byte {
	h := sm3.New()
	for _, p := range parts {
		h.Write(p) // a hash.Hash never answers an error
	}
	var out [32]byte
	h.Sum(out[:0])
	return out
}
