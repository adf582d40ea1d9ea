package pdfseal_test

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"sealdesk/pdfseal"
	"sealdesk/pdfseal/internal/mutant"
	"sealdesk/pdfseal/internal/pdf"
)

// appended is an increment of an attacker behind the whole document.
func appended(group, name, want string, change func(k *kitUpdate, b *kitBase)) mutantClass {
	return mutantClass{group, name, want, func(t testing.TB, b *kitBase) []byte {
		k := b.update(t)
		change(k, b)
		return k.bytes()
	}}
}

// further takes apart a further seal, of the unit after the last one, in a free place of page 1; its holder signs what becomes of it.
func (b *kitBase) further(t testing.TB) *kitUpdate {
	t.Helper()
	i := b.seals % 3
	u, err := mutant.Last(b.o.affix(t, b.doc, i, pdfseal.Mark{Page: 1, X: 40, Y: 100}))
	if err != nil {
		t.Fatal(err)
	}
	k := &kitUpdate{Update: u, t: t, seal: b.o.parts(i)}
	u.Sig.Container = k.seal.container
	return k
}

// sealedToo is an increment with a further seal, whose trusted holder signs what is wrong with it.
func sealedToo(group, name, want string, change func(k *kitUpdate, b *kitBase)) mutantClass {
	return mutantClass{group, name, want, func(t testing.TB, b *kitBase) []byte {
		k := b.further(t)
		change(k, b)
		return k.bytes()
	}}
}

// edited is the document with its bytes changed as they are.
func edited(group, name, want string, change func(t testing.TB, b *kitBase) []byte) mutantClass {
	return mutantClass{group, name, want, change}
}

// content gives the object of the content of page n.
func (k *kitUpdate) content(n int) int {
	k.t.Helper()
	var num int
	if _, err := fmt.Sscanf(k.value(k.page(n), "Contents"), "%d", &num); err != nil {
		k.t.Fatal(err)
	}
	return num
}

// number gives the object that a reference names.
func (k *kitUpdate) number(ref string) int {
	k.t.Helper()
	var num int
	if _, err := fmt.Sscanf(ref, "%d 0 R", &num); err != nil {
		k.t.Fatalf("reference %q", ref)
	}
	return num
}

const evil = "BT /F1 12 Tf 60 60 Td (Pay 1000000) Tj ET"

