package pdfseal_test

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"sealdesk/pdfseal"
	"sealdesk/pdfseal/internal/mutant"
	"sealdesk/pdfseal/internal/pdf"
	"sealdesk/pdfseal/ses"
)

// insiderMutants are seals of a trusted holder whose tool writes what ours never does: the value is right, and what a reader makes of the
// mark, the field or the increment is another matter.
func insiderMutants() []mutantClass {
	out := []mutantClass{
		marked("that is no annotation", "I5", false, func(k *kitUpdate) { k.replace(k.mark(), `/Type /Annot`, "/Type /Page") }),
		marked("field without a name", "I5", false, func(k *kitUpdate) { k.replace(k.mark(), `/T \(.*?\)`, "/T 5") }),
		marked("field of the name of another", "I6", false, func(k *kitUpdate) { k.replace(k.mark(), `/T \(.*?\)`, "/T (amount)") }),
		marked("field of the name of another, in another encoding", "I6", false, func(k *kitUpdate) {
			k.replace(k.mark(), `/T \(.*?\)`, "/T <FEFF0061006D006F0075006E0074>")
		}),
		marked("appearance of another type", "P2", false, func(k *kitUpdate) { k.replace(k.made(aForm, 0), `/Type /XObject`, "/Type /Pattern") }),
		marked("appearance box a thousand times as large", "P2", false, func(k *kitUpdate) {
			k.replace(k.made(aForm, 0), `/BBox \[.*?\]`, "/BBox [0 0 56692.9 56692.9]")
			k.redraw(func(string) string { return "/GS gs q 56692.9 0 0 56692.9 0 0 cm /Im Do Q" })
		}),
		marked("appearance of another form type", "P2", false, func(k *kitUpdate) { k.replace(k.made(aForm, 0), `/FormType 1`, "/FormType 2") }),
		marked("picture of another type", "E5", false, func(k *kitUpdate) { k.replace(k.made(aImage, 0), `/Type /XObject`, "/Type /Metadata") }),
		marked("under an annotation", "I5|I4+I5", false, func(k *kitUpdate) {
			rect := rectRE.FindString(k.Bodies[k.mark()])
			ap := k.Add(mutant.Stream("/Type /XObject/Subtype /Form/BBox [0 0 56 56]", "1 1 1 rg 0 0 56 56 re f"))
			k.annotate(k.page(1), k.Ref(k.Add(fmt.Sprintf("<</Type /Annot/Subtype /Square%s/F 4/AP <</N %s>>>>", rect, k.Ref(ap)))))
		}),
		marked("signature that is a timestamp of the document", "B1", false, func(k *kitUpdate) {
			k.Sig.Entries = strings.Replace(k.Sig.Entries, "/Type /Sig", "/Type /DocTimeStamp", 1)
		}),
		marked("field listed as a further mark", "I5|S7", false, func(k *kitUpdate) { k.Sig.Entries += "/SDSK_Marks [" + k.Ref(k.mark()) + "]" }),
		marked("list of marks by reference", "I5", true, func(k *kitUpdate) {
			list := regexp.MustCompile(`/SDSK_Marks (\[.*?\])`).FindStringSubmatch(k.Sig.Entries)
			k.Sig.Entries = strings.Replace(k.Sig.Entries, list[0], "/SDSK_Marks "+k.Ref(k.Add(list[1])), 1)
		}),
		marked("second field on the value", "I6|I4+I5+I6", false, func(k *kitUpdate) { recycleOver(k, k.Ref(k.Sig.Num), appearanceOf(k, k.mark())) }),
	}
	out = append(out, mutantClass{"Marks", "of next to no size in the units of its page", "E5", onlyOnce(func(t testing.TB, b *kitBase) []byte {
		doc := writeTable([]string{"<</Type /Catalog /Pages 2 0 R>>", "<</Type /Pages /Count 1 /Kids [3 0 R]>>", "<</Type /Page /Parent 2 0 R /MediaBox [0 0 0.3 0.3] /UserUnit 20000>>"}, "")
		return b.o.affix(t, doc, 0, pdfseal.Mark{Page: 1, X: 500, Y: 500})
	})})
	return append(out, insiderIncrements()...)
}

