package pdfseal_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"sealdesk/pdfseal"
	"sealdesk/pdfseal/internal/mutant"
	"sealdesk/pdfseal/internal/pdf"
)

// stock are the findings about what a file holds and does not show.
var stock = map[string]bool{pdfseal.FindingHiddenPages: true, pdfseal.FindingFreed: true, pdfseal.FindingUnlisted: true, pdfseal.FindingUnused: true,
	pdfseal.FindingUnsearched: true}

// TestInspect_hidden prepares files as an attacker would before sealing (verification.md §1.2), and as honest programs leave them.
func TestInspect_hidden(t *testing.T) {
	const catalogue, pages = "<</Type /Catalog /Pages 2 0 R>>", "<</Type /Pages /Count 1 /Kids [3 0 R]>>"
	page := func(extra string) string { return "<</Type /Page /Parent 2 0 R /MediaBox [0 0 200 200]" + extra + ">>" }
	behind := func(object, hidden string) string { return object + "\nendobj\n" + hidden } // no entry of the table leads to what is hidden
	updated := func(change func(k *mutant.Update)) []byte {
		u := newKitUpdate(t, writeTable([]string{catalogue, pages, page("/Contents 4 0 R"), mutant.Stream("", ""), mutant.Stream("", evil)}, ""))
		change(u.Update)
		return u.bytes()
	}
	for _, c := range []struct {
		name string
		doc  []byte
		want string // key, level and objects of each finding
	}{
		{"nothing", writeTable([]string{catalogue, pages, page("")}, ""), ""},
		{"second page tree listed", writeTable([]string{catalogue, pages, page(""), "<</Type /Pages /Count 1 /Kids [5 0 R]>>", page("")}, ""),
			"HIDDEN_PAGES warn 4, 5"},
		{"second page tree not listed", writeTable([]string{catalogue, pages, behind(page(""), "9 0 obj\n<</Type /Pages /Count 1 /Kids [3 0 R]>>")}, ""),
			"HIDDEN_PAGES warn 9"},
		{"second page tree referred to", writeTable([]string{"<</Type /Catalog /Pages 2 0 R /PieceInfo <</X 4 0 R>>>>", pages, page(""),
			"<</Type /Pages /Count 1 /Kids [5 0 R]>>", page("")}, ""), "HIDDEN_PAGES warn 4"},
		{"second catalogue", writeTable([]string{catalogue, pages, page(""), catalogue}, ""), "HIDDEN_PAGES warn 4"},
		{"marked free, referred to", writeTable([]string{catalogue, pages, behind(page("/Contents [4 0 R 6 0 R]"), "6 0 obj\n"+mutant.Stream("", evil)),
			mutant.Stream("", ""), mutant.Stream("", ""), ""}, ""), "FREED_OBJECTS warn 6;UNUSED_OBJECTS note 5"},
		{"marked free, not referred to", writeTable([]string{catalogue, pages, behind(page(""), "4 0 obj\n"+mutant.Stream("", evil)), ""}, ""),
			"UNLISTED_OBJECTS note 4"},
		{"freed by an update, referred to", updated(func(k *mutant.Update) { k.Entries[4] = pdf.Entry{Kind: pdf.Free, Gen: 1} }), "FREED_OBJECTS warn 4;UNUSED_OBJECTS note 5"},
		{"freed by an update, not referred to", updated(func(k *mutant.Update) { k.Entries[5] = pdf.Entry{Kind: pdf.Free, Gen: 1} }), ""},
		{"left over", writeTable([]string{catalogue, pages, page(""), "<</Hello /World>>", "(text)"}, ""), "UNUSED_OBJECTS note 4, 5"},
		{"older copy", writeTable([]string{catalogue, pages, behind(page(""), "3 0 obj\n<</Hello /World>>")}, ""), "UNLISTED_OBJECTS note 3"},
		{"in a string", writeTable([]string{catalogue, pages, page("/X (a 9 0 obj <</Type /Pages>> endobj)")}, ""), ""},
		{"in a stream", writeTable([]string{catalogue, pages, page("/Contents 4 0 R"), mutant.Stream("", "\n9 0 obj\n<</Type /Pages>>\nendobj\n")}, ""), ""},
		{"behind a long stream", writeTable([]string{catalogue, pages, page("/Contents 4 0 R"),
			behind(mutant.Stream("", strings.Repeat("% 9 0 obj\n", 10_000)), strings.Repeat("%\n", 50_000)+"8 0 obj\n<</Type /Page>>")}, ""), "HIDDEN_PAGES warn 8"},
		{"more than is listed", writeTable([]string{catalogue, pages, behind(page(""), strings.Repeat("9 0 obj\n1\nendobj\n", 1200)+"9 0 obj\n1")}, ""),
			"UNLISTED_OBJECTS note 9;UNSEARCHED note "},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, f := range gated(t, c.doc) {
				if stock[f.Key] {
					got = append(got, fmt.Sprintf("%s %s %s", f.Key, f.Level, f.Data["objects"]))
				}
			}
			if s := strings.Join(got, ";"); s != c.want {
				t.Errorf("%q, want %q", s, c.want)
			}
		})
	}
}