func attackMutants() []mutantClass {
	return []mutantClass{
		appended("ISA-1", "page content redefined", "I1", func(k *kitUpdate, _ *kitBase) { k.Put(k.content(1), mutant.Stream("", evil)) }),
		appended("ISA-1", "page with other content", "I2", func(k *kitUpdate, _ *kitBase) {
			k.replace(k.page(2), `/Contents \d+ 0 R`, "/Contents "+k.Ref(k.Add(mutant.Stream("", evil))))
		}),
		appended("ISA-1", "object that belongs to nothing", "I8", func(k *kitUpdate, _ *kitBase) { k.Add("<</Hello /World>>") }),
		sealedToo("ISA-1", "object that belongs to nothing, beside a seal", "I4", func(k *kitUpdate, _ *kitBase) { k.Add("<</Hello /World>>") }),
		sealedToo("ISA-1", "stream that belongs to nothing, beside a seal", "I4", func(k *kitUpdate, _ *kitBase) { k.Add(mutant.Stream("", evil)) }),
		appended("ISA-1", "update of nothing", "I8", func(*kitUpdate, *kitBase) {}),
		edited("ISA-2", "body and trailer without a table", "B6+S11|I2+S11", func(t testing.TB, b *kitBase) []byte {
			k := b.update(t)
			return fmt.Appendf(bytes.Clone(b.doc), "%d 0 obj\n%s\nendobj\ntrailer\n<</Root %d 0 R/Size %d>>\nstartxref\n%d\n%%%%EOF\n", k.content(1), mutant.Stream("", evil), k.catalog(), k.Size, k.Prev)
		}),
		edited("ISA-2", "body alone", "S3", func(t testing.TB, b *kitBase) []byte {
			return fmt.Appendf(bytes.Clone(b.doc), "%d 0 obj\n%s\nendobj\n", b.update(t).content(1), mutant.Stream("", evil))
		}),
		edited("ISA-2", "no startxref", "S3", func(t testing.TB, b *kitBase) []byte { return cutAt(isa1(t, b), "startxref") }),
		edited("ISA-2", "no %%EOF", "S3", func(t testing.TB, b *kitBase) []byte { return cutAt(isa1(t, b), "%%EOF") }),
		appended("ISA-3", "copy of the seal as a new field", "B4|B4+I5", func(k *kitUpdate, _ *kitBase) { copySeal(k) }),
		appended("ISA-3", "change and a copy of the seal", "B4+I1|B4+I1+I5", func(k *kitUpdate, _ *kitBase) {
			copySeal(k)
			k.Put(k.content(1), mutant.Stream("", evil))
		}),
		edited("ISA-4", "the file again", "B6+S11|I2+S11", func(_ testing.TB, b *kitBase) []byte { return append(bytes.Clone(b.doc), b.doc...) }),
		edited("ISA-4", "another sealed file behind it", "S4|S5", func(t testing.TB, b *kitBase) []byte {
			return append(bytes.Clone(b.doc), b.o.affix(t, document(a4, a4), 2, kitMarks(0, 1)...)...)
		}),
		edited("SWA-1", "gap grown by objects", "S4|S5", func(t testing.TB, b *kitBase) []byte {
			from, to := gapOf(t, b.clean)
			return append(append(bytes.Clone(b.clean[:to]), "/Evil <</Type /Catalog>>"...), b.clean[to:]...)[:len(b.clean)+24+0*from]
		}),
		edited("SWA-1", "second part moved, a table in the gap", "B4", siwa),
		edited("SWA-2", "zeros of the gap given up for objects", "B4", func(t testing.TB, b *kitBase) []byte {
			from, to := gapOf(t, b.clean)
			out := bytes.Clone(b.clean)
			der, _, _ := contents(t, b.clean)
			end := from + 1 + 2*len(der)
			copy(out[end:to], ">/Evil 1 "+strings.Repeat(" ", to-end))
			return out
		}),
		edited("SWA-3", "data in the padding", "B5", func(t testing.TB, b *kitBase) []byte {
			_, to := gapOf(t, b.clean)
			out := bytes.Clone(b.clean)
			copy(out[to-9:], "DEADBEEF")
			return out
		}),
		appended("USF-4", "value of the field removed", "I1+V4", func(k *kitUpdate, _ *kitBase) { k.replace(k.widgets()[0], `/V \d+ 0 R`, "") }),
		appended("USF-4", "value of the field is null", "I1+V4", func(k *kitUpdate, _ *kitBase) { k.replace(k.widgets()[0], `/V \d+ 0 R`, "/V null") }),
		appended("USF-4", "field taken out of the form", "V4", func(k *kitUpdate, _ *kitBase) {
			k.replace(k.fields(), ` ?\b`+k.Ref(k.widgets()[0]), "")
		}),
		appended("USF-4", "form dropped", "I2+V4", func(k *kitUpdate, _ *kitBase) { dropForm(k) }),
		appended("USF-4", "signature dictionary freed", "I3+V4", func(k *kitUpdate, _ *kitBase) {
			k.Entries[k.number(k.value(k.widgets()[0], "V"))] = pdf.Entry{Kind: pdf.Free, Gen: 1}
		}),
		appended("USF-4", "field of another type", "I1+V4", func(k *kitUpdate, _ *kitBase) { k.replace(k.widgets()[0], `/FT /Sig`, "/FT /Tx") }),
		appended("Recycle", "new field on the old value", "I5+I8", func(k *kitUpdate, _ *kitBase) { recycle(k, k.value(k.widgets()[0], "V")) }),
		sealedToo("Recycle", "field on the old value beside a new seal", "I4+I5+I6", func(k *kitUpdate, _ *kitBase) { recycle(k, k.value(k.widgets()[0], "V")) }),
		sealedToo("Recycle", "second field on the new value", "I4+I5+I6", func(k *kitUpdate, _ *kitBase) { recycle(k, k.Ref(k.Sig.Num)) }),
		sealedToo("Recycle", "old field listed again", "I6", func(k *kitUpdate, _ *kitBase) { k.field(k.Ref(k.widgets()[0])) }),
		sealedToo("Recycle", "container of an earlier seal", "B7", func(k *kitUpdate, b *kitBase) {
			der, _, _ := contents(k.t, b.clean)
			k.Sig.Container = func([]byte, []byte, [4]int64) ([]byte, error) { return der, nil }
		}),
		mutantClass{"Recycle", "two seals with one end", "B7|B7+I5+I8", twins},
		appended("Recycle", "old field on another value", "B4+I1+I4+I5+I6+V4", func(k *kitUpdate, b *kitBase) {
			body, err := k.Body(k.number(k.value(k.widgets()[0], "V")))
			if err != nil {
				k.t.Fatal(err)
			}
			k.replace(k.widgets()[0], `/V \d+ 0 R`, "/V "+k.Ref(k.Add(body)))
		}),
	}
}

// twins makes two seals in one revision, each with a range that ends with it.
func twins(t testing.TB, b *kitBase) []byte {
	der, _, _ := contents(t, b.o.affix(t, document(a4), b.seals%3, kitMarks(0, 1)...))
	container := fmt.Sprintf("<%X>", der)
	var doc []byte
	var right [4]int
	for range 2 { // the second time with the range right
		k := b.reseal(t)
		twin := k.Add(fmt.Sprintf("<<%s/ByteRange[0 %-10d %-10d %-10d]/Contents%s>>", k.Sig.Entries, right[1], right[2], right[3], container))
		recycleOver(k, k.Ref(twin), appearanceOf(k, k.mark()))
		doc = k.bytes()
		at := bytes.LastIndex(doc, []byte(container))
		right = [4]int{0, at, at + len(container), len(doc) - at - len(container)}
	}
	return doc
}

