package trust

import (
	"context"
	"iter"
	"sort"

	"sealdesk/pdfseal/gm"
)

// builder of a table: the encoded records, one after another.
type tableBuilder struct {
	bytes   []byte
	history bool
}

// collect encodes and sorts the states of all seals.
func collect(ctx context.Context, seals iter.Seq[SealRecord]) (present, earlier *tableBuilder, err error) {
	present, earlier = &tableBuilder{}, &tableBuilder{history: true}
	n := 0
	for x := range seals {
		if n++; n%4096 == 0 && ctx.Err() != nil {
			return nil, nil, ctx.Err()
		}
		if err := x.encode(present, earlier); err != nil {
			return nil, nil, refuse("seals", "%.40q: %w", x.ID, err)
		}
		if present.Len() > MaxSealRecords || earlier.Len() > MaxSealRecords {
			return nil, nil, refuse("seals", "more than %d seals or earlier states", MaxSealRecords)
		}
	}
	for _, t := range []*tableBuilder{present, earlier} {
		sort.Sort(t)
		if err := checkOrder(t.bytes, t.history); err != nil {
			return nil, nil, refuse("seals", "a seal is listed twice: %w", err)
		}
	}
	return present, earlier, nil
}

func (x SealRecord) encode(present, earlier *tableBuilder) error {
	if x.ID == "" || !plain(x.ID) {
		return refuse("id", "empty, too long or not plain text")
	}
	h := make([]SealStatus, len(x.History))
	for i, s := range x.History {
		h[i] = SealStatus{ID: x.ID, Status: s.Status, Since: s.Since, Division: x.Division}
	}
	if err := checkHistory(h); err != nil {
		return err
	}
	key := keyOf(x.ID)
	for i, s := range h {
		r := record{key: key, status: s.Status, division: s.Division, since: s.Since}
		if i+1 < len(h) {
			earlier.bytes = r.append(earlier.bytes)
			continue
		}
		r.earlier = i > 0
		present.bytes = r.append(present.bytes)
	}
	return nil
}

// Len, Less and Swap implement sort.Interface.
func (t *tableBuilder) Len() int { return len(t.bytes) / recordSize }

func (t *tableBuilder) at(i int) []byte { return t.bytes[i*recordSize:][:recordSize] }

func (t *tableBuilder) Less(i, j int) bool { return order(t.at(i), t.at(j), t.history) < 0 }

func (t *tableBuilder) Swap(i, j int) {
	var b [recordSize]byte
	copy(b[:], t.at(i))
	copy(t.at(i), t.at(j))
	copy(t.at(j), b[:])
}

// section names the table page by page.
func (t *tableBuilder) section(name string) section {
	return section{Name: name, Size: int64(len(t.bytes)), Pages: &pages{Size: pageBytes, Index: t.index(pageBytes)}}
}

// index lists first key and SM3 of every page.
func (t *tableBuilder) index(page int) []byte {
	out := []byte{}
	for b := t.bytes; len(b) > 0; {
		n := min(len(b), page)
		sum := gm.SM3(b[:n])
		out = append(append(out, b[:keySize]...), sum[:]...)
		b = b[n:]
	}
	return out
}
