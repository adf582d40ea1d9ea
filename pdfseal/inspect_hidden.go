package pdfseal

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"sealdesk/pdfseal/internal/pdf"
)

// Bounds of the search for what a document holds and does not show (rule R1).
const (
	maxStrays = 1000    // objects that no cross-reference entry leads to
	maxUnused = 100_000 // listed objects that nothing refers to
)

// hidden lists what stands in the file and is not part of the document: the stock from which a later update can make another document
// (verification.md §1.2, hide and replace). Pages in waiting and objects that are referred to although they are marked as deleted are
// warned of; leftovers, which every program leaves behind when it saves, are noted.
func (g *gate) hidden() error {
	h := &hoard{gate: g, pages: map[int]bool{}, freed: map[int]bool{}, unlisted: map[int]bool{}, unused: map[int]bool{}}
	for _, step := range []func() error{h.strays, h.deleted, h.unreached, h.otherTrees} {
		if err := step(); err != nil && soft(err) != nil {
			return err
		}
	}
	for _, f := range []struct {
		key, rule string
		level     Level
		nums      map[int]bool
	}{{FindingHiddenPages, "P1", LevelWarn, h.pages}, {FindingFreed, "S11", LevelWarn, h.freed}, {FindingUnlisted, "S11", LevelNote, h.unlisted},
		{FindingUnused, "P1", LevelNote, h.unused}} {
		if len(f.nums) > 0 {
			list := objectList(f.nums)
			g.add(Finding{Rule: f.rule, Level: f.level, Key: f.key, Detail: "objects " + list,
				Data: map[string]string{"count": strconv.Itoa(len(f.nums)), "objects": list}})
		}
	}
	if h.partial {
		g.add(Finding{Rule: "S11", Level: LevelNote, Key: FindingUnsearched, Detail: "not everything outside the document was looked at"})
	}
	return nil
}

// hoard are the numbers of objects that are not part of the document.
type hoard struct {
	*gate
	pages    map[int]bool // pages and what lists them
	freed    map[int]bool // marked as deleted and still referred to
	unlisted map[int]bool
	unused   map[int]bool
	partial  bool
}

// isTree tells the types that make up pages.
func isTree(t types.Object) bool {
	return t == types.Name("Catalog") || t == types.Name("Pages") || t == types.Name("Page")
}

// strays looks at the bytes between the objects that are listed.
func (h *hoard) strays() error {
	list, more, err := h.file.Strays(maxStrays)
	if err != nil {
		return err
	}
	h.partial = more
	for _, s := range list {
		switch {
		case s.Freed && h.inv.dangling[s.Num]:
			h.freed[s.Num] = true
		case isTree(s.Type):
			h.pages[s.Num] = true
		default:
			h.unlisted[s.Num] = true
		}
	}
	return nil
}

// deleted looks for objects that a later revision marks as deleted and that are referred to.
func (h *hoard) deleted() error {
	for num := range h.inv.dangling {
		rev, e, ok := h.view.Where(num)
		for ; ok && e.Kind == pdf.Free && rev > 0; rev-- {
			if old, ok := h.file.Revisions()[rev-1].Entries[num]; ok && old.Kind != pdf.Free {
				h.freed[num] = true
				break
			}
		}
	}
	return nil
}

// unreached looks at the listed objects to which no way leads from the trailer.
func (h *hoard) unreached() error {
	seen := map[int]bool{}
	hint := int64(-1)
	all := h.file.Revisions()
	for i := len(all) - 1; i >= 0; i-- {
		for _, num := range slices.Sorted(maps.Keys(all[i].Entries)) {
			e := all[i].Entries[num]
			if seen[num] {
				continue
			}
			seen[num] = true
			if e.Kind == pdf.Free || h.reached[num] {
				continue
			}
			if len(h.unused) >= maxUnused {
				h.partial = true
				return nil
			}
			if err := h.unreachedObject(num, e, &hint); err != nil {
				return err
			}
		}
	}
	for num := range h.unused {
		if _, e, _ := h.view.Where(num); e.Kind == pdf.InUse && e.Offset == hint {
			delete(h.unused, num)
		}
	}
	return nil
}

// unreachedObject sorts one such object. Streams of objects and of cross-references, and what belongs to linearisation, are no content.
func (h *hoard) unreachedObject(num int, e pdf.Entry, hint *int64) error {
	o, err := h.view.Get(num, e.Gen)
	if err != nil {
		if soft(err) != nil {
			return err
		}
		h.unused[num] = true
		return nil
	}
	d, _ := o.(types.Dict)
	if sd, ok := o.(types.StreamDict); ok {
		d = sd.Dict
	}
	switch {
	case o == nil || d["Type"] == types.Name("ObjStm") || d["Type"] == types.Name("XRef"):
	case d["Linearized"] != nil:
		if a, ok := d["H"].(types.Array); ok && len(a) > 0 {
			if at, ok := a[0].(types.Integer); ok {
				*hint = int64(at)
			}
		}
	case isTree(d["Type"]):
		h.pages[num] = true
	default:
		h.unused[num] = true
	}
	return nil
}

// otherTrees looks for lists of pages that something refers to and that are not of the document's own.
func (h *hoard) otherTrees() error {
	cat, _, err := h.view.Catalog()
	if err != nil {
		return err
	}
	own := map[int]bool{}
	stack := []types.Object{cat["Pages"]}
	for len(stack) > 0 {
		o := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		ref, ok := o.(types.IndirectRef)
		if !ok || own[ref.ObjectNumber.Value()] {
			continue
		}
		d, err := h.view.Dict(ref)
		if err != nil {
			return err
		}
		if d["Kids"] == nil {
			continue
		}
		own[ref.ObjectNumber.Value()] = true
		kids, err := h.view.Array(d["Kids"])
		if err != nil {
			return err
		}
		stack = append(stack, kids...)
	}
	for num := range h.trees {
		if !own[num] {
			h.pages[num] = true
		}
	}
	return nil
}

// objectList names objects by their numbers, the first few.
func objectList(nums map[int]bool) string {
	var parts []string
	for i, num := range slices.Sorted(maps.Keys(nums)) {
		if i == maxNames {
			parts = append(parts, "…")
			break
		}
		parts = append(parts, strconv.Itoa(num))
	}
	return strings.Join(parts, ", ")
}
