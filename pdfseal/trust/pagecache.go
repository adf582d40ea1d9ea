package trust

import "sync"

// cachedPages bounds the memory for pages to 2 × 1 MiB a bundle: verifying a
// batch looks up few seals many times.
const cachedPages = 16

// pageCache keeps the pages that were read last. It is safe for concurrent use.
type pageCache struct {
	mu    sync.Mutex
	slots [cachedPages]cachedPage
	next  int
}

type cachedPage struct {
	n    int
	page []byte // nil: free
}

func (c *pageCache) get(n int) []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range c.slots {
		if s.page != nil && s.n == n {
			return s.page
		}
	}
	return nil
}

func (c *pageCache) put(n int, page []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.slots[c.next] = cachedPage{n, page}
	c.next = (c.next + 1) % cachedPages
}
