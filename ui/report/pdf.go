package report

import (
	"bytes"
	"fmt"
	"image"
	"io"
	"strconv"
	"time"

	"github.com/signintech/gopdf"

	"sealdesk/assets"
	"sealdesk/pdfseal/fonts"
)

// Measures of a page in points.
const (
	margin      = 51.0 // 18 mm
	pageWidth   = 595.28
	pageHeight  = 841.89
	textWidth   = pageWidth - 2*margin
	labelWidth  = 78.0
	timeWidth   = 104.0
	sheetHeight = 330.0
	bodySize    = 9.5
	leading     = 1.5
)

// families are the fonts of the report in the order in which they are asked for a character. The first one has the Chinese
// characters of GB 2312 and Latin letters, the second one more of Latin, Greek and Cyrillic.
var families = []struct{ name, file string }{{"song", "fonts/gbsn00lp.ttf"}, {"sans", "fonts/NotoSans-Regular.ttf"}}

// WritePDF writes the report as a PDF of A4 pages with its fonts inside. Characters that no font of the program has are written
// as 〓. now is printed as the time of checking.
func WritePDF(w io.Writer, t Translator, docs []*Document, now time.Time) error {
	p, err := newPaper()
	if err != nil {
		return err
	}
	texts := writer{t, now}
	p.pdf.SetInfo(gopdf.PdfInfo{Title: texts.text("report.title"), Creator: "sealdesk", Producer: "sealdesk", CreationDate: now})
	p.write(texts.text("report.title"), 18, black)
	p.write(texts.text("report.made", "Time", clock(&now)), bodySize, grey)
	for i, d := range docs {
		if i > 0 {
			p.newPage()
		}
		p.file(texts, texts.file(d))
	}
	p.space(12)
	p.rule()
	p.write(texts.text("report.promise"), bodySize, grey)
	if p.err != nil {
		return fmt.Errorf("report: %w", p.err)
	}
	if _, err := p.pdf.WriteTo(w); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	return nil
}

type rgb [3]uint8

var (
	black = rgb{0x1f, 0x23, 0x28}
	grey  = rgb{0x5b, 0x61, 0x68}
	faint = rgb{0xd8, 0xd4, 0xca}
)

// paper is a PDF that is written from top to bottom. The first error sticks.
type paper struct {
	pdf   *gopdf.GoPdf
	fonts []*fonts.Font // of families
	y     float64
	err   error
}

func newPaper() (*paper, error) {
	p := &paper{pdf: &gopdf.GoPdf{}}
	p.pdf.Start(gopdf.Config{PageSize: *gopdf.PageSizeA4})
	for _, f := range families {
		raw, err := assets.FS.ReadFile(f.file)
		if err != nil {
			return nil, fmt.Errorf("report: %w", err)
		}
		if err := p.pdf.AddTTFFontByReader(f.name, bytes.NewReader(raw)); err != nil {
			return nil, fmt.Errorf("report: font %s: %w", f.name, err)
		}
		font, err := fonts.Parse(f.name, raw)
		if err != nil {
			return nil, fmt.Errorf("report: %w", err)
		}
		p.fonts = append(p.fonts, font)
	}
	p.newPage()
	return p, nil
}

func (p *paper) newPage() { p.pdf.AddPage(); p.y = margin }

// need starts a new page where less than height is left on this one.
func (p *paper) need(height float64) {
	if p.y+height > pageHeight-margin {
		p.newPage()
	}
}

func (p *paper) space(height float64) { p.y += height }

func (p *paper) rule() {
	p.need(8)
	p.pdf.SetStrokeColor(faint[0], faint[1], faint[2])
	p.pdf.SetLineWidth(0.6)
	p.pdf.Line(margin, p.y, pageWidth-margin, p.y)
	p.space(8)
}

// file writes one file: verdict, seals, changes, pictures, facts.
func (p *paper) file(texts writer, v fileView) {
	c := colour(v.Colour)
	p.space(8)
	p.rule()
	p.need(60)
	p.mark(v.Mark, margin, p.y, 18, c)
	p.at(margin+26, textWidth-26, v.Verdict+"　"+v.Name, 15, c)
	p.reasons(margin+8, textWidth-8, v.Reasons)
	if v.Next != "" {
		p.write(v.Next, bodySize, black)
	}
	for _, s := range v.Seals {
		p.seal(texts, s)
	}
	if len(v.Changes) > 0 {
		p.heading(texts.text("report.changes"), 30)
		p.list(v.Changes)
	}
	for _, n := range v.Notes {
		p.space(4)
		p.write(n, bodySize, grey)
	}
	if len(v.Pairs) > 0 {
		p.heading(texts.text("report.compared"), sheetHeight+40)
	}
	for _, pair := range v.Pairs {
		p.pair(pair)
	}
	if len(v.Pages) > 0 {
		p.heading(texts.text("report.pages"), sheetHeight+26)
	}
	for i := 0; i < len(v.Pages); i += 2 {
		p.pagesSideBySide(v.Pages[i:min(i+2, len(v.Pages))])
	}
	p.heading(texts.text("report.facts"), 60)
	p.facts(margin, textWidth, labelWidth, v.Facts)
}

// heading is never left behind at the foot of a page: what follows it has a height of its own.
func (p *paper) heading(text string, follows float64) {
	p.space(10)
	p.need(30 + follows)
	p.write(text, 12.5, black)
	p.space(2)
}

