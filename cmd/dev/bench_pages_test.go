package main

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestMeasurePages(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pages.pdf")
	if err := writePagesPDF(path, 12); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := measurePages(t.Context(), &out, path, 12); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"12 pages", "first page", "resident memory"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is missing in\n%s", want, &out)
		}
	}
	if err := measurePages(t.Context(), &out, path, 13); err == nil {
		t.Error("a missing page was not noticed")
	}
}
