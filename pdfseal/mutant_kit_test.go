package pdfseal_test

import (
	"bytes"
	"context"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"sealdesk/pdfseal"
	"sealdesk/pdfseal/internal/mutant"
	"sealdesk/pdfseal/internal/pdf"
)

// kitBase is a valid sealed document that mutants are made of.
type kitBase struct {
	name  string
	seals int
	marks int    // of the last seal
	dss   bool   // with evidence behind the last seal
	doc   []byte // valid as it is
	clean []byte // up to the end of the last seal
	o     *office
}

// kitDocument is a document with what attacks need: three pages, a text field, a font with drawn digits, optional content, an annotation, and
// room for edits that keep the length.
func kitDocument(ownForm bool) []byte {
	form, own := "<</Fields [11 0 R]/DA (/F1 12 Tf 0 g)>>", "null"
	if ownForm {
		form, own = "15 0 R", "<</Fields 16 0 R/DA (/F1 12 Tf 0 g)>>"
	}
	page := func(n int, extra string) string {
		return fmt.Sprintf("<</Type /Page /Parent 2 0 R /MediaBox [0 0 595.276 841.89] /Contents %d 0 R %s/Resources <</Font <</F1 3 0 R/F2 10 0 R>>/Properties <</M 13 0 R>>>> >>", n, extra)
	}
	text := func(n int) string {
		return mutant.Stream("", fmt.Sprintf("BT /F1 12 Tf 60 60 Td (Page %d) Tj ET BT /F2 12 Tf 60 90 Td (1) Tj ET /OC /M BDC 0 0 9 9 re f EMC", n))
	}
	return writeTable([]string{
		"<</Type /Catalog /Pages 2 0 R /AcroForm " + form + " /OCProperties <</OCGs [13 0 R]/D <</Order [13 0 R]/OFF []>>>> " + room + ">>",
		"<</Type /Pages /Count 3 /Kids [4 0 R 6 0 R 8 0 R]>>",
		"<</Type /Font /Subtype /Type1 /BaseFont /Helvetica>>",
		page(5, "/Annots [11 0 R 14 0 R] "), text(1), page(7, ""), text(2), page(9, "/Rotate 90 "), text(3),
		"<</Type /Font /Subtype /Type3 /FontBBox [0 0 1 1] /FontMatrix [1 0 0 1 0 0] /FirstChar 49 /LastChar 49 /Widths [1] /CharProcs <</one 12 0 R>> /Encoding <</Type /Encoding /Differences [49 /one]>> /Resources <<>>>>",
		"<</Type /Annot /Subtype /Widget /FT /Tx /T (amount) /V (100) /Rect [60 500 160 520] /P 4 0 R /F 4 /AP <</N 17 0 R>> /DA (/F1 12 Tf 0 g)>>",
		mutant.Stream("", "1 0 d0 0 0 1 1 re f"),
		"<</Type /OCG /Name (layer)>>",
		"<</Type /Annot /Subtype /Link /Rect [300 500 360 520] /Border [0 0 0] /P 4 0 R /F 4 /Dest [6 0 R /Fit]>>",
		own, "[11 0 R]",
		mutant.Stream("/Type /XObject/Subtype /Form/BBox [0 0 100 20]/Resources <</Font <</F1 3 0 R>>>>", "/Tx BMC BT /F1 12 Tf 2 5 Td (100) Tj ET EMC"),
	}, "")
}

