package pdfseal

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"sealdesk/pdfseal/internal/pdf"
)

// hit is one thing that the gate has met. Hits of the same key and kind become one finding.
type hit struct {
	key, kind string
	level     Level
	num       int    // the object in which it stands, 0 for none
	name      string // of a field, a file, a font
	detail    string
	onPage    bool // counts only where a page leads to it
}

// maxHits bounds what is remembered of one document.
const maxHits = 10_000

func (g *gate) hit(h hit) {
	if len(g.hits) < maxHits {
		g.hits = append(g.hits, h)
	}
}

// objects looks at every object that the newest revision reaches.
func (g *gate) objects(ctx context.Context) (err error) {
	g.inv.dangling, err = undefined(ctx, g.view, func(num int, o types.Object) {
		g.reached[num] = true
		if d, ok := o.(types.Dict); ok && d["Type"] == types.Name("Pages") && d["Kids"] != nil {
			g.trees[num] = true
		}
		g.object(num, o)
	})
	if err == nil && len(g.inv.dangling) > 0 {
		err = g.file.CheckRebuild()
	}
	return err
}

// object looks at one object and what is nested in it.
func (g *gate) object(num int, o types.Object) {
	switch v := o.(type) {
	case types.Array:
		for _, e := range v {
			g.object(num, e)
		}
	case types.StreamDict:
		if v.Dict["F"] != nil {
			g.hit(hit{level: LevelRefuse, key: FindingExternalStream, num: num, detail: "stream of object " + strconv.Itoa(num) + " lies in another file"})
		}
		g.dict(num, v.Dict)
	case types.Dict:
		g.dict(num, v)
	}
}

// actions are the action types that can change what is shown or leave the document (verification.md §1.9).
var actions = map[types.Name]Level{"JavaScript": LevelRefuse, "Launch": LevelRefuse, "ImportData": LevelWarn, "SubmitForm": LevelWarn,
	"ResetForm": LevelWarn, "Rendition": LevelWarn, "Movie": LevelWarn, "Sound": LevelWarn, "Hide": LevelWarn, "SetOCGState": LevelWarn,
	"GoToE": LevelWarn, "GoToR": LevelNote, "URI": LevelNote}

func (g *gate) dict(num int, d types.Dict) {
	where := "object " + strconv.Itoa(num)
	s, _ := d["S"].(types.Name)
	level, isAction := actions[s]
	switch {
	case d["JS"] != nil || s == "JavaScript":
		g.hit(hit{level: LevelRefuse, key: FindingJavaScript, num: num, detail: where})
	case s == "Launch":
		g.hit(hit{level: LevelRefuse, key: FindingLaunch, num: num, detail: where})
	case isAction:
		g.hit(hit{level: level, key: FindingActions, kind: string(s), num: num, detail: where})
	}
	if d["Subtype"] == types.Name("Form") && d["Ref"] != nil {
		g.hit(hit{level: LevelRefuse, key: FindingReferenceX, num: num, detail: where})
	}
	if d["EF"] != nil {
		g.hit(hit{level: LevelWarn, key: FindingAttachment, num: num, name: fileName(d), detail: where})
	}
	if d["Type"] == types.Name("OCG") {
		g.hit(hit{level: LevelWarn, key: FindingOptionalContent, num: num, name: textValue(d["Name"]), detail: where})
	}
	if d["Type"] == types.Name("Font") && !g.embedded(d) {
		g.hit(hit{level: LevelWarn, key: FindingFont, num: num, name: fontName(d), detail: where, onPage: true})
	}
	for _, k := range slices.Sorted(maps.Keys(d)) {
		g.object(num, d[k])
	}
}

// fileName gives the name of an attached file.
func fileName(spec types.Dict) string {
	if name := textValue(spec["UF"]); name != "" {
		return name
	}
	return textValue(spec["F"])
}

// embedded tells whether a font brings its glyphs with it; those made of others, or of drawings, do.
func (g *gate) embedded(font types.Dict) bool {
	switch font["Subtype"] {
	case types.Name("Type0"), types.Name("Type3"):
		return true
	}
	d, err := g.view.Dict(font["FontDescriptor"])
	return err == nil && (d["FontFile"] != nil || d["FontFile2"] != nil || d["FontFile3"] != nil)
}

// locate makes findings of the hits: those of the same kind are one, with all their pages, names and, if there is only one, its place.
func (g *gate) locate() error {
	wanted := map[int]bool{}
	for _, h := range g.hits {
		if h.num != 0 {
			wanted[h.num] = true
		}
	}
	u, err := usesOf(g.file, g.view, wanted)
	if err != nil {
		return err
	}
	var order []string
	groups := map[string][]hit{}
	for _, h := range g.hits {
		if h.onPage && u.found[h.num] == nil {
			continue
		}
		id := h.key + " " + h.kind
		if groups[id] == nil {
			order = append(order, id)
		}
		groups[id] = append(groups[id], h)
	}
	for _, id := range order {
		g.add(g.finding(groups[id], u))
	}
	g.hits = nil
	return nil
}

// finding joins hits of one kind.
func (g *gate) finding(hits []hit, u *usage) Finding {
	first := hits[0]
	f := Finding{Rule: "P1", Level: first.level, Key: first.key, Detail: first.detail, Data: map[string]string{"action": first.kind}}
	pages, seen := map[int]bool{}, map[int]bool{}
	var names []string
	for _, h := range hits {
		if h.name != "" && !slices.Contains(names, h.name) && len(names) <= maxNames {
			names = append(names, h.name)
		}
		if x := u.found[h.num]; x != nil {
			for _, n := range x.pages {
				pages[n] = true
			}
		}
		if h.num != 0 {
			seen[h.num] = true
		}
	}
	list := slices.Sorted(maps.Keys(pages))
	f.Pages = pageList(list, u.partial && len(list) > 0)
	if len(list) == 1 && !u.partial {
		f.Page = list[0]
		if len(seen) == 1 {
			f.Area = g.areaOf(f.Page, u.found[slices.Collect(maps.Keys(seen))[0]])
		}
	}
	f.Data["count"] = strconv.Itoa(len(seen))
	if len(names) > maxNames {
		names[maxNames] = "…"
	}
	f.Data["names"] = strings.Join(names, ", ")
	return f
}

// maxNames bounds the names of fields, files or fonts in one finding.
const maxNames = 5

// areaOf places what belongs to an annotation.
func (g *gate) areaOf(page int, x *use) Area {
	if x == nil || x.holder.dict == nil || x.role == roleFont {
		return Area{}
	}
	p, err := g.view.Page(page)
	rect, ok := rectangle(x.holder.dict["Rect"])
	if err != nil || !ok {
		return Area{}
	}
	return areaOf(newSheet(p), rect)
}

// annotation is one entry of the list of annotations of a page.
type annotation struct {
	num  int // 0 for a direct object
	dict types.Dict
}

// annotationsOf reads the annotations of page n in the order in which they are drawn.
func annotationsOf(v *pdf.View, n int) ([]annotation, error) {
	p, err := v.Page(n)
	if err != nil {
		return nil, err
	}
	list, err := v.Array(p.Dict["Annots"])
	if err != nil {
		return nil, err
	}
	var out []annotation
	for _, o := range list {
		a := annotation{}
		if r, ok := o.(types.IndirectRef); ok {
			a.num = r.ObjectNumber.Value()
		}
		if a.dict, err = v.Dict(o); err != nil {
			return nil, err
		}
		out = append(out, a)
	}
	return out, nil
}