// TestInspect_hideAndReplace: the document of the attack that turns a free entry into a used one is warned of before it is sealed, and
// its sealing itself, which the other tests need, is not hindered by it.
func TestInspect_hideAndReplace(t *testing.T) {
	doc, _ := hiddenObject(kitBases(t)[0], t)
	wantFound(t, gated(t, doc), pdfseal.Finding{Level: pdfseal.LevelWarn, Key: pdfseal.FindingFreed, Data: map[string]string{"objects": "6", "count": "1"}})
}

// TestInspect_ownFiles: what we write ourselves holds nothing that is not shown.
func TestInspect_ownFiles(t *testing.T) {
	for _, b := range kitBases(t) {
		before := map[string]string{}
		for _, f := range gated(t, kitDocument(false)) {
			before[f.Key] = f.Data["count"]
		}
		for _, f := range gated(t, b.doc) {
			if f.Key == pdfseal.FindingOverlay || stock[f.Key] && f.Data["count"] != before[f.Key] {
				t.Errorf("%s: %+v", b.name, f)
			}
		}
	}
}

// warnedFiles is how many per cent of the corpus's honest files may be warned of something covered, or of something that is not shown.
const warnedFiles = 3

// TestInspect_corpus: the warnings of hidden content stay rare enough to be read.
func TestInspect_corpus(t *testing.T) {
	o := newOffice(t)
	var files []corpusFile
	for i, c := range corpus(t) {
		if c.sealable() && (isLong() || i%4 == 0) {
			files = append(files, c)
		}
	}
	var mu sync.Mutex
	warned, unlooked := []string{}, 0
	parallel(len(files), func(next func() (int, bool)) {
		for i, ok := next(); ok; i, ok = next() {
			inv, err := pdfseal.InspectFile(context.Background(), files[i].path, o.trust)
			if err != nil {
				continue // TestCorpus_seals names those that cannot be read
			}
			mu.Lock()
			keys := ""
			for _, f := range inv.Findings {
				switch f.Key {
				case pdfseal.FindingOverlay, pdfseal.FindingHiddenPages, pdfseal.FindingFreed:
					keys += " " + f.Key
					if f.Level != pdfseal.LevelWarn {
						t.Errorf("%s: %+v", files[i].name(), f)
					}
				case pdfseal.FindingUnlooked:
					unlooked++
				}
			}
			if keys != "" {
				warned = append(warned, files[i].name()+keys)
			}
			mu.Unlock()
		}
	})
	t.Logf("%d of %d files are warned of, %d not wholly looked at: %s", len(warned), len(files), unlooked, strings.Join(warned, "; "))
	if len(files) == 0 || 100*len(warned) > warnedFiles*len(files) || 100*unlooked > warnedFiles*len(files) {
		t.Errorf("more than %d per cent of %d files", warnedFiles, len(files))
	}
}

// TestInspect_sealable: a warning does not hinder sealing.
func TestInspect_sealable(t *testing.T) {
	o := newOffice(t)
	dir := t.TempDir()
	src := filepath.Join(dir, "in.pdf")
	doc := overlayDocument("BT /F1 10 Tf 50 50 Td (Pay 1000) Tj ET 1 g 40 45 100 20 re f", "")
	if err := os.WriteFile(src, doc, 0o600); err != nil {
		t.Fatal(err)
	}
	wantFound(t, gated(t, doc), pdfseal.Finding{Level: pdfseal.LevelWarn, Key: pdfseal.FindingOverlay, Pages: "1", Area: pdfseal.Area{X: 17.39, Y: 50.31, W: 14.61, H: 3.39}})
	var out bytes.Buffer
	if _, err := pdfseal.Affix(context.Background(), &out, bytes.NewReader(doc), o.request(0, pdfseal.Mark{Page: 1, X: 40, Y: 20})); err != nil {
		t.Fatal(err)
	}
	wantAccepted(t, o.verify(t, out.Bytes()), 1)
}
