//go:build cgo

package pkcs11

import (
	"slices"
	"sync"
)

// model names a kind of key, for which one way of signing works.
type model struct{ lib, manufacturer, model, firmware string }

// memory holds which way worked for a model. It changes the order only: each signature is verified.
type memory struct {
	mu   sync.Mutex
	ways map[model]SM2Sign
}

var remembered = &memory{ways: map[model]SM2Sign{}}

func (m *memory) set(k model, w SM2Sign) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.ways[k] = w
}

// first puts the way that worked before at the front.
func (m *memory) first(k model, ways []SM2Sign) []SM2Sign {
	m.mu.Lock()
	known, ok := m.ways[k]
	m.mu.Unlock()
	at := slices.IndexFunc(ways, func(w SM2Sign) bool { return w.Mech == known.Mech && w.In == known.In })
	if !ok || at <= 0 {
		return ways
	}
	return slices.Concat(ways[at:at+1], ways[:at], ways[at+1:])
}
