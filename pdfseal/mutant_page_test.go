package pdfseal_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"sealdesk/pdfseal/internal/mutant"
)

// both is the same change as an increment of its own and beside a further seal.
func both(group, name, want, beside string, change func(k *kitUpdate, b *kitBase)) []mutantClass {
	return []mutantClass{appended(group, name, want, change), sealedToo(group+" beside a seal", name, beside, change)}
}

// tree gives the root of the page tree.
func (k *kitUpdate) tree() int {
	k.t.Helper()
	return k.number(k.value(k.catalog(), "Pages"))
}

// pageMutants change pages.
func pageMutants() []mutantClass {
	var out []mutantClass
	add := func(name, want, beside string, change func(k *kitUpdate, b *kitBase)) {
		out = append(out, both("Page", name, want, beside, change)...)
	}
	for _, x := range [][2]string{{"rotated", "/Rotate 180"}, {"crop box", "/CropBox [0 0 300 300]"}, {"user unit", "/UserUnit 2"}, {"trim box", "/TrimBox [0 0 300 300]"},
		{"additional actions", "/AA <</O <</S /JavaScript/JS (x)>>>>"}, {"transparency group", "/Group <</S /Transparency>>"}, {"tab order", "/Tabs /S"},
		{"viewport", "/VP []"}, {"piece info", "/PieceInfo <<>>"}} {
		add(x[0], "I2", "I2", func(k *kitUpdate, _ *kitBase) { k.insert(k.page(2), x[1]) })
	}
	add("media box", "I2", "I2+I5", func(k *kitUpdate, _ *kitBase) {
		k.replace(k.page(1), `/MediaBox \[.*?\]`, "/MediaBox [0 0 595.276 500]")
	})
	add("resources", "I2", "I2", func(k *kitUpdate, _ *kitBase) { k.replace(k.page(1), `/F1 \d+ 0 R`, "") })
	add("content taken away", "I2", "I2", func(k *kitUpdate, _ *kitBase) { k.replace(k.page(3), `/Contents \d+ 0 R`, "") })
	add("content added", "I2", "I2+I4", func(k *kitUpdate, _ *kitBase) {
		k.replace(k.page(3), `/Contents (\d+ 0 R)`, "/Contents [$1 "+k.Ref(k.Add(mutant.Stream("", evil)))+"]")
	})
	add("content drawn by a form", "I1", "I1", func(k *kitUpdate, _ *kitBase) {
		k.Put(k.content(2), mutant.Stream("", "q Q"))
	})
	add("annotation taken away", "I2", "I2", func(k *kitUpdate, _ *kitBase) {
		k.replace(k.page(1), `/Annots \[\d+ 0 R ?`, "/Annots [")
	})
	add("annotations in another order", "I2", "I2", func(k *kitUpdate, _ *kitBase) {
		k.replace(k.page(1), `/Annots \[(\d+ 0 R) (\d+ 0 R)`, "/Annots [$2 $1")
	})
	add("all annotations taken away", "I2", "I2|I2+I5", func(k *kitUpdate, _ *kitBase) { k.replace(k.page(1), `/Annots \[.*?\]`, "") })
	add("removed", "I1+I2", "I1+I2", func(k *kitUpdate, _ *kitBase) {
		k.replace(k.tree(), `/Count 3`, "/Count 2")
		k.replace(k.tree(), `/Kids \[(\d+ 0 R) (\d+ 0 R) \d+ 0 R\]`, "/Kids [$1 $2]")
	})
	add("added", "I1+I2", "I1+I2+I4", func(k *kitUpdate, _ *kitBase) {
		p := k.Add(fmt.Sprintf("<</Type /Page/Parent %s/MediaBox [0 0 595 842]>>", k.Ref(k.tree())))
		k.replace(k.tree(), `/Count 3`, "/Count 4")
		k.replace(k.tree(), `/Kids \[(.*?)\]`, "/Kids [$1 "+k.Ref(p)+"]")
	})
	add("replaced", "I1", "I1+I2+I4+I5", func(k *kitUpdate, _ *kitBase) {
		p := k.Add(fmt.Sprintf("<</Type /Page/Parent %s/MediaBox [0 0 595 842]>>", k.Ref(k.tree())))
		k.replace(k.tree(), `/Kids \[\d+ 0 R (\d+ 0 R) (\d+ 0 R)\]`, "/Kids [$1 $2 "+k.Ref(p)+"]")
	})
	add("exchanged", "I1", "I1+I2", func(k *kitUpdate, _ *kitBase) {
		k.replace(k.tree(), `/Kids \[(\d+ 0 R) (\d+ 0 R)`, "/Kids [$2 $1")
	})
	add("inherited rotation", "I1", "I1+P2", func(k *kitUpdate, _ *kitBase) { k.insert(k.tree(), "/Rotate 90") })
	out = append(out, appended("Page", "redefined as it was", "I8", func(k *kitUpdate, _ *kitBase) {
		body, err := k.Body(k.page(1))
		if err != nil {
			k.t.Fatal(err)
		}
		k.Put(k.page(1), body)
	}))
	return out
}

