package pdfseal_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"sealdesk/pdfseal"
	"sealdesk/pdfseal/internal/mutant"
)

// told is what a report must say of a change.
type told struct {
	key   string
	page  int
	area  pdfseal.Area // zero: none
	whole bool
	data  map[string]string // all of it must be there
}

// toldCase is one change and what must be said of it.
type toldCase struct {
	name   string
	change func(k *kitUpdate, b *kitBase)
	want   []told
}

type words = map[string]string

// toldAnnotations are changes of annotations and fields.
func toldAnnotations() []toldCase {
	square := pdfseal.Area{X: 17.64, Y: 265.25, W: 70.56, H: 14.11} // of [50 50 250 90] on A4
	amount := pdfseal.Area{X: 21.17, Y: 113.56, W: 35.28, H: 7.06}  // of [60 500 160 520]
	return []toldCase{
		{"annotation", func(k *kitUpdate, _ *kitBase) { cover(k, 1, "Square", "") }, []told{{key: pdfseal.ChangeAnnotationAdded, page: 1, area: square, data: words{"subtype": "Square", "rule": "I5"}}}},
		{"annotation on a rotated page", func(k *kitUpdate, _ *kitBase) { cover(k, 3, "FreeText", "") },
			[]told{{key: pdfseal.ChangeAnnotationAdded, page: 3, area: pdfseal.Area{X: 17.64, Y: 17.64, W: 14.11, H: 70.56}, data: words{"subtype": "FreeText"}}}},
		{"annotation of no known kind", func(k *kitUpdate, _ *kitBase) { cover(k, 2, "Whatever", "") }, []told{{key: pdfseal.ChangeAnnotationAdded, page: 2, area: square, data: words{"subtype": "Whatever"}}}},
		{"annotation over a seal", func(k *kitUpdate, b *kitBase) {
			rect := rectRE.FindString(k.text(k.widgets()[0]))
			k.annotate(k.page(1), fmt.Sprintf("<</Type /Annot/Subtype /Stamp%s>>", rect))
		}, []told{{key: pdfseal.ChangeAnnotationOverMark, page: 1, area: pdfseal.Area{X: 30, Y: 190, W: 20, H: 20}, data: words{"subtype": "Stamp"}}}},
		{"annotation moved", func(k *kitUpdate, _ *kitBase) {
			k.replace(k.find(types.Dict{"Subtype": types.Name("Link")}), `/Rect \[.*?\]`, "/Rect [50 50 250 90]")
		}, []told{{key: pdfseal.ChangeAnnotationAltered, page: 1, area: square, data: words{"subtype": "Link", "parts": "place"}}}},
		{"annotation removed", func(k *kitUpdate, _ *kitBase) {
			link := k.find(types.Dict{"Subtype": types.Name("Link")})
			k.replace(k.page(1), `( ?)\b`+k.Ref(link)+`\b`, "")
		}, []told{{key: pdfseal.ChangeAnnotationRemoved, page: 1, area: pdfseal.Area{X: 105.83, Y: 113.56, W: 21.17, H: 7.06}, data: words{"subtype": "Link", "rule": "I2"}}}},
		{"value of a field", func(k *kitUpdate, _ *kitBase) { k.replace(k.textField(), `/V \(100\)`, "/V (900)") },
			[]told{{key: pdfseal.ChangeFieldValue, page: 1, area: amount, data: words{"field": "amount", "before": "100", "after": "900", "rule": "I1"}}}},
		{"appearance of a field", func(k *kitUpdate, _ *kitBase) {
			k.Put(k.number(k.value(k.textField(), "AP")), mutant.Stream("/Type /XObject/Subtype /Form/BBox [0 0 100 20]", "q Q"))
		}, []told{{key: pdfseal.ChangeFieldAltered, page: 1, area: amount, data: words{"field": "amount", "parts": "appearance"}}}},
		{"field added", func(k *kitUpdate, _ *kitBase) { k.field(k.Ref(k.Add("<</FT /Tx/T (new)/V (x)>>"))) }, []told{{key: pdfseal.ChangeFieldAdded, data: words{"field": "new", "rule": "I8"}}}},
	}
}

