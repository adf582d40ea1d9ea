package pdfseal

import (
	"maps"
	"slices"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"sealdesk/pdfseal/internal/pdf"
)

// role says what an object is to the page that leads to it.
type role int

const (
	roleOther      role = iota // of the page, and nothing of the following
	roleContent                // what the page draws
	roleResources              // the names that a content stream uses
	roleFontNames              // of the resources: /Font
	roleXObjects               // of the resources: /XObject
	roleFont                   // a font, its descriptor, program and widths
	rolePicture                // an image, its mask and colours
	roleDrawing                // a form XObject
	roleLayer                  // an optional content group
	roleSetting                // another resource: colours, patterns, transparency
	roleAnnots                 // the list of annotations
	roleAnnotation             // an annotation
	roleAppearance             // what an annotation draws
	roleAttached               // something else of an annotation: an action, a file
	roleField                  // a form field above a widget
)

// holder is the font or annotation that an object belongs to.
type holder struct {
	num  int // 0 for a direct object
	dict types.Dict
}

// use is what the pages of a document do with an object.
type use struct {
	role   role
	holder holder // of a font, an annotation, an appearance
	pages  []int  // ascending
}

// Bounds of finding out on which pages objects are used (rule R1).
const (
	maxUsageReads = 100_000  // objects
	maxUsageBytes = 64 << 20 // of decoded content, of all pages together
	maxPageBytes  = 4 << 20  // of one stream
)

// usage finds, for the wanted objects, the pages that lead to them.
type usage struct {
	file    *pdf.File
	view    *pdf.View
	wanted  map[int]bool
	ends    map[int]bool // objects that a page never leads to by itself: pages and the catalogue
	found   map[int]*use
	barren  map[int]bool // objects that lead to nothing wanted
	left    int
	bytes   int64 // of content that may still be decoded; 0 where no wanted object is a resource
	partial bool  // the budget ended first: there may be further pages
}

// usesOf walks the pages of a view until the budget is used up. Objects that cannot be read lead nowhere.
func usesOf(f *pdf.File, v *pdf.View, wanted map[int]bool) (*usage, error) {
	u := &usage{file: f, view: v, wanted: wanted, ends: map[int]bool{}, found: map[int]*use{}, barren: map[int]bool{}, left: maxUsageReads}
	if len(wanted) == 0 {
		return u, nil
	}
	if err := u.decide(); err != nil {
		return u, err
	}
	n, err := v.PageCount()
	if err != nil {
		return u, soft(err)
	}
	if _, ref, err := v.Catalog(); err == nil {
		u.ends[ref.ObjectNumber.Value()] = true
	}
	pages := make([]*pdf.Page, 0, n)
	for i := 1; i <= n; i++ {
		p, err := v.Page(i)
		if err != nil {
			return u, soft(err)
		}
		u.ends[p.Ref.ObjectNumber.Value()] = true
		pages = append(pages, p)
	}
	for i, p := range pages {
		if err := u.page(i+1, p); err != nil {
			return u, err
		}
		if u.partial {
			break
		}
	}
	return u, nil
}

// decide looks whether contents must be read: only where something wanted may be a font or another resource.
func (u *usage) decide() error {
	for num := range u.wanted {
		_, e, ok := u.view.Where(num)
		if !ok {
			continue
		}
		o, err := u.view.Get(num, e.Gen)
		if err != nil && soft(err) != nil {
			return err
		}
		d, isDict := o.(types.Dict)
		if isDict && (d["Subtype"] == nil || d["Rect"] != nil) && d["Type"] != types.Name("Font") && d["Type"] != types.Name("FontDescriptor") {
			continue
		}
		u.bytes = maxUsageBytes
		return nil
	}
	return nil
}

// soft forgives what the strict reader objects to: then it is not known where an object is used.
func soft(err error) error {
	if isSyntax(err) {
		return nil
	}
	return err
}

// step is an object on the way from a page.
type step struct {
	object types.Object
	role   role
	holder holder
	from   int  // the object that it stands in, or leads to it
	own    bool // among the resources of the page itself
}

// walk is the way through one page.
type walk struct {
	u     *usage
	page  int
	seen  map[int]role
	back  map[int][]int // from each object to those that lead to it
	names map[string]bool
	stack []step
}

// page follows what a page dictionary leads to.
func (u *usage) page(n int, p *pdf.Page) error {
	w := &walk{u: u, page: n, seen: map[int]role{}, back: map[int][]int{}, names: u.namesIn(p.Dict["Contents"])}
	for _, k := range slices.Sorted(maps.Keys(p.Dict)) {
		switch k {
		case "Parent", "B", "Contents", "Resources", "Annots":
		default:
			w.push(step{object: p.Dict[k]})
		}
	}
	w.push(step{object: p.Dict["Annots"], role: roleAnnots})
	w.push(step{object: p.Dict["Contents"], role: roleContent})
	w.push(step{object: inheritedResources(u.view, p.Dict), role: roleResources, own: true})
	for len(w.stack) > 0 && u.left > 0 {
		s := w.stack[len(w.stack)-1]
		w.stack = w.stack[:len(w.stack)-1]
		if err := w.visit(s); err != nil {
			return err
		}
	}
	u.partial = u.left <= 0
	w.learn()
	return nil
}

// maxTreeDepth bounds the way from a page to the node whose resources it inherits.
const maxTreeDepth = 512

