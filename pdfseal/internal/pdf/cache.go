package pdf

import (
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

// cacheKey names an object by the place it stands at, so that revisions share what none of them changed. rev is -1 except for
// streams whose length or filters are given by other objects.
type cacheKey struct {
	offset int64 // of the object, or of the object stream that holds it
	index  int   // in the object stream, or -1
	rev    int
}

// cache keeps parsed objects and decoded object streams up to a budget. When the budget is used up everything is dropped: the next
// few reads fill it again, and no bookkeeping of use is needed.
type cache struct {
	weight  int64
	objects map[cacheKey]types.Object
	streams map[int64]*objectStream
	large   struct { // the last object that is too large for the rest, such as a page with thousands of annotations of its own
		key   cacheKey
		value types.Object
	}
}

func (c *cache) room(weight int64) bool {
	if weight > cacheBudget/2 {
		return false
	}
	if c.objects == nil || c.weight+weight > cacheBudget {
		c.weight, c.objects, c.streams = 0, map[cacheKey]types.Object{}, map[int64]*objectStream{}
	}
	c.weight += weight
	return true
}

func (f *File) cached(k cacheKey) (types.Object, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.cache.large.value != nil && f.cache.large.key == k {
		return f.cache.large.value, true
	}
	o, ok := f.cache.objects[k]
	return o, ok
}

func (f *File) keep(k cacheKey, o types.Object, weight int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case f.cache.room(weight):
		f.cache.objects[k] = o
	case weight <= cacheLarge:
		f.cache.large.key, f.cache.large.value = k, o
	}
}

func (f *File) cachedStream(offset int64) *objectStream {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.cache.streams[offset]
}

func (f *File) keepStream(s *objectStream) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.cache.room(int64(len(s.data)) + int64(16*len(s.nums)) + 128) {
		f.cache.streams[s.offset] = s
	}
}

// charge counts n decoded bytes of the stream at offset against the budgets of the document.
func (f *File) charge(offset, n int64) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.work += n
	if _, known := f.inflated[offset]; !known {
		f.inflated[offset] = n
		f.inflatedSum += n
	}
	if f.inflatedSum > maxInflateFile || f.work > maxInflateWork {
		return beyond(offset, "object streams of more than %d decoded bytes in all", int64(maxInflateFile))
	}
	return nil
}
