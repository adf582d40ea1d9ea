package main

import (
	"bytes"
	"errors"
	"io/fs"
	"slices"
	"strings"

	"github.com/signintech/gopdf"

	"sealdesk/assets"
	"sealdesk/pdfseal/sealtest"
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
	var failed error
	secret, err := officialLetter(func(pdf *gopdf.GoPdf) {
		pdf.SetXY(28*72/25.4, 40*72/25.4)
		failed = pdf.Text("机密★1年")
	})
	if err = errors.Join(err, failed); err != nil {
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
		"secret.pdf":    secret,
	}, nil
}

// blankPDF makes a document of n empty A4 pages with more entries in its catalogue and trailer.
func blankPDF(n int, catalog, trailer string) []byte {
	return sealtest.Blank{Pages: slices.Repeat([]string{sealtest.A4}, n), Catalog: catalog, Trailer: trailer}.PDF()
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