// toldPages are changes of pages, of what they use, of seals and of the document.
func toldPages() []toldCase {
	square := pdfseal.Area{X: 17.64, Y: 265.25, W: 70.56, H: 14.11} // of [50 50 250 90] on A4
	return []toldCase{
		{"content", func(k *kitUpdate, _ *kitBase) { k.Put(k.content(2), mutant.Stream("", "q Q")) },
			[]told{{key: pdfseal.ChangePageContent, page: 2, area: pdfseal.Area{W: 210, H: 297}, whole: true, data: words{"pages": "2", "rule": "I1"}}}},
		{"font of all pages", func(k *kitUpdate, _ *kitBase) {
			k.Put(k.find(types.Dict{"BaseFont": types.Name("Helvetica")}), "<</Type /Font/Subtype /Type1/BaseFont /Courier>>")
		}, []told{{key: pdfseal.ChangeFont, data: words{"pages": "1–3", "name": "Helvetica"}}}},
		{"what a font draws", func(k *kitUpdate, _ *kitBase) { k.Put(k.glyph(), mutant.Stream("", "1 0 d0 0 0 0.5 1 re f")) },
			[]told{{key: pdfseal.ChangeFont, data: words{"pages": "1–3"}}}},
		{"layer", func(k *kitUpdate, _ *kitBase) {
			k.Put(k.find(types.Dict{"Type": types.Name("OCG")}), "<</Type /OCG/Name (other)>>")
		}, []told{{key: pdfseal.ChangeLayer, data: words{"pages": "1–3"}}}},
		{"rotated", func(k *kitUpdate, _ *kitBase) { k.insert(k.page(2), "/Rotate 90") },
			[]told{{key: pdfseal.ChangePageRotated, page: 2, area: pdfseal.Area{W: 210, H: 297}, whole: true, data: words{"before": "0", "after": "90", "rule": "I2"}}}},
		{"rotated by the page tree", func(k *kitUpdate, _ *kitBase) { k.insert(k.tree(), "/Rotate 180") },
			[]told{{key: pdfseal.ChangePageTree, data: words{"rule": "I1"}}, {key: pdfseal.ChangePageRotated, page: 1, area: pdfseal.Area{W: 210, H: 297}, whole: true, data: words{"after": "180", "rule": "I1"}},
				{key: pdfseal.ChangePageRotated, page: 2, area: pdfseal.Area{W: 210, H: 297}, whole: true}}},
		{"cropped", func(k *kitUpdate, _ *kitBase) { k.insert(k.page(2), "/CropBox [0 0 300 300]") },
			[]told{{key: pdfseal.ChangePageSize, page: 2, area: pdfseal.Area{W: 210, H: 297}, whole: true, data: words{"before": "210×297", "after": "106×106"}}}},
		{"page removed", func(k *kitUpdate, _ *kitBase) {
			k.replace(k.tree(), `/Count 3`, "/Count 2")
			k.replace(k.tree(), `/Kids \[(\d+ 0 R) (\d+ 0 R) \d+ 0 R\]`, "/Kids [$1 $2]")
		}, []told{{key: pdfseal.ChangePageTree}, {key: pdfseal.ChangePages, data: words{"before": "3", "after": "2"}},
			{key: pdfseal.ChangePageRemoved, page: 3, area: pdfseal.Area{W: 297, H: 210}, whole: true, data: words{"rule": "I2"}}}},
		{"page replaced", func(k *kitUpdate, _ *kitBase) {
			p := k.Add(fmt.Sprintf("<</Type /Page/Parent %s/MediaBox [0 0 595 842]>>", k.Ref(k.tree())))
			k.replace(k.tree(), `/Kids \[\d+ 0 R (\d+ 0 R) (\d+ 0 R)\]`, "/Kids ["+k.Ref(p)+" $1 $2]")
		}, []told{{key: pdfseal.ChangePageTree, data: words{"rule": "I1"}}, {key: pdfseal.ChangePageRemoved, page: 1, area: pdfseal.Area{W: 210, H: 297}, whole: true, data: words{"rule": "I1"}},
			{key: pdfseal.ChangePageAdded, page: 1, area: pdfseal.Area{W: 209.9, H: 297.04}, whole: true, data: words{"rule": "I1"}}}},
		{"pages exchanged", func(k *kitUpdate, _ *kitBase) {
			k.replace(k.tree(), `/Kids \[(\d+ 0 R) (\d+ 0 R)`, "/Kids [$2 $1")
		}, []told{{key: pdfseal.ChangePageTree}, {key: pdfseal.ChangePagesMoved, data: words{"pages": "1–2", "rule": "I1"}}}},
		{"seal moved", func(k *kitUpdate, _ *kitBase) { k.replace(k.widgets()[0], `/Rect \[.*?\]`, "/Rect [50 50 250 90]") },
			[]told{{key: pdfseal.ChangeMarkAltered, page: 1, area: square, data: words{"parts": "place"}}}},
		{"picture of the seal", func(k *kitUpdate, _ *kitBase) {
			k.Put(k.find(types.Dict{"ColorSpace": types.Name("DeviceRGB")}), mutant.Stream("/Type /XObject/Subtype /Image/Width 1/Height 1/ColorSpace /DeviceRGB/BitsPerComponent 8", "abc"))
		}, []told{{key: pdfseal.ChangeMarkAltered, page: 1, area: pdfseal.Area{X: 30, Y: 190, W: 20, H: 20}, data: words{"parts": "appearance"}}}},
		{"setting of the document", func(k *kitUpdate, _ *kitBase) { k.insert(k.catalog(), "/OpenAction <</S /JavaScript/JS (x)>>") },
			[]told{{key: pdfseal.ChangeCatalog, data: words{"key": "OpenAction", "rule": "I2"}}}},
	}
}

