package pdfseal_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"sealdesk/pdfseal/internal/mutant"
	"sealdesk/pdfseal/internal/pdf"
)

// textField is the text field of the document that the bases are made of, overlay its appearance.
func (k *kitUpdate) textField() int {
	k.t.Helper()
	return k.find(types.Dict{"T": types.StringLiteral("amount")})
}

func (k *kitUpdate) overlay() int {
	k.t.Helper()
	return k.find(types.Dict{"Subtype": types.Name("Form"), "BBox": types.NewIntegerArray(0, 0, 100, 20)})
}

// hiddenObject is a document whose page refers to an object that is marked free although its bytes stand in the file.
func hiddenObject(b *kitBase, t testing.TB) (sealed []byte, at int64) {
	doc := writeTable([]string{"<</Type /Catalog /Pages 2 0 R>>", "<</Type /Pages /Count 1 /Kids [4 0 R]>>",
		"<</Type /Font /Subtype /Type1 /BaseFont /Helvetica>>\nendobj\n6 0 obj\n" + mutant.Stream("", evil),
		"<</Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents [5 0 R 6 0 R] /Resources <</Font <</F1 3 0 R>>>>>>",
		mutant.Stream("", "BT /F1 12 Tf 60 90 Td (Pay 10) Tj ET"), ""}, "")
	return b.o.affix(t, doc, 0, kitMarks(0, 1)...), int64(bytes.Index(doc, []byte("6 0 obj")))
}

// filledIn is a document whose page refers to numbers that nothing defines, sealed, and a further seal whose trusted holder defines one.
func filledIn(name string, define func(k *kitUpdate)) mutantClass {
	return mutantClass{"Shadow fill", name, "I4", onlyOnce(func(t testing.TB, b *kitBase) []byte {
		doc := writeTable([]string{"<</Type /Catalog /Pages 2 0 R>>", "<</Type /Pages /Count 1 /Kids [4 0 R]>>",
			"<</Type /Font /Subtype /Type1 /BaseFont /Helvetica>>",
			"<</Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents [5 0 R 60 0 R] /Resources <</Font <</F1 3 0 R>>/XObject <</Im 61 0 R>>>>>>",
			mutant.Stream("", "BT /F1 12 Tf 60 90 Td (Pay 10) Tj ET q 56 0 0 56 60 60 cm /Im Do Q")}, "")
		sealed := *b
		sealed.doc = b.o.affix(t, doc, 0, kitMarks(0, 1)...)
		k := sealed.further(t)
		define(k)
		return k.bytes()
	})}
}

// onlyOnce lets a class run with the first of the bases alone: it brings its own document.
func onlyOnce(make func(t testing.TB, b *kitBase) []byte) func(testing.TB, *kitBase) []byte {
	return func(t testing.TB, b *kitBase) []byte {
		if b.name != "table, seals 1" || b.dss {
			return nil
		}
		return make(t, b)
	}
}

func hideAndReplace(name, want string, change func(k *kitUpdate, at int64)) mutantClass {
	return mutantClass{"Shadow H&R-2", name, want, onlyOnce(func(t testing.TB, b *kitBase) []byte {
		doc, at := hiddenObject(b, t)
		k := newKitUpdate(t, doc)
		change(k, at)
		return k.bytes()
	})}
}