// writeTable writes a document of the objects, which count from 1, with a cross-reference table; an empty one is marked free.
func writeTable(objects []string, trailer string) []byte {
	var b, table bytes.Buffer
	b.WriteString("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	fmt.Fprintf(&table, "xref\n0 %d\n0000000000 65535 f\r\n", len(objects)+1)
	for i, o := range objects {
		if o == "" {
			table.WriteString("0000000000 00001 f\r\n")
			continue
		}
		fmt.Fprintf(&table, "%010d 00000 n\r\n", b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	at := b.Len()
	b.Write(table.Bytes())
	fmt.Fprintf(&b, "trailer\n<</Size %d/Root 1 0 R/ID [<00112233445566778899aabbccddeeff><00112233445566778899aabbccddeeff>]%s>>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, trailer, at)
	return b.Bytes()
}

// kitMarks are the places of the n-th seal (from 0), one or four.
func kitMarks(n, count int) []pdfseal.Mark {
	x := 40 + 45*float64(n)
	return []pdfseal.Mark{{Page: 1, X: x, Y: 200}, {Page: 2, X: x, Y: 200}, {Page: 3, X: x, Y: 120}, {Page: 1, X: x, Y: 240}}[:count]
}

// newBase seals a document; every seal of one with evidence has a receipt behind it.
func (o *office) newBase(t testing.TB, name string, doc []byte, seals, marks int, dss bool) *kitBase {
	t.Helper()
	b := &kitBase{name: name, seals: seals, marks: marks, dss: dss, o: o}
	for i := range seals {
		doc = o.affix(t, doc, i, kitMarks(i, marks)...)
		b.clean = doc
		if dss {
			doc = o.add(t, doc, o.evidence(t, doc, i, nil))
		}
	}
	b.doc = doc
	return b
}

// judge verifies a mutant at the instant of the tests with evidence.
func (b *kitBase) judge(doc []byte) (*pdfseal.Report, error) {
	return pdfseal.Verify(context.Background(), bytes.NewReader(doc), pdfseal.VerifyOptions{Trust: b.o.trust, Now: checked})
}

var theBases = struct {
	once sync.Once
	all  []*kitBase
}{}

// kitBases are all kinds of base: cross-reference table, stream and linearised, each with one, two and three seals and with one seal of four
// marks, each with and without evidence.
func kitBases(t testing.TB) []*kitBase {
	t.Helper()
	o := newOffice(t)
	theBases.once.Do(func() {
		for _, kind := range []struct {
			name    string
			doc     []byte
			options []string
		}{{"table", kitDocument(false), nil}, {"stream", kitDocument(true), []string{"--object-streams=generate"}}, {"linearised", kitDocument(false), []string{"--linearize"}}} {
			doc := viaQPDF(t, kind.doc, kind.options)
			for _, dss := range []bool{false, true} {
				for _, n := range []int{1, 2, 3} {
					name := fmt.Sprintf("%s, seals %d", kind.name, n)
					theBases.all = append(theBases.all, o.newBase(t, name, doc, n, 1, dss))
				}
				theBases.all = append(theBases.all, o.newBase(t, kind.name+", marks 4", doc, 1, 4, dss))
			}
		}
	})
	if len(theBases.all) != 24 {
		t.Fatal("the bases could not be made")
	}
	return theBases.all
}

// update begins an increment behind the whole document.
func (b *kitBase) update(t testing.TB) *kitUpdate {
	t.Helper()
	return newKitUpdate(t, b.doc)
}

// reseal takes the last seal apart; see kitUpdate.bytes for what it becomes.
func (b *kitBase) reseal(t testing.TB) *kitUpdate {
	t.Helper()
	u, err := mutant.Last(b.clean)
	if err != nil {
		t.Fatal(err)
	}
	k := &kitUpdate{Update: u, t: t}
	k.seal = b.o.parts(b.seals - 1)
	u.Sig.Container = k.seal.container
	return k
}

// kitUpdate is an update whose mistakes end the test.
type kitUpdate struct {
	*mutant.Update
	t    testing.TB
	seal *sesParts // of the seal that is made anew
}

func newKitUpdate(t testing.TB, doc []byte) *kitUpdate {
	t.Helper()
	u, err := mutant.New(doc)
	if err != nil {
		t.Fatal(err)
	}
	return &kitUpdate{Update: u, t: t}
}

// bytes writes the update behind its base; a seal in it is signed by its holder.
func (k *kitUpdate) bytes() []byte {
	k.t.Helper()
	out, err := k.Bytes()
	if err != nil {
		k.t.Fatal(err)
	}
	return out
}

func (k *kitUpdate) replace(num int, old, now string) {
	k.t.Helper()
	if err := k.Replace(num, old, now); err != nil {
		k.t.Fatal(err)
	}
}

func (k *kitUpdate) insert(num int, entries string) {
	k.t.Helper()
	if err := k.Insert(num, entries); err != nil {
		k.t.Fatal(err)
	}
}

// page gives the object of page n.
func (k *kitUpdate) page(n int) int {
	k.t.Helper()
	p, err := k.View().Page(n)
	if err != nil {
		k.t.Fatal(err)
	}
	return p.Ref.ObjectNumber.Value()
}

// catalog gives the object of the catalogue.
func (k *kitUpdate) catalog() int {
	return k.Trailer["Root"].(types.IndirectRef).ObjectNumber.Value()
}

// find gives the object of the base whose dictionary has these entries.
func (k *kitUpdate) find(want types.Dict) int {
	k.t.Helper()
	num, err := k.Find(func(d types.Dict) bool {
		for key, v := range want {
			if string(pdf.FormatObject(d[key])) != string(pdf.FormatObject(v)) {
				return false
			}
		}
		return true
	})
	if err != nil || num == 0 {
		k.t.Fatalf("object %d, %v", num, err)
	}
	return num
}

// annotate adds an annotation to a page.
func (k *kitUpdate) annotate(page int, ref string) {
	k.t.Helper()
	body, err := k.Body(page)
	if err != nil {
		k.t.Fatal(err)
	}
	if strings.Contains(body, "/Annots [") {
		k.replace(page, `/Annots \[`+`([^\]]*)\]`, "/Annots [$1 "+ref+"]")
		return
	}
	k.insert(page, "/Annots ["+ref+"]")
}

// field adds a field to the form.
func (k *kitUpdate) field(ref string) {
	k.t.Helper()
	k.replace(k.fields(), `(Fields \[|^\[)([^\]]*)\]`, "$1$2 "+ref+"]")
}

// fields gives the object in which the list of fields stands.
func (k *kitUpdate) fields() int {
	cat, _, err := k.View().Catalog()
	if err != nil {
		k.t.Fatal(err)
	}
	num := k.catalog()
	var form types.Object = cat["AcroForm"]
	if ref, ok := form.(types.IndirectRef); ok {
		num = ref.ObjectNumber.Value()
	}
	d, err := k.View().Dict(form)
	if err != nil {
		k.t.Fatal(err)
	}
	if ref, ok := d["Fields"].(types.IndirectRef); ok {
		num = ref.ObjectNumber.Value()
	}
	return num
}

// widgets gives the fields of the seals in the order of sealing.
func (k *kitUpdate) widgets() []int {
	k.t.Helper()
	var out []int
	for i := 1; ; i++ {
		num, err := k.Find(func(d types.Dict) bool {
			return d["FT"] == types.Name("Sig") && d["T"] == types.StringLiteral(fmt.Sprintf("Seal%d", i))
		})
		if err != nil {
			k.t.Fatal(err)
		}
		if num == 0 {
			return out
		}
		out = append(out, num)
	}
}

var refRE = regexp.MustCompile(`\d+ \d+ R`)

// value gives the reference that an object has under a key.
func (k *kitUpdate) value(num int, key string) string {
	k.t.Helper()
	body, err := k.Body(num)
	if err != nil {
		k.t.Fatal(err)
	}
	_, rest, _ := strings.Cut(body, "/"+key+" ")
	return refRE.FindString(rest)
}

var (
	rectRE  = regexp.MustCompile(`/Rect \[.*?\]`)
	fieldRE = regexp.MustCompile(`/FT /Sig`)
)
