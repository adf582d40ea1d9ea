package pdfseal

import (
	"fmt"
	"slices"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

// slicePlan is the entry of the signature dictionary, and so under the seal, that says what belongs to a straddle seal:
//
//	<</Centre 148.5 /Edge /right /Groups [[1 20 0 R 2 21 0 R][3 22 0 R 4 23 0 R]]>>
//
// One array for each whole seal: the number of each page and the mark on it, in the order of the pages. nil if no mark is a slice.
func slicePlan(marks []placed) types.Dict {
	var groups types.Array
	var first *piece
	for _, m := range marks {
		p := m.piece
		if p == nil {
			continue
		}
		if first == nil {
			first = p
		}
		if p.n == 1 {
			groups = append(groups, types.Array{})
		}
		last := len(groups) - 1
		groups[last] = append(groups[last].(types.Array), types.Integer(m.num), m.ref)
	}
	if first == nil {
		return nil
	}
	return types.Dict{"Edge": types.Name(first.edge), "Centre": types.Float(first.centre), "Groups": groups}
}

// planned is a slice as the plan has it.
type planned struct {
	page  int
	ref   types.IndirectRef
	piece piece
}

// readPlan reads the plan of a seal whose size is w × h millimetres; ok is false where it is not what slicePlan writes. A seal without a
// plan has no slices.
func (c *candidate) readPlan(w, h float64) (list []planned, ok bool) {
	if c.dict[keyStraddle] == nil {
		return nil, true
	}
	d, _ := c.dict[keyStraddle].(types.Dict)
	edge, _ := d["Edge"].(types.Name)
	groups, _ := d["Groups"].(types.Array)
	centre, known := oneNumber(d["Centre"])
	if !onlyKeys(d, "Edge", "Centre", "Groups") || !known || len(groups) == 0 || !slices.Contains(Edges(), Edge(edge)) {
		return nil, false
	}
	seen := map[types.IndirectRef]bool{}
	for g, o := range groups {
		row, _ := o.(types.Array)
		if len(row)%2 != 0 || len(row) < 4 {
			return nil, false
		}
		p := piece{edge: Edge(edge), centre: centre, group: g + 1, of: len(row) / 2, w: w, h: h}
		if p.width() < MinSlice {
			return nil, false
		}
		for i := 0; i < len(row); i += 2 {
			page, isPage := row[i].(types.Integer)
			ref, isRef := row[i+1].(types.IndirectRef)
			if !isPage || !isRef || seen[ref] || page < 1 || len(list) > 0 && int(page) <= list[len(list)-1].page {
				return nil, false
			}
			p.n = i/2 + 1
			seen[ref] = true
			list = append(list, planned{page: int(page), ref: ref, piece: p})
		}
	}
	return list, true
}

// width is that of the slice in millimetres, across the cuts.
func (p piece) width() float64 {
	if p.edge.vertical() {
		return p.w / float64(p.of)
	}
	return p.h / float64(p.of)
}

// oneNumber reads a finite number.
func oneNumber(o types.Object) (float64, bool) {
	v, ok := numbers(types.Array{o}, 1)
	if !ok {
		return 0, false
	}
	return v[0], true
}

// missing lists the pages whose slice is not there: not a mark of the seal, or on no page at all.
func missing(list []planned, marks []markOf, on map[int][]int) []int {
	there := map[types.IndirectRef]bool{}
	for _, m := range marks {
		there[m.ref] = m.dict != nil && len(on[m.ref.ObjectNumber.Value()]) > 0
	}
	var out []int
	for _, p := range list {
		if !there[p.ref] {
			out = append(out, p.page)
		}
	}
	return out
}

// assign gives each mark its place in the plan.
func assign(plan []planned, marks []markOf) {
	at := map[types.IndirectRef]*planned{}
	for i := range plan {
		at[plan[i].ref] = &plan[i]
	}
	for i := range marks {
		marks[i].plan = at[marks[i].ref]
	}
}

// misplaced says where a slice stands that is not on its page.
func (m markOf) misplaced() *badShape {
	if m.page == 0 {
		return &badShape{markPages, "slice does not stand on exactly one page"}
	}
	return &badShape{markSlicePage, fmt.Sprintf("slice of page %d stands on page %d", m.plan.page, m.page)}
}