func shadowMutants() []mutantClass {
	return []mutantClass{
		filledIn("content, named by the signature", func(k *kitUpdate) {
			k.Put(60, mutant.Stream("", evil))
			k.Sig.Entries += "/X 60 0 R"
		}),
		filledIn("picture of the new mark", func(k *kitUpdate) {
			img := k.made(aImage, 0)
			k.Put(61, k.Bodies[img])
			delete(k.Bodies, img)
			for num, body := range k.Bodies {
				k.Bodies[num] = strings.ReplaceAll(body, fmt.Sprintf("/Im %d 0 R", img), "/Im 61 0 R")
			}
		}),
		appended("Shadow Hide-1", "overlay freed", "I3", func(k *kitUpdate, _ *kitBase) { k.Entries[k.overlay()] = pdf.Entry{Kind: pdf.Free, Gen: 1} }),
		appended("Shadow Hide-1", "overlay made empty", "I1", func(k *kitUpdate, _ *kitBase) {
			k.Put(k.overlay(), mutant.Stream("/Type /XObject/Subtype /Form/BBox [0 0 0 0]", ""))
		}),
		sealedToo("Shadow Hide-1", "overlay made empty beside a seal", "I1", func(k *kitUpdate, _ *kitBase) {
			k.Put(k.overlay(), mutant.Stream("/Type /XObject/Subtype /Form/BBox [0 0 0 0]", ""))
		}),
		appended("Shadow Hide-2", "field over a text removed", "I2+I7", func(k *kitUpdate, _ *kitBase) {
			ref := k.Ref(k.textField())
			k.replace(k.page(1), ` ?\b`+ref, "")
			k.replace(k.fields(), `\b`+ref+` ?`, "")
		}),
		appended("Shadow Hide-2", "field taken out of the form", "I7", func(k *kitUpdate, _ *kitBase) {
			k.replace(k.fields(), `\b`+k.Ref(k.textField())+` ?`, "")
		}),
		appended("Shadow Hide-2", "field off the page", "I1", func(k *kitUpdate, _ *kitBase) { k.replace(k.textField(), `/Rect \[.*?\]`, "/Rect [0 0 0 0]") }),
		appended("Shadow Replace-1", "value of a field", "I1", func(k *kitUpdate, _ *kitBase) { k.replace(k.textField(), `/V \(100\)`, "/V (999999)") }),
		appended("Shadow Replace-1", "NeedAppearances", "I2", func(k *kitUpdate, _ *kitBase) { needAppearances(k) }),
		sealedToo("Shadow Replace-1", "value of a field beside a seal", "I1", func(k *kitUpdate, _ *kitBase) { k.replace(k.textField(), `/V \(100\)`, "/V (999999)") }),
		appended("Shadow Replace-2", "glyph overwritten", "I1", func(k *kitUpdate, _ *kitBase) {
			font := k.find(types.Dict{"Subtype": types.Name("Type3")})
			k.Put(k.number(k.value(font, "CharProcs <</one")), mutant.Stream("", "1 0 d0 0 0 9 9 re f"))
		}),
		appended("Shadow Replace-2", "font overwritten", "I1", func(k *kitUpdate, _ *kitBase) {
			k.Put(k.find(types.Dict{"BaseFont": types.Name("Helvetica")}), "<</Type /Font /Subtype /Type1 /BaseFont /Symbol>>")
		}),
		sealedToo("Shadow Replace-2", "font overwritten beside a seal", "I1", func(k *kitUpdate, _ *kitBase) {
			k.Put(k.find(types.Dict{"BaseFont": types.Name("Helvetica")}), "<</Type /Font /Subtype /Type1 /BaseFont /Symbol>>")
		}),
		appended("Shadow H&R-1", "another page tree", "I2", func(k *kitUpdate, _ *kitBase) {
			page := k.Add("<</Type /Page /Parent 9 0 R /MediaBox [0 0 595 842]>>")
			tree := k.Add(fmt.Sprintf("<</Type /Pages /Count 3 /Kids [%s %s %s]>>", k.Ref(page), k.Ref(page+2), k.Ref(page+3)))
			k.Add("<</Type /Page /Parent 9 0 R /MediaBox [0 0 595 842]>>")
			k.Add("<</Type /Page /Parent 9 0 R /MediaBox [0 0 595 842]>>")
			k.replace(k.catalog(), `/Pages \d+ 0 R`, "/Pages "+k.Ref(tree))
		}),
		hideAndReplace("table alone turns free into used", "S5", func(k *kitUpdate, at int64) { k.Entries[6] = pdf.Entry{Kind: pdf.InUse, Offset: at} }),
		hideAndReplace("free number used again", "I3", func(k *kitUpdate, _ int64) { k.Put(6, mutant.Stream("", evil)) }),
		hideAndReplace("table alone turns used into free", "I3", func(k *kitUpdate, _ int64) { k.Entries[5] = pdf.Entry{Kind: pdf.Free, Gen: 1} }),
		hideAndReplace("content without the hidden object", "I2", func(k *kitUpdate, _ int64) { k.replace(4, `\[5 0 R 6 0 R\]`, "6 0 R") }),
	}
}

func needAppearances(k *kitUpdate) {
	k.t.Helper()
	if k.find(types.Dict{"Type": types.Name("Catalog")}) == k.fields() {
		k.replace(k.catalog(), `/AcroForm <<`, "/AcroForm <</NeedAppearances true")
		return
	}
	k.insert(k.number(k.value(k.catalog(), "AcroForm")), "/NeedAppearances true")
}
