package pdfseal_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"sealdesk/pdfseal/internal/mutant"
	"sealdesk/pdfseal/internal/pdf"
)

// marked makes the last seal again with something wrong about its marks: signed by its holder, as by a tool that is careless or worse.
func marked(name, want string, several bool, change func(k *kitUpdate)) mutantClass {
	return mutantClass{"Marks", name, want, func(t testing.TB, b *kitBase) []byte {
		if several && b.marks == 1 {
			return nil
		}
		k := b.reseal(t)
		change(k)
		return k.bytes()
	}}
}

// made gives the object of the update that matches, its n-th in the order of numbers (from 0).
func (k *kitUpdate) made(expr string, n int) int {
	k.t.Helper()
	re := regexp.MustCompile(expr)
	for num := range k.Size {
		if body, ok := k.Bodies[num]; ok && re.MatchString(body) {
			if n == 0 {
				return num
			}
			n--
		}
	}
	k.t.Fatalf("the update has no object like %s", expr)
	return 0
}

const (
	aForm  = `^<<[^\n]*/Subtype /Form`
	aStamp = `/Subtype /Stamp`
	aImage = `/ColorSpace /DeviceRGB`
	aMask  = `/ColorSpace /DeviceGray`
)

// redraw gives the appearance form other content, which may be longer.
func (k *kitUpdate) redraw(content func(old string) string) {
	k.t.Helper()
	num := k.made(aForm, 0)
	dict, data, _ := strings.Cut(k.Bodies[num], "\nstream\n")
	now := content(strings.TrimSuffix(data, "\nendstream"))
	k.Bodies[num] = regexp.MustCompile(`/Length \d+`).ReplaceAllString(dict, fmt.Sprintf("/Length %d", len(now))) + "\nstream\n" + now + "\nendstream"
}

func markMutants() []mutantClass {
	var out []mutantClass
	for _, x := range [][2]string{{"hidden", "646"}, {"invisible", "645"}, {"not printed", "640"}, {"not to be viewed", "676"}, {"not locked", "516"}, {"contents not locked", "132"},
		{"toggled to not viewed", "900"}, {"no flags", "0"}} {
		out = append(out, marked(x[0], "I5", false, func(k *kitUpdate) { k.replace(k.mark(), `/F 644`, "/F "+x[1]) }))
	}
	for _, x := range [][2]string{{"off the page", "955 247 1011 303"}, {"of no size", "100 100 100 100"}, {"of no width", "100 100 100 156"}, {"half off the page", "570 247 626 303"},
		{"turned over", "156 156 100 100"}} {
		out = append(out, marked(x[0], "I5|E5", false, func(k *kitUpdate) { k.replace(k.mark(), `/Rect \[.*?\]`, "/Rect ["+x[1]+"]") }))
	}
	out = append(out, marked("much larger", "E5|I5|E5+I5", false, func(k *kitUpdate) { k.replace(k.mark(), `/Rect \[.*?\]`, "/Rect [20 20 560 560]") }),
		marked("of a few points", "E5", false, func(k *kitUpdate) { k.replace(k.mark(), `/Rect \[.*?\]`, "/Rect [100 100 101 101]") }))
	for _, x := range [][2]string{{"in optional content", "/OC " + "13 0 R"}, {"with an action", "/A <</S /URI/URI (x)>>"}, {"with additional actions", "/AA <<>>"}, {"with states", "/AS /N"},
		{"with other colours", "/MK <</BG [1 0 0]>>"}, {"with a border", "/Border [0 0 9]"}, {"with a blend mode of its own", "/BM /Screen"}, {"with an opacity of its own", "/ca 0"},
		{"with a parent", "/Parent 3 0 R"}, {"with kids", "/Kids []"}} {
		out = append(out, marked(x[0], "I5", false, func(k *kitUpdate) { k.insert(k.mark(), x[1]) }))
	}
	return append(out, placeMutants()...)
}

