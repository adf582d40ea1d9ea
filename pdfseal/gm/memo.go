package gm

import "sync"

// maxRemembered bounds each memory, in entries.
const maxRemembered = 1024

// memory remembers answers that the libraries give again and again: the same
// authorities, seals and lists come back with every document of a batch, and
// one library takes over a millisecond for each signature. When it is full it
// starts anew.
type memory[K comparable, V any] struct {
	mu   sync.Mutex
	seen map[K]V
}

func (m *memory[K, V]) get(k K) (V, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	v, ok := m.seen[k]
	return v, ok
}

func (m *memory[K, V]) put(k K, v V) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.seen == nil || len(m.seen) >= maxRemembered {
		m.seen = make(map[K]V)
	}
	m.seen[k] = v
}

// accepted is a value that both libraries have accepted, whole: nothing
// shorter could stand for it. Refused values are not remembered.
type accepted struct {
	key PublicKey
	e   [32]byte
	sig Signature
}

var (
	acceptedValues memory[accepted, struct{}]
	opinions       memory[[32]byte, []string] // what the libraries hold against a certificate, by fingerprint
)
