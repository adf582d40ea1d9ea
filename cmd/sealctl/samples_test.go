package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"strings"

	"github.com/signintech/gopdf"

	"sealdesk/assets"
)

// samples are the documents of the stories.
func samples() (map[string][]byte, error) {
	letter, err := officialLetter(nil)
	if err != nil {
		return nil, err
	}
	covered, err := officialLetter(func(pdf *gopdf.GoPdf) {
		pdf.SetFillColor(255, 255, 255)
		pdf.RectFromUpperLeftWithStyle(120*72/25.4, 124*72/25.4, 170, 28, "F")
	})
	if err != nil {
		return nil, err
	}
	deal, err := contract()
	if err != nil {
		return nil, err
	}
	return map[string][]byte{
		"contract.pdf":  deal,
		"one.pdf":       blankPDF(1, "", ""),
		"three.pdf":     blankPDF(3, "", ""),
		"script.pdf":    blankPDF(1, "/OpenAction <</S /JavaScript /JS (app.alert\\(1\\))>>", ""),
		"encrypted.pdf": blankPDF(1, "", "/Encrypt <</Filter /Standard /V 1 /R 2 /O <"+strings.Repeat("00", 32)+"> /U <"+strings.Repeat("00", 32)+"> /P -4>>"),
		"text.pdf":      []byte("no PDF at all\n"),
		"broken.pdf":    blankPDF(1, "", "")[:300],
		"letter.pdf":    letter,
		"covered.pdf":   covered,
	}, nil
}

// blankPDF makes a document of n empty A4 pages with more entries in its catalogue and trailer.
func blankPDF(n int, catalog, trailer string) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	var offsets []int
	add := func(body string) {
		offsets = append(offsets, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", len(offsets), body)
	}
	kids := ""
	for i := range n {
		kids += fmt.Sprintf("%d 0 R ", i+3)
	}
	add("<</Type /Catalog /Pages 2 0 R " + catalog + ">>")
	add(fmt.Sprintf("<</Type /Pages /Kids [%s] /Count %d>>", kids, n))
	for range n {
		add("<</Type /Page /Parent 2 0 R /MediaBox [0 0 595.28 841.89] /Resources <<>>>>")
	}
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f\r\n", len(offsets)+1)
	for _, o := range offsets {
		fmt.Fprintf(&b, "%010d 00000 n\r\n", o)
	}
	id := "00112233445566778899AABBCCDDEEFF"
	fmt.Fprintf(&b, "trailer\n<</Size %d /Root 1 0 R /ID [<%s> <%s>] %s>>\nstartxref\n%d\n%%%%EOF\n", len(offsets)+1, id, id, trailer, start)
	return b.Bytes()
}

// officialLetter ends like an official document: text, two blank lines, the organ's name, the date. Lines stand 10.2 mm apart.
// over, where given, draws over it.
func officialLetter(over func(pdf *gopdf.GoPdf)) ([]byte, error) {
	font, err := fs.ReadFile(assets.FS, "fonts/gbsn00lp.ttf")
	if err != nil {
		return nil, err
	}
	var pdf gopdf.GoPdf
	pdf.Start(gopdf.Config{PageSize: *gopdf.PageSizeA4})
	pdf.AddPage()
	if err := pdf.AddTTFFontData("song", font); err != nil {
		return nil, err
	}
	if err := pdf.SetFont("song", "", 16); err != nil {
		return nil, err
	}
	const millimetre = 72 / 25.4
	put := func(x, y float64, s string) {
		pdf.SetXY(x*millimetre, y*millimetre)
		if e := pdf.Text(s); e != nil && err == nil {
			err = e
		}
	}
	for i := range 5 {
		put(28, 60+10.2*float64(i), "各有关单位要切实加强电子印章的使用和管理。")
	}
	put(122, 60+10.2*7, "示范旗人民政府")
	put(124, 60+10.2*8, "2026年9月1日")
	if over != nil {
		over(&pdf)
	}
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	_, err = pdf.WriteTo(&out)
	return out.Bytes(), err
}