// catalogMutants change what hangs below the catalogue.
func catalogMutants() []mutantClass {
	var out []mutantClass
	add := func(name, want, beside string, change func(k *kitUpdate, b *kitBase)) {
		out = append(out, both("Catalogue", name, want, beside, change)...)
	}
	for _, x := range [][2]string{{"open action", "/OpenAction <</S /JavaScript/JS (x)>>"}, {"additional actions", "/AA <<>>"}, {"names", "/Names <<>>"}, {"permissions", "/Perms <<>>"},
		{"extensions", "/Extensions <<>>"}, {"collection", "/Collection <<>>"}, {"page mode", "/PageMode /UseOutlines"}, {"viewer preferences", "/ViewerPreferences <</HideWindowUI true>>"},
		{"version", "/Version /2.0"}, {"metadata", "/Metadata 3 0 R"}, {"outlines", "/Outlines <<>>"}, {"needs rendering", "/NeedsRendering true"}, {"output intents", "/OutputIntents []"},
		{"page labels", "/PageLabels <</Nums []>>"}, {"structure tree", "/StructTreeRoot <<>>"}, {"piece info", "/PieceInfo <<>>"}} {
		add(x[0], "I2", "I2", func(k *kitUpdate, _ *kitBase) { k.insert(k.catalog(), x[1]) })
	}
	add("store of another product", "I2", "I2|I2+I4", func(k *kitUpdate, b *kitBase) {
		if b.dss {
			k.replace(k.catalog(), `/DSS <<`, "/DSS <</VRI <<>>")
			return
		}
		k.insert(k.catalog(), "/DSS <</Certs []>>")
	})
	add("optional content flipped", "I2", "I2", func(k *kitUpdate, _ *kitBase) { k.replace(k.catalog(), `/OFF \[\]`, "/OFF ["+k.layer()+"]") })
	add("default appearance of the form", "I2", "I2", func(k *kitUpdate, _ *kitBase) { k.replace(k.form(), `/DA \(.*?\)`, "/DA (/F1 0 Tf 1 g)") })
	add("XFA", "I2", "I2", func(k *kitUpdate, _ *kitBase) { k.replace(k.form(), `/DA \(`, "/XFA []/DA (") })
	add("calculation order", "I2", "I2", func(k *kitUpdate, _ *kitBase) { k.replace(k.form(), `/DA \(`, "/CO []/DA (") })
	add("fields in another order", "I7", "I7|V4|I6+I7", func(k *kitUpdate, _ *kitBase) {
		k.replace(k.fields(), `(\d+ 0 R) (\d+ 0 R)`, "$2 $1")
	})
	add("field added", "I8", "I4+I6", func(k *kitUpdate, _ *kitBase) { k.field(k.Ref(k.Add("<</FT /Tx/T (new)/V (x)>>"))) })
	add("optional content group renamed", "I1", "I1", func(k *kitUpdate, _ *kitBase) {
		k.Put(k.find(types.Dict{"Type": types.Name("OCG")}), "<</Type /OCG /Name (layer) /Usage <</Print <</PrintState /OFF>>>>>>")
	})
	return append(out,
		sealedToo("Catalogue", "certification by a later seal", "I9", func(k *kitUpdate, _ *kitBase) { k.Sig.Entries += certification(2) }),
		sealedToo("Catalogue", "certification by a later seal, in /Perms", "I2+I9", func(k *kitUpdate, _ *kitBase) {
			k.Sig.Entries += certification(2)
			k.insert(k.catalog(), "/Perms <</DocMDP "+k.Ref(k.Sig.Num)+">>")
		}),
		mutantClass{"Catalogue", "seal after a certification that permits nothing", "I9", onlyOnce(func(t testing.TB, b *kitBase) []byte {
			k := b.reseal(t)
			k.Sig.Entries += certification(1)
			return b.o.affix(t, k.bytes(), 1, kitMarks(1, 1)...)
		})},
	)
}

// certification is the entry that makes a signature dictionary a certification with the permissions p.
func certification(p int) string {
	return fmt.Sprintf("/Reference [<</Type /SigRef/TransformMethod /DocMDP/TransformParams <</Type /TransformParams/P %d/V /1.2>>>>]", p)
}

// form gives the object in which the form stands.
func (k *kitUpdate) form() int {
	k.t.Helper()
	body, err := k.Body(k.catalog())
	if err != nil {
		k.t.Fatal(err)
	}
	if m := regexp.MustCompile(`/AcroForm (\d+ 0 R)`).FindStringSubmatch(body); m != nil {
		return k.number(m[1])
	}
	return k.catalog()
}

// layer gives a reference to the optional content group.
func (k *kitUpdate) layer() string {
	return strings.TrimSpace(k.Ref(k.find(types.Dict{"Type": types.Name("OCG")})))
}