// placeMutants are marks in the wrong place, of the wrong kind or with another picture.
func placeMutants() []mutantClass {
	form := func(old, now string) func(k *kitUpdate) {
		return func(k *kitUpdate) { k.replace(k.made(aForm, 0), old, now) }
	}
	return []mutantClass{
		marked("of another kind", "I5", false, func(k *kitUpdate) { k.replace(k.mark(), `/Subtype /Widget`, "/Subtype /Watermark") }),
		marked("names another page", "I5", false, func(k *kitUpdate) { k.replace(k.mark(), `/P \d+ 0 R`, "/P "+k.Ref(k.page(2))) }),
		marked("on two pages", "I5", false, func(k *kitUpdate) { k.annotate(k.page(2), k.Ref(k.mark())) }),
		marked("twice on a page", "I5", false, func(k *kitUpdate) { k.annotate(k.page(1), k.Ref(k.mark())) }),
		marked("on no page", "I5", false, func(k *kitUpdate) { k.replace(k.page(1), ` ?\b`+k.Ref(k.mark())+`\b`, "") }),
		marked("without a mark", "I5", false, func(k *kitUpdate) { k.replace(k.mark(), `/Subtype /Widget`, "") }),
		marked("without an appearance", "P2|I4+P2", false, func(k *kitUpdate) { k.replace(k.mark(), `/AP <<.*?>>`, "") }),
		marked("with a rollover appearance", "P2", false, func(k *kitUpdate) { k.replace(k.mark(), `/AP <</N (\d+ 0 R)>>`, "/AP <</N $1/R $1>>") }),
		marked("appearance by states", "P2", false, func(k *kitUpdate) { k.replace(k.mark(), `/AP <</N (\d+ 0 R)>>`, "/AP <</N <</On $1>>>>") }),
		marked("appearance of nothing", "P2", false, func(k *kitUpdate) { k.redraw(func(string) string { return "q Q" }) }),
		marked("picture drawn smaller", "P2", false, func(k *kitUpdate) {
			k.redraw(func(old string) string { return "/GS gs q 1 0 0 1 0 0 cm /Im Do Q" })
		}),
		marked("text over the picture", "P2", false, func(k *kitUpdate) { k.redraw(func(old string) string { return old + " " + evil }) }),
		marked("appearance box moved", "P2", false, form(`/BBox \[0 0`, "/BBox [9 9")),
		marked("appearance box of no size", "P2", false, func(k *kitUpdate) {
			form(`/BBox \[.*?\]`, "/BBox [0 0 0 0]")(k)
			k.redraw(func(string) string { return "/GS gs q 0 0 0 0 0 0 cm /Im Do Q" })
		}),
		marked("appearance box turned over", "P2", false, func(k *kitUpdate) {
			form(`/BBox \[.*?\]`, "/BBox [0 0 -56 -56]")(k)
			k.redraw(func(string) string { return "/GS gs q -56 0 0 -56 0 0 cm /Im Do Q" })
		}),
		marked("appearance turned", "P2", false, form(`/Matrix \[.*?\]`, "/Matrix [0 1 -1 0 0 0]")),
		marked("appearance of another blend mode", "P2", false, form(`/BM /Multiply`, "/BM /Screen")),
		marked("appearance transparent", "P2", false, form(`/BM /Multiply`, "/BM /Multiply/ca 0")),
		marked("appearance in optional content", "P2", false, form(`/Subtype /Form`, "/Subtype /Form/OC 13 0 R")),
		marked("appearance by reference", "P2", false, form(`/Subtype /Form`, "/Subtype /Form/Ref <</F (x.pdf)/Page 0>>")),
		marked("further resources", "P2", false, form(`/XObject <<`, "/XObject <</Im2 3 0 R")),
		marked("picture with a decode array", "E5", false, func(k *kitUpdate) {
			k.replace(k.made(aImage, 0), `/BitsPerComponent 8`, "/BitsPerComponent 8/Decode [1 0 1 0 1 0]")
		}),
		marked("picture with a mask of colours", "E5", false, func(k *kitUpdate) {
			k.replace(k.made(aImage, 0), `/BitsPerComponent 8`, "/BitsPerComponent 8/Mask [0 255 0 255 0 255]")
		}),
		marked("picture with alternates", "E5", false, func(k *kitUpdate) {
			k.replace(k.made(aImage, 0), `/BitsPerComponent 8`, "/BitsPerComponent 8/Alternates []")
		}),
		marked("picture of other colours", "E5", false, func(k *kitUpdate) { k.replace(k.made(aImage, 0), `/DeviceRGB`, "/DeviceCMYK") }),
		marked("picture of other size", "E5", false, func(k *kitUpdate) { k.replace(k.made(aImage, 0), `/Width 2\d`, "/Width 12") }),
		marked("picture of another seal", "E5", false, func(k *kitUpdate) { k.recolour() }),
		marked("mask of the picture", "E5", false, func(k *kitUpdate) { k.maskOut() }),
		marked("picture lies in an earlier revision", "E5|E5+I4", false, func(k *kitUpdate) {
			form(`/Im \d+ 0 R`, "/Im "+k.Ref(k.find(types.Dict{"Subtype": types.Name("Form")})))(k)
		}),
		marked("not listed", "I5", true, func(k *kitUpdate) { k.Sig.Entries = strings.Replace(k.Sig.Entries, "SDSK_Marks", "SDSK_Makrs", 1) }),
		marked("one of several not listed", "I5", true, func(k *kitUpdate) {
			k.Sig.Entries = regexp.MustCompile(`(SDSK_Marks \[)\d+ 0 R `).ReplaceAllString(k.Sig.Entries, "$1")
		}),
		marked("listed but missing", "I5", true, func(k *kitUpdate) { delete(k.Bodies, k.made(aStamp, 1)) }),
		marked("listed twice", "I5", true, func(k *kitUpdate) {
			k.Sig.Entries = regexp.MustCompile(`SDSK_Marks \[(\d+ 0 R)`).ReplaceAllString(k.Sig.Entries, "SDSK_Marks [$1 $1")
		}),
		marked("does not name its seal", "I5", true, func(k *kitUpdate) { k.replace(k.made(aStamp, 0), `/SDSK_Seal \d+ 0 R`, "") }),
		marked("names another seal", "I5", true, func(k *kitUpdate) { k.replace(k.made(aStamp, 0), `/SDSK_Seal \d+ 0 R`, "/SDSK_Seal 3 0 R") }),
		marked("stamp turned into a widget", "I5", true, func(k *kitUpdate) { k.replace(k.made(aStamp, 0), `/Subtype /Stamp`, "/Subtype /Widget") }),
		marked("stamp hidden", "I5", true, func(k *kitUpdate) { k.replace(k.made(aStamp, 1), `/F 644`, "/F 646") }),
		marked("stamp off the page", "I5", true, func(k *kitUpdate) { k.replace(k.made(aStamp, 1), `/Rect \[.*?\]`, "/Rect [900 900 956 956]") }),
		marked("stamp over another mark", "I5", true, func(k *kitUpdate) {
			k.replace(k.made(aStamp, 2), `/Rect \[.*?\]`, rectRE.FindString(k.Bodies[k.mark()]))
		}),
		marked("stamp on two pages", "I5", true, func(k *kitUpdate) { k.annotate(k.page(2), k.Ref(k.made(aStamp, 1))) }),
		marked("stamp draws another picture", "P2", true, func(k *kitUpdate) {
			k.replace(k.made(aStamp, 0), `/AP <<.*?>>`, fmt.Sprintf("/AP <</N %s>>", k.Ref(k.overlay())))
		}),
		marked("three marks on a page", "I5", true, func(k *kitUpdate) {
			num := k.Add(strings.Replace(k.Bodies[k.made(aStamp, 2)], rectRE.FindString(k.Bodies[k.made(aStamp, 2)]), "/Rect [400 400 456.6929 456.6929]", 1))
			k.Sig.Entries = strings.Replace(k.Sig.Entries, "SDSK_Marks [", "SDSK_Marks ["+k.Ref(num)+" ", 1)
			k.annotate(k.page(1), k.Ref(num))
		}),
	}
}

