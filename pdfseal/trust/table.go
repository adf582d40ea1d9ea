package trust

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"sort"

	"sealdesk/pdfseal/gm"
)

// table is a sorted table of records in a section of a bundle. Only its index
// is in memory; a look-up reads one page, and one more where the states of a
// seal lie on both sides of a border.
type table struct {
	name    string // for errors
	r       io.ReaderAt
	at      int64 // where it begins
	size    int64 // in bytes
	page    int   // bytes of a page; the last one may be shorter
	index   []byte
	history bool
	cache   *pageCache // shared with copies of the store
}

// openTable checks what the manifest says of a table against itself.
func openTable(r io.ReaderAt, at int64, s section, history bool) (*table, error) {
	p := s.Pages
	switch {
	case p == nil || s.SM3 != "":
		return nil, errors.New("no pages, or a digest beside them")
	case p.Size < recordSize || p.Size > maxPage || p.Size%recordSize != 0:
		return nil, fmt.Errorf("page size %d", p.Size)
	case s.Size%recordSize != 0 || s.Size > MaxSealRecords*recordSize:
		return nil, fmt.Errorf("size %d", s.Size)
	}
	t := &table{name: s.Name, r: r, at: at, size: s.Size, page: p.Size, index: p.Index, history: history, cache: &pageCache{}}
	if int64(len(p.Index)) != (s.Size+int64(p.Size)-1)/int64(p.Size)*entrySize {
		return nil, fmt.Errorf("index of %d bytes", len(p.Index))
	}
	for n := 1; n < t.pages(); n++ {
		if c := bytes.Compare(t.first(n-1), t.first(n)); c > 0 || c == 0 && !history {
			return nil, fmt.Errorf("page %d is not in order", n)
		}
	}
	return t, nil
}

func (t *table) pages() int { return len(t.index) / entrySize }

func (t *table) records() int { return int(t.size / recordSize) }

// first is the key of the first record of page n.
func (t *table) first(n int) []byte { return t.index[n*entrySize:][:keySize] }

// load reads page n and checks it against the index.
func (t *table) load(n int) ([]byte, error) {
	if p := t.cache.get(n); p != nil {
		return p, nil
	}
	at := int64(n) * int64(t.page)
	p := make([]byte, min(int64(t.page), t.size-at))
	if _, err := t.r.ReadAt(p, t.at+at); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("trust: read %s: %w", t.name, err)
	}
	sum := gm.SM3(p)
	if !bytes.Equal(sum[:], t.index[n*entrySize+keySize:][:len(sum)]) {
		return nil, refusal(ReasonMixed, "page %d of section %s is not the one that the manifest names", n, t.name)
	}
	if err := t.checkPage(n, p); err != nil {
		return nil, refusal(ReasonFormat, "page %d of section %s: %w", n, t.name, err)
	}
	t.cache.put(n, p)
	return p, nil
}

// checkPage demands the order of records within the page and towards its neighbours.
func (t *table) checkPage(n int, p []byte) error {
	if !bytes.Equal(p[:keySize], t.first(n)) {
		return errors.New("the first record is another one")
	}
	if n+1 < t.pages() {
		if c := bytes.Compare(p[len(p)-recordSize:][:keySize], t.first(n+1)); c > 0 || c == 0 && !t.history {
			return errors.New("the last record is not in order")
		}
	}
	return checkOrder(p, t.history)
}

// find answers all records of a key, in their order; a table of present states has at most one.
func (t *table) find(key sealKey) ([]record, error) {
	// The first page that begins at or behind the key; the key can also stand at the end of the page before.
	n := sort.Search(t.pages(), func(n int) bool { return bytes.Compare(t.first(n), key[:]) >= 0 })
	var found []record
	for n = max(0, n-1); n < t.pages() && bytes.Compare(t.first(n), key[:]) <= 0; n++ {
		p, err := t.load(n)
		if err != nil {
			return nil, err
		}
		count := len(p) / recordSize
		i := sort.Search(count, func(i int) bool { return bytes.Compare(p[i*recordSize:][:keySize], key[:]) >= 0 })
		for ; i < count && bytes.Equal(p[i*recordSize:][:keySize], key[:]); i++ {
			r, err := parseRecord(p[i*recordSize:][:recordSize])
			if err == nil && len(found) == MaxHistory {
				err = fmt.Errorf("more than %d states", MaxHistory)
			}
			if err != nil {
				return nil, refusal(ReasonFormat, "section %s: %w", t.name, err)
			}
			found = append(found, r)
		}
	}
	return found, nil
}

// check reads every page and every record.
func (t *table) check(ctx context.Context) error {
	for n := range t.pages() {
		if err := ctx.Err(); err != nil {
			return err
		}
		p, err := t.load(n)
		if err != nil {
			return err
		}
		for ; len(p) > 0; p = p[recordSize:] {
			if _, err := parseRecord(p[:recordSize]); err != nil {
				return refusal(ReasonFormat, "section %s: %w", t.name, err)
			}
		}
	}
	return nil
}

// sealTables is the list of a bundle: present states and earlier ones.
type sealTables struct{ present, earlier *table }

func (s sealTables) count() int { return s.present.records() }

func (s sealTables) history(id string) ([]SealStatus, error) {
	key := keyOf(id)
	now, err := s.present.find(key)
	if err != nil || len(now) == 0 {
		return nil, err
	}
	var out []SealStatus
	if now[0].earlier {
		before, err := s.earlier.find(key)
		if err != nil {
			return nil, err
		}
		if len(before) == 0 {
			return nil, refusal(ReasonFormat, "earlier states of a seal are missing")
		}
		for _, r := range before {
			out = append(out, r.state(id))
		}
	}
	out = append(out, now[0].state(id))
	if err := checkHistory(out); err != nil {
		return nil, refusal(ReasonFormat, "states of a seal: %w", err)
	}
	return out, nil
}
