package sealtest

import (
	"crypto/rand"
	"encoding/binary"
	"io"

	"sealdesk/pdfseal/gm"
)

// seeded is an endless stream of bytes that depends on nothing but its seed.
// It makes repeatable test keys; it is no source of secrets.
type seeded struct {
	seed  []byte
	block uint64
	left  []byte
}

func (s *seeded) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		if len(s.left) == 0 {
			h := gm.SM3(s.seed, binary.BigEndian.AppendUint64(nil, s.block))
			s.block, s.left = s.block+1, h[:]
		}
		c := copy(p[n:], s.left)
		n, s.left = n+c, s.left[c:]
	}
	return n, nil
}

// keySource is where a PKI takes its keys from.
func keySource(seed string) io.Reader {
	if seed == "" {
		return rand.Reader
	}
	return &seeded{seed: []byte("sealtest key " + seed)}
}
