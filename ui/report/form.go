package report

import (
	"fmt"
	"io"
	"time"

	"github.com/signintech/gopdf"

	"sealdesk/ui/form"
)

// Measures of a form in points.
const (
	formSize  = 10.0
	formPad   = 3.5
	formLabel = 90.0
)

// WriteForm writes a form as a PDF of A4 pages with its fonts inside. Fields without a value are room for handwriting.
func WriteForm(w io.Writer, t Translator, f form.Form, now time.Time) error {
	p, err := newPaper()
	if err != nil {
		return err
	}
	texts := writer{t, now}
	title := texts.text("form.title." + string(f.Kind))
	p.pdf.SetInfo(gopdf.PdfInfo{Title: title, Creator: "sealdesk", Producer: "sealdesk", CreationDate: now})
	p.centred(title, 17)
	p.space(4)
	p.write(texts.text("form.number"), formSize, black)
	p.space(2)
	for _, s := range f.Sections {
		p.band(texts.text("form.section." + s.Name))
		for i := 0; i < len(s.Rows); i++ {
			cells := s.Rows[i : i+1]
			if s.Rows[i].Half {
				cells = s.Rows[i : i+2]
				i++
			}
			p.cells(texts, cells)
		}
	}
	p.space(6)
	p.write(texts.text("form.foot", "Articles", f.Articles), 8, grey)
	if p.err != nil {
		return fmt.Errorf("report: form: %w", p.err)
	}
	if _, err := p.pdf.WriteTo(w); err != nil {
		return fmt.Errorf("report: form: %w", err)
	}
	return nil
}

// centred writes one line in the middle of the page.
func (p *paper) centred(text string, size float64) {
	width := 0.0
	for _, r := range text {
		width += p.width(r, size)
	}
	p.at(max(margin, (pageWidth-width)/2), width+1, text, size, black)
}

// band is the heading of a section across the table.
func (p *paper) band(text string) {
	const height = formSize*leading + formPad
	p.need(height * 3)
	p.box(margin, p.y, textWidth, height)
	top := p.y
	p.y += formPad / 2
	p.write("　"+text, formSize, grey)
	p.y = top + height
}

// cells draws one line of the table, with one field or two.
func (p *paper) cells(texts writer, rows []form.Row) {
	w := textWidth / float64(len(rows))
	height := 0.0
	for _, r := range rows {
		lines := max(r.Lines, len(p.lines(fieldText(texts, r), w-formLabel-2*formPad, formSize)), len(p.lines(texts.text("form.row."+r.Name), formLabel-2*formPad, formSize)))
		if r.Sign != "" {
			lines++
		}
		height = max(height, float64(lines)*formSize*leading+2*formPad)
	}
	p.need(height)
	top := p.y
	for i, r := range rows {
		x := margin + float64(i)*w
		p.box(x, top, formLabel, height)
		p.box(x+formLabel, top, w-formLabel, height)
		p.y = top + formPad
		p.at(x+formPad, formLabel-2*formPad, texts.text("form.row."+r.Name), formSize, black)
		p.y = top + formPad
		p.at(x+formLabel+formPad, w-formLabel-2*formPad, fieldText(texts, r), formSize, black)
		if r.Sign != "" {
			p.y = top + height - formPad - formSize*leading
			p.at(x+formLabel+formPad, w-formLabel-2*formPad, texts.text("form.sign."+r.Sign), formSize, black)
		}
	}
	p.y = top + height
}

// fieldText is what stands in a field: boxes to tick, or its value.
func fieldText(texts writer, r form.Row) string {
	if r.Choices != "" {
		return texts.text("form.choice." + r.Choices)
	}
	return r.Text
}

func (p *paper) box(x, y, w, h float64) {
	p.pdf.SetStrokeColor(grey[0], grey[1], grey[2])
	p.pdf.SetLineWidth(0.6)
	p.pdf.RectFromUpperLeft(x, y, w, h)
}