// recolour replaces the pixels of the picture by others.
func (k *kitUpdate) recolour() {
	num := k.made(aImage, 0)
	dict, _, _ := strings.Cut(k.Bodies[num], "\nstream\n")
	data := pdf.Flate([]byte(strings.Repeat("\xff\x00\x00", 30*30)))
	k.Bodies[num] = regexp.MustCompile(`/Length \d+`).ReplaceAllString(dict, fmt.Sprintf("/Length %d", len(data))) + "\nstream\n" + string(data) + "\nendstream"
}

// maskOut gives the picture a soft mask that hides it.
func (k *kitUpdate) maskOut() {
	img := k.made(aImage, 0)
	w := regexp.MustCompile(`/Width (\d+)`).FindStringSubmatch(k.Bodies[img])[1]
	mask := mutant.Stream("/Type /XObject/Subtype /Image/Width "+w+"/Height "+w+"/BitsPerComponent 8/ColorSpace /DeviceGray/Filter /FlateDecode", string(pdf.Flate(make([]byte, 40*40))))
	if strings.Contains(k.Bodies[img], "/SMask") {
		k.Bodies[k.made(aMask, 0)] = mask
		return
	}
	k.insert(img, "/SMask "+k.Ref(k.Add(mask)))
}

// spreadMutants touch the marks of a seal in a later revision.
func spreadMutants() []mutantClass {
	stamp := func(k *kitUpdate, seal string) string {
		return k.Ref(k.Add(fmt.Sprintf("<</AP %s/F 644/P %s/Rect [400 60 456.6929 116.6929]/SDSK_Seal %s/Subtype /Stamp/Type /Annot>>", appearanceOf(k, k.widgets()[0]), k.Ref(k.page(2)), seal)))
	}
	first := func(k *kitUpdate) string { return k.value(k.widgets()[0], "V") }
	var out []mutantClass
	add := func(name, want, beside string, change func(k *kitUpdate, b *kitBase)) {
		out = append(out, both("Marks later", name, want, beside, change)...)
	}
	add("added to an old seal", "I5", "I4+I5", func(k *kitUpdate, _ *kitBase) { k.annotate(k.page(2), stamp(k, first(k))) })
	add("old mark on another page as well", "I5", "I5", func(k *kitUpdate, _ *kitBase) { k.annotate(k.page(2), k.Ref(k.widgets()[0])) })
	add("removed", "I2", "I2", func(k *kitUpdate, _ *kitBase) { k.replace(k.page(1), ` ?\b`+k.Ref(k.widgets()[0])+`\b`, "") })
	add("moved", "I1", "I1", func(k *kitUpdate, _ *kitBase) {
		k.replace(k.widgets()[0], `/Rect \[.*?\]`, "/Rect [400 60 456.6929 116.6929]")
	})
	add("hidden", "I1", "I1", func(k *kitUpdate, _ *kitBase) { k.replace(k.widgets()[0], `/F 644`, "/F 646") })
	add("said to be on another page", "I1", "I1", func(k *kitUpdate, _ *kitBase) { k.replace(k.widgets()[0], `/P \d+ 0 R`, "/P "+k.Ref(k.page(2))) })
	add("appearance replaced", "I1", "I1", func(k *kitUpdate, _ *kitBase) {
		k.Put(k.number(k.value(k.widgets()[0], "AP <</N")), mutant.Stream("/Type /XObject/Subtype /Form/BBox [0 0 1 1]", ""))
	})
	add("picture replaced", "I1", "I1", func(k *kitUpdate, _ *kitBase) {
		k.Put(k.find(types.Dict{"Subtype": types.Name("Image")}), mutant.Stream("/Type /XObject/Subtype /Image/Width 1/Height 1/ColorSpace /DeviceGray/BitsPerComponent 8", "x"))
	})
	add("appearance freed", "I3", "I3", func(k *kitUpdate, _ *kitBase) {
		k.Entries[k.number(k.value(k.widgets()[0], "AP <</N"))] = pdf.Entry{Kind: pdf.Free, Gen: 1}
	})
	return append(out,
		sealedToo("Marks later", "old mark listed by another seal", "I5", func(k *kitUpdate, _ *kitBase) {
			k.Sig.Entries += fmt.Sprintf("/SDSK_Marks [%s]", k.Ref(k.widgets()[0]))
		}),
		sealedToo("Marks later", "stamp of the old seal listed by another", "I5", func(k *kitUpdate, _ *kitBase) {
			ref := stamp(k, first(k))
			k.annotate(k.page(2), ref)
			k.Sig.Entries += fmt.Sprintf("/SDSK_Marks [%s]", ref)
		}),
		sealedToo("Marks later", "stamp with the old seal's picture", "E5", func(k *kitUpdate, _ *kitBase) {
			old := k.widgets()
			ref := k.Ref(k.Add(fmt.Sprintf("<</AP %s/F 644/P %s/Rect [400 60 456.6929 116.6929]/SDSK_Seal %s/Subtype /Stamp/Type /Annot>>", appearanceOf(k, old[len(old)-1]), k.Ref(k.page(2)), k.Ref(k.Sig.Num))))
			k.annotate(k.page(2), ref)
			k.Sig.Entries += fmt.Sprintf("/SDSK_Marks [%s]", ref)
		}),
		sealedToo("Marks later", "mark over an earlier seal", "I5", func(k *kitUpdate, _ *kitBase) {
			body, err := k.Body(k.widgets()[0])
			if err != nil {
				k.t.Fatal(err)
			}
			k.replace(k.mark(), `/Rect \[.*?\]`, rectRE.FindString(body))
		}),
	)
}
