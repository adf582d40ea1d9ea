package pdf

import (
	"fmt"
	"math"
	"sync"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

// pageWalk walks the page tree of a view step by step, as far as it is asked to, and remembers the pages it has met (rule S10).
type pageWalk struct {
	mu     sync.Mutex
	begun  bool
	done   bool
	err    error
	seen   map[int]bool
	stack  []*pageNode
	leaves []leaf
}

// pageNode is a node of the page tree whose kids are being visited.
type pageNode struct {
	ref   types.IndirectRef
	kids  types.Array
	next  int
	pages int // leaves below the node so far
	count int // /Count
	attrs *inherited
}

// leaf is a page that the walk has met.
type leaf struct {
	ref   types.IndirectRef
	attrs *inherited // of its parent
}

// inherited holds what a page takes from its ancestors (ISO 32000-2, table 31). Nodes that add nothing share their parent's.
type inherited struct{ mediaBox, cropBox, rotate types.Object }

func (i *inherited) with(d types.Dict) *inherited {
	m, c, r := d["MediaBox"], d["CropBox"], d["Rotate"]
	if m == nil && c == nil && r == nil {
		return i
	}
	out := *i
	if m != nil {
		out.mediaBox = m
	}
	if c != nil {
		out.cropBox = c
	}
	if r != nil {
		out.rotate = r
	}
	return &out
}

// PageCount counts the pages by walking the whole page tree. /Count is compared and never believed: a node whose /Count is not the
// number of pages below it is refused (rule S10), because readers that skip by /Count then show other pages under the same number.
// Only the root may say too much, which is noted: no page is hidden or moved by it.
func (v *View) PageCount() (int, error) {
	w := &v.pages
	w.mu.Lock()
	defer w.mu.Unlock()
	err := w.advance(v, math.MaxInt)
	return len(w.leaves), err
}

// Page gives page n, counted from 1. It visits the pages up to n and no further.
func (v *View) Page(n int) (*Page, error) {
	w := &v.pages
	w.mu.Lock()
	defer w.mu.Unlock()
	if n < 1 {
		return nil, fmt.Errorf("pdf: no page %d", n)
	}
	if err := w.advance(v, n); err != nil && len(w.leaves) < n {
		return nil, err
	}
	if len(w.leaves) < n {
		return nil, fmt.Errorf("pdf: no page %d in a document of %d", n, len(w.leaves))
	}
	return v.page(w.leaves[n-1])
}

// advance walks until n pages are known or the tree is exhausted. An error stays.
func (w *pageWalk) advance(v *View, n int) error {
	if !w.begun {
		w.begun, w.seen = true, map[int]bool{}
		w.err = w.begin(v)
	}
	for w.err == nil && !w.done && len(w.leaves) < n {
		w.err = w.step(v)
	}
	if w.err != nil || w.done {
		w.seen, w.stack = nil, nil
	}
	return w.err
}

func (w *pageWalk) begin(v *View) error {
	cat, ref, err := v.Catalog()
	if err != nil {
		return err
	}
	root, ok := cat["Pages"].(types.IndirectRef)
	if !ok {
		return syntax("S10", v.offset(ref), "catalogue without a reference /Pages")
	}
	if err := w.visit(v, root, &inherited{}); err != nil {
		return err
	}
	if len(w.stack) == 0 {
		return syntax("S10", v.offset(root), "root of the page tree is a page")
	}
	return nil
}

// step visits the next kid of the innermost node, or leaves that node.
func (w *pageWalk) step(v *View) error {
	top := w.stack[len(w.stack)-1]
	if top.next < len(top.kids) {
		top.next++
		ref, ok := top.kids[top.next-1].(types.IndirectRef)
		if !ok {
			return syntax("S10", v.offset(top.ref), "kid %d of page tree node %d is not a reference", top.next, top.ref.ObjectNumber)
		}
		return w.visit(v, ref, top.attrs)
	}
	switch root := len(w.stack) == 1; {
	case top.count > top.pages && root:
		v.f.addNote(Note{"S10", v.offset(top.ref), "/Count of the page tree is too high"})
	case top.count != top.pages:
		return syntax("S10", v.offset(top.ref), "page tree node %d says %d pages and has %d", top.ref.ObjectNumber, top.count, top.pages)
	}
	w.stack = w.stack[:len(w.stack)-1]
	if len(w.stack) == 0 {
		w.done = true
		return nil
	}
	w.stack[len(w.stack)-1].pages += top.pages
	return nil
}

// visit reads one node or page.
func (w *pageWalk) visit(v *View, ref types.IndirectRef, attrs *inherited) error {
	num, at := int(ref.ObjectNumber), v.offset(ref)
	if w.seen[num] {
		return syntax("S10", at, "object %d stands twice in the page tree", num)
	}
	if w.seen[num] = true; len(w.seen) > maxPageNodes {
		return beyond(at, "page tree of more than %d nodes", maxPageNodes)
	}
	d, err := v.Dict(ref)
	if err != nil {
		return err
	}
	kids, err := v.Array(d["Kids"])
	if err != nil {
		return err
	}
	kind, err := v.Name(d["Type"])
	if err != nil {
		return err
	}
	switch {
	case kind == "Pages" && kids != nil:
	case kind == "Page" && d["Kids"] == nil:
		if len(w.leaves) >= maxPages {
			return beyond(at, "more than %d pages", maxPages)
		}
		w.leaves = append(w.leaves, leaf{ref, attrs})
		if n := len(w.stack); n > 0 {
			w.stack[n-1].pages++
		}
		return nil
	default:
		return syntax("S10", at, "object %d is neither page nor page tree node", num)
	}
	if len(w.stack) >= maxPageDepth {
		return beyond(at, "page tree deeper than %d", maxPageDepth)
	}
	count, ok, err := v.Int(d["Count"])
	if err != nil || !ok {
		return syntax("S10", at, "page tree node %d without /Count", num)
	}
	w.stack = append(w.stack, &pageNode{ref: ref, kids: kids, count: count, attrs: attrs.with(d)})
	return nil
}

// offset gives the place of an object for messages, or -1.
func (v *View) offset(ref types.IndirectRef) int64 {
	if _, e, ok := v.Where(int(ref.ObjectNumber)); ok && e.Kind == InUse {
		return e.Offset
	}
	return -1
}

func (v *View) page(l leaf) (*Page, error) {
	d, err := v.Dict(l.ref)
	if err != nil {
		return nil, err
	}
	p := &Page{Ref: l.ref, Dict: d, UserUnit: 1}
	attrs := l.attrs.with(d)
	if p.MediaBox, err = v.mediaBox(p, attrs.mediaBox); err != nil {
		return nil, err
	}
	if p.CropBox, err = v.cropBox(p, attrs.cropBox); err != nil {
		return nil, err
	}
	if p.Rotate, err = v.rotation(p, attrs.rotate); err != nil {
		return nil, err
	}
	if x, ok, err := v.Number(d["UserUnit"]); err != nil {
		return nil, err
	} else if ok && x > 0 {
		p.UserUnit = x
	}
	return p, nil
}