func isa1(t testing.TB, b *kitBase) []byte {
	k := b.update(t)
	k.Put(k.content(1), mutant.Stream("", evil))
	return k.bytes()
}

// cutAt cuts a document before the last occurrence of a word.
func cutAt(doc []byte, word string) []byte { return doc[:bytes.LastIndex(doc, []byte(word))] }

// copySeal adds a field with a copy of the last seal's signature dictionary and a mark of its own.
func copySeal(k *kitUpdate) {
	old := k.widgets()[len(k.widgets())-1]
	body, err := k.Body(k.number(k.value(old, "V")))
	if err != nil {
		k.t.Fatal(err)
	}
	recycle(k, k.Ref(k.Add(body)))
}

// recycle adds a field with a mark in a free place of page 2 and the value given.
func recycle(k *kitUpdate, value string) { recycleOver(k, value, appearanceOf(k, k.widgets()[0])) }

func recycleOver(k *kitUpdate, value, appearance string) {
	w := k.Add(fmt.Sprintf("<</AP %s/F 644/FT /Sig/P %s/Rect [400 60 456 116]/Subtype /Widget/T (Seal9)/Type /Annot/V %s>>", appearance, k.Ref(k.page(2)), value))
	k.field(k.Ref(w))
	k.annotate(k.page(2), k.Ref(w))
}

// appearanceOf gives the appearance dictionary of a mark.
func appearanceOf(k *kitUpdate, mark int) string {
	body, err := k.Body(mark)
	if err != nil {
		k.t.Fatal(err)
	}
	return regexp.MustCompile(`/AP (<<.*?>>)`).FindStringSubmatch(body)[1]
}

func dropForm(k *kitUpdate) {
	if k.fields() == k.catalog() {
		k.replace(k.catalog(), `/AcroForm <<.*?>>`, "")
		return
	}
	k.replace(k.catalog(), `/AcroForm \d+ 0 R`, "")
}

// siwa moves the second part of a sealed file behind a table of the attacker that lies in the gap, where the untouched startxref leads
// (docs/verification.md, 0.9). The signature dictionary has /ByteRange behind /Contents for that, as those of some products.
func siwa(t testing.TB, b *kitBase) []byte {
	if b.update(t).Kind != pdf.Table || b.seals != 1 || b.dss {
		return nil
	}
	var right [4]int64
	k := b.reseal(t)
	k.Sig.Reserve += 4000
	for range 2 {
		k.Sig.After = fmt.Sprintf("/ByteRange[0 %-10d %-10d %-10d]", right[1], right[2], right[3])
		k.Sig.Range = func(r [4]int64) string { right = r; return "" }
		if _, err := k.Bytes(); err != nil {
			t.Fatal(err)
		}
	}
	sealed := k.bytes()
	rep, err := b.judge(sealed)
	if err != nil || !rep.Verdict.Accepted() {
		t.Fatalf("the file to be attacked is %v, %v", rep, err)
	}
	der, from, to := contents(t, sealed)
	tail := sealed[to:]
	out := bytes.NewBuffer(bytes.Clone(sealed[:from+1+2*len(der)]))
	start := int(newKitUpdate(t, sealed).Prev)
	second := start + 3000
	fmt.Fprintf(out, ">/ByteRange[0 %d %d %d]>>\nendobj\n", from, second, len(tail))
	at := out.Len()
	fmt.Fprintf(out, "%d 0 obj\n%s\nendobj\n", k.content(1), mutant.Stream("", evil))
	last := entryRE.ReplaceAllFunc(lastTable(sealed), func(e []byte) []byte { // what stands in the second part has moved
		n, _ := strconv.Atoi(string(e[:10]))
		if n > to {
			n += second - to
		}
		return fmt.Appendf(nil, "%010d%s", n, e[10:])
	})
	if out.Len() > start {
		t.Fatal("no room before the table")
	}
	out.Write(bytes.Repeat([]byte{'\n'}, start-out.Len()))
	fmt.Fprintf(out, "xref\n%d 1\n%010d 00000 n\r\n%s", k.content(1), at, last)
	if out.Len() > second {
		t.Fatal("no room for the table")
	}
	out.Write(bytes.Repeat([]byte{' '}, second-out.Len()))
	out.Write(tail)
	return out.Bytes()
}

// lastTable is the last table of a document from its first subsection to the end of its trailer.
func lastTable(doc []byte) []byte {
	from := bytes.LastIndex(doc, []byte("\nxref\n")) + 6
	return doc[from:bytes.LastIndex(doc, []byte("startxref"))]
}