// TestChanges_told: what was changed is named, with its page, its place and what it is to the pages.
func TestChanges_told(t *testing.T) {
	b := plainBase(t)
	for _, c := range append(toldAnnotations(), toldPages()...) {
		t.Run(c.name, func(t *testing.T) {
			k := b.update(t)
			c.change(k, b)
			rep, err := b.judge(k.bytes())
			if err != nil {
				t.Fatal(err)
			}
			if rep.Verdict != pdfseal.VerdictInvalid || len(rep.Changes) != len(c.want) {
				t.Fatalf("%s, want %d changes\n%s", rep.Verdict, len(c.want), failures(rep))
			}
			for i, want := range c.want {
				want.check(t, rep.Changes[i])
			}
		})
	}
}

func (want told) check(t *testing.T, got pdfseal.Change) {
	t.Helper()
	if got.Key != want.key || got.Page != want.page || got.Area != want.area || got.WholePage != want.whole {
		t.Errorf("%s on page %d at %+v (whole %v), want %+v", got.Key, got.Page, got.Area, got.WholePage, want)
	}
	for k, v := range want.data {
		if got.Data[k] != v {
			t.Errorf("%s: %s is %q, want %q", got.Key, k, got.Data[k], v)
		}
	}
}

// plainBase is the base with a table and one seal with one mark.
func plainBase(t testing.TB) *kitBase {
	t.Helper()
	for _, b := range kitBases(t) {
		if b.name == "table, seals 1" && !b.dss {
			return b
		}
	}
	t.Fatal("no such base")
	return nil
}

// glyph gives the object of the drawn digit.
func (k *kitUpdate) glyph() int {
	k.t.Helper()
	font := k.find(types.Dict{"Subtype": types.Name("Type3")})
	return k.number(k.value(font, "one"))
}

