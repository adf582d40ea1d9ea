package sealtest

import (
	"bytes"
	"fmt"
)

// A4 is the entry of an upright A4 page.
const A4 = "/MediaBox [0 0 595.28 841.89]"

// Blank is a document of white pages.
type Blank struct {
	Pages   []string // entries of each page besides its parent and its resources, such as A4
	Catalog string   // more entries of the catalogue
	Trailer string   // more entries of the trailer
}

// PDF writes the document with a cross-reference table.
func (d Blank) PDF() []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	var offsets []int
	add := func(format string, values ...any) {
		offsets = append(offsets, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n", len(offsets))
		fmt.Fprintf(&b, format, values...)
		b.WriteString("\nendobj\n")
	}
	kids := ""
	for i := range d.Pages {
		kids += fmt.Sprintf("%d 0 R ", i+3)
	}
	add("<</Type /Catalog /Pages 2 0 R %s>>", d.Catalog)
	add("<</Type /Pages /Kids [%s] /Count %d>>", kids, len(d.Pages))
	for _, p := range d.Pages {
		add("<</Type /Page /Parent 2 0 R /Resources <<>> %s>>", p)
	}
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f\r\n", len(offsets)+1)
	for _, at := range offsets {
		fmt.Fprintf(&b, "%010d 00000 n\r\n", at)
	}
	const id = "<00112233445566778899AABBCCDDEEFF>"
	fmt.Fprintf(&b, "trailer\n<</Size %d /Root 1 0 R /ID [%s %s] %s>>\nstartxref\n%d\n%%%%EOF\n", len(offsets)+1, id, id, d.Trailer, start)
	return b.Bytes()
}
