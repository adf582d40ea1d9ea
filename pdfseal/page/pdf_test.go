package page

import (
	"bytes"
	"fmt"
	"testing"
)

// sheet describes a one-page test document.
type sheet struct {
	box     string // MediaBox
	extra   string // further entries of the page
	content string
	objects []string // objects 6 and up
	catalog string   // further entries of the catalog
}

// build writes the document with a cross-reference table. Object 5 is Helvetica.
func (s sheet) build(t testing.TB) []byte {
	t.Helper()
	if s.box == "" {
		s.box = "0 0 400 600"
	}
	objects := append([]string{
		"<</Type/Catalog/Pages 2 0 R" + s.catalog + ">>",
		"<</Type/Pages/Kids[3 0 R]/Count 1>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[" + s.box + "]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>" + s.extra + ">>",
		fmt.Sprintf("<</Length %d>>stream\n%s\nendstream", len(s.content), s.content),
		"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
	}, s.objects...)
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n%\xE2\xE3\xCF\xD3\n")
	at := make([]int, len(objects))
	for i, o := range objects {
		at[i] = b.Len()
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	xref := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, o := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", o)
	}
	fmt.Fprintf(&b, "trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, xref)
	return b.Bytes()
}

// form is a form XObject that fills its box with a colour.
func form(w, h float64, ops, resources string) string {
	return fmt.Sprintf("<</Type/XObject/Subtype/Form/BBox[0 0 %v %v]/Resources<<%s>>/Length %d>>stream\n%s\nendstream", w, h, resources, len(ops), ops)
}

func open(t testing.TB, data []byte) *Document {
	t.Helper()
	d, err := New(t.Context(), bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}
