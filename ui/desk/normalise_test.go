package desk

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"sealdesk/ui/explain"
	"sealdesk/ui/state"
)

// A document whose structure is refused can be sealed by way of a copy; it stays as it was.
func TestNormalise_thenSeal(t *testing.T) {
	o := newOffice(t)
	raw := blank(a4, a4)
	raw = raw[:len(raw)-7] // the end is missing
	path := o.write("odd.pdf", raw)
	info, err := o.OpenDocument(t.Context(), path)
	if err == nil || !info.Normalisable {
		t.Fatalf("%+v, %v", info, err)
	}
	first, err := o.Normalise(t.Context(), path)
	if err != nil || filepath.Base(first) != "odd_规范化副本.pdf" {
		t.Fatalf("%q, %v", first, err)
	}
	if second, err := o.Normalise(t.Context(), path); err != nil || filepath.Base(second) != "odd_规范化副本-2.pdf" {
		t.Errorf("%q, %v", second, err)
	}
	if info, err := o.OpenDocument(t.Context(), first); err != nil || info.Pages != 2 || info.Normalisable {
		t.Errorf("%+v, %v", info, err)
	}
	sealed := o.order(first, state.Mark{Page: 2, X: 100, Y: 100}).Out
	if v, err := o.Verify(t.Context(), sealed); err != nil || !v.Report.Verdict.Accepted() {
		t.Errorf("%+v, %v", v.Report, err)
	}
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(after, raw) {
		t.Error("the document was changed")
	}
	// What carries a seal is not rewritten, and what is no PDF is offered no copy.
	data, err := os.ReadFile(sealed)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.Normalise(t.Context(), o.write("cut.pdf", data[:len(data)-7])); explain.Error(err).Key != "normalise.sealed" {
		t.Errorf("a sealed document: %v", err)
	}
	if info, err := o.OpenDocument(t.Context(), o.write("text.pdf", []byte("text"))); err == nil || info.Normalisable {
		t.Errorf("%+v, %v", info, err)
	}
}