// text gives an object as it stands.
func (k *kitUpdate) text(num int) string {
	k.t.Helper()
	body, err := k.Body(num)
	if err != nil {
		k.t.Fatal(err)
	}
	return body
}

// TestChanges_was: what moved is shown with where it stood.
func TestChanges_was(t *testing.T) {
	b := plainBase(t)
	k := b.update(t)
	k.replace(k.textField(), `/Rect \[.*?\]`, "/Rect [50 50 250 90]")
	rep, err := b.judge(k.bytes())
	if err != nil {
		t.Fatal(err)
	}
	c := rep.Changes[0]
	if c.Key != pdfseal.ChangeFieldAltered || c.Data["parts"] != "place" || c.Was == nil || c.Was.X != 21.17 || c.X != 17.64 {
		t.Errorf("%+v, was %+v", c, c.Was)
	}
}

// TestChanges_many: what is changed a thousand times over is summed up, and no rule is lost.
func TestChanges_many(t *testing.T) {
	b := plainBase(t)
	k := b.update(t)
	list := ""
	for i := range 1000 {
		list += k.Ref(k.Add(fmt.Sprintf("<</Type /Annot/Subtype /Square/Rect [%d 50 250 90]>>", i%200))) + " "
	}
	k.annotate(k.page(1), list)
	k.insert(k.page(2), "/Rotate 90")
	rep, err := b.judge(k.bytes())
	if err != nil {
		t.Fatal(err)
	}
	last := rep.Changes[len(rep.Changes)-1]
	if n := len(rep.Changes); n > 210 || last.Key != pdfseal.ChangeFurther || last.Data["count"] != "800" {
		t.Errorf("%d changes, the last %s %v", n, last.Key, last.Data)
	}
	if rules := strings.Join(brokenRules(rep), "+"); rules != "I2+I5" {
		t.Errorf("rules %s", rules)
	}
}

// TestChanges_removedSeal: a seal that was taken away is named with its place.
func TestChanges_removedSeal(t *testing.T) {
	b := plainBase(t)
	k := b.update(t)
	k.replace(k.fields(), ` ?\b`+k.Ref(k.widgets()[0])+`\b`, "")
	rep, err := b.judge(k.bytes())
	if err != nil {
		t.Fatal(err)
	}
	told{key: pdfseal.ChangeSealRemoved, page: 1, area: pdfseal.Area{X: 30, Y: 190, W: 20, H: 20}, data: map[string]string{"seal": rep.Seals[0].Seal.Name, "rule": "V4"}}.check(t, rep.Changes[0])
	if rep.Seals[0].Seal.Name == "" || len(rep.Changes) != 1 {
		t.Errorf("%s", failures(rep))
	}
}

// TestChanges_appended: bytes behind the sealed file are counted, and the seal is still named.
func TestChanges_appended(t *testing.T) {
	b := plainBase(t)
	for _, tail := range []string{"garbage\n", "\n9 0 obj\n<<>>\nendobj\n", "% a\n%%EOF\n", "xref\n0 0\ntrailer\n<<>>\nstartxref\n1\n%%EOF\n"} {
		rep, err := b.judge(append(b.doc[:len(b.doc):len(b.doc)], tail...))
		if err != nil {
			t.Fatal(err)
		}
		if len(rep.Changes) != 1 || rep.Changes[0].Key != pdfseal.ChangeAppended || rep.Changes[0].Data["bytes"] != fmt.Sprint(len(tail)) || rep.Changes[0].Revision != 0 {
			t.Errorf("%q: %s", tail, failures(rep))
		}
		if rep.Seals[0].Seal.Name == "" || rep.Verdict != pdfseal.VerdictInvalid {
			t.Errorf("%q: the seal is not named, or %s", tail, rep.Verdict)
		}
	}
}
