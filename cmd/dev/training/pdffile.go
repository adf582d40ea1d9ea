package training

import (
	"bytes"
	"compress/zlib"
	"crypto/sha256"
	"fmt"
	"strings"
	"time"
	"unicode/utf16"

	"sealdesk/pdfseal/fonts"
)

// pdfFile writes a PDF 1.7 document with a cross-reference table. Object n is objects[n-1].
type pdfFile struct{ objects []string }

func (f *pdfFile) add(body string) int {
	f.objects = append(f.objects, body)
	return len(f.objects)
}

// reserve takes a number for an object that set gives later.
func (f *pdfFile) reserve() int                { return f.add("") }
func (f *pdfFile) set(number int, body string) { f.objects[number-1] = body }

func (f *pdfFile) stream(dict string, data []byte) (int, error) {
	var b bytes.Buffer
	z, err := zlib.NewWriterLevel(&b, zlib.BestCompression)
	if err != nil {
		return 0, err
	}
	if _, err := z.Write(data); err != nil {
		return 0, err
	}
	if err := z.Close(); err != nil {
		return 0, err
	}
	return f.add(fmt.Sprintf("<</Length %d/Filter/FlateDecode%s>>\nstream\n%s\nendstream", b.Len(), dict, b.String())), nil
}

// bytes writes the file; its /ID depends on its contents alone.
func (f *pdfFile) bytes(root, info int) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n%\xE2\xE3\xCF\xD3\n")
	offsets := make([]int, len(f.objects))
	for i, o := range f.objects {
		offsets[i] = b.Len()
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	id := sha256.Sum256(b.Bytes())
	xref := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(f.objects)+1)
	for _, o := range offsets {
		fmt.Fprintf(&b, "%010d 00000 n \n", o)
	}
	fmt.Fprintf(&b, "trailer\n<</Size %d/Root %d 0 R/Info %d 0 R/ID[<%X><%X>]>>\nstartxref\n%d\n%%%%EOF\n",
		len(f.objects)+1, root, info, id[:16], id[:16], xref)
	return b.Bytes()
}

// textString is a PDF text string in UTF-16.
func textString(s string) string {
	var b strings.Builder
	b.WriteString("<FEFF")
	for _, u := range utf16.Encode([]rune(s)) {
		fmt.Fprintf(&b, "%04X", u)
	}
	b.WriteString(">")
	return b.String()
}

func pdfDate(t time.Time) string { return t.Format("(D:20060102150405+08'00')") }

// embed adds the subset as a Type 0 font with Identity-H, CIDs being the new glyph numbers, and answers its object.
func (f *pdfFile) embed(s *fonts.Subset) (int, error) {
	data, err := s.Build()
	if err != nil {
		return 0, err
	}
	file, err := f.stream(fmt.Sprintf("/Length1 %d", len(data)), data)
	if err != nil {
		return 0, err
	}
	unicode, err := f.stream("", s.ToUnicode())
	if err != nil {
		return 0, err
	}
	widths, err := s.Widths()
	if err != nil {
		return 0, err
	}
	name := s.Tag(data)
	descriptor := f.add(fmt.Sprintf("<</Type/FontDescriptor/FontName/%s/Flags 4/FontBBox[0 -250 1000 900]/ItalicAngle 0/Ascent 880/Descent -120"+
		"/CapHeight 640/StemV 60/FontFile2 %d 0 R>>", name, file))
	cid := f.add(fmt.Sprintf("<</Type/Font/Subtype/CIDFontType2/BaseFont/%s/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>"+
		"/FontDescriptor %d 0 R/DW 1000/W[0%v]/CIDToGIDMap/Identity>>", name, descriptor, widths))
	return f.add(fmt.Sprintf("<</Type/Font/Subtype/Type0/BaseFont/%s/Encoding/Identity-H/DescendantFonts[%d 0 R]/ToUnicode %d 0 R>>",
		name, cid, unicode)), nil
}
