package training

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"sealdesk/assets"
	"sealdesk/pdfseal/fonts"
)

// Page and type area of official documents (GB/T 9704-2012, 5.1 and 5.2), in millimetres.
const (
	pageWidth, pageHeight = 210.0, 297.0
	areaLeft, areaTop     = 28.0, 37.0
	areaWidth, areaHeight = 156.0, 225.0
	areaRight             = areaLeft + areaWidth
	areaBottom            = areaTop + areaHeight
	rows, columns         = 22, 28
	rowPitch              = areaHeight / rows
	columnPitch           = areaWidth / columns
)

const ptPerMM = 72 / 25.4

// Type sizes in points.
const (
	size2 = 22.0 // 2号: title
	size3 = 16.0 // 3号: text
	size4 = 14.0 // 4号: page numbers, imprint
	size5 = 12.0 // 小4号: tables
)

type ink string

// Colours of content streams.
const (
	black   ink = "0 g 0 G"
	crimson ink = "0.9 0 0.07 rg 0.9 0 0.07 RG"
)

// style says how text looks. Heavy text is stroked as well, since there is one weight of the Song type.
type style struct {
	size  float64 // points
	color ink
	heavy float64 // width of the stroke in thousandths of the size
	hei   bool    // 黑体 where it has the character, as for headings (7.3.3); it has no Latin letters and figures
}

var (
	plain   = style{size: size3, color: black}
	strong  = style{size: size3, color: black, hei: true}
	heading = style{size: size2, color: black, heavy: 32}
	small   = style{size: size4, color: black}
)

// face is a font of a document, under its name in the resources of the pages.
type face struct {
	name string
	*fonts.Subset
}

// document collects pages.
type document struct {
	title, author string
	made          time.Time
	song, hei     *face
	pages         []*bytes.Buffer
	err           error // the first failure; drawing goes on without effect
}

func newDocument(title, author string, made time.Time) (*document, error) {
	song, err := fonts.Song()
	if err != nil {
		return nil, err
	}
	hei, err := fonts.Parse("DroidSansFallback", assets.WindowFont)
	if err != nil {
		return nil, err
	}
	return &document{title: title, author: author, made: made, song: &face{"F1", fonts.NewSubset(song)}, hei: &face{"F2", fonts.NewSubset(hei)}}, nil
}

func (d *document) page() *bytes.Buffer { return d.pages[len(d.pages)-1] }

// rule draws a line between two points given in millimetres from the left and top edge.
func (d *document) rule(x1, y1, x2, y2, width float64, color ink) {
	fmt.Fprintf(d.page(), "%s %.3f w %.2f %.2f m %.2f %.2f l S\n", color, width*ptPerMM,
		x1*ptPerMM, (pageHeight-y1)*ptPerMM, x2*ptPerMM, (pageHeight-y2)*ptPerMM)
}

// units is the width of a character in half columns: 1 for ASCII, which the Song font draws half as wide, 2 for all else.
func units(r rune) int {
	if r < 0x80 {
		return 1
	}
	return 2
}

func length(text string) int {
	n := 0
	for _, r := range text {
		n += units(r)
	}
	return n
}

// text draws a line whose characters stand pitch millimetres apart (ASCII half that), with the middle of its type box y
// millimetres below the top edge and its first character beginning x millimetres from the left edge.
func (d *document) text(x, y, pitch float64, text string, s style) {
	if d.err != nil || text == "" {
		return
	}
	const middle = 0.38 // of the size, from the base line to the middle of the ideographic box
	var show strings.Builder
	column := pitch * ptPerMM / s.size * 1000 // in thousandths of the size
	var last *face
	for _, r := range text {
		f := d.face(r, s)
		if f != last {
			fmt.Fprintf(&show, "] TJ /%s %.0f Tf [", f.name, s.size)
			last = f
		}
		n, err := f.Use(r)
		if err != nil {
			d.err = err
			return
		}
		margin := (column - 1000) * float64(units(r)) / 4 // characters stand in the middle of their columns
		fmt.Fprintf(&show, "%.1f<%04X>%.1f ", -margin, n, -margin)
	}
	mode := "0 Tr"
	if s.heavy > 0 {
		mode = fmt.Sprintf("2 Tr %.3f w", s.heavy*s.size/1000)
	}
	fmt.Fprintf(d.page(), "q %s BT %s %.2f %.2f Td %s] TJ ET Q\n", s.color, mode,
		x*ptPerMM, (pageHeight-y)*ptPerMM-middle*s.size, strings.TrimPrefix(show.String(), "] TJ "))
}

// face answers the font that draws a character.
func (d *document) face(r rune, s style) *face {
	if s.hei && d.hei.Font().Has(r) {
		return d.hei
	}
	return d.song
}

// centred draws a line around the middle x.
func (d *document) centred(x, y, pitch float64, text string, s style) {
	d.text(x-float64(length(text))*pitch/4, y, pitch, text, s)
}

// finish writes the document.
func (d *document) finish() ([]byte, error) {
	if d.err != nil {
		return nil, d.err
	}
	var f pdfFile
	catalog, tree := f.reserve(), f.reserve()
	var names strings.Builder
	for _, used := range []*face{d.song, d.hei} {
		if used.Empty() {
			continue
		}
		n, err := f.embed(used.Subset)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&names, "/%s %d 0 R", used.name, n)
	}
	var kids strings.Builder
	for _, p := range d.pages {
		content, err := f.stream("", p.Bytes())
		if err != nil {
			return nil, err
		}
		page := f.add(fmt.Sprintf("<</Type/Page/Parent %d 0 R/MediaBox[0 0 595.28 841.89]/Resources<</Font<<%s>>>>/Contents %d 0 R>>", tree, names.String(), content))
		fmt.Fprintf(&kids, "%d 0 R ", page)
	}
	f.set(catalog, fmt.Sprintf("<</Type/Catalog/Pages %d 0 R/Lang(zh-CN)/ViewerPreferences<</DisplayDocTitle true>>>>", tree))
	f.set(tree, fmt.Sprintf("<</Type/Pages/Kids[%s]/Count %d>>", strings.TrimSpace(kids.String()), len(d.pages)))
	info := f.add(fmt.Sprintf("<</Title%s/Author%s/Creator(sealdesk training)/CreationDate%s/ModDate%s>>",
		textString(d.title), textString(d.author), pdfDate(d.made), pdfDate(d.made)))
	return f.bytes(catalog, info), nil
}
