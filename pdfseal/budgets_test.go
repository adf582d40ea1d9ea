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

// signedFields is a document with n fields that have a signature each, none of which is in order.
func signedFields(n int) []byte {
	var list strings.Builder
	objects := []string{"", "<</Type /Pages /Count 1 /Kids [3 0 R]>>", "<</Type /Page /Parent 2 0 R /MediaBox [0 0 595 842]>>"}
	for i := range n {
		fmt.Fprintf(&list, "%d 0 R ", len(objects)+1)
		objects = append(objects, fmt.Sprintf("<</FT /Sig/T (S%d)/V %d 0 R>>", i, len(objects)+2), "<</Type /Sig/Filter /A/SubFilter /B/ByteRange [0 1 2 3]/Contents <00>>>")
	}
	objects[0] = "<</Type /Catalog /Pages 2 0 R /AcroForm <</Fields [" + list.String() + "]>>>>"
	return writeTable(objects, "")
}

// withForm is a document with these fields.
func withForm(fields string) []byte {
	return writeTable([]string{"<</Type /Catalog /Pages 2 0 R /AcroForm <</Fields " + fields + ">>>>", "<</Type /Pages /Count 1 /Kids [3 0 R]>>",
		"<</Type /Page /Parent 2 0 R /MediaBox [0 0 595 842]>>"}, "")
}

// nestedFields is a document with fields below one another.
func nestedFields(depth int) []byte {
	objects := []string{"<</Type /Catalog /Pages 2 0 R /AcroForm <</Fields [4 0 R]>>>>", "<</Type /Pages /Count 1 /Kids [3 0 R]>>", "<</Type /Page /Parent 2 0 R /MediaBox [0 0 595 842]>>"}
	for range depth - 1 {
		objects = append(objects, fmt.Sprintf("<</Kids [%d 0 R]>>", len(objects)+2))
	}
	return writeTable(append(objects, "<<>>"), "")
}

// TestBudgets_form: seals, fields and their depth at the limit of rule R1, and one beyond it.
func TestBudgets_form(t *testing.T) {
	for _, c := range []struct {
		name        string
		at, beyond  []byte
		seals       int
		verdict     pdfseal.Verdict
		beyondShows bool // a file that shows a seal is reported, any other is an error
	}{
		{"seals", signedFields(1024), signedFields(1025), 1024, pdfseal.VerdictInvalid, true},
		{"fields", withForm("[" + strings.Repeat("<<>>", 100_000) + "]"), withForm("[" + strings.Repeat("<<>>", 100_001) + "]"), 0, pdfseal.VerdictUnsealed, false},
		{"depth of fields", nestedFields(32), nestedFields(33), 0, pdfseal.VerdictUnsealed, false},
	} {
		verify := func(doc []byte) (*pdfseal.Report, error) {
			return pdfseal.Verify(context.Background(), bytes.NewReader(doc), pdfseal.VerifyOptions{Now: now})
		}
		if rep, err := verify(c.at); err != nil || len(rep.Seals) != c.seals || rep.Verdict != c.verdict {
			t.Errorf("%s at the limit: %v", c.name, err)
		}
		rep, err := verify(c.beyond)
		switch {
		case !c.beyondShows && !errors.Is(err, pdfseal.ErrLimit):
			t.Errorf("%s beyond the limit: %v", c.name, err)
		case c.beyondShows && (err != nil || rep.Verdict != pdfseal.VerdictIndeterminate || rep.Reasons[0].Key != pdfseal.ReasonLimit):
			t.Errorf("%s beyond the limit: %+v, %v", c.name, rep, err)
		}
	}
}

// TestBudgets_contents: a /Contents of 1 MiB with its padding is read, a longer one is beyond rule R1.
func TestBudgets_contents(t *testing.T) {
	b := plainBase(t)
	for extra, want := range map[int]string{0: "", 1: "R1"} {
		k := b.reseal(t)
		k.Sig.Reserve = 1<<20 + extra
		rep, err := b.judge(k.bytes())
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(brokenRules(rep), "+"); got != want || rep.Verdict.Accepted() != (want == "") {
			t.Errorf("%d bytes more: %s by %q, want %q", extra, rep.Verdict, got, want)
		}
	}
}
