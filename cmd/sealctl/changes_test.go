package main

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"io/fs"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/signintech/gopdf"

	"sealdesk/assets"
)

// contract is a document of three pages with an amount in words, digits in a font of their own, a picture and a form field.
func contract() ([]byte, error) {
	var pdf gopdf.GoPdf
	pdf.Start(gopdf.Config{PageSize: *gopdf.PageSizeA4})
	for name, file := range map[string]string{"song": "fonts/gbsn00lp.ttf", "sans": "fonts/NotoSans-Regular.ttf"} {
		raw, err := fs.ReadFile(assets.FS, file)
		if err != nil {
			return nil, err
		}
		if err := pdf.AddTTFFontData(name, raw); err != nil {
			return nil, err
		}
	}
	var err error
	keep := func(e error) {
		if err == nil {
			err = e
		}
	}
	put := func(font string, x, y float64, s string) {
		const millimetre = 72 / 25.4
		keep(pdf.SetFont(font, "", 16))
		pdf.SetXY(x*millimetre, y*millimetre)
		keep(pdf.Text(s))
	}
	red := image.NewRGBA(image.Rect(0, 0, 40, 40))
	draw.Draw(red, red.Rect, image.NewUniform(color.RGBA{0xc3, 0x27, 0x2b, 0xff}), image.Point{}, draw.Src)
	for n := 1; n <= 3; n++ {
		pdf.AddPage()
		put("song", 28, 60, fmt.Sprintf("合同第%d页", n))
		switch n {
		case 1:
			put("song", 28, 80, "合同价款为人民币")
			put("song", 90, 80, "壹拾万元整")
			put("sans", 28, 100, "100000.00")
		case 2:
			put("sans", 28, 100, "2026-09-01")
			keep(pdf.ImageFrom(red, 300, 500, &gopdf.Rect{W: 100, H: 60}))
		}
	}
	var out bytes.Buffer
	if _, e := pdf.WriteTo(&out); e != nil || err != nil {
		return nil, fmt.Errorf("contract: %v %v", err, e)
	}
	d := newEdit(out.Bytes())
	ap := d.add(stream("/Type /XObject/Subtype /Form/BBox [0 0 120 20]", "0 0 0.6 rg 4 4 60 10 re f"))
	field := d.add(fmt.Sprintf("<</Type /Annot/Subtype /Widget/FT /Tx/T (amount)/V (100)/F 4/Rect [80 500 200 520]/AP <</N %d 0 R>>>>", ap))
	d.insert(d.page(3), fmt.Sprintf("/Annots [%d 0 R]", field))
	d.insert(d.find(`/Type /Catalog`), fmt.Sprintf("/AcroForm <</Fields [%d 0 R]>>", field))
	return d.bytes(), d.err
}

// edit is an update of a document with a cross-reference table, as an editor writes it that knows nothing of seals.
type edit struct {
	base    []byte
	size    int
	changed map[int]string
	err     error
}

var (
	objectRE = regexp.MustCompile(`(?s)(?:^|[\r\n])(\d+) 0 obj\s*(.*?)\s*endobj`)
	sizeRE   = regexp.MustCompile(`/Size (\d+)`)
	rootRE   = regexp.MustCompile(`/Root \d+ 0 R`)
	idRE     = regexp.MustCompile(`/ID ?\[\s*<[^>]*>\s*<[^>]*>\s*\]`)
	startRE  = regexp.MustCompile(`startxref\s+(\d+)`)

	pictureRE = `/Subtype /Image`
)

func newEdit(doc []byte) *edit {
	e := &edit{base: doc, changed: map[int]string{}}
	for _, m := range sizeRE.FindAllSubmatch(doc, -1) {
		n, _ := strconv.Atoi(string(m[1]))
		e.size = max(e.size, n)
	}
	return e
}

// body gives an object as it stands now.
func (e *edit) body(num int) string {
	if b, ok := e.changed[num]; ok {
		return b
	}
	out := ""
	for _, m := range objectRE.FindAllSubmatch(e.base, -1) {
		if string(m[1]) == strconv.Itoa(num) {
			out = string(m[2])
		}
	}
	if out == "" && e.err == nil {
		e.err = fmt.Errorf("no object %d", num)
	}
	return out
}

// find gives the first object that matches.
func (e *edit) find(expr string) int {
	re := regexp.MustCompile(expr)
	for _, m := range objectRE.FindAllSubmatch(e.base, -1) {
		if num, _ := strconv.Atoi(string(m[1])); re.MatchString(e.body(num)) {
			return num
		}
	}
	if e.err == nil {
		e.err = fmt.Errorf("no object like %s", expr)
	}
	return 0
}

// page gives the object of page n.
func (e *edit) page(n int) int {
	kids := regexp.MustCompile(`(?s)/Kids \[(.*?)\]`).FindStringSubmatch(e.body(e.find(`/Type /Pages\b`)))
	if len(kids) < 2 {
		return 0
	}
	num, _ := strconv.Atoi(strings.Fields(kids[1])[3*(n-1)])
	return num
}

func (e *edit) add(body string) int {
	e.changed[e.size] = body
	e.size++
	return e.size - 1
}

func (e *edit) replace(num int, old, now string) {
	body := e.body(num)
	re := regexp.MustCompile("(?s)" + old)
	if !re.MatchString(body) && e.err == nil {
		e.err = fmt.Errorf("object %d has no %s: %.200s", num, old, body)
	}
	e.changed[num] = re.ReplaceAllString(body, now)
}

