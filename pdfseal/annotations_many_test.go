package pdfseal_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"sealdesk/pdfseal"
)

// crowdedPage is a document of one page with n links, each an object of its own or written into the page.
func crowdedPage(n int, direct bool) []byte {
	objects := []string{"<</Type /Catalog /Pages 2 0 R>>", "<</Type /Pages /Count 1 /Kids [3 0 R]>>", ""}
	var annots strings.Builder
	for i := range n {
		a := fmt.Sprintf("<</Type /Annot /Subtype /Link /Rect [%d %d %d %d] /Border [0 0 0] /C [0 0 1] /A <</S /URI /URI (https://example.com/%d)>>>>\n",
			10+i%50, 10+i%70, 12+i%50, 12+i%70, i)
		if !direct {
			objects = append(objects, a)
			a = fmt.Sprintf("%d 0 R ", len(objects))
		}
		annots.WriteString(a)
	}
	objects[2] = "<</Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Annots [" + annots.String() + "]>>"
	return writeTable(objects, "")
}

// TestAffix_manyAnnotations: a page with thousands of annotations is sealed, sealed once more, and verifies, whether they are objects of
// their own or stand in the page. What is written into one object ends at the budget of rule R1, with a refusal and nothing else.
func TestAffix_manyAnnotations(t *testing.T) {
	o := newOffice(t)
	for _, direct := range []bool{false, true} {
		doc := o.affix(t, crowdedPage(5000, direct), 0, pdfseal.Mark{Page: 1, X: 100, Y: 200})
		wantAccepted(t, o.verify(t, doc), 1)
		doc = o.affix(t, doc, 1, pdfseal.Mark{Page: 1, X: 100, Y: 100})
		wantAccepted(t, o.verify(t, doc), 2)
	}
	// a link has 19 elements, its place among the annotations included, and the page 8 of its own: 55,187 links are the most
	const most = (1<<20 - 8) / 19
	for n, fits := range map[int]bool{most: true, most + 1: false} {
		_, err := pdfseal.Inspect(context.Background(), bytes.NewReader(crowdedPage(n, true)), o.trust)
		if fits != (err == nil) || !fits && !errors.Is(err, pdfseal.ErrLimit) {
			t.Errorf("%d annotations in one object: %v", n, err)
		}
	}
}