func (p *paper) seal(texts writer, s sealView) {
	const pic = 110.0
	p.space(8)
	p.need(pic + 30)
	top, pageNo := p.y, p.pdf.GetNumberOfPages()
	x, w := margin+pic+16, textWidth-pic-16
	if s.Picture != nil {
		size := fit(s.Picture.Bounds(), pic, pic)
		p.image(s.Picture, margin, top, size)
		p.y = top + size.H + 2
		p.at(margin, pic, texts.text("report.picture"), 8, grey)
	} else {
		p.at(margin, pic, texts.text("report.no_picture"), bodySize, grey)
	}
	bottom := p.y
	p.y = top
	p.at(x, w, s.Heading, 11.5, black)
	c := colour(s.Colour)
	p.mark(s.Mark, x, p.y, 11, c)
	p.at(x+16, w-16, s.Verdict, 11, c)
	p.reasons(x, w, s.Reasons)
	var lines []fact
	for _, l := range s.Lines {
		lines = append(lines, fact{l.Label, l.Text})
	}
	p.facts(x, w, labelWidth, append(lines, s.Facts...))
	if len(s.Timeline) > 0 {
		p.space(4)
		p.at(x, w, texts.text("report.timeline"), 10.5, black)
		p.facts(x, w, timeWidth, s.Timeline)
	}
	if p.pdf.GetNumberOfPages() == pageNo {
		p.y = max(p.y, bottom)
	}
	p.space(4)
}

// pair puts a page as it was beside the page as it is.
func (p *paper) pair(v pairView) {
	const w = (textWidth - 16) / 2
	h := 40.0
	for _, img := range []image.Image{v.ThenImage, v.NowImage} {
		if img != nil {
			h = max(h, fit(img.Bounds(), w, sheetHeight).H)
		}
	}
	spots := 0.0
	for _, s := range v.Spots {
		spots += float64(len(p.lines(s, textWidth-8, bodySize))) * bodySize * leading
	}
	p.need(min(h+40+spots, pageHeight-2*margin))
	p.write(v.Caption, 10.5, black)
	for _, s := range v.Spots {
		p.at(margin+8, textWidth-8, s, bodySize, black)
	}
	p.need(h + 24)
	top := p.y
	for i, side := range []struct {
		label, absent string
		img           image.Image
	}{{v.Then, v.ThenAbsent, v.ThenImage}, {v.Now, v.NowAbsent, v.NowImage}} {
		x := margin + float64(i)*(w+16)
		p.y = top
		p.at(x, w, side.label, bodySize, grey)
		if side.img == nil {
			p.at(x, w, side.absent, bodySize, grey)
			continue
		}
		p.framed(side.img, x, p.y, fit(side.img.Bounds(), w, sheetHeight))
	}
	p.y = top + h + 24
}

func (p *paper) pagesSideBySide(pages []pageView) {
	const w = (textWidth - 16) / 2
	h := 0.0
	for _, v := range pages {
		h = max(h, fit(v.Image.Bounds(), w, sheetHeight).H)
	}
	p.need(h + 26)
	top := p.y
	for i, v := range pages {
		x := margin + float64(i)*(w+16)
		p.y = top
		p.at(x, w, v.Caption, bodySize, grey)
		p.framed(v.Image, x, p.y, fit(v.Image.Bounds(), w, sheetHeight))
	}
	p.y = top + h + 24
}

// reasons writes each reason behind its shape.
func (p *paper) reasons(x, w float64, list []reasonView) {
	for _, r := range list {
		p.need(bodySize * leading)
		if r.Mark == "" {
			p.at(x, w, "· "+r.Text, bodySize, black)
			continue
		}
		p.mark(r.Mark, x, p.y, bodySize, colour(r.Colour))
		p.at(x+16, w-16, r.Text, bodySize, black)
	}
}

func (p *paper) list(items []string) {
	for _, s := range items {
		p.at(margin+8, textWidth-8, "· "+s, bodySize, black)
	}
}

// facts writes labels, in a column of their own, and what stands behind them.
func (p *paper) facts(x, w, label float64, list []fact) {
	for _, f := range list {
		p.need(bodySize * leading)
		top, pageNo := p.y, p.pdf.GetNumberOfPages()
		p.at(x, label-8, f.Label, bodySize, grey)
		after := p.y
		if p.pdf.GetNumberOfPages() == pageNo {
			p.y = top
		}
		p.at(x+label, w-label, f.Text, bodySize, black)
		if p.pdf.GetNumberOfPages() == pageNo {
			p.y = max(p.y, after)
		}
	}
}

func (p *paper) fail(err error) {
	if p.err == nil {
		p.err = err
	}
}

// fit is the size of a picture that fills a box in one direction and does not leave it in the other.
func fit(b image.Rectangle, w, h float64) gopdf.Rect {
	k := min(w/float64(b.Dx()), h/float64(b.Dy()))
	return gopdf.Rect{W: float64(b.Dx()) * k, H: float64(b.Dy()) * k}
}

func colour(hex string) rgb {
	n, err := strconv.ParseUint(hex[1:], 16, 32)
	if err != nil {
		return black
	}
	return rgb{uint8(n >> 16), uint8(n >> 8), uint8(n)}
}