func (e *edit) insert(num int, entries string) { e.replace(num, `^<<`, "<<"+entries) }

func (e *edit) bytes() []byte {
	var b bytes.Buffer
	b.Write(e.base)
	if !bytes.HasSuffix(e.base, []byte("\n")) {
		b.WriteByte('\n')
	}
	var table strings.Builder
	for _, num := range slices.Sorted(maps.Keys(e.changed)) {
		fmt.Fprintf(&table, "%d 1\n%010d 00000 n\r\n", num, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", num, e.changed[num])
	}
	starts := startRE.FindAllSubmatch(e.base, -1)
	at := b.Len()
	fmt.Fprintf(&b, "xref\n%strailer\n<</Size %d %s %s /Prev %s>>\nstartxref\n%d\n%%%%EOF\n", table.String(), e.size, rootRE.Find(e.base), idRE.Find(e.base),
		starts[len(starts)-1][1], at)
	return b.Bytes()
}

func stream(dict, data string) string {
	return fmt.Sprintf("<<%s/Length %d>>\nstream\n%s\nendstream", dict, len(data), data)
}

// edits are what is done to a sealed contract, each as an editor could do it.
var edits = map[string]func(e *edit){
	"annotation": func(e *edit) { // a white square over the amount in words
		ap := e.add(stream("/Type /XObject/Subtype /Form/BBox [0 0 90 24]", "1 1 1 rg 0 0 90 24 re f"))
		a := e.add(fmt.Sprintf("<</Type /Annot/Subtype /Square/F 4/Rect [254 608 344 632]/AP <</N %d 0 R>>>>", ap))
		e.replace(e.page(1), `/Annots ?\[(.*?)\]`, fmt.Sprintf("/Annots [$1 %d 0 R]", a))
	},
	"link": func(e *edit) { // what cannot be seen
		a := e.add("<</Type /Annot/Subtype /Link/Border [0 0 0]/Rect [254 608 344 632]/A <</S /URI/URI (https://example.com)>>>>")
		e.replace(e.page(1), `/Annots ?\[(.*?)\]`, fmt.Sprintf("/Annots [$1 %d 0 R]", a))
	},
	"over-seal": func(e *edit) {
		a := e.add("<</Type /Annot/Subtype /Highlight/F 4/C [1 1 0]/Rect [100 100 500 700]>>")
		e.replace(e.page(1), `/Annots ?\[(.*?)\]`, fmt.Sprintf("/Annots [$1 %d 0 R]", a))
	},
	"page-added": func(e *edit) {
		tree := e.find(`/Type /Pages\b`)
		p := e.add(fmt.Sprintf("<</Type /Page/Parent %d 0 R/MediaBox [0 0 595 842]>>", tree))
		e.replace(tree, `/Count 3`, "/Count 4")
		e.replace(tree, `/Kids \[(.*?)\]`, fmt.Sprintf("/Kids [$1 %d 0 R]", p))
	},
	"page-removed": func(e *edit) {
		tree := e.find(`/Type /Pages\b`)
		e.replace(tree, `/Count 3`, "/Count 2")
		e.replace(tree, `/Kids \[\s*(\d+ 0 R)\s+\d+ 0 R\s+(\d+ 0 R)\s*\]`, "/Kids [$1 $2]")
	},
	"page-rotated": func(e *edit) { e.insert(e.page(2), "/Rotate 90") },
	"font": func(e *edit) { // the digits get the outlines of other characters
		top := func(name string) int { return e.find(`(?s)/BaseFont /` + name + `\b.*/DescendantFonts`) }
		song := regexp.MustCompile(`/DescendantFonts \[.*?\]`).FindString(e.body(top("song")))
		e.replace(top("sans"), `/DescendantFonts \[.*?\]`, song)
	},
	"field": func(e *edit) {
		f := e.find(`/T \(amount\)`)
		ap := e.add(stream("/Type /XObject/Subtype /Form/BBox [0 0 120 20]", "0.6 0 0 rg 4 4 110 10 re f"))
		e.replace(f, `/V \(100\)`, "/V (900)")
		e.replace(f, `/AP <<.*?>>`, fmt.Sprintf("/AP <</N %d 0 R>>", ap))
	},
	"picture": func(e *edit) {
		e.changed[e.find(pictureRE)] = stream("/Type /XObject/Subtype /Image/Width 1/Height 1/ColorSpace /DeviceRGB/BitsPerComponent 8", "\x10\x20\xf0")
	},
	"content": func(e *edit) {
		ref := regexp.MustCompile(`/Contents\s*\[?\s*(\d+) 0 R`).FindStringSubmatch(e.body(e.page(2)))
		if ref == nil {
			e.err = errors.New("page 2 has no content")
			return
		}
		num, _ := strconv.Atoi(ref[1])
		e.changed[num] = stream("", "q 0 0 0 rg 80 80 300 20 re f Q")
	},
}

// changeStep is `change KIND FILE OUT`: what somebody does to a sealed contract.
func changeStep(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 || edits[args[0]] == nil {
		ts.Fatalf("usage: change KIND FILE OUT")
	}
	doc, err := os.ReadFile(ts.MkAbs(args[1]))
	ts.Check(err)
	e := newEdit(doc)
	edits[args[0]](e)
	ts.Check(e.err)
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), e.bytes(), 0o600))
}
