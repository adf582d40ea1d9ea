package pdfseal

import (
	"cmp"
	"context"
	"fmt"
	"hash"
	"slices"

	"sealdesk/pdfseal/gm"
)

// head is the SM3 state behind the first size bytes of a source: those of an input, which the output has been compared with byte by byte
// and which need no second hashing.
type head struct {
	size int64
	sm3  hash.Hash
}

// digests reads src once and returns SM3 of the whole and of each ByteRange [0, b) ∪ [c, c+d). The ranges must have passed rules B2 and B3.
// Where known is not nil and no gap lies in it, what it covers is not read.
func digests(ctx context.Context, src Source, ranges [][4]int64, known *head, progress func(done, total int64)) (whole [32]byte, each [][32]byte, err error) {
	order := make([]int, len(ranges))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int { return cmp.Compare(ranges[i][1], ranges[j][1]) })
	d := &digester{prefix: gm.NewSM3(), ranges: ranges, order: order, own: make([]hash.Hash, len(ranges))}
	from := int64(0)
	if known != nil && known.size <= src.Size() && !slices.ContainsFunc(ranges, func(r [4]int64) bool { return r[1] < known.size }) {
		if d.prefix, err = cloneHash(known.sm3); err != nil {
			return whole, nil, err
		}
		from = known.size
	}
	err = inChunks(ctx, src, from, nil, func(p chunk) error {
		if err := d.feed(p.off, p.bytes); err != nil {
			return err
		}
		if progress != nil {
			progress(p.off+int64(len(p.bytes)), src.Size())
		}
		return nil
	})
	if err != nil {
		return whole, nil, err
	}
	d.prefix.Sum(whole[:0])
	each = make([][32]byte, len(ranges))
	for i, h := range d.own {
		if h == nil {
			return whole, nil, fmt.Errorf("pdfseal: byte range %d not reached", i)
		}
		h.Sum(each[i][:0])
	}
	return whole, each, nil
}

// hashSource answers the SM3 state behind all of src. What known covers is not read; known may be nil.
func hashSource(ctx context.Context, src Source, known *head) (h hash.Hash, err error) {
	h, from := gm.NewSM3(), int64(0)
	if known != nil && known.size <= src.Size() {
		if h, err = cloneHash(known.sm3); err != nil {
			return nil, err
		}
		from = known.size
	}
	return h, inChunks(ctx, src, from, nil, func(p chunk) error {
		_, err := h.Write(p.bytes)
		return err
	})
}

// digester keeps one running hash of the file's head and, from each gap on, a copy that goes on after the gap.
type digester struct {
	prefix hash.Hash
	ranges [][4]int64
	order  []int // by start of the gap; those before next have their own hash
	next   int
	own    []hash.Hash
}

func (d *digester) feed(off int64, piece []byte) error {
	end, from := off+int64(len(piece)), off
	for d.next < len(d.order) && d.ranges[d.order[d.next]][1] <= end {
		i := d.order[d.next]
		b := d.ranges[i][1]
		d.prefix.Write(piece[from-off : b-off])
		from = b
		h, err := cloneHash(d.prefix)
		if err != nil {
			return err
		}
		d.own[i] = h
		d.next++
	}
	d.prefix.Write(piece[from-off:])
	for _, i := range d.order[:d.next] {
		r := d.ranges[i]
		lo, hi := max(r[2], off), min(r[2]+r[3], end)
		if lo < hi {
			d.own[i].Write(piece[lo-off : hi-off])
		}
	}
	return nil
}
