package pdfseal_test

import (
	"fmt"
	"testing"

	"sealdesk/pdfseal"
	"sealdesk/pdfseal/internal/mutant"
	"sealdesk/pdfseal/sealtest"
	"sealdesk/pdfseal/ses"
)

// subtypes are the kinds of annotation of ISO 32000-2, table 171, and one that is none.
var subtypes = []string{"Text", "Link", "FreeText", "Line", "Square", "Circle", "Polygon", "PolyLine", "Highlight", "Underline", "Squiggly", "StrikeOut",
	"Caret", "Stamp", "Ink", "Popup", "FileAttachment", "Sound", "Movie", "Screen", "Widget", "PrinterMark", "TrapNet", "Watermark", "3D", "Redact",
	"Projection", "RichMedia", "Unknown"}

// cover adds an annotation with an appearance of its own over the text of a page.
func cover(k *kitUpdate, page int, subtype, extra string) {
	k.t.Helper()
	ap := k.Add(mutant.Stream("/Type /XObject/Subtype /Form/BBox [0 0 200 40]", "1 1 1 rg 0 0 200 40 re f"))
	a := k.Add(fmt.Sprintf("<</Type /Annot/Subtype /%s/Rect [50 50 250 90]/F 4/AP <</N %s>>%s>>", subtype, k.Ref(ap), extra))
	k.annotate(k.page(page), k.Ref(a))
}

func annotationMutants() []mutantClass {
	var out []mutantClass
	for i, sub := range subtypes {
		out = append(out, appended("EAA", sub, "I5", func(k *kitUpdate, _ *kitBase) { cover(k, 1+i%3, sub, "") }),
			sealedToo("EAA beside a seal", sub, "I4+I5", func(k *kitUpdate, _ *kitBase) { cover(k, 1+i%3, sub, "") }))
	}
	return append(out,
		appended("EAA", "hidden by optional content", "I5", func(k *kitUpdate, _ *kitBase) { cover(k, 2, "FreeText", "/OC 13 0 R") }),
		appended("EAA", "direct in /Annots", "I5", func(k *kitUpdate, _ *kitBase) {
			k.annotate(k.page(1), "<</Type /Annot/Subtype /FreeText/Rect [50 50 250 90]/Contents (x)/DA (/F1 12 Tf)>>")
		}),
		appended("EAA", "Stamp that names the seal", "I5", func(k *kitUpdate, _ *kitBase) { cover(k, 3, "Stamp", "/SDSK_Seal "+k.value(k.widgets()[0], "V")) }),
		sealedToo("EAA beside a seal", "Stamp that names the seal", "I4+I5", func(k *kitUpdate, _ *kitBase) { cover(k, 3, "Stamp", "/SDSK_Seal "+k.Ref(k.Sig.Num)) }),
		sealedToo("SSA", "appearance over the text", "E5", func(k *kitUpdate, _ *kitBase) { k.replace(k.mark(), `/Rect \[.*?\]`, "/Rect [40 40 560 120]") }),
		sealedToo("SSA", "mark over an earlier seal", "I5", func(k *kitUpdate, b *kitBase) {
			body, err := k.Body(k.widgets()[0])
			if err != nil {
				k.t.Fatal(err)
			}
			k.replace(k.mark(), `/Rect \[.*?\]`, rectRE.FindString(body))
		}),
		sealedToo("SSA", "signature of no seal over the text", "E5+I5+I8", func(k *kitUpdate, b *kitBase) {
			k.Sig.Entries = "/Filter /Adobe.PPKLite/SubFilter /adbe.pkcs7.detached/Type /Sig"
			k.replace(k.mark(), `/Rect \[.*?\]`, "/Rect [40 40 560 120]")
		}),
		mutantClass{"SSA", "seal of a stranger", "T1", func(t testing.TB, b *kitBase) []byte { return strangerSeal(t, b) }},
		appended("SSA", "empty signature field over the text", "I5+I8", func(k *kitUpdate, _ *kitBase) {
			ap := k.Add(mutant.Stream("/Type /XObject/Subtype /Form/BBox [0 0 200 40]", "1 1 1 rg 0 0 200 40 re f"))
			w := k.Add(fmt.Sprintf("<</Type /Annot/Subtype /Widget/FT /Sig/T (Sign here)/Rect [50 50 250 90]/F 4/P %s/AP <</N %s>>>>", k.Ref(k.page(1)), k.Ref(ap)))
			k.field(k.Ref(w))
			k.annotate(k.page(1), k.Ref(w))
		}),
	)
}

// mark gives the field of the seal that the update makes.
func (k *kitUpdate) mark() int {
	k.t.Helper()
	for num, body := range k.Bodies {
		if fieldRE.MatchString(body) {
			return num
		}
	}
	k.t.Fatal("the update makes no seal")
	return 0
}

// strangerSeal adds a seal whose maker and holder nobody trusts, in good order otherwise.
func strangerSeal(t testing.TB, b *kitBase) []byte {
	pki, h := foreignPKI(t), stranger(t)
	old, err := ses.ParseSeal(b.o.seal[b.seals%3])
	if err != nil {
		t.Fatal(err)
	}
	seal, err := pki.NewSeal(sealtest.SealSpec{ID: old.ID, Name: old.Name, Picture: old.Picture.Data, WidthMM: 20, HeightMM: 20,
		ValidFrom: now.AddDate(-1, 0, 0), ValidTo: now.AddDate(2, 0, 0)}, h)
	if err != nil {
		t.Fatal(err)
	}
	o := &office{pki: b.o.pki, holder: [3]*sealtest.Holder{h}, seal: [3][]byte{seal}}
	return o.affix(t, b.doc, 0, pdfseal.Mark{Page: 1, X: 40, Y: 100})
}