// insiderIncrements are further seals of a trusted holder with something else in their increment.
func insiderIncrements() []mutantClass {
	add := func(name, want string, change func(k *kitUpdate, b *kitBase)) mutantClass {
		return sealedToo("Beside a seal", name, want, change)
	}
	return []mutantClass{
		add("field of the name of an earlier seal", "I6", func(k *kitUpdate, _ *kitBase) { k.replace(k.mark(), `/T \(.*?\)`, "/T (Seal1)") }),
		add("stream that the signature dictionary names", "I4", func(k *kitUpdate, _ *kitBase) {
			k.Sig.Entries += "/X " + k.Ref(k.Add(mutant.Stream("", evil)))
		}),
		add("flags of the form fall", "I2", func(k *kitUpdate, _ *kitBase) { k.replace(k.form(), `/SigFlags 3`, "/SigFlags 0") }),
		add("flags of the form taken away", "I2", func(k *kitUpdate, _ *kitBase) { k.replace(k.form(), `/SigFlags 3`, "") }),
		add("form in a new object", "I4", func(k *kitUpdate, _ *kitBase) {
			body, err := k.Body(k.form())
			if err != nil {
				k.t.Fatal(err)
			}
			if k.form() == k.catalog() {
				body = regexp.MustCompile(`/AcroForm (<<.*?>>)`).FindStringSubmatch(body)[1]
				k.replace(k.catalog(), `/AcroForm <<.*?>>`, "/AcroForm "+k.Ref(k.Add(body)))
				return
			}
			k.replace(k.catalog(), `/AcroForm \d+ 0 R`, "/AcroForm "+k.Ref(k.Add(body)))
		}),
		add("new objects of another generation", "S5", func(k *kitUpdate, _ *kitBase) {
			num := k.made(aImage, 0)
			k.Gens[num] = 7
			k.replace(k.made(aForm, 0), `/Im \d+ 0 R`, "/Im "+k.Ref(num))
		}),
		add("list of annotations that two pages share", "I4+I5|S7", func(k *kitUpdate, _ *kitBase) {
			body, err := k.Body(k.page(1))
			if err != nil {
				k.t.Fatal(err)
			}
			list := regexp.MustCompile(`/Annots (\[.*?\])`).FindStringSubmatch(body)
			ref := k.Ref(k.Add(list[1]))
			k.replace(k.page(1), `/Annots \[.*?\]`, "/Annots "+ref)
			k.insert(k.page(3), "/Annots "+ref)
		}),
		add("object in an object stream", "I4", func(k *kitUpdate, _ *kitBase) {
			if k.Kind != pdf.Stream {
				k.Add("<</Hello /World>>")
				return
			}
			self := k.Add("")
			k.Bodies[self] = mutant.Stream("/Type /ObjStm/N 1/First 5", fmt.Sprintf("%d 0  <</Hello /World>>", k.Size))
			k.Entries[k.Size] = pdf.Entry{Kind: pdf.Compressed, Stream: self}
			k.Size++
		}),
		add("default resources of the form", "I2", func(k *kitUpdate, _ *kitBase) { k.replace(k.form(), `/DA \(`, "/DR <<>>/DA (") }),
		add("quadding of the form", "I2", func(k *kitUpdate, _ *kitBase) { k.replace(k.form(), `/DA \(`, "/Q 2/DA (") }),
		add("signature dictionary of the first seal as the parent", "I5", func(k *kitUpdate, _ *kitBase) {
			k.insert(k.mark(), "/Parent "+k.Ref(k.find(types.Dict{"T": types.StringLiteral("Seal1")})))
		}),
	}
}

// TestPictureOf_sharedName: where two fields have one name, each report gets the picture of its own seal.
func TestPictureOf_sharedName(t *testing.T) {
	b := plainBase(t)
	k := b.further(t)
	k.replace(k.mark(), `/T \(.*?\)`, "/T (Seal1)")
	doc := k.bytes()
	rep, err := b.judge(doc)
	if err != nil || len(rep.Seals) != 2 || rep.Seals[0].Field != rep.Seals[1].Field {
		t.Fatalf("%+v, %v", rep, err)
	}
	var last []byte
	for i, s := range rep.Seals {
		want, err := ses.ParseSeal(b.o.seal[i])
		if err != nil || bytes.Equal(want.Picture.Data, last) {
			t.Fatalf("no seal with a picture of its own: %v", err)
		}
		last = want.Picture.Data
		got, err := pdfseal.PictureOf(t.Context(), bytes.NewReader(doc), s)
		if err != nil || !bytes.Equal(got.Data, want.Picture.Data) {
			t.Errorf("seal %d: another picture, %v", i+1, err)
		}
	}
}