// inheritedResources gives /Resources of a page or of the nearest node above it.
func inheritedResources(v *pdf.View, d types.Dict) types.Object {
	for range maxTreeDepth {
		if r := d["Resources"]; r != nil {
			return r
		}
		up, err := v.Dict(d["Parent"])
		if err != nil || up == nil {
			return nil
		}
		d = up
	}
	return nil
}

func (w *walk) push(s step) {
	switch s.object.(type) {
	case types.IndirectRef, types.Array, types.Dict, types.StreamDict:
		w.stack = append(w.stack, s)
	}
}

// visit notes an object and puts what it leads to on the stack.
func (w *walk) visit(s step) error {
	ref, ok := s.object.(types.IndirectRef)
	if !ok {
		w.children(s, s.object)
		return nil
	}
	num := ref.ObjectNumber.Value()
	if num == 0 || w.u.ends[num] || w.u.barren[num] {
		return nil
	}
	if s.from != 0 {
		w.back[num] = append(w.back[num], s.from)
	}
	if _, ok := w.seen[num]; ok {
		return nil
	}
	w.seen[num] = s.role
	w.u.left--
	o, err := w.u.view.Get(num, ref.GenerationNumber.Value())
	if err != nil {
		if err := soft(err); err != nil {
			return err
		}
		o = nil
	}
	s.from = num
	s = w.name(s, num, o)
	if w.u.wanted[num] {
		w.note(num, s)
	}
	w.children(s, o)
	return nil
}

// name settles the role of an object that was read, and what it belongs to.
func (w *walk) name(s step, num int, o types.Object) step {
	switch s.role {
	case roleXObjects:
		if sd, ok := o.(types.StreamDict); ok {
			s.role = roleDrawing
			if sd.Dict["Subtype"] == types.Name("Image") {
				s.role = rolePicture
			}
		}
	case roleFont:
		if s.holder.dict == nil {
			s.holder.dict, _ = o.(types.Dict)
			s.holder.num = num
		}
	case roleAnnotation:
		if s.holder.dict == nil {
			s.holder.dict, _ = o.(types.Dict)
			s.holder.num = num
		}
	}
	return s
}

// note keeps what a wanted object is.
func (w *walk) note(num int, s step) {
	x := w.u.found[num]
	if x == nil {
		x = &use{role: s.role, holder: s.holder}
		w.u.found[num] = x
	}
	if len(x.pages) == 0 || x.pages[len(x.pages)-1] != w.page {
		x.pages = append(x.pages, w.page)
	}
}

// children puts what an object holds on the stack, each with its role.
func (w *walk) children(s step, o types.Object) {
	var d types.Dict
	switch v := o.(type) {
	case types.IndirectRef:
		s.object = o
		w.push(s)
		return
	case types.Array:
		for _, e := range v {
			next := s
			next.object = e
			if s.role == roleAnnots {
				next.role, next.holder = roleAnnotation, holder{}
				next.holder.dict, _ = e.(types.Dict)
			}
			w.push(next)
		}
		return
	case types.Dict:
		d = v
	case types.StreamDict:
		d = v.Dict
	default:
		return
	}
	for _, k := range slices.Sorted(maps.Keys(d)) {
		named := s.own && (s.role == roleFontNames || s.role == roleXObjects)
		if named && w.names != nil && !w.names[k] {
			continue // listed, and not drawn
		}
		if r, ok := nextRole(s.role, k); ok {
			w.push(step{d[k], r, s.holder, s.from, s.own && s.role == roleResources})
		}
	}
}

// nextRole gives the role of the value of a key; ok is false where the way leads back to a page, or out of what is shown on it.
func nextRole(r role, key string) (next role, ok bool) {
	switch r {
	case roleResources:
		switch key {
		case "Font":
			return roleFontNames, true
		case "XObject":
			return roleXObjects, true
		case "Properties":
			return roleLayer, true
		}
		return roleSetting, true
	case roleFontNames:
		return roleFont, true
	case roleDrawing:
		if key == "Resources" {
			return roleResources, true
		}
		if key == "OC" {
			return roleLayer, true
		}
	case roleAnnotation:
		switch key {
		case "AP":
			return roleAppearance, true
		case "Parent":
			return roleField, true
		case "OC":
			return roleLayer, true
		case "P", "V", "DV", "StructParent":
			return 0, false
		}
		return roleAttached, true
	case roleField:
		switch key {
		case "Parent":
			return roleField, true
		case "AA":
			return roleAttached, true
		}
		return 0, false
	}
	return r, key != "Parent"
}

// learn remembers the objects of a page that lead to nothing wanted, where the role does not decide about the way: fonts, pictures and other
// resources, which many pages share.
func (w *walk) learn() {
	if w.u.partial {
		return
	}
	useful := map[int]bool{}
	var queue []int
	for num := range w.seen {
		if w.u.wanted[num] {
			useful[num] = true
			queue = append(queue, num)
		}
	}
	for len(queue) > 0 {
		num := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		for _, up := range w.back[num] {
			if !useful[up] {
				useful[up] = true
				queue = append(queue, up)
			}
		}
	}
	for num, r := range w.seen {
		switch r {
		case roleFont, rolePicture, roleDrawing, roleSetting:
			if !useful[num] {
				w.u.barren[num] = true
			}
		}
	}
}
